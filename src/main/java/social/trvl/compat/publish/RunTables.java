package social.trvl.compat.publish;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Name;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.db.CopyReader;
import social.trvl.compat.db.Database;
import social.trvl.compat.profile.ProfileTable;
import social.trvl.compat.score.GroupFit;
import social.trvl.compat.score.GroupFit.PersonFit;
import social.trvl.compat.score.ScoredPeople;

/**
 * The tables of one run: its slices of pair scores, their common partition, and its group scores.
 *
 * <p>Names: {@code pair_scores_r7} is run 7, {@code pair_scores_r7_s0} its first slice, {@code
 * group_scores_r7} its groups.
 */
public final class RunTables {

  /** A stored row with its share of the two indexes, measured on 5 million rows. */
  public static final int STORED_BYTES_PER_ROW = 183;

  private static final Field<UUID> USER_ID = DSL.field(DSL.name("user_id"), UUID.class);

  private final long runId;

  public RunTables(long runId) {
    this.runId = runId;
  }

  /**
   * Creates the run's partition and its group table, empty and attached to nothing. Harmless if
   * they exist.
   */
  public void createRun(Database database) {
    DSLContext sql = database.engineSql();
    Name run = pairs();
    if (!exists(sql, run)) {
      sql.transaction(configuration -> {
        DSLContext inside = configuration.dsl();
        inside.execute(
            "create table {0} (like compat.pair_scores including defaults, constraint is_of_run check (run_id = {1}))"
                + " partition by range (user_id)",
            run, DSL.inline(runId));
        inside.execute("alter table {0} add primary key (run_id, user_id, rank)", run);
        inside.execute("create index on {0} (other_user_id)", run);
        inside.execute("alter table {0} enable row level security", run);
      });
    }
    Name groups = groups();
    if (!exists(sql, groups)) {
      sql.transaction(configuration -> {
        DSLContext inside = configuration.dsl();
        inside.execute(
            "create table {0} (like compat.group_scores including defaults including constraints,"
                + " constraint is_of_run check (run_id = {1}))",
            groups, DSL.inline(runId));
        inside.execute("alter table {0} enable row level security", groups);
      });
    }
  }

  /** Whether a slice is there; then it is whole, see {@link #writeSlice}. */
  public boolean hasSlice(Database database, int slice) {
    return exists(database.engineSql(), slice(slice));
  }

  /**
   * Writes a slice in the caller's transaction: its table, rows and indexes, and its place in the
   * run. So it is there whole or not at all.
   *
   * <p>Rows that come in the transaction that creates their table may be frozen: nobody has to
   * visit them again to note that they are committed. An index that was built in a later
   * transaction would do that, and have every page written twice. The commit does not wait for the
   * disk: that of the publication makes durable whatever was committed before it.
   *
   * @param from first user id of the slice, inclusive; null for the first slice
   * @param to one past its last user id; null for the last slice
   * @param modelVersionId of all rows, which is the columns' default in this slice: what is not
   *     sent need not be understood by the server, five million times
   * @param calculatedAt likewise
   * @param blocks the lists of the slice's people, in order of user id
   * @return how many rows the server took
   */
  public long writeSlice(
      Connection connection,
      int slice,
      @Nullable UUID from,
      @Nullable UUID to,
      int modelVersionId,
      Instant calculatedAt,
      ProfileTable people,
      Iterable<? extends ScoredPeople> blocks)
      throws SQLException {
    DSLContext sql = Database.sql(connection);
    sql.execute("set local synchronous_commit = off");
    create(sql, slice, from, to, modelVersionId, calculatedAt);
    long rows = copy(connection, slice, people, blocks);
    sql.execute("set local maintenance_work_mem = '128MB'");
    // Slices are indexed side by side; workers would take the processors from each other.
    sql.execute("set local max_parallel_maintenance_workers = 0");
    sql.execute("alter table {0} add primary key (run_id, user_id, rank)", slice(slice));
    sql.execute("create index on {0} (other_user_id)", slice(slice));
    analyze(sql, "analyze {0}", slice(slice));
    sql.execute(
        "alter table {0} attach partition {1} for values from ({2}) to ({3})",
        pairs(),
        slice(slice),
        from == null ? DSL.keyword("minvalue") : DSL.inline(from),
        to == null ? DSL.keyword("maxvalue") : DSL.inline(to));
    return rows;
  }

