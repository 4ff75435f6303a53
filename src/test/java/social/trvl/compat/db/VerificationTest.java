package social.trvl.compat.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Verification.Check;
import social.trvl.compat.db.Verification.Problem;
import social.trvl.compat.db.Verification.Report;

/** Each damage is named in the check it belongs to, and mended by the statements offered. */
class VerificationTest {

  private static final String CHAMPION =
      """
      insert into public.compatibility_model_versions (id, name, version, state, algorithm, artefact, artefact_sha256)
      values (0, 'baseline', '0', 'champion', 'additive', '', repeat('0', 64))
      """;

  @Test
  void database_asMigrated_passesEveryCheck() {
    try (Database database = withChampion()) {
      Report report = verify(database);
      assertThat(report.checks()).flatExtracting(Check::problems).isEmpty();
      assertThat(report.ok()).isTrue();
      assertThat(report.statements()).isEmpty();
      assertThat(report.checks())
          .extracting(Check::name)
          .startsWith(
              "Database connection successful",
              "All critical tables present",
              "RLS policies configured",
              "Storage buckets configured");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          drop table public.vendor_insurance                            | All critical tables present | table public.vendor_insurance
          drop table public.posts cascade                               | All critical tables present | table public.posts
          drop view public.compatibility_scores                         | All critical tables present | view public.compatibility_scores
          alter table public.profiles drop column bio                   | All critical tables present | column bio of public.profiles
          alter table public.bookings disable row level security        | RLS policies configured | row security public.bookings
          drop policy "Users can update own profile" on public.profiles | RLS policies configured | policy "Users can update own profile" of public.profiles
          alter policy "Users can update own profile" on public.profiles using (true) | RLS policies configured | policy "Users can update own profile" of public.profiles
          alter view public.compatibility_scores reset (security_invoker) | RLS policies configured | view option security_invoker of public.compatibility_scores
          create table public.unprotected (id int)                      | RLS policies configured | table public.unprotected
          delete from pg_enum where enumlabel = 'air_sports'            | Enum types complete | enum value 'air_sports' of public.adventure_category
          drop function public.block_user(uuid)                         | Functions present | function public.block_user(uuid)
          alter function public.my_profile() reset all                  | Functions present | function public.my_profile()
          alter function public.my_profile() security invoker           | Functions present | function public.my_profile()
          drop trigger count_bookings_insert on public.bookings         | Triggers present and enabled | trigger count_bookings_insert of public.bookings
          drop trigger on_auth_user_created on auth.users               | Triggers present and enabled | trigger on_auth_user_created of auth.users
          alter table public.reviews disable trigger rate_adventures_and_vendors_insert | Triggers present and enabled | trigger rate_adventures_and_vendors_insert of public.reviews
          alter table public.groups drop constraint groups_owner_id_fkey | Foreign keys, keys and checks in force | foreign key groups_owner_id_fkey of public.groups
          alter table public.groups disable trigger all                 | Foreign keys, keys and checks in force | foreign key groups_owner_id_fkey of public.groups
          alter table public.reviews drop constraint reviews_rating_range | Foreign keys, keys and checks in force | check reviews_rating_range of public.reviews
          alter table compat.quarantine drop constraint quarantine_pkey | Foreign keys, keys and checks in force | key quarantine_pkey of compat.quarantine
          drop index public.idx_profiles_role                           | Indexes present and valid | index idx_profiles_role of public.profiles
          update pg_index set indisvalid = false where indexrelid = 'public.idx_adventures_rating'::regclass | Indexes present and valid | index idx_adventures_rating of public.adventures
          revoke select on public.adventures from anon                  | Grants and owners as migrated | table grant to anon of public.adventures
          grant update (role) on public.profiles to authenticated       | Grants and owners as migrated | table grant to authenticated of public.profiles
          revoke execute on function public.my_vendor() from authenticated | Grants and owners as migrated | function grant to authenticated of public.my_vendor()
          revoke usage on schema compat from compat_engine              | Grants and owners as migrated | schema grant to compat_engine of compat
          alter table compat.runs owner to test_owner                   | Grants and owners as migrated | table owner compat.runs
          """)
  void damage_isNamedAndMended(String damage, String check, String object) {
    try (Database database = withChampion();
        TestSql superuser = TestSql.superuser(database)) {
      superuser.run(damage);
      Report damaged = verify(database);
      assertThat(damaged.ok()).isFalse();
      assertThat(problems(damaged, check)).extracting(Problem::object).contains(object);
      assertThat(problems(damaged, check))
          .filteredOn(problem -> problem.object().equals(object))
          .extracting(Problem::mend)
          .singleElement(InstanceOfAssertFactories.STRING)
          .isNotBlank();

      // As psql does it: each statement in a transaction of its own.
      superuser.run(damaged.statements().toArray(String[]::new));
      assertThat(problems(verify(database))).isEmpty();
    }
  }

  @Test
  void schemaPublic_droppedAsInTheGuidesReset_isMadeAgainByTheStatementsOffered() {
    try (Database database = withChampion();
        TestSql owner = TestSql.of(database);
        TestSql superuser = TestSql.superuser(database)) {
      superuser.run("drop schema public cascade", "create schema public");
      superuser.run("grant all on schema public to public, " + TestDatabase.OWNER);
      Report damaged = verify(database);
      assertThat(problems(damaged, "All critical tables present"))
          .extracting(Problem::object)
          .contains("table public.profiles", "view public.group_compatibility_scores");

      owner.run(damaged.statements().toArray(String[]::new));
      owner.run(CHAMPION);
      assertThat(problems(verify(database))).isEmpty();
    }
  }

  @Test
  void columnOfAnotherType_isToldWithBothTypesButNotMended() {
    try (Database database = withChampion();
        TestSql sql = TestSql.of(database)) {
      sql.run("alter table public.vendor_insurance alter column document_url type varchar(100)");
      Report report = verify(database);
      assertThat(problems(report, "All critical tables present"))
          .containsExactly(
              new Problem(
                  "column document_url of public.vendor_insurance",
                  "is 'character varying(100)', should be 'text'",
                  ""));
      assertThat(report.ok()).isFalse();
    }
  }

  @Test
  void enumValue_thatPoliciesName_isNamedThoughTheyCantBeRead() {
    try (Database database = withChampion();
        TestSql superuser = TestSql.superuser(database)) {
      superuser.run("delete from pg_enum where enumlabel = 'declined'");
      Report report = verify(database);
      assertThat(problems(report, "Enum types complete"))
          .extracting(Problem::object)
          .containsExactly("enum value 'declined' of public.connection_status");
      assertThat(problems(report, "RLS policies configured"))
          .singleElement()
          .satisfies(problem -> assertThat(problem.problem()).contains("can't be read", "enum"));
    }
  }

  @Test
  void accessThatNoMigrationGave_isAWarning() {
    try (Database database = withChampion();
        TestSql sql = TestSql.of(database)) {
      sql.run(
          "create policy open on public.bookings for select using (true)",
          "grant execute on function public.cleanup_expired_data(interval) to anon");
      Report report = verify(database);
      assertThat(report.ok()).isTrue();
      assertThat(problems(report, "No access beyond the migrations"))
          .extracting(Problem::object)
          .containsExactly(
              "policy open of public.bookings",
              "function grant to anon of public.cleanup_expired_data(interval)");
      for (Problem problem : problems(report)) {
        sql.run(problem.mend());
      }
      assertThat(problems(verify(database))).isEmpty();
    }
  }

  @Test
  void tablesAndPartsBeyondTheMigrations_areTheTeamsOwn() {
    try (Database database = withChampion();
        TestSql sql = TestSql.of(database)) {
      sql.run(
          "alter table public.profiles add column nickname text",
          "create index on public.profiles (nickname)",
          "create table public.their_own (id int references public.compatibility_model_versions)",
          "alter table public.their_own enable row level security");
      assertThat(problems(verify(database))).isEmpty();
    }
  }

  @Test
  void database_withoutMigrations_isToldToMigrateAndNothingElse() {
    try (Database database = TestDatabase.empty()) {
      Report report = verify(database);
      assertThat(report.ok()).isFalse();
      assertThat(report.statements()).isEmpty();
      assertThat(problems(report, "All critical tables present"))
          .hasSizeGreaterThan(40)
          .allSatisfy(problem -> assertThat(problem.mend()).isEqualTo("compat db migrate"));
      assertThat(problems(report, "Migration history complete")).hasSize(1);
    }
  }

  @Test
  void championMissing_isNamed() {
    try (Database database = TestDatabase.migrated();
        TestSql sql = TestSql.of(database)) {
      assertThat(problems(verify(database), "A champion model"))
          .extracting(Problem::mend)
          .containsExactly("compat db migrate");
      sql.run(CHAMPION, "update public.compatibility_model_versions set state = 'retired'");
      List<Problem> problems = problems(verify(database), "A champion model");
      sql.run(problems.getFirst().mend());
      assertThat(problems(verify(database))).isEmpty();
    }
  }

  @Test
  void rowsOfPeopleWhoAreGone_areNamed() {
    try (Database database = withChampion();
        TestSql sql = TestSql.of(database).as("compat_engine");
        TestSql superuser = TestSql.superuser(database)) {
      sql.run(
          "create table compat.pair_scores_r1 partition of compat.pair_scores for values in (1)",
          "create table compat.group_scores_r1 partition of compat.group_scores for values in (1)",
          "insert into compat.pair_scores values (1, gen_random_uuid(), 1, gen_random_uuid(), 1, 1, 1, 1, 1, 0, now())",
          "insert into compat.group_scores values (1, gen_random_uuid(), gen_random_uuid(), true, null, 1, 1, 1, 1, 1, 1, 0, now())",
          "insert into compat.quarantine values (gen_random_uuid(), 'under_age', 'x', now())");
      List<Problem> problems = problems(verify(database), "No orphaned rows");
      assertThat(problems)
          .extracting(Problem::object)
          .containsExactlyInAnyOrder(
              "compat.pair_scores", "compat.group_scores", "compat.quarantine");
      assertThat(problems)
          .extracting(Problem::problem)
          .allSatisfy(problem -> assertThat(problem).startsWith("has 1 row(s) of deleted people"));
      problems.forEach(problem -> superuser.run(problem.mend()));
      assertThat(problems(verify(database))).isEmpty();
    }
  }

  @Test
  void loginOfTheEngine_verifiesWhatItMaySee() {
    try (Database owned = withChampion();
        TestSql superuser = TestSql.superuser(owned)) {
      superuser.run("alter role compat_engine login");
      String url = TestDatabase.url(TestSql.name(owned), "compat_engine");
      try (Database database = TestDatabase.at(url)) {
        assertThat(problems(verify(database)))
            .extracting(Problem::object)
            .containsExactly("objects of kind bucket");
      }
    }
  }

  private static Database withChampion() {
    Database database = TestDatabase.migrated();
    try (TestSql sql = TestSql.of(database)) {
      sql.run(CHAMPION);
    }
    return database;
  }

  private static Report verify(Database database) {
    return new Verification(database, Progress.SILENT).report();
  }

  private static List<Problem> problems(Report report) {
    return report.checks().stream().flatMap(check -> check.problems().stream()).toList();
  }

  private static List<Problem> problems(Report report, String check) {
    return report.checks().stream()
        .filter(c -> c.name().equals(check))
        .flatMap(c -> c.problems().stream())
        .toList();
  }
}
