package social.trvl.compat.model;

import java.util.ArrayList;
import java.util.List;
import social.trvl.compat.profile.ProfileTable;
import social.trvl.compat.profile.Vocabulary;

/**
 * How two people become the numbers that a model sees: vocabulary, training ranges, what stands in
 * for unknown values, caps. Everything about {@code pair-v1} that is no weight.
 *
 * <p>Numeric values are first clipped to the training range; unknown ones become the training
 * median. Trees see a pair as {@value #COLUMNS} integer columns, symmetric in the two, a feature's
 * columns side by side, in the order of {@link Feature}:
 *
 * <pre>
 * each trait, age, experience   _sum         a + b
 *                               _min         min(a, b)
 *                               _difference  |a − b|
 * each stated preference        _low         the lower of the two codes, 0 = unknown
 *                               _high        the higher of the two codes
 *                               _distance    high − low; −1 where either is unknown
 * budget_overlap                             clamp(min(high) − max(low), 0, cap) in eighths of a doubling
 * shared_interests                           min(cap, number of interests in common)
 * </pre>
 */
public final class FeatureSchema {

  /** Columns of a pair. */
  public static final int COLUMNS = 35;

  private static final Feature[] FEATURES = Feature.values();
  private static final int COLUMNS_PER_FEATURE = 3;
  private static final int BUDGET_COLUMN = 33;
  private static final int INTEREST_COLUMN = 34;

  /**
   * A trait (hundredths), the age (years) or the experience (1–5) as the training set had it.
   *
   * @param lowest of the training set; lower values are raised to it
   * @param highest of the training set; higher values are lowered to it
   * @param unknown stands in for an unknown value
   */
  public record Range(int lowest, int highest, int unknown) {

    int known(int value) {
      return value == ProfileTable.UNKNOWN ? unknown : Math.clamp(value, lowest, highest);
    }
  }

  /**
   * Daily budgets, in levels of {@link Vocabulary#budgetLevel}.
   *
   * @param unknownLow with unknownHigh the range that stands in for an unknown one
   * @param cap largest overlap that counts
   */
  public record Budget(int unknownLow, int unknownHigh, int cap) {}

  private final Vocabulary vocabulary;
  private final Range[] numeric;
  private final int interestCap;
  private final Budget budget;

  /**
   * @param numeric the five traits, age, experience, in the order of {@link Feature}
   * @param interestCap most shared interests that count
   * @throws IllegalArgumentException if there are not seven numeric ranges
   */
  public FeatureSchema(Vocabulary vocabulary, List<Range> numeric, int interestCap, Budget budget) {
    if (numeric.size() != Feature.NUMERIC_COUNT) {
      throw new IllegalArgumentException(
          "%d numeric ranges, not %d".formatted(numeric.size(), Feature.NUMERIC_COUNT));
    }
    this.vocabulary = vocabulary;
    this.numeric = numeric.toArray(Range[]::new);
    this.interestCap = interestCap;
    this.budget = budget;
  }

  public Vocabulary vocabulary() {
    return vocabulary;
  }

  /** Range of a trait, the age or the experience, by {@link Feature#index}. */
  public Range numeric(int feature) {
    return numeric[feature];
  }

  public int interestCap() {
    return interestCap;
  }

  public Budget budget() {
    return budget;
  }

  /** Codes of a preference, unknown included. */
  public int codes(int preference) {
    return vocabulary.preferenceValues(preference).size() + 1;
  }

  /** Names of the columns, in their order. */
  public static List<String> columnNames() {
    List<String> names = new ArrayList<>();
    for (int feature = 0; feature < Feature.BUDGET_OVERLAP.index(); feature++) {
      List<String> parts =
          feature < Feature.NUMERIC_COUNT
              ? List.of("_sum", "_min", "_difference")
              : List.of("_low", "_high", "_distance");
      for (String part : parts) {
        names.add(Feature.at(feature).label() + part);
      }
    }
    names.add(Feature.BUDGET_OVERLAP.label());
    names.add(Feature.SHARED_INTERESTS.label());
    return names;
  }

  /** {@link Feature#index} of the feature that a column belongs to. */
  public static int featureOf(int column) {
    return switch (column) {
      case BUDGET_COLUMN -> Feature.BUDGET_OVERLAP.index();
      case INTEREST_COLUMN -> Feature.SHARED_INTERESTS.index();
      default -> column / COLUMNS_PER_FEATURE;
    };
  }

