package social.trvl.compat.model.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class ScoredTest {

  /** Couples of satisfied and not: 3 > 2, 3 > 1, 1 = 1 half, 1 < 2 lost: 2.5 of 4. */
  @Test
  void auc_countsCouplesInTheRightOrderAndTiesHalf() {
    double[] figures = figures(new double[] {3, 2, 1, 1}, true, false, true, false);
    assertThat(figures[Scored.AUC]).isEqualTo(2.5 / 4);
  }

  @Test
  void auc_ofAConstantIsHalf() {
    assertThat(figures(new double[5], true, false, true, false, false)[Scored.AUC]).isEqualTo(.5);
  }

  @Test
  void auc_isNotANumberWithOneOutcome() {
    assertThat(figures(new double[] {1, 2}, true, true)[Scored.AUC]).isNaN();
  }

  @Test
  void auc_weightsCountPairsAsIfTheyStoodSoOften() {
    Scored once = new Scored(new double[] {3, 2, 1}, new boolean[] {true, false, true}, List.of());
    double[] repeated = figures(new double[] {3, 3, 2, 1}, true, true, false, true);
    assertThat(once.figures(new double[] {2, 1, 1})[Scored.AUC]).isEqualTo(repeated[Scored.AUC]);
  }

  /** Probabilities ¾ and ¼, the first right, the second wrong. */
  @Test
  void lossAndBrier_areThoseOfTheProbabilities() {
    double odds = Math.log(3);
    double[] figures = figures(new double[] {odds, -odds}, true, true);
    assertThat(figures[Scored.LOG_LOSS])
        .isCloseTo(-(Math.log(.75) + Math.log(.25)) / 2, within(1e-12));
    assertThat(figures[Scored.BRIER]).isCloseTo((.0625 + .5625) / 2, within(1e-12));
  }

  @Test
  void logLoss_isFiniteFarOut() {
    assertThat(Scored.logLoss(-800, true)).isEqualTo(800);
    assertThat(Scored.logLoss(800, true)).isZero();
  }

  /** Of ten pairs the best one is satisfied, of all ten two: five times as many. */
  @Test
  void lift_isTheShareAmongTheBestTenthOverTheShareOfAll() {
    double[] logOdds = IntStream.range(0, 10).mapToDouble(i -> -i).toArray();
    double[] figures =
        figures(logOdds, true, false, false, false, true, false, false, false, false, false);
    assertThat(figures[Scored.LIFT_10]).isEqualTo(5);
    assertThat(
            figures(
                new double[10], true, false, false, false, true, false, false, false, false, false)[
                Scored.LIFT_10])
        .isCloseTo(1, within(1e-12));
  }

  /** Ranks 1 and 3 satisfied of three: (1 + 1/2) of (1 + 1/log2 3). */
  @Test
  void ndcg_discountsByRank() {
    Scored scored =
        new Scored(
            new double[] {3, 2, 1},
            new boolean[] {true, false, true},
            List.of(new int[] {0, 1, 2}));
    assertThat(scored.figures(new double[] {1, 1, 1})[Scored.NDCG_10])
        .isCloseTo(1.5 / (1 + Math.log(2) / Math.log(3)), within(1e-12));
  }

  @Test
  void ndcg_isNotANumberWithoutPeople() {
    assertThat(figures(new double[] {1, 2}, true, false)[Scored.NDCG_10]).isNaN();
  }

  @Test
  void calibrationError_isSmallForTheTruthAndTellsAnOffset() {
    Random random = new Random(3);
    int n = 4_000;
    double[] logOdds = random.doubles(n, -2, 2).toArray();
    boolean[] labels = new boolean[n];
    for (int i = 0; i < n; i++) {
      labels[i] = random.nextDouble() < Scored.probability(logOdds[i]);
    }
    assertThat(figures(logOdds, labels)[Scored.CALIBRATION_ERROR]).isLessThan(.015);
    double[] off = Arrays.stream(logOdds).map(x -> x + .5).toArray();
    assertThat(figures(off, labels)[Scored.CALIBRATION_ERROR]).isBetween(.08, .12);
  }

  @Test
  void bins_holdAllRowsInOrder() {
    double[] logOdds = new Random(4).doubles(1_000, -2, 2).toArray();
    boolean[] labels = new boolean[1_000];
    List<Report.Bin> bins = new Scored(logOdds, labels, List.of()).bins(ones(1_000));
    assertThat(bins).hasSize(5);
    assertThat(bins.stream().mapToInt(Report.Bin::rows).sum()).isEqualTo(1_000);
    for (int i = 1; i < bins.size(); i++) {
      assertThat(bins.get(i).from()).isGreaterThan(bins.get(i - 1).to());
    }
  }

  private static double[] figures(double[] logOdds, boolean... labels) {
    return new Scored(logOdds, labels, List.of()).figures(ones(logOdds.length));
  }

  private static double[] ones(int count) {
    double[] ones = new double[count];
    Arrays.fill(ones, 1);
    return ones;
  }
}
