package social.trvl.compat.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScoreScaleTest {

  @Test
  void hundredths_aroundEachStep_equalTheFormula() {
    for (int score = 1; score <= 10_000; score++) {
      int step = firstLogOddsOf(score);
      for (int logOdds = step - 1; logOdds <= step + 1; logOdds++) {
        assertThat(ScoreScale.hundredths(logOdds))
            .as("log-odds %d, around score %d", logOdds, score)
            .isEqualTo(formula(logOdds));
      }
      assertThat(ScoreScale.hundredths(step)).isEqualTo(score);
      assertThat(ScoreScale.hundredths(step - 1)).isEqualTo(score - 1);
    }
  }

  @Test
  void hundredths_ofRandomLogOdds_equalTheFormula() {
    Random random = new Random(11);
    for (int i = 0; i < 100_000; i++) {
      int anywhere = random.nextInt();
      int inTheMiddle = random.nextInt(-12 * ScoreScale.ONE, 12 * ScoreScale.ONE);
      assertThat(ScoreScale.hundredths(anywhere)).isEqualTo(formula(anywhere));
      assertThat(ScoreScale.hundredths(inTheMiddle)).isEqualTo(formula(inTheMiddle));
    }
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        Integer.MIN_VALUE,
        Integer.MIN_VALUE + 1,
        -16 * ScoreScale.ONE - 1,
        -16 * ScoreScale.ONE,
        -16 * ScoreScale.ONE + 1,
        -1025,
        -1024,
        -1023,
        -1,
        0,
        1,
        1023,
        1024,
        16 * ScoreScale.ONE - 1,
        16 * ScoreScale.ONE,
        16 * ScoreScale.ONE + 1,
        Integer.MAX_VALUE
      })
  void hundredths_atExtremes_equalTheFormula(int logOdds) {
    assertThat(ScoreScale.hundredths(logOdds)).isEqualTo(formula(logOdds));
  }

  @ParameterizedTest
  @CsvSource({"-2147483648, 0", "0, 5000", "2147483647, 10000", "1048576, 7311", "-1048576, 2689"})
  void hundredths_ofKnownLogOdds_areAsByHand(int logOdds, int score) {
    assertThat(ScoreScale.hundredths(logOdds)).isEqualTo(score);
  }

  @Test
  void hundredths_neverFallAsLogOddsRise() {
    int before = 0;
    for (long logOdds = -17L * ScoreScale.ONE; logOdds <= 17L * ScoreScale.ONE; logOdds += 97) {
      int score = ScoreScale.hundredths((int) logOdds);
      assertThat(score).isBetween(before, 10_000);
      before = score;
    }
    assertThat(before).isEqualTo(10_000);
  }

  @Test
  void probability_ofOppositeLogOdds_addUpToOne() {
    Random random = new Random(12);
    for (int i = 0; i < 1000; i++) {
      int logOdds = random.nextInt(-20 * ScoreScale.ONE, 20 * ScoreScale.ONE);
      double sum = ScoreScale.probability(logOdds) + ScoreScale.probability(-logOdds);
      assertThat(Math.abs(sum - 1)).isLessThan(1e-15);
    }
  }

  private static int formula(int logOdds) {
    double odds = StrictMath.exp(-(double) logOdds / (1 << 20));
    return (int) StrictMath.floor(10_000 / (1 + odds) + 0.5);
  }

  private static int firstLogOddsOf(int score) {
    long below = Integer.MIN_VALUE;
    long atLeast = Integer.MAX_VALUE;
    while (atLeast - below > 1) {
      long middle = Math.floorDiv(below + atLeast, 2);
      if (formula((int) middle) >= score) {
        atLeast = middle;
      } else {
        below = middle;
      }
    }
    return (int) atLeast;
  }

  @Test
  void bound_meanThatReachesTheScore_isNeverBelowIt() {
    Random random = new Random(7);
    int atTheBound = 0;
    for (int round = 0; round < 200_000; round++) {
      int n = 1 + random.nextInt(12);
      double middle = 8 * random.nextDouble() - 3;
      double width = 4 * random.nextDouble() * random.nextDouble();
      double scores = 0;
      double logOdds = 0;
      for (int i = 0; i < n; i++) {
        int pair = (int) ((middle + width * random.nextGaussian()) * ScoreScale.ONE);
        scores += ScoreScale.hundredths(pair);
        logOdds += Math.clamp(pair, ScoreScale.FLOOR, ScoreScale.LIMIT);
      }
      int bound = ScoreScale.bound(scores / n);
      assertThat(logOdds / n).as("%d pairs around %f", n, middle).isGreaterThanOrEqualTo(bound);
      atTheBound += logOdds / n < bound + 0.01 * ScoreScale.ONE ? 1 : 0;
    }
    // It would hold, too, if it were uselessly low.
    assertThat(atTheBound).isGreaterThan(20_000);
  }
}
