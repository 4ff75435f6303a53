package social.trvl.compat.kernel;

/**
 * Whether a person may be shown a candidate at all. Asked only for candidates whose key may enter
 * the top K; by several threads at once.
 *
 * <p>What can be said by ranges of small numbers, the vector loop finds out by itself: who does not
 * {@link #fits fit} is not asked for. Where a filter says nothing of the kind everybody fits.
 */
@FunctionalInterface
public interface PairFilter {

  /** The highest bit of each byte, which bytes of 0–127 leave free. */
  int HIGH_BITS = 0x8080_8080;

  /**
   * Tells whether the candidate may enter the person's list.
   *
   * @param person the caller's row of the person whose list is made
   * @param candidate the caller's row of the candidate
   */
  boolean admits(int person, int candidate);

  /**
   * What a row has: four bytes, each 0–127. Where a filter admits one row for another, what either
   * offers fits what the other seeks.
   */
  default int offered(int row) {
    return 0;
  }

  /** What a row wants of others: the least of each byte. */
  default int sought(int row) {
    return 0;
  }

  /** Four bytes of 0–127 as one int. */
  static int bytes(int a, int b, int c, int d) {
    return a << 24 | b << 16 | c << 8 | d;
  }

  /**
   * Whether each of four bytes offered is at least the byte sought: four comparisons in one
   * subtraction, as no byte borrows from the next (Lamport, "Multiple byte processing with
   * full-word instructions", Communications of the ACM 18(8), 1975).
   */
  static boolean fits(int offered, int sought) {
    return (((offered | HIGH_BITS) - sought) & HIGH_BITS) == HIGH_BITS;
  }
}
