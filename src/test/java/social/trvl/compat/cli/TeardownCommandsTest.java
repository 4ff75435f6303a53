package social.trvl.compat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import social.trvl.compat.db.Database;
import social.trvl.compat.db.Migrations;
import social.trvl.compat.db.TestDatabase;
import social.trvl.compat.db.TestSql;
import social.trvl.compat.publish.Claim;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code compat db rollback} and {@code compat db reset} as they are typed. */
class TeardownCommandsTest {

  private static final UUID ANNA = new UUID(8, 1);

  private final Database database = TestDatabase.migrated();
  private final TestSql sql = TestSql.of(database);
  private final String name = TestSql.name(database);

  @BeforeEach
  void fill() {
    sql.person(ANNA)
        .run(
            "insert into public.groups (id, name, owner_id) values ('%1$s', 'Walkers', '%1$s')"
                .formatted(ANNA));
  }

  @AfterEach
  void close() {
    sql.close();
    database.close();
  }

  @Test
  void rollback_withoutYes_onlyShows() {
    Run run = db("rollback", "--to", "003_create_booking_payment_tables.sql");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("back to 20240914_003 create booking payment tables")
        .contains("The engine and its scores go too")
        .containsPattern("(?m)^engine +3 +access and erasure$")
        .containsPattern("(?m)^platform +20240914_004 +create group compatibility tables$")
        .doesNotContainPattern("(?m)^platform +20240914_003 ")
        .doesNotContain("supabase-shim")
        .containsPattern("(?m)^public.groups +1$")
        .containsPattern("(?m)^public.personality_assessments +1$")
        .containsPattern("(?m)^compat.profile_history +1$")
        .containsPattern("[0-9]+ row\\(s\\) lost in [0-9]+ table\\(s\\); [0-9]+ more are empty")
        .contains("Nothing was changed. Run it again with --yes");
    new Migrations(database).requireCurrent();
  }

  @Test
  void rollback_withYes_undoesAndMigratingAgainKeepsTheRowsThatStayed() {
    Run run = db("rollback", "--to", "20240914_003", "--yes");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .containsPattern("(?m)^public.groups +1$")
        .containsSubsequence(
            "undone  engine 3", "undone  engine 1", "undone  platform 20240914_004")
        .contains("migration(s) undone");
    assertThat(sql.value("select to_regclass('public.groups') is null")).isEqualTo("t");

    Run again = db("rollback", "--to", "20240914_003", "--yes");
    assertThat(again.exitCode()).as(again.err()).isZero();
    assertThat(again.out()).contains("Nothing to undo");

    assertThat(db("migrate").exitCode()).isZero();
    new Migrations(database).requireCurrent();
    assertThat(sql.value("select count(*) from public.profiles")).isEqualTo("1");
    assertThat(sql.value("select count(*) from public.groups")).isEqualTo("0");
  }

