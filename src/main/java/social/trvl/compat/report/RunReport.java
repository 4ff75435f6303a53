package social.trvl.compat.report;

import static social.trvl.compat.jooq.public_.Tables.COMPATIBILITY_MODEL_VERSIONS;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.db.Database;
import social.trvl.compat.publish.Claim;
import social.trvl.compat.publish.QuarantineTable;
import social.trvl.compat.publish.Runs;
import social.trvl.compat.publish.Runs.Run;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The account of runs that an operator wants to see. */
public final class RunReport {

  /** In the order of the job. */
  private static final List<String> STEPS =
      List.of("claim", "load", "score", "index", "groups", "check", "publish", "retain");

  /**
   * One run.
   *
   * @param state as in {@code compat.runs}, or {@code interrupted} for a run that nobody works on
   * @param current whether it is the run that readers see
   * @param seconds from start to end; null while it runs
   * @param stepSeconds of the execution that ended it, in the order of the job
   * @param recall share of a sample's exact lists that is in their lists; null for a model that
   *     ranks every candidate
   */
  public record Summary(
      long runId,
      String state,
      boolean current,
      String model,
      LocalDate asOf,
      Instant startedAt,
      @Nullable Double seconds,
      @Nullable Integer people,
      @Nullable Integer quarantined,
      @Nullable Long pairs,
      @Nullable Long rows,
      @Nullable Integer groups,
      @Nullable Long groupRows,
      Map<String, Double> stepSeconds,
      @Nullable Double neverListedShare,
      @Nullable Long longestReach,
      @Nullable Double gini,
      @Nullable Double recall,
      List<String> failedChecks,
      @Nullable String failure) {}

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Database database;
  private final DSLContext sql;

  public RunReport(Database database) {
    this.database = database;
    sql = database.engineSql();
  }

  /** Runs, newest first. */
  public List<Summary> newest(int limit) {
    Map<Integer, String> models = models();
    return new Runs(database)
        .newest(limit).stream()
            .map(run -> summary(run, models, Claim.isHeld(database, run.job())))
            .toList();
  }

  public Summary of(Run run) {
    return summary(run, models(), true);
  }

  /** How many people are in quarantine now, for each reason. */
  public Map<String, Integer> quarantine() {
    return new QuarantineTable(database).counts();
  }

  /** Some people with a list in the published run, evenly spread over the ids. */
  public List<UUID> sampleOfPeople(int count) {
    return sql.fetch(
            """
            select user_id from (
              select user_id, row_number() over (order by user_id) as n, count(*) over () as total
              from compat.compatibility_scores where rank = 1) listed
            where (n - 1) * {0} / total <> n * {0} / total order by user_id
            """,
            DSL.inline(count))
        .getValues(0, UUID.class);
  }

  /** The groups with the best cohesion in the published run. */
  public List<UUID> mostCohesiveGroups(int count) {
    return sql.fetch(
            """
            select c.group_id from compat.group_cohesion c join compat.published p on p.run_id = c.run_id
            where c.cohesion is not null order by c.cohesion desc, c.group_id limit {0}
            """,
            DSL.inline(count))
        .getValues(0, UUID.class);
  }

  private Map<Integer, String> models() {
    return sql.select(
            COMPATIBILITY_MODEL_VERSIONS.ID,
            DSL.concat(
                COMPATIBILITY_MODEL_VERSIONS.NAME,
                DSL.inline(" "),
                COMPATIBILITY_MODEL_VERSIONS.VERSION))
        .from(COMPATIBILITY_MODEL_VERSIONS)
        .fetchMap(row -> row.value1(), row -> row.value2());
  }

  private static Summary summary(Run run, Map<Integer, String> models, boolean claimed) {
    @Nullable JsonNode exposure = run.exposure() == null ? null : JSON.readTree(run.exposure());
    Map<String, Double> steps = new LinkedHashMap<>();
    if (run.stepMillis() != null) {
      JsonNode millis = JSON.readTree(run.stepMillis());
      for (String step : STEPS) {
        if (millis.has(step)) {
          steps.put(step, millis.get(step).asLong() / 1000.0);
        }
      }
    }
    return new Summary(
        run.runId(),
        run.state().equals("running") && !claimed ? "interrupted" : run.state(),
        run.current(),
        models.getOrDefault(run.modelVersionId(), "version " + run.modelVersionId()),
        run.asOf(),
        run.startedAt(),
        run.finishedAt() == null
            ? null
            : Duration.between(run.startedAt(), run.finishedAt()).toMillis() / 1000.0,
        run.people(),
        run.quarantined(),
        run.pairs(),
        run.pairRows(),
        run.groups(),
        run.groupRows(),
        steps,
        exposure == null ? null : exposure.get("never_listed_share").asDouble(),
        exposure == null ? null : exposure.get("longest_reach").asLong(),
        exposure == null ? null : exposure.get("gini").asDouble(),
        run.recall(),
        run.failedChecks(),
        run.failure());
  }
}
