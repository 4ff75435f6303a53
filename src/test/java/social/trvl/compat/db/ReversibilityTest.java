package social.trvl.compat.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Migrations.Layer;
import social.trvl.compat.db.Migrations.Status;

/**
 * Every migration forwards and backwards, with rows in the tables. One database climbs step by step
 * and remembers its catalog after each; the tests go down from there, or compare with it.
 */
class ReversibilityTest {

  private static final UUID ANNA = new UUID(7, 1);
  private static final UUID BERT = new UUID(7, 2);

  /** Rows that are there when the migrations after these come. */
  private static final Map<String, String> ROWS =
      Map.of(
          "supabase-shim/3",
          """
          insert into auth.users (id, email) values ('%1$s', 'anna@example.org'), ('%2$s', 'bert@example.org');
          insert into storage.buckets (id, name) values ('of-another-program', 'of-another-program');
          insert into storage.objects (bucket_id, name) values ('of-another-program', 'a/b.png')
          """,
          "platform/20240914_001",
          """
          insert into public.profiles (id, username, date_of_birth) values ('%1$s', 'anna', '1990-01-01'), ('%2$s', 'bert', '1980-01-01');
          insert into public.user_preferences (user_id) values ('%1$s')
          """,
          "platform/20240914_002",
          """
          insert into public.vendors (id, user_id, business_name) values ('%2$s', '%2$s', 'Alps');
          insert into public.adventures (id, vendor_id, title, description, category, price, max_capacity)
          values ('%2$s', '%2$s', 'Walk', 'A walk', 'hiking', 10, 8)
          """,
          "platform/20240914_003",
          """
          insert into public.bookings (id, adventure_id, user_id, vendor_id, status, booking_date, start_time, end_time, total_amount)
          values ('%1$s', '%2$s', '%1$s', '%2$s', 'completed', '2026-01-01', '08:00', '18:00', 10);
          insert into public.booking_payments (booking_id, user_id, amount) values ('%1$s', '%1$s', 10);
          insert into public.booking_participants (booking_id, user_id, full_name) values ('%1$s', '%1$s', 'Anna');
          insert into public.payment_splits (booking_id, user_id, amount_owed) values ('%1$s', '%1$s', 10);
          insert into public.reviews (booking_id, adventure_id, vendor_id, user_id, rating) values ('%1$s', '%2$s', '%2$s', '%1$s', 5)
          """,
          "platform/20240914_004",
          """
          insert into public.groups (id, name, owner_id) values ('%1$s', 'Walkers', '%1$s');
          insert into public.group_members (group_id, user_id, role) values ('%1$s', '%1$s', 'owner');
          update public.bookings set group_id = '%1$s';
          insert into public.personality_assessments (user_id, openness) values ('%1$s', 0.5);
          insert into public.travel_preferences (user_id, interests) values ('%1$s', '{walking}')
          """,
          "platform/20240914_005_1",
          """
          insert into public.user_connections (requester_id, addressee_id, status) values ('%1$s', '%2$s', 'accepted');
          insert into public.posts (id, user_id, content) values ('%1$s', '%1$s', 'Hello');
          insert into public.comments (post_id, user_id, content) values ('%1$s', '%2$s', 'Hello')
          """,
          "platform/20240914_007",
          """
          insert into public.compatibility_model_versions (id, name, version, state, algorithm, artefact, artefact_sha256)
          values (0, 'pair', '1', 'champion', 'none', '', repeat('0', 64));
          insert into public.model_training_data (user_a, user_b, features_a, features_b, label, source, observed_at)
          values ('%1$s', '%2$s', '{}', '{}', true, 'review', now());
          insert into public.user_behavior_data (user_id, event_type) values ('%1$s', 'seen')
          """,
          "platform/20240914_008",
          """
          insert into public.stripe_accounts (id, vendor_id, stripe_account_id) values ('%2$s', '%2$s', 'acct_1');
          update public.booking_payments set vendor_stripe_account_id = '%2$s'
          """,
          "platform/20250915_011_5",
          """
          insert into public.payout_transactions (id, vendor_id, gross_amount) values ('%2$s', '%2$s', 10);
          update public.booking_payments set payout_id = '%2$s'
          """,
          "engine/2",
          """
          insert into compat.runs (job, state, as_of, parameters, model_version_id, started_at)
          values ('nightly-scoring', 'running', '2026-01-01', '{}', 0, now());
          create table compat.pair_scores_r1 partition of compat.pair_scores for values in (1);
          create table compat.pair_scores_r2 (like compat.pair_scores) partition by range (user_id);
          create table compat.pair_scores_r2_s0 (like compat.pair_scores);
          insert into compat.pair_scores values (1, '%1$s', 1, '%2$s', 1, 1, 1, 1, 1, 0, now())
          """);

