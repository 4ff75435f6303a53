package social.trvl.compat.model.training;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.model.PairModel;
import social.trvl.compat.model.ScoreScale;
import social.trvl.compat.model.training.Report.Bayes;
import social.trvl.compat.model.training.Report.Detectable;
import social.trvl.compat.model.training.Report.Holdout;
import social.trvl.compat.model.training.Report.Improvement;
import social.trvl.compat.model.training.Report.Interval;
import social.trvl.compat.model.training.Report.Scores;
import social.trvl.compat.profile.ProfileTable;
import social.trvl.compat.profile.Vocabulary;

/**
 * Judges a model on the held-out pairs, beside opponents that it has to beat.
 *
 * <pre>
 * random       probabilities drawn at random
 * base_rate    the share of satisfied pairs among those trained on, for every pair
 * similarity   minus the sum of the trait differences, calibrated on the pairs trained on
 * baseline     version 0, its intercept recalibrated on the pairs trained on
 * champion     the model in use; recalibrated likewise if it is the baseline
 * </pre>
 *
 * <p>A pair counts by its weight, as it does in training: an accepted invitation tells less of a
 * trip than what was said after it. Intervals are those of {@link Bootstrap}, differences are taken
 * within each resample. NDCG@10 is the mean over people with at least {@value #NDCG_LABELS}
 * held-out pairs, satisfied and unsatisfied ones among them.
 *
 * <p>What ranking by the model would do to people's exposure is measured by a shadow run: it
 * depends on who is there and on the job's parameters.
 */
public final class Evaluation {

  public static final String MODEL = "model";
  public static final String RANDOM = "random";
  public static final String BASE_RATE = "base_rate";
  public static final String BASELINE = "baseline";
  public static final String CHAMPION = "champion";
  public static final String SIMILARITY = "similarity";

  private static final int NDCG_LABELS = 5;

  /** 1.96 for a two-sided test at 5 %, 0.84 for four times out of five. */
  private static final double DETECTED_STANDARD_ERRORS = 2.8;

  private static final long SEED = 20_261_124L;

  /** How generated outcomes were drawn. */
  @FunctionalInterface
  public interface Truth {

    /** In (0, 1); NaN if this pair's outcome was not drawn by it. */
    double probability(TrainingSet set, int pair);
  }

  private final Function<Vocabulary, TrainingSet> load;
  private final Map<List<Object>, TrainingSet> loaded = new HashMap<>();

  /**
   * @param load reads the pairs through a model's vocabulary, always the same pairs in the same
   *     order; asked once for each different vocabulary
   */
  public Evaluation(Function<Vocabulary, TrainingSet> load) {
    this.load = load;
  }

  /**
   * Judges a model.
   *
   * @param split of the pairs
   * @param uses how often the held-out pairs have judged a model, this time included
   * @param truth of generated outcomes; null for real ones
   */
  public Report compare(
      Split split,
      PairModel model,
      PairModel champion,
      PairModel baseline,
      int uses,
      @Nullable Truth truth) {
    TrainingSet set = read(model);
    int[] holdout = split.holdout();
    boolean[] labels = labels(set, holdout);
    Holdout described = describe(set, split, uses);
    if (described.positives() == 0 || described.negatives() == 0) {
      return new Report(described, Map.of(), Map.of(), null, List.of(), null, null);
    }
    List<int[]> rankings = rankings(set, holdout);
    Map<String, double[]> scorers = scorers(split, model, champion, baseline);
    List<String> names = List.copyOf(scorers.keySet());
    List<Scored> scored =
        scorers.values().stream().map(logOdds -> new Scored(logOdds, labels, rankings)).toList();
    double[] weights = weights(set, holdout);
    Bootstrap bootstrap =
        new Bootstrap(
            set,
            holdout,
            drawn ->
                scored.stream()
                    .flatMapToDouble(scorer -> Arrays.stream(scorer.figures(times(drawn, weights))))
                    .toArray(),
            SEED);
    Map<String, Scores> scores = new LinkedHashMap<>();
    for (String name : names) {
      scores.put(name, scores(bootstrap, names.indexOf(name)));
    }
    Map<String, Improvement> improvement = new LinkedHashMap<>();
    for (String opponent : List.of(BASELINE, CHAMPION)) {
      int at = names.indexOf(opponent);
      improvement.put(
          opponent,
          new Improvement(
              bootstrap.interval(over(at, Scored.AUC)),
              bootstrap.interval(over(at, Scored.LOG_LOSS))));
    }
    int at = names.indexOf(CHAMPION);
    Scored judged = scored.getFirst();
    return new Report(
        described,
        scores,
        improvement,
        new Detectable(
            DETECTED_STANDARD_ERRORS * bootstrap.standardError(over(at, Scored.AUC)),
            DETECTED_STANDARD_ERRORS * bootstrap.standardError(over(at, Scored.LOG_LOSS))),
        judged.bins(weights),
        judged.top1(weights),
        truth == null ? null : bayes(set, holdout, model, truth));
  }

