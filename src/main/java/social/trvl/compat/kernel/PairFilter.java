package social.trvl.compat.kernel;

/**
 * Whether a person may be shown a candidate at all. Asked only for candidates whose key may enter
 * the top K; by several threads at once.
 */
@FunctionalInterface
public interface PairFilter {

  /**
   * Tells whether the candidate may enter the person's list.
   *
   * @param person the caller's row of the person whose list is made
   * @param candidate the caller's row of the candidate
   */
  boolean admits(int person, int candidate);
}
