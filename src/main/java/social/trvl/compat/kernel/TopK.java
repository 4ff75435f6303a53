package social.trvl.compat.kernel;

import java.util.Arrays;
import java.util.function.ToIntFunction;

/**
 * The K best candidates seen so far: key descending, then lower row.
 *
 * <p>An entry is {@code key << 32 | ~row}: comparing two longs compares the keys first and, of
 * equal keys, prefers the lower row. The order is total, so the result does not depend on the order
 * of offers.
 *
 * <p>Entries are appended to a buffer with room for as many again; when it is full, a quick select
 * keeps the K best. That costs a few nanoseconds an entry, where a heap of 50 costs thirty (every
 * step down it is a branch that can't be foreseen). The price: the bound that {@link #admits} holds
 * candidates against is the K-th best of the last selection, so a few are let in that leave again.
 */
public final class TopK {

  /**
   * The longest list that a person gets, 500, times the 8 candidates for each place that are
   * retrieved where a slower model chooses among them.
   */
  public static final int LARGEST_K = 4_000;

  /** With more room beyond K selections are rarer, but the bound between them is older. */
  private static final int LEAST_ROOM = 64;

  private static final int FIRST_LENGTH = 16;

  private static final long[] NONE = {};

  /** Lists that share an array: so many of the largest are far from the longest array. */
  static final int SHARING = 1 << 15;

  /** The object, its array's header, and a place in an array of lists. */
  private static final int HEADERS_BYTES = 64;

  /** Lies below every entry: an entry's lower half is never zero. */
  private static final long NO_BOUND = Long.MIN_VALUE;

  private final int k;
  private final int capacity;
  private long[] entries;

  /** Place of the first entry, and how many there may be before more places are needed. */
  private int from;

  private int places;
  private int size;

  /** The K-th best entry at the last selection. */
  private long bound = NO_BOUND;

  /**
   * @throws IllegalArgumentException if k is not within 1–{@value #LARGEST_K}
   */
  public TopK(int k) {
    this(k, room(k));
  }

  /**
   * @param room entries beyond K that fit in between two selections, at least one
   */
  TopK(int k, int room) {
    if (k < 1 || k > LARGEST_K) {
      throw new IllegalArgumentException("k (%d) is not within 1–%d".formatted(k, LARGEST_K));
    }
    this.k = k;
    capacity = k + room;
    entries = NONE;
  }

  private static int room(int k) {
    return Math.max(LEAST_ROOM, k);
  }

  /** Bytes of memory that a finished list takes. */
  public static long bytes(int k) {
    return HEADERS_BYTES + (long) Long.BYTES * k;
  }

  /** Bytes that it takes on top while it is being made, together with others. */
  public static long bytesInUse(int k) {
    return (long) Long.BYTES * (k + room(k));
  }

  /**
   * Gives lists all the room that they may need, in an array together: then none grows while they
   * are made, which would be garbage, and one more array to look up for each entry. The launcher
   * keeps collections from copying arrays as long as those of many people.
   */
  static void share(TopK[] tops, int threads) {
    together(tops, threads, top -> top.capacity);
  }

  /** Gives back the room beyond the lists, which may still be added to. */
  static void trim(TopK[] tops, int threads) {
    together(
        tops,
        threads,
        top -> {
          top.select();
          return top.size;
        });
  }

  private static void together(TopK[] tops, int threads, ToIntFunction<TopK> needed) {
    Threads.run(
        threads,
        Math.ceilDiv(tops.length, SHARING),
        i -> {
          int first = i * SHARING;
          int count = Math.min(SHARING, tops.length - first);
          int[] places = new int[count];
          Arrays.setAll(places, list -> needed.applyAsInt(tops[first + list]));
          long[] array = new long[Arrays.stream(places).sum()];
          int from = 0;
          for (int list = 0; list < count; list++) {
            tops[first + list].moveTo(array, from, places[list]);
            from += places[list];
          }
        });
  }

