package social.trvl.compat.score;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.candidate.CandidateBlocks;
import social.trvl.compat.candidate.MeetingFilter;
import social.trvl.compat.config.NightlySettings;
import social.trvl.compat.config.Progress;
import social.trvl.compat.kernel.PairColumns;
import social.trvl.compat.kernel.PairKernel;
import social.trvl.compat.kernel.TopK;
import social.trvl.compat.model.BoostedModel;
import social.trvl.compat.model.Feature.Block;
import social.trvl.compat.model.PairModel;
import social.trvl.compat.model.ScoreScale;
import social.trvl.compat.profile.Population;
import social.trvl.compat.profile.ProfileTable;

/**
 * Makes people's lists: for each the top K of their candidates under the model and the ranking
 * rule.
 *
 * <p>Ranked by {@code log-odds − γ · level(other)}, then lower user id; a row's {@code score} stays
 * the probability. An additive model ranks every candidate. A boosted one does so for people with
 * few candidates; for the others see {@link TreeRanking}. Safe for several threads, each with
 * people of its own.
 */
public final class PairScorer {

  /** Enough for two digits of the recall, few enough to rank everybody by trees for them. */
  private static final int RECALL_PEOPLE = 100;

  /** Decide how many candidates the surrogate retrieves; others than those of the recall. */
  private static final int TRIAL_PEOPLE = 50;

  /** Of the exact lists of these people: above the floor of the recall by the error of both. */
  private static final double WANTED_RECALL = 0.97;

  private final Population population;
  private final ProfileTable people;
  private final PairModel model;
  private final int topK;
  private final CandidateBlocks blocks;
  private final MeetingFilter filter;
  private final PairColumns everyone;

  private final Completeness completeness;

  /** Of each block, where lists are made a few at a time; else made when a block is met. */
  private volatile List<PairColumns> columnsOfBlock = List.of();

  /** By row, once {@link #rank} has made them all. */
  private volatile TopK @Nullable [] lists;

  /** For a boosted model, once it is known how many candidates must be retrieved. */
  private @Nullable TreeRanking trees;

  public PairScorer(Population population, PairModel model, NightlySettings.Scoring settings) {
    this.population = population;
    this.people = population.people();
    this.model = model;
    this.topK = settings.topK();
    blocks = new CandidateBlocks(people, settings.blockBy());
    filter = new MeetingFilter(people, population.blocks(), settings.filters());
    everyone = model.additive().columns(people, settings.gammaPercent());
    completeness = new Completeness(model, people);
  }

  private PairColumns columns(int block) {
    List<PairColumns> kept = columnsOfBlock;
    return kept.isEmpty() ? makeColumns(block) : kept.get(block);
  }

  private void keepColumns() {
    columnsOfBlock = IntStream.range(0, blocks.count()).mapToObj(this::makeColumns).toList();
  }

  private PairColumns makeColumns(int block) {
    int[] rows = blocks.rows(block);
    return rows.length == people.size() ? everyone : everyone.select(rows);
  }

  /** Scores groups of the same people by the same model. */
  public GroupScorer groups(NightlySettings.Groups settings) {
    return new GroupScorer(population, model, settings, everyone, completeness);
  }

  public CandidateBlocks blocks() {
    return blocks;
  }

  /**
   * Makes everybody's lists, which is half the work of making them for some people after others:
   * each pair is scored once. Where memory does not hold them all it does nothing, and {@link
   * #score} makes the lists that it is asked for. The rows are the same. By a boosted model it only
   * finds out how many candidates to retrieve.
   *
   * @param threads how many work at it
   */
  public void rank(int threads, Progress progress) {
    if (model instanceof BoostedModel boosted) {
      keepColumns();
      trees(boosted, threads);
      return;
    }
    if (bytesOfLists() > Runtime.getRuntime().maxMemory() / 2) {
      keepColumns();
      return;
    }
    progress.begin("comparing pairs", blocks.pairs());
    TopK[] made = new TopK[people.size()];
    for (int block = 0; block < blocks.count(); block++) {
      TopK[] tops =
          IntStream.of(blocks.rows(block)).mapToObj(row -> list(made, row)).toArray(TopK[]::new);
      PairKernel.rankAll(
          columns(block), tops, blocks.overlap(), filter, threads, progress::advance);
    }
    Arrays.setAll(made, row -> list(made, row));
    lists = made;
    progress.end();
  }

