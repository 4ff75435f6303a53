package social.trvl.compat.score;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import social.trvl.compat.config.NightlySettings;
import social.trvl.compat.kernel.MeanAndLeast;
import social.trvl.compat.kernel.PairColumns;
import social.trvl.compat.kernel.PairKernel;
import social.trvl.compat.kernel.TopK;
import social.trvl.compat.model.BoostedModel;
import social.trvl.compat.model.Feature.Block;
import social.trvl.compat.model.PairModel;
import social.trvl.compat.model.ScoreScale;
import social.trvl.compat.profile.BlockedPairs;
import social.trvl.compat.profile.GroupSnapshot;
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

  /** Candidates that are looked at together. */
  private static final int TILE = 1024;

  /** A tile has 16 rows of them. */
  private static final int COLUMNS = 64;

  /** Keeps {@code 100 n · fit} (at most 10^6 · n) within int32. */
  private static final int MOST_MEMBERS = 2_000;

  private final ProfileTable people;
  private final BlockedPairs blocks;
  private final PairModel model;

  /** Everybody, by category. */
  private final PairColumns columns;

  /** In the columns, by row. */
  private final int[] positions;

  private final NightlySettings.Groups settings;

  public GroupScorer(Population population, PairModel model, NightlySettings.Groups settings) {
    this(population, model, settings, model.additive().columns(population.people(), 0));
  }

  /**
   * @param byRow everybody; groups ask for no handicap
   */
  GroupScorer(
      Population population, PairModel model, NightlySettings.Groups settings, PairColumns byRow) {
    this.people = population.people();
    this.blocks = population.blocks();
    this.model = model;
    this.settings = settings;
    columns = byRow.select(byRow.byCategory());
    positions = new int[columns.size()];
    for (int position = 0; position < positions.length; position++) {
      positions[columns.row(position)] = position;
    }
  }

  /**
   * Scores one group, read together with the people.
   *
   * @throws IllegalArgumentException if it has more than {@value #MOST_MEMBERS} members
   */
  public GroupFit score(TravelGroup group) {
    return score(
        group,
        () ->
            IntStream.concat(
                group.members().stream()
                    .mapToInt(people::rowOf)
                    .filter(row -> row >= 0)
                    .flatMap(blocks::of),
                group.members().stream()
                    .filter(id -> people.rowOf(id) < 0)
                    .flatMapToInt(blocks::ofOutsider)));
  }

  /**
   * Scores one group, read later than the people.
   *
   * @throws IllegalArgumentException if it has more than {@value #MOST_MEMBERS} members
   */
  public GroupFit score(GroupSnapshot group) {
    return score(group.group(), () -> group.keptApart().stream().mapToInt(people::rowOf));
  }

  private GroupFit score(TravelGroup group, Supplier<IntStream> keptApart) {
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
      addCandidates(group, members, excluded(members, keptApart.get()), fits);
    }
    return new GroupFit(
        group.groupId(), cohesion, least, group.members().size(), members.length, fits);
  }

  private void addCandidates(
      TravelGroup group, int[] members, int[] excluded, List<PersonFit> fits) {
    int[] rows =
        model instanceof BoostedModel boosted
            ? bestByTrees(boosted, group, members, excluded)
            : bestByKernel(group, members, excluded, settings.candidates());
    for (int i = 0; i < rows.length; i++) {
      fits.add(describe(rows[i], i + 1, members));
    }
  }

  /** Best candidates by the additive model, best first. */
  private int[] bestByKernel(TravelGroup group, int[] members, int[] excluded, int most) {
    /*
     * Only some hundred people need their scores: what the fit is to scores, the same formula is to
     * log-odds, and its weights, (1 − λ) / n for each pair and λ for the least one, sum to one. So the
     * fit of the K-th best so far says how high this mean of the log-odds has to be, and that is sums
     * and minima over ints, which the kernel makes. What the last tile has beyond the last person is
     * not looked at.
     *
     * For 100 n · mean to stay within int32 the log-odds, at most 2^24, lose their last bits, where n
     * is large: 100 n · 2^(24 − lost) < 2^31.
     */
    int n = members.length;
    int lostBits = Math.max(0, Integer.SIZE - Integer.numberOfLeadingZeros(100 * n) - 7);
    int lambda = settings.leastWeightPercent();
    MeanAndLeast mean =
        new MeanAndLeast(ScoreScale.FLOOR, ScoreScale.LIMIT, lostBits, 100 - lambda, lambda * n);
    int[] membersAt = Arrays.stream(members).map(row -> positions[row]).toArray();
    TopK top = new TopK(most);
    int[][] logOdds = new int[n][TILE];
    int[] means = new int[TILE];
    int[] best = new int[COLUMNS];
    int boundKey = top.boundKey();
    int bound = Integer.MIN_VALUE;
    for (int from = 0; from < columns.size(); from += TILE) {
      int count = Math.min(TILE, columns.size() - from);
      PairKernel.meet(columns, membersAt, from, from + count, mean, logOdds, means);
      findBest(means, best);
      for (int column = 0; column < COLUMNS; column++) {
        for (int i = column; best[column] >= bound && i < count; i += COLUMNS) {
          if (means[i] >= bound) {
            int fit = fit(logOdds, i);
            int row = columns.row(from + i);
            if (top.admits(fit, row) && mayJoin(group, excluded, row)) {
              top.add(fit, row);
              if (top.boundKey() != boundKey) {
                boundKey = top.boundKey();
                bound = bound(boundKey, n, lostBits);
              }
            }
          }
        }
      }
    }
    return bestFirst(top);
  }

  /** The highest of each column of a tile. */
  private static void findBest(int[] means, int[] best) {
    System.arraycopy(means, 0, best, 0, COLUMNS);
    for (int row = COLUMNS; row < TILE; row += COLUMNS) {
      for (int column = 0; column < COLUMNS; column++) {
        best[column] = Math.max(best[column], means[row + column]);
      }
    }
  }

  /** 100 n times the mean of log-odds that another such multiple of a fit asks for. */
  private static int bound(int fit, int n, int lostBits) {
    long wanted = 100L * n * ScoreScale.bound(fit / (100.0 * n));
    // Each lost less than one.
    return Math.toIntExact((wanted >> lostBits) - 100L * n);
  }

  /** 100 n times the fit of one of some people, whose log-odds with each member are given. */
  private int fit(int[][] logOdds, int i) {
    long sum = 0;
    int least = Integer.MAX_VALUE;
    for (int[] withMember : logOdds) {
      int score = ScoreScale.hundredths(withMember[i]);
      sum += score;
      least = Math.min(least, score);
    }
    return Math.toIntExact(weighed(sum, least, logOdds.length));
  }

  /**
   * Best candidates by trees: of everybody, or of those whom the surrogate retrieves. Groups know
   * no handicaps.
   */
  private int[] bestByTrees(
      BoostedModel boosted, TravelGroup group, int[] members, int[] excluded) {
    TreeRanking trees = new TreeRanking(boosted, people, columns, settings.candidates());
    int[] candidates;
    if (trees.ranksAllOf(people.size())) {
      candidates =
          IntStream.range(0, people.size()).filter(row -> mayJoin(group, excluded, row)).toArray();
    } else {
      candidates = bestByKernel(group, members, excluded, trees.retrieved());
    }
    int[][] logOdds = new int[members.length][candidates.length];
    for (int member = 0; member < members.length; member++) {
      boosted.logOdds(people, members[member], candidates, candidates.length, logOdds[member]);
    }
    TopK top = new TopK(settings.candidates());
    for (int i = 0; i < candidates.length; i++) {
      int fit = fit(logOdds, i);
      if (top.admits(fit, candidates[i])) {
        top.add(fit, candidates[i]);
      }
    }
    return bestFirst(top);
  }

  private static int[] bestFirst(TopK top) {
    int[] rows = new int[top.size()];
    top.best(rows, new int[rows.length], 0);
    return rows;
  }

  /** Rows that may not join, ascending. */
  private static int[] excluded(int[] members, IntStream keptApart) {
    return IntStream.concat(Arrays.stream(members), keptApart).sorted().toArray();
  }

  private boolean mayJoin(TravelGroup group, int[] excluded, int row) {
    int age = people.age(row);
    return (group.ageFrom() == ProfileTable.UNKNOWN || age >= group.ageFrom())
        && (group.ageTo() == ProfileTable.UNKNOWN || age <= group.ageTo())
        && Arrays.binarySearch(excluded, row) < 0;
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
