package social.trvl.compat.publish;

import static social.trvl.compat.jooq.compat.Tables.GROUP_COHESION;
import static social.trvl.compat.jooq.compat.Tables.GROUP_REQUESTS;
import static social.trvl.compat.jooq.compat.Tables.GROUP_SCORES;
import static social.trvl.compat.jooq.compat.Tables.PUBLISHED;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.db.Database;
import social.trvl.compat.score.GroupFit;

/**
 * Writes the scores of groups, the whole run's in chunks or one group's again; either way by COPY.
 */
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
    } catch (SQLException e) {
      throw new IllegalStateException(
          "writing %d groups of run %d".formatted(fits.size(), runId), e);
    }
    DSLContext sql = Database.sql(connection);
    OffsetDateTime at = calculatedAt.atOffset(ZoneOffset.UTC);
    for (GroupFit fit : fits) {
      sql.insertInto(GROUP_COHESION)
          .set(GROUP_COHESION.RUN_ID, runId)
          .set(GROUP_COHESION.GROUP_ID, fit.groupId())
          .set(GROUP_COHESION.COHESION, hundredths(fit.cohesion()))
          .set(GROUP_COHESION.LEAST_MATCH, hundredths(fit.least()))
          .set(GROUP_COHESION.MEMBERS, fit.members())
          .set(GROUP_COHESION.SCORABLE_MEMBERS, fit.scorableMembers())
          .set(GROUP_COHESION.CANDIDATES, fit.candidates())
          .set(GROUP_COHESION.MODEL_VERSION_ID, modelVersionId)
          .set(GROUP_COHESION.CALCULATED_AT, at)
          .execute();
    }
  }

  /**
   * Replaces a group's rows in the run, and settles the requests for it.
   *
   * @return false, with nothing written, if another run was published meanwhile: the rows would be
   *     seen by nobody
   */
  public boolean replace(Database database, GroupFit fit, Instant calculatedAt) {
    try (Connection connection = database.engine().getConnection()) {
      connection.setAutoCommit(false);
      try {
        DSLContext sql = Database.sql(connection);
        // One at a time for a group: the second writer replaces the first one's rows instead of
        // adding to them.
        sql.execute(
            "select pg_advisory_xact_lock(hashtextextended({0}, 0))",
            DSL.inline("compat.group." + fit.groupId()));
        sql.execute("select pg_advisory_xact_lock_shared(hashtextextended('compat.erasure', 0))");
        // A publication waits for this lock, so the pointer stays until this transaction ends.
        if (!sql.fetchExists(PUBLISHED, PUBLISHED.RUN_ID.eq(runId))) {
          connection.rollback();
          return false;
        }
        delete(sql, fit.groupId());
        write(connection, List.of(fit), calculatedAt);
        sql.deleteFrom(GROUP_REQUESTS).where(GROUP_REQUESTS.GROUP_ID.eq(fit.groupId())).execute();
        connection.commit();
        return true;
      } catch (RuntimeException e) {
        connection.rollback();
        throw e;
      }
    } catch (SQLException e) {
      throw new IllegalStateException(
          "replacing group %s in run %d".formatted(fit.groupId(), runId), e);
    }
  }

  private void delete(DSLContext sql, UUID groupId) {
    sql.deleteFrom(GROUP_SCORES)
        .where(GROUP_SCORES.RUN_ID.eq(runId).and(GROUP_SCORES.GROUP_ID.eq(groupId)))
        .execute();
    sql.deleteFrom(GROUP_COHESION)
        .where(GROUP_COHESION.RUN_ID.eq(runId).and(GROUP_COHESION.GROUP_ID.eq(groupId)))
        .execute();
  }

  private static @Nullable BigDecimal hundredths(int value) {
    return value < 0 ? null : BigDecimal.valueOf(value, 2);
  }
}
