package social.trvl.compat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import social.trvl.compat.config.DatabaseSettings;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.db.Database;
import social.trvl.compat.db.Migrations;
import social.trvl.compat.db.Migrations.Layer;
import social.trvl.compat.db.Migrations.Status;
import social.trvl.compat.db.TestDatabase;
import social.trvl.compat.db.TestSql;
import tools.jackson.databind.JsonNode;

class MigrationStatusTest {

  private Database database;
  private TestSql sql;

  @BeforeEach
  void open() {
    database = TestDatabase.empty();
    sql = TestSql.of(database);
  }

  @AfterEach
  void close() {
    sql.close();
    database.close();
  }

  /** Migrates a database, in a process that can be killed. */
  static final class OtherProcess {
    private OtherProcess() {}

    public static void main(String[] args) {
      try (Database database =
          Database.open(new DatabaseSettings(args[0], null, null, Path.of("target/unused")))) {
        new Migrations(database).migrate();
      }
    }
  }

  /** Versions as far as they exist; the guide has them all. */
  @ParameterizedTest
  @CsvSource({
    "1, Core Foundation, 20240914_001 20240914_002 20240914_003 20240914_004",
    "2, Social Features, 20240914_005_1 20240914_005_2 20240914_006 20240914_007",
    "3, Payment Integration, 20240914_008",
    "4, Communication System, 20250914_009 20250914_010",
    "5, Advanced Features, 20250915_001 20250915_010_1 20250915_010_2 20250915_010_3",
    "6, Business Operations, 20250915_011_1 20250915_011_2 20250915_011_3 20250915_011_4 20250915_011_5 20250915_011_6 20250915_011_7 20250915_011_8",
    "7, Analytics & Monitoring, 20250915_012 20250915_020"
  })
  void phases_areTheGuides(int number, String name, String versions) {
    List<String> ofThePhase = List.of(versions.split(" ", -1));
    for (Status status : new Migrations(database).status()) {
      boolean expected = status.layer() == Layer.PLATFORM && ofThePhase.contains(status.version());
      assertThat(
              status.phase() != null && status.phase().equals(new Migrations.Phase(number, name)))
          .as(status.toString())
          .isEqualTo(expected);
    }
  }

  @Test
  void phases_areThePlatformsAlone() {
    for (Status status : new Migrations(database).status()) {
      assertThat(status.phase() == null)
          .as(status.toString())
          .isEqualTo(status.layer() != Layer.PLATFORM);
    }
  }

  @Test
  void failure_isToldUntilItIsMended() {
    sql.run("create table public.groups (in_the_way integer)");
    CommandRun failed = CommandRun.of("db", "migrate", "--db-url", database.url());
    assertThat(failed.exitCode()).isEqualTo(ExitCode.DATABASE_UNFIT.number());
    assertThat(failed.err())
        .contains("failed at 20240914_004", "\"groups\" already exists", "compat db migrate");

    CommandRun text = CommandRun.of("db", "status", "--db-url", database.url());
    assertThat(text.exitCode()).isZero();
    assertThat(text.out())
        .contains("20240914_004 of layer platform failed at ", "\"groups\" already exists")
        .contains("Mend the cause, then: compat db migrate");
    JsonNode status = status("20240914_004");
    assertThat(status.get("state").asString()).isEqualTo("failed");
    assertThat(status.get("failure").get("error").asString()).contains("already exists");
    assertThat(status.get("failure").get("failed_at").asString()).endsWith("Z");
    assertThat(status.get("failure").get("retry").asString()).contains("compat db migrate");
    assertThat(status.get("phase").get("number").asInt()).isEqualTo(1);
    assertThat(status("20240914_003").get("state").asString()).isEqualTo("applied");
    assertThat(status("20240914_005_1").get("state").asString()).isEqualTo("pending");

    // Once more with another cause: the newest counts.
    sql.run("drop table public.groups", "create table public.group_members (i integer)");
    CommandRun.of("db", "migrate", "--db-url", database.url());
    assertThat(status("20240914_004").get("failure").get("error").asString())
        .contains("\"group_members\" already exists");

    sql.run("drop table public.group_members");
    CommandRun mended = CommandRun.of("db", "migrate", "--db-url", database.url());
    assertThat(mended.exitCode()).as(mended.err()).isZero();
    assertThat(status("20240914_004").get("state").asString()).isEqualTo("applied");
    assertThat(status("20240914_004").get("failure").isNull()).isTrue();
    assertThat(sql.value("select count(*) from compat_migrations.failures")).isEqualTo("0");
  }

  @Test
  void failure_isForgottenAlthoughALaterMigrationFails() {
    sql.run(
        "create table public.groups (in_the_way integer)", "create table public.posts (i integer)");
    CommandRun.of("db", "migrate", "--db-url", database.url());
    sql.run("drop table public.groups");
    CommandRun.of("db", "migrate", "--db-url", database.url());
    assertThat(sql.column("select version from compat_migrations.failures"))
        .containsExactly("20240914_005_1");
    assertThat(status("20240914_004").get("state").asString()).isEqualTo("applied");
  }

  @Test
  @Timeout(120)
  void killedMigration_isPendingAndContinued() throws IOException, InterruptedException {
    CommandRun.of("db", "migrate", "--db-url", database.url(), "--target", "20240914_003");
    TestSql holder = TestSql.of(database);
    // The next one's foreign keys make it wait for this.
    holder.run("begin", "lock table public.profiles in access exclusive mode");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                OtherProcess.class.getName(),
                database.url())
            .inheritIO()
            .start();
    String waiting =
        "select count(*) > 0 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
    while (sql.value(waiting).equals("f")) {
      assertThat(process.isAlive()).isTrue();
      Thread.sleep(50);
    }
    process.destroyForcibly().waitFor();
    holder.close();

    CommandRun text = CommandRun.of("db", "status", "--db-url", database.url());
    assertThat(text.out()).contains("pending; an interrupted one has left nothing behind");
    assertThat(text.out()).contains("To continue: compat db migrate");
    assertThat(status("20240914_004").get("state").asString()).isEqualTo("pending");

    CommandRun continued = CommandRun.of("db", "migrate", "--db-url", database.url());
    assertThat(continued.exitCode()).as(continued.err()).isZero();
    new Migrations(database).requireCurrent();
  }

  /** As a process of its own would print it. The version is one of the platform's. */
  private JsonNode status(String version) {
    JsonNode all = CommandRun.of("db", "status", "--json", "--db-url", database.url()).json();
    return StreamSupport.stream(all.spliterator(), false)
        .filter(status -> status.get("version").asString().equals(version))
        .findFirst()
        .orElseThrow();
  }
}