  /** Log-odds of the held-out pairs by each scorer; the model first. */
  private Map<String, double[]> scorers(
      Split split, PairModel model, PairModel champion, PairModel baseline) {
    int[] train = split.train();
    int[] holdout = split.holdout();
    TrainingSet set = read(model);
    boolean[] trained = labels(set, train);
    double[] weights = weights(set, train);
    Map<String, double[]> scorers = new LinkedHashMap<>();
    scorers.put(MODEL, logOdds(model, holdout));
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
    scorers.put(
        RANDOM,
        Arrays.stream(holdout)
            .mapToDouble(pair -> {
              double probability = random.nextDouble(0x1p-53, 1);
              return StrictMath.log(probability / (1 - probability));
            })
            .toArray());
    double[] base = new double[holdout.length];
    Arrays.fill(base, Calibration.shift(new double[train.length], trained, weights));
    scorers.put(BASE_RATE, base);
    scorers.put(BASELINE, recalibrated(baseline, train, trained, weights, holdout));
    scorers.put(
        CHAMPION,
        champion.sha256().equals(baseline.sha256())
            ? scorers.get(BASELINE)
            : logOdds(champion, holdout));
    Calibration similar = Calibration.fit(similarity(set, train), trained, weights);
    // Not even where differences turn out to be good may the order be lost.
    double slope = Math.max(similar.slope(), 1e-9);
    scorers.put(
        SIMILARITY,
        Arrays.stream(similarity(set, holdout)).map(x -> slope * x + similar.offset()).toArray());
    return scorers;
  }

  private double[] recalibrated(
      PairModel model, int[] train, boolean[] labels, double[] weights, int[] pairs) {
    double shift = Calibration.shift(logOdds(model, train), labels, weights);
    return Arrays.stream(logOdds(model, pairs)).map(x -> x + shift).toArray();
  }

  private double[] logOdds(PairModel model, int[] pairs) {
    TrainingSet set = read(model);
    return Arrays.stream(pairs)
        .mapToDouble(pair ->
            (double) model.logOdds(set.people(), set.rowA(pair), set.rowB(pair)) / ScoreScale.ONE)
        .toArray();
  }

  private static double[] similarity(TrainingSet set, int[] pairs) {
    ProfileTable people = set.people();
    return Arrays.stream(pairs)
        .mapToDouble(pair ->
            -IntStream.range(0, ProfileTable.TRAIT_COUNT)
                .map(trait ->
                    Math.abs(
                        people.trait(trait, set.rowA(pair)) - people.trait(trait, set.rowB(pair))))
                .sum())
        .toArray();
  }

  /** The pairs in a model's words. */
  private TrainingSet read(PairModel model) {
    Vocabulary words = model.vocabulary();
    List<Object> key =
        List.of(
            words.interests(),
            words.synonyms(),
            IntStream.range(0, ProfileTable.PREFERENCE_COUNT)
                .mapToObj(words::preferenceValues)
                .toList(),
            words.currencyRates());
    TrainingSet set = loaded.get(key);
    if (set == null) {
      set = load.apply(words);
      loaded.put(key, set);
    }
    return set;
  }

  private static Scores scores(Bootstrap bootstrap, int scorer) {
    Interval ndcg = figure(bootstrap, scorer, Scored.NDCG_10);
    return new Scores(
        figure(bootstrap, scorer, Scored.AUC),
        figure(bootstrap, scorer, Scored.LOG_LOSS),
        figure(bootstrap, scorer, Scored.BRIER),
        figure(bootstrap, scorer, Scored.CALIBRATION_ERROR),
        figure(bootstrap, scorer, Scored.LIFT_10),
        Double.isNaN(ndcg.value()) ? null : ndcg);
  }

