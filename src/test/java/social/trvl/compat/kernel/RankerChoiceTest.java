package social.trvl.compat.kernel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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

  /** As {@code java -jar} starts, whose manifest exports what {@link RankerChoice} loads with. */
  @Test
  void startedWithoutTheModule_vectorsRun() throws Exception {
    assertThat(Files.readString(Path.of("pom.xml")))
        .contains("<Add-Exports>java.base/jdk.internal.module</Add-Exports>");
    assertThat(chosenIn("--add-exports", "java.base/jdk.internal.module=ALL-UNNAMED"))
        .startsWith("vectors of ");
  }

  @Test
  void withoutTheModule_scalarLoopsRunAndSayWhy() throws Exception {
    assertThat(chosenIn())
        .isEqualTo(
            "scalar: module jdk.incubator.vector is not there; start java with --add-modules jdk.incubator.vector");
  }

  private static String chosenIn(String... options) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), ChosenKernel.class.getName()));
    Process java =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String chosen = new String(java.getInputStream().readAllBytes(), UTF_8).strip();
    assertThat(java.waitFor()).isZero();
    return chosen;
  }

  /** Makes lists, and says by what. */
  public static final class ChosenKernel {
    private ChosenKernel() {}

    public static void main(String[] args) {
      RankerChoice choice = RankerChoice.of(null);
      new RankerTest().rank_ofSome_equalsBruteForce(choice.ranker());
      System.out.println(choice.reason());
    }
  }
}