  /** Smallest value that a column can have. */
  public int lowest(int column) {
    if (column >= BUDGET_COLUMN) {
      return 0;
    }
    int part = column % COLUMNS_PER_FEATURE;
    if (featureOf(column) >= Feature.FIRST_PREFERENCE) {
      return part == 2 ? -1 : 0;
    }
    int lowest = numeric[featureOf(column)].lowest;
    return part == 0 ? 2 * lowest : part == 1 ? lowest : 0;
  }

  /** Largest value that a column can have. */
  public int highest(int column) {
    if (column >= BUDGET_COLUMN) {
      return column == BUDGET_COLUMN ? budget.cap : interestCap;
    }
    int part = column % COLUMNS_PER_FEATURE;
    int feature = featureOf(column);
    if (feature >= Feature.FIRST_PREFERENCE) {
      int highestCode = codes(feature - Feature.FIRST_PREFERENCE) - 1;
      return part == 2 ? highestCode - 1 : highestCode;
    }
    Range range = numeric[feature];
    return part == 0 ? 2 * range.highest : part == 1 ? range.highest : range.highest - range.lowest;
  }

  /**
   * Writes the columns of a pair, one after the other.
   *
   * @param a row of one person in {@code people}; b of the other; the result is the same for (b, a)
   * @param columns receives {@value #COLUMNS} values from {@code at} on
   */
  public void fill(ProfileTable people, int a, int b, int[] columns, int at) {
    fill(people, a, new int[] {b}, 0, 1, columns, at, 1);
  }

  /**
   * Writes the columns of one person with several others: column c of the i-th pair to {@code at +
   * step · c + i}.
   *
   * @param others rows of the others, {@code count} from {@code from} on
   */
  void fill(
      ProfileTable people,
      int a,
      int[] others,
      int from,
      int count,
      int[] columns,
      int at,
      int step) {
    int to = at;
    for (int feature = 0; feature < Feature.NUMERIC_COUNT; feature++) {
      int x = value(people, feature, a);
      for (int i = 0; i < count; i++) {
        int y = value(people, feature, others[from + i]);
        columns[to + i] = x + y;
        columns[to + step + i] = Math.min(x, y);
        columns[to + 2 * step + i] = Math.abs(x - y);
      }
      to += COLUMNS_PER_FEATURE * step;
    }
    for (int preference = 0; preference < ProfileTable.PREFERENCE_COUNT; preference++) {
      int x = people.code(preference, a);
      for (int i = 0; i < count; i++) {
        int y = people.code(preference, others[from + i]);
        int low = Math.min(x, y);
        int high = Math.max(x, y);
        columns[to + i] = low;
        columns[to + step + i] = high;
        columns[to + 2 * step + i] = low == Vocabulary.UNKNOWN ? -1 : high - low;
      }
      to += COLUMNS_PER_FEATURE * step;
    }
    for (int i = 0; i < count; i++) {
      columns[to + i] = budgetOverlap(people, a, others[from + i]);
      columns[to + step + i] = sharedInterests(people, a, others[from + i]);
    }
  }

  /** A person's trait, age or experience, known and within the training range. */
  int value(ProfileTable people, int feature, int row) {
    int stated =
        feature < ProfileTable.TRAIT_COUNT
            ? people.trait(feature, row)
            : feature == Feature.AGE.index() ? people.age(row) : people.experience(row);
    return numeric[feature].known(stated);
  }

  int budgetLow(ProfileTable people, int row) {
    int level = people.budgetLow(row);
    return level == ProfileTable.UNKNOWN ? budget.unknownLow : level;
  }

  int budgetHigh(ProfileTable people, int row) {
    int level = people.budgetHigh(row);
    return level == ProfileTable.UNKNOWN ? budget.unknownHigh : level;
  }

  int budgetOverlap(ProfileTable people, int a, int b) {
    int overlap =
        Math.min(budgetHigh(people, a), budgetHigh(people, b))
            - Math.max(budgetLow(people, a), budgetLow(people, b));
    return Math.clamp(overlap, 0, budget.cap);
  }

  int sharedInterests(ProfileTable people, int a, int b) {
    int shared = 0;
    for (int word = 0; word < people.interestWords(); word++) {
      shared += Long.bitCount(people.interests(a, word) & people.interests(b, word));
    }
    return Math.min(interestCap, shared);
  }

  /** A bit for each feature, by its index, that the person stated something about. */
  public static int knownFeatures(ProfileTable people, int row) {
    int known = 0;
    for (Feature feature : FEATURES) {
      known |= isKnown(feature, people, row) ? 1 << feature.index() : 0;
    }
    return known;
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
}
