package social.trvl.compat.config;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Schedule, parameters and limits of the job {@code nightly-scoring}, from {@code
 * jobs/nightly-scoring.yml}.
 *
 * <p>What the values mean stands in that file, their only home. Anything missing, unknown or out of
 * range is refused, all of it in one message.
 */
public record NightlySettings(
    String schedule, Scoring scoring, Execution execution, Checks checks, Retention retention) {

  /** What is computed; the same values over the same population give the same rows. */
  public record Scoring(
      int topK, BlockBy blockBy, int gammaPercent, Filters filters, Groups groups) {

    public Scoring with(@Nullable Integer otherTopK, @Nullable BlockBy otherBlockBy) {
      return new Scoring(
          otherTopK == null ? topK : otherTopK,
          otherBlockBy == null ? blockBy : otherBlockBy,
          gammaPercent,
          filters,
          groups);
    }

    /** As stored with a run. */
    public String toJson() {
      return JSON.writeValueAsString(this);
    }

    /** From what {@link #toJson} wrote. */
    public static Scoring fromJson(String json) {
      return JSON.readValue(json, Scoring.class);
    }
  }

  public record Filters(boolean ageRange, boolean dates, boolean budget, int maxDistanceKm) {}

  public record Groups(int candidates, int leastWeightPercent) {}

  public record Execution(int threads, int slices, int statementTimeoutSeconds) {

    public int effectiveThreads() {
      return threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    }
  }

  public record Checks(
      double maxWithoutMatchesShare,
      double maxNeverListedShare,
      double maxGini,
      double maxStabilityIndex) {}

  public record Retention(int publishedRuns, int batchMetadataDays) {}

  private static final String RESOURCE = "/jobs/nightly-scoring.yml";

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .build();

  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
          .build();

  /** The settings that came with the program. */
  public static NightlySettings standard() {
    try (InputStream in = NightlySettings.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException("resource " + RESOURCE + " is missing from the program");
      }
      return parse(
          new String(in.readAllBytes(), StandardCharsets.UTF_8), "jobs/nightly-scoring.yml");
    } catch (IOException e) {
      throw new IllegalStateException("resource " + RESOURCE + " can't be read", e);
    }
  }

  /** Reads a file of the operator's. */
  public static NightlySettings read(Path file) {
    try {
      return parse(Files.readString(file), file.toString());
    } catch (IOException e) {
      throw new CompatException(
          ExitCode.BAD_INPUT,
          "The settings %s can't be read: %s. Name a readable UTF-8 file.".formatted(file, e),
          e);
    }
  }

  static NightlySettings parse(String yaml, String source) {
    JsonNode root;
    List<String> problems = new ArrayList<>();
    try {
      root = YAML.readTree(yaml);
      findProblems(root, NightlySettings.class, "", problems);
      if (problems.isEmpty()) {
        NightlySettings settings = YAML.treeToValue(root, NightlySettings.class);
        problems.addAll(settings.outOfRange());
        if (problems.isEmpty()) {
          return settings;
        }
      }
    } catch (JacksonException e) {
      throw new CompatException(
          ExitCode.BAD_INPUT,
          "%s is not as documented: %s. Compare it with jobs/nightly-scoring.yml."
              .formatted(source, e.getOriginalMessage()),
          e);
    }
    throw refused(source, problems, ExitCode.BAD_INPUT);
  }

  /** Holds a tree against the components of a record: each there, nothing else, of its type. */
  private static void findProblems(
      @Nullable JsonNode node, Class<?> type, String key, List<String> problems) {
    if (node == null || node.isMissingNode() || node.isNull()) {
      problems.add((key.isEmpty() ? "the file" : key) + " is missing or empty");
    } else if (type.isRecord()) {
      if (!node.isObject()) {
        problems.add("%s (%s) has no keys of its own".formatted(key, node));
        return;
      }
      Set<String> unknown = new LinkedHashSet<>(node.propertyNames());
      for (RecordComponent component : type.getRecordComponents()) {
        String name = component.getName();
        unknown.remove(name);
        findProblems(
            node.get(name), component.getType(), key.isEmpty() ? name : key + "." + name, problems);
      }
      unknown.forEach(
          name -> problems.add("%s is unknown".formatted(key.isEmpty() ? name : key + "." + name)));
    } else if (!isOf(type, node)) {
      problems.add(
          "%s (%s) is not %s"
              .formatted(key, node.isString() ? node.asString() : node, named(type)));
    }
  }

  private static boolean isOf(Class<?> type, JsonNode node) {
    if (type == int.class) {
      return node.isInt();
    }
    if (type == double.class) {
      return node.isNumber();
    }
    if (type == boolean.class) {
      return node.isBoolean();
    }
    return node.isString()
        && (type != BlockBy.class
            || Arrays.stream(BlockBy.values())
                .anyMatch(value -> value.toString().equalsIgnoreCase(node.asString())));
  }

  private static String named(Class<?> type) {
    if (type == BlockBy.class) {
      return Arrays.stream(BlockBy.values()).map(BlockBy::toString).collect(joining(" or "));
    }
    return type == String.class ? "text" : type == int.class ? "a whole number" : type.getName();
  }

  /**
   * These settings with some values from the command line.
   *
   * @throws CompatException with USAGE naming all values that are out of range, if any is
   */
  public NightlySettings with(@Nullable Integer topK, @Nullable BlockBy blockBy) {
    NightlySettings changed =
        new NightlySettings(schedule, scoring.with(topK, blockBy), execution, checks, retention);
    List<String> problems = changed.outOfRange();
    if (!problems.isEmpty()) {
      throw refused("The command line", problems, ExitCode.USAGE);
    }
    return changed;
  }

  private List<String> outOfRange() {
    List<String> problems = new ArrayList<>();
    if (!schedule.matches("\\S+( \\S+){4}")) {
      problems.add("schedule (%s) has not five cron fields".formatted(schedule));
    }
    range(problems, "scoring.topK", scoring.topK, 1, 500);
    range(problems, "scoring.gammaPercent", scoring.gammaPercent, 0, 200);
    range(problems, "scoring.filters.maxDistanceKm", scoring.filters.maxDistanceKm, 0, 20_100);
    range(problems, "scoring.groups.candidates", scoring.groups.candidates, 1, 500);
    range(problems, "scoring.groups.leastWeightPercent", scoring.groups.leastWeightPercent, 0, 100);
    range(problems, "execution.threads", execution.threads, 0, 256);
    range(problems, "execution.slices", execution.slices, 1, 64);
    range(
        problems,
        "execution.statementTimeoutSeconds",
        execution.statementTimeoutSeconds,
        1,
        86_400);
    share(problems, "checks.maxWithoutMatchesShare", checks.maxWithoutMatchesShare);
    share(problems, "checks.maxNeverListedShare", checks.maxNeverListedShare);
    share(problems, "checks.maxGini", checks.maxGini);
    if (!(checks.maxStabilityIndex > 0 && checks.maxStabilityIndex < 100)) {
      problems.add(
          "checks.maxStabilityIndex (%s) is not above 0 and below 100"
              .formatted(checks.maxStabilityIndex));
    }
    range(problems, "retention.publishedRuns", retention.publishedRuns, 1, 30);
    range(problems, "retention.batchMetadataDays", retention.batchMetadataDays, 1, 3650);
    return problems;
  }

  private static CompatException refused(String source, List<String> problems, ExitCode exitCode) {
    return new CompatException(
        exitCode,
        "%s has %d problem(s): %s. Compare it with jobs/nightly-scoring.yml."
            .formatted(source, problems.size(), String.join("; ", problems)));
  }

  private static void range(List<String> problems, String key, int value, int lowest, int highest) {
    if (value < lowest || value > highest) {
      problems.add("%s (%d) is not within %d–%d".formatted(key, value, lowest, highest));
    }
  }

  private static void share(List<String> problems, String key, double value) {
    if (!(value >= 0 && value <= 1)) {
      problems.add("%s (%s) is not within 0–1".formatted(key, value));
    }
  }
}
