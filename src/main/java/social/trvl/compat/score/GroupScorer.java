package social.trvl.compat.score;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import social.trvl.compat.config.NightlySettings;
import social.trvl.compat.kernel.PairColumns;
import social.trvl.compat.kernel.PairKernel;
import social.trvl.compat.kernel.TopK;
import social.trvl.compat.model.BoostedModel;
import social.trvl.compat.model.Feature.Block;
import social.trvl.compat.model.PairModel;
import social.trvl.compat.model.ScoreScale;
import social.trvl.compat.profile.BlockedPairs;
import social.trvl.compat.profile.Population;
import social.trvl.compat.profile.ProfileTable;
import social.trvl.compat.profile.TravelGroup;
import social.trvl.compat.score.GroupFit.PersonFit;

/**
 * Scores groups: the fit of a person to a group is {@code mean − λ · (mean − least)} of the
 * person's pair scores with its members, so that nobody's fit is bought with one member's misery.
 * The same formula over all pairs of members is the group's cohesion.
 *
 * <p>With scores and λ as integers, {@code 100 n · fit = (100 − λ) · sum + λ · n · least} is an
 * integer: candidates are ranked by it without rounding, then by lower user id. Candidates of an
 * open group: everybody scorable who is no member, is within the group's age range, and has no
 * block with any active member, scorable or not. By a boosted model all of them are ranked where
 * people are few, else the best that its surrogate retrieves: see {@link TreeRanking}.
 */
public final class GroupScorer {

  private static final int TILE = 1024;

  /** Keeps {@code 100 n · fit} (at most 10^6 · n) within int32. */
  private static final int MOST_MEMBERS = 2_000;

  private final ProfileTable people;
  private final BlockedPairs blocks;
  private final PairModel model;
  private final PairColumns columns;
  private final NightlySettings.Groups settings;

  public GroupScorer(Population population, PairModel model, NightlySettings.Groups settings) {
    this.people = population.people();
    this.blocks = population.blocks();
    this.model = model;
    this.settings = settings;
    columns = model.additive().columns(people, 0);
  }

  /**
   * Scores one group.
   *
   * @throws IllegalArgumentException if it has more than {@value #MOST_MEMBERS} members
   */
  public GroupFit score(TravelGroup group) {
    if (group.members().size() > MOST_MEMBERS) {
      throw new IllegalArgumentException(
          "group %s has %d active members, at most %d are scored"
              .formatted(group.groupId(), group.members().size(), MOST_MEMBERS));
    }
    int[] members =
        group.members().stream().mapToInt(people::rowOf).filter(row -> row >= 0).toArray();
    List<PersonFit> fits = new ArrayList<>();
    int cohesion = -1;
    int least = -1;
    if (members.length > 1) {
      long sum = 0;
      least = Integer.MAX_VALUE;
      int pairs = members.length * (members.length - 1) / 2;
      for (int i = 0; i < members.length; i++) {
        for (int j = 0; j < i; j++) {
          int score = score(members[i], members[j]);
          sum += score;
          least = Math.min(least, score);
        }
        fits.add(describe(members[i], 0, members));
      }
      cohesion = rounded(weighed(sum, least, pairs), 100L * pairs);
    }
    if (group.open() && members.length > 0) {
      addCandidates(group, members, fits);
    }
    return new GroupFit(
        group.groupId(), cohesion, least, group.members().size(), members.length, fits);
  }

  private void addCandidates(TravelGroup group, int[] members, List<PersonFit> fits) {
    int[] rows =
        model instanceof BoostedModel boosted
            ? bestByTrees(boosted, group, members)
            : bestByKernel(group, members, settings.candidates());
    for (int i = 0; i < rows.length; i++) {
      fits.add(describe(rows[i], i + 1, members));
    }
  }

  /** Best candidates by the additive model, best first. */
  private int[] bestByKernel(TravelGroup group, int[] members, int most) {
    TopK top = new TopK(most);
    int[] scores = new int[TILE];
    long[] sums = new long[TILE];
    int[] least = new int[TILE];
    List<UUID> outsiders = outsiders(group);
    for (int from = 0; from < people.size(); from += TILE) {
      int to = Math.min(people.size(), from + TILE);
      Arrays.fill(sums, 0);
      Arrays.fill(least, Integer.MAX_VALUE);
      for (int member : members) {
        PairKernel.scores(columns, member, from, to, scores);
        addScores(scores, to - from, sums, least);
      }
      for (int i = 0; i < to - from; i++) {
        int fit = Math.toIntExact(weighed(sums[i], least[i], members.length));
        if (top.admits(fit, from + i) && mayJoin(group, members, outsiders, from + i)) {
          top.add(fit, from + i);
        }
      }
    }
    return bestFirst(top);
  }