  /** None of the figures can be below 0, where a widened interval could end. */
  private static Interval figure(Bootstrap bootstrap, int scorer, int figure) {
    Interval wide = bootstrap.interval(figures -> figures[scorer * Scored.FIGURES + figure]);
    return new Interval(wide.value(), Math.max(0, wide.low()), wide.high());
  }

  /** What the model, the first scorer, is better than another; log loss is better if lower. */
  private static ToDoubleFunction<double[]> over(int scorer, int figure) {
    int other = scorer * Scored.FIGURES + figure;
    int sign = figure == Scored.LOG_LOSS ? -1 : 1;
    return figures -> sign * (figures[figure] - figures[other]);
  }

  /** On those of the pairs whose outcome was drawn by the truth; null if they lack an outcome. */
  private @Nullable Bayes bayes(TrainingSet set, int[] holdout, PairModel model, Truth truth) {
    int[] pairs =
        Arrays.stream(holdout)
            .filter(pair -> !Double.isNaN(truth.probability(set, pair)))
            .toArray();
    double[] best =
        Arrays.stream(pairs)
            .mapToDouble(pair -> truth.probability(set, pair))
            .map(probability -> StrictMath.log(probability / (1 - probability)))
            .toArray();
    double ofTruth = auc(set, pairs, best);
    double ofModel = auc(set, pairs, logOdds(model, pairs));
    return Double.isNaN(ofTruth) ? null : new Bayes(ofTruth, (ofModel - .5) / (ofTruth - .5));
  }

  private static double auc(TrainingSet set, int[] pairs, double[] logOdds) {
    return new Scored(logOdds, labels(set, pairs), List.of()).auc(weights(set, pairs));
  }

  private static Holdout describe(TrainingSet set, Split split, int uses) {
    int[] holdout = split.holdout();
    BitSet people = new BitSet();
    BitSet trips = new BitSet();
    for (int pair : holdout) {
      people.set(set.personA(pair));
      people.set(set.personB(pair));
      trips.set(set.trip(pair));
    }
    long[] times = Arrays.stream(holdout).mapToLong(set::observedAtMillis).sorted().toArray();
    return new Holdout(
        split.holdoutSha256(),
        holdout.length,
        split.heldOut(true),
        split.heldOut(false),
        people.cardinality(),
        trips.cardinality(),
        times.length == 0 ? null : Instant.ofEpochMilli(times[0]),
        times.length == 0 ? null : Instant.ofEpochMilli(times[times.length - 1]),
        split.holdoutFrom(),
        split.laterInTime(),
        split.missing() == 0,
        split.missing(),
        split.crossing(),
        uses);
  }

  /** For each person with enough held-out pairs of both outcomes, the rows they are in. */
  private static List<int[]> rankings(TrainingSet set, int[] pairs) {
    Map<Integer, List<Integer>> rows = new LinkedHashMap<>();
    for (int row = 0; row < pairs.length; row++) {
      for (int person : new int[] {set.personA(pairs[row]), set.personB(pairs[row])}) {
        rows.computeIfAbsent(person, p -> new ArrayList<>()).add(row);
      }
    }
    return rows.values().stream()
        .filter(own -> own.size() >= NDCG_LABELS)
        .filter(own -> own.stream().map(row -> set.label(pairs[row])).distinct().count() == 2)
        .map(own -> own.stream().mapToInt(Integer::intValue).toArray())
        .toList();
  }

  private static double[] weights(TrainingSet set, int[] pairs) {
    return Arrays.stream(pairs).mapToDouble(set::weight).toArray();
  }

  private static double[] times(double[] one, double[] other) {
    double[] product = new double[one.length];
    for (int i = 0; i < product.length; i++) {
      product[i] = one[i] * other[i];
    }
    return product;
  }

  static boolean[] labels(TrainingSet set, int[] pairs) {
    boolean[] labels = new boolean[pairs.length];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = set.label(pairs[i]);
    }
    return labels;
  }
}
