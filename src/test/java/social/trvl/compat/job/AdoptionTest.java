package social.trvl.compat.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Adoption;
import social.trvl.compat.db.Database;
import social.trvl.compat.db.ExistingApp;
import social.trvl.compat.db.Migrations;
import social.trvl.compat.db.Migrations.Platform;
import social.trvl.compat.db.TestDatabase;
import social.trvl.compat.db.TestSql;
import social.trvl.compat.db.Verification;
import social.trvl.compat.intake.AssessmentImport;
import social.trvl.compat.publish.Runs.Run;
import social.trvl.compat.report.MatchReport;

/** Databases that others have made get the engine, and nothing of theirs changes. */
class AdoptionTest {

  private static final UUID GROUP = id(900);

  @TempDir private Path folder;

  @Test
  void adopt_databaseOfNothingButColumns_letsEverythingWorkOnIt() throws IOException {
    try (Night night = Night.over(TestDatabase.empty());
        TestSql sql = TestSql.of(night.database)) {
      ExistingApp.create(sql);
      addPeople(sql);
      List<String> before = ExistingApp.dump(sql);
      Map<String, String> rows = ExistingApp.rows(sql);

      Adoption.Result dry = DatabaseSetup.adopt(night.database, true, Progress.SILENT);
      assertThat(ExistingApp.dump(sql)).isEqualTo(before);
      assertThat(sql.value("select count(*) from pg_namespace where nspname in ('compat', 'auth')"))
          .isEqualTo("0");

      Adoption.Result result = DatabaseSetup.adopt(night.database, false, Progress.SILENT);
      assertThat(result.adopted()).isTrue();
      assertThat(dry.adopted()).isFalse();
      assertThat(result.added()).isEqualTo(dry.added());
      assertThat(dry.created()).containsAll(result.created());
      assertThat(result.created())
          .contains(
              "schema compat",
              "schema auth",
              "table public.travel_preferences",
              "table public.user_connections",
              "table public.compatibility_model_versions",
              "table public.model_training_data",
              "table public.user_behavior_data",
              "view public.compatibility_scores")
          .doesNotContain("view public.group_compatibility_scores");
      assertThat(result.added())
          .contains(
              "trigger profile_history on public.personality_assessments",
              "grant usage to authenticated on schema public")
          .noneMatch(addition -> addition.startsWith("policy"))
          .noneMatch(addition -> addition.startsWith("column"))
          .noneMatch(addition -> addition.startsWith("constraint"));
      assertThat(result.left()).contains("table public.profiles", "table public.group_members");
      assertThat(result.notes())
          .anyMatch(note -> note.startsWith("public.group_compatibility_scores stays as it is"))
          .anyMatch(note -> note.startsWith("public.profiles has no unique key"));
      assertThat(ExistingApp.dump(sql)).containsAll(before);
      assertThat(ExistingApp.rows(sql)).containsAllEntriesOf(rows);

      isAdopted(night.database);
      assertThat(DatabaseSetup.adopt(night.database, false, Progress.SILENT).created()).isEmpty();
      assertThat(new Migrations(night.database).migrate()).isEmpty();
      assertThat(ExistingApp.dump(sql)).containsAll(before);

      AssessmentImport.Result imported = importPeople(night.database);
      assertThat(imported.peopleCreated()).isEqualTo(2);
      assertThat(imported.inserted()).isEqualTo(2);
      assertThat(imported.updated()).isEqualTo(1);
      assertThat(importPeople(night.database).unchanged()).isEqualTo(3);

      Run run = night.start(Night.settings());
      assertThat(run.state()).isEqualTo("published");
      assertThat(
              night.rows(
                  "select right(user_id::text, 3), reason, detail from compat.quarantine order by 1"))
          .containsExactly(
              "201|account_restricted|the account is restricted, suspended, banned or deleted",
              "202|birth_date_unknown|the profile has no birth date",
              "203|assessment_invalid|not from 0 to 1: openness is 5.00",
              "204|assessment_incomplete|missing: openness");
      assertThat(run.people()).isEqualTo(62);
      assertThat(night.count("compat.group_compatibility_scores")).isPositive();
      assertThat(sql.value("select count(*) from public.group_compatibility_scores"))
          .as("the application's own")
          .isEqualTo("1");
      assertThat(
              night.value(
                  "select recorded ->> 'openness' from compat.profile_history where user_id = '%s' order by history_id desc limit 1"
                      .formatted(id(2))))
          .as("the newest of two rows")
          .isEqualTo("0.90");

      MatchReport report = new MatchReport(night.database);
      UUID match = report.matches(id(1), 5).matches().getFirst().userId();
      assertThat(report.explain(id(1), match).score()).isPositive();
      sql.run(
          "insert into public.user_connections (requester_id, addressee_id, status) values ('%s', '%s', 'blocked')"
              .formatted(match, id(1)));
      assertThat(report.matches(id(1), 50).matches())
          .isNotEmpty()
          .noneMatch(row -> row.userId().equals(match));

      sql.run(
          "update public.group_members set is_active = false where user_id = '%s'"
              .formatted(id(5)));
      assertThat(
              new GroupRescoring(night.database, Night.CLOCK)
                  .rescore(List.of(GROUP))
                  .getFirst()
                  .scorableMembers())
          .isEqualTo(4);

      sql.run("insert into public.travel_preferences (user_id) values ('%s')".formatted(match));
      learn(sql, match);
      sql.run("delete from public.profiles where id = '%s'".formatted(match));
      nothingIsLeftOf(sql, match);

      learn(sql, id(7));
      sql.run("insert into public.travel_preferences (user_id) values ('%s')".formatted(id(7)));
      sql.run(
          "update public.profiles set account_status = 'deleted' where id = '%s'".formatted(id(7)));
      nothingIsLeftOf(sql, id(7));

      assertThat(new Verification(night.database, Progress.SILENT).report().checks())
          .allMatch(Verification.Check::ok);
      assertThat(night.start(Night.settings()).state()).isEqualTo("published");
    }
  }

