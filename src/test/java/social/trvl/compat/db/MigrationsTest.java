package social.trvl.compat.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.flywaydb.core.api.MigrationVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.db.Migrations.Layer;
import social.trvl.compat.db.Migrations.Status;

class MigrationsTest {

  @ParameterizedTest
  @EnumSource
  void versions_ofALayer_areItsFilesInOrder(Layer layer) throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src/main/resources/db", layer.folder()))) {
      List<String> versions =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(".sql"))
              .map(name -> name.replaceAll("^V(.*?)__.*", "$1"))
              .sorted((a, b) -> version(a).compareTo(version(b)))
              .toList();
      assertThat(MigrationFiles.versions(layer)).isNotEmpty().isEqualTo(versions);
    }
  }

  private static MigrationVersion version(String text) {
    return MigrationVersion.fromVersion(text);
  }

  private static List<String> allVersions() {
    return Arrays.stream(Layer.values())
        .flatMap(layer -> MigrationFiles.versions(layer).stream())
        .toList();
  }

  @Test
  void migrate_ofAnEmptyDatabase_appliesEverythingOnce() {
    try (Database database = TestDatabase.empty()) {
      Migrations migrations = new Migrations(database);
      assertThat(migrations.status()).extracting(Status::version).isEqualTo(allVersions());
      assertThat(migrations.status())
          .allSatisfy(status -> {
            assertThat(status.state()).isEqualTo("pending");
            assertThat(status.appliedAt()).isNull();
          });
      unfit(migrations::requireCurrent, "lacks 3 migration(s) of layer supabase-shim", "first 1");

      assertThat(migrations.migrate()).extracting(Status::version).isEqualTo(allVersions());
      assertThat(migrations.migrate()).isEmpty();
      migrations.requireCurrent();
      assertThat(migrations.status()).extracting(Status::version).isEqualTo(allVersions());
      assertThat(migrations.status())
          .allSatisfy(status -> {
            assertThat(status.state()).isEqualTo("applied");
            assertThat(status.appliedAt()).isNotNull();
            assertThat(status.checksum()).isNotNull();
            assertThat(status.name()).isNotBlank();
          });
    }
  }

  @Test
  void platformsTooling_seesTheAppliedVersions() {
    try (Database database = TestDatabase.migrated();
        TestSql sql = TestSql.of(database)) {
      assertThat(
              sql.column(
                  "select replace(version, '.', '_') from supabase_migrations.schema_migrations where version <> '0' order by version"))
          .isEqualTo(MigrationFiles.versions(Layer.PLATFORM));
    }
  }

  @Test
  void database_ofANewerVersion_isRefused() {
    try (Database database = TestDatabase.migrated();
        TestSql sql = TestSql.of(database)) {
      sql.run(
          """
          insert into compat_migrations.engine
            (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success)
          values (99, '99', 'of tomorrow', 'SQL', 'V99__of_tomorrow.sql', 1, 'x', 1, true)
          """);
      Migrations migrations = new Migrations(database);
      String[] parts = {"newer version", "migration 99 of layer engine", "Update the program"};
      unfit(migrations::requireCurrent, parts);
      unfit(migrations::migrate, parts);
      assertThat(migrations.status().getLast().state()).isEqualTo("unknown");
    }
  }

  @Test
  void migration_ofAnotherContent_isRefused() {
    try (Database database = TestDatabase.migrated();
        TestSql sql = TestSql.of(database)) {
      sql.run("update compat_migrations.engine set checksum = 1 where version = '2'");
      Migrations migrations = new Migrations(database);
      unfit(migrations::migrate, "Migration 2 of layer engine", "another content");
      assertThat(migrations.status())
          .filteredOn(status -> status.state().equals("changed"))
          .extracting(Status::version)
          .containsExactly("2");
    }
  }

  @Test
  void migration_thatFails_leavesNothingBehindAndIsRetried() {
    try (Database database = TestDatabase.empty();
        TestSql sql = TestSql.of(database)) {
      // V1 of the engine makes the role and schema compat, then fails to make this one.
      sql.run("create schema batch");
      Migrations migrations = new Migrations(database);
      unfit(migrations::migrate, "Migrating layer engine", "rolled back", "already exists");
      assertThat(sql.value("select to_regnamespace('compat') is null")).isEqualTo("t");
      assertThat(sql.value("select to_regclass('public.profiles') is null"))
          .as("earlier layers stand")
          .isEqualTo("f");
      unfit(
          migrations::requireCurrent,
          "lacks %d migration(s) of layer engine, first 1"
              .formatted(MigrationFiles.versions(Layer.ENGINE).size()));

      sql.run("drop schema batch");
      assertThat(migrations.migrate())
          .extracting(Status::version)
          .isEqualTo(MigrationFiles.versions(Layer.ENGINE));
      migrations.requireCurrent();
    }
  }

  @Test
  void database_whereAuthAndStorageBelongToAnotherRole_isMigratedAsOnSupabase() {
    try (Database database = SupabaseLike.empty();
        TestSql superuser = TestSql.superuser(database)) {
      assertThat(
              superuser.value(
                  "select pg_has_role('supabase_like', 'supabase_auth_admin', 'member')"))
          .isEqualTo("f");
      assertThat(new Migrations(database).migrate()).hasSize(allVersions().size());
      new Migrations(database).requireCurrent();
    }
  }

  private static void unfit(ThrowingCallable call, String... parts) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            CompatException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.DATABASE_UNFIT))
        .hasMessageContainingAll(parts);
  }
}
