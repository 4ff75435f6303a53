package social.trvl.compat.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.db.Database;
import social.trvl.compat.db.MigrationScope;
import social.trvl.compat.db.Migrations;
import social.trvl.compat.db.Migrations.Layer;
import social.trvl.compat.db.TestDatabase;
import social.trvl.compat.db.TestSql;
import tools.jackson.databind.JsonNode;

class MigrateOptionsTest {

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

  @Test
  void target_belowTheEnginesNeed_leavesTheEngineOut() {
    CommandRun run = migrate("--target", "20240914_004");
    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .contains("7 migration(s) applied", "first 20240914_005_1 of layer platform")
        .contains("engine layer was left out", "20240914_007");
    assertThat(applied(Layer.PLATFORM))
        .containsExactly("20240914_001", "20240914_002", "20240914_003", "20240914_004");
    assertThat(applied(Layer.ENGINE)).isEmpty();
    assertThat(sql.value("select to_regclass('public.posts') is null")).isEqualTo("t");
    unfit("lacks", "first 20240914_005_1", "Run 'compat db migrate'");
    assertThat(CommandRun.of("score", "status", "--db-url", database.url()).exitCode())
        .isEqualTo(ExitCode.DATABASE_UNFIT.number());
  }

  @Test
  void target_thatTheEngineNeeds_bringsItAndTheFirstModel() {
    assertThat(migrate("--target", MigrationScope.ENGINE_NEEDS).exitCode()).isZero();
    assertThat(applied(Layer.PLATFORM).getLast()).isEqualTo(MigrationScope.ENGINE_NEEDS);
    assertThat(applied(Layer.ENGINE)).isNotEmpty();
    assertThat(champions()).isEqualTo("1");
  }

  @ParameterizedTest
  @CsvSource({
    "20240914_004, 20240914_004",
    "004_create_group_compatibility_tables.sql, 20240914_004",
    "004_create_group_compatibility_tables, 20240914_004",
    "V20240914_004__create_group_compatibility_tables.sql, 20240914_004",
    "005_add_personality_assessment_indexes.sql, 20240914_005_2",
  })
  void target_isAVersionOrAFileName(String target, String version) {
    assertThat(MigrationScope.of(null, target).target()).isEqualTo(version);
  }

  @ParameterizedTest
  @ValueSource(strings = {"20240914_04", "004_create_group_compatibility.sql", "2024-09-14 004"})
  void target_thatIsUnknown_isRefusedWithTheNearest(String target) {
    CommandRun run = migrate("--target", target);
    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE.number());
    assertThat(run.err())
        .contains(target, "20240914_004 (004_create_group_compatibility_tables.sql)");
    assertThat(sql.value("select to_regnamespace('compat_migrations') is null")).isEqualTo("t");
  }

  @Test
  void target_behindTheDatabase_changesNothing() {
    migrate("--target", "20240914_003");
    CommandRun run = migrate("--target", "20240914_001");
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("0 migration(s) applied");
    assertThat(applied(Layer.PLATFORM)).hasSize(3);
  }

  @Test
  void targets_oneAfterTheOther_leadToTheSameDatabase() {
    migrate();
    List<String> versions = applied(Layer.PLATFORM);
    try (Database stepwise = TestDatabase.empty()) {
      for (String version : versions) {
        CommandRun run =
            CommandRun.of("db", "migrate", "--db-url", stepwise.url(), "--target", version);
        assertThat(run.exitCode()).as(run.err()).isZero();
      }
      new Migrations(stepwise).requireCurrent();
    }
  }

  @Test
  void onlyPlatform_leavesTheEngineOut() {
    CommandRun run = migrate("--only", "platform", "--json");
    assertThat(run.exitCode()).isZero();
    assertThat(versions(run.json().get("applied"))).contains(MigrationScope.ENGINE_NEEDS);
    assertThat(versions(run.json().get("pending"))).startsWith("1");
    assertThat(sql.value("select to_regnamespace('compat') is null")).isEqualTo("t");
    unfit("layer engine, first 1");
  }

  @Test
  void onlyEngine_demandsThePlatform() {
    migrate("--target", "20240914_006");
    CommandRun refused = migrate("--only", "engine");
    assertThat(refused.exitCode()).isEqualTo(ExitCode.DATABASE_UNFIT.number());
    assertThat(refused.err())
        .contains("needs the platform at 20240914_007", "is at 20240914_006", "--target");

    migrate("--only", "platform");
    assertThat(migrate("--only", "engine").out()).contains("all up to date");
    assertThat(champions()).isEqualTo("1");
    new Migrations(database).requireCurrent();
  }

  @Test
  void onlyEngine_withATarget_isRefused() {
    CommandRun run = migrate("--only", "engine", "--target", "20240914_007");
    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE.number());
    assertThat(run.err()).contains("--target 20240914_007", "--only engine");
  }

  private CommandRun migrate(String... options) {
    String[] args = new String[options.length + 4];
    System.arraycopy(new String[] {"db", "migrate", "--db-url", database.url()}, 0, args, 0, 4);
    System.arraycopy(options, 0, args, 4, options.length);
    return CommandRun.of(args);
  }

  private List<String> applied(Layer layer) {
    return new Migrations(database)
        .status().stream()
            .filter(s -> s.layer() == layer && s.state().equals("applied"))
            .map(Migrations.Status::version)
            .toList();
  }

  private String champions() {
    return sql.value(
        "select count(*) from public.compatibility_model_versions where state = 'champion'");
  }

  private static List<String> versions(JsonNode statuses) {
    return StreamSupport.stream(statuses.spliterator(), false)
        .map(status -> status.get("version").asString())
        .toList();
  }

  private void unfit(String... parts) {
    assertThatThrownBy(new Migrations(database)::requireCurrent)
        .isInstanceOfSatisfying(
            CompatException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.DATABASE_UNFIT))
        .hasMessageContainingAll(parts);
  }
}
