package social.trvl.compat.profile;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.IntStream;

/**
 * Pairs of people who must not meet, whoever of the two blocked the other: rows of a {@link
 * ProfileTable}, and, for the fit to a group, people outside the table (members who can't be
 * scored) against rows.
 */
public final class BlockedPairs {

  /** Where each row's others begin; asked for every pair that may be listed. */
  private final int[] first;

  /** Rows blocked, each pair in both directions, ascending for each row. */
  private final int[] others;

  /** For a person outside the table the rows blocked, ascending; ordered for the digest. */
  private final Map<UUID, int[]> outsiders;

  /**
   * @param pairs {@code row << 32 | other}, each pair in both directions, ascending
   */
  private BlockedPairs(int people, long[] pairs, Map<UUID, int[]> outsiders) {
    first = new int[people + 1];
    others = new int[pairs.length];
    for (int i = 0; i < pairs.length; i++) {
      others[i] = (int) pairs[i];
      first[(int) (pairs[i] >>> Integer.SIZE) + 1] = i + 1;
    }
    for (int row = 0; row < people; row++) {
      first[row + 1] = Math.max(first[row], first[row + 1]);
    }
    this.outsiders = outsiders;
  }

  public boolean contains(int row, int other) {
    int from = first[row];
    int to = first[row + 1];
    return from < to && Arrays.binarySearch(others, from, to, other) >= 0;
  }

  /** Rows that must not meet a row, ascending. */
  public IntStream of(int row) {
    return Arrays.stream(others, first[row], first[row + 1]);
  }

  /** Rows that must not meet a person who is not in the table, ascending. */
  public IntStream ofOutsider(UUID person) {
    return Arrays.stream(outsiders.getOrDefault(person, new int[0]));
  }

  /** How many pairs of rows there are. */
  public int size() {
    return others.length / 2;
  }

  void digest(DigestFeed feed) {
    feed.add(first).add(others);
    for (Map.Entry<UUID, int[]> outsider : outsiders.entrySet()) {
      feed.add(outsider.getKey()).add(outsider.getValue());
    }
  }

  private static long entry(int row, int other) {
    return ((long) row << 32) | other;
  }

  /** Collects pairs as they are read. */
  static final class Collector {
    private final ProfileTable people;
    private long[] pairs = new long[128];
    private int size;
    private final Map<UUID, int[]> outsiders = new TreeMap<>();

    Collector(ProfileTable people) {
      this.people = people;
    }

    void add(UUID one, UUID other) {
      int row = people.rowOf(one);
      int otherRow = people.rowOf(other);
      if (row >= 0 && otherRow >= 0) {
        if (size + 2 > pairs.length) {
          pairs = Arrays.copyOf(pairs, 2 * pairs.length);
        }
        pairs[size++] = entry(row, otherRow);
        pairs[size++] = entry(otherRow, row);
      } else if (row >= 0) {
        outsiders.merge(other, new int[] {row}, Collector::joined);
      } else if (otherRow >= 0) {
        outsiders.merge(one, new int[] {otherRow}, Collector::joined);
      }
    }

    BlockedPairs collected() {
      long[] sorted = Arrays.copyOf(pairs, size);
      Arrays.sort(sorted);
      outsiders.values().forEach(Arrays::sort);
      return new BlockedPairs(people.size(), sorted, outsiders);
    }

    private static int[] joined(int[] rows, int[] more) {
      int[] result = Arrays.copyOf(rows, rows.length + more.length);
      System.arraycopy(more, 0, result, rows.length, more.length);
      return result;
    }
  }
}
