package social.trvl.compat.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.db.Database;
import social.trvl.compat.db.TestDatabase;
import social.trvl.compat.db.TestSql;
import social.trvl.compat.model.ModelRegistry.Entry;

class ModelRegistryTest {

  private Database database;
  private ModelRegistry registry;

  @BeforeEach
  void open() {
    database = TestDatabase.migrated();
    registry = new ModelRegistry(database);
    registry.registerBaseline();
  }

  @AfterEach
  void close() {
    database.close();
  }

  private Entry imported(String name) {
    return registry.register(ModelFixtures.challenger(name), "a test");
  }

  private String champion() {
    return registry.champion().label();
  }

  private List<String> events() {
    return column(
        "select concat_ws(' ', model, action, from_state, to_state, why, override) from compat.model_events order by event_id");
  }

  private List<String> column(String query) {
    try (TestSql sql = TestSql.of(database)) {
      return sql.column(query);
    }
  }

  @Test
  void register_ofAnArtefact_isACandidateWithItsOwnLineage() {
    Entry entry = imported("elsewhere");
    assertThat(entry.label()).isEqualTo("elsewhere 1");
    assertThat(entry.state()).isEqualTo(ModelState.CANDIDATE);
    assertThat(registry.artefact(entry.id())).isEqualTo(ModelFixtures.challenger("elsewhere"));
    assertThat(
            column(
                "select algorithm || ' ' || training_rows || ' ' || (training_sha256 = '%s') from public.compatibility_model_versions where id = %d"
                    .formatted(Artefact.sha256("elsewhere".getBytes(UTF_8)), entry.id())))
        .containsExactly("imported, additive 12345 true");
    refused(
        ExitCode.USAGE,
        () -> registry.register(ModelFixtures.challenger("elsewhere"), "again"),
        "is version %d (elsewhere 1) already".formatted(entry.id()));
  }

  @Test
  void register_ofADamagedArtefact_registersNothing() {
    byte[] artefact = ModelFixtures.challenger("damaged");
    artefact[artefact.length / 2] = '?';
    refused(ExitCode.BAD_INPUT, () -> registry.register(artefact, "a test"), "is refused");
    assertThat(column("select name from public.compatibility_model_versions"))
        .containsExactly("baseline");
  }

  @Test
  void require_findsByIdAndByNameAndVersion() {
    Entry entry = imported("additive");
    assertThat(registry.require(Integer.toString(entry.id()))).isEqualTo(entry);
    assertThat(registry.require(" additive   1 ")).isEqualTo(entry);
    for (String unknown : List.of("99", "additive", "additive 2", "99999999999", "")) {
      refused(
          ExitCode.NOT_FOUND,
          () -> registry.require(unknown),
          "no model version (" + unknown + ")",
          "compat model list");
    }
  }

