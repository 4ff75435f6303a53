package social.trvl.compat.model.training;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import social.trvl.compat.model.AdditiveWeights;
import social.trvl.compat.model.Feature;
import social.trvl.compat.model.FeatureSchema;
import social.trvl.compat.model.FeatureSchema.Budget;
import social.trvl.compat.profile.ProfileTable;

/**
 * The additive features of pairs as regressors, and the way back from coefficients to weights.
 *
 * <p>Sums, minima, distances of preferences and counts are standardised on the pairs trained on. A
 * preference's cells stand beside its distance, not standardised: a penalty on coefficients draws a
 * cell towards the line through the distances, and a cell with few pairs the more.
 *
 * <pre>
 * 2 · 7        sum and minimum of each trait, age, experience
 * for each     distance of the two codes, the mean where either is unknown
 * preference   one column for each unordered pair of codes, 0 = unknown included, of height cellScale
 * 2            shared interests, budget overlap, each up to its cap
 * </pre>
 */
final class AdditiveDesign {

  /**
   * How features become regressors.
   *
   * @param interestCap most shared interests that count
   * @param budgetCap largest budget overlap that counts
   * @param cellScale 0 leaves only the line through the distances
   */
  record Shape(int interestCap, int budgetCap, double cellScale) {}

  /** Of {@link FeatureSchema}'s columns, for each feature. */
  private static final int SUM = 0;

  private static final int MIN = 1;
  private static final int LOW = 0;
  private static final int HIGH = 1;
  private static final int DISTANCE = 2;
  private static final int COLUMNS_PER_FEATURE = 3;
  private static final int BUDGET_COLUMN = FeatureSchema.COLUMNS - 2;
  private static final int INTEREST_COLUMN = FeatureSchema.COLUMNS - 1;

  private static final String LEARNT = "Learnt from outcomes.";

  private final FeatureSchema schema;
  private final Shape shape;

  /** Regressor of each preference's distance; its cells follow. */
  private final int[] distanceAt = new int[ProfileTable.PREFERENCE_COUNT];

  private final int countsAt;
  private final int width;
  private final double[] mean;

  /** 1 for cells; 0 where all pairs are alike. */
  private final double[] scale;

  /**
   * @param rows where the columns of each pair to standardise on begin
   */
  AdditiveDesign(FeatureSchema schema, Shape shape, int[] columns, int[] rows) {
    this.schema = schema;
    this.shape = shape;
    int next = 2 * Feature.NUMERIC_COUNT;
    for (int i = 0; i < distanceAt.length; i++) {
      distanceAt[i] = next;
      next += 1 + schema.codes(i) * (schema.codes(i) + 1) / 2;
    }
    countsAt = next;
    width = next + 2;
    mean = new double[width];
    scale = new double[width];
    Arrays.fill(scale, 1);
    for (int i = 0; i < 2 * Feature.NUMERIC_COUNT; i++) {
      standardise(i, Arrays.stream(rows).mapToDouble(numeric(columns, i)).toArray());
    }
    for (int i = 0; i < distanceAt.length; i++) {
      int preference = i;
      standardise(
          distanceAt[i],
          Arrays.stream(rows)
              .map(row -> distance(columns, row, preference))
              .filter(distance -> distance >= 0)
              .asDoubleStream()
              .toArray());
    }
    standardise(
        countsAt, Arrays.stream(rows).mapToDouble(row -> interests(columns, row)).toArray());
    standardise(
        countsAt + 1, Arrays.stream(rows).mapToDouble(row -> budget(columns, row)).toArray());
  }

  /** Regressors of a pair. */
  int width() {
    return width;
  }

  /** Regressors of pairs whose columns begin at these places. */
  double[][] matrix(int[] columns, int[] rows) {
    double[][] matrix = new double[rows.length][];
    for (int i = 0; i < rows.length; i++) {
      matrix[i] = regressors(columns, rows[i]);
    }
    return matrix;
  }

