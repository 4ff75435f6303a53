package social.trvl.compat.kernel;

/** The vector loops, made for one {@link LoopShape}. */
interface PairLoop {

  /**
   * Scores some people against one vector of candidates and says who may enter whose list.
   *
   * @param candidates columns of the candidates, see {@link CandidateVectors}
   * @param vector where the vector's columns begin
   * @param thresholds of the candidates' lists, less their own part
   * @param sought by the candidates, see {@link PairFilter#fits}
   * @param first candidate: place of the vector's thresholds and of what it seeks
   * @param people rows of {@link LoopShape#rowLength} ints
   * @param from first person
   * @param count how many people, one after the other
   * @param pairing vectors of table entries; a person's row says which
   * @param sums receives the person's scores, less both own parts, at {@code i · lanes}
   * @param hits receives {@code i << 32 | candidate's list << lanes | person's list}, a bit for
   *     each lane, for those people who have any
   * @param allowed the lanes that may hit, twice, as in hits
   * @return how many hits were written; at most count, and one more place is used
   */
  int find(
      int[] candidates,
      int vector,
      int[] thresholds,
      int[] sought,
      int first,
      int[] people,
      int from,
      int count,
      int[] pairing,
      int[] sums,
      long[] hits,
      long allowed);

  /**
   * Says which of a vector of candidates reach a bound with a group.
   *
   * @param candidates columns of the candidates, as in {@link #find}
   * @param vector where the vector's columns begin
   * @param group rows of {@link LoopShape#rowLength} ints
   * @param count how many people the group has
   * @param sums what {@link #find} has made of the group and this vector
   * @param rule makes one number of a candidate's log-odds with all of the group
   * @param bound which that number has to reach
   * @return a bit for each lane
   */
  long reaching(
      int[] candidates,
      int vector,
      int[] group,
      int count,
      int[] sums,
      MeanAndLeast rule,
      int bound);
}
