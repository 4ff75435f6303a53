package social.trvl.compat.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class BaselineTest {

  private static final Path COMMITTED = Path.of("src/main/resources/models/baseline.json");

  @Test
  void artefact_equalsTheDocumentedWeights() throws IOException {
    if (Boolean.getBoolean("baseline.regenerate")) {
      Files.write(COMMITTED, Baseline.build());
    }
    assertThat(Files.readString(COMMITTED))
        .as("weights and artefact differ: mvn test -Dtest=BaselineTest -Dbaseline.regenerate=true")
        .isEqualTo(new String(Baseline.build(), java.nio.charset.StandardCharsets.UTF_8));
  }

  @Test
  void artefact_isAccepted() {
    byte[] bytes = Baseline.artefact();
    PairModel model = Artefact.read(bytes, Artefact.sha256(bytes));
    assertThat(model.name()).isEqualTo("baseline");
    assertThat(model.calibrated()).isFalse();
  }
}
