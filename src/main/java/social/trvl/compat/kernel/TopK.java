package social.trvl.compat.kernel;

import java.util.Arrays;

/**
 * The K best candidates seen so far: key descending, then lower row. A binary heap of longs with
 * the worst on top.
 *
 * <p>An entry is {@code key << 32 | ~row}: comparing two longs compares the keys first and, of
 * equal keys, prefers the lower row. The order is total, so the result does not depend on the order
 * of offers.
 */
public final class TopK {

  /**
   * The longest list that a person gets, 500, times the 8 candidates for each place that are
   * retrieved where a slower model chooses among them.
   */
  public static final int LARGEST_K = 4_000;

  private final long[] heap;
  private int size;

  /**
   * @throws IllegalArgumentException if k is not within 1–{@value #LARGEST_K}
   */
  public TopK(int k) {
    if (k < 1 || k > LARGEST_K) {
      throw new IllegalArgumentException("k (%d) is not within 1–%d".formatted(k, LARGEST_K));
    }
    heap = new long[k];
  }

  public int size() {
    return size;
  }

  /** Whether the list is full; until then every candidate enters. */
  boolean full() {
    return size == heap.length;
  }

  /**
   * Key of the worst entry: a lower key can't enter a full list, an equal one only with a lower
   * row.
   */
  int worstKey() {
    return (int) (heap[0] >> 32);
  }

  /** Whether the candidate would enter now. */
  public boolean admits(int key, int row) {
    return size < heap.length || entry(key, row) > heap[0];
  }

  /** Whether the row is listed. Needed where a candidate is met in several blocks. */
  boolean contains(int row) {
    for (int i = 0; i < size; i++) {
      if (row(heap[i]) == row) {
        return true;
      }
    }
    return false;
  }

  /**
   * Enters the candidate, in place of the worst if the list is full; the caller has asked {@link
   * #admits}.
   */
  public void add(int key, int row) {
    long entry = entry(key, row);
    if (size < heap.length) {
      int child = size++;
      while (child > 0 && heap[(child - 1) >>> 1] > entry) {
        heap[child] = heap[(child - 1) >>> 1];
        child = (child - 1) >>> 1;
      }
      heap[child] = entry;
      return;
    }
    int parent = 0;
    while (true) {
      int child = 2 * parent + 1;
      if (child >= size) {
        break;
      }
      if (child + 1 < size && heap[child + 1] < heap[child]) {
        child++;
      }
      if (heap[child] >= entry) {
        break;
      }
      heap[parent] = heap[child];
      parent = child;
    }
    heap[parent] = entry;
  }

  /**
   * Empties the list, best first.
   *
   * @param rows receives the rows at {@code from} and after
   * @param keys receives the keys likewise
   * @return how many there were
   */
  public int drain(int[] rows, int[] keys, int from) {
    Arrays.sort(heap, 0, size);
    int count = size;
    for (int i = 0; i < count; i++) {
      long entry = heap[count - 1 - i];
      rows[from + i] = row(entry);
      keys[from + i] = (int) (entry >> 32);
    }
    size = 0;
    return count;
  }

  private static long entry(int key, int row) {
    return ((long) key << 32) | (~row & 0xFFFF_FFFFL);
  }

  private static int row(long entry) {
    return ~(int) entry;
  }
}
