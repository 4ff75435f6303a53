package social.trvl.compat.kernel;

import java.util.function.LongConsumer;

/**
 * Scores pairs of {@link PairColumns} and keeps each person's best: the door to the kernel.
 *
 * <p>{@link #score} is the reference, one pair at a time. Everything else is done by a ranker, the
 * widest vector one that this machine runs, or the scalar one; all give what {@link #score} and a
 * full sort would give, to the bit. Which one was chosen, and why, is in {@link #chosen}.
 */
public final class PairKernel {

  private static final RankerChoice CHOICE =
      RankerChoice.of(System.getProperty(RankerChoice.PROPERTY));

  /** As many as the widest vector has lanes. */
  public static final int RANGE_STEP = 16;

  private PairKernel() {}

  /**
   * Which ranker runs and why, e.g. {@code vectors of 512 bits} or {@code scalar: module
   * jdk.incubator.vector is not there; …}.
   */
  public static String chosen() {
    return CHOICE.reason();
  }

  static boolean usesVectors() {
    return CHOICE.ranker() instanceof VectorRanker;
  }

  /** Log-odds of one pair, fixed point; symmetric. */
  public static int score(PairColumns c, int a, int b) {
    int sum = c.own[a] + c.own[b];
    for (int t = 0; t < c.terms.length; t++) {
      int x = c.terms[t][a];
      int y = c.terms[t][b];
      sum += c.negative[t] ? Math.max(x, y) : Math.min(x, y);
    }
    sum += c.pairing[c.category[a] * c.categories + c.category[b]];
    int shared = 0;
    for (int[] half : c.interests) {
      shared += Integer.bitCount(half[a] & half[b]);
    }
    sum += c.interestWeight * Math.min(c.interestCap, shared);
    int overlap =
        Math.min(c.budgetHigh[a], c.budgetHigh[b]) - Math.max(c.budgetLow[a], c.budgetLow[b]);
    return sum + c.budgetWeight * Math.min(c.budgetCap, Math.max(0, overlap));
  }

  /**
   * Holds a range of candidates against a group, and finds those for whom a rule gives enough.
   *
   * <p>Candidates stand in an order of the kernel's own: ranges that cover 0 to the number of
   * people meet each once.
   *
   * @param group positions of its people
   * @param from first candidate, inclusive, a multiple of {@value #RANGE_STEP}
   * @param to last candidate, exclusive
   * @param rule makes one number of a candidate's log-odds with all of the group
   * @param bound which that number has to reach
   * @param found receives the positions of those who do
   * @param logOdds receives at {@code i · n + m} those of the i-th found with the m-th of n
   * @return how many do
   * @throws IllegalArgumentException if a position or the range is not within the columns, the
   *     group is empty, or {@code found} or {@code logOdds} is too short for all of the range
   */
  public static int meet(
      PairColumns c,
      int[] group,
      int from,
      int to,
      MeanAndLeast rule,
      int bound,
      int[] found,
      int[] logOdds) {
    if (from < 0
        || from % RANGE_STEP != 0
        || to > c.size
        || to - from > found.length
        || (long) (to - from) * group.length > logOdds.length
        || group.length == 0) {
      throw new IllegalArgumentException(
          "%d people against %d–%d of %d people into %d places, %d for log-odds"
              .formatted(group.length, from, to, c.size, found.length, logOdds.length));
    }
    for (int position : group) {
      if (position < 0 || position >= c.size) {
        throw new IllegalArgumentException("person %d of %d people".formatted(position, c.size));
      }
    }
    return CHOICE.ranker().meet(c, group, from, to, rule, bound, found, logOdds);
  }

  /**
   * Offers every person of the columns to the lists of some of them. A person is never offered to
   * their own list.
   *
   * @param positions whose lists are made
   * @param tops one list for each position; may hold candidates of other columns already
   * @param revisited whether a candidate may have been offered to these lists before, from other
   *     columns
   * @param filter asked with the caller's rows
   */
  public static void rank(
      PairColumns c, int[] positions, TopK[] tops, boolean revisited, PairFilter filter) {
    CHOICE.ranker().rank(c, positions, tops, revisited, filter);
  }

  /**
   * Offers every person of the columns to the lists of all others. Each pair is scored once for
   * both lists, so this is half the work of {@link #rank} for everybody.
   *
   * @param tops one list for each person of the columns; may hold candidates of other columns
   *     already
   * @param revisited whether a candidate may have been offered to these lists before, from other
   *     columns
   * @param filter asked with the caller's rows, by all threads
   * @param threads how many work at it; the lists are the same for any number
   * @param done told of ordered pairs as they are finished, by all threads
   * @throws IllegalArgumentException if there is not one list for each person
   */
  public static void rankAll(
      PairColumns c,
      TopK[] tops,
      boolean revisited,
      PairFilter filter,
      int threads,
      LongConsumer done) {
    if (tops.length != c.size) {
      throw new IllegalArgumentException("%d lists for %d people".formatted(tops.length, c.size));
    }
    TopK.share(tops, threads);
    CHOICE.ranker().rankAll(c, tops, revisited, filter, threads, done);
    TopK.trim(tops, threads);
  }
}
