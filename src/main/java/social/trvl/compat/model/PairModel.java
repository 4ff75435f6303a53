package social.trvl.compat.model;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.model.Feature.Block;
import social.trvl.compat.profile.ProfileTable;
import social.trvl.compat.profile.Vocabulary;

/**
 * A model of how well two people would travel together: what an artefact says, ready to score.
 *
 * <p>Whatever the family, a pair's log-odds are one integer with {@link ScoreScale#FRACTION_BITS}
 * fraction bits, symmetric in the two people, and the exact sum of {@link #intercept} and one
 * contribution of each {@link Feature}.
 */
public abstract sealed class PairModel permits AdditiveModel, BoostedModel {

  /**
   * What an artefact says about itself.
   *
   * @param calibrated whether a score is a probability measured against outcomes, or only a
   *     documented opinion
   * @param calibration how, in a sentence
   * @param training what it learned from; null for opinions
   */
  public record About(
      String name, boolean calibrated, String calibration, @Nullable Training training) {}

  /**
   * The training set.
   *
   * @param sha256 of the training set as exported, lower-case hexadecimal
   */
  public record Training(int rows, String sha256) {}

  private final About about;
  private final String sha256;
  private final FeatureSchema schema;

  private final Extremes extremes;

  PairModel(About about, String sha256, FeatureSchema schema, Extremes extremes) {
    this.about = about;
    this.sha256 = sha256;
    this.schema = schema;
    this.extremes = extremes;
  }

  /** Lowest and highest contributions that any pair can have, fixed point. */
  static final class Extremes {

    /** Of each feature. */
    private final long[] worst = new long[Feature.COUNT];

    private final long[] best = new long[Feature.COUNT];

    private final long[] worstOfBlock = new long[Block.COUNT];

    private final long[] bestOfBlock = new long[Block.COUNT];

    /** Widens by a term that is added to the others, whatever values those have. */
    void add(Feature feature, long lowest, long highest) {
      worst[feature.index()] += lowest;
      best[feature.index()] += highest;
    }

    /** Likewise a block; its own extremes may be nearer than the sums of its features'. */
    void add(Block block, long lowest, long highest) {
      worstOfBlock[block.index()] += lowest;
      bestOfBlock[block.index()] += highest;
    }

    /** Largest absolute contribution of any feature. */
    long largest() {
      return LongStream.concat(Arrays.stream(worst), Arrays.stream(best))
          .map(Math::abs)
          .max()
          .orElse(0);
    }

    private long range(int feature) {
      return best[feature] - worst[feature];
    }
  }

  public final About about() {
    return about;
  }

  public final String name() {
    return about.name();
  }

  /** Whether a score is a probability measured against outcomes, or only a documented opinion. */
  public final boolean calibrated() {
    return about.calibrated();
  }

  /** SHA-256 of the artefact. */
  public final String sha256() {
    return sha256;
  }

  public final FeatureSchema schema() {
    return schema;
  }

  public final Vocabulary vocabulary() {
    return schema.vocabulary();
  }

  /**
   * The additive model that ranks candidates and gives people their level: an additive model
   * itself, the surrogate of a boosted one.
   */
  public abstract AdditiveModel additive();

  /** What every pair has, fixed point. */
  public abstract int intercept();

  /**
   * Contribution of each feature to the log-odds of a pair, fixed point, in the order of {@link
   * Feature}; with the intercept they sum to the score's log-odds exactly. Of a boosted model these
   * follow its decision paths; they are cheap, and {@link #attributions} are fairer.
   */
  public abstract int[] contributions(ProfileTable people, int a, int b);

  /**
   * Sums of a pair's {@link #contributions} over each block of features, by {@link Block#index}:
   * what a listing needs, quickly.
   *
   * @param logOdds of the pair, which the three sums and the intercept make up
   * @param sums receives them
   */
  public abstract void sums(ProfileTable people, int a, int b, int logOdds, int[] sums);

  /**
   * What each feature adds to the log-odds of a pair, for people to read; in the order of {@link
   * Feature}. With {@link #base} they sum to the log-odds, exactly for an additive model, within
   * 1e-9 for a boosted one (path-dependent Shapley values).
   */
  public abstract double[] attributions(ProfileTable people, int a, int b);

  /** Log-odds before anything is known of a pair. */
  public abstract double base();

  /** Log-odds of a pair, fixed point. */
  public final int logOdds(ProfileTable people, int a, int b) {
    return logOdds(contributions(people, a, b));
  }

  /** Log-odds of a pair with these {@link #contributions}, fixed point. */
  public final int logOdds(int[] contributions) {
    int sum = intercept();
    for (int contribution : contributions) {
      sum += contribution;
    }
    return sum;
  }

  /** The least that a feature can add to the log-odds of a pair. */
  public final double least(Feature feature) {
    return (double) extremes.worst[feature.index()] / ScoreScale.ONE;
  }

  /** The most that a feature can add to the log-odds of a pair. */
  public final double most(Feature feature) {
    return (double) extremes.best[feature.index()] / ScoreScale.ONE;
  }

  /**
   * Where a block's contribution lies between its worst and best attainable value under this model;
   * of a boosted model these are the sums of its extremes over each tree's leaves, which no pair is
   * beyond and few come near.
   *
   * @param sum of the contributions of the block's features
   * @return hundredths of a percent, 0 (worst) to 10000 (best), rounded half up; 5000 where the
   *     block has no weight
   */
  public final int match(Block block, int sum) {
    long from = extremes.worstOfBlock[block.index()];
    long to = extremes.bestOfBlock[block.index()];
    if (from == to) {
      return 5_000;
    }
    return (int) ((2 * 10_000 * (sum - from) + (to - from)) / (2 * (to - from)));
  }

  /** The {@link #match} of a block by a pair's {@link #contributions}. */
  public final int match(Block block, int[] contributions) {
    int sum = 0;
    for (Feature feature : Feature.values()) {
      sum += feature.block() == block ? contributions[feature.index()] : 0;
    }
    return match(block, sum);
  }

  /**
   * Share of the model's attainable range that rests on what both people stated, in percent,
   * rounded half up.
   */
  public final int completeness(ProfileTable people, int a, int b) {
    return completeness(
        FeatureSchema.knownFeatures(people, a) & FeatureSchema.knownFeatures(people, b));
  }

  /**
   * The {@link #completeness} of a pair of whom these features are known of both, a bit for each.
   */
  public final int completeness(int known) {
    long range = 0;
    long all = 0;
    for (int feature = 0; feature < Feature.COUNT; feature++) {
      all += extremes.range(feature);
      range += (known >>> feature & 1) * extremes.range(feature);
    }
    return all == 0 ? 100 : (int) ((200 * range + all) / (2 * all));
  }
}
