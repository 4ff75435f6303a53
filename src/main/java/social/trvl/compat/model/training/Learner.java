package social.trvl.compat.model.training;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.Progress;
import social.trvl.compat.model.PairModel.About;

/**
 * A family of models and how it is learnt: settings are drawn at random and tried on the folds, the
 * best ones are calibrated there and fitted to all pairs.
 *
 * <p>Draws depend on the seed alone, so the same pairs and seed give the same artefact, unless time
 * ran out at different trials.
 *
 * @param <S> settings of the family
 */
abstract sealed class Learner<S> permits AdditiveLearner, BoostedLearner {

  /**
   * Smile sums in parallel: over another number of threads the last bits would differ. Also the
   * promise of two cores.
   */
  private static final int THREADS = 2;

  /** Settings tried on the folds. */
  static final class Tried<S> {
    private final S settings;
    private final double[] logOdds;

    /**
     * @param logOdds of every fold's validation pairs, fold after fold, each by a model that has
     *     seen neither of the two people
     */
    Tried(S settings, double[] logOdds) {
      this.settings = settings;
      this.logOdds = logOdds;
    }

    S settings() {
      return settings;
    }

    double[] logOdds() {
      return logOdds;
    }
  }

  final Lessons lessons;
  final long seed;
  private final boolean[] labels;
  private @Nullable Tried<S> best;
  private double bestLoss;
  private int trials;

  Learner(Lessons lessons, long seed) {
    this.lessons = lessons;
    this.seed = seed;
    labels =
        lessons.labels(
            lessons.folds().stream()
                .flatMapToInt(fold -> Arrays.stream(fold.validation()))
                .toArray());
  }

  abstract String family();

  /** For the registry, e.g. the learner's name. */
  abstract String algorithm();

  abstract int mostTrials();

  /** Settings of a trial; the first ones are a plain choice. */
  abstract S draw(int trial, RandomGenerator random);

  abstract Tried<S> attempt(S settings);

  abstract Map<String, Object> describe(S settings);

  abstract byte[] fit(S settings, Calibration calibration, About about);

  /**
   * Tries settings until there are enough or time is up; at least one. A trial is not begun that by
   * the longest one so far would end too late.
   */
  final void search(Instant until, Clock clock, Progress progress) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    progress.begin("trying " + family() + " models", mostTrials());
    Duration longest = Duration.ZERO;
    while (trials < mostTrials()
        && (trials == 0 || !clock.instant().plus(longest).isAfter(until))) {
      Instant start = clock.instant();
      S settings = draw(trials, random);
      Tried<S> tried = onTwoThreads(() -> attempt(settings));
      double loss = mean(losses(tried.logOdds()));
      if (best == null || loss < bestLoss) {
        best = tried;
        bestLoss = loss;
      }
      trials++;
      progress.advance(1);
      Duration took = Duration.between(start, clock.instant());
      longest = took.compareTo(longest) > 0 ? took : longest;
    }
    progress.end();
  }

  /** Mean log loss of the best settings on the folds, calibrated. */
  final double calibratedLoss() {
    return mean(calibratedLosses());
  }

  /**
   * Whether another family is better on the same folds by more than a standard error of the paired
   * difference, both calibrated: neither family shall win by saying less where there is nothing to
   * say.
   */
  final boolean isBeatenBy(Learner<?> other) {
    double[] own = calibratedLosses();
    double[] others = other.calibratedLosses();
    double[] gain = new double[own.length];
    for (int i = 0; i < gain.length; i++) {
      gain[i] = own[i] - others[i];
    }
    double mean = mean(gain);
    double variance = Arrays.stream(gain).map(x -> (x - mean) * (x - mean)).sum() / gain.length;
    return mean > Math.sqrt(variance / gain.length);
  }

  /** Fits the best settings to all pairs, calibrated by what the folds say. */
  final byte[] artefact(About about) {
    return onTwoThreads(() -> fit(best().settings(), calibration(), about));
  }

  /** What the registry keeps beside the seed. */
  final Map<String, Object> hyperparameters() {
    Map<String, Object> all = new LinkedHashMap<>(describe(best().settings()));
    Calibration calibration = calibration();
    all.put("trials", trials);
    all.put("folds", lessons.folds().size());
    all.put("fold_log_loss", calibratedLoss());
    all.put("calibration_slope", calibration.slope());
    all.put("calibration_offset", calibration.offset());
    return all;
  }

  private Calibration calibration() {
    double[] ones = new double[labels.length];
    Arrays.fill(ones, 1);
    return Calibration.fit(best().logOdds(), labels, ones);
  }

  final int[] labelsAsClasses(int[] pairs) {
    return Arrays.stream(pairs).map(pair -> lessons.set().label(pair) ? 1 : 0).toArray();
  }

  final int[] starts(int[] pairs) {
    return Arrays.stream(pairs).map(lessons::at).toArray();
  }

  static double[] joined(List<double[]> parts) {
    return parts.stream().flatMapToDouble(Arrays::stream).toArray();
  }

  private Tried<S> best() {
    if (best == null) {
      throw new IllegalStateException("nothing was tried yet");
    }
    return best;
  }

  private double[] calibratedLosses() {
    Calibration calibration = calibration();
    return losses(Arrays.stream(best().logOdds()).map(calibration::apply).toArray());
  }

  private double[] losses(double[] logOdds) {
    double[] losses = new double[labels.length];
    for (int i = 0; i < losses.length; i++) {
      losses[i] = Scored.logLoss(logOdds[i], labels[i]);
    }
    return losses;
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).sum() / values.length;
  }

  private static <T> T onTwoThreads(Callable<T> work) {
    try (ForkJoinPool pool = new ForkJoinPool(THREADS)) {
      return pool.submit(work).get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a learner failed: " + e.getCause(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while learning", e);
    }
  }
}
