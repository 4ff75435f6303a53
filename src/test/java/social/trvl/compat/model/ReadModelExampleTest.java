package social.trvl.compat.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code jobs/examples/read_model.py}: another program, from the documentation alone. */
class ReadModelExampleTest {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private record Ended(int code, String output) {}

  @TempDir private Path folder;

  @BeforeAll
  static void requirePython() throws InterruptedException {
    try {
      Process python = new ProcessBuilder("python3", "-c", "import json").start();
      assumeTrue(python.waitFor(1, TimeUnit.MINUTES) && python.exitValue() == 0);
    } catch (IOException e) {
      assumeTrue(false, "no python3 here: " + e);
    }
  }

  @Test
  void goldenPairs_ofBothFamilies_comeOutTheSame() throws Exception {
    for (byte[] artefact :
        List.of(
            Baseline.artefact(),
            ModelFixtures.randomArtefact(91, 70),
            ModelFixtures.randomTrees(92, 30, 5))) {
      Path file = Files.write(folder.resolve("model.json"), artefact);
      Ended read = run(file.toString(), "--sha256", Artefact.sha256(artefact));
      assertThat(read.output).contains("100 of 100 golden pairs as predicted");
      assertThat(read.code).isZero();
    }
  }

  @Test
  void artefact_ofAnotherContent_isRefused() throws Exception {
    Path file = Files.write(folder.resolve("model.json"), Baseline.artefact());
    assertThat(run(file.toString(), "--sha256", "0".repeat(64)).output).contains("damaged");
    for (String field : List.of("log_odds", "surrogate_log_odds")) {
      ObjectNode root = (ObjectNode) JSON.readTree(ModelFixtures.randomTrees(92, 3, 3));
      ((ObjectNode) root.at("/golden/7")).put(field, 12);
      Files.write(file, JSON.writeValueAsBytes(root));
      Ended read = run(file.toString());
      assertThat(read.output).contains("99 of 100", "golden pairs [7] differ");
      assertThat(read.code).isEqualTo(1);
    }
  }

  @Test
  void artefact_writtenFromWeights_isReadAndSaysWhatTheWeightsSay() throws Exception {
    ObjectNode weights = JSON.createObjectNode();
    weights.put("name", "from elsewhere").put("calibrated", true).put("calibration", "Platt");
    weights.putObject("training").put("rows", 5_000).put("sha256", "ab".repeat(32));
    weights.put("intercept", -0.75).put("interests", 0.0625).put("budget", -0.01);
    ObjectNode numeric = weights.putObject("numeric");
    for (int i = 0; i < Feature.NUMERIC_COUNT; i++) {
      numeric.putArray(Feature.at(i).label()).add(0.001 * i).add(-0.002 * i);
    }
    ObjectNode preferences = weights.putObject("preferences");
    for (int i = 0; i < 4; i++) {
      ArrayNode table = preferences.putArray(Feature.at(Feature.FIRST_PREFERENCE + i).label());
      int codes = ModelFixtures.baseline().schema().codes(i);
      for (int k = 0; k < codes * codes; k++) {
        table.add(k / codes == k % codes ? 0.5 : -0.125);
      }
    }
    Path base = Files.write(folder.resolve("baseline.json"), Baseline.artefact());
    Path given = Files.write(folder.resolve("weights.json"), JSON.writeValueAsBytes(weights));
    Path out = folder.resolve("out.json");
    Ended write = run(base.toString(), "--weights", given.toString(), "--write", out.toString());
    assertThat(write.code).as(write.output).isZero();

    AdditiveModel model =
        (AdditiveModel) Artefact.read(Files.readAllBytes(out), write.output.strip());
    assertThat(model.about())
        .isEqualTo(
            new PairModel.About(
                "from elsewhere", true, "Platt", new PairModel.Training(5_000, "ab".repeat(32))));
    assertThat(model.intercept()).isEqualTo(-3 * ScoreScale.ONE / 4);
    assertThat(model.neutral(Feature.PLANNING_STYLE)).isEqualTo(ScoreScale.ONE / 2);
    assertThat(run(out.toString()).output).contains("from elsewhere: 100 of 100");
  }

  private static Ended run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("python3", "jobs/examples/read_model.py"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), output);
  }
}
