package social.trvl.compat.model;

import java.util.List;
import java.util.stream.IntStream;
import social.trvl.compat.kernel.PairColumns;
import social.trvl.compat.profile.ProfileTable;
import social.trvl.compat.profile.Vocabulary;

/**
 * An additive model over the symmetric features {@code pair-v1}, in fixed point: what an artefact
 * says, ready to score.
 *
 * <pre>
 * log-odds · 2^20 = intercept
 *   + Σ over traits, age, experience   weight_sum · (a + b) + weight_min · min(a, b)
 *   + Σ over stated preferences        table[code a][code b]          (symmetric; code 0 = unknown)
 *   + shared interests                 weight · min(cap, count)
 *   + budget overlap                   weight · clamp(min(high) − max(low), 0, cap)
 * </pre>
 *
 * <p>Numeric values are first clipped to the training range; unknown ones become the training
 * median. Sum and minimum together span mean, difference, minimum and maximum of two values.
 */
public final class PairModel {

  /**
   * A trait (hundredths), the age (years) or the experience (1–5).
   *
   * @param lowest of the training range
   * @param highest of the training range
   * @param unknown stands in for an unknown value
   */
  record Numeric(int lowest, int highest, int unknown, int weightSum, int weightMin) {

    int known(int value) {
      return value == ProfileTable.UNKNOWN ? unknown : Math.clamp(value, lowest, highest);
    }

    int contribution(int x, int y) {
      return weightSum * (x + y) + weightMin * Math.min(x, y);
    }

    /** Piecewise linear in two values, so its extremes lie at the corners of x ≤ y. */
    int lowestContribution() {
      return Math.min(
          contribution(lowest, lowest),
          Math.min(contribution(highest, highest), contribution(lowest, highest)));
    }

    int highestContribution() {
      return Math.max(
          contribution(lowest, lowest),
          Math.max(contribution(highest, highest), contribution(lowest, highest)));
    }
  }

  /** A symmetric table over the codes of a stated preference, row-major, codes × codes. */
  static final class PreferenceTable {
    final int codes;
    final int[] weights;

    PreferenceTable(int codes, int[] weights) {
      this.codes = codes;
      this.weights = weights;
    }

    int at(int a, int b) {
      return weights[a * codes + b];
    }
  }

  /** Weight and cap of a counted feature. */
  record Counted(int weight, int cap) {
    int contribution(int count) {
      return weight * Math.min(cap, Math.max(0, count));
    }
  }

  /** Largest share of the level that a candidate's rank may be reduced by, in percent. */
  public static final int LARGEST_GAMMA_PERCENT = 200;

  private final String name;
  private final boolean calibrated;
  private final String sha256;
  private final Vocabulary vocabulary;
  private final int intercept;
  private final List<Numeric> numeric;
  private final List<PreferenceTable> preferences;
  private final Counted interests;
  private final Counted budget;
  private final int unknownBudgetLow;
  private final int unknownBudgetHigh;
  private final int[] worst = new int[Feature.COUNT];
  private final int[] best = new int[Feature.COUNT];

  PairModel(
      String name,
      boolean calibrated,
      String sha256,
      Vocabulary vocabulary,
      int intercept,
      List<Numeric> numeric,
      List<PreferenceTable> preferences,
      Counted interests,
      Counted budget,
      int unknownBudgetLow,
      int unknownBudgetHigh) {
    this.name = name;
    this.calibrated = calibrated;
    this.sha256 = sha256;
    this.vocabulary = vocabulary;
    this.intercept = intercept;
    this.numeric = List.copyOf(numeric);
    this.preferences = List.copyOf(preferences);
    this.interests = interests;
    this.budget = budget;
    this.unknownBudgetLow = unknownBudgetLow;
    this.unknownBudgetHigh = unknownBudgetHigh;
    requireNoOverflow();
    findExtremes();
  }

  public String name() {
    return name;
  }

  /** Whether a score is a probability measured against outcomes, or only a documented opinion. */
  public boolean calibrated() {
    return calibrated;
  }

  public String sha256() {
    return sha256;
  }

  public Vocabulary vocabulary() {
    return vocabulary;
  }

  public int intercept() {
    return intercept;
  }

