package social.trvl.compat.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Database;
import social.trvl.compat.db.TestDatabase;
import social.trvl.compat.intake.PopulationGenerator;
import social.trvl.compat.intake.TrueModel;
import social.trvl.compat.job.DatabaseSetup;
import social.trvl.compat.model.ModelRegistry;
import social.trvl.compat.model.training.LabelHarvest;
import social.trvl.compat.model.training.TrainingSet;
import social.trvl.compat.model.training.TrueProbabilities;

class GeneratedTruthTest {

  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-23T12:00:00Z"), ZoneOffset.UTC);

  /** If a person were read other than generated, these would not be the drawn outcomes'. */
  @ParameterizedTest
  @EnumSource
  void probabilities_areThoseByWhichOutcomesWereDrawn(TrueModel truth) {
    try (Database database = TestDatabase.migrated()) {
      DatabaseSetup.migrate(database);
      new PopulationGenerator(database, Progress.SILENT, CLOCK).generate(3_000, 0, 5, truth);
      LabelHarvest.Harvest done = new LabelHarvest(database).harvest(null);
      assertThat(done.inserted()).isGreaterThan(3_000);
      TrainingSet set =
          TrainingSet.load(database, new ModelRegistry(database).champion().model().vocabulary());
      TrueProbabilities probabilities = GeneratedTruth.of(database, truth);
      double expected = 0;
      double variance = 0;
      double brier = 0;
      double satisfied = 0;
      int drawn = 0;
      for (int pair = 0; pair < set.size(); pair++) {
        double p = probabilities.probability(set, pair);
        if (Double.isNaN(p)) {
          // An accepted connection: nobody drew it by the truth.
          continue;
        }
        drawn++;
        double y = set.label(pair) ? 1 : 0;
        expected += p;
        variance += p * (1 - p);
        brier += (y - p) * (y - p);
        satisfied += y;
      }
      assertThat(drawn).isGreaterThan(3_000);
      assertThat(satisfied).isCloseTo(expected, within(4 * Math.sqrt(variance)));
      assertThat(brier / drawn).isCloseTo(variance / drawn, within(.01));
    }
  }
}
