package social.trvl.compat.model.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import social.trvl.compat.model.ShadowReport;
import social.trvl.compat.model.ShadowReport.Exposure;
import social.trvl.compat.model.ShadowReport.Spread;
import social.trvl.compat.model.training.PromotionGate.Condition;
import social.trvl.compat.model.training.Report.Holdout;
import social.trvl.compat.model.training.Report.Improvement;
import social.trvl.compat.model.training.Report.Interval;
import social.trvl.compat.model.training.Report.Scores;

/** The gate on planted metrics: all well, and then one thing wrong at a time. */
class PromotionGateTest {

  /** Metrics that pass, and what a test changes about them. */
  static final class Planted {
    private boolean sufficient = true;
    private double aucLow = 0.62;
    private double logLoss = 0.60;
    private double calibrationError = 0.03;
    private double aucOverChampion = 0.01;
    private double logLossOverChampion = 0.002;
    private double aucOverBaseline = 0.01;
    private double logLossOverBaseline = 0.002;
    private List<String> failedChecks = List.of();
    private boolean shadowed = true;
    private boolean championIsBaseline;

    private static Scores scores(Interval auc, double logLoss, double calibrationError) {
      Interval one = new Interval(1, 1, 1);
      return new Scores(
          auc,
          new Interval(logLoss, logLoss - 0.01, logLoss + 0.01),
          one,
          new Interval(calibrationError, 0, 1),
          one,
          null);
    }

    private static Interval from(double low) {
      return new Interval(low + 0.02, low, low + 0.04);
    }

    Report report() {
      Instant time = Instant.EPOCH;
      return new Report(
          new Holdout(
              "0".repeat(64),
              600,
              sufficient ? 300 : 500,
              sufficient ? 300 : 100,
              90,
              80,
              time,
              time,
              null,
              false,
              sufficient,
              sufficient ? 0 : 100,
              0,
              1),
          Map.of(
              Evaluation.MODEL, scores(from(aucLow), logLoss, calibrationError),
              Evaluation.BASE_RATE, scores(new Interval(.5, .5, .5), 0.66, 0)),
          Map.of(
              Evaluation.CHAMPION,
                  new Improvement(from(aucOverChampion), from(logLossOverChampion)),
              Evaluation.BASELINE,
                  new Improvement(from(aucOverBaseline), from(logLossOverBaseline))),
          null,
          List.of(),
          null,
          null);
    }

    Optional<ShadowReport> shadow() {
      Spread spread = new Spread(.5, .1, .5, .9);
      Exposure exposure = new Exposure(.1, 100, .4);
      return shadowed
          ? Optional.of(
              new ShadowReport(
                  7,
                  6,
                  true,
                  10,
                  spread,
                  spread,
                  spread,
                  List.of(),
                  0.1,
                  exposure,
                  exposure,
                  failedChecks,
                  List.of()))
          : Optional.empty();
    }

    List<Condition> failed() {
      return PromotionGate.conditions(report(), championIsBaseline, shadow()).stream()
          .filter(condition -> !condition.ok())
          .toList();
    }
  }

  @Test
  void gate_allWell_passes() {
    assertThat(new Planted().failed()).isEmpty();
    assertThat(PromotionGate.conditions(new Planted().report(), false, new Planted().shadow()))
        .extracting(Condition::name)
        .containsExactly(
            "enough held-out pairs",
            "AUC",
            "AUC over the champion",
            "log loss over the champion",
            "AUC over the baseline",
            "log loss over the baseline",
            "log loss better than the base rate",
            "calibration error",
            "golden pairs",
            "shadow report",
            "exposure and rows within the job's bounds");
  }

  static Stream<Arguments> faults() {
    Planted few = new Planted();
    few.sufficient = false;
    Planted chance = new Planted();
    chance.aucLow = 0.49;
    Planted exactlyChance = new Planted();
    exactlyChance.aucLow = 0.5;
    Planted auc = new Planted();
    auc.aucOverChampion = -0.004;
    Planted equal = new Planted();
    equal.aucOverChampion = 0;
    Planted loss = new Planted();
    loss.logLossOverChampion = -0.0012;
    Planted baseline = new Planted();
    baseline.aucOverBaseline = -0.5;
    Planted baselineLoss = new Planted();
    baselineLoss.logLossOverBaseline = -0.25;
    Planted baseRate = new Planted();
    baseRate.logLoss = 0.67;
    Planted uncalibrated = new Planted();
    uncalibrated.calibrationError = 0.0312;
    Planted unseen = new Planted();
    unseen.shadowed = false;
    Planted exposed = new Planted();
    exposed.failedChecks = List.of("the Gini coefficient of listings is 0.900");
    return Stream.of(
        Arguments.of(few, "enough held-out pairs", "not promotable", "100 more of the rarer"),
        Arguments.of(chance, "AUC", "(0.4900 to 0.5300)", "0.0100 short"),
        Arguments.of(exactlyChance, "AUC", "must be above 0.5", "0.0000 short"),
        Arguments.of(auc, "AUC over the champion", "0.0160 (-0.0040", "0.0040 short"),
        Arguments.of(equal, "AUC over the champion", "must be above 0", "short"),
        Arguments.of(loss, "log loss over the champion", "-0.0012", "0.0012 short"),
        Arguments.of(baseline, "AUC over the baseline", "-0.5000", "0.5000 short"),
        Arguments.of(baselineLoss, "log loss over the baseline", "-0.2500", "0.2500 short"),
        Arguments.of(
            baseRate, "log loss better than the base rate", "0.6700 against", "worse by 0.0100"),
        Arguments.of(uncalibrated, "calibration error", "0.0312", "0.0012 too much"),
        Arguments.of(unseen, "shadow report", "none against this champion", "--shadow"),
        Arguments.of(exposed, "exposure and rows within the job's bounds", "Gini", "is 0.900"));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void gate_oneThingWrong_saysWhichAndByHowMuch(
      Planted planted, String condition, String figure, String byHowMuch) {
    assertThat(planted.failed())
        .singleElement()
        .satisfies(failed -> {
          assertThat(failed.name()).isEqualTo(condition);
          assertThat(failed.detail()).contains(figure, byHowMuch);
        });
  }

  @Test
  void gate_againstTheBaselineAsChampion_comparesOnce() {
    Planted planted = new Planted();
    planted.championIsBaseline = true;
    // A champion that is the baseline is measured as the baseline.
    planted.aucOverChampion = -1;
    assertThat(planted.failed()).isEmpty();
    planted.aucOverBaseline = -1;
    assertThat(planted.failed())
        .extracting(Condition::name)
        .containsExactly("AUC over the baseline");
  }

  @Test
  void gate_withoutScores_neverPasses() {
    Planted planted = new Planted();
    planted.sufficient = false;
    Report report = planted.report();
    Report empty = new Report(report.holdout(), Map.of(), Map.of(), null, List.of(), null, null);
    assertThat(PromotionGate.conditions(empty, true, planted.shadow()))
        .anySatisfy(condition -> assertThat(condition.ok()).isFalse());
  }
}
