package social.trvl.compat.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpreadTest {

  @Test
  void spread_ofRounds_isMedianAndExtremes() {
    assertThat(Spread.of(List.of(5.0, 1.0, 3.0), x -> x)).isEqualTo(new Spread(3, 1, 5, 3));
    assertThat(Spread.of(List.of(4.0, 1.0), x -> x)).isEqualTo(new Spread(4, 1, 4, 2));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Spread.of(List.<Double>of(), x -> x))
        .withMessageContaining("no round");
  }

  @Test
  void quantile_isTheLeastThatSoManyDoNotExceed() {
    double[] values = IntStream.rangeClosed(1, 200).mapToDouble(i -> 201 - i).toArray();
    assertThat(Spread.quantile(values, 0.5).median()).isEqualTo(100);
    assertThat(Spread.quantile(values, 0.99).median()).isEqualTo(198);
    assertThat(Spread.quantile(new double[] {7}, 0.99)).isEqualTo(new Spread(7, 7, 7, 1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0.0123     | s       | 12.3 ms
          0.0000042  | s       | 4.20 µs
          97.04      | s       | 97.0 s
          7.6e9      | pairs/s | 7.60 G pairs/s
          999.6      | B       | 1.00 kB
          0.8        | ''      | 0.80
          0.02       | ''      | 0.02
          41.3       | ''      | 41.3
          0          | s       | 0.00 s
          """)
  void scaled_hasThreeDigitsAndAPrefix(double value, String unit, String expected) {
    assertThat(Figure.scaled(value, unit)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"3, true, false", "3.5, true, false", "7, true, true", "2.9, false, false"})
  void figure_isHeldAgainstBothBounds(double value, boolean reached, boolean beyond) {
    Figure rate =
        Figure.of(Section.KERNEL, "rate", Spread.once(value), "pairs/s", Goal.atLeast(3, 7.0), "");
    assertThat(rate.reached()).isEqualTo(reached);
    assertThat(rate.beyond()).isEqualTo(beyond);
    Figure time =
        Figure.of(Section.START, "time", Spread.once(-value), "s", Goal.atMost(-3.0, -7.0), "");
    assertThat(time.reached()).isEqualTo(reached);
    assertThat(time.beyond()).isEqualTo(beyond);
  }

  @Test
  void figure_withoutABound_isNotHeldAgainstIt() {
    Figure figure =
        Figure.of(Section.GROUP, "p99", Spread.once(1), "s", Goal.atMost(null, 0.5), "");
    assertThat(figure.reached()).isNull();
    assertThat(figure.beyond()).isFalse();
  }
}