  @Test
  void adopt_databaseLikeTheRunningApplications_readsPastItsPoliciesAndItsBlocks() {
    try (Night night = Night.over(asSupabase());
        TestSql sql = TestSql.of(night.database)) {
      for (int n = 1; n <= 40; n++) {
        sql.person(id(n));
      }
      sql.run(
          "create table public.group_compatibility_scores (id uuid primary key, group_id uuid references public.groups (id))",
          "create table public.community_connections (id uuid primary key, user_id uuid not null references public.profiles (id) on delete cascade, connected_user_id uuid not null, status public.connection_status)",
          "alter table public.community_connections enable row level security",
          // The classic trap, which stops every reader but the owner.
          "create policy \"Members see members\" on public.group_members for select using (exists (select from public.group_members m where m.group_id = group_members.group_id and m.user_id = auth.uid()))",
          "create policy \"Bookers see profiles\" on public.profiles for select using (exists (select from public.bookings b where b.user_id = id))",
          "insert into public.groups (id, name, owner_id) values ('%s', 'group', '%s')"
              .formatted(GROUP, id(1)),
          "insert into public.group_members (group_id, user_id) select '%s', id from public.profiles where id between '%s' and '%s' on conflict do nothing"
              .formatted(GROUP, id(2), id(4)),
          "insert into public.community_connections values ('%s', '%s', '%s', 'blocked')"
              .formatted(id(500), id(10), id(11)));
      List<String> before = ExistingApp.dump(sql);
      Map<String, String> rows = ExistingApp.rows(sql);

      Adoption.Result result = DatabaseSetup.adopt(night.database, false, Progress.SILENT);
      assertThat(result.created())
          .contains("table public.travel_preferences", "view public.compatibility_scores")
          .doesNotContain("table public.user_connections", "schema auth");
      assertThat(result.notes())
          .anyMatch(note -> note.startsWith("public.group_compatibility_scores stays as it is"))
          .contains(
              "Who blocks whom is read from public.community_connections, public.user_connections.")
          .noneMatch(note -> note.contains("no unique key"));
      assertThat(ExistingApp.dump(sql)).containsAll(before);
      assertThat(ExistingApp.rows(sql)).containsAllEntriesOf(rows);
      isAdopted(night.database);

      assertThat(night.start(Night.settings()).people()).isEqualTo(40);
      assertThat(night.count("compat.blocks")).isOne();
      assertThat(
              night.count(
                  "compat.pair_scores where user_id = '%s' and other_user_id = '%s'"
                      .formatted(id(11), id(10))))
          .isZero();
      assertThat(
              new GroupRescoring(night.database, Night.CLOCK)
                  .rescore(List.of(GROUP))
                  .getFirst()
                  .members())
          .isEqualTo(3);
      sql.run("delete from auth.users where id = '%s'".formatted(id(20)));
      nothingIsLeftOf(sql, id(20));
    }
  }