  /** Of the empty database under "", then of every step under "layer/version", in order. */
  private static final Map<String, Set<String>> CATALOGS = new LinkedHashMap<>();

  private static Database climber;

  @BeforeAll
  static void climb() {
    // The roles belong to the cluster and are there before and after.
    TestDatabase.migrated().close();
    climber = TestDatabase.empty();
    try (TestSql sql = TestSql.of(climber)) {
      CATALOGS.put("", CatalogDump.of(sql));
      for (Layer layer : Layer.values()) {
        for (String version : MigrationFiles.versions(layer)) {
          migrateTo(climber, layer, version);
          String step = layer.folder() + "/" + version;
          if (ROWS.containsKey(step)) {
            sql.run(ROWS.getOrDefault(step, "").formatted(ANNA, BERT));
          }
          CATALOGS.put(step, CatalogDump.of(sql));
        }
      }
    }
  }

  @AfterAll
  static void close() {
    climber.close();
  }

  @Test
  void everyUndoStep_leavesTheCatalogAsBeforeItsMigration_andMigratingAgainWorks()
      throws SQLException {
    Migrations migrations = new Migrations(climber);
    assertThat(migrations.migrate()).as("rows did not hinder any migration").isEmpty();
    migrations.requireCurrent();
    Rollback rollback = new Rollback(climber, Progress.SILENT);
    List<String> steps = new ArrayList<>(CATALOGS.keySet());
    try (TestSql sql = TestSql.of(climber)) {
      for (Status migration : migrations.status().reversed()) {
        String step = step(migration);
        Set<String> tables = CatalogDump.tables(sql);
        Set<String> columns = CatalogDump.columns(sql);

        rollback.undo(migration);

        assertSame(
            CatalogDump.of(sql), catalog(steps.get(steps.indexOf(step) - 1)), "undoing " + step);
        tables.removeAll(CatalogDump.tables(sql));
        columns.removeAll(CatalogDump.columns(sql));
        columns.removeIf(column -> tables.contains(column.replaceFirst("\\.[^.]*$", "")));
        // Slices of runs go with the table that they are of, and their rows are not yet anybody's.
        tables.removeIf(table -> table.matches("compat\\.pair_scores_r.*"));
        Set<String> announced = new TreeSet<>();
        UndoScript.of(migration).dropped().forEach(dropped -> announced.add(dropped.toString()));
        tables.addAll(columns);
        assertThat(announced).as("what %s is said to drop", step).isEqualTo(tables);
        if (step.equals("platform/20240914_004")) {
          migrateAgainOverTheRowsThatStayed(migrations, rollback, sql);
        }
      }
      Rollback.Plan rest = rollback.plan("0");
      assertThat(rest.undone()).isEmpty();
      rollback.run(rest, undone -> {});
      assertThat(sql.value("select to_regnamespace('compat_migrations') is null")).isEqualTo("t");

      assertThat(migrations.migrate()).hasSize(CATALOGS.size() - 1);
      migrations.requireCurrent();
      assertSame(
          withoutSlices(CatalogDump.of(sql)),
          withoutSlices(catalog(steps.getLast())),
          "migrating again");
    }
  }

  /** Bookings and payments have lost what they referred to, and must not hinder its return. */
  private static void migrateAgainOverTheRowsThatStayed(
      Migrations migrations, Rollback rollback, TestSql sql) {
    assertThat(sql.value("select count(*) from public.booking_payments")).isEqualTo("1");
    migrations.migrate();
    migrations.requireCurrent();
    rollback.run(rollback.plan("20240914_003"), undone -> {});
    assertSame(CatalogDump.of(sql), catalog("platform/20240914_003"), "going back once more");
  }

