package social.trvl.compat.publish;

import static social.trvl.compat.jooq.compat.Tables.GROUP_COHESION;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import social.trvl.compat.db.Database;
import social.trvl.compat.score.GroupFit;

/** Writes the scores of groups into a run, by COPY; see {@link GroupReplacement} for one again. */
public final class GroupTable {

  private final long runId;
  private final int modelVersionId;

  public GroupTable(long runId, int modelVersionId) {
    this.runId = runId;
    this.modelVersionId = modelVersionId;
  }

  /** Groups that a run has scored. */
  public static Set<UUID> scoredGroups(Database database, long runId) {
    return database
        .engineSql()
        .select(GROUP_COHESION.GROUP_ID)
        .from(GROUP_COHESION)
        .where(GROUP_COHESION.RUN_ID.eq(runId))
        .fetchSet(GROUP_COHESION.GROUP_ID);
  }

  /** Appends groups, in the caller's transaction. */
  public void write(Connection connection, List<? extends GroupFit> fits, Instant calculatedAt) {
    try {
      new RunTables(runId).copy(connection, fits, modelVersionId, calculatedAt);
      copyCohesion(connection, fits, calculatedAt);
    } catch (SQLException e) {
      throw new IllegalStateException(
          "writing %d groups of run %d".formatted(fits.size(), runId), e);
    }
  }

  private void copyCohesion(
      Connection connection, List<? extends GroupFit> fits, Instant calculatedAt)
      throws SQLException {
    long micros = ChronoUnit.MICROS.between(Instant.EPOCH, calculatedAt);
    try (CopyRows rows =
        CopyRows.begin(
            connection,
            "copy compat.group_cohesion (run_id, group_id, cohesion, least_match, members, scorable_members, candidates, model_version_id, calculated_at) from stdin (format binary)")) {
      for (GroupFit fit : fits) {
        rows.beginRow(9);
        rows.int8(runId);
        rows.uuid(fit.groupId());
        for (int value : new int[] {fit.cohesion(), fit.least()}) {
          if (value < 0) {
            rows.nothing();
          } else {
            rows.numericOfHundredths(value);
          }
        }
        rows.int4(fit.members());
        rows.int4(fit.scorableMembers());
        rows.int4(fit.candidates());
        rows.int4(modelVersionId);
        rows.timestamp(micros);
      }
      rows.end();
    }
  }
}
