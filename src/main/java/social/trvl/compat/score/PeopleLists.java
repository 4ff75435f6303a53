package social.trvl.compat.score;

import java.util.Arrays;
import social.trvl.compat.kernel.TopK;

/** Whom consecutive people are shown, before anything is said about it. */
public final class PeopleLists {

  /** Row of the first person in the profile table. */
  final int from;

  /** A list for each person, by the ranking key. */
  final TopK[] tops;

  PeopleLists(int from, TopK[] tops) {
    this.from = from;
    this.tops = tops;
  }

  /** Listings of all of them. */
  public long rows() {
    return Arrays.stream(tops).mapToLong(TopK::size).sum();
  }
}
