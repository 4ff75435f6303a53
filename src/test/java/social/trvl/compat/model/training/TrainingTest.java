package social.trvl.compat.model.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.Progress;
import social.trvl.compat.model.ModelFixtures;
import social.trvl.compat.model.PairModel;
import social.trvl.compat.model.training.Outcomes.People;
import social.trvl.compat.model.training.Training.Family;
import social.trvl.compat.model.training.Training.Learnt;

final class TrainingTest {

  /** By {@link Ticking}: some trials of each family. */
  private static final Duration BUDGET = Duration.ofSeconds(1);

  @Test
  void additive_learnsALinearTruthNearlyAsWellAsItsAuthorKnowsIt() {
    TrainingSet set = Outcomes.of(People.varied(1_500), 1_200, Outcomes.LINEAR, 1);
    Split split = Split.of(set, null);
    Report report = judged(set, split, learn(set, split, Family.ADDITIVE, 1), Outcomes.LINEAR);
    assertThat(share(report)).isBetween(0.8, 1.1);
    assertThat(report.of(Evaluation.MODEL).calibrationError().value()).isLessThan(0.05);
    assertThat(report.over(Evaluation.BASELINE).logLoss().low()).isPositive();
  }

  @Test
  void boosted_findsInteractionsThatNoAdditiveModelSees() {
    TrainingSet set = Outcomes.of(People.varied(1_500), 1_200, Outcomes.INTERACTIONS, 2);
    Split split = Split.of(set, null);
    Learnt learnt = learn(set, split, Family.ALL, 1);
    assertThat(learnt.family()).isEqualTo("boosted");
    Report report = judged(set, split, learnt, Outcomes.INTERACTIONS);
    assertThat(share(report)).isBetween(0.45, 1.1);
    Report additive =
        judged(set, split, learn(set, split, Family.ADDITIVE, 1), Outcomes.INTERACTIONS);
    assertThat(share(additive)).isLessThan(0.3);
  }

  @Test
  void all_prefersTheAdditiveFamilyWhereTreesAreNoBetter() {
    TrainingSet set = Outcomes.of(People.varied(600), 400, Outcomes.LINEAR, 3);
    Learnt learnt = learn(set, Split.of(set, null), Family.ALL, 1);
    assertThat(learnt.family()).isEqualTo("additive");
    assertThat(learnt.foldLogLoss()).containsOnlyKeys("additive", "boosted");
  }

  @Test
  void artefact_isTheSameForTheSameDataAndSeed() {
    TrainingSet set = Outcomes.of(People.varied(300), 200, Outcomes.LINEAR, 4);
    for (Family family : new Family[] {Family.ADDITIVE, Family.BOOSTED}) {
      byte[] one = learn(set, Split.of(set, null), family, 5).artefact();
      TrainingSet again = Outcomes.of(People.varied(300), 200, Outcomes.LINEAR, 4);
      assertThat(learn(again, Split.of(again, null), family, 5).artefact()).isEqualTo(one);
      assertThat(learn(set, Split.of(set, null), family, 6).artefact()).isNotEqualTo(one);
    }
  }

  @Test
  void report_ofTooFewHeldOutPairsSaysHowManyAreMissing() {
    TrainingSet set = Outcomes.of(People.varied(300), 200, Outcomes.LINEAR, 12);
    Split split = Split.of(set, null);
    Report report = judged(set, split, learn(set, split, Family.ADDITIVE, 1), Outcomes.LINEAR);
    Report.Holdout holdout = report.holdout();
    assertThat(holdout.sufficient()).isFalse();
    assertThat(holdout.missing())
        .isEqualTo(200 - Math.min(holdout.positives(), holdout.negatives()))
        .isPositive();
    assertThat(Report.fromJson(report.toJson())).isEqualTo(report);
    assertThat(report.toJson()).contains("\"log_loss\":[", "\"holdout\":{\"sha256\"");
  }

  @Test
  void report_withoutHeldOutPairsHasNoScores() {
    TrainingSet set = Outcomes.of(People.varied(300), 200, Outcomes.LINEAR, 13);
    Split all = Split.of(set, null);
    Learnt learnt = learn(set, all, Family.ADDITIVE, 1);
    Report report =
        judged(set, new Split(set, all.train(), new int[0], null), learnt, Outcomes.LINEAR);
    assertThat(report.scores()).isEmpty();
    assertThat(report.holdout().missing()).isEqualTo(200);
    assertThat(Report.fromJson(report.toJson())).isEqualTo(report);
  }

