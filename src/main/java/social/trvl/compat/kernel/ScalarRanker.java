package social.trvl.compat.kernel;

import java.util.Arrays;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/**
 * The scalar twin of the vector rankers, and what runs where they can't.
 *
 * <p>It works in tiles: a few hundred people against the same {@value #TILE} candidates, whose
 * columns stay in the cache; inside a tile one loop for each term of the score, simple enough for
 * the compiler to vectorise some of them by itself.
 */
final class ScalarRanker implements Ranker {

  static final int TILE = 1024;

  /** People that share a tile of candidates. */
  private static final int CHUNK_PEOPLE = 256;

  @Override
  public int meet(
      PairColumns c,
      int[] group,
      int from,
      int to,
      MeanAndLeast rule,
      int bound,
      int[] found,
      int[] logOdds) {
    int length = to - from;
    int n = group.length;
    int[][] withMember = new int[n][length];
    int[] total = new int[length];
    int[] least = new int[length];
    Arrays.fill(least, Integer.MAX_VALUE);
    for (int m = 0; m < n; m++) {
      accumulate(c, group[m], from, length, withMember[m]);
      for (int i = 0; i < length; i++) {
        int counted = Math.clamp(withMember[m][i], rule.floor(), rule.limit()) >> rule.lostBits();
        total[i] += counted;
        least[i] = Math.min(least[i], counted);
      }
    }
    int count = 0;
    for (int i = 0; i < length; i++) {
      if (rule.ofSum() * total[i] + rule.ofLeast() * least[i] >= bound) {
        for (int m = 0; m < n; m++) {
          logOdds[count * n + m] = withMember[m][i];
        }
        found[count++] = from + i;
      }
    }
    return count;
  }

  @Override
  public void rank(
      PairColumns c, int[] positions, TopK[] tops, boolean revisited, PairFilter filter) {
    rank(c, positions, tops, 0, positions.length, revisited, filter);
  }

  @Override
  public void rankAll(
      PairColumns c,
      TopK[] tops,
      boolean revisited,
      PairFilter filter,
      int threads,
      LongConsumer done) {
    int[] positions = IntStream.range(0, c.size).toArray();
    int chunks = Math.ceilDiv(c.size, CHUNK_PEOPLE);
    Threads.run(
        threads,
        chunks,
        chunk -> {
          int from = chunk * CHUNK_PEOPLE;
          int to = Math.min(c.size, from + CHUNK_PEOPLE);
          rank(c, positions, tops, from, to, revisited, filter);
          done.accept((long) (to - from) * (c.size - 1));
        });
  }

  private static void rank(
      PairColumns c,
      int[] positions,
      TopK[] tops,
      int firstPerson,
      int endPerson,
      boolean revisited,
      PairFilter filter) {
    int[] keys = new int[TILE];
    for (int from = 0; from < c.size; from += TILE) {
      int length = Math.min(TILE, c.size - from);
      for (int p = firstPerson; p < endPerson; p++) {
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
    int bound = top.boundKey();
    for (int i = 0; i < length; i++) {
      if (keys[i] >= bound && top.offer(keys[i], c.people[from + i], person, revisited, filter)) {
        bound = top.boundKey();
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
    for (int i = 0; i < length; i++) {
      int shared = 0;
      for (int[] half : c.interests) {
        shared += Integer.bitCount(half[a] & half[from + i]);
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
