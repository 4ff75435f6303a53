package social.trvl.compat.score;

import java.util.List;
import java.util.UUID;

/**
 * How a group's members fit each other, and how they and its best candidates fit the group. Scores
 * in hundredths.
 *
 * @param cohesion fit of the members among themselves, −1 while fewer than two can be scored
 * @param least score of the worst pair of members, −1 likewise
 * @param members active members
 * @param scorableMembers those of them who can be scored
 * @param people members first (rank 0), then candidates, best first
 */
public record GroupFit(
    UUID groupId,
    int cohesion,
    int least,
    int members,
    int scorableMembers,
    List<PersonFit> people) {

  /**
   * One person's fit to the group's scorable members (other than themselves).
   *
   * @param rank 1 for the best candidate, 0 for a member
   * @param fit mean − λ · (mean − least) of the pair scores
   * @param personality mean of the pairs' matches; interest and preference likewise
   * @param least the worst of the pair scores
   * @param completeness mean of the pairs', percent
   */
  public record PersonFit(
      UUID userId,
      int rank,
      int fit,
      int personality,
      int interest,
      int preference,
      int least,
      int completeness) {

    public boolean member() {
      return rank == 0;
    }
  }

  public int candidates() {
    return people.size() - (int) people.stream().filter(PersonFit::member).count();
  }
}