  @Test
  void train_twentyPairsAreRefusedWithWhatIsNeeded() {
    TrainingSet set = Outcomes.of(People.varied(14), 4, Outcomes.LINEAR, 7);
    assertThatThrownBy(() -> learn(set, Split.of(set, null), Family.ALL, 1))
        .isInstanceOf(CompatException.class)
        .hasMessageContaining("at least 20 of either are needed")
        .hasMessageContaining("label harvest");
  }

  @Test
  void train_oneOutcomeOnlyIsRefused() {
    TrainingSet set = Outcomes.of(People.varied(200), 100, (s, pair) -> 1, 8);
    assertThatThrownBy(() -> learn(set, Split.of(set, null), Family.ALL, 1))
        .isInstanceOf(CompatException.class)
        .hasMessageContaining("0 unsatisfied pairs");
  }

  @Test
  void train_constantFeaturesAreRefused() {
    TrainingSet set = Outcomes.of(new People(200, true, true), 150, Outcomes.NOISE, 9);
    assertThatThrownBy(() -> learn(set, Split.of(set, null), Family.ALL, 1))
        .isInstanceOf(CompatException.class)
        .hasMessageContaining("alike in every feature");
  }

  @Test
  void train_missingPreferencesLeaveTraitsToLearnFrom() {
    TrainingSet set = Outcomes.of(new People(600, false, false), 400, Outcomes.LINEAR, 10);
    Split split = Split.of(set, null);
    for (Family family : new Family[] {Family.ADDITIVE, Family.BOOSTED}) {
      Report report = judged(set, split, learn(set, split, family, 1), Outcomes.LINEAR);
      assertThat(share(report)).isGreaterThan(0.5);
    }
  }

  /** What no condition of the gate may take for knowledge; forty seeds were run by hand. */
  @Test
  void noise_isNotTakenForKnowledge() {
    for (int seed = 20; seed < 22; seed++) {
      TrainingSet set = Outcomes.of(People.varied(600), 400, Outcomes.NOISE, seed);
      Split split = Split.of(set, null);
      Report report = judged(set, split, learn(set, split, Family.ADDITIVE, seed), Outcomes.NOISE);
      assertThat(
              report.of(Evaluation.MODEL).auc().low() > 0.5
                  && report.over(Evaluation.BASELINE).auc().low() > 0
                  && report.over(Evaluation.BASELINE).logLoss().low() > 0)
          .as("seed %d", seed)
          .isFalse();
    }
  }

  @Test
  void shuffledLabels_teachNothing() {
    TrainingSet straight = Outcomes.of(People.varied(600), 400, Outcomes.LINEAR, 11);
    int[] pairs = IntStream.range(0, straight.size()).toArray();
    Random random = new Random(11);
    for (int i = pairs.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swap = pairs[i];
      pairs[i] = pairs[j];
      pairs[j] = swap;
    }
    TrainingSet set =
        Outcomes.of(People.varied(600), 400, (s, pair) -> straight.label(pairs[pair]) ? 1 : 0, 11);
    Split split = Split.of(set, null);
    Report report = judged(set, split, learn(set, split, Family.ADDITIVE, 1), Outcomes.NOISE);
    assertThat(report.of(Evaluation.MODEL).auc().value()).isCloseTo(0.5, within(0.1));
  }

  /** Of what the author of the truth could reach. */
  private static double share(Report report) {
    return Objects.requireNonNull(report.bayes()).share();
  }

  private static Learnt learn(TrainingSet set, Split split, Family family, long seed) {
    return Training.learn(
        set,
        split,
        Outcomes.BASELINE.schema(),
        new Training.Options(family, seed, null, BUDGET),
        new Ticking(),
        Progress.SILENT);
  }

  private static Report judged(
      TrainingSet set, Split split, Learnt learnt, Evaluation.Truth truth) {
    PairModel model = ModelFixtures.read(learnt.artefact());
    return new Evaluation(words -> set)
        .compare(split, model, Outcomes.BASELINE, Outcomes.BASELINE, 1, truth);
  }
}
