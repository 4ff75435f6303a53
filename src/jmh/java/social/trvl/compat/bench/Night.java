package social.trvl.compat.bench;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A nightly run that was a process of its own.
 *
 * @param commandSeconds from the start of Java to its end
 * @param runSeconds from the run's start to its publication, by its own record
 * @param stepSeconds by step, in order
 * @param heapBytes most in use when a collection began
 * @param survivingBytes most in use when a collection ended
 * @param longestPauseSeconds of a collection, in the whole run
 * @param longestScoringPauseSeconds the same while pairs were scored
 */
public record Night(
    long runId,
    String state,
    int people,
    long pairs,
    long rows,
    double commandSeconds,
    double runSeconds,
    Map<String, Double> stepSeconds,
    long heapBytes,
    long survivingBytes,
    double longestPauseSeconds,
    double longestScoringPauseSeconds) {

  /** From what {@code score run --json} wrote, and the virtual machine's log. */
  static Night of(Program.Ended ended) {
    JsonNode summary = JsonMapper.shared().readTree(ended.out());
    Map<String, Double> steps = new LinkedHashMap<>();
    summary
        .get("step_seconds")
        .properties()
        .forEach(step -> steps.put(step.getKey(), step.getValue().asDouble()));
    Instant start = Instant.parse(summary.get("started_at").asString());
    Instant scoring =
        start.plus(seconds(steps.getOrDefault("claim", 0.0) + steps.getOrDefault("load", 0.0)));
    Instant scored = scoring.plus(seconds(steps.getOrDefault("score", 0.0)));
    GcLog gc = ended.gc();
    return new Night(
        summary.get("run_id").asLong(),
        summary.get("state").asString(),
        summary.get("people").asInt(),
        summary.path("pairs").asLong(0),
        summary.path("rows").asLong(0),
        ended.seconds(),
        summary.get("seconds").asDouble(),
        steps,
        gc.mostInUse(),
        gc.mostSurviving(),
        gc.longestPause(Instant.MIN, Instant.MAX),
        gc.longestPause(scoring, scored));
  }

  private static Duration seconds(double seconds) {
    return Duration.ofNanos((long) (seconds * 1e9));
  }

  double step(String name) {
    return stepSeconds.getOrDefault(name, 0.0);
  }
}
