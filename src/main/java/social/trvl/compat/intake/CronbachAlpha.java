package social.trvl.compat.intake;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cronbach's alpha of one scale: how far its items measure one thing, at most 1.
 *
 * <p>Raw alpha = n/(n−1) · (1 − Σᵢ cov(i,i) / Σᵢⱼ cov(i,j)). Covariances are pairwise complete:
 * that of two items is taken over the people who answered both, as {@code psych::alpha} does in R.
 * The sums are whole numbers, so the result does not depend on the order of people.
 */
final class CronbachAlpha {

  private final int items;
  private final long[] count;
  private final long[] sum;
  private final long[] product;

  /**
   * @param items number of items, n
   */
  CronbachAlpha(int items) {
    this.items = items;
    this.count = new long[items * items];
    this.sum = new long[items * items];
    this.product = new long[items * items];
  }

  /** Adds a person's keyed answers, n of them; null is missing. */
  void add(List<@Nullable Integer> answers) {
    assert answers.size() == items;
    for (int i = 0; i < items; i++) {
      Integer a = answers.get(i);
      for (int j = 0; j < items && a != null; j++) {
        Integer b = answers.get(j);
        if (b != null) {
          count[i * items + j]++;
          // Sum of i over those who answered both; the sum of j stands at (j, i).
          sum[i * items + j] += a;
          product[i * items + j] += (long) a * b;
        }
      }
    }
  }

  /** Null if it is not defined: fewer than two items or people, or no variance. */
  @Nullable Double value() {
    double diagonal = 0;
    double all = 0;
    for (int i = 0; i < items; i++) {
      for (int j = 0; j < items; j++) {
        long n = count[i * items + j];
        if (n < 2) {
          return null;
        }
        double covariance =
            (product[i * items + j] - (double) sum[i * items + j] * sum[j * items + i] / n)
                / (n - 1);
        all += covariance;
        if (i == j) {
          diagonal += covariance;
        }
      }
    }
    return items < 2 || all <= 0 ? null : items / (items - 1.0) * (1 - diagonal / all);
  }
}
