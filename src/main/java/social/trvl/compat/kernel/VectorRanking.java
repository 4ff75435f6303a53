package social.trvl.compat.kernel;

import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/** One ranking by vectors: some people, or all, against all people of some columns. */
final class VectorRanking {
  /*
   * Rows. The people whose lists are made stand in rows of ints, by category: what candidates have
   * as columns, then the threshold of the person's list and the place of the pairing entries of the
   * person's category. The hot loop takes SUBTILE rows against one vector of candidates. Entries
   * are looked up once for each category and vector, not once for each pair.
   *
   * Thresholds. With s = score(a, b) − own[a] − own[b], which is what the loop sums,
   *   b may enter a's list if   s + own[b] − handicap[b] ≥ bound[a] − own[a]
   *   a may enter b's list if   s + own[a] − handicap[a] ≥ bound[b] − own[b]
   * so one sum serves both lists, and the comparison is with the bound less one's own part. Each
   * side is a partial sum of the terms of some key, and PairModel has proven, when the artefact was
   * loaded, that the sum of their absolute values stays within int32; so nothing overflows. A list without a bound
   * has the lowest int as its threshold, a person without a list the highest.
   *
   * Order. When all rank all, a task is a pair of tiles, nearest first: people of like categories
   * get on, so bounds rise early. Two tasks that share a tile wait for each other, by a lock for each
   * tile, the lower first. Tiles are large because lists are spread over the memory: each that is
   * touched costs a miss or two, which the hits in a large tile share.
   */

  /** Rows of one call of the hot loop; they and their sums fit into the first cache. */
  static final int SUBTILE = 256;

  private static final int LARGEST_TILE = 4096;

  private final CandidateVectors candidates;
  private final LoopShape shape;
  private final PairColumns columns;
  private final boolean mutual;
  private final boolean revisited;
  private final PairFilter filter;

  /** Position in the columns of each person with a list, by category. */
  private final int[] people;

  private final TopK[] tops;
  private final int[] rows;

  /** Of each candidate's list, by place. */
  private final int[] thresholds;

  /** By each candidate, by place; see {@link PairFilter#fits}. */
  private final int[] sought;

  /** What each person's list begins with as its bound, see {@link Guesses}. */
  private final int[] guesses;

  private VectorRanking(
      PairColumns columns,
      CandidateVectors candidates,
      int[] positions,
      TopK[] tops,
      int[] guesses,
      boolean mutual,
      boolean revisited,
      PairFilter filter) {
    this.columns = columns;
    this.candidates = candidates;
    this.shape = candidates.shape;
    this.mutual = mutual;
    this.revisited = revisited;
    this.filter = filter;
    int[] sorted = CandidateVectors.byCategory(columns, positions);
    people = new int[sorted.length];
    this.tops = new TopK[sorted.length];
    this.guesses = new int[sorted.length];
    rows = new int[sorted.length * shape.rowLength()];
    thresholds = new int[candidates.category.length];
    Arrays.fill(thresholds, Integer.MAX_VALUE);
    sought = new int[candidates.category.length];
    for (int place = 0; place < candidates.order.length; place++) {
      sought[place] = filter.sought(candidates.columns.people[candidates.order[place]]);
    }
    for (int i = 0; i < sorted.length; i++) {
      people[i] = positions[sorted[i]];
      this.tops[i] = tops[sorted[i]];
      this.guesses[i] = guesses[sorted[i]];
      int row = i * shape.rowLength();
      shape.writeRow(columns, people[i], rows, row);
      rows[row + shape.offered()] =
          filter.offered(columns.people[people[i]]) | PairFilter.HIGH_BITS;
      takeBound(i);
    }
  }

  /**
   * Makes lists of some people, each against all candidates.
   *
   * @param positions of the people, in columns that may be others than the candidates'
   */
  static void some(
      PairColumns columns,
      int[] positions,
      CandidateVectors candidates,
      TopK[] tops,
      boolean revisited,
      PairFilter filter) {
    int[] guesses = new int[positions.length];
    Arrays.fill(guesses, Integer.MIN_VALUE);
    VectorRanking ranking =
        new VectorRanking(columns, candidates, positions, tops, guesses, false, revisited, filter);
    ranking.new Worker().tile(0, positions.length, 0, candidates.order.length, false);
  }

  /** Makes lists of all candidates, who then stand in the same order as rows and as vectors. */
  static void all(
      CandidateVectors candidates,
      TopK[] tops,
      int[] guesses,
      boolean revisited,
      PairFilter filter,
      int threads,
      LongConsumer done) {
    int[] positions = IntStream.range(0, tops.length).toArray();
    new VectorRanking(
            candidates.columns, candidates, positions, tops, guesses, true, revisited, filter)
        .pairsOfTiles(threads, done);
  }