  /**
   * The model that coefficients stand for.
   *
   * @param coefficients one for each regressor, then the intercept
   */
  AdditiveWeights weights(double[] coefficients) {
    double[] raw = new double[width];
    double intercept = coefficients[width];
    for (int i = 0; i < width; i++) {
      raw[i] = coefficients[i] * scale[i];
      intercept -= isDistance(i) ? 0 : raw[i] * mean[i];
    }
    Budget budget = schema.budget();
    AdditiveWeights weights =
        new AdditiveWeights(
            new FeatureSchema(
                schema.vocabulary(),
                IntStream.range(0, Feature.NUMERIC_COUNT).mapToObj(schema::numeric).toList(),
                shape.interestCap,
                new Budget(budget.unknownLow(), budget.unknownHigh(), shape.budgetCap)));
    for (int i = 0; i < Feature.NUMERIC_COUNT; i++) {
      weights.numeric(Feature.at(i), raw[2 * i], raw[2 * i + 1], LEARNT);
    }
    for (int i = 0; i < distanceAt.length; i++) {
      weights.preference(Feature.at(Feature.FIRST_PREFERENCE + i), table(i, raw), LEARNT);
    }
    return weights
        .counted(Feature.SHARED_INTERESTS, raw[countsAt], LEARNT)
        .counted(Feature.BUDGET_OVERLAP, raw[countsAt + 1], LEARNT)
        .intercept(intercept);
  }

  private double[] table(int preference, double[] raw) {
    int codes = schema.codes(preference);
    double[] table = new double[codes * codes];
    for (int a = 0; a < codes; a++) {
      for (int b = 0; b < codes; b++) {
        int low = Math.min(a, b);
        int high = Math.max(a, b);
        int at = distanceAt[preference];
        double line = low == 0 ? 0 : raw[at] * (high - low - mean[at]);
        table[a * codes + b] = line + raw[cell(preference, low, high)] * shape.cellScale;
      }
    }
    return table;
  }

  private double[] regressors(int[] columns, int row) {
    double[] x = new double[width];
    for (int i = 0; i < 2 * Feature.NUMERIC_COUNT; i++) {
      x[i] = (numeric(columns, i).applyAsDouble(row) - mean[i]) * scale[i];
    }
    for (int i = 0; i < distanceAt.length; i++) {
      int at = distanceAt[i];
      int distance = distance(columns, row, i);
      x[at] = distance < 0 ? 0 : (distance - mean[at]) * scale[at];
      int first = row + (Feature.FIRST_PREFERENCE + i) * COLUMNS_PER_FEATURE;
      x[cell(i, columns[first + LOW], columns[first + HIGH])] = shape.cellScale;
    }
    x[countsAt] = (interests(columns, row) - mean[countsAt]) * scale[countsAt];
    x[countsAt + 1] = (budget(columns, row) - mean[countsAt + 1]) * scale[countsAt + 1];
    return x;
  }

  /** Sums at even places, minima at odd ones. */
  private static IntToDoubleFunction numeric(int[] columns, int regressor) {
    int column = regressor / 2 * COLUMNS_PER_FEATURE + (regressor % 2 == 0 ? SUM : MIN);
    return row -> columns[row + column];
  }

  private static int distance(int[] columns, int row, int preference) {
    return columns[row + (Feature.FIRST_PREFERENCE + preference) * COLUMNS_PER_FEATURE + DISTANCE];
  }

  private int interests(int[] columns, int row) {
    return Math.min(shape.interestCap, columns[row + INTEREST_COLUMN]);
  }

  private int budget(int[] columns, int row) {
    return Math.min(shape.budgetCap, columns[row + BUDGET_COLUMN]);
  }

  /** Regressor of two codes, low ≤ high. */
  private int cell(int preference, int low, int high) {
    return distanceAt[preference] + 1 + high * (high + 1) / 2 + low;
  }

  private boolean isDistance(int regressor) {
    return Arrays.stream(distanceAt).anyMatch(at -> at == regressor);
  }

  private void standardise(int regressor, double[] values) {
    mean[regressor] = Arrays.stream(values).average().orElse(0);
    double variance =
        Arrays.stream(values)
            .map(value -> (value - mean[regressor]) * (value - mean[regressor]))
            .average()
            .orElse(0);
    scale[regressor] = variance < 1e-9 ? 0 : 1 / Math.sqrt(variance);
  }
}
