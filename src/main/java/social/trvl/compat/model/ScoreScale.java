package social.trvl.compat.model;

/**
 * From fixed-point log-odds to the score that people see: 100 times the probability, in hundredths,
 * 0–10000.
 *
 * <p>{@code score = floor(10000 / (1 + e^−x) + ½)} with {@code x = logOdds / 2^20}, by {@link
 * StrictMath}, so that it is the same on every machine. It never falls as the log-odds rise, so the
 * 10,000 places where it steps up are found once, by bisection around the inverse, and after that a
 * score costs two look-ups instead of an exponential. (Lazy: one per virtual machine.)
 */
public final class ScoreScale {

  /** Fraction bits of all log-odds: 2^20 steps to a unit, about 2,000 units within int32. */
  public static final int FRACTION_BITS = 20;

  public static final int ONE = 1 << FRACTION_BITS;

  private static final int HIGHEST = 10_000;

  /** Beyond ±16 the score is 0 or 10000: e^−16 · 10000 &lt; ½. */
  public static final int LIMIT = 16 * ONE;

  /**
   * Cells are narrower than the closest steps (419 apart, around 0), so that each has one at most.
   */
  private static final int CELL_BITS = 8;

  /** At s: the smallest log-odds with a score of at least s. */
  private static final int[] STEPS = steps();

  /** At i: the score at the lower end of cell i, cells being 2^8 wide from −LIMIT. */
  private static final short[] CELLS = cells();

  /** The inverse of the logistic function errs by less, where a score begins. */
  private static final int NEAR = 8;

  /** {@link #bound} counts lower log-odds as this. */
  public static final int FLOOR = -2 * ONE;

  /*
   * The logistic σ bends both ways, so a mean of scores says little about the mean of log-odds. But
   * from −2 on it has a least concave function above it: the straight line from (−2, σ(−2)) that
   * touches it, and from the point of contact on the logistic itself. By Jensen's inequality a mean of
   * its values, weighed in whatever way, is not above its value at the same mean of the log-odds. With
   * the floor nearer, scores below it would count for too much; further, the line would be higher.
   */

  /** Where σ'(x) (x + 2) = σ(x) − σ(−2). */
  private static final double CONTACT = 0.9166;

  /** Far more than the contact's and double's rounding can do. */
  private static final double MARGIN = 1e-3;

  private ScoreScale() {}

  /**
   * What a mean of log-odds has to be at least for the same mean of their scores to reach a value.
   * Necessary, not sufficient, and cheap to hold many pairs against.
   *
   * @param score the mean of scores to be reached, in hundredths, up to 10000
   * @return fixed point, to be compared with the mean of the log-odds of which those below {@link
   *     #FLOOR} are raised to it
   */
  public static int bound(double score) {
    // A score is above its probability by half a hundredth at most.
    double probability = (score - 0.5) / HIGHEST;
    double atFloor = logistic((double) FLOOR / ONE);
    double atContact = logistic(CONTACT);
    double mean =
        probability >= atContact
            ? StrictMath.log(probability / (1 - probability))
            : (double) FLOOR / ONE
                + (probability - atFloor)
                    / (atContact - atFloor)
                    * (CONTACT - (double) FLOOR / ONE);
    return (int) Math.floor((mean - MARGIN) * ONE);
  }

  public static int hundredths(int logOdds) {
    if (logOdds < -LIMIT) {
      return 0;
    }
    if (logOdds >= LIMIT) {
      return HIGHEST;
    }
    int score = CELLS[(logOdds + LIMIT) >>> CELL_BITS];
    return score < HIGHEST && logOdds >= STEPS[score + 1] ? score + 1 : score;
  }

  public static double probability(int logOdds) {
    return logistic((double) logOdds / ONE);
  }

  private static double logistic(double x) {
    return 1 / (1 + StrictMath.exp(-x));
  }

  /**
   * Rounds a weight or leaf to fixed point, once.
   *
   * @throws IllegalArgumentException if it is not finite or beyond fixed point's range
   */
  static int fixed(double logOdds) {
    if (!(Math.abs(logOdds) < Integer.MAX_VALUE / (double) ONE)) {
      throw new IllegalArgumentException(
          "a weight (%s) is not within ±%d, the range of fixed point with %d fraction bits"
              .formatted(logOdds, Integer.MAX_VALUE / ONE, FRACTION_BITS));
    }
    return (int) Math.round(logOdds * ONE);
  }

  /**
   * Proves that no sum leaves int32.
   *
   * @param bound of the absolute value of every sum that can be formed
   * @throws Overflow if it is beyond int32
   */
  static void requireFits(long bound) {
    if (bound > Integer.MAX_VALUE) {
      throw new Overflow(
          "a score could reach %d, beyond %d: the weights are too large for fixed point with %d fraction bits"
              .formatted(bound, Integer.MAX_VALUE, FRACTION_BITS));
    }
  }

  /** Weights whose sums could leave int32. */
  static final class Overflow extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    Overflow(String message) {
      super(message);
    }
  }

  static int byFormula(int logOdds) {
    return (int) StrictMath.floor(HIGHEST * probability(logOdds) + 0.5);
  }

  private static int[] steps() {
    int[] steps = new int[HIGHEST + 1];
    steps[0] = Integer.MIN_VALUE;
    for (int score = 1; score <= HIGHEST; score++) {
      double probability = (score - 0.5) / HIGHEST;
      int about = (int) (StrictMath.log(probability / (1 - probability)) * ONE);
      int below = about - NEAR;
      int atLeast = about + NEAR;
      if (byFormula(below) >= score || byFormula(atLeast) < score) {
        throw new IllegalStateException("score %d does not begin near %d".formatted(score, about));
      }
      while (atLeast - below > 1) {
        int middle = below + (atLeast - below) / 2;
        if (byFormula(middle) >= score) {
          atLeast = middle;
        } else {
          below = middle;
        }
      }
      steps[score] = atLeast;
    }
    return steps;
  }

  private static short[] cells() {
    short[] cells = new short[(2 * LIMIT) >>> CELL_BITS];
    int score = 0;
    for (int i = 0; i < cells.length; i++) {
      int start = (i << CELL_BITS) - LIMIT;
      while (score < HIGHEST && start >= STEPS[score + 1]) {
        score++;
      }
      cells[i] = (short) score;
    }
    return cells;
  }
}
