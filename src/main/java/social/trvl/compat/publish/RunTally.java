package social.trvl.compat.publish;

import java.util.BitSet;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import social.trvl.compat.publish.RunChecks.Exposure;
import social.trvl.compat.score.ScoredPeople;

/**
 * What the rows of a run amount to, counted as they are written, or, where an interrupted run had
 * written them, as they are read again. To have PostgreSQL count five million rows takes as long as
 * writing a third of them.
 *
 * <p>Safe for several threads, each with slices of its own.
 */
public final class RunTally {

  /** Score in hundredths to a bin of the histogram. */
  private static final int BIN_HUNDREDTHS = 100 * RunChecks.BIN_POINTS;

  private final AtomicIntegerArray listings;
  private final AtomicLongArray histogram = new AtomicLongArray(RunChecks.BINS);
  private final LongAdder rows = new LongAdder();
  private final LongAdder lists = new LongAdder();
  private final BitSet slices = new BitSet();

  /**
   * @param people how many can be listed
   */
  public RunTally(int people) {
    listings = new AtomicIntegerArray(people);
  }

  /** Lists that are being written; if they can't be, the run does not get to its checks. */
  public void add(ScoredPeople scored) {
    long[] bins = new long[RunChecks.BINS];
    for (int i = 0; i < scored.people(); i++) {
      if (scored.first(i + 1) > scored.first(i)) {
        lists.increment();
      }
    }
    for (int row = 0; row < scored.rows(); row++) {
      listings.getAndIncrement(scored.other(row));
      bins[bin(scored.score(row))]++;
    }
    rows.add(scored.rows());
    for (int bin = 0; bin < bins.length; bin++) {
      histogram.addAndGet(bin, bins[bin]);
    }
  }

  /** A row that was there already. */
  void add(int rank, int other, int score) {
    rows.increment();
    if (rank == 1) {
      lists.increment();
    }
    listings.getAndIncrement(other);
    histogram.getAndIncrement(bin(score));
  }

  private static int bin(int score) {
    return Math.min(score / BIN_HUNDREDTHS, RunChecks.BINS - 1);
  }

  /** Notes that all rows of a slice are or will be counted; false if that was known. */
  boolean counts(int slice) {
    synchronized (slices) {
      boolean unknown = !slices.get(slice);
      slices.set(slice);
      return unknown;
    }
  }

  public long rows() {
    return rows.sum();
  }

  /** Share of people whose own list is empty. */
  double withoutMatchesShare() {
    return listings.length() == 0 ? 0 : 1 - (double) lists.sum() / listings.length();
  }

  /** Rows by their score, in bins of {@value RunChecks#BIN_POINTS} points, lowest first. */
  long[] histogram() {
    return IntStream.range(0, RunChecks.BINS).mapToLong(histogram::get).toArray();
  }

  Exposure exposure() {
    return RunChecks.exposure(
        IntStream.range(0, listings.length()).map(listings::get).sorted().toArray());
  }
}
