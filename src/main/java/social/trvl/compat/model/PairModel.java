package social.trvl.compat.model;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
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

  /** Extremes of each feature's contribution, fixed point. */
  private final int[] worst;

  private final int[] best;

  PairModel(About about, String sha256, FeatureSchema schema, int[] worst, int[] best) {
    this.about = about;
    this.sha256 = sha256;
    this.schema = schema;
    this.worst = worst;
    this.best = best;
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
    return intercept() + Arrays.stream(contributions).sum();
  }

  /**
   * Where a block's contribution lies between its worst and best attainable value under this model:
   * the sums of its features' extremes.
   *
   * @param contributions of the pair, from {@link #contributions}
   * @return hundredths of a percent, 0 (worst) to 10000 (best), rounded half up; 5000 where the
   *     block has no weight
   */
  public final int match(Feature.Block block, int[] contributions) {
    long from = 0;
    long to = 0;
    long value = 0;
    for (Feature feature : Feature.values()) {
      if (feature.block() == block) {
        from += worst[feature.index()];
        to += best[feature.index()];
        value += contributions[feature.index()];
      }
    }
    if (from == to) {
      return 5_000;
    }
    return (int) ((2 * 10_000 * (value - from) + (to - from)) / (2 * (to - from)));
  }

  /**
   * Share of the model's attainable range that rests on what both people stated, in percent,
   * rounded half up.
   */
  public final int completeness(ProfileTable people, int a, int b) {
    long known = 0;
    long all = 0;
    for (Feature feature : Feature.values()) {
      long range = (long) best[feature.index()] - worst[feature.index()];
      all += range;
      if (FeatureSchema.isKnown(feature, people, a) && FeatureSchema.isKnown(feature, people, b)) {
        known += range;
      }
    }
    return all == 0 ? 100 : (int) ((200 * known + all) / (2 * all));
  }
}
