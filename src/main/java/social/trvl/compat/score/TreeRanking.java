package social.trvl.compat.score;

import social.trvl.compat.kernel.PairColumns;
import social.trvl.compat.kernel.TopK;
import social.trvl.compat.model.BoostedModel;
import social.trvl.compat.profile.ProfileTable;

/**
 * Ranks a person's candidates by a boosted model, and says which: all of them where they are few,
 * else the best that its additive surrogate retrieves, {@value #RETRIEVED_PER_PLACE} for each place
 * of the list. How much of the exact list that finds is measured in each run.
 */
final class TreeRanking {

  private static final int RETRIEVED_PER_PLACE = 8;

  /**
   * Trees manage some 500,000 pairs a second and processor: a person with as many candidates costs
   * 2 ms, 100,000 such people four minutes.
   */
  static final int MOST_EXACT = 1_000;

  private final BoostedModel model;
  private final ProfileTable people;
  private final PairColumns handicaps;
  private final int topK;

  /**
   * @param handicaps columns of everybody, at their rows
   */
  TreeRanking(BoostedModel model, ProfileTable people, PairColumns handicaps, int topK) {
    this.model = model;
    this.people = people;
    this.handicaps = handicaps;
    this.topK = topK;
  }

  /** How many candidates the surrogate retrieves for a person. */
  int retrieved() {
    return RETRIEVED_PER_PLACE * topK;
  }

  /** Whether so many candidates are ranked by the trees, every one. */
  boolean ranksAllOf(long candidates) {
    return candidates <= Math.max(MOST_EXACT, retrieved());
  }

  /** The best of some candidates by the ranking rule. */
  TopK best(int person, int[] candidates) {
    int[] logOdds = new int[candidates.length];
    model.logOdds(people, person, candidates, candidates.length, logOdds);
    TopK top = new TopK(topK);
    for (int i = 0; i < candidates.length; i++) {
      int key = logOdds[i] - handicaps.handicap(candidates[i]);
      if (top.admits(key, candidates[i])) {
        top.add(key, candidates[i]);
      }
    }
    return top;
  }
}