  private void moveTo(long[] array, int place, int newPlaces) {
    System.arraycopy(entries, from, array, place, size);
    entries = array;
    from = place;
    places = newPlaces;
  }

  int k() {
    return k;
  }

  public int size() {
    return Math.min(size, k);
  }

  /**
   * A candidate with a lower key can't enter any more, one with an equal key only by its row. The
   * lowest int until K are known.
   */
  public int boundKey() {
    return (int) (bound >> 32);
  }

  /** Whether the candidate may enter; if not, K better ones are known. */
  public boolean admits(int key, int row) {
    return entry(key, row) > bound;
  }

  /** Whether the row is listed. Needed where a candidate is met in several blocks. */
  boolean contains(int row) {
    if (!holds(row)) {
      return false;
    }
    select();
    return holds(row);
  }

  private boolean holds(int row) {
    for (int i = from; i < from + size; i++) {
      if (row(entries[i]) == row) {
        return true;
      }
    }
    return false;
  }

  /** Enters the candidate; the caller has asked {@link #admits}. */
  public void add(int key, int row) {
    if (size == places) {
      makeRoom();
    }
    entries[from + size++] = entry(key, row);
  }

  /**
   * Enters the candidate if it is not the person, passes the filter, is admitted and was not
   * entered before. Most offers are admitted, for the caller knows the bound; so the filter goes
   * first and spares the others the way to the list, which is not in the cache.
   *
   * @param revisited whether the candidate may have been entered before
   * @return whether the bound has risen
   */
  boolean offer(int key, int candidate, int person, boolean revisited, PairFilter filter) {
    if (candidate == person
        || !filter.admits(person, candidate)
        || !admits(key, candidate)
        || (revisited && contains(candidate))) {
      return false;
    }
    long before = bound;
    add(key, candidate);
    return bound != before;
  }

  private void makeRoom() {
    if (places < capacity) {
      int more = Math.min(capacity, Math.max(FIRST_LENGTH, 2 * places));
      moveTo(new long[more], 0, more);
    } else {
      select();
    }
  }

  /** Key of the K-th best entry, the lowest int while there are fewer. */
  int leastKey() {
    select();
    return size < k ? Integer.MIN_VALUE : boundKey();
  }

  /**
   * Writes the list, best first. It stays as it is.
   *
   * @param rows receives the rows at {@code at} and after
   * @param keys receives the keys likewise
   * @return how many there were
   */
  public int best(int[] rows, int[] keys, int at) {
    select();
    Arrays.sort(entries, from, from + size);
    for (int i = 0; i < size; i++) {
      long entry = entries[from + size - 1 - i];
      rows[at + i] = row(entry);
      keys[at + i] = (int) (entry >> 32);
    }
    return size;
  }

  /** Drops all but the K best. */
  private void select() {
    if (size > k) {
      partition();
      size = k;
      bound = entries[from + k - 1];
    } else if (size == k) {
      long least = entries[from];
      for (int i = from + 1; i < from + size; i++) {
        least = Math.min(least, entries[i]);
      }
      bound = least;
    }
  }

  /** Hoare's quick select: the K-th best entry comes to its place, better ones before it. */
  private void partition() {
    int first = from;
    int last = from + size - 1;
    int place = from + k - 1;
    while (first < last) {
      long pivot = median(entries[first], entries[(first + last) >>> 1], entries[last]);
      int i = first;
      int j = last;
      while (i <= j) {
        while (entries[i] > pivot) {
          i++;
        }
        while (entries[j] < pivot) {
          j--;
        }
        if (i <= j) {
          long swapped = entries[i];
          entries[i++] = entries[j];
          entries[j--] = swapped;
        }
      }
      if (place <= j) {
        last = j;
      } else if (place >= i) {
        first = i;
      } else {
        return;
      }
    }
  }

  private static long median(long a, long b, long c) {
    return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
  }

  private static long entry(int key, int row) {
    return ((long) key << 32) | (~row & 0xFFFF_FFFFL);
  }

  private static int row(long entry) {
    return ~(int) entry;
  }
}
