package social.trvl.compat.score;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.candidate.CandidateBlocks;
import social.trvl.compat.candidate.MeetingFilter;
import social.trvl.compat.config.NightlySettings;
import social.trvl.compat.kernel.PairColumns;
import social.trvl.compat.kernel.PairKernel;
import social.trvl.compat.kernel.TopK;
import social.trvl.compat.model.Feature.Block;
import social.trvl.compat.model.PairModel;
import social.trvl.compat.model.ScoreScale;
import social.trvl.compat.profile.Population;
import social.trvl.compat.profile.ProfileTable;

/**
 * Makes people's lists: for each the exact top K of their candidates under the model and the
 * ranking rule.
 *
 * <p>Ranked by {@code log-odds − γ · level(other)}, then lower user id; a row's {@code score} stays
 * the probability. Safe for several threads.
 */
public final class PairScorer {

  private final ProfileTable people;
  private final PairModel model;
  private final int topK;
  private final CandidateBlocks blocks;
  private final MeetingFilter filter;
  private final PairColumns everyone;
  private final List<PairColumns> columnsOfBlock = new ArrayList<>();

  /** By row, once {@link #rank} has made them all. */
  private volatile TopK @Nullable [] lists;

  public PairScorer(Population population, PairModel model, NightlySettings.Scoring settings) {
    this.people = population.people();
    this.model = model;
    this.topK = settings.topK();
    blocks = new CandidateBlocks(people, settings.blockBy());
    filter = new MeetingFilter(people, population.blocks(), settings.filters());
    everyone = model.columns(people, settings.gammaPercent());
    for (int block = 0; block < blocks.count(); block++) {
      int[] rows = blocks.rows(block);
      columnsOfBlock.add(rows.length == people.size() ? everyone : everyone.select(rows));
    }
  }

  public CandidateBlocks blocks() {
    return blocks;
  }

  /**
   * Makes everybody's lists, which is half the work of making them for some people after others:
   * each pair is scored once. Where memory does not hold them all, it does nothing, and {@link
   * #score} makes the lists that it is asked for. The rows are the same.
   *
   * @param threads how many work at it
   * @param done told of ordered pairs as they are finished, by all threads
   */
  public void rank(int threads, LongConsumer done) {
    if (bytesOfLists() > Runtime.getRuntime().maxMemory() / 2) {
      return;
    }
    TopK[] made = new TopK[people.size()];
    Arrays.setAll(made, i -> new TopK(topK));
    for (int block = 0; block < blocks.count(); block++) {
      TopK[] tops = IntStream.of(blocks.rows(block)).mapToObj(i -> made[i]).toArray(TopK[]::new);
      PairKernel.rankAll(columnsOfBlock.get(block), tops, blocks.overlap(), filter, threads, done);
    }
    lists = made;
  }

  private long bytesOfLists() {
    int largest = 0;
    for (int block = 0; block < blocks.count(); block++) {
      largest = Math.max(largest, blocks.rows(block).length);
    }
    return people.size() * TopK.bytes(topK) + largest * TopK.bytesInUse(topK);
  }

  /**
   * Scores consecutive people.
   *
   * @param from row of the first person, inclusive
   * @param to row of the last person, exclusive; a few hundred rows share the kernel's tiles best
   */
  public ScoredPeople score(int from, int to) {
    TopK[] made = lists;
    if (made != null) {
      return describe(from, Arrays.copyOfRange(made, from, to));
    }
    TopK[] tops = new TopK[to - from];
    Arrays.setAll(tops, i -> new TopK(topK));
    BitSet touched = blocks.blocksOf(from, to);
    for (int block = touched.nextSetBit(0); block >= 0; block = touched.nextSetBit(block + 1)) {
      int[] rows = blocks.rows(block);
      int first = CandidateBlocks.position(rows, from);
      int end = CandidateBlocks.position(rows, to);
      int[] positions = new int[end - first];
      TopK[] lists = new TopK[end - first];
      for (int i = 0; i < positions.length; i++) {
        positions[i] = first + i;
        lists[i] = tops[rows[first + i] - from];
      }
      PairKernel.rank(columnsOfBlock.get(block), positions, lists, blocks.overlap(), filter);
    }
    return describe(from, tops);
  }

  private ScoredPeople describe(int from, TopK[] tops) {
    int[] offsets = new int[tops.length + 1];
    for (int i = 0; i < tops.length; i++) {
      offsets[i + 1] = offsets[i] + tops[i].size();
    }
    ScoredPeople scored = new ScoredPeople(from, offsets);
    for (int i = 0; i < tops.length; i++) {
      // keys for the moment; the handicap was only for ranking
      tops[i].best(scored.others, scored.logOdds, offsets[i]);
      for (int row = offsets[i]; row < offsets[i + 1]; row++) {
        int other = scored.others[row];
        scored.logOdds[row] += everyone.handicap(other);
        scored.scores[row] = (short) ScoreScale.hundredths(scored.logOdds[row]);
        int[] contributions = model.contributions(people, from + i, other);
        scored.personality[row] = (short) model.match(Block.PERSONALITY, contributions);
        scored.preference[row] = (short) model.match(Block.PREFERENCE, contributions);
        scored.interest[row] = (short) model.match(Block.INTEREST, contributions);
        scored.completeness[row] = (byte) model.completeness(people, from + i, other);
      }
    }
    return scored;
  }
}
