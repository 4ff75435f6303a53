package social.trvl.compat.kernel;

import java.util.Arrays;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * For each person a key that the worst of their final list probably reaches: the bound that the
 * list begins with, so that most candidates are turned away at once.
 */
final class Guesses {
  /*
   * A list that begins without a bound takes in K (1 + ln(N / K)) candidates on the way, 430 of
   * 100,000 for 50. Beginning at the key of the R-th best of all, it takes in K (1 + ln(R / K)).
   *
   * Every (N/M)-th person, in the order of categories, makes a sample of M. How many of a person's
   * K best are in it is about Poisson distributed with mean μ = K M / N. So the person's J-th best
   * in the sample is above the K-th best of all with the probability P(Poisson(μ) ≥ J), which J
   * keeps below RISK; and it is about the (J N / M)-th best of all. The filter has been asked for
   * the sample's best as well.
   *
   * A guess is checked, never trusted: a list whose worst key lies below the guess, or which is not
   * full, may have missed somebody, and is made again without. So the lists stay exact.
   */

  /** In smaller blocks everybody is soon met anyway. */
  private static final int FEWEST_PEOPLE = 2048;

  /**
   * Largest sample, one of so many people: meeting it costs 2/64 of what everybody's meeting costs.
   */
  private static final int LEAST_STEP = 64;

  /** How many of a person's K best the sample holds on average; more would only cost more. */
  private static final double MEAN = 0.8;

  private static final double RISK = 0.005;

  private Guesses() {}

  /**
   * Guesses for everybody, by place; the lowest int where there is nothing to go by.
   *
   * @param k length of the lists
   */
  static int[] of(PeopleVectors everybody, int k, PairFilter filter, int threads) {
    PairColumns columns = everybody.columns;
    int[] guesses = new int[columns.size];
    Arrays.fill(guesses, Integer.MIN_VALUE);
    int step = Math.max(LEAST_STEP, (int) (k / MEAN));
    if (columns.size < Math.max(FEWEST_PEOPLE, k * LEAST_STEP)) {
      return guesses;
    }
    int[] sampled =
        IntStream.range(0, columns.size / step).map(i -> everybody.order[i * step]).toArray();
    PeopleVectors sample = new PeopleVectors(columns.select(sampled), everybody.shape.bits());
    int depth = depth((double) k / step);
    @Nullable TopK[] tops = new TopK[columns.size];
    VectorRanking ranking =
        new VectorRanking(everybody, sample, tops, guesses.clone(), false, filter);
    Threads.runRanges(
        threads,
        columns.size,
        (from, to) -> {
          for (int place = from; place < to; place++) {
            tops[place] = new TopK(depth, depth + 1);
          }
          ranking.meetSample(from, to);
          for (int place = from; place < to; place++) {
            guesses[place] = Objects.requireNonNull(tops[place]).leastKey();
            tops[place] = null;
          }
        });
    return guesses;
  }

  /** The lowest J with P(Poisson(mean) ≥ J) below the risk. */
  static int depth(double mean) {
    double term = StrictMath.exp(-mean);
    double above = 1 - term;
    int depth = 1;
    while (above >= RISK) {
      term *= mean / depth++;
      above -= term;
    }
    return depth;
  }

  /** Places of those whose list may have missed somebody. */
  static int[] wrong(int[] guesses, TopK[] tops, int threads) {
    int[] least = new int[tops.length];
    Threads.runRanges(
        threads,
        tops.length,
        (from, to) -> {
          for (int place = from; place < to; place++) {
            // What is above its guess by its bound need not be looked through.
            int bound = tops[place].boundKey();
            least[place] = bound >= guesses[place] ? bound : tops[place].leastKey();
          }
        });
    return IntStream.range(0, least.length).filter(i -> least[i] < guesses[i]).toArray();
  }
}
