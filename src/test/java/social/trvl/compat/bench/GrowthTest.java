package social.trvl.compat.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class GrowthTest {

  @Test
  void fit_ofAPower_findsExponentAndFactor() {
    Growth grown =
        Objects.requireNonNull(
            Growth.fit("time", "s", Map.of(100, 3e4, 1_000, 3e6, 100_000, 3e10)));
    assertThat(grown.exponent()).isCloseTo(2, within(1e-9));
    assertThat(grown.factor()).isCloseTo(3, within(1e-9));
    assertThat(grown.points().keySet()).containsExactly(100, 1_000, 100_000);
  }

  /** Slopes over the logarithms 0, 1, 2 of 0, 0, 3: the line of least squares rises by 1.5. */
  @Test
  void fit_ofPointsOffALine_isThatOfLeastSquares() {
    Growth grown =
        Objects.requireNonNull(Growth.fit("time", "s", Map.of(1, 1.0, 10, 1.0, 100, 1e3)));
    assertThat(grown.exponent()).isCloseTo(1.5, within(1e-9));
  }

  @Test
  void fit_ofOneSize_isNone() {
    assertThat(Growth.fit("time", "s", Map.of(100, 1.0))).isNull();
  }
}
