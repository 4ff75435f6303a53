package social.trvl.compat.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Everybody against everybody over the whole of {@code pair-v1}, top 50, beside the scalar twin and
 * the machine's measured integer peak. Prints a table, then one line of JSON.
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
 * comparison. The kernel does fewer, as it scores each pair once for two lists: the share of the
 * peak that it executes is reported, too, for its hot loop alone; bookkeeping is not counted.
 */
public final class KernelBenchmark {

  private static final int K = 50;
  private static final int WARM_UP_ROUNDS = 2;
  private static final int PEAK_ROUNDS = 10_000_000;
  private static final long TWIN_PAIRS = 20_000_000;
  private static final int CHECKED_PEOPLE = 20;

  private KernelBenchmark() {}

  /**
   * Medians over the rounds.
   *
   * @param pairsPerSecond ordered pairs
   * @param timesTwin how many times the scalar twin's rate, on as many threads
   * @param formulaShare of the measured integer peak, by the operations of the formula
   * @param executedShare of the measured integer peak, by the operations of the hot loop
   */
  public record Result(
      int people,
      int threads,
      double pairsPerSecond,
      double twinPairsPerSecond,
      double timesTwin,
      double peakOperationsPerSecond,
      double formulaShare,
      double executedShare) {}

  /**
   * Prints the results.
   *
   * @param args sizes, then, after {@code --rounds}, how many rounds count; nothing for 1,000,
   *     10,000 and 100,000 people, five rounds
   */
  public static void main(String[] args) {
    List<Integer> sizes = new ArrayList<>();
    int rounds = 5;
    for (int i = 0; i < args.length; i++) {
      if (args[i].equals("--rounds")) {
        rounds = Integer.parseInt(args[++i]);
      } else {
        sizes.add(Integer.parseInt(args[i]));
      }
    }
    if (sizes.isEmpty()) {
      sizes = List.of(1_000, 10_000, 100_000);
    }
    System.out.printf("kernel: %s; top %d%n", PairKernel.chosen(), K);
    System.out.println(
        "  people threads  G pairs/s  twin G/s   x twin  formula/peak executed/peak");
    List<Result> results = new ArrayList<>();
    for (int size : sizes) {
      for (int threads = 1; threads <= 2; threads++) {
        Result r = measure(size, threads, rounds);
        results.add(r);
        System.out.printf(
            Locale.ROOT,
            "%8d %7d %10.2f %9.3f %8.0f %12.0f %% %10.0f %%%n",
            r.people(),
            r.threads(),
            r.pairsPerSecond() / 1e9,
            r.twinPairsPerSecond() / 1e9,
            r.timesTwin(),
            100 * r.formulaShare(),
            100 * r.executedShare());
      }
    }
    System.out.println(json(results));
  }

  /** One size on some threads. */
  public static Result measure(int size, int threads, int rounds) {
    BenchmarkPeople people = new BenchmarkPeople(size, 1);
    LoopShape shape = new CandidateVectors(people.columns, 16).shape;
    double formula = 2 * shape.terms() + 1 + 3 * shape.words() + 2 + 7 + 2;
    double[] kernel = new double[rounds];
    double[] twin = new double[rounds];
    double[] peak = new double[rounds];
    for (int round = -WARM_UP_ROUNDS; round < rounds; round++) {
      double peakRate = peakRate(threads);
      double twinRate = twinRate(people, threads);
      double kernelRate = kernelRate(people, threads);
      if (round >= 0) {
        peak[round] = peakRate;
        twin[round] = twinRate;
        kernel[round] = kernelRate;
      }
    }
    IntToDoubleFunction ofPeak = i -> kernel[i] * formula / peak[i];
    // One pair for two orders, with an addition and a comparison more.
    double executed = (formula + 2) / 2 / formula;
    return new Result(
        size,
        threads,
        median(rounds, i -> kernel[i]),
        median(rounds, i -> twin[i]),
        median(rounds, i -> kernel[i] / twin[i]),
        median(rounds, i -> peak[i]),
        median(rounds, ofPeak),
        median(rounds, ofPeak) * executed);
  }

  private static double kernelRate(BenchmarkPeople people, int threads) {
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

  private static double twinRate(BenchmarkPeople people, int threads) {
    int size = people.columns.size();
    int count = (int) Math.max(threads, TWIN_PAIRS / size);
    AtomicInteger listed = new AtomicInteger();
    long start = System.nanoTime();
    Threads.run(
        threads, count, i -> listed.addAndGet(twinList(people, (int) (i * 7919L % size)).size()));
    return 1e9 * count * (size - 1.0) / (System.nanoTime() - start);
  }

  private static double peakRate(int threads) {
    AtomicInteger sum = new AtomicInteger();
    long start = System.nanoTime();
    Threads.run(threads, threads, i -> sum.addAndGet(IntegerPeak.run(PEAK_ROUNDS, i + 12_345)));
    return 1e9 * IntegerPeak.operations((long) PEAK_ROUNDS * threads) / (System.nanoTime() - start);
  }

  /** A person's list by the scalar twin. */
  private static TopK twinList(BenchmarkPeople people, int person) {
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
    if (count != expected
        || !Arrays.deepEquals(rows, new int[][] {rows[1], rows[1]})
        || !Arrays.equals(keys[0], keys[1])) {
      throw new IllegalStateException("the kernel's list differs from the scalar twin's");
    }
  }

  private static double median(int rounds, IntToDoubleFunction value) {
    double[] sorted = IntStream.range(0, rounds).mapToDouble(value).sorted().toArray();
    return sorted[rounds / 2];
  }

  private static String json(List<Result> results) {
    return results.stream()
        .map(r ->
            String.format(
                Locale.ROOT,
                "{\"people\":%d,\"threads\":%d,\"pairs_per_second\":%.4g,"
                    + "\"twin_pairs_per_second\":%.4g,\"times_twin\":%.1f,"
                    + "\"peak_operations_per_second\":%.4g,\"formula_share\":%.3f,"
                    + "\"executed_share\":%.3f}",
                r.people(),
                r.threads(),
                r.pairsPerSecond(),
                r.twinPairsPerSecond(),
                r.timesTwin(),
                r.peakOperationsPerSecond(),
                r.formulaShare(),
                r.executedShare()))
        .collect(
            Collectors.joining(
                ",",
                "{\"kernel\":\"" + PairKernel.chosen() + "\",\"top_k\":" + K + ",\"results\":[",
                "]}"));
  }
}