  @Test
  void rollback_toTheFoundationOfTheEngine_leavesTheEngineAlone_andBelowItUndoesItFirst()
      throws SQLException {
    List<String> platform = MigrationFiles.versions(Layer.PLATFORM);
    int foundation = platform.indexOf(Rollback.ENGINE_FOUNDATION);
    try (Database database = TestDatabase.migrated();
        TestSql sql = TestSql.of(database)) {
      Rollback rollback = new Rollback(database, Progress.SILENT);
      Set<String> wholePlatform = catalog("platform/" + platform.getLast());
      Set<String> whole = CatalogDump.of(sql);
      Rollback.Plan above = rollback.plan(Rollback.ENGINE_FOUNDATION);
      assertThat(above.engine()).isFalse();
      assertThat(above.undone())
          .extracting(Status::version)
          .isEqualTo(platform.subList(foundation + 1, platform.size()).reversed());
      for (Status migration : above.undone()) {
        rollback.undo(migration);
        String newest = platform.get(platform.indexOf(migration.version()) - 1);
        Set<String> expected = new TreeSet<>(whole);
        expected.removeAll(wholePlatform);
        expected.addAll(catalog("platform/" + newest));
        assertSame(CatalogDump.of(sql), expected, "back to " + newest);
      }

      Rollback.Plan below = rollback.plan(platform.get(foundation - 1));
      assertThat(below.engine()).isTrue();
      assertThat(below.undone())
          .extracting(ReversibilityTest::step)
          .containsExactly(
              "engine/7",
              "engine/6",
              "engine/5",
              "engine/4",
              "engine/3",
              "engine/2",
              "engine/1",
              "platform/20240914_007");
      rollback.run(below, undone -> {});
      assertSame(
          CatalogDump.of(sql),
          catalog("platform/" + platform.get(foundation - 1)),
          "below the engine");
    }
  }

  @Test
  void undo_thatFails_leavesItsMigrationAppliedAndIsContinued() {
    try (Database database = TestDatabase.migrated();
        TestSql sql = TestSql.of(database)) {
      sql.run("create view public.of_another_program as select * from public.user_behavior_data");
      Rollback rollback = new Rollback(database, Progress.SILENT);
      List<String> undone = new ArrayList<>();
      assertThatThrownBy(
              () -> rollback.run(rollback.plan("20240914_005_2"), s -> undone.add(step(s))))
          .isInstanceOfSatisfying(
              CompatException.class,
              e -> assertThat(e.exitCode()).isEqualTo(ExitCode.DATABASE_UNFIT))
          .hasMessageContainingAll(
              "Undoing migration 20240914_007 (create ml model tables) of layer platform",
              "view of_another_program depends on table user_behavior_data",
              "It stays applied",
              "drop that, then run the same command again");
      assertThat(undone).contains("engine/1").doesNotContain("platform/20240914_007");
      assertThat(new Migrations(database).status())
          .filteredOn(s -> s.layer() == Layer.PLATFORM)
          .filteredOn(s -> s.version().compareTo("20240914_007") <= 0)
          .extracting(Status::state)
          .containsOnly("applied");

      sql.run("drop view public.of_another_program");
      rollback.run(rollback.plan("20240914_005_2"), s -> undone.add(step(s)));
      assertThat(undone).endsWith("platform/20240914_007", "platform/20240914_006");
      assertSame(CatalogDump.of(sql), catalog("platform/20240914_005_2"), "continued");
    }
  }

  @Test
  void undo_whileSomebodyReads_givesUpAndTellsSo() {
    try (Database database = TestDatabase.migrated();
        TestSql reader = TestSql.of(database)) {
      reader.run("begin", "select * from public.groups");
      Rollback rollback = new Rollback(database, Progress.SILENT);
      assertThatThrownBy(() -> rollback.run(rollback.plan("20240914_006"), undone -> {}))
          .hasMessageContainingAll(
              "Undoing migration 7 (group requests) of layer engine",
              "lock timeout",
              "Somebody is using its tables");
      reader.run("rollback");
      rollback.run(rollback.plan("20240914_006"), undone -> {});
    }
  }

