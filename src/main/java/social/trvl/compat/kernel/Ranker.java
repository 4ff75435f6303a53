package social.trvl.compat.kernel;

import java.util.function.LongConsumer;

/**
 * How lists are made of pairs: the scalar twin or a vector one. They agree to the bit; {@link
 * PairKernel} checks the shapes and chooses.
 */
interface Ranker {

  /** As {@link PairKernel#meet}. */
  int meet(
      PairColumns c,
      int[] group,
      int from,
      int to,
      MeanAndLeast rule,
      int bound,
      int[] found,
      int[] logOdds);

  /** As {@link PairKernel#rank}. */
  void rank(PairColumns c, int[] positions, TopK[] tops, boolean revisited, PairFilter filter);

  /** As {@link PairKernel#rankAll}. */
  void rankAll(
      PairColumns c,
      TopK[] tops,
      boolean revisited,
      PairFilter filter,
      int threads,
      LongConsumer done);
}
