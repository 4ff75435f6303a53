package social.trvl.compat.model;

import java.util.Arrays;
import social.trvl.compat.profile.ProfileTable;

/**
 * Weights of an additive model in log-odds, before they are rounded: of a trained model, or of the
 * surrogate of a boosted one. What is not set is zero.
 */
public final class AdditiveWeights {

  private final FeatureSchema schema;
  private double intercept;
  private final double[] sum = new double[Feature.NUMERIC_COUNT];
  private final double[] min = new double[Feature.NUMERIC_COUNT];
  private final double[][] tables = new double[ProfileTable.PREFERENCE_COUNT][];
  private double interest;
  private double budget;
  private final String[] reasons = new String[Feature.COUNT];

  public AdditiveWeights(FeatureSchema schema) {
    this.schema = schema;
    for (int i = 0; i < tables.length; i++) {
      tables[i] = new double[schema.codes(i) * schema.codes(i)];
    }
    Arrays.fill(reasons, "");
  }

  public FeatureSchema schema() {
    return schema;
  }

  public AdditiveWeights intercept(double logOdds) {
    intercept = logOdds;
    return this;
  }

  /**
   * Sets a trait, the age or the experience.
   *
   * @param weightSum log-odds for each unit of {@code a + b}
   * @param weightMin log-odds for each unit of {@code min(a, b)}
   * @param reason for the reader of the artefact
   * @throws IllegalArgumentException if the feature is not numeric
   */
  public AdditiveWeights numeric(
      Feature feature, double weightSum, double weightMin, String reason) {
    requireKind(feature, feature.index() < Feature.NUMERIC_COUNT, "numeric");
    sum[feature.index()] = weightSum;
    min[feature.index()] = weightMin;
    reasons[feature.index()] = reason;
    return this;
  }

  /**
   * Sets a stated preference.
   *
   * @param table log-odds of each pair of codes, row-major, codes × codes, symmetric; code 0 =
   *     unknown
   * @throws IllegalArgumentException if the feature is no preference or the table is not of its
   *     size
   */
  public AdditiveWeights preference(Feature feature, double[] table, String reason) {
    int preference = feature.index() - Feature.FIRST_PREFERENCE;
    requireKind(
        feature, preference >= 0 && preference < ProfileTable.PREFERENCE_COUNT, "a preference");
    if (table.length != tables[preference].length) {
      throw new IllegalArgumentException(
          "table of %s has %d weights, not %d"
              .formatted(feature.label(), table.length, tables[preference].length));
    }
    tables[preference] = table.clone();
    reasons[feature.index()] = reason;
    return this;
  }

  /**
   * Sets a preference whose values have an order.
   *
   * @param byDistance log-odds when two values are 0, 1, 2, … places apart; an unknown value has 0
   *     with every other
   * @throws IllegalArgumentException as {@link #preference}, or if there is not one for each
   *     distance
   */
  public AdditiveWeights preferenceByDistance(Feature feature, double[] byDistance, String reason) {
    int codes = byDistance.length + 1;
    double[] table = new double[codes * codes];
    for (int a = 1; a < codes; a++) {
      for (int b = 1; b < codes; b++) {
        table[a * codes + b] = byDistance[Math.abs(a - b)];
      }
    }
    return preference(feature, table, reason);
  }

  /**
   * Sets {@link Feature#SHARED_INTERESTS} or {@link Feature#BUDGET_OVERLAP}.
   *
   * @param weight log-odds for each shared interest, or eighth of a doubling
   * @throws IllegalArgumentException if the feature is neither
   */
  public AdditiveWeights counted(Feature feature, double weight, String reason) {
    requireKind(
        feature,
        feature == Feature.SHARED_INTERESTS || feature == Feature.BUDGET_OVERLAP,
        "a count");
    if (feature == Feature.SHARED_INTERESTS) {
      interest = weight;
    } else {
      budget = weight;
    }
    reasons[feature.index()] = reason;
    return this;
  }

  /** Folds a Platt calibration in: the log-odds become {@code slope · log-odds + offset}. */
  public AdditiveWeights calibrated(double slope, double offset) {
    intercept = slope * intercept + offset;
    scale(sum, slope);
    scale(min, slope);
    for (double[] table : tables) {
      scale(table, slope);
    }
    interest *= slope;
    budget *= slope;
    return this;
  }

  String reason(Feature feature) {
    return reasons[feature.index()];
  }

  /** Rounded to fixed point. */
  AdditiveModel.Weights fixed() {
    AdditiveModel.Weights fixed = new AdditiveModel.Weights();
    fixed.intercept = ScoreScale.fixed(intercept);
    for (int i = 0; i < Feature.NUMERIC_COUNT; i++) {
      fixed.sum[i] = ScoreScale.fixed(sum[i]);
      fixed.min[i] = ScoreScale.fixed(min[i]);
    }
    for (int i = 0; i < tables.length; i++) {
      fixed.tables[i] = Arrays.stream(tables[i]).mapToInt(ScoreScale::fixed).toArray();
    }
    fixed.interest = ScoreScale.fixed(interest);
    fixed.budget = ScoreScale.fixed(budget);
    return fixed;
  }

  private static void scale(double[] weights, double factor) {
    for (int i = 0; i < weights.length; i++) {
      weights[i] *= factor;
    }
  }

  private static void requireKind(Feature feature, boolean ofKind, String kind) {
    if (!ofKind) {
      throw new IllegalArgumentException("%s is not %s".formatted(feature.label(), kind));
    }
  }
}
