package social.trvl.compat.model;

import java.util.Arrays;
import java.util.stream.IntStream;
import social.trvl.compat.kernel.PairColumns;
import social.trvl.compat.model.Feature.Block;
import social.trvl.compat.profile.ProfileTable;

/**
 * The additive family over the symmetric features {@code pair-v1}, in fixed point.
 *
 * <pre>
 * log-odds · 2^20 = intercept
 *   + Σ over traits, age, experience   weight_sum · (a + b) + weight_min · min(a, b)
 *   + Σ over stated preferences        table[code a][code b]          (symmetric; code 0 = unknown)
 *   + shared interests                 weight · min(cap, count)
 *   + budget overlap                   weight · clamp(min(high) − max(low), 0, cap)
 * </pre>
 *
 * <p>Clipping, unknown values and caps stand at {@link FeatureSchema}. Sum and minimum together
 * span mean, difference, minimum and maximum of two values.
 */
public final class AdditiveModel extends PairModel {

  /** Largest share of the level that a candidate's rank may be reduced by, in percent. */
  public static final int LARGEST_GAMMA_PERCENT = 200;

  /** All weights, fixed point: 2^20 to one log-odds. */
  static final class Weights {
    int intercept;

    /** For each trait, age and experience, a unit of the sum of two values. */
    final int[] sum = new int[Feature.NUMERIC_COUNT];

    /** Likewise of their minimum. */
    final int[] min = new int[Feature.NUMERIC_COUNT];

    /** For each preference, row-major over the codes of the two, symmetric. */
    final int[][] tables = new int[ProfileTable.PREFERENCE_COUNT][];

    int interest;
    int budget;
  }

  private final Weights weights;

  /**
   * @throws IllegalArgumentException if a sum of terms could leave int32
   */
  AdditiveModel(About about, String sha256, FeatureSchema schema, Weights weights) {
    this(about, sha256, schema, weights, new Extremes());
  }

  private AdditiveModel(
      About about, String sha256, FeatureSchema schema, Weights weights, Extremes extremes) {
    super(about, sha256, schema, extremes);
    this.weights = weights;
    requireNoOverflow();
    findExtremes(extremes);
  }

  @Override
  public AdditiveModel additive() {
    return this;
  }

  @Override
  public int intercept() {
    return weights.intercept;
  }

  @Override
  public int[] contributions(ProfileTable people, int a, int b) {
    int[] result = new int[Feature.COUNT];
    for (int i = 0; i < Feature.NUMERIC_COUNT; i++) {
      result[i] = numeric(i, schema().value(people, i, a), schema().value(people, i, b));
    }
    for (int i = 0; i < ProfileTable.PREFERENCE_COUNT; i++) {
      result[Feature.FIRST_PREFERENCE + i] =
          weights.tables[i][people.code(i, a) * schema().codes(i) + people.code(i, b)];
    }
    result[Feature.BUDGET_OVERLAP.index()] = weights.budget * schema().budgetOverlap(people, a, b);
    result[Feature.SHARED_INTERESTS.index()] =
        weights.interest * schema().sharedInterests(people, a, b);
    return result;
  }

  /** Preferences are what is left of the log-odds: cheaper than adding up seven features. */
  @Override
  public void sums(ProfileTable people, int a, int b, int logOdds, int[] sums) {
    int personality = 0;
    for (int trait = 0; trait < ProfileTable.TRAIT_COUNT; trait++) {
      personality +=
          numeric(trait, schema().value(people, trait, a), schema().value(people, trait, b));
    }
    int interest = weights.interest * schema().sharedInterests(people, a, b);
    sums[Block.PERSONALITY.index()] = personality;
    sums[Block.INTEREST.index()] = interest;
    sums[Block.PREFERENCE.index()] = logOdds - weights.intercept - personality - interest;
  }

  @Override
  public double[] attributions(ProfileTable people, int a, int b) {
    int[] contributions = contributions(people, a, b);
    double[] result = new double[contributions.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = (double) contributions[i] / ScoreScale.ONE;
    }
    return result;
  }

  @Override
  public double base() {
    return (double) weights.intercept / ScoreScale.ONE;
  }

  /**
   * What a feature contributes while neither of a pair states anything that counts; what it
   * contributes beyond that speaks for the pair.
   */
  public int neutral(Feature preferenceOrCount) {
    int preference = preferenceOrCount.index() - Feature.FIRST_PREFERENCE;
    return preference < ProfileTable.PREFERENCE_COUNT ? weights.tables[preference][0] : 0;
  }

  private int numeric(int feature, int x, int y) {
    return weights.sum[feature] * (x + y) + weights.min[feature] * Math.min(x, y);
  }