  @Test
  void changes_areRecordedWithReasonsInTheirTransaction() {
    Entry one = imported("one");
    Entry two = imported("two");
    registry.shadow(one.id(), "looks promising");
    registry.promote(one.id(), 0, "is better", "the holdout is small");
    registry.reject(two.id(), "is worse");
    assertThat(events())
        .containsExactly(
            "baseline 0 register champion the baseline comes with the program",
            "one 1 register candidate a test",
            "two 1 register candidate a test",
            "one 1 shadow candidate shadow looks promising",
            "baseline 0 retire champion retired succeeded by one 1: is better",
            "one 1 promote shadow champion is better the holdout is small",
            "two 1 reject candidate rejected is worse");
    assertThat(column("select distinct who from compat.model_events"))
        .containsExactly(TestDatabase.OWNER);
    // A change by anybody else's hand, too.
    try (TestSql sql = TestSql.of(database)) {
      sql.run(
          "update public.compatibility_model_versions set state = 'retired' where state = 'champion'");
    }
    assertThat(events().getLast()).isEqualTo("one 1 change champion retired no reason was given");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "update compat.model_events set why = 'other'",
        "delete from compat.model_events",
        "truncate compat.model_events"
      })
  void events_cantBeChangedEvenByTheirOwner(String statement) {
    try (TestSql sql = TestSql.of(database)) {
      assertThatThrownBy(() -> sql.run(statement)).hasMessageContaining("append-only");
    }
    assertThat(events()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "insert into compat.model_events (model_version_id, model, action, why) values (0, 'x', 'promote', 'x')",
        "update compat.model_events set why = 'other'",
        "delete from compat.holdout_uses",
        "update compat.shadow_reports set report = '{}'"
      })
  void engine_mayNotRewriteTheRecord(String statement) {
    try (TestSql sql = TestSql.of(database).as("compat_engine")) {
      assertThatThrownBy(() -> sql.run(statement))
          .isInstanceOfSatisfying(
              TestSql.Refused.class, e -> assertThat(e.forLackOfPermission()).isTrue());
    }
  }

  @Test
  void promote_twoAtOnce_oneWinsAndTheOtherIsTold() throws Exception {
    int[] ids = {imported("one").id(), imported("two").id()};
    CyclicBarrier together = new CyclicBarrier(2);
    List<String> told = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      List<Future<Integer>> promotions = new ArrayList<>();
      for (int id : ids) {
        Callable<Integer> promotion =
            () -> {
              together.await();
              registry.promote(id, 0, "at once", null);
              return id;
            };
        promotions.add(threads.submit(promotion));
      }
      for (Future<Integer> promotion : promotions) {
        try {
          promotion.get();
        } catch (ExecutionException e) {
          assertThat(e.getCause())
              .isInstanceOfSatisfying(
                  CompatException.class, x -> assertThat(x.exitCode()).isEqualTo(ExitCode.BUSY));
          told.add(String.valueOf(e.getMessage()));
        }
      }
    }
    assertThat(told).hasSize(1);
    assertThat(told.getFirst())
        .contains("compared with version 0", champion(), "has become champion meanwhile");
    assertThat(events().stream().filter(event -> event.contains(" promote candidate "))).hasSize(1);
  }

  @Test
  void states_otherThanTheTableAllows_areRefusedAndChangeNothing() {
    int id = imported("one").id();
    registry.reject(id, "is worse");
    List<String> before = events();
    refused(
        ExitCode.USAGE, () -> registry.shadow(id, "again"), "is rejected", "can't become shadow");
    refused(ExitCode.USAGE, () -> registry.promote(id, 0, "again", "and again"), "become champion");
    refused(ExitCode.USAGE, () -> registry.reject(0, "no"), "is champion", "become rejected");
    refused(ExitCode.USAGE, () -> registry.shadow(0, " "), "can't become shadow");
    refused(ExitCode.USAGE, () -> registry.promote(0, 0, "is it", null), "is champion");
    refused(ExitCode.NOT_FOUND, () -> registry.reject(77, "no"), "no model version 77");
    int two = imported("two").id();
    before = new ArrayList<>(before);
    before.add("two 1 register candidate a test");
    refused(ExitCode.USAGE, () -> registry.shadow(two, " "), "A reason is needed");
    refused(ExitCode.USAGE, () -> registry.promote(two, 0, "a reason", ""), "A reason is needed");
    assertThat(events()).isEqualTo(before);
    assertThat(champion()).isEqualTo("baseline 0");
  }

  @Test
  void rollBack_goesBackChampionByChampion() {
    Entry one = imported("one");
    Entry two = imported("two");
    assertThat(registry.previousChampion()).isEmpty();
    registry.promote(one.id(), 0, "better", null);
    registry.promote(two.id(), one.id(), "still better", null);
    assertThat(registry.rollBack("worse").label()).isEqualTo("one 1");
    assertThat(champion()).isEqualTo("one 1");
    assertThat(registry.require("two 1").state()).isEqualTo(ModelState.RETIRED);
    // Not back to the one that was rolled back.
    assertThat(registry.rollBack("worse, too").label()).isEqualTo("baseline 0");
    refused(
        ExitCode.NOT_FOUND, () -> registry.rollBack("and on"), "No version was champion before");
    assertThat(champion()).isEqualTo("baseline 0");
    registry.promote(two.id(), 0, "was good after all", null);
    assertThat(registry.previousChampion()).map(Entry::label).contains("baseline 0");
    assertThat(events().getLast()).isEqualTo("two 1 promote retired champion was good after all");
  }

  @Test
  void verify_namesWhatIsWrong() {
    byte[] sound = ModelFixtures.challenger("sound");
    String sha256 = Artefact.sha256(sound);
    assertThat(Artefact.verify(sound, sha256))
        .extracting(Artefact.Check::name, Artefact.Check::ok)
        .containsExactly(
            tuple("SHA-256", true),
            tuple("format", true),
            tuple("no overflow", true),
            tuple("golden pairs", true));
    assertThat(failed(sound, "0".repeat(64))).containsExactly("SHA-256");
    byte[] newer = changed(sound, "\"format_version\" : 2", "\"format_version\" : 9");
    assertThat(failed(newer)).containsExactly("format", "no overflow", "golden pairs");
    byte[] large = changed(sound, "\"intercept\" : -734003", "\"intercept\" : 2147483647");
    assertThat(failed(large)).containsExactly("no overflow", "golden pairs");
    byte[] other = changed(sound, "\"intercept\" : -734003", "\"intercept\" : -734004");
    assertThat(failed(other)).containsExactly("golden pairs");
    assertThat(failed("no artefact".getBytes(UTF_8)))
        .containsExactly("format", "no overflow", "golden pairs");
  }

  private static List<String> failed(byte[] artefact) {
    return failed(artefact, Artefact.sha256(artefact));
  }

  private static List<String> failed(byte[] artefact, String sha256) {
    return Artefact.verify(artefact, sha256).stream()
        .filter(check -> !check.ok())
        .peek(check -> assertThat(check.detail()).isNotBlank())
        .map(Artefact.Check::name)
        .toList();
  }

  private static byte[] changed(byte[] artefact, String from, String to) {
    String text = new String(artefact, UTF_8);
    assertThat(text).contains(from);
    return text.replace(from, to).getBytes(UTF_8);
  }

  @Test
  void signedIn_seeWhichModelMadeAScoreButNoArtefact() {
    Entry entry = imported("seen");
    try (TestSql sql = TestSql.of(database).signedIn(new UUID(1, 1))) {
      assertThat(
              sql.column(
                  "select concat_ws(' ', id, name, version, state, algorithm, training_rows) from public.compatibility_models order by id"))
          .containsExactly(
              "0 baseline 0 champion documented weights, additive over pair-v1",
              entry.id() + " seen 1 candidate imported, additive 12345");
      assertThatThrownBy(() -> sql.column("select name from public.compatibility_model_versions"))
          .hasMessageContaining("permission denied");
    }
    try (TestSql sql = TestSql.of(database).as("anon")) {
      assertThatThrownBy(() -> sql.column("select name from public.compatibility_models"))
          .hasMessageContaining("permission denied");
    }
    assertThat(
            column(
                "select column_name from information_schema.columns where table_schema = 'public' and table_name = 'compatibility_models' order by 1"))
        .doesNotContain("artefact", "metrics", "hyperparameters");
  }

  private static void refused(ExitCode exitCode, ThrowingCallable call, String... parts) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            CompatException.class, e -> assertThat(e.exitCode()).isEqualTo(exitCode))
        .hasMessageContainingAll(parts);
  }
}