  @Test
  void adopt_tablesThatTheEngineCannotRead_namesAllOfThem() {
    try (Database database = TestDatabase.empty();
        TestSql sql = TestSql.of(database)) {
      ExistingApp.create(sql);
      sql.run(
          "alter table public.profiles drop column date_of_birth, alter column role type bytea using null",
          "create table public.user_connections (who uuid, whom uuid)",
          "alter table public.groups enable row level security",
          "alter table public.groups force row level security");
      assertThatThrownBy(() -> DatabaseSetup.adopt(database, false, Progress.SILENT))
          .isInstanceOfSatisfying(
              CompatException.class,
              e -> assertThat(e.exitCode()).isEqualTo(ExitCode.DATABASE_UNFIT))
          .hasMessageContainingAll(
              "public.profiles.date_of_birth is missing, needed is date",
              "public.profiles.role is of type bytea, needed is text or enum",
              "public.user_connections.requester_id is missing, needed is uuid",
              "public.groups forces row-level security",
              "Nothing was changed");
      assertThat(new Migrations(database).platform()).isEqualTo(Platform.FOREIGN);
      assertThat(sql.value("select count(*) from pg_namespace where nspname like 'compat%'"))
          .isEqualTo("0");
    }
  }

  @Test
  void columnsThatTheViewsRead_areAskedForBeforeAdoption() throws IOException {
    String asked = Files.readString(Path.of("src/main/resources/db/adopt/unfit_columns.sql"));
    try (Database database = TestDatabase.migrated();
        TestSql sql = TestSql.of(database)) {
      assertThat(
              sql.column(
                  """
                  select distinct format('(%L, %L', c.relname, a.attname)
                  from pg_catalog.pg_rewrite w
                  join pg_catalog.pg_class v on v.oid = w.ev_class and v.relnamespace = 'compat'::regnamespace
                  join pg_catalog.pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid and d.refobjsubid > 0
                  join pg_catalog.pg_class c on c.oid = d.refobjid and c.relnamespace = 'public'::regnamespace
                  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = d.refobjsubid
                  -- Outcomes leave out what can't be read.
                  where c.relname <> 'user_connections' and v.relname <> 'outcomes'
                  """))
          .hasSizeGreaterThan(40)
          .allMatch(asked::contains);
    }
  }

  @ParameterizedTest
  @CsvSource({"user_id, connected_user_id, text", "requester_id, addressee_id, varchar"})
  void adopt_connectionsOfAnotherSpelling_areRead(String one, String other, String type) {
    try (Database database = TestDatabase.empty();
        TestSql sql = TestSql.of(database)) {
      ExistingApp.create(sql);
      sql.run(
          "create table public.user_connections (%s uuid, %s uuid, status %s)"
              .formatted(one, other, type),
          "insert into public.user_connections values ('%s', '%s', 'blocked'), ('%1$s', '%2$s', 'accepted')"
              .formatted(id(1), id(2)));
      DatabaseSetup.adopt(database, false, Progress.SILENT);
      assertThat(sql.column("select blocker_id from compat.blocks"))
          .containsExactly(id(1).toString());
      assertThat(sql.value("select compat.is_blocked('%s', '%s')".formatted(id(2), id(1))))
          .isEqualTo("t");
    }
  }

