package social.trvl.compat.kernel;

import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One ranking by vectors: some people, or all, against all people of some columns. */
final class VectorRanking {
  /*
   * Rows. The people whose lists are made stand in rows, by category. The hot loop takes SUBTILE of
   * them against one vector of candidates. Entries of the pairing table are looked up once for each
   * category and vector, not once for each pair. Who hits by upper bounds is scored exactly.
   *
   * Thresholds. With s = score(a, b) − own[a] − own[b], which is what the loop sums,
   *   b may enter a's list if   s + own[b] − handicap[b] ≥ bound[a] − own[a]
   *   a may enter b's list if   s + own[a] − handicap[a] ≥ bound[b] − own[b]
   * so one sum serves both lists, and the comparison is with the bound less one's own part. Each
   * side is a partial sum of the terms of some key, and PairModel has proven, when the artefact was
   * loaded, that the sum of their absolute values stays within int32; so nothing overflows, nor do
   * upper bounds leave int16 (see there). A list without a bound has the lowest int as its
   * threshold.
   *
   * Order. When all rank all, a task is a pair of tiles, nearest first: people of like categories
   * get on, so bounds rise early. Two tasks that share a tile wait for each other, by a lock for each
   * tile, the lower first. Tiles are large because lists are spread over the memory: each that is
   * touched costs a miss or two, which the hits in a large tile share.
   */

  /** Rows of one call of the hot loop; they fit into the first cache. */
  static final int SUBTILE = 256;

  private static final int LARGEST_TILE = 4096;

  private static final Set<LoopShape> WARM = ConcurrentHashMap.newKeySet();

  /** By the launcher's thresholds, and some more. */
  private static final int CALLS_TO_BE_COMPILED = 400;

  private final PeopleVectors people;
  private final PeopleVectors candidates;

  /** Exact values and upper bounds of the people, see {@link PeopleVectors.ForLists}. */
  private final int[] values;

  private final short[] rows;

  /** Likewise of the candidates. */
  private final int[] candidateValues;

  private final short[] candidateBounds;
  private final LoopShape shape;
  private final UpperBounds bounds;
  private final boolean mutual;
  private final boolean revisited;
  private final PairFilter filter;

  /** Of each person, by place, from when they are met. */
  private final @Nullable TopK[] tops;

  /** What each person's list begins with as its bound, by place, see {@link Guesses}. */
  private final int[] guesses;

  /** Of each person, see {@link PairLoop#find}. */
  private final short[] lists;

  /** Of each candidate's list, by place, rounded down; of use where people are the candidates. */
  private final short[] thresholds;

  /** By each candidate, see {@link PairLoop#find}. */
  private final short[] sought;

  /**
   * @param people whose lists are made; of the same model as the candidates, or the very same
   * @param tops of each person, by place
   * @param guesses of each person, by place
   */
  VectorRanking(
      PeopleVectors people,
      PeopleVectors candidates,
      @Nullable TopK[] tops,
      int[] guesses,
      boolean revisited,
      PairFilter filter) {
    this.people = people;
    this.candidates = candidates;
    values = people.forLists().values;
    rows = people.forLists().rows;
    candidateValues = candidates.forLists().values;
    candidateBounds = candidates.forLists().bounds;
    shape = candidates.shape;
    bounds = candidates.columns.bounds;
    mutual = people == candidates;
    this.tops = tops;
    this.guesses = guesses;
    this.revisited = revisited;
    this.filter = filter;
    lists = new short[people.size() * PairLoop.LIST_LENGTH];
    thresholds = new short[candidates.category.length];
    sought = candidates.sought(filter);
    placeOffers();
  }

  private void placeOffers() {
    for (int place = 0; place < people.size(); place++) {
      int offered = filter.offered(people.callersRow(place)) | PairFilter.HIGH_BITS;
      int at = place * PairLoop.LIST_LENGTH + PairLoop.OFFERED;
      lists[at] = (short) (offered >> Short.SIZE);
      lists[at + 1] = (short) offered;
    }
  }

  /**
   * Makes lists of some people without guesses, each against all candidates.
   *
   * @param tops by position
   */
  static void some(
      PairColumns people,
      PeopleVectors candidates,
      TopK[] tops,
      boolean revisited,
      PairFilter filter,
      int threads) {
    PeopleVectors vectors = new PeopleVectors(people, candidates.shape.bits());
    int[] none = new int[tops.length];
    Arrays.fill(none, Integer.MIN_VALUE);
    VectorRanking ranking =
        new VectorRanking(vectors, candidates, vectors.inPlace(tops), none, revisited, filter);
    Threads.runRanges(threads, tops.length, ranking::meetEverybody);
  }