  @Test
  void rollbackToNothing_onSupabase_leavesItsSchemasAndRows() {
    try (Database database = SupabaseLike.empty();
        TestSql sql = TestSql.of(database)) {
      Set<String> before = CatalogDump.of(sql);
      new Migrations(database).migrate();
      sql.run(
          "insert into auth.users (id) values ('%s')".formatted(ANNA),
          "insert into storage.objects (bucket_id, name) values ('avatars', 'a/b.png')");
      Rollback rollback = new Rollback(database, Progress.SILENT);
      Rollback.Plan plan = rollback.plan("nothing");
      assertThat(plan.lost()).extracting(RowCounts.Count::name).doesNotContain("auth.users");
      rollback.run(plan, undone -> {});
      assertSame(CatalogDump.of(sql), before, "Supabase");
      assertThat(sql.value("select count(*) from auth.users")).isEqualTo("1");
      assertThat(sql.value("select count(*) from storage.objects")).isEqualTo("1");

      new Migrations(database).migrate();
      assertThat(new Reset(database, Progress.SILENT).run()).isEmpty();
      assertSame(CatalogDump.of(sql), before, "Supabase after a reset");
      assertThat(sql.value("select count(*) from auth.users")).isEqualTo("1");
    }
  }

  @Test
  void migration_whoseServerProcessIsKilled_isPendingAndMigrateContinues() {
    String killed = "20240914_004";
    try (Database database = TestDatabase.empty();
        TestSql sql = TestSql.of(database);
        TestSql blocker = TestSql.of(database)) {
      migrateTo(database, Layer.SUPABASE_SHIM, "3");
      migrateTo(database, Layer.PLATFORM, "20240914_003");
      // The next one makes groups and then waits here to give bookings a foreign key to them.
      blocker.run("begin", "lock table public.bookings in access share mode");
      Migrations migrations = new Migrations(database);
      CompletableFuture<Void> migrating = CompletableFuture.runAsync(migrations::migrate);
      long giveUpNanos = System.nanoTime() + Duration.ofSeconds(30).toNanos();
      List<String> waiting = List.of();
      while (waiting.isEmpty() && System.nanoTime() < giveUpNanos) {
        waiting =
            sql.column(
                "select pid from pg_catalog.pg_locks where relation = 'public.bookings'::regclass and not granted");
      }
      assertThat(waiting).hasSize(1);
      sql.run("select pg_terminate_backend(%s)".formatted(waiting.getFirst()));
      assertThatThrownBy(migrating::join)
          .isInstanceOf(CompletionException.class)
          .cause()
          .isInstanceOf(CompatException.class)
          .hasMessageContainingAll(
              "Migrating layer platform", "was rolled back", "run 'compat db migrate' again");

      assertThat(migrations.status())
          .filteredOn(s -> s.state().equals("applied"))
          .extracting(Status::version)
          .containsExactly("1", "2", "3", "20240914_001", "20240914_002", "20240914_003");
      assertThat(migrations.status())
          .filteredOn(s -> s.version().equals(killed))
          .extracting(Status::state)
          .containsExactly("failed");
      assertSame(CatalogDump.of(sql), catalog("platform/20240914_003"), "nothing half done");

      blocker.run("rollback");
      assertThat(migrations.migrate().getFirst().version()).isEqualTo(killed);
      migrations.requireCurrent();
    }
  }

  private static void migrateTo(Database database, Layer layer, String version) {
    Flyway.configure()
        .configuration(new Migrations(database).configuration(layer))
        .target(version)
        .load()
        .migrate();
  }

  private static String step(Status migration) {
    return migration.layer().folder() + "/" + migration.version();
  }

  private static Set<String> catalog(String step) {
    return Objects.requireNonNull(CATALOGS.get(step), step);
  }

  private static Set<String> withoutSlices(Set<String> catalog) {
    Set<String> rest = new TreeSet<>(catalog);
    rest.removeIf(line -> line.contains("pair_scores_r"));
    return rest;
  }

  /** Tells the lines that differ rather than both catalogs. */
  private static void assertSame(Set<String> actual, Set<String> expected, String what) {
    Set<String> left = new TreeSet<>(actual);
    left.removeAll(expected);
    Set<String> missing = new TreeSet<>(expected);
    missing.removeAll(actual);
    assertThat(left).as("%s: too much", what).isEmpty();
    assertThat(missing).as("%s: missing", what).isEmpty();
  }
}
