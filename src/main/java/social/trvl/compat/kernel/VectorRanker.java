package social.trvl.compat.kernel;

import jdk.incubator.vector.IntVector;

/** Makes lists by vectors of a given width. */
final class VectorRanker implements Ranker {

  /** Below, the scalar twin is faster. */
  static final int LEAST_BITS = 128;

  /** The layout for fewer people costs more than it saves. */
  private static final int FEWEST_PEOPLE = 64;

  private final int lanes;
  private final ScalarRanker scalar = new ScalarRanker();

  /**
   * @param bits 128, 256 or 512; right on any machine, fast where the processor has them
   */
  VectorRanker(int bits) {
    lanes = bits / Integer.SIZE;
  }

  static int widestBits() {
    return IntVector.SPECIES_PREFERRED.vectorBitSize();
  }

  @Override
  public void scores(PairColumns c, int a, int from, int to, int[] out) {
    scalar.scores(c, a, from, to, out);
  }

  @Override
  public void rank(
      PairColumns c, int[] positions, TopK[] tops, boolean revisited, PairFilter filter) {
    if (c.size < FEWEST_PEOPLE) {
      scalar.rank(c, positions, tops, revisited, filter);
    } else {
      VectorRanking.some(c.vectors(lanes), positions, tops, revisited, filter).againstAll();
    }
  }

  @Override
  public void rankAll(
      PairColumns c, TopK[] tops, boolean revisited, PairFilter filter, int threads) {
    if (c.size < FEWEST_PEOPLE) {
      scalar.rankAll(c, tops, revisited, filter, threads);
    } else {
      VectorRanking.all(c.vectors(lanes), tops, revisited, filter).amongThemselves(threads);
    }
  }
}