  private void pairsOfTiles(int threads, LongConsumer done) {
    int size = people.length;
    int tile = tileSize(size, threads);
    int tiles = Math.ceilDiv(size, tile);
    ReentrantLock[] locks = new ReentrantLock[tiles];
    Arrays.setAll(locks, i -> new ReentrantLock());
    int[] firsts = new int[tiles * (tiles + 1) / 2];
    int[] distances = new int[firsts.length];
    int task = 0;
    for (int distance = 0; distance < tiles; distance++) {
      for (int first = 0; first + distance < tiles; first++) {
        firsts[task] = first;
        distances[task++] = distance;
      }
    }
    ThreadLocal<Worker> workers = ThreadLocal.withInitial(Worker::new);
    Threads.run(
        threads,
        firsts.length,
        i -> {
          int first = firsts[i];
          int second = first + distances[i];
          int from = first * tile;
          int to = Math.min(size, from + tile);
          int start = second * tile;
          int end = Math.min(size, start + tile);
          locks[first].lock();
          locks[second].lock();
          try {
            workers.get().tile(from, to, start, end, first == second);
          } finally {
            locks[second].unlock();
            locks[first].unlock();
          }
          long pairs = (long) (to - from) * (end - start);
          done.accept(first == second ? pairs - (to - from) : 2 * pairs);
        });
  }

  /** Tiles enough for every thread, and not so large that the lists of two leave the cache. */
  private static int tileSize(int size, int threads) {
    int wanted = Math.ceilDiv(size, 8 * threads * SUBTILE) * SUBTILE;
    return Math.min(LARGEST_TILE, wanted);
  }

  private void takeBound(int person) {
    int bound = Math.max(guesses[person], tops[person].boundKey());
    int threshold = bound == Integer.MIN_VALUE ? bound : bound - columns.own[people[person]];
    rows[person * shape.rowLength() + shape.threshold()] = threshold;
    if (mutual) {
      thresholds[person] = threshold;
    }
  }

  /** One thread's scratch space, and the work in it. */
  private final class Worker {
    private final int lanes = shape.lanes();
    private final int rowLength = shape.rowLength();
    private final int[] categories = new int[SUBTILE];
    private final int[] pairing = new int[SUBTILE * lanes];
    private final int[] sums = new int[SUBTILE * lanes];
    private final long[] hits = new long[SUBTILE + 1];

    /**
     * Offers people and candidates to each other.
     *
     * @param from first person
     * @param first first candidate, a multiple of the lanes
     * @param own whether the people are the candidates: then each pair once
     */
    void tile(int from, int to, int first, int end, boolean own) {
      for (int s = from; s < to; s += SUBTILE) {
        int e = Math.min(to, s + SUBTILE);
        int kinds = placePairing(s, e);
        for (int q = own ? s : first; q < end; q += lanes) {
          long all = -1L >>> (Long.SIZE - Math.min(lanes, end - q));
          fillPairing(kinds, q);
          if (own && q < e) {
            meet(s, q - s, q, all);
            for (int person = q; person < Math.min(e, q + lanes); person++) {
              // Whoever stands after the person in the same vector.
              meet(person, 1, q, all & (-2L << (person - q)));
            }
          } else {
            meet(s, e - s, q, all);
          }
        }
      }
    }

    /** Gives the people of each category a vector of pairing entries; says how many there are. */
    private int placePairing(int from, int to) {
      int kinds = 0;
      for (int person = from; person < to; person++) {
        int category = columns.category[people[person]];
        if (kinds == 0 || categories[kinds - 1] != category) {
          categories[kinds++] = category;
        }
        rows[person * shape.rowLength() + shape.pairing()] = (kinds - 1) * lanes;
      }
      return kinds;
    }

    private void fillPairing(int kinds, int first) {
      for (int kind = 0; kind < kinds; kind++) {
        candidates.writePairing(
            categories[kind] * columns.categories, first, pairing, kind * lanes);
      }
    }

    /** Some people and one vector of candidates. */
    private void meet(int from, int count, int first, long allowed) {
      int vector = candidates.at(first, 0);
      int found =
          candidates.loop.find(
              candidates.data,
              vector,
              thresholds,
              sought,
              first,
              rows,
              from,
              count,
              pairing,
              sums,
              hits,
              mutual ? allowed | allowed << lanes : allowed);
      for (int h = 0; h < found; h++) {
        int i = (int) (hits[h] >>> 32);
        long lists = hits[h] & 0xFFFF_FFFFL;
        while (lists != 0) {
          int bit = Long.numberOfTrailingZeros(lists);
          lists &= lists - 1;
          int lane = bit & (lanes - 1);
          int sum = sums[i * lanes + lane];
          int row = (from + i) * rowLength;
          int column = vector + lane;
          if (bit < lanes) {
            offer(from + i, rows, row, 1, candidates.data, column, lanes, sum);
          } else {
            offer(first + lane, candidates.data, column, lanes, rows, row, 1, sum);
          }
        }
      }
    }
  }

  /**
   * Offers one of two to the list of the other, unless their bound has risen since the loop looked.
   *
   * @param person whose list
   * @param mine where their values are, and from where on and how far from each other
   * @param theirs the same of whom is offered
   */
  private void offer(
      int person,
      int[] mine,
      int from,
      int step,
      int[] theirs,
      int theirFrom,
      int theirStep,
      int sum) {
    int key = sum + mine[from + step * shape.own()] + theirs[theirFrom + theirStep * shape.level()];
    int callersRow = mine[from + step * shape.callersRow()];
    int candidate = theirs[theirFrom + theirStep * shape.callersRow()];
    if (tops[person].offer(key, candidate, callersRow, revisited, filter)) {
      takeBound(person);
    }
  }
}