  @Test
  void rollback_asJson_tellsWhatIsLost() {
    Run run = db("rollback", "--to", "0", "--json");
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode json = JsonMapper.shared().readTree(run.out());
    assertThat(json.get("done").asBoolean()).isFalse();
    assertThat(json.get("to").asString()).isEqualTo("0");
    assertThat(json.get("engine").asBoolean()).isTrue();
    assertThat(json.get("undone")).hasSize(new Migrations(database).status().size());
    assertThat(json.get("undone").get(0).get("layer").asString()).isEqualTo("engine");
    List<String> lost = new ArrayList<>();
    json.get("lost")
        .forEach(table -> {
          if (table.get("rows").asLong() > 0) {
            lost.add(table.get("name").asString() + " " + table.get("rows").asLong());
          }
        });
    assertThat(lost)
        .contains("public.profiles 1", "public.groups 1", "auth.users 1")
        .noneMatch(table -> table.startsWith("compat_migrations"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          20240914_005          | There is no migration 20240914_005. The nearest: 20240914_00
          create_group_tables   | There is no migration create_group_tables. The nearest: 20240914_004_create_group_compatibility_tables
          '; drop table x'      | There is no migration ; drop table x
          """)
  void rollback_toWhatIsNoMigration_isRefusedWithTheNearest(String to, String message) {
    Run run = db("rollback", "--to", to, "--yes");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains(message, "'compat db status' lists all; 0 means nothing at all");
    new Migrations(database).requireCurrent();
  }

  @Test
  void rollback_toWhatIsNotApplied_isRefused() {
    assertThat(db("rollback", "--to", "001_create_user_tables", "--yes").exitCode()).isZero();
    Run run = db("rollback", "--to", "20240914_004", "--yes");
    assertThat(run.exitCode()).isEqualTo(5);
    assertThat(run.err())
        .contains(
            "Migration 20240914_004 is not applied",
            "The newest that is: 20240914_001_create_user_tables");
  }

  @Test
  void rollbackAndReset_whileTheNightlyRunHoldsItsClaim_areRefused() {
    try (Claim claim = Claim.acquire(database, "nightly-scoring")) {
      assertThat(claim).isNotNull();
      for (Run run :
          List.of(
              db("rollback", "--to", "20240914_003", "--yes"),
              db("reset", "--yes-delete-everything", "--database", name))) {
        assertThat(run.exitCode()).isEqualTo(6);
        assertThat(run.err()).contains("The job nightly-scoring is claimed by process");
      }
      assertThat(db("rollback", "--to", "20240914_003").exitCode()).as("looking").isZero();
    }
    new Migrations(database).requireCurrent();
  }

  @Test
  void reset_ofADatabaseWithRows_needsItsName() {
    Run shown = db("reset");
    assertThat(shown.exitCode()).as(shown.err()).isZero();
    assertThat(shown.out())
        .containsPattern("(?m)^public.profiles +1$")
        .contains("Nothing was changed. Run it again with --yes-delete-everything");

    Run unnamed = db("reset", "--yes-delete-everything");
    assertThat(unnamed.exitCode()).isEqualTo(2);
    assertThat(unnamed.err())
        .contains("row(s): nothing was deleted", "name it: --database " + name);

    Run misnamed = db("reset", "--yes-delete-everything", "--database", "production");
    assertThat(misnamed.exitCode()).isEqualTo(2);
    assertThat(misnamed.err())
        .contains("The database is called %s, not production: nothing was deleted".formatted(name));
    new Migrations(database).requireCurrent();
  }

  @Test
  void reset_withItsName_deletesEverythingAndMigrateBeginsAnew() {
    sql.run(
        "create view public.of_another_program as select * from public.groups",
        "create table public.also_of_another (id uuid references auth.users (id))",
        "alter default privileges in schema public grant select on tables to authenticated");
    Run run = db("reset", "--yes-delete-everything", "--database", name);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("dropped with what depended on it: platform 20240914_004: cannot drop table")
        .contains("Everything is deleted. 'compat db migrate' begins anew.");
    assertThat(
            sql.column(
                "select nspname from pg_catalog.pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'"))
        .containsExactly("public");
    assertThat(
            sql.value(
                "select count(*) from pg_catalog.pg_class where relnamespace = 'public'::regnamespace"))
        .isEqualTo("0");
    assertThat(
            sql.column(
                "select nspacl::text || nspowner::regrole from pg_catalog.pg_namespace where nspname = 'public'"))
        .containsExactly(
            "{pg_database_owner=UC/pg_database_owner,=U/pg_database_owner}pg_database_owner");
    assertThat(sql.value("select defaclacl::text from pg_catalog.pg_default_acl"))
        .contains("authenticated=r/");

    Run again = db("reset", "--yes-delete-everything");
    assertThat(again.exitCode()).as("nothing there: no name needed. " + again.err()).isZero();

    Run migrate = db("migrate");
    assertThat(migrate.exitCode()).as(migrate.err()).isZero();
    new Migrations(database).requireCurrent();
  }

  private record Run(int exitCode, String out, String err) {}

  private Run db(String... arguments) {
    List<String> line = new ArrayList<>(List.of("db", arguments[0]));
    line.addAll(List.of("--db-url", database.url()));
    line.addAll(Arrays.asList(arguments).subList(1, arguments.length));
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    ByteArrayOutputStream complained = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(written, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
      int exitCode = CommandLineApp.run(line.toArray(String[]::new));
      return new Run(
          exitCode,
          written.toString(StandardCharsets.UTF_8),
          complained.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }
}
