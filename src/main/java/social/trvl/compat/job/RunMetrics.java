package social.trvl.compat.job;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.publish.Runs.Run;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A finished run as a Prometheus text file, for a collector that reads such files: the process of a
 * nightly run is gone before anybody could ask it.
 */
public final class RunMetrics {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private RunMetrics() {}

  /**
   * Writes the file whole, by moving it into place.
   *
   * @throws CompatException with STORAGE if it can't be written; the run itself is done by then
   */
  public static void write(Path file, Run run) {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    gauge(registry, "compat.run.id", run.runId());
    gauge(registry, "compat.run.published", run.current() ? 1 : 0);
    gauge(registry, "compat.run.people", run.people());
    gauge(registry, "compat.run.quarantined", run.quarantined());
    gauge(registry, "compat.run.pairs", run.pairs());
    gauge(registry, "compat.run.rows", run.pairRows());
    gauge(registry, "compat.run.groups", run.groups());
    gauge(registry, "compat.run.recall", run.recall());
    if (run.finishedAt() != null) {
      gauge(registry, "compat.run.finished.timestamp.seconds", run.finishedAt().getEpochSecond());
    }
    if (run.stepMillis() != null) {
      for (Map.Entry<String, JsonNode> step : JSON.readTree(run.stepMillis()).properties()) {
        double seconds = step.getValue().asDouble() / 1000;
        Gauge.builder("compat.run.step.seconds", () -> seconds)
            .tag("step", step.getKey())
            .strongReference(true)
            .register(registry);
      }
    }
    try {
      Path part = file.resolveSibling(file.getFileName() + ".part");
      Files.writeString(part, registry.scrape());
      Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new CompatException(
          ExitCode.STORAGE,
          "The metrics file %s can't be written: %s. Run %d itself is %s; choose another place for --metrics."
              .formatted(file, e, run.runId(), run.state()),
          e);
    }
  }

  private static void gauge(MeterRegistry registry, String name, @Nullable Number value) {
    if (value != null) {
      // Held strongly: the registry itself would let the number be collected.
      Gauge.builder(name, value::doubleValue).strongReference(true).register(registry);
    }
  }
}