  private void create(
      DSLContext sql,
      int slice,
      @Nullable UUID from,
      @Nullable UUID to,
      int modelVersionId,
      Instant calculatedAt) {
    // The same conditions as the bounds it will be attached with, so that ATTACH need not read the
    // rows.
    Condition bounds = DSL.noCondition();
    if (from != null) {
      bounds = bounds.and(USER_ID.ge(DSL.inline(from)));
    }
    if (to != null) {
      bounds = bounds.and(USER_ID.lt(DSL.inline(to)));
    }
    sql.execute(
        "create table {0} (like compat.pair_scores including defaults,"
            + " constraint is_of_run check (run_id = {1}), constraint is_of_slice check ({2}))"
            // Written once and dropped some nights later: vacuum would find nothing to do, and
            // stand
            // in the way of dropping older ones meanwhile.
            + " with (autovacuum_enabled = false)",
        slice(slice), DSL.inline(runId), bounds);
    sql.execute(
        "alter table {0} alter run_id set default {1}, alter model_version_id set default {2},"
            + " alter calculated_at set default {3}, enable row level security",
        slice(slice),
        DSL.inline(runId),
        DSL.inline(modelVersionId),
        DSL.inline(calculatedAt.atOffset(ZoneOffset.UTC)));
  }

  private long copy(
      Connection connection,
      int slice,
      ProfileTable people,
      Iterable<? extends ScoredPeople> blocks)
      throws SQLException {
    try (CopyRows rows =
        CopyRows.begin(
            connection,
            "copy compat.pair_scores_r%d_s%d (user_id, rank, other_user_id, score, personality_match, preference_match, interest_match, completeness) from stdin (format binary, freeze)"
                .formatted(runId, slice))) {
      for (ScoredPeople scored : blocks) {
        for (int i = 0; i < scored.people(); i++) {
          write(rows, people, scored, i);
        }
      }
      return rows.end();
    }
  }

  /**
   * One list. This and the next are called so often that they are compiled by themselves, early.
   */
  private static void write(CopyRows rows, ProfileTable people, ScoredPeople scored, int i)
      throws SQLException {
    UUID user = people.userId(scored.person(i));
    for (int row = scored.first(i); row < scored.first(i + 1); row++) {
      rows.beginRow(8);
      rows.uuid(user);
      rows.int4(row - scored.first(i) + 1);
      write(rows, people.userId(scored.other(row)), scored, row);
    }
  }

  private static void write(CopyRows rows, UUID other, ScoredPeople scored, int row) {
    rows.uuid(other);
    rows.numericOfHundredths(scored.score(row));
    rows.numericOfHundredths(scored.personality(row));
    rows.numericOfHundredths(scored.preference(row));
    rows.numericOfHundredths(scored.interest(row));
    rows.numericOfHundredths(scored.completeness(row));
  }

  /** Appends a group's rows to the run, in the caller's transaction. */
  public long copy(
      Connection connection,
      Iterable<? extends GroupFit> fits,
      int modelVersionId,
      Instant calculatedAt)
      throws SQLException {
    long micros = ChronoUnit.MICROS.between(Instant.EPOCH, calculatedAt);
    try (CopyRows rows =
        CopyRows.begin(
            connection,
            "copy compat.group_scores_r%d (run_id, group_id, user_id, is_member, rank, compatibility_score, personality_match, interest_match, style_match, least_match, completeness, model_version_id, calculated_at) from stdin (format binary)"
                .formatted(runId))) {
      for (GroupFit fit : fits) {
        for (PersonFit person : fit.people()) {
          rows.beginRow(13);
          rows.int8(runId);
          rows.uuid(fit.groupId());
          rows.uuid(person.userId());
          rows.bool(person.member());
          if (person.member()) {
            rows.nothing();
          } else {
            rows.int4(person.rank());
          }
          rows.numericOfHundredths(person.fit());
          rows.numericOfHundredths(person.personality());
          rows.numericOfHundredths(person.interest());
          rows.numericOfHundredths(person.preference());
          rows.numericOfHundredths(person.least());
          rows.numericOfHundredths(person.completeness());
          rows.int4(modelVersionId);
          rows.timestamp(micros);
        }
      }
      return rows.end();
    }
  }