  @Test
  void adopt_databaseThatIsNoPlatforms_isRefused() {
    try (Database database = TestDatabase.empty();
        TestSql sql = TestSql.of(database)) {
      assertThatThrownBy(() -> DatabaseSetup.adopt(database, false, Progress.SILENT))
          .hasMessageContainingAll("no table public.profiles", "db migrate");
      sql.run("create table public.profiles (id uuid)");
      assertThatThrownBy(() -> DatabaseSetup.adopt(database, false, Progress.SILENT))
          .hasMessageContainingAll("lacks public.personality_assessments, public.groups");
    }
  }

  @Test
  void adopt_databaseOfTheseMigrations_hasNothingToDo() {
    try (Database database = TestDatabase.migrated()) {
      Adoption.Result result = DatabaseSetup.adopt(database, false, Progress.SILENT);
      assertThat(result.adopted()).isFalse();
      assertThat(result.created()).isEmpty();
      assertThat(result.notes()).first().asString().contains("nothing to adopt");
      assertThat(new Migrations(database).platform()).isEqualTo(Platform.MIGRATED);
    }
  }

  @Test
  void migrate_databaseThatOthersMade_pointsToAdoption() {
    try (Database database = TestDatabase.empty();
        TestSql sql = TestSql.of(database)) {
      ExistingApp.create(sql);
      assertThatThrownBy(() -> new Migrations(database).migrate())
          .isInstanceOfSatisfying(
              CompatException.class,
              e -> assertThat(e.exitCode()).isEqualTo(ExitCode.DATABASE_UNFIT))
          .hasMessageContaining("compat db adopt");
    }
  }

  /** Tables that adoption makes are those of the platform, its foreign keys to people aside. */
  @Test
  void adopt_tablesItCreates_areThoseOfThePlatform() {
    try (Database adopted = TestDatabase.empty();
        TestSql there = TestSql.of(adopted);
        Database migrated = TestDatabase.migrated();
        TestSql here = TestSql.of(migrated)) {
      ExistingApp.create(there);
      there.run("alter table public.profiles add primary key (id)");
      DatabaseSetup.adopt(adopted, false, Progress.SILENT);
      List<String> expected = linesOfCreatedTables(here);
      assertThat(expected).hasSizeGreaterThan(100);
      assertThat(linesOfCreatedTables(there)).isEqualTo(expected);
    }
  }

  private static List<String> linesOfCreatedTables(TestSql sql) {
    return ExistingApp.dump(sql).stream()
        .filter(line ->
            line.matches(
                "(?s)(travel_preferences|user_connections|compatibility_model_versions|model_training_data|user_behavior_data)\\w*: .*"))
        // Triggers that tie a table to the rest of the platform stay with the platform.
        .filter(line -> !line.contains(" EXECUTE FUNCTION app_private."))
        .toList();
  }

  private static void isAdopted(Database database) {
    Migrations migrations = new Migrations(database);
    migrations.requireCurrent();
    assertThat(migrations.platform()).isEqualTo(Platform.ADOPTED);
    assertThat(migrations.status())
        .allSatisfy(status ->
            assertThat(status.state())
                .isEqualTo(status.layer() == Migrations.Layer.PLATFORM ? "adopted" : "applied"));
    assertThat(new Verification(database, Progress.SILENT).report().checks())
        .allMatch(Verification.Check::ok);
  }

