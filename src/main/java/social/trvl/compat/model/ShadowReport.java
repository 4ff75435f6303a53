package social.trvl.compat.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/**
 * What people's lists would be under a version, against those of the published run.
 *
 * @param runId the shadow run
 * @param publishedRunId the run it was compared with, the champion's
 * @param sameInputs whether both runs read the very same people; else some of the change is theirs
 * @param people with a list in either run
 * @param overlap10 share of the first 10 matches that is the same; of all, see {@link Spread}
 * @param overlap50 of the first 50 matches
 * @param rankCorrelation of the ranks of matches that are in both lists, of people with three or
 *     more of those; null if there is nobody
 * @param bands matches in both lists, by the band of their score now (row) and then (column): 0–20,
 *     20–40, 40–60, 60–80, 80–100
 * @param stabilityIndex population stability index of the score distributions: 0 none, 0.25 is much
 * @param published exposure now
 * @param shadow exposure then
 * @param failedChecks bounds of the job's checks that the shadow run breaks, in words
 * @param mostChanged the people whose matches change most
 */
public record ShadowReport(
    long runId,
    long publishedRunId,
    boolean sameInputs,
    long people,
    Spread overlap10,
    Spread overlap50,
    @Nullable Spread rankCorrelation,
    List<List<Long>> bands,
    double stabilityIndex,
    Exposure published,
    Exposure shadow,
    List<String> failedChecks,
    List<Change> mostChanged) {

  /** Bands of scores, 20 points each. */
  public static final int BANDS = 5;

  /** Of a figure that everybody has: the mean, and the values that 10, 50 and 90 % are below. */
  public record Spread(double mean, double p10, double p50, double p90) {}

  /** How listings are spread over people. */
  public record Exposure(double neverListedShare, long longestReach, double gini) {}

  /** One person's lists. */
  public record Change(
      UUID userId, double overlap10, double overlap50, @Nullable Double rankCorrelation) {}

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .changeDefaultPropertyInclusion(
              inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL))
          .build();

  /** Share of matches in both lists whose score leaves its band. */
  public double movedShare() {
    long all = 0;
    long stayed = 0;
    for (int now = 0; now < BANDS; now++) {
      for (int then = 0; then < BANDS; then++) {
        long rows = bands.get(now).get(then);
        all += rows;
        stayed += now == then ? rows : 0;
      }
    }
    return all == 0 ? 0 : 1 - (double) stayed / all;
  }

  public String toJson() {
    return JSON.writeValueAsString(this);
  }

  public static ShadowReport fromJson(String json) {
    return JSON.readValue(json, ShadowReport.class);
  }
}
