package social.trvl.compat.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.config.NightlySettings;
import social.trvl.compat.config.Progress;
import social.trvl.compat.model.ModelFixtures;
import social.trvl.compat.model.ModelRegistry;
import social.trvl.compat.model.ShadowReport;
import social.trvl.compat.publish.Claim;
import social.trvl.compat.publish.Runs.Run;
import social.trvl.compat.report.RunReport;

/** A candidate beside the champion: what it would change, and that nobody notices. */
final class ShadowRunTest {

  private static final NightlySettings SETTINGS =
      Night.with(Night.settings(2, 3), Night.settings().scoring().with(15, null));

  private static int challenger(Night night) {
    ModelRegistry registry = new ModelRegistry(night.database);
    int id = registry.register(ModelFixtures.challenger("challenger"), "a test").id();
    registry.shadow(id, "a test");
    return id;
  }

  private static Run shadow(Night night, int id) {
    return shadow(night, id, SETTINGS, Progress.SILENT);
  }

  private static Run shadow(Night night, int id, NightlySettings settings, Progress progress) {
    return new NightlyRun(night.database, settings, Night.CLOCK, progress)
        .shadow(Integer.toString(id), Night.AS_OF, false);
  }

  private static ShadowReport report(Night night, int id) {
    return new ModelRegistry(night.database).shadowReport(id, 0).orElseThrow();
  }

  @Test
  void shadowRun_saysWhatThePublishedRunOfThatModelThenChanges() {
    try (Night night = Night.of(700, 5)) {
      night.start(SETTINGS);
      int id = challenger(night);
      Run run = shadow(night, id);
      assertThat(run.state()).isEqualTo("shadow");
      ShadowReport report = report(night, id);

      // The same model, published, for comparison by other means.
      new ModelRegistry(night.database).promote(id, 0, "a test", "a test");
      Run published = night.start(SETTINGS);
      assertThat(published.state()).isEqualTo("published");
      Map<String, Map<String, Integer>> before = ranks(night, 1);
      Map<String, Map<String, Integer>> after = ranks(night, published.runId());
      assertThat(report.runId()).isEqualTo(run.runId());
      assertThat(report.publishedRunId()).isEqualTo(1);
      assertThat(report.sameInputs()).isTrue();
      assertThat(report.people()).isEqualTo(before.size()).isGreaterThan(500);
      assertThat(report.overlap10().mean())
          .isCloseTo(meanOverlap(before, after, 10), within(1e-12));
      assertThat(report.overlap50().mean())
          .isCloseTo(meanOverlap(before, after, 50), within(1e-12));
      assertThat(report.overlap10().mean()).isBetween(0.01, 0.9);
      assertThat(Objects.requireNonNull(report.rankCorrelation()).mean())
          .isCloseTo(correlation(before, after), within(1e-9));
      assertThat(report.mostChanged()).hasSize(10);
      assertThat(report.mostChanged())
          .allSatisfy(change ->
              assertThat(change.overlap10())
                  .isEqualTo(
                      overlap(
                          list(before, change.userId().toString()),
                          list(after, change.userId().toString()),
                          10)));
      long inBoth =
          before.entrySet().stream()
              .mapToLong(list ->
                  list.getValue().keySet().stream()
                      .filter(list(after, list.getKey())::containsKey)
                      .count())
              .sum();
      assertThat(report.bands().stream().flatMap(List::stream).mapToLong(Long::longValue).sum())
          .isEqualTo(inBoth);
      assertThat(night.value("select exposure ->> 'gini' from compat.runs where run_id = 3"))
          .isEqualTo("%.4f".formatted(report.shadow().gini()).replace(',', '.'));
      assertThat(report.stabilityIndex()).isPositive();
    }
  }

  @Test
  void shadowRun_leavesReadersTheNightAndTheQuarantineAlone() {
    try (Night night = Night.of(700, 5)) {
      night.start(SETTINGS);
      List<String> published = night.checksum(1);
      List<String> tables = night.runTables();
      night.execute("update compat.quarantine set detail = 'as it was'");
      int id = challenger(night);
      List<String> claims = new ArrayList<>();
      Run run =
          shadow(
              night,
              id,
              SETTINGS,
              Meanwhile.beginning(
                  "checking rows",
                  () -> {
                    try (Claim claim = Claim.acquire(night.database, NightlyScoring.NAME)) {
                      claim.names(1);
                      claims.add("free");
                    }
                  }));
      assertThat(claims).as("a nightly run could have begun").containsExactly("free");
      assertThat(night.published()).isEqualTo(1);
      assertThat(night.checksum(1)).isEqualTo(published);
      assertThat(night.runTables()).as("the shadow's rows are dropped").isEqualTo(tables);
      assertThat(night.count("compat.group_cohesion where run_id = " + run.runId())).isZero();
      assertThat(night.rows("select distinct detail from compat.quarantine"))
          .containsExactly("as it was");
      assertThat(night.start(SETTINGS).state()).isEqualTo("unchanged");
      assertThat(new RunReport(night.database).newest(3))
          .extracting(RunReport.Summary::state)
          .containsExactly("unchanged", "shadow", "published");
      refused(
          ExitCode.NOT_FOUND,
          () -> night.publish(run.runId(), "no"),
          "is shadow",
          "no complete rows");
    }
  }