  /** 60 travellers, four who can't be scored, a vendor, and a group of five. */
  private static void addPeople(TestSql sql) {
    sql.run(
        """
        insert into public.profiles (id, role, date_of_birth, account_status, created_at, updated_at)
        select ('00000000-0000-4000-8000-000000000' || lpad(n::text, 3, '0'))::uuid, case n when 205 then 'vendor' else 'traveler' end::public.user_role,
               case n when 202 then null else date '1980-01-01' + n * 50 end, case n when 201 then 'banned' end, now(), now()
        from (select generate_series(1, 60) as n union all select generate_series(201, 205)) people
        """,
        """
        insert into public.personality_assessments
        select gen_random_uuid(), id, r(id, 1), r(id, 2), r(id, 3), r(id, 4), r(id, 5), 'cultural', 'budget', 'no such word', null, now(), now()
        from public.profiles,
        lateral (select 1) x
        """
            .replaceAll(
                "r\\(id, (\\d)\\)",
                "(('x' || substr(md5(id::text || $1), 1, 4))::bit(16)::int % 101)::numeric / 100"),
        "update public.personality_assessments set openness = 5 where user_id = '%s'"
            .formatted(id(203)),
        "update public.personality_assessments set openness = 'NaN' where user_id = '%s'"
            .formatted(id(204)),
        // Nothing keeps a person from having two assessments: the newer one counts.
        "update public.personality_assessments set openness = 0.1 where user_id = '%s'"
            .formatted(id(2)),
        """
        insert into public.personality_assessments
        select gen_random_uuid(), user_id, 0.9, conscientiousness, extraversion, agreeableness, neuroticism, 'cultural', null, null, null, now(), now() + interval '1 day'
        from public.personality_assessments where user_id = '%s'
        """
            .formatted(id(2)),
        """
        insert into public.groups (id, name, owner_id, max_members, is_active, created_at, updated_at)
        values ('%s', 'group', '%s', 8, true, now(), now())
        """
            .formatted(GROUP, id(1)),
        """
        insert into public.group_members (id, group_id, user_id, role, joined_at, is_active)
        select gen_random_uuid(), '%s', id, 'member', now(), true from public.profiles where id between '%s' and '%s'
        """
            .formatted(GROUP, id(1), id(5)),
        "insert into public.group_compatibility_scores values (gen_random_uuid(), '%s', '%s', 50, 50, 50, 50, now())"
            .formatted(GROUP, id(1)));
  }

  private AssessmentImport.Result importPeople(Database database) throws IOException {
    Path file = folder.resolve("people.csv");
    Files.writeString(
        file,
        """
        user_id,openness,conscientiousness,extraversion,agreeableness,neuroticism,date_of_birth
        %s,0.5,0.5,0.5,0.5,0.5,1990-01-01
        %s,0.6,0.5,0.5,0.5,0.5,1991-01-01
        %s,0.7,0.5,0.5,0.5,0.5,
        """
            .formatted(id(301), id(302), id(3)));
    return new AssessmentImport(database, Progress.SILENT, Night.CLOCK).importTraits(file);
  }

  /** Rows of the tables that models learn from. */
  private static void learn(TestSql sql, UUID person) {
    sql.run(
        """
        insert into public.model_training_data (user_a, user_b, features_a, features_b, label, source, observed_at)
        values (least('%1$s'::uuid, '%2$s'), greatest('%1$s'::uuid, '%2$s'), '{}', '{}', true, 'review', now())
        """
            .formatted(person, id(60)),
        "insert into public.user_behavior_data (user_id, event_type) values ('%s', 'viewed')"
            .formatted(person));
  }

  private static void nothingIsLeftOf(TestSql sql, UUID person) {
    for (String rows :
        List.of(
            "compat.pair_scores where '%s' in (user_id, other_user_id)",
            "compat.group_scores where user_id = '%s'",
            "compat.profile_history where user_id = '%s'",
            "public.travel_preferences where user_id = '%s'",
            "public.user_connections where '%s' in (requester_id, addressee_id)",
            "public.model_training_data where '%s' in (user_a, user_b)",
            "public.user_behavior_data where user_id = '%s'")) {
      assertThat(sql.value("select count(*) from " + rows.formatted(person)))
          .as(rows)
          .isEqualTo("0");
    }
  }

  /** The platform's tables without this program's history, and without some of them. */
  private static Database asSupabase() {
    Database database = TestDatabase.migrated();
    try (TestSql sql = TestSql.of(database)) {
      sql.run(
          "drop schema compat cascade",
          "drop schema batch cascade",
          "drop schema supabase_migrations cascade",
          "drop schema compat_migrations cascade",
          "drop table public.model_training_data, public.compatibility_model_versions",
          "drop table public.travel_preferences cascade");
    }
    return database;
  }

  private static UUID id(int number) {
    return UUID.fromString("00000000-0000-4000-8000-000000000%03d".formatted(number));
  }
}
