package social.trvl.compat.score;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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

  /** People that are looked at together, by one group after the other: they stay in the cache. */
  private static final int TILE = 4096;

  /** Keeps {@code 100 n · fit} (at most 10^6 · n) within int32. */
  private static final int MOST_MEMBERS = 2_000;

  private final ProfileTable people;
  private final BlockedPairs blocks;
  private final PairModel model;

  /** Everybody, by row. */
  private final PairColumns columns;

  private final Completeness completeness;
  private final NightlySettings.Groups settings;

  /** A group and who it is about. */
  private static final class Asked {
    private final TravelGroup group;

    /** Rows of those who can be scored. */
    private final int[] members;

    /** Rows of who may not join, ascending. */
    private final int[] excluded;

    private Asked(TravelGroup group, int[] members, int[] excluded) {
      this.group = group;
      this.members = members;
      this.excluded = excluded;
    }

    private boolean isOpen() {
      return group.open() && members.length > 0;
    }
  }

  public GroupScorer(Population population, PairModel model, NightlySettings.Groups settings) {
    this(
        population,
        model,
        settings,
        model.additive().columns(population.people(), 0),
        new Completeness(model, population.people()));
  }

  /**
   * @param columns everybody, by row; groups ask for no handicap
   */
  GroupScorer(
      Population population,
      PairModel model,
      NightlySettings.Groups settings,
      PairColumns columns,
      Completeness completeness) {
    this.people = population.people();
    this.blocks = population.blocks();
    this.model = model;
    this.settings = settings;
    this.completeness = completeness;
    this.columns = columns;
  }

  /**
   * Scores groups, read together with the people. For several threads, each with groups of its own;
   * some dozen groups at a time share their way through everybody.
   *
   * @throws IllegalArgumentException if one has more than {@value #MOST_MEMBERS} members
   */
  public List<GroupFit> score(List<TravelGroup> groups) {
    return fits(groups.stream().map(group -> asked(group, keptApart(group))).toList());
  }

  /**
   * Scores one group, read later than the people.
   *
   * @throws IllegalArgumentException if it has more than {@value #MOST_MEMBERS} members
   */
  public GroupFit score(GroupSnapshot group) {
    IntStream keptApart = group.keptApart().stream().mapToInt(people::rowOf);
    return fits(List.of(asked(group.group(), keptApart))).getFirst();
  }

  /** Rows that have a block with any active member, scorable or not. */
  private IntStream keptApart(TravelGroup group) {
    return group.members().stream()
        .flatMapToInt(id -> {
          int row = people.rowOf(id);
          return row < 0 ? blocks.ofOutsider(id) : blocks.of(row);
        });
  }

  private Asked asked(TravelGroup group, IntStream keptApart) {
    if (group.members().size() > MOST_MEMBERS) {
      throw new IllegalArgumentException(
          "group %s has %d active members, at most %d are scored"
              .formatted(group.groupId(), group.members().size(), MOST_MEMBERS));
    }
    int[] members =
        group.members().stream().mapToInt(people::rowOf).filter(row -> row >= 0).toArray();
    int[] excluded = IntStream.concat(Arrays.stream(members), keptApart).sorted().toArray();
    return new Asked(group, members, excluded);
  }

  private List<GroupFit> fits(List<Asked> asked) {
    List<int[]> candidates = candidates(asked);
    return IntStream.range(0, asked.size())
        .mapToObj(i -> fit(asked.get(i), candidates.get(i)))
        .toList();
  }

  /**
   * @param candidates rows, best first
   */
  private GroupFit fit(Asked asked, int[] candidates) {
    int[] members = asked.members;
    List<PersonFit> fits = new ArrayList<>(members.length + candidates.length);
    int cohesion = -1;
    int least = -1;
    if (members.length > 1) {
      long sum = 0;
      least = Integer.MAX_VALUE;
      int pairs = members.length * (members.length - 1) / 2;
      for (int i = 0; i < members.length; i++) {
        for (int j = 0; j < i; j++) {
          int score = ScoreScale.hundredths(model.logOdds(people, members[i], members[j]));
          sum += score;
          least = Math.min(least, score);
        }
        fits.add(describe(members[i], 0, members));
      }
      cohesion = rounded(weighed(sum, least, pairs), 100L * pairs);
    }
    for (int i = 0; i < candidates.length; i++) {
      fits.add(describe(candidates[i], i + 1, members));
    }
    TravelGroup group = asked.group;
    return new GroupFit(
        group.groupId(), cohesion, least, group.members().size(), members.length, fits);
  }

  /** Rows of each group's best candidates, best first; none where nobody can be added. */
  private List<int[]> candidates(List<Asked> asked) {
    if (!(model instanceof BoostedModel boosted)) {
      return retrieve(asked, settings.candidates());
    }
    TreeRanking trees = new TreeRanking(boosted, people, columns, settings.candidates());
    List<int[]> admitted =
        trees.ranksAllOf(people.size())
            ? asked.stream().map(this::everybodyWhoMayJoin).toList()
            : retrieve(asked, trees.retrieved());
    return IntStream.range(0, asked.size())
        .mapToObj(i -> bestByTrees(boosted, asked.get(i).members, admitted.get(i)))
        .toList();
  }

  /** Of each group the best by the additive model, best first. */
  private List<int[]> retrieve(List<Asked> asked, int most) {
    List<Search> searches = asked.stream().map(group -> new Search(group, most)).toList();
    List<Search> open = searches.stream().filter(search -> search.asked.isOpen()).toList();
    int[] found = new int[TILE];
    int[] logOdds = new int[TILE * asked.stream().mapToInt(a -> a.members.length).max().orElse(0)];
    for (int from = 0; from < columns.size(); from += TILE) {
      int to = Math.min(from + TILE, columns.size());
      for (Search search : open) {
        search.meet(from, to, found, logOdds);
      }
    }
    return searches.stream().map(search -> bestFirst(search.top)).toList();
  }

  private int[] everybodyWhoMayJoin(Asked asked) {
    return asked.isOpen()
        ? IntStream.range(0, people.size()).filter(row -> mayJoin(asked, row)).toArray()
        : new int[0];
  }

  /** The best of some candidates. Groups know no handicaps. */
  private int[] bestByTrees(BoostedModel boosted, int[] members, int[] candidates) {
    int n = members.length;
    int[] withMember = new int[candidates.length];
    int[] logOdds = new int[n * candidates.length];
    for (int m = 0; m < n; m++) {
      boosted.logOdds(people, members[m], candidates, candidates.length, withMember);
      for (int i = 0; i < candidates.length; i++) {
        logOdds[i * n + m] = withMember[i];
      }
    }
    TopK top = new TopK(settings.candidates());
    for (int i = 0; i < candidates.length; i++) {
      int fit = fit(logOdds, i, n);
      if (top.admits(fit, candidates[i])) {
        top.add(fit, candidates[i]);
      }
    }
    return bestFirst(top);
  }

  private boolean mayJoin(Asked asked, int row) {
    TravelGroup group = asked.group;
    int age = people.age(row);
    return (group.ageFrom() == ProfileTable.UNKNOWN || age >= group.ageFrom())
        && (group.ageTo() == ProfileTable.UNKNOWN || age <= group.ageTo())
        && Arrays.binarySearch(asked.excluded, row) < 0;
  }

  private PersonFit describe(int row, int rank, int[] members) {
    long sum = 0;
    int least = Integer.MAX_VALUE;
    long personality = 0;
    long interest = 0;
    long preference = 0;
    long known = 0;
    int n = 0;
    int[] sums = new int[Block.COUNT];
    for (int member : members) {
      if (member != row) {
        int logOdds = model.logOdds(people, row, member);
        int score = ScoreScale.hundredths(logOdds);
        sum += score;
        least = Math.min(least, score);
        model.sums(people, row, member, logOdds, sums);
        personality += model.match(Block.PERSONALITY, sums[Block.PERSONALITY.index()]);
        interest += model.match(Block.INTEREST, sums[Block.INTEREST.index()]);
        preference += model.match(Block.PREFERENCE, sums[Block.PREFERENCE.index()]);
        known += completeness.of(row, member);
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
        rounded(known, n));
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

  /** One group's best candidates by the additive model, while everybody goes by. */
  private final class Search {
    /*
     * Only some hundred people need their scores: what the fit is to scores, the same formula is to
     * log-odds, and its weights, (1 − λ) / n for each pair and λ for the least one, sum to one. So the
     * fit of the K-th best so far says how high this mean of the log-odds has to be, and that is sums
     * and minima over ints, which the kernel makes.
     *
     * For 100 n · mean to stay within int32 the log-odds, at most 2^24, lose their last bits, where n
     * is large: 100 n · 2^(24 − lost) < 2^31.
     */

    private final Asked asked;
    private final MeanAndLeast rule;
    private final TopK top;
    private int boundKey;
    private int bound = Integer.MIN_VALUE;

    /**
     * @param most how many candidates are wanted
     */
    private Search(Asked asked, int most) {
      this.asked = asked;
      int n = asked.members.length;
      int lostBits = Math.max(0, Integer.SIZE - Integer.numberOfLeadingZeros(100 * n) - 7);
      int lambda = settings.leastWeightPercent();
      rule =
          new MeanAndLeast(ScoreScale.FLOOR, ScoreScale.LIMIT, lostBits, 100 - lambda, lambda * n);
      top = new TopK(most);
      boundKey = top.boundKey();
    }

    /**
     * Looks at a range of people.
     *
     * @param found scratch space, as logOdds
     */
    private void meet(int from, int to, int[] found, int[] logOdds) {
      int count = PairKernel.meet(columns, asked.members, from, to, rule, bound, found, logOdds);
      for (int i = 0; i < count; i++) {
        if (mayJoin(asked, found[i])) {
          offer(found[i], fit(logOdds, i, asked.members.length));
        }
      }
    }

    private void offer(int row, int fit) {
      if (top.admits(fit, row)) {
        top.add(fit, row);
        if (top.boundKey() != boundKey) {
          boundKey = top.boundKey();
          bound = boundOfMean(boundKey);
        }
      }
    }

    /** 100 n times the mean of log-odds that another such multiple of a fit asks for. */
    private int boundOfMean(int fit) {
      long multiple = 100L * asked.members.length;
      long wanted = multiple * ScoreScale.bound(fit / (double) multiple);
      // Each lost less than one.
      return Math.toIntExact((wanted >> rule.lostBits()) - multiple);
    }
  }

  /** 100 n times the fit of the i-th of some people, whose log-odds with n members are given. */
  private int fit(int[] logOdds, int i, int n) {
    long sum = 0;
    int least = Integer.MAX_VALUE;
    for (int m = 0; m < n; m++) {
      int score = ScoreScale.hundredths(logOdds[i * n + m]);
      sum += score;
      least = Math.min(least, score);
    }
    return Math.toIntExact(weighed(sum, least, n));
  }

  private static int[] bestFirst(TopK top) {
    int[] rows = new int[top.size()];
    top.best(rows, new int[rows.length], 0);
    return rows;
  }
}
