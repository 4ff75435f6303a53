package social.trvl.compat.kernel;

/** The vector loops, made for one {@link LoopShape}. */
interface PairLoop {

  /**
   * How many shorts tell {@link #find} of a person's list; the next three say what stands where.
   */
  int LIST_LENGTH = 4;

  int THRESHOLD = 0;
  int OFFERED = 1;
  int PAIRING = 3;

  /**
   * Holds some people against one vector of candidates and says who may enter whose list, by {@link
   * UpperBounds}.
   *
   * @param candidates upper bounds of the candidates, see {@link PeopleVectors}
   * @param vector where the vector's columns begin
   * @param thresholds of the candidates' lists, less their own part, rounded down
   * @param sought by the candidates, see {@link PairFilter#fits}: of each vector its first two
   *     bytes, then its last two
   * @param first candidate: place of the vector's thresholds
   * @param rows of {@link LoopShape#bounds} upper bounds, one for each person
   * @param lists for each person {@value #LIST_LENGTH} shorts: the threshold of their list as of
   *     the candidates', what they offer, first two bytes and last two with their high bits set,
   *     and the place of their vector of pairing entries
   * @param from first person
   * @param count how many people, one after the other
   * @param pairing vectors of table entries, rounded up
   * @param who receives the number of those people who have any hit, counted from the first
   * @param hits receives {@code candidate's list << lanes | person's list} of each of them, a bit
   *     for each lane
   * @param allowed the lanes that may hit, twice, as in hits
   * @return how many people hit; at most count, and one more place is used
   */
  int find(
      short[] candidates,
      int vector,
      short[] thresholds,
      short[] sought,
      int first,
      short[] rows,
      short[] lists,
      int from,
      int count,
      short[] pairing,
      int[] who,
      long[] hits,
      long allowed);

  /**
   * The score of two, less both own parts.
   *
   * @param mine rows of {@link LoopShape#values} exact values, one's from {@code from} on
   * @param theirs likewise, the other's from {@code theirFrom} on
   */
  int score(int[] mine, int from, int[] theirs, int theirFrom);

  /**
   * Says which of a vector of candidates reach a bound with a group.
   *
   * @param candidates exact values of the candidates, see {@link PeopleVectors}
   * @param vector where the vector's columns begin
   * @param group rows of {@link LoopShape#values} exact values
   * @param count how many people the group has
   * @param pairing for each of the group a vector of table entries
   * @param logOdds receives for each of the group a vector of the candidates' with them
   * @param rule makes one number of a candidate's log-odds with all of the group
   * @param bound which that number has to reach
   * @return a bit for each lane
   */
  long reaching(
      int[] candidates,
      int vector,
      int[] group,
      int count,
      int[] pairing,
      int[] logOdds,
      MeanAndLeast rule,
      int bound);
}