  /**
   * Contribution of each feature to the log-odds of a pair, fixed point, in the order of {@link
   * Feature}; with the intercept they sum to the score's log-odds exactly.
   */
  public int[] contributions(ProfileTable people, int a, int b) {
    int[] result = new int[Feature.COUNT];
    for (int i = 0; i < Feature.NUMERIC_COUNT; i++) {
      Numeric feature = numeric.get(i);
      result[i] =
          feature.contribution(
              feature.known(value(people, i, a)), feature.known(value(people, i, b)));
    }
    for (int i = 0; i < ProfileTable.PREFERENCE_COUNT; i++) {
      result[Feature.FIRST_PREFERENCE + i] =
          preferences.get(i).at(people.code(i, a), people.code(i, b));
    }
    int overlap =
        Math.min(budgetHigh(people, a), budgetHigh(people, b))
            - Math.max(budgetLow(people, a), budgetLow(people, b));
    result[Feature.BUDGET_OVERLAP.index()] = budget.contribution(overlap);
    result[Feature.SHARED_INTERESTS.index()] =
        interests.contribution(sharedInterests(people, a, b));
    return result;
  }

  /** Log-odds of a pair, fixed point, by its contributions. */
  public int logOdds(ProfileTable people, int a, int b) {
    int sum = intercept;
    for (int contribution : contributions(people, a, b)) {
      sum += contribution;
    }
    return sum;
  }

  /**
   * Where a block's contribution lies between its worst and best attainable value under this model.
   *
   * @param contributions of the pair, from {@link #contributions}
   * @return hundredths of a percent, 0 (worst) to 10000 (best), rounded half up; 5000 where the
   *     block has no weight
   */
  public int match(Feature.Block block, int[] contributions) {
    long from = 0;
    long to = 0;
    long value = 0;
    for (Feature feature : Feature.values()) {
      if (feature.block() == block) {
        from += worst[feature.index()];
        to += best[feature.index()];
        value += contributions[feature.index()];
      }
    }
    if (from == to) {
      return 5_000;
    }
    return (int) ((2 * 10_000 * (value - from) + (to - from)) / (2 * (to - from)));
  }

  /**
   * Share of the model's attainable range that rests on what both people stated, in percent,
   * rounded half up.
   */
  public int completeness(ProfileTable people, int a, int b) {
    long known = 0;
    long all = 0;
    for (Feature feature : Feature.values()) {
      long range = (long) best[feature.index()] - worst[feature.index()];
      all += range;
      if (isKnown(feature, people, a) && isKnown(feature, people, b)) {
        known += range;
      }
    }
    return all == 0 ? 100 : (int) ((200 * known + all) / (2 * all));
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
        IntStream.range(0, Feature.NUMERIC_COUNT)
            .filter(i -> numeric.get(i).weightMin != 0)
            .toArray();
    int[][] terms = new int[weighted.length][n];
    int[] category = new int[n];
    long[][] words = new long[people.interestWords()][n];
    int[] low = new int[n];
    int[] high = new int[n];
    for (int row = 0; row < n; row++) {
      rows[row] = row;
      for (int i = 0; i < Feature.NUMERIC_COUNT; i++) {
        int value = numeric.get(i).known(value(people, i, row));
        own[row] += numeric.get(i).weightSum * value;
      }
      for (int term = 0; term < weighted.length; term++) {
        Numeric feature = numeric.get(weighted[term]);
        terms[term][row] = feature.weightMin * feature.known(value(people, weighted[term], row));
      }
      handicap[row] = handicap(people, row, gammaPercent);
      category[row] = category(people, row);
      for (int word = 0; word < words.length; word++) {
        words[word][row] = people.interests(row, word);
      }
      low[row] = budgetLow(people, row);
      high[row] = budgetHigh(people, row);
    }
    boolean[] negative = new boolean[weighted.length];
    for (int term = 0; term < weighted.length; term++) {
      negative[term] = numeric.get(weighted[term]).weightMin < 0;
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
        interests.weight,
        interests.cap,
        low,
        high,
        budget.weight,
        budget.cap);
  }

  /**
   * γ · level, what a candidate's rank is reduced by. The level is the candidate's own additive
   * part: with {@code min(a, b) = (a + b − |a − b|) / 2} the numeric terms are {@code (weight_sum +
   * weight_min / 2)(a + b)} and a difference.
   */
  int handicap(ProfileTable people, int row, int gammaPercent) {
    long twiceLevel = 0;
    for (int i = 0; i < Feature.NUMERIC_COUNT; i++) {
      Numeric feature = numeric.get(i);
      twiceLevel +=
          (2L * feature.weightSum + feature.weightMin) * feature.known(value(people, i, row));
    }
    return Math.toIntExact(Math.floorDiv(twiceLevel * gammaPercent, 200));
  }

  private static int value(ProfileTable people, int numericFeature, int row) {
    if (numericFeature < ProfileTable.TRAIT_COUNT) {
      return people.trait(numericFeature, row);
    }
    return numericFeature == Feature.AGE.index() ? people.age(row) : people.experience(row);
  }

