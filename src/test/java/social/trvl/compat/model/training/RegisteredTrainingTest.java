package social.trvl.compat.model.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.jooq.Record;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.Test;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Database;
import social.trvl.compat.db.TestDatabase;
import social.trvl.compat.intake.PopulationGenerator;
import social.trvl.compat.model.ModelRegistry;
import social.trvl.compat.model.training.Training.Candidate;
import social.trvl.compat.model.training.Training.Family;
import social.trvl.compat.model.training.Training.Options;

final class RegisteredTrainingTest {

  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-20T12:00:00Z"), ZoneOffset.UTC);
  private static final Options OPTIONS =
      new Options(Family.ADDITIVE, 3, null, Duration.ofSeconds(1));

  @Test
  void train_registersACandidateWithItsLineage() {
    try (Database database = TestDatabase.migrated()) {
      new ModelRegistry(database).registerBaseline();
      assertThatThrownBy(() -> train(database))
          .isInstanceOf(CompatException.class)
          .hasMessageContaining("0 satisfied and 0 unsatisfied pairs");
      new PopulationGenerator(database, Progress.SILENT, CLOCK).generate(1_500, 0, 1);
      new LabelHarvest(database).harvest(null);

      Candidate candidate = train(database);
      assertThat(candidate.label()).isEqualTo("additive 1");
      assertThat(candidate.report().holdout().uses()).isEqualTo(1);
      Record row =
          database
              .engineSql()
              .fetchSingle(
                  "select * from public.compatibility_model_versions where id = {0}",
                  DSL.val(candidate.id()));
      assertThat(row.get("state")).isEqualTo("candidate");
      assertThat(row.get("parent_id")).isEqualTo(ModelRegistry.BASELINE_ID);
      assertThat(row.get("seed")).isEqualTo(3L);
      assertThat(row.get("training_rows", Long.class)).isEqualTo(candidate.trainingRows());
      assertThat(row.get("training_sha256", String.class)).hasSize(64);
      assertThat(Report.fromJson(row.get("metrics", String.class))).isEqualTo(candidate.report());
      ModelRegistry.Version version = new ModelRegistry(database).load(candidate.id());
      assertThat(version.model().calibrated()).isTrue();

      Candidate again = train(database);
      assertThat(again.label()).isEqualTo("additive 2");
      assertThat(again.artefactSha256()).isEqualTo(candidate.artefactSha256());
      assertThat(again.report().holdout().uses()).isEqualTo(2);
      // Generated outcomes have a truth to be judged by; what few held-out pairs reach of it
      // varies.
      assertThat(candidate.report().bayes()).isNotNull();
    }
  }

  private static Candidate train(Database database) {
    return new Training(database, Progress.SILENT, new Ticking())
        .train(OPTIONS, (set, pair) -> 0.5 + 0.001 * set.people().trait(3, set.rowA(pair)));
  }
}
