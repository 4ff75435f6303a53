package social.trvl.compat.model.training;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import smile.classification.LogisticRegression;
import social.trvl.compat.model.ArtefactBuilder;
import social.trvl.compat.model.PairModel.About;
import social.trvl.compat.model.training.AdditiveDesign.Shape;

/**
 * The additive family: Smile's logistic regression with an L2 penalty over {@link AdditiveDesign}.
 */
final class AdditiveLearner extends Learner<AdditiveLearner.Settings> {

  /**
   * @param lambda half of it times the squared coefficients is added to the log-likelihood's loss
   */
  record Settings(double lambda, Shape shape) {}

  private static final int MOST_TRIALS = 30;
  private static final double TOLERANCE = 1e-5;
  private static final int MOST_STEPS = 300;

  AdditiveLearner(Lessons lessons, long seed) {
    super(lessons, seed);
  }

  @Override
  String family() {
    return "additive";
  }

  @Override
  String algorithm() {
    return "logistic regression (Smile), additive over pair-v1";
  }

  @Override
  int mostTrials() {
    return MOST_TRIALS;
  }

  /** Plain: a hundred pairs' worth of doubt. */
  @Override
  Settings draw(int trial, RandomGenerator random) {
    if (trial == 0) {
      return new Settings(30, new Shape(6, 16, 0.3));
    }
    double lambda = StrictMath.pow(10, random.nextDouble(-0.5, 3.5));
    int interestCap = random.nextInt(2, Lessons.INTEREST_CAP + 1);
    int budgetCap = 8 * random.nextInt(1, Lessons.BUDGET_CAP / 8 + 1);
    double[] scales = {0, 0.1, 0.3, 1};
    return new Settings(lambda, new Shape(interestCap, budgetCap, scales[random.nextInt(4)]));
  }

  @Override
  Tried<Settings> attempt(Settings settings) {
    List<double[]> logOdds = new ArrayList<>();
    for (Lessons.Fold fold : lessons.folds()) {
      AdditiveDesign design = design(settings, fold.train());
      LogisticRegression.Binomial model = learn(settings, design, fold.train());
      double[][] x = design.matrix(lessons.columns(), starts(fold.validation()));
      double[] part = new double[x.length];
      for (int i = 0; i < x.length; i++) {
        part[i] = dot(model.coefficients(), x[i]);
      }
      logOdds.add(part);
    }
    return new Tried<>(settings, joined(logOdds));
  }

  @Override
  Map<String, Object> describe(Settings settings) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("lambda", settings.lambda());
    all.put("interest_cap", settings.shape().interestCap());
    all.put("budget_cap", settings.shape().budgetCap());
    all.put("cell_scale", settings.shape().cellScale());
    return all;
  }

  @Override
  byte[] fit(Settings settings, Calibration calibration, About about) {
    AdditiveDesign design = design(settings, lessons.train());
    double[] coefficients = learn(settings, design, lessons.train()).coefficients();
    return new ArtefactBuilder(
            about,
            design.weights(coefficients).calibrated(calibration.slope(), calibration.offset()))
        .build();
  }

  private AdditiveDesign design(Settings settings, int[] pairs) {
    return new AdditiveDesign(lessons.schema(), settings.shape(), lessons.columns(), starts(pairs));
  }

  private LogisticRegression.Binomial learn(Settings settings, AdditiveDesign design, int[] pairs) {
    return LogisticRegression.binomial(
        design.matrix(lessons.columns(), starts(pairs)),
        labelsAsClasses(pairs),
        new LogisticRegression.Options(settings.lambda(), TOLERANCE, MOST_STEPS));
  }

  /** Of coefficients, the intercept last. */
  static double dot(double[] coefficients, double[] x) {
    double sum = coefficients[x.length];
    for (int i = 0; i < x.length; i++) {
      sum += coefficients[i] * x[i];
    }
    return sum;
  }
}
