package social.trvl.compat.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RankerChoiceTest {

  @Test
  void withoutAnOverride_theWidestVectorsRun() {
    RankerChoice choice = RankerChoice.of(null);
    assertThat(choice.ranker()).isInstanceOf(VectorRanker.class);
    assertThat(choice.reason()).isEqualTo("vectors of %d bits", VectorRanker.widestBits());
  }

  @ParameterizedTest
  @ValueSource(strings = {"128", "256", "512"})
  void aWidth_isTaken(String bits) {
    assertThat(RankerChoice.of(bits).reason()).isEqualTo("vectors of " + bits + " bits");
  }

  @Test
  void scalar_isTakenAndSaysWhy() {
    RankerChoice choice = RankerChoice.of("scalar");
    assertThat(choice.ranker()).isInstanceOf(ScalarRanker.class);
    assertThat(choice.reason()).isEqualTo("scalar: asked for by compat.kernel");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1024", "SCALAR", "avx"})
  void anythingElse_isRefusedWithWhatIsAllowed(String override) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RankerChoice.of(override))
        .withMessage("compat.kernel (%s) is not one of scalar, 128, 256, 512", override);
  }
}
