package social.trvl.compat.score;

import social.trvl.compat.kernel.PairColumns;
import social.trvl.compat.kernel.TopK;
import social.trvl.compat.model.BoostedModel;
import social.trvl.compat.profile.ProfileTable;

/**
 * Ranks a person's candidates by a boosted model, and says which: all of them where they are few,
 * else the best that its additive surrogate retrieves, at least {@value #LEAST_RETRIEVED_PER_PLACE}
 * for each place of the list. How much of the exact list that finds is measured in each run.
 */
final class TreeRanking {

  static final int LEAST_RETRIEVED_PER_PLACE = 8;

  /**
   * Trees manage some four million pairs a second and processor: a person with as many candidates
   * costs half a millisecond, 100,000 such people 50 s.
   */
  static final int MOST_EXACT = 2_000;

  private final BoostedModel model;
  private final ProfileTable people;
  private final PairColumns handicaps;
  private final int topK;
  private final int retrieved;

  /**
   * @param handicaps columns of everybody, at their rows
   */
  TreeRanking(BoostedModel model, ProfileTable people, PairColumns handicaps, int topK) {
    this(model, people, handicaps, topK, LEAST_RETRIEVED_PER_PLACE * topK);
  }

  private TreeRanking(
      BoostedModel model, ProfileTable people, PairColumns handicaps, int topK, int retrieved) {
    this.model = model;
    this.people = people;
    this.handicaps = handicaps;
    this.topK = topK;
    this.retrieved = retrieved;
  }

  /** The same with at least so many candidates retrieved, as far as the kernel's lists go. */
  TreeRanking retrieving(int candidates) {
    return new TreeRanking(
        model, people, handicaps, topK, Math.min(TopK.LARGEST_K, Math.max(retrieved, candidates)));
  }

  /** How many candidates the surrogate retrieves for a person. */
  int retrieved() {
    return retrieved;
  }

  /** Whether so many candidates are ranked by the trees, every one. */
  boolean ranksAllOf(long candidates) {
    return candidates <= Math.max(MOST_EXACT, retrieved);
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