  /**
   * Everybody's list is made when their first block is: a million at once would be copied by one
   * collection, in a pause. Who is in no block has an empty one.
   */
  private TopK list(@Nullable TopK[] made, int row) {
    TopK list = made[row];
    if (list == null) {
      list = new TopK(topK);
      made[row] = list;
    }
    return list;
  }

  /** Lets go of what {@link #rank} has made. */
  public void forget() {
    lists = null;
  }

  private long bytesOfLists() {
    int largest = 0;
    for (int block = 0; block < blocks.count(); block++) {
      largest = Math.max(largest, blocks.rows(block).length);
    }
    return people.size() * TopK.bytes(topK) + largest * TopK.bytesInUse(topK);
  }

  /**
   * The lists of consecutive people.
   *
   * @param from row of the first person, inclusive
   * @param to row of the last person, exclusive; a few hundred rows share the kernel's tiles best
   */
  public PeopleLists lists(int from, int to) {
    TopK[] made = lists;
    if (made != null) {
      return new PeopleLists(from, Arrays.copyOfRange(made, from, to));
    }
    TopK[] tops = new TopK[to - from];
    if (model instanceof BoostedModel boosted) {
      fillByTrees(trees(boosted, 1), from, to, tops);
    } else {
      Arrays.setAll(tops, i -> new TopK(topK));
      rank(from, to, tops);
    }
    return new PeopleLists(from, tops);
  }

  /** The lists of consecutive people, described: see {@link #lists} and {@link #describe}. */
  public ScoredPeople score(int from, int to) {
    return describe(lists(from, to));
  }

  /**
   * How much of the exact lists of some people is in the lists that they get: listed in both, over
   * all people asked, divided by listed in the exact ones.
   *
   * @return empty for a model whose lists are exact by construction
   */
  public OptionalDouble recall(int threads, Progress progress) {
    if (!(model instanceof BoostedModel boosted)) {
      return OptionalDouble.empty();
    }
    TreeRanking ranking = trees(boosted, threads);
    int asked = Math.min(RECALL_PEOPLE, people.size());
    progress.begin("measuring recall", asked);
    AtomicLong found = new AtomicLong();
    AtomicLong exact = new AtomicLong();
    forSome(
        threads,
        asked,
        i -> {
          int person = (int) ((long) people.size() * i / asked);
          int[] best = rows(ranking.best(person, admitted(person)));
          ScoredPeople given = score(person, person + 1);
          exact.addAndGet(best.length);
          found.addAndGet(
              Arrays.stream(given.others)
                  .filter(row -> Arrays.stream(best).anyMatch(other -> other == row))
                  .count());
          progress.advance(1);
        });
    progress.end();
    return OptionalDouble.of(exact.get() == 0 ? 1 : (double) found.get() / exact.get());
  }

  private static void forSome(int threads, int count, IntConsumer task) {
    try (ForkJoinPool pool = new ForkJoinPool(threads)) {
      pool.submit(() -> IntStream.range(0, count).parallel().forEach(task)).join();
    }
  }

  /**
   * The ranking that retrieves as many candidates as it takes to find the exact lists of some
   * people. Depends on nothing but people, model and settings, so a run that is resumed does as it
   * did before.
   */
  private synchronized TreeRanking trees(BoostedModel boosted, int threads) {
    TreeRanking found = trees;
    if (found == null) {
      TreeRanking least = new TreeRanking(boosted, people, everyone, topK);
      int asked = Math.min(TRIAL_PEOPLE, people.size());
      IntStream.Builder places = IntStream.builder();
      forSome(
          threads,
          asked,
          i -> {
            // Between the people of the recall.
            int[] theirs = placesOfBest(least, (int) (people.size() * (4L * i + 1) / (4L * asked)));
            synchronized (places) {
              Arrays.stream(theirs).forEach(places);
            }
          });
      int[] sorted = places.build().sorted().toArray();
      int enough =
          sorted.length == 0 ? 0 : sorted[(int) Math.ceil(WANTED_RECALL * sorted.length) - 1];
      found = least.retrieving(Math.ceilDiv(enough, topK) * topK);
      trees = found;
    }
    return found;
  }

