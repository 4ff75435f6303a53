package social.trvl.compat.bench;

import java.util.Arrays;
import java.util.Collection;
import java.util.function.ToDoubleFunction;

/**
 * A quantity over the rounds of a benchmark.
 *
 * @param median the upper one of an even number of rounds
 */
public record Spread(double median, double least, double most, int rounds) {

  /**
   * Over the rounds of one quantity.
   *
   * @throws IllegalArgumentException if there is no round
   */
  static <T> Spread of(Collection<T> rounds, ToDoubleFunction<T> value) {
    if (rounds.isEmpty()) {
      throw new IllegalArgumentException("no round to take a median of");
    }
    double[] sorted = rounds.stream().mapToDouble(value).sorted().toArray();
    return new Spread(
        sorted[sorted.length / 2], sorted[0], sorted[sorted.length - 1], sorted.length);
  }

  /** The share of rounds that were at most so, e.g. .99. */
  static Spread quantile(double[] values, double share) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int at = Math.clamp((long) Math.ceil(share * sorted.length) - 1, 0, sorted.length - 1);
    return new Spread(sorted[at], sorted[0], sorted[sorted.length - 1], sorted.length);
  }

  static Spread once(double value) {
    return new Spread(value, value, value, 1);
  }
}
