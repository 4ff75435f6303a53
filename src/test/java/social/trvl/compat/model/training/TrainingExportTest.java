package social.trvl.compat.model.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.trvl.compat.model.training.Travellers.ANN;
import static social.trvl.compat.model.training.Travellers.BEN;
import static social.trvl.compat.model.training.Travellers.CAT;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.db.Database;
import social.trvl.compat.db.TestDatabase;
import social.trvl.compat.db.TestSql;
import social.trvl.compat.model.ModelRegistry;
import social.trvl.compat.model.PairModel;

class TrainingExportTest {

  private static final UUID TRIP = new UUID(5, 5);

  @TempDir private Path folder;
  private Database database;

  @BeforeEach
  void harvest() {
    database = TestDatabase.migrated();
    new ModelRegistry(database).registerBaseline();
    try (TestSql sql = TestSql.superuser(database)) {
      Travellers.join(sql, ANN, BEN, CAT);
      sql.run(
          "insert into public.travel_preferences (user_id, interests, planning_style, experience_level, daily_budget_min, daily_budget_max, budget_currency) values ('%s', '{hiking,\"say \\\"cheese\\\", twice\"}', 'planned', 3, 50, 90, 'EUR')"
              .formatted(ANN),
          "update compat.profile_history set changed_at = '%s'".formatted(Travellers.JOINED));
      Travellers.travel(sql, TRIP, ANN, BEN, CAT);
      Travellers.say(sql, CAT, ANN, TRIP, "\"rating\": 1");
      new LabelHarvest(database).harvest(null);
    }
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void export_hasLabelsWordsColumnsAndThePredictionsOfTheChampion() throws IOException {
    Path file = folder.resolve("training.csv");
    TrainingExport.Exported done = new TrainingExport(database).export(file);
    assertThat(done.rows()).isEqualTo(3);
    assertThat(Files.getPosixFilePermissions(file))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    List<Map<String, String>> rows = parse(Files.readString(file));
    assertThat(rows).hasSize(3);
    Map<String, String> first = rows.getFirst();
    assertThat(first)
        .containsEntry("user_a", ANN.toString())
        .containsEntry("user_b", BEN.toString())
        .containsEntry("label", "true")
        .containsEntry("weight", "0.3")
        .containsEntry("source", "trip_completed")
        .containsEntry("observed_at", Travellers.TRIP_END)
        .containsEntry("trip_id", TRIP.toString())
        .containsEntry("exposed", "false")
        .containsEntry("exposure_rank", "")
        .containsEntry("a_interests", "hiking;say \"cheese\", twice")
        .containsEntry("a_planning_style", "planned")
        .containsEntry("a_daily_budget_max", "90.00")
        .containsEntry("b_planning_style", "")
        .containsEntry("b_code_planning_style", "0")
        .containsEntry("b_budget_low_level", "")
        .containsEntry("pair_openness_sum", "100")
        .containsEntry("pair_extraversion_min", "7");
    assertThat(rows.get(1)).containsEntry("label", "false").containsEntry("source", "rating");

    PairModel champion = new ModelRegistry(database).champion().model();
    TrainingSet set = TrainingSet.load(database, champion.vocabulary());
    Split split = Split.of(set, null);
    for (int pair = 0; pair < 3; pair++) {
      int logOdds = Integer.parseInt(rows.get(pair).get("champion_log_odds"));
      assertThat(logOdds).isEqualTo(champion.logOdds(set.people(), set.rowA(pair), set.rowB(pair)));
      assertThat(Double.parseDouble(rows.get(pair).get("champion_probability")))
          .isEqualTo(1 / (1 + StrictMath.exp(-logOdds / 1_048_576.0)));
    }
    assertThat(rows.stream().filter(row -> "train".equals(row.get("split"))))
        .hasSize(split.train().length);
    assertThat(rows.stream().filter(row -> "crossing".equals(row.get("split"))))
        .hasSize(split.crossing());
  }

  @Test
  void existingFile_isRefusedAndStays() throws IOException {
    Path file = Files.writeString(folder.resolve("training.csv"), "mine");
    assertThatThrownBy(() -> new TrainingExport(database).export(file))
        .isInstanceOf(CompatException.class)
        .hasMessageContaining("is not overwritten");
    assertThat(file).hasContent("mine");
  }

  @Test
  void unreadableFeatures_leaveNoFile() {
    try (TestSql sql = TestSql.superuser(database)) {
      sql.run("update public.model_training_data set features_b = '{}'");
    }
    Path file = folder.resolve("training.csv");
    assertThatThrownBy(() -> new TrainingExport(database).export(file))
        .isInstanceOf(CompatException.class)
        .hasMessageContaining("openness is missing");
    assertThat(folder).isEmptyDirectory();
  }

  /** RFC 4180. */
  private static List<Map<String, String>> parse(String csv) {
    List<List<String>> lines = new ArrayList<>();
    List<String> line = new ArrayList<>();
    StringBuilder cell = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < csv.length(); i++) {
      char c = csv.charAt(i);
      if (quoted && c == '"' && csv.startsWith("\"\"", i)) {
        cell.append('"');
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (!quoted && (c == ',' || c == '\r')) {
        line.add(cell.toString());
        cell.setLength(0);
        if (c == '\r') {
          lines.add(line);
          line = new ArrayList<>();
          i++;
        }
      } else {
        cell.append(c);
      }
    }
    List<Map<String, String>> rows = new ArrayList<>();
    for (List<String> cells : lines.subList(1, lines.size())) {
      assertThat(cells).hasSameSizeAs(lines.getFirst());
      Map<String, String> row = new HashMap<>();
      for (int i = 0; i < cells.size(); i++) {
        row.put(lines.getFirst().get(i), cells.get(i));
      }
      rows.add(row);
    }
    return rows;
  }
}
