package social.trvl.compat.model.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class CalibrationTest {

  @Test
  void fit_findsSlopeAndOffset() {
    Random random = new Random(1);
    double[] logOdds = random.doubles(50_000, -300, 300).toArray();
    boolean[] labels = drawn(random, Arrays.stream(logOdds).map(x -> .01 * x - .7).toArray());
    Calibration fitted = Calibration.fit(logOdds, labels, ones(labels.length));
    assertThat(fitted.slope()).isCloseTo(.01, within(.0005));
    assertThat(fitted.offset()).isCloseTo(-.7, within(.05));
  }

  @Test
  void fit_aWrongOrderLeavesTheBaseRate() {
    Random random = new Random(2);
    double[] logOdds = random.doubles(5_000, -1, 1).toArray();
    boolean[] labels = drawn(random, Arrays.stream(logOdds).map(x -> .5 - x).toArray());
    Calibration fitted = Calibration.fit(logOdds, labels, ones(labels.length));
    assertThat(fitted.slope()).isZero();
    assertThat(Scored.probability(fitted.apply(3))).isCloseTo(.6, within(.03));
  }

  @Test
  void fit_oneOutcomeIsFinite() {
    Calibration fitted =
        Calibration.fit(new double[] {1, 2, 3}, new boolean[] {true, true, true}, ones(3));
    assertThat(fitted.apply(2)).isFinite();
  }

  @Test
  void shift_makesTheMeanTheBaseRate() {
    double[] logOdds = new Random(3).doubles(1_000, 2, 6).toArray();
    boolean[] labels = new boolean[1_000];
    Arrays.fill(labels, 0, 300, true);
    double shift = Calibration.shift(logOdds, labels, ones(labels.length));
    assertThat(Arrays.stream(logOdds).map(x -> Scored.probability(x + shift)).average().orElse(0))
        .isCloseTo(.3, within(.002));
  }

  @Test
  void fit_weightsCountOutcomesAsIfTheyStoodSoOften() {
    Calibration weighted =
        Calibration.fit(
            new double[] {1, 2, 3}, new boolean[] {true, false, true}, new double[] {1, 1, 2});
    Calibration repeated =
        Calibration.fit(
            new double[] {1, 2, 3, 3}, new boolean[] {true, false, true, true}, ones(4));
    assertThat(weighted.slope()).isCloseTo(repeated.slope(), within(1e-9));
    assertThat(weighted.offset()).isCloseTo(repeated.offset(), within(1e-9));
  }

  private static double[] ones(int count) {
    double[] ones = new double[count];
    Arrays.fill(ones, 1);
    return ones;
  }

  private static boolean[] drawn(Random random, double[] logOdds) {
    boolean[] labels = new boolean[logOdds.length];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = random.nextDouble() < Scored.probability(logOdds[i]);
    }
    return labels;
  }
}
