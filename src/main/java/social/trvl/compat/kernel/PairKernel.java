package social.trvl.compat.kernel;

/**
 * Scores pairs of {@link PairColumns} and keeps each person's best.
 *
 * <p>This is the scalar twin, the reference for every faster one. It works in tiles: a few hundred
 * people against the same {@value #TILE} candidates, whose columns stay in the cache; inside a tile
 * one loop for each term of the score, simple enough for the compiler to vectorise.
 */
public final class PairKernel {

  static final int TILE = 1024;

  private PairKernel() {}

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
    for (long[] word : c.interests) {
      shared += Long.bitCount(word[a] & word[b]);
    }
    sum += c.interestWeight * Math.min(c.interestCap, shared);
    int overlap =
        Math.min(c.budgetHigh[a], c.budgetHigh[b]) - Math.max(c.budgetLow[a], c.budgetLow[b]);
    return sum + c.budgetWeight * Math.min(c.budgetCap, Math.max(0, overlap));
  }

  /**
   * Log-odds of one person against a range of candidates.
   *
   * @param a position of the person
   * @param from first candidate, inclusive
   * @param to last candidate, exclusive; to − from ≤ out.length
   * @param out receives the log-odds of (a, from + i) at i; higher is more compatible
   * @throws IllegalArgumentException if a position is out of range or {@code out} is too short
   */
  public static void scores(PairColumns c, int a, int from, int to, int[] out) {
    if (a < 0 || a >= c.size || from < 0 || to > c.size || to - from > out.length) {
      throw new IllegalArgumentException(
          "person %d against %d–%d of %d people into %d places"
              .formatted(a, from, to, c.size, out.length));
    }
    accumulate(c, a, from, to - from, out);
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
    int[] keys = new int[TILE];
    for (int from = 0; from < c.size; from += TILE) {
      int length = Math.min(TILE, c.size - from);
      for (int p = 0; p < positions.length; p++) {
        accumulate(c, positions[p], from, length, keys);
        for (int i = 0; i < length; i++) {
          keys[i] -= c.handicap[from + i];
        }
        collect(c, c.people[positions[p]], from, length, keys, tops[p], revisited, filter);
      }
    }
  }

  private static void collect(
      PairColumns c,
      int person,
      int from,
      int length,
      int[] keys,
      TopK top,
      boolean revisited,
      PairFilter filter) {
    int worst = top.full() ? top.worstKey() : Integer.MIN_VALUE;
    for (int i = 0; i < length; i++) {
      if (keys[i] >= worst) {
        int candidate = c.people[from + i];
        if (candidate != person
            && top.admits(keys[i], candidate)
            && !(revisited && top.contains(candidate))
            && filter.admits(person, candidate)) {
          top.add(keys[i], candidate);
          worst = top.full() ? top.worstKey() : Integer.MIN_VALUE;
        }
      }
    }
  }

  private static void accumulate(PairColumns c, int a, int from, int length, int[] out) {
    int own = c.own[a];
    for (int i = 0; i < length; i++) {
      out[i] = own + c.own[from + i];
    }
    for (int t = 0; t < c.terms.length; t++) {
      int[] term = c.terms[t];
      if (c.negative[t]) {
        addMaxima(term, term[a], from, length, out);
      } else {
        addMinima(term, term[a], from, length, out);
      }
    }
    addPairing(c, a, from, length, out);
    addInterests(c, a, from, length, out);
    addBudget(c, a, from, length, out);
  }

  private static void addMinima(int[] term, int x, int from, int length, int[] out) {
    for (int i = 0; i < length; i++) {
      out[i] += Math.min(x, term[from + i]);
    }
  }

  private static void addMaxima(int[] term, int x, int from, int length, int[] out) {
    for (int i = 0; i < length; i++) {
      out[i] += Math.max(x, term[from + i]);
    }
  }

  private static void addPairing(PairColumns c, int a, int from, int length, int[] out) {
    int row = c.category[a] * c.categories;
    for (int i = 0; i < length; i++) {
      out[i] += c.pairing[row + c.category[from + i]];
    }
  }

  private static void addInterests(PairColumns c, int a, int from, int length, int[] out) {
    if (c.interests.length == 1) {
      long[] word = c.interests[0];
      long mine = word[a];
      for (int i = 0; i < length; i++) {
        out[i] += c.interestWeight * Math.min(c.interestCap, Long.bitCount(mine & word[from + i]));
      }
      return;
    }
    for (int i = 0; i < length; i++) {
      int shared = 0;
      for (long[] word : c.interests) {
        shared += Long.bitCount(word[a] & word[from + i]);
      }
      out[i] += c.interestWeight * Math.min(c.interestCap, shared);
    }
  }

  private static void addBudget(PairColumns c, int a, int from, int length, int[] out) {
    int low = c.budgetLow[a];
    int high = c.budgetHigh[a];
    for (int i = 0; i < length; i++) {
      int overlap = Math.min(high, c.budgetHigh[from + i]) - Math.max(low, c.budgetLow[from + i]);
      out[i] += c.budgetWeight * Math.min(c.budgetCap, Math.max(0, overlap));
    }
  }
}