  /**
   * Calls the hot loop until it is compiled, once for each shape; nobody is offered to anybody.
   * Until then each of its vectors is an object, so the calls are for one person each. This lasts a
   * tenth of a second, which its caller has for other things.
   */
  static void warmUp(PairColumns columns, int bits, PairFilter filter) {
    if (!WARM.add(LoopShape.of(columns, bits))) {
      return;
    }
    int[] few = IntStream.range(0, Math.min(columns.size, bits / Short.SIZE)).toArray();
    PeopleVectors people = new PeopleVectors(columns.select(few), bits);
    VectorRanking ranking =
        new VectorRanking(people, people, new TopK[few.length], new int[few.length], false, filter);
    Worker worker = ranking.new Worker();
    worker.fillPairing(worker.placePairing(0, few.length), 0);
    for (int call = 0; call < CALLS_TO_BE_COMPILED; call++) {
      worker.find(call % few.length, 1, 0, 0);
    }
  }

  /** Holds people against all candidates. */
  void meetEverybody(int from, int to) {
    takeBounds(from, to);
    new Worker().tile(from, to, 0, candidates.size(), false);
  }

  /**
   * Likewise where the candidates are a sample of the people, in the same order: first those from
   * the people's own place on, of like categories, with whom they are likely to get on, so that
   * bounds rise early.
   */
  void meetSample(int from, int to) {
    takeBounds(from, to);
    int lanes = shape.shorts();
    int nearest = (int) ((long) candidates.size() * from / people.size()) / lanes * lanes;
    Worker worker = new Worker();
    worker.tile(from, to, nearest, candidates.size(), false);
    worker.tile(from, to, 0, nearest, false);
  }

  /** Holds everybody against each other; people are the candidates. */
  void meetEachOther(int threads, LongConsumer done) {
    takeBounds(0, people.size());
    pairsOfTiles(threads, done);
  }

  private void pairsOfTiles(int threads, LongConsumer done) {
    int size = people.size();
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

  private void takeBounds(int from, int to) {
    for (int person = from; person < to; person++) {
      takeBound(person, listOf(person));
    }
  }

  private void takeBound(int person, TopK top) {
    int bound = Math.max(guesses[person], top.boundKey());
    int own = values[person * shape.values() + shape.own()];
    short threshold = bounds.down(bound == Integer.MIN_VALUE ? bound : bound - own);
    lists[person * PairLoop.LIST_LENGTH + PairLoop.THRESHOLD] = threshold;
    if (mutual) {
      thresholds[person] = threshold;
    }
  }

  private TopK listOf(int person) {
    return Objects.requireNonNull(tops[person], "nobody is met before they have a list");
  }

  /** One thread's scratch space, and the work in it. */
  private final class Worker {
    private final int lanes = shape.shorts();
    private final int[] categories = new int[SUBTILE];
    private final short[] pairing = new short[SUBTILE * lanes];
    private final int[] who = new int[SUBTILE + 1];
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
        int category = people.category[person];
        if (kinds == 0 || categories[kinds - 1] != category) {
          categories[kinds++] = category;
        }
        lists[person * PairLoop.LIST_LENGTH + PairLoop.PAIRING] = (short) ((kinds - 1) * lanes);
      }
      return kinds;
    }

    private void fillPairing(int kinds, int first) {
      for (int kind = 0; kind < kinds; kind++) {
        candidates.writePairing(
            categories[kind] * candidates.columns.categories, first, pairing, kind * lanes);
      }
    }

    private int find(int from, int count, int first, long allowed) {
      return candidates.loop.find(
          candidateBounds,
          first * shape.bounds(),
          thresholds,
          sought,
          first,
          rows,
          lists,
          from,
          count,
          pairing,
          who,
          hits,
          allowed);
    }

    /** Some people and one vector of candidates. */
    private void meet(int from, int count, int first, long allowed) {
      int found = find(from, count, first, mutual ? allowed | allowed << lanes : allowed);
      for (int h = 0; h < found; h++) {
        int person = from + who[h];
        int own = person * shape.values();
        long entered = hits[h];
        while (entered != 0) {
          int bit = Long.numberOfTrailingZeros(entered);
          entered &= entered - 1;
          int candidate = first + (bit & (lanes - 1));
          int other = candidate * shape.values();
          int sum = candidates.loop.score(values, own, candidateValues, other);
          if (bit < lanes) {
            offer(person, values, own, candidateValues, other, sum);
          } else {
            offer(candidate, candidateValues, other, values, own, sum);
          }
        }
      }
    }
  }

  /**
   * Offers one of two to the list of the other.
   *
   * @param person whose list
   * @param mine where their values are, and from where on
   * @param theirs the same of whom is offered
   */
  private void offer(int person, int[] mine, int from, int[] theirs, int theirFrom, int sum) {
    int key = sum + mine[from + shape.own()] + theirs[theirFrom + shape.level()];
    int callersRow = mine[from + shape.callersRow()];
    int candidate = theirs[theirFrom + shape.callersRow()];
    TopK top = listOf(person);
    if (top.offer(key, candidate, callersRow, revisited, filter)) {
      takeBound(person, top);
    }
  }
}