  /** Best candidates by trees: of everybody, or of those whom the surrogate retrieves. */
  private int[] bestByTrees(BoostedModel boosted, TravelGroup group, int[] members) {
    TreeRanking trees = new TreeRanking(boosted, people, columns, settings.candidates());
    int[] candidates;
    if (trees.ranksAllOf(people.size())) {
      List<UUID> outsiders = outsiders(group);
      candidates =
          IntStream.range(0, people.size())
              .filter(row -> mayJoin(group, members, outsiders, row))
              .toArray();
    } else {
      candidates = bestByKernel(group, members, trees.retrieved());
    }
    int[] scores = new int[candidates.length];
    long[] sums = new long[candidates.length];
    int[] least = new int[candidates.length];
    Arrays.fill(least, Integer.MAX_VALUE);
    for (int member : members) {
      boosted.logOdds(people, member, candidates, candidates.length, scores);
      addScores(scores, candidates.length, sums, least);
    }
    TopK top = new TopK(settings.candidates());
    for (int i = 0; i < candidates.length; i++) {
      int fit = Math.toIntExact(weighed(sums[i], least[i], members.length));
      if (top.admits(fit, candidates[i])) {
        top.add(fit, candidates[i]);
      }
    }
    return bestFirst(top);
  }

  private static void addScores(int[] logOdds, int count, long[] sums, int[] least) {
    for (int i = 0; i < count; i++) {
      int score = ScoreScale.hundredths(logOdds[i]);
      sums[i] += score;
      least[i] = Math.min(least[i], score);
    }
  }

  private static int[] bestFirst(TopK top) {
    int[] rows = new int[top.size()];
    top.best(rows, new int[rows.length], 0);
    return rows;
  }

  /** Members who can't be scored; whom they block stays away all the same. */
  private List<UUID> outsiders(TravelGroup group) {
    return group.members().stream().filter(id -> people.rowOf(id) < 0).toList();
  }

  private boolean mayJoin(TravelGroup group, int[] members, List<UUID> outsiders, int row) {
    int age = people.age(row);
    if ((group.ageFrom() != ProfileTable.UNKNOWN && age < group.ageFrom())
        || (group.ageTo() != ProfileTable.UNKNOWN && age > group.ageTo())) {
      return false;
    }
    for (int member : members) {
      if (member == row || blocks.contains(member, row)) {
        return false;
      }
    }
    for (UUID outsider : outsiders) {
      if (blocks.containsOutsider(outsider, row)) {
        return false;
      }
    }
    return true;
  }

  private PersonFit describe(int row, int rank, int[] members) {
    long sum = 0;
    int least = Integer.MAX_VALUE;
    long personality = 0;
    long interest = 0;
    long preference = 0;
    long completeness = 0;
    int n = 0;
    for (int member : members) {
      if (member != row) {
        int[] contributions = model.contributions(people, row, member);
        int score = ScoreScale.hundredths(model.logOdds(contributions));
        sum += score;
        least = Math.min(least, score);
        personality += model.match(Block.PERSONALITY, contributions);
        interest += model.match(Block.INTEREST, contributions);
        preference += model.match(Block.PREFERENCE, contributions);
        completeness += model.completeness(people, row, member);
        n++;
      }
    }
    return new PersonFit(
        people.userId(row),
        rank,
        rounded(weighed(sum, least, n), 100L * n),
        rounded(personality, n),
        rounded(interest, n),
        rounded(preference, n),
        least,
        rounded(completeness, n));
  }

  private int score(int a, int b) {
    return ScoreScale.hundredths(model.logOdds(people, a, b));
  }

  /** 100 n times the fit. */
  private long weighed(long sum, int least, int n) {
    int lambda = settings.leastWeightPercent();
    return (100L - lambda) * sum + (long) lambda * n * least;
  }

  /** Nearest integer, halves up. */
  private static int rounded(long numerator, long denominator) {
    return Math.toIntExact((2 * numerator + denominator) / (2 * denominator));
  }
}
