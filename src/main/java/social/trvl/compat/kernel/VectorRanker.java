package social.trvl.compat.kernel;

import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import jdk.incubator.vector.IntVector;

/** Makes lists by vectors of a given width. */
final class VectorRanker implements Ranker {

  /** Below, the scalar twin is faster. */
  static final int LEAST_BITS = 128;

  /** The layout for fewer people costs more than it saves. */
  private static final int FEWEST_PEOPLE = 64;

  private final int bits;
  private final ScalarRanker scalar = new ScalarRanker();

  /**
   * @param bits 128, 256 or 512; right on any machine, fast where the processor has them
   */
  VectorRanker(int bits) {
    this.bits = bits;
  }

  static int widestBits() {
    return IntVector.SPECIES_PREFERRED.vectorBitSize();
  }

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
    if (c.size < FEWEST_PEOPLE) {
      return scalar.meet(c, group, from, to, rule, bound, found, logOdds);
    }
    return new VectorMeeting(c.vectors(bits), group)
        .reaching(from, to, rule, bound, found, logOdds);
  }

  @Override
  public void rank(
      PairColumns c, int[] positions, TopK[] tops, boolean revisited, PairFilter filter) {
    if (c.size < FEWEST_PEOPLE) {
      scalar.rank(c, positions, tops, revisited, filter);
    } else {
      VectorRanking.some(c.select(positions), c.vectors(bits), tops, revisited, filter, 1);
    }
  }

  @Override
  public void rankAll(
      PairColumns c,
      TopK[] tops,
      boolean revisited,
      PairFilter filter,
      int threads,
      LongConsumer done) {
    if (c.size < FEWEST_PEOPLE) {
      scalar.rankAll(c, tops, revisited, filter, threads, done);
      return;
    }
    Threads.run(
        threads,
        2,
        task -> {
          if (task == 0) {
            VectorRanking.warmUp(c, bits, filter);
          } else {
            c.vectors(bits).forLists();
          }
        });
    PeopleVectors everybody = c.vectors(bits);
    TopK[] inPlace = everybody.inPlace(tops);
    int[] guesses = Guesses.of(everybody, tops[0].k(), filter, threads);
    new VectorRanking(everybody, everybody, inPlace, guesses, revisited, filter)
        .meetEachOther(threads, done);
    int[] wrong = Guesses.wrong(guesses, inPlace, threads);
    int[] again = IntStream.of(wrong).map(place -> everybody.order[place]).toArray();
    TopK[] theirs = IntStream.of(wrong).mapToObj(place -> inPlace[place]).toArray(TopK[]::new);
    VectorRanking.some(c.select(again), everybody, theirs, true, filter, threads);
  }
}
