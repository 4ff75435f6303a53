package social.trvl.compat.score;

/**
 * Top K lists of consecutive people, one row a listing, lists one after the other, each best first.
 *
 * <p>All values as integers: scores and matches in hundredths (0–10000), completeness in percent.
 */
public final class ScoredPeople {

  private final int from;
  private final int[] offsets;
  final int[] others;
  final int[] logOdds;
  final short[] scores;
  final short[] personality;
  final short[] preference;
  final short[] interest;
  final byte[] completeness;

  ScoredPeople(int from, int[] offsets) {
    this.from = from;
    this.offsets = offsets;
    int rows = offsets[offsets.length - 1];
    others = new int[rows];
    logOdds = new int[rows];
    scores = new short[rows];
    personality = new short[rows];
    preference = new short[rows];
    interest = new short[rows];
    completeness = new byte[rows];
  }

  /** How many people. */
  public int people() {
    return offsets.length - 1;
  }

  /** Row in the profile table of the i-th person. */
  public int person(int i) {
    return from + i;
  }

  /** First listing of the i-th person; {@code first(i + 1)} is one past the last. */
  public int first(int i) {
    return offsets[i];
  }

  public int rows() {
    return others.length;
  }

  public int other(int row) {
    return others[row];
  }

  public int score(int row) {
    return scores[row];
  }

  public int personality(int row) {
    return personality[row];
  }

  public int preference(int row) {
    return preference[row];
  }

  public int interest(int row) {
    return interest[row];
  }

  public int completeness(int row) {
    return completeness[row];
  }
}
