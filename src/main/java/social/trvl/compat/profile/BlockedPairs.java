package social.trvl.compat.profile;

import java.util.Arrays;

/**
 * Pairs of rows of a {@link ProfileTable} that must not meet, whoever of the two blocked the other.
 */
public final class BlockedPairs {

  /** {@code row << 32 | other}, each pair in both directions, ascending. */
  private final long[] pairs;

  BlockedPairs(long[] pairs) {
    this.pairs = pairs;
  }

  static BlockedPairs of(int[] ones, int[] others, int count) {
    long[] pairs = new long[2 * count];
    for (int i = 0; i < count; i++) {
      pairs[2 * i] = entry(ones[i], others[i]);
      pairs[2 * i + 1] = entry(others[i], ones[i]);
    }
    Arrays.sort(pairs);
    return new BlockedPairs(pairs);
  }

  public boolean contains(int row, int other) {
    return pairs.length > 0 && Arrays.binarySearch(pairs, entry(row, other)) >= 0;
  }

  /** How many pairs there are. */
  public int size() {
    return pairs.length / 2;
  }

  long[] entries() {
    return pairs;
  }

  private static long entry(int row, int other) {
    return ((long) row << 32) | other;
  }
}
