package social.trvl.compat.kernel;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Everybody against everybody over the whole of {@code pair-v1}, top 50, beside the scalar twin and
 * the machine's measured integer peak.
 *
 * <p>A harness of its own, not JMH: what is wanted are ratios of things that take from a
 * millisecond to minutes, on a machine that may be doing something else. So in each round
 * everything is measured once, one after the other, and the median of the rounds' ratios is
 * reported; JMH would measure one to its end before it begins the next, and has no notion of a
 * ratio. Rounds before the first that counts let the compiler finish. Each run's answer is held
 * against the twin's for some people.
 *
 * <p>The scalar twin is {@link PairKernel#score}, one pair at a time, and the same list; it is
 * measured on as many people as take about a second, against everybody, and counted in pairs a
 * second.
 *
 * <p>Operations of an ordered pair are those of the formula: two for each trait, age and experience
 * (minimum, addition), one for the pairing table, and, count and addition for each half word of
 * interests, cap, product and addition of the shared, seven for the budgets, own part and
 * comparison. The kernel does fewer, as it scores each pair once for two lists, and on shorts, of
 * which a vector holds twice as many: the share of the peak that its hot loop executes, the ages
 * included, is reported, too; broadcasts and bookkeeping are not counted.
 */
public final class KernelBenchmark {

  /** Length of the lists. */
  public static final int K = 50;

  /** Rounds that let the compiler finish. */
  public static final int WARM_UP_ROUNDS = 2;

  private static final int PEAK_ROUNDS = 10_000_000;
  private static final long TWIN_PAIRS = 20_000_000;
  private static final int CHECKED_PEOPLE = 20;
  private static final long SEED = 1;

  private final BenchmarkPeople people;
  private final int threads;
  private final double formulaOperations;
  private final double hotOperations;

  /**
   * One size on some threads.
   *
   * @throws IllegalStateException if the kernel runs without vectors, by which the peak is measured
   */
  public KernelBenchmark(int size, int threads) {
    if (!PairKernel.usesVectors()) {
      throw new IllegalStateException("the kernel is " + PairKernel.chosen());
    }
    people = new BenchmarkPeople(size, SEED);
    this.threads = threads;
    LoopShape shape = LoopShape.of(people.columns, 512);
    int others = 2 * shape.terms() + 1 + 2 + 7;
    formulaOperations = others + 3 * shape.halfWords() + 2;
    // For both lists own parts and comparisons, and four for the ages.
    hotOperations = others + 3 * shape.words() + 4 + 4;
  }

  /**
   * What was measured one after the other.
   *
   * @param pairsPerSecond ordered pairs
   * @param twinPairsPerSecond of the scalar twin, on as many threads
   * @param peakOperationsPerSecond operations on single ints
   * @param formulaShare of the peak, by the operations of the formula
   * @param executedShare of the peak on shorts, by the operations of the hot loop
   */
  public record Round(
      double pairsPerSecond,
      double twinPairsPerSecond,
      double peakOperationsPerSecond,
      double formulaShare,
      double executedShare) {}

  /**
   * Measures each side once.
   *
   * @throws IllegalStateException if a list differs from the scalar twin's
   */
  public Round round() {
    double peak = peakRate();
    double twin = twinRate();
    double kernel = kernelRate();
    double share = kernel * formulaOperations / peak;
    // One pair for two orders, two shorts for an int.
    double executed = kernel / 2 * hotOperations / (2 * peak);
    return new Round(kernel, twin, peak, share, executed);
  }

  private double kernelRate() {
    int size = people.columns.size();
    // Small blocks several times, so that the clock is long enough.
    int times = Math.max(1, 30_000_000 / size / size);
    TopK[] tops = lists(size);
    long nanos = 0;
    for (int i = 0; i < times; i++) {
      tops = lists(size);
      long start = System.nanoTime();
      PairKernel.rankAll(people.columns, tops, false, people, threads, pairs -> {});
      nanos += System.nanoTime() - start;
    }
    for (int person = 0; person < size; person += Math.max(1, size / CHECKED_PEOPLE)) {
      requireEqual(tops[person], twinList(people, person));
    }
    return 1e9 * times * size * (size - 1.0) / nanos;
  }

  private double twinRate() {
    int size = people.columns.size();
    int count = (int) Math.max(threads, TWIN_PAIRS / size);
    AtomicInteger listed = new AtomicInteger();
    long start = System.nanoTime();
    Threads.run(
        threads, count, i -> listed.addAndGet(twinList(people, (int) (i * 7919L % size)).size()));
    return 1e9 * count * (size - 1.0) / (System.nanoTime() - start);
  }

  private double peakRate() {
    AtomicInteger sum = new AtomicInteger();
    long start = System.nanoTime();
    Threads.run(threads, threads, i -> sum.addAndGet(IntegerPeak.run(PEAK_ROUNDS, i + 12_345)));
    return 1e9 * IntegerPeak.operations((long) PEAK_ROUNDS * threads) / (System.nanoTime() - start);
  }

  /** A person's list by the scalar twin. */
  static TopK twinList(BenchmarkPeople people, int person) {
    PairColumns columns = people.columns;
    TopK top = new TopK(K);
    for (int other = 0; other < columns.size(); other++) {
      int key = PairKernel.score(columns, person, other) - columns.handicap[other];
      top.offer(key, other, person, false, people);
    }
    return top;
  }

  private static TopK[] lists(int count) {
    return Stream.generate(() -> new TopK(K)).limit(count).toArray(TopK[]::new);
  }

  private static void requireEqual(TopK list, TopK twin) {
    int[][] rows = new int[2][K];
    int[][] keys = new int[2][K];
    int count = list.best(rows[0], keys[0], 0);
    int expected = twin.best(rows[1], keys[1], 0);
    if (count != expected || !Arrays.equals(rows[0], rows[1]) || !Arrays.equals(keys[0], keys[1])) {
      throw new IllegalStateException("the kernel's list differs from the scalar twin's");
    }
  }
}
