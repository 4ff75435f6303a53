package social.trvl.compat.model.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import smile.classification.LogisticRegression;
import social.trvl.compat.config.Progress;
import social.trvl.compat.model.ArtefactBuilder;
import social.trvl.compat.model.ModelFixtures;
import social.trvl.compat.model.PairModel;
import social.trvl.compat.model.PairModel.About;
import social.trvl.compat.model.ScoreScale;
import social.trvl.compat.model.training.AdditiveDesign.Shape;
import social.trvl.compat.model.training.Outcomes.People;
import social.trvl.compat.model.training.SmileTrees.Growth;

/** What is scored with is what Smile learnt, rounded once. */
final class LearnerTest {

  private static final TrainingSet SET = Outcomes.of(People.varied(400), 250, Outcomes.LINEAR, 31);
  private static final Split SPLIT = Split.of(SET, null);
  private static final Lessons LESSONS = new Lessons(SET, SPLIT, Outcomes.BASELINE.schema(), 1);
  private static final About ABOUT = new About("test", true, "none", null);

  @Test
  void trees_readOutAreSmilesToTheLastLeaf() {
    SmileTrees trees = trees();
    for (int pair = 0; pair < SET.size(); pair++) {
      assertThat(Scored.probability(trees.logOdds(LESSONS.columns(), LESSONS.at(pair))))
          .isCloseTo(trees.smileProbability(LESSONS.columns(), LESSONS.at(pair)), within(1e-12));
    }
  }

  /** Each leaf is rounded once, so the sum is Smile's rounded leaf by leaf, bit by bit. */
  @Test
  void boostedArtefact_isTheSumOfSmilesRoundedLeaves() {
    SmileTrees trees = trees();
    Calibration calibration = new Calibration(0.9, 0.05);
    byte[] artefact = new BoostedLearner(LESSONS, 5).artefact(trees, calibration, ABOUT);
    PairModel model = ModelFixtures.read(artefact);
    for (int pair = 0; pair < SET.size(); pair++) {
      long sum = Math.round(calibration.apply(trees.intercept()) * ScoreScale.ONE);
      for (int tree = 0; tree < trees.count(); tree++) {
        double leaf = trees.leaf(tree, LESSONS.columns(), LESSONS.at(pair));
        sum += Math.round(leaf * calibration.slope() * ScoreScale.ONE);
      }
      assertThat(model.logOdds(SET.people(), SET.rowA(pair), SET.rowB(pair))).isEqualTo((int) sum);
    }
  }

  @Test
  void surrogate_ranksMuchAsTheTreesDo() {
    PairModel model =
        ModelFixtures.read(
            new BoostedLearner(LESSONS, 5).artefact(trees(), new Calibration(1, 0), ABOUT));
    boolean[] aboveMedian = new boolean[SET.size()];
    double[] logOdds = new double[SET.size()];
    int[] all = new int[SET.size()];
    for (int pair = 0; pair < SET.size(); pair++) {
      all[pair] = model.logOdds(SET.people(), SET.rowA(pair), SET.rowB(pair));
      logOdds[pair] = model.additive().logOdds(SET.people(), SET.rowA(pair), SET.rowB(pair));
    }
    int median = IntStream.of(all).sorted().toArray()[all.length / 2];
    for (int pair = 0; pair < all.length; pair++) {
      aboveMedian[pair] = all[pair] > median;
    }
    double auc =
        new Scored(logOdds, aboveMedian, List.of())
            .auc(IntStream.range(0, all.length).mapToDouble(i -> 1).toArray());
    assertThat(auc).isGreaterThan(0.9);
  }

  /**
   * Weights are rounded by up to half a unit of 2^-20, and stand for up to some 2,000 units of the
   * values; a probability moves by a quarter of the log-odds at most.
   */
  @Test
  void additiveArtefact_isSmilesModelUpToTheRoundingOfItsWeights() {
    Shape shape = new Shape(5, 16, 0.3);
    int[] starts = IntStream.of(LESSONS.train()).map(LESSONS::at).toArray();
    AdditiveDesign design = new AdditiveDesign(LESSONS.schema(), shape, LESSONS.columns(), starts);
    int[] labels = IntStream.of(LESSONS.train()).map(pair -> SET.label(pair) ? 1 : 0).toArray();
    LogisticRegression.Binomial smile =
        LogisticRegression.binomial(
            design.matrix(LESSONS.columns(), starts),
            labels,
            new LogisticRegression.Options(3, 1e-6, 200));
    PairModel model =
        ModelFixtures.read(
            new ArtefactBuilder(ABOUT, design.weights(smile.coefficients())).build());
    for (int pair = 0; pair < SET.size(); pair++) {
      double[] x = design.matrix(LESSONS.columns(), new int[] {LESSONS.at(pair)})[0];
      // Smile's score is a probability.
      double expected = smile.score(x);
      double actual =
          (double) model.logOdds(SET.people(), SET.rowA(pair), SET.rowB(pair)) / ScoreScale.ONE;
      assertThat(Scored.probability(actual)).isCloseTo(expected, within(500.0 / ScoreScale.ONE));
    }
  }

  @Test
  void leastSquares_findsALine() {
    Random random = new Random(1);
    double[][] x = new double[200][];
    double[] y = new double[200];
    for (int i = 0; i < x.length; i++) {
      x[i] = new double[] {random.nextGaussian(), random.nextGaussian()};
      y[i] = 3 * x[i][0] - 2 * x[i][1] + 7;
    }
    assertThat(LeastSquares.fit(x, y, 1e-9)).containsExactly(new double[] {3, -2, 7}, within(1e-6));
  }

  @Test
  void hyperparameters_sayWhatWasTried() {
    AdditiveLearner learner = new AdditiveLearner(LESSONS, 1);
    Ticking clock = new Ticking();
    learner.search(clock.instant().plusMillis(1_000), clock, Progress.SILENT);
    Map<String, Object> all = learner.hyperparameters();
    assertThat(all.get("trials")).isIn(2, 3, 4, 5, 6);
    assertThat(all).containsKeys("lambda", "interest_cap", "budget_cap", "cell_scale", "folds");
  }

  private static SmileTrees trees() {
    int[] starts = IntStream.of(LESSONS.train()).map(LESSONS::at).toArray();
    int[] labels = IntStream.of(LESSONS.train()).map(pair -> SET.label(pair) ? 1 : 0).toArray();
    return SmileTrees.learn(
        LESSONS.schema(), LESSONS.columns(), starts, labels, new Growth(30, 4, 10, 0.1, 0.7), 5);
  }
}
