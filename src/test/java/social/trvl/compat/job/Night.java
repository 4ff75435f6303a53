package social.trvl.compat.job;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import social.trvl.compat.config.DatabaseSettings;
import social.trvl.compat.config.NightlySettings;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Database;
import social.trvl.compat.db.TestDatabase;
import social.trvl.compat.intake.PopulationGenerator;
import social.trvl.compat.publish.Runs.Run;

/** A database of generated people, the nightly run over it, and what tests ask of the result. */
final class Night implements AutoCloseable {

  /** Not the database's time, which runs on: nothing may compare the two. */
  static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-23T23:30:00Z"), ZoneOffset.UTC);

  static final LocalDate AS_OF = LocalDate.of(2026, 11, 23);
  static final long SEED = 20_261_123;

  private static final Map<String, String> ORIGINS = new ConcurrentHashMap<>();
  private static final AtomicInteger COPIES = new AtomicInteger();

  final Database database;
  private final AtomicInteger starts = new AtomicInteger();

  private Night(Database database) {
    this.database = database;
  }

  /** A database with a champion and nobody in it. */
  static Night empty() {
    Database database = TestDatabase.migrated();
    DatabaseSetup.migrate(database);
    return new Night(database);
  }

  /** A database that the caller has made. */
  static Night over(Database database) {
    return new Night(database);
  }

  /** A database of generated people and groups, copied from one that is generated once. */
  static Night of(int users, int groups) {
    String origin =
        ORIGINS.computeIfAbsent(
            users + " people, " + groups + " groups",
            size -> {
              try (Night night = empty()) {
                new PopulationGenerator(night.database, Progress.SILENT, CLOCK)
                    .generate(users, groups, SEED);
                return night.name();
              }
            });
    String name = origin + "_copy_" + COPIES.incrementAndGet();
    TestDatabase.asSuperuser(
        "postgres",
        "create database %s template %s owner %s".formatted(name, origin, TestDatabase.OWNER));
    return new Night(open(TestDatabase.url(name, TestDatabase.OWNER)));
  }

  private static Database open(String url) {
    return Database.open(new DatabaseSettings(url, null, null, Path.of("target/unused")));
  }

  /** The same database with connections of its own, which see its settings as they are now. */
  Night reopened() {
    return new Night(open(database.url()));
  }

  Run start(NightlySettings settings) {
    return start(settings, Progress.SILENT, false);
  }

  Run full(NightlySettings settings) {
    return start(settings, Progress.SILENT, true);
  }

  Run start(NightlySettings settings, Progress progress, boolean full) {
    return new NightlyRun(database, settings, clock(), progress).start(AS_OF, full);
  }

  void publish(long runId, String reason) {
    ManualPublication.publish(database, runId, reason, clock());
  }

  /** Goes on by a minute from one start to the next. */
  private Clock clock() {
    return Clock.offset(CLOCK, Duration.ofMinutes(starts.incrementAndGet()));
  }

  /** Each row of the answer, its columns joined by {@code |}; null is empty. */
  List<String> rows(String sql) {
    try (Connection connection = database.engine().getConnection()) {
      return rows(connection, sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  static List<String> rows(Connection connection, String sql) {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> all = new ArrayList<>();
      while (rows.next()) {
        List<String> cells = new ArrayList<>();
        for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
          cells.add(rows.getString(i) == null ? "" : rows.getString(i));
        }
        all.add(String.join("|", cells));
      }
      return all;
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  String value(String sql) {
    return rows(sql).getFirst();
  }

  long count(String table) {
    return Long.parseLong(value("select count(*) from " + table));
  }

  /** As the owner of the platform's tables. */
  void execute(String sql) {
    try (Connection connection = database.owner().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  /** What readers see; 0 if nothing was published. */
  long published() {
    return Long.parseLong(value("select coalesce(max(run_id), 0) from compat.published"));
  }

  /** The rows of a run, run id and time aside, in order: equal runs have equal sums. */
  List<String> checksum(long runId) {
    List<String> sums = new ArrayList<>();
    List.of(
            "pair_scores|user_id, rank",
            "group_scores|group_id, user_id",
            "group_cohesion|group_id")
        .forEach(table -> {
          String name = table.substring(0, table.indexOf('|'));
          String order = table.substring(table.indexOf('|') + 1);
          sums.add(
              name
                  + " "
                  + value(
                      """
                      select count(*), md5(string_agg((to_jsonb(s) - 'run_id' - 'calculated_at')::text, '' order by %s))
                      from compat.%s s where run_id = %d
                      """
                          .formatted(order, name, runId)));
        });
    return sums;
  }

  /** Tables of runs, slices included. */
  List<String> runTables() {
    return rows(
        "select c.relname from pg_class c where c.relnamespace = 'compat'::regnamespace and c.relname ~ '_r[0-9]+(_s[0-9]+)?$' and c.relkind in ('r', 'p') order by 1");
  }

  /** Waits until the server has noticed that the holder of a claim is dead. */
  void awaitFreeClaim() throws InterruptedException {
    String others =
        "select count(*) from pg_locks l join pg_database d on d.oid = l.database where d.datname = current_database() and l.locktype = 'advisory'";
    while (!value(others).equals("0")) {
      Thread.sleep(20);
    }
  }

  /** The name of the database that the connection address ends in. */
  String name() {
    return database.url().replaceAll(".*/|\\?.*", "");
  }

  static NightlySettings settings() {
    return settings(2, 4);
  }

  static NightlySettings settings(int threads, int slices) {
    NightlySettings standard = NightlySettings.standard();
    return new NightlySettings(
        standard.schedule(),
        standard.scoring(),
        new NightlySettings.Execution(threads, slices, 600),
        new NightlySettings.Checks(1, 1, 1, 99),
        standard.retention());
  }

  static NightlySettings with(NightlySettings settings, NightlySettings.Scoring scoring) {
    return new NightlySettings(
        settings.schedule(),
        scoring,
        settings.execution(),
        settings.checks(),
        settings.retention());
  }

  static NightlySettings with(NightlySettings settings, NightlySettings.Checks checks) {
    return new NightlySettings(
        settings.schedule(),
        settings.scoring(),
        settings.execution(),
        checks,
        settings.retention());
  }

  static NightlySettings keeping(int publishedRuns, NightlySettings settings) {
    return new NightlySettings(
        settings.schedule(),
        settings.scoring(),
        settings.execution(),
        settings.checks(),
        new NightlySettings.Retention(publishedRuns, settings.retention().batchMetadataDays()));
  }

  @Override
  public void close() {
    database.close();
  }
}
