package social.trvl.compat.model.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import social.trvl.compat.model.AdditiveWeights;
import social.trvl.compat.model.ArtefactBuilder;
import social.trvl.compat.model.FeatureSchema;
import social.trvl.compat.model.PairModel.About;
import social.trvl.compat.model.training.AdditiveDesign.Shape;
import social.trvl.compat.model.training.SmileTrees.Growth;

/**
 * The boosted family: Smile's gradient-boosted trees over the columns of {@link FeatureSchema}, and
 * an additive surrogate that is fitted to what they say about random pairs of the people trained
 * on.
 */
final class BoostedLearner extends Learner<Growth> {

  private static final int MOST_TRIALS = 8;

  /** Grown on each fold; as many of them are kept as do best. */
  private static final int MOST_TREES = 200;

  private static final int SURROGATE_PAIRS = 20_000;
  private static final double SURROGATE_PENALTY = 1;

  BoostedLearner(Lessons lessons, long seed) {
    super(lessons, seed);
  }

  @Override
  String family() {
    return "boosted";
  }

  @Override
  String algorithm() {
    return "gradient-boosted trees (Smile) over pair-v1, additive surrogate";
  }

  @Override
  int mostTrials() {
    return MOST_TRIALS;
  }

  @Override
  Growth draw(int trial, RandomGenerator random) {
    if (trial == 0) {
      return new Growth(MOST_TREES, 3, 40, 0.1, 0.7);
    }
    int[] nodeSizes = {20, 40, 80, 160};
    double[] shrinkages = {0.05, 0.1, 0.15};
    double[] subsamples = {0.5, 0.7, 1};
    return new Growth(
        MOST_TREES,
        random.nextInt(2, 6),
        nodeSizes[random.nextInt(nodeSizes.length)],
        shrinkages[random.nextInt(shrinkages.length)],
        subsamples[random.nextInt(subsamples.length)]);
  }

  /** Finds the number of trees, too: the one with the lowest loss over all folds. */
  @Override
  Tried<Growth> attempt(Growth growth) {
    List<SmileTrees> models = new ArrayList<>();
    for (Lessons.Fold fold : lessons.folds()) {
      models.add(learn(growth, fold.train()));
    }
    int[][] starts = new int[models.size()][];
    boolean[][] labels = new boolean[models.size()][];
    double[][] sums = new double[models.size()][];
    for (int f = 0; f < starts.length; f++) {
      starts[f] = starts(lessons.folds().get(f).validation());
      labels[f] = lessons.labels(lessons.folds().get(f).validation());
      sums[f] = new double[starts[f].length];
      Arrays.fill(sums[f], models.get(f).intercept());
    }
    double lowest = Double.POSITIVE_INFINITY;
    int best = 1;
    double[] logOdds = {};
    for (int tree = 0; tree < growth.trees(); tree++) {
      double loss = 0;
      for (int f = 0; f < starts.length; f++) {
        for (int i = 0; i < starts[f].length; i++) {
          sums[f][i] += models.get(f).leaf(tree, lessons.columns(), starts[f][i]);
          loss += Scored.logLoss(sums[f][i], labels[f][i]);
        }
      }
      if (loss < lowest) {
        lowest = loss;
        best = tree + 1;
        logOdds = joined(List.of(sums));
      }
    }
    return new Tried<>(
        new Growth(best, growth.depth(), growth.nodeSize(), growth.shrinkage(), growth.subsample()),
        logOdds);
  }

  @Override
  Map<String, Object> describe(Growth growth) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("trees", growth.trees());
    all.put("depth", growth.depth());
    all.put("node_size", growth.nodeSize());
    all.put("shrinkage", growth.shrinkage());
    all.put("subsample", growth.subsample());
    return all;
  }

  @Override
  byte[] fit(Growth growth, Calibration calibration, About about) {
    return artefact(learn(growth, lessons.train()), calibration, about);
  }

  byte[] artefact(SmileTrees trees, Calibration calibration, About about) {
    return new ArtefactBuilder(
            about, surrogate(trees).calibrated(calibration.slope(), calibration.offset()))
        .trees(trees.boosted().calibrated(calibration.slope(), calibration.offset()))
        .build();
  }

  private SmileTrees learn(Growth growth, int[] pairs) {
    return SmileTrees.learn(
        lessons.schema(), lessons.columns(), starts(pairs), labelsAsClasses(pairs), growth, seed);
  }

  /** The additive model closest to the trees, by least squares. */
  private AdditiveWeights surrogate(SmileTrees trees) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    int[] pairs = lessons.train();
    TrainingSet set = lessons.set();
    int[] columns = new int[SURROGATE_PAIRS * FeatureSchema.COLUMNS];
    int[] starts = new int[SURROGATE_PAIRS];
    double[] logOdds = new double[SURROGATE_PAIRS];
    for (int i = 0; i < SURROGATE_PAIRS; i++) {
      starts[i] = i * FeatureSchema.COLUMNS;
      int a = pairs[random.nextInt(pairs.length)];
      int b = pairs[random.nextInt(pairs.length)];
      lessons
          .schema()
          .fill(
              set.people(),
              random.nextBoolean() ? set.rowA(a) : set.rowB(a),
              random.nextBoolean() ? set.rowA(b) : set.rowB(b),
              columns,
              starts[i]);
      logOdds[i] = trees.logOdds(columns, starts[i]);
    }
    AdditiveDesign design =
        new AdditiveDesign(
            lessons.schema(),
            new Shape(Lessons.INTEREST_CAP, Lessons.BUDGET_CAP, 1),
            columns,
            starts);
    return design.weights(
        LeastSquares.fit(design.matrix(columns, starts), logOdds, SURROGATE_PENALTY));
  }
}
