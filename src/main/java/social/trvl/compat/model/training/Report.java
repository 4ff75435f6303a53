package social.trvl.compat.model.training;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * How well a model did on held-out pairs, beside its opponents; what {@code metrics} of a model
 * version holds, as JSON in snake case.
 *
 * @param scores by scorer: {@value Evaluation#MODEL}, {@value Evaluation#RANDOM}, {@value
 *     Evaluation#BASE_RATE}, {@value Evaluation#BASELINE}, {@value Evaluation#CHAMPION}, {@value
 *     Evaluation#SIMILARITY}; empty if the held-out pairs lack an outcome
 * @param improvement of the model over {@value Evaluation#BASELINE} and {@value
 *     Evaluation#CHAMPION}, paired
 * @param detectable null if there are no scores
 * @param calibration the model's predictions in bins of equally many pairs, lowest first
 * @param top1 the 1 % of pairs that the model thinks most of
 * @param bayes only for generated outcomes, whose true probabilities are known
 */
public record Report(
    Holdout holdout,
    Map<String, Scores> scores,
    Map<String, Improvement> improvement,
    @Nullable Detectable detectable,
    List<Bin> calibration,
    @Nullable Top top1,
    @Nullable Bayes bayes) {

  /**
   * The pairs that were judged on.
   *
   * @param from of the first observation; null if there is none
   * @param splitFrom where time was split; null if it was not, see {@link Split#holdoutFrom}
   * @param sufficient whether there are {@value Split#FEWEST_OF_AN_OUTCOME} of either outcome
   * @param missing pairs still needed of the rarer outcome
   * @param uses how often these very pairs have judged a model, this time included
   */
  public record Holdout(
      String sha256,
      int rows,
      int positives,
      int negatives,
      int people,
      int trips,
      @Nullable Instant from,
      @Nullable Instant to,
      @Nullable Instant splitFrom,
      boolean laterInTime,
      boolean sufficient,
      int missing,
      int crossingDropped,
      int uses) {}

  /** A figure with its 95 % interval; as JSON the list of the three. */
  @JsonFormat(shape = JsonFormat.Shape.ARRAY)
  public record Interval(double value, double low, double high) {}

  /**
   * What a scorer reached.
   *
   * @param lift10 how many times as many satisfied pairs the best 10 % have as all
   * @param ndcg10 null if nobody held out has enough labels
   */
  public record Scores(
      Interval auc,
      Interval logLoss,
      Interval brier,
      Interval calibrationError,
      Interval lift10,
      @Nullable Interval ndcg10) {}

  /** Positive is better, of log loss too. */
  public record Improvement(Interval auc, Interval logLoss) {}

  /**
   * The smallest true improvement over the champion that these pairs would have shown four times
   * out of five: 2.8 standard errors of the paired difference.
   */
  public record Detectable(double auc, double logLoss) {}

  /** Pairs predicted from one probability to another: how many, and mean against truth. */
  public record Bin(double from, double to, int rows, double predicted, double observed) {}

  public record Top(int rows, double predicted, double observed) {}

  /**
   * What an observer who knows the true probabilities reaches, on the pairs that they were drawn
   * by.
   *
   * @param auc that the true probabilities reach on the same pairs
   * @param share of it that the model reaches: (AUC − ½) / (AUC* − ½)
   */
  public record Bayes(double auc, double share) {}

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .changeDefaultPropertyInclusion(
              inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL))
          .disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS)
          .build();

  /**
   * Of one scorer.
   *
   * @throws IllegalArgumentException if there is none of that name, as when there are no scores
   */
  public Scores of(String scorer) {
    return named(scores, scorer);
  }

  /** Of the model over one opponent; as {@link #of}. */
  public Improvement over(String opponent) {
    return named(improvement, opponent);
  }

  private static <T> T named(Map<String, T> all, String name) {
    T one = all.get(name);
    if (one == null) {
      throw new IllegalArgumentException("no (%s) among %s".formatted(name, all.keySet()));
    }
    return one;
  }

  public String toJson() {
    return JSON.writeValueAsString(this);
  }

  public static Report fromJson(String json) {
    return JSON.readValue(json, Report.class);
  }
}