  /** The population as the kernel wants it, in the table's order. */
  public PairColumns columns(ProfileTable people, int gammaPercent) {
    if (gammaPercent < 0 || gammaPercent > LARGEST_GAMMA_PERCENT) {
      throw new IllegalArgumentException(
          "gamma (%d %%) is not within 0–%d %%: the bound against overflow was proven up to there"
              .formatted(gammaPercent, LARGEST_GAMMA_PERCENT));
    }
    int n = people.size();
    int[] rows = new int[n];
    int[] own = new int[n];
    int[] handicap = new int[n];
    // A term without a weight would cost the kernel as much as any other.
    int[] weighted =
        IntStream.range(0, Feature.NUMERIC_COUNT).filter(i -> weights.min[i] != 0).toArray();
    int[][] terms = new int[weighted.length][n];
    int[] category = new int[n];
    long[][] words = new long[people.interestWords()][n];
    int[] low = new int[n];
    int[] high = new int[n];
    for (int row = 0; row < n; row++) {
      rows[row] = row;
      for (int i = 0; i < Feature.NUMERIC_COUNT; i++) {
        own[row] += weights.sum[i] * schema().value(people, i, row);
      }
      for (int term = 0; term < weighted.length; term++) {
        terms[term][row] =
            weights.min[weighted[term]] * schema().value(people, weighted[term], row);
      }
      handicap[row] = handicap(people, row, gammaPercent);
      category[row] = category(people, row);
      for (int word = 0; word < words.length; word++) {
        words[word][row] = people.interests(row, word);
      }
      low[row] = schema().budgetLow(people, row);
      high[row] = schema().budgetHigh(people, row);
    }
    boolean[] negative = new boolean[weighted.length];
    for (int term = 0; term < weighted.length; term++) {
      negative[term] = weights.min[weighted[term]] < 0;
    }
    return new PairColumns(
        rows,
        own,
        handicap,
        terms,
        negative,
        category,
        categories(),
        pairing(),
        words,
        weights.interest,
        schema().interestCap(),
        low,
        high,
        weights.budget,
        schema().budget().cap());
  }

  /**
   * γ · level, what a candidate's rank is reduced by. The level is the candidate's own additive
   * part: with {@code min(a, b) = (a + b − |a − b|) / 2} the numeric terms are {@code (weight_sum +
   * weight_min / 2)(a + b)} and a difference.
   */
  int handicap(ProfileTable people, int row, int gammaPercent) {
    long twiceLevel = 0;
    for (int i = 0; i < Feature.NUMERIC_COUNT; i++) {
      twiceLevel += (2L * weights.sum[i] + weights.min[i]) * schema().value(people, i, row);
    }
    return Math.toIntExact(Math.floorDiv(twiceLevel * gammaPercent, 200));
  }

  private int category(ProfileTable people, int row) {
    int category = 0;
    for (int i = 0; i < ProfileTable.PREFERENCE_COUNT; i++) {
      category = category * schema().codes(i) + people.code(i, row);
    }
    return category;
  }

  private int categories() {
    int product = 1;
    for (int i = 0; i < ProfileTable.PREFERENCE_COUNT; i++) {
      product *= schema().codes(i);
    }
    return product;
  }

  /**
   * The four tables and the intercept as one, over combinations of codes: one preference after the
   * other, each code of it in combination with all before.
   */
  private int[] pairing() {
    int n = 1;
    int[] pairing = {weights.intercept};
    for (int i = 0; i < ProfileTable.PREFERENCE_COUNT; i++) {
      int codes = schema().codes(i);
      int[] wider = new int[n * codes * n * codes];
      int at = 0;
      for (int a = 0; a < n * codes; a++) {
        int row = a % codes * codes;
        for (int b = 0; b < n; b++) {
          int sum = pairing[a / codes * n + b];
          for (int code = 0; code < codes; code++) {
            wider[at++] = sum + weights.tables[i][row + code];
          }
        }
      }
      pairing = wider;
      n *= codes;
    }
    return pairing;
  }

  /** A numeric feature is piecewise linear, so its extremes lie at the corners of x ≤ y. */
  private void findExtremes(Extremes extremes) {
    for (Feature feature : Feature.values()) {
      int i = feature.index();
      int[] attained;
      if (i < Feature.NUMERIC_COUNT) {
        int lowest = schema().numeric(i).lowest();
        int highest = schema().numeric(i).highest();
        attained =
            new int[] {
              numeric(i, lowest, lowest), numeric(i, lowest, highest), numeric(i, highest, highest)
            };
      } else if (feature == Feature.BUDGET_OVERLAP) {
        attained = new int[] {0, weights.budget * schema().budget().cap()};
      } else if (feature == Feature.SHARED_INTERESTS) {
        attained = new int[] {0, weights.interest * schema().interestCap()};
      } else {
        attained = weights.tables[i - Feature.FIRST_PREFERENCE];
      }
      int worst = Arrays.stream(attained).min().getAsInt();
      int best = Arrays.stream(attained).max().getAsInt();
      extremes.add(feature, worst, best);
      extremes.add(feature.block(), worst, best);
    }
  }

  /** The largest handicap that anybody can have. */
  long largestHandicap() {
    long bound = 0;
    for (int i = 0; i < Feature.NUMERIC_COUNT; i++) {
      long twiceLevel =
          largest(schema().numeric(i)) * Math.abs(2L * weights.sum[i] + weights.min[i]);
      bound += twiceLevel * LARGEST_GAMMA_PERCENT / 200 + 1;
    }
    return bound;
  }

  /**
   * Bounds every partial sum that the kernel can form, in whatever order: the sum of the absolute
   * values of all its terms, handicap included, stays below 2^31.
   */
  private void requireNoOverflow() {
    long bound = Math.abs((long) weights.intercept) + largestHandicap();
    for (int i = 0; i < Feature.NUMERIC_COUNT; i++) {
      bound +=
          largest(schema().numeric(i))
              * (2 * Math.abs((long) weights.sum[i]) + Math.abs((long) weights.min[i]));
    }
    for (int[] table : weights.tables) {
      bound += Arrays.stream(table).mapToLong(weight -> Math.abs((long) weight)).max().orElse(0);
    }
    bound +=
        Math.abs((long) weights.budget * schema().budget().cap())
            + Math.abs((long) weights.interest * schema().interestCap());
    ScoreScale.requireFits(bound);
  }

  private static long largest(FeatureSchema.Range range) {
    return Math.max(Math.abs((long) range.lowest()), Math.abs((long) range.highest()));
  }
}
