package social.trvl.compat.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import social.trvl.compat.config.NightlySettings.Checks;

final class RunChecksTest {

  private static final Checks BOUNDS = new Checks(.05, .6, .85, .25);

  @Test
  void exposure_everybodyAlike_hasGiniZero() {
    RunChecks.Exposure exposure = RunChecks.exposure(new int[] {7, 7, 7, 7});
    assertThat(exposure.gini()).isCloseTo(0, within(1e-12));
    assertThat(exposure.neverListedShare()).isZero();
    assertThat(exposure.longestReach()).isEqualTo(7);
  }

  @Test
  void exposure_allToOne_hasGiniOneLessOneShare() {
    RunChecks.Exposure exposure = RunChecks.exposure(new int[] {0, 0, 0, 12});
    assertThat(exposure.gini()).isCloseTo(.75, within(1e-12));
    assertThat(exposure.neverListedShare()).isEqualTo(.75);
    assertThat(exposure.longestReach()).isEqualTo(12);
  }

  /** 0, 1, 3: the mean of |difference| over all nine pairs is 12 / 9, twice the mean is 8 / 3. */
  @Test
  void exposure_byHand() {
    RunChecks.Exposure exposure = RunChecks.exposure(new int[] {0, 1, 3});
    assertThat(exposure.gini()).isCloseTo(.5, within(1e-12));
    assertThat(exposure.neverListedShare()).isCloseTo(1 / 3.0, within(1e-12));
    assertThat(exposure.toJson())
        .isEqualTo("{\"never_listed_share\": 0.3333, \"longest_reach\": 3, \"gini\": 0.5000}");
  }

  @Test
  void exposure_nobodyListedOrNobodyThere_isZero() {
    assertThat(RunChecks.exposure(new int[0])).isEqualTo(new RunChecks.Exposure(0, 0, 0));
    assertThat(RunChecks.exposure(new int[5])).isEqualTo(new RunChecks.Exposure(1, 0, 0));
  }

  @Test
  void stabilityIndex_sameShapeOfAnotherSize_isZero() {
    assertThat(RunChecks.stabilityIndex(new Long[] {10L, 30L, 60L}, new long[] {20, 60, 120}))
        .isCloseTo(0, within(1e-12));
  }

  /** (.3 − .5) ln(.3 / .5) + (.7 − .5) ln(.7 / .5). */
  @Test
  void stabilityIndex_byHand() {
    assertThat(RunChecks.stabilityIndex(new Long[] {50L, 50L}, new long[] {30, 70}))
        .isCloseTo(.10216512 + .06729445, within(1e-7));
    assertThat(RunChecks.stabilityIndex(new Long[] {0L, 100L}, new long[] {0, 100})).isZero();
    assertThat(RunChecks.stabilityIndex(new Long[] {0L, 100L}, new long[] {100, 0})).isFinite();
  }

  @Test
  void failures_eachBoundHasItsSentence() {
    long[] histogram = new long[20];
    histogram[10] = 1000;
    Long[] before = new Long[20];
    Arrays.fill(before, 0L);
    before[12] = 1000L;
    RunChecks.Counts counts =
        new RunChecks.Counts(3, .06, histogram, new RunChecks.Exposure(.61, 900, .86));
    assertThat(counts.failures(BOUNDS, 1000, 50, before, OptionalDouble.of(.9499)))
        .satisfiesExactly(
            first ->
                assertThat(first)
                    .isEqualTo(
                        "3 of 100 lists read back from the database differ from what was computed"),
            recall -> assertThat(recall).contains("hold 95.0 %", "at least 95.0 %", "surrogate"),
            third -> assertThat(third).contains("6.0 %", "5.0 %", "checks.maxWithoutMatchesShare"),
            fourth -> assertThat(fourth).contains("61.0 %", "60.0 %", "checks.maxNeverListedShare"),
            fifth -> assertThat(fifth).contains("0.860", "0.850", "checks.maxGini"),
            sixth -> assertThat(sixth).contains("0.250", "checks.maxStabilityIndex"));
    assertThat(counts.failures(BOUNDS, 999, 50, null, OptionalDouble.empty())).hasSize(1);
  }

  @Test
  void failures_atTheBounds_none() {
    RunChecks.Counts counts =
        new RunChecks.Counts(0, .05, new long[20], new RunChecks.Exposure(.6, 9, .85));
    assertThat(counts.failures(BOUNDS, 1000, 50, null, OptionalDouble.of(.95))).isEmpty();
  }
}