  /** For each of a person's exact list, how many candidates must be retrieved to have them. */
  private int[] placesOfBest(TreeRanking ranking, int person) {
    if (ranking.ranksAllOf(blocks.pairs(person, person + 1))) {
      return new int[0];
    }
    TopK candidates = new TopK(TopK.LARGEST_K);
    rank(person, person + 1, new TopK[] {candidates});
    int[] retrieved = rows(candidates);
    return Arrays.stream(rows(ranking.best(person, admitted(person))))
        .map(row ->
            IntStream.range(0, retrieved.length)
                    .filter(i -> retrieved[i] == row)
                    .findFirst()
                    .orElse(TopK.LARGEST_K)
                + 1)
        .toArray();
  }

  private void fillByTrees(TreeRanking trees, int from, int to, TopK[] tops) {
    @Nullable TopK[] retrieved = new TopK[to - from];
    for (int i = 0; i < retrieved.length; i++) {
      if (!trees.ranksAllOf(blocks.pairs(from + i, from + i + 1))) {
        retrieved[i] = new TopK(trees.retrieved());
      }
    }
    rank(from, to, retrieved);
    for (int i = 0; i < tops.length; i++) {
      TopK candidates = retrieved[i];
      tops[i] = trees.best(from + i, candidates == null ? admitted(from + i) : rows(candidates));
    }
  }

  /** Offers all candidates, by the additive model, to the lists that are there. */
  private void rank(int from, int to, @Nullable TopK[] tops) {
    BitSet touched = blocks.blocksOf(from, to);
    for (int block = touched.nextSetBit(0); block >= 0; block = touched.nextSetBit(block + 1)) {
      int[] rows = blocks.rows(block);
      int first = CandidateBlocks.position(rows, from);
      int end = CandidateBlocks.position(rows, to);
      int[] positions = new int[end - first];
      TopK[] lists = new TopK[end - first];
      int count = 0;
      for (int position = first; position < end; position++) {
        TopK top = tops[rows[position] - from];
        if (top != null) {
          positions[count] = position;
          lists[count++] = top;
        }
      }
      PairKernel.rank(
          columns(block),
          Arrays.copyOf(positions, count),
          Arrays.copyOf(lists, count),
          blocks.overlap(),
          filter);
    }
  }

  /** Rows of everybody whom a person may be shown. */
  private int[] admitted(int person) {
    BitSet candidates = new BitSet(people.size());
    blocks.blocksOf(person, person + 1).stream()
        .forEach(block -> Arrays.stream(blocks.rows(block)).forEach(candidates::set));
    candidates.clear(person);
    return candidates.stream().filter(row -> filter.admits(person, row)).toArray();
  }

  private static int[] rows(TopK top) {
    int[] rows = new int[top.size()];
    top.best(rows, new int[rows.length], 0);
    return rows;
  }

  /**
   * Says of each listing what a row says of it. Takes twice the memory of the lists, so who writes
   * many does this as they are written.
   */
  public ScoredPeople describe(PeopleLists lists) {
    TopK[] tops = lists.tops;
    int[] offsets = new int[tops.length + 1];
    for (int i = 0; i < tops.length; i++) {
      offsets[i + 1] = offsets[i] + tops[i].size();
    }
    ScoredPeople scored = new ScoredPeople(lists.from, offsets);
    int[] sums = new int[Block.COUNT];
    for (int i = 0; i < tops.length; i++) {
      describe(tops[i], scored, i, sums);
    }
    return scored;
  }

  /**
   * One list. This and the next are called so often that they are compiled by themselves, early.
   */
  private void describe(TopK top, ScoredPeople scored, int i, int[] sums) {
    // keys for the moment; the handicap was only for ranking
    top.best(scored.others, scored.logOdds, scored.first(i));
    for (int row = scored.first(i); row < scored.first(i + 1); row++) {
      describe(scored.person(i), scored, row, sums);
    }
  }

  private void describe(int person, ScoredPeople scored, int row, int[] sums) {
    int other = scored.others[row];
    int logOdds = scored.logOdds[row] + everyone.handicap(other);
    scored.logOdds[row] = logOdds;
    scored.scores[row] = (short) ScoreScale.hundredths(logOdds);
    model.sums(people, person, other, logOdds, sums);
    scored.personality[row] = match(Block.PERSONALITY, sums);
    scored.preference[row] = match(Block.PREFERENCE, sums);
    scored.interest[row] = match(Block.INTEREST, sums);
    scored.completeness[row] = (byte) completeness.of(person, other);
  }

  private short match(Block block, int[] sums) {
    return (short) model.match(block, sums[block.index()]);
  }
}