  private int budgetLow(ProfileTable people, int row) {
    int level = people.budgetLow(row);
    return level == ProfileTable.UNKNOWN ? unknownBudgetLow : level;
  }

  private int budgetHigh(ProfileTable people, int row) {
    int level = people.budgetHigh(row);
    return level == ProfileTable.UNKNOWN ? unknownBudgetHigh : level;
  }

  private static int sharedInterests(ProfileTable people, int a, int b) {
    int shared = 0;
    for (int word = 0; word < people.interestWords(); word++) {
      shared += Long.bitCount(people.interests(a, word) & people.interests(b, word));
    }
    return shared;
  }

  private static boolean isKnown(Feature feature, ProfileTable people, int row) {
    return switch (feature) {
      case OPENNESS, CONSCIENTIOUSNESS, EXTRAVERSION, AGREEABLENESS, NEUROTICISM -> true;
      case AGE -> people.age(row) != ProfileTable.UNKNOWN;
      case EXPERIENCE -> people.experience(row) != ProfileTable.UNKNOWN;
      case ADVENTURE_STYLE, BUDGET_PREFERENCE, PLANNING_STYLE, GROUP_PREFERENCE ->
          people.code(feature.index() - Feature.FIRST_PREFERENCE, row) != Vocabulary.UNKNOWN;
      case BUDGET_OVERLAP -> people.budgetLow(row) != ProfileTable.UNKNOWN;
      case SHARED_INTERESTS -> people.statesInterests(row);
    };
  }

  private int category(ProfileTable people, int row) {
    int category = 0;
    for (int i = 0; i < preferences.size(); i++) {
      category = category * preferences.get(i).codes + people.code(i, row);
    }
    return category;
  }

  private int categories() {
    int product = 1;
    for (PreferenceTable table : preferences) {
      product *= table.codes;
    }
    return product;
  }

  /** The four tables and the intercept as one, over combinations of codes. */
  private int[] pairing() {
    int n = categories();
    int[] pairing = new int[n * n];
    for (int a = 0; a < n; a++) {
      for (int b = 0; b < n; b++) {
        int sum = intercept;
        int x = a;
        int y = b;
        for (PreferenceTable table : preferences.reversed()) {
          sum += table.at(x % table.codes, y % table.codes);
          x /= table.codes;
          y /= table.codes;
        }
        pairing[a * n + b] = sum;
      }
    }
    return pairing;
  }

  private void findExtremes() {
    for (int i = 0; i < Feature.NUMERIC_COUNT; i++) {
      worst[i] = numeric.get(i).lowestContribution();
      best[i] = numeric.get(i).highestContribution();
    }
    for (int i = 0; i < preferences.size(); i++) {
      int lowest = Integer.MAX_VALUE;
      int highest = Integer.MIN_VALUE;
      for (int weight : preferences.get(i).weights) {
        lowest = Math.min(lowest, weight);
        highest = Math.max(highest, weight);
      }
      worst[Feature.FIRST_PREFERENCE + i] = lowest;
      best[Feature.FIRST_PREFERENCE + i] = highest;
    }
    range(Feature.BUDGET_OVERLAP, budget);
    range(Feature.SHARED_INTERESTS, interests);
  }

  private void range(Feature feature, Counted counted) {
    int full = counted.weight * counted.cap;
    worst[feature.index()] = Math.min(0, full);
    best[feature.index()] = Math.max(0, full);
  }

  /**
   * Bounds every partial sum that the kernel can form, in whatever order: the sum of the absolute
   * values of all its terms, handicap included, stays below 2^31.
   */
  private void requireNoOverflow() {
    long bound = Math.abs((long) intercept);
    for (Numeric feature : numeric) {
      long largest = Math.max(Math.abs((long) feature.lowest), Math.abs((long) feature.highest));
      bound +=
          largest * (2 * Math.abs((long) feature.weightSum) + Math.abs((long) feature.weightMin));
      long twiceLevel = largest * Math.abs(2L * feature.weightSum + feature.weightMin);
      bound += twiceLevel * LARGEST_GAMMA_PERCENT / 200 + 1;
    }
    for (PreferenceTable table : preferences) {
      long largest = 0;
      for (int weight : table.weights) {
        largest = Math.max(largest, Math.abs((long) weight));
      }
      bound += largest;
    }
    bound +=
        Math.abs((long) budget.weight * budget.cap)
            + Math.abs((long) interests.weight * interests.cap);
    if (bound > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "a score could reach %d, beyond %d: the weights are too large for fixed point with %d fraction bits"
              .formatted(bound, Integer.MAX_VALUE, ScoreScale.FRACTION_BITS));
    }
  }
}
