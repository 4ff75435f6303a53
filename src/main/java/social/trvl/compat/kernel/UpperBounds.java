package social.trvl.compat.kernel;

/**
 * Scores in 16 bits that no score lies above: what the hot loop looks at, twice as many at a time
 * as of exact ones. Who may enter a list by them is scored exactly.
 *
 * <pre>
 * x↑           = ⌈x / 2^lostBits⌉
 * score↑(a, b) = the formula of {@link PairColumns} over x↑ for each term, entry and weight
 * </pre>
 *
 * <p>As ⌈x⌉ + ⌈y⌉ ≥ ⌈x + y⌉, and rounding keeps the order that minima and maxima go by, score ≥
 * threshold implies score↑ ≥ ⌊threshold / 2^lostBits⌋. Each term adds less than one unit, so few
 * are looked at in vain. Filtering by cheap bounds and refining what is left is how nearest
 * neighbours are found in VA-files (Weber, Schek, Blott, "A Quantitative Analysis and Performance
 * Study for Similarity-Search Methods in High-Dimensional Spaces", VLDB 1998).
 *
 * @param lostBits the fewest for which the sum of the largest absolute values of all terms, rounded
 *     up, stays within int16; so no partial sum leaves it, in whatever order
 * @param words how many words of 16 interests anybody has a bit in
 */
record UpperBounds(int lostBits, int words) {

  /** So that the difference of two levels of budgets stays within int16. */
  static final int LARGEST_LEVEL = Short.MAX_VALUE / 2;

  /**
   * @throws IllegalArgumentException if budgets or caps are too large
   */
  static UpperBounds of(PairColumns c) {
    requireLevels(c.budgetLow);
    requireLevels(c.budgetHigh);
    int words = 2 * c.interests.length;
    if (words > 0 && !anyHigh(c.interests[c.interests.length - 1])) {
      words--;
    }
    int interestCap = Math.min(c.interestCap, Short.SIZE * words);
    long sum =
        largest(c.pairing)
            + (long) interestCap * Math.abs((long) c.interestWeight)
            + (long) c.budgetCap * Math.abs((long) c.budgetWeight);
    int roundings = 2 + interestCap + c.budgetCap + c.terms.length;
    for (int[] term : c.terms) {
      sum += largest(term);
    }
    long level = 0;
    for (int i = 0; i < c.size; i++) {
      level = Math.max(level, Math.abs((long) c.own[i] - c.handicap[i]));
    }
    sum += level;
    int lostBits = 0;
    while ((sum >> lostBits) + 1 + roundings > Short.MAX_VALUE) {
      if (++lostBits == Long.SIZE) {
        throw new IllegalArgumentException(
            "caps of %d interests and %d levels of budget are too large"
                .formatted(c.interestCap, c.budgetCap));
      }
    }
    return new UpperBounds(lostBits, words);
  }

  /** A term, entry or weight rounded up. */
  short up(int value) {
    return (short) -(-(long) value >> lostBits);
  }

  /**
   * A threshold rounded down; one beyond int16 becomes its end, which does not change who passes.
   */
  short down(int threshold) {
    return (short) Math.clamp(threshold >> lostBits, Short.MIN_VALUE, Short.MAX_VALUE);
  }

  /** What caps a number that is itself within int16. */
  static short cap(int cap) {
    return (short) Math.min(cap, Short.MAX_VALUE);
  }

  private static void requireLevels(int[] levels) {
    for (int level : levels) {
      if (Math.abs(level) > LARGEST_LEVEL) {
        throw new IllegalArgumentException(
            "a budget's level of %d is not within ±%d".formatted(level, LARGEST_LEVEL));
      }
    }
  }

  private static long largest(int[] values) {
    long largest = 0;
    for (int value : values) {
      largest = Math.max(largest, Math.abs((long) value));
    }
    return largest;
  }

  private static boolean anyHigh(int[] words) {
    int any = 0;
    for (int word : words) {
      any |= word;
    }
    return any >>> Short.SIZE != 0;
  }
}