  @Test
  void shadowRun_interrupted_isResumedByTheNextAndNotByTheNight() {
    try (Night night = Night.of(700, 5)) {
      night.start(SETTINGS);
      int id = challenger(night);
      assertThatThrownBy(() ->
              shadow(
                  night,
                  id,
                  SETTINGS,
                  Meanwhile.beginning(
                      "scoring groups",
                      () -> {
                        throw new IllegalStateException("pulled the plug");
                      })))
          .hasStackTraceContaining("pulled the plug");
      assertThat(night.start(SETTINGS).state()).isEqualTo("unchanged");
      Run run = shadow(night, id);
      assertThat(run.runId()).isEqualTo(2);
      assertThat(run.state()).isEqualTo("shadow");
    }
  }

  @Test
  void shadowRun_ofAnythingElse_isRefused() {
    try (Night night = Night.of(700, 5)) {
      int id = challenger(night);
      refused(ExitCode.NOT_FOUND, () -> shadow(night, id), "Nothing is published yet");
      refused(ExitCode.USAGE, () -> shadow(night, 0), "is champion, not shadow", "model shadow 0");
      night.start(SETTINGS);
      refused(
          ExitCode.USAGE,
          () -> shadow(night, id, Night.settings(), Progress.SILENT),
          "with other parameters");
      new ModelRegistry(night.database)
          .promote(
              new ModelRegistry(night.database)
                  .register(ModelFixtures.challenger("other"), "a test")
                  .id(),
              0,
              "a test",
              "a test");
      refused(ExitCode.NOT_FOUND, () -> shadow(night, id), "has not published a run", "score run");
      assertThat(night.count("compat.runs")).isEqualTo(1);
    }
  }

  @Test
  void check_ofANewChampion_comparesWithItsShadowRun() {
    try (Night night = Night.of(700, 5)) {
      night.start(SETTINGS);
      int id = challenger(night);
      Run shadow = shadow(night, id);
      // As if the shadow run had scored quite otherwise.
      night.execute(
          "update compat.runs set score_histogram = array_fill(0::bigint, array[19]) || 10000::bigint where run_id = "
              + shadow.runId());
      new ModelRegistry(night.database).promote(id, 0, "a test", "a test");
      Run run = night.start(Night.with(SETTINGS, new NightlySettings.Checks(1, 1, 1, 0.25)));
      assertThat(run.state()).isEqualTo("withheld");
      assertThat(run.failedChecks())
          .singleElement()
          .asString()
          .contains("have shifted", "its shadow run");
    }
  }

  @Test
  void shadowReport_namesNobodyWhoIsGone() {
    try (Night night = Night.of(700, 5)) {
      night.start(SETTINGS);
      int id = challenger(night);
      shadow(night, id);
      String gone = report(night, id).mostChanged().getFirst().userId().toString();
      String other = report(night, id).mostChanged().get(1).userId().toString();
      night.execute("delete from auth.users where id = '%s'".formatted(gone));
      night.execute(
          "update public.profiles set account_status = 'deleted' where id = '%s'".formatted(other));
      assertThat(report(night, id).mostChanged())
          .hasSize(8)
          .extracting(change -> change.userId().toString())
          .doesNotContain(gone, other);
    }
  }

  /** For each person, the rank of each match. */
  private static Map<String, Map<String, Integer>> ranks(Night night, long runId) {
    return night
        .rows("select user_id, other_user_id, rank from compat.pair_scores where run_id = " + runId)
        .stream()
        .map(row -> row.split("\\|"))
        .collect(
            Collectors.groupingBy(
                row -> row[0],
                TreeMap::new,
                Collectors.toMap(row -> row[1], row -> Integer.valueOf(row[2]))));
  }

  private static Map<String, Integer> list(Map<String, Map<String, Integer>> ranks, String person) {
    return ranks.getOrDefault(person, Map.of());
  }

  private static double meanOverlap(
      Map<String, Map<String, Integer>> before, Map<String, Map<String, Integer>> after, int k) {
    return before.keySet().stream()
        .mapToDouble(person -> overlap(list(before, person), list(after, person), k))
        .average()
        .orElseThrow();
  }

  private static double overlap(Map<String, Integer> before, Map<String, Integer> after, int k) {
    long both =
        before.entrySet().stream()
            .filter(
                other -> other.getValue() <= k && after.getOrDefault(other.getKey(), k + 1) <= k)
            .count();
    return (double) both / Math.min(k, before.size());
  }

  private static double correlation(
      Map<String, Map<String, Integer>> before, Map<String, Map<String, Integer>> after) {
    return before.keySet().stream()
        .map(person -> {
          Map<String, Integer> then = list(after, person);
          return list(before, person).entrySet().stream()
              .filter(other -> then.containsKey(other.getKey()))
              .map(other -> new double[] {other.getValue(), then.getOrDefault(other.getKey(), 0)})
              .toList();
        })
        .filter(common -> common.size() >= 3)
        .mapToDouble(ShadowRunTest::pearson)
        .average()
        .orElseThrow();
  }

  private static double pearson(List<double[]> points) {
    double meanX = points.stream().mapToDouble(point -> point[0]).average().orElseThrow();
    double meanY = points.stream().mapToDouble(point -> point[1]).average().orElseThrow();
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (double[] point : points) {
      xy += (point[0] - meanX) * (point[1] - meanY);
      xx += (point[0] - meanX) * (point[0] - meanX);
      yy += (point[1] - meanY) * (point[1] - meanY);
    }
    return xy / Math.sqrt(xx * yy);
  }

  private static void refused(ExitCode exitCode, ThrowingCallable call, String... parts) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            CompatException.class, e -> assertThat(e.exitCode()).isEqualTo(exitCode))
        .hasMessageContainingAll(parts);
  }
}