  /**
   * Counts the rows of a slice that an earlier process wrote. Does nothing if the slice's rows are
   * or will be counted.
   */
  public void recount(Database database, int slice, ProfileTable people, RunTally tally) {
    if (!tally.counts(slice) || !hasSlice(database, slice)) {
      return;
    }
    Table<?> table = DSL.table(slice(slice));
    try (Connection connection = database.engine().getConnection();
        CopyReader rows =
            CopyReader.open(
                connection,
                DSL.select(
                        DSL.field(DSL.name("rank"), Integer.class),
                        DSL.field(DSL.name("other_user_id"), UUID.class),
                        DSL.field("(score * 100)::integer", Integer.class))
                    .from(table))) {
      while (rows.next()) {
        tally.add(
            rows.integer(0), people.rowOf(Objects.requireNonNull(rows.uuid())), rows.integer(0));
      }
    } catch (SQLException e) {
      throw new IllegalStateException(
          "counting slice %d of run %d again".formatted(slice, runId), e);
    }
  }

  /**
   * Attaches the run, whole, to the tables that readers see, and indexes its groups before.
   * Harmless if that was done.
   */
  public void attachRun(Database database) {
    DSLContext sql = database.engineSql();
    if (!attached(sql, pairs())) {
      sql.execute(
          "alter table compat.pair_scores attach partition {0} for values in ({1})",
          pairs(), DSL.inline(runId));
    }
    if (!attached(sql, groups())) {
      sql.transaction(configuration -> {
        DSLContext inside = configuration.dsl();
        inside.execute("alter table {0} add primary key (run_id, group_id, user_id)", groups());
        inside.execute("create index on {0} (user_id)", groups());
        inside.execute(
            "alter table compat.group_scores attach partition {0} for values in ({1})",
            groups(), DSL.inline(runId));
      });
    }
  }

  /**
   * Lets the planner know how the rows of all runs together are distributed, which nobody else
   * does: autovacuum knows no partitioned tables. Each slice has its statistics from when it was
   * written; before PostgreSQL 18 there is no way to spare the slices of earlier runs.
   */
  static void analyze(DSLContext sql) {
    boolean spares = sql.connectionResult(c -> c.getMetaData().getDatabaseMajorVersion() >= 18);
    sql.transaction(configuration ->
        analyze(
            configuration.dsl(),
            spares ? "analyze only {0}" : "analyze {0}",
            DSL.name("compat", "pair_scores")));
  }

  /**
   * PostgreSQL reads a sample of a table for it, 300 rows for each step of the statistics target:
   * with the usual 100 that takes longer than indexing a slice.
   */
  private static void analyze(DSLContext sql, String statement, Name table) {
    sql.execute("set local default_statistics_target = 5");
    sql.execute(statement, table);
  }

  /**
   * Drops what a run left that never was attached, or whose partitions are free; see {@link
   * Retention} for the rest.
   */
  void drop(DSLContext sql) {
    sql.execute("drop table if exists {0} cascade", pairs());
    sql.execute("drop table if exists {0} cascade", groups());
    for (String orphan :
        sql.fetch(
                "select c.relname from pg_catalog.pg_class c where c.relnamespace = 'compat'::regnamespace and c.relkind = 'r'"
                    + " and c.relname like {0}",
                DSL.inline("pair\\_scores\\_r" + runId + "\\_s%"))
            .getValues(0, String.class)) {
      sql.execute("drop table {0}", DSL.name("compat", orphan));
    }
  }

  private static boolean exists(DSLContext sql, Name table) {
    return Boolean.TRUE.equals(
        sql.fetchSingle(
                "select to_regclass({0}) is not null", DSL.inline(table.unquotedName().toString()))
            .get(0, Boolean.class));
  }

  private static boolean attached(DSLContext sql, Name table) {
    return Boolean.TRUE.equals(
        sql.fetchSingle(
                "select exists (select from pg_catalog.pg_inherits where inhrelid = to_regclass({0}))",
                DSL.inline(table.unquotedName().toString()))
            .get(0, Boolean.class));
  }

  private Name pairs() {
    return DSL.name("compat", "pair_scores_r" + runId);
  }

  private Name groups() {
    return DSL.name("compat", "group_scores_r" + runId);
  }

  private Name slice(int slice) {
    return DSL.name("compat", "pair_scores_r" + runId + "_s" + slice);
  }
}
