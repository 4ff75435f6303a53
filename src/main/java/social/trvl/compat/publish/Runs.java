package social.trvl.compat.publish;

import static social.trvl.compat.jooq.compat.Tables.PUBLISHED;
import static social.trvl.compat.jooq.compat.Tables.RUNS;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.JSONB;
import org.jooq.Record;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.db.Database;

/** The table {@code compat.runs}: what each run was asked, read, made and decided. */
public final class Runs {

  /**
   * A run as its row says.
   *
   * @param job {@code nightly-scoring}, or {@code shadow-scoring} for a run that is only compared
   * @param state see {@code compat.runs.state}
   * @param parameters the scoring parameters as JSON
   * @param recall share of a sample's exact lists that is in their lists; null where all are exact
   */
  public record Run(
      long runId,
      String job,
      String state,
      LocalDate asOf,
      String parameters,
      int modelVersionId,
      Instant startedAt,
      @Nullable Instant finishedAt,
      @Nullable Instant snapshotAt,
      @Nullable String digest,
      @Nullable Integer people,
      @Nullable Integer quarantined,
      @Nullable Long pairs,
      @Nullable Long pairRows,
      @Nullable Integer groups,
      @Nullable Long groupRows,
      @Nullable String stepMillis,
      @Nullable String exposure,
      @Nullable Double recall,
      List<String> failedChecks,
      @Nullable String failure,
      @Nullable Instant publishedAt,
      boolean current) {

    public Run {
      failedChecks = List.copyOf(failedChecks);
    }
  }

  private static final Field<Boolean> CURRENT =
      DSL.field(RUNS.RUN_ID.in(DSL.select(PUBLISHED.RUN_ID).from(PUBLISHED))).as("current");

  private final DSLContext sql;

  public Runs(Database database) {
    this.sql = database.engineSql();
  }

  public long create(
      String job, LocalDate asOf, String parameters, int modelVersionId, Instant startedAt) {
    return sql.insertInto(RUNS)
        .set(RUNS.JOB, job)
        .set(RUNS.STATE, "running")
        .set(RUNS.AS_OF, asOf)
        .set(RUNS.PARAMETERS, JSONB.valueOf(parameters))
        .set(RUNS.MODEL_VERSION_ID, modelVersionId)
        .set(RUNS.STARTED_AT, at(startedAt))
        .returningResult(RUNS.RUN_ID)
        .fetchSingle()
        .value1();
  }

  /**
   * Runs that were interrupted, newest first. Only meaningful for the holder of the job's claim.
   */
  public List<Run> interrupted(String job) {
    return select(RUNS.JOB.eq(job).and(RUNS.STATE.eq("running")));
  }

  public Optional<Run> find(long runId) {
    return select(RUNS.RUN_ID.eq(runId)).stream().findFirst();
  }

  /**
   * Finds a run.
   *
   * @throws CompatException with NOT_FOUND if there is none of that number
   */
  public Run require(long runId) {
    return find(runId)
        .orElseThrow(() ->
            new CompatException(
                ExitCode.NOT_FOUND,
                "There is no run %d; 'compat score status' lists them.".formatted(runId)));
  }

  /** The run that readers see. */
  public Optional<Run> published() {
    return select(RUNS.RUN_ID.in(DSL.select(PUBLISHED.RUN_ID).from(PUBLISHED))).stream()
        .findFirst();
  }

  /**
   * The run that readers see.
   *
   * @throws CompatException with NOT_FOUND if nothing was published yet
   */
  public Run requirePublished() {
    return published()
        .orElseThrow(() ->
            new CompatException(
                ExitCode.NOT_FOUND, "Nothing is published yet. Run 'compat score run'."));
  }

  /** Newest first. */
  public List<Run> newest(int limit) {
    return select(DSL.noCondition(), limit);
  }

  /** Whether a run was computed with these parameters, compared as JSON values. */
  public boolean sameParameters(long runId, String parameters) {
    return sql.fetchExists(
        RUNS, RUNS.RUN_ID.eq(runId).and(RUNS.PARAMETERS.eq(JSONB.valueOf(parameters))));
  }

  public void loaded(
      long runId,
      Instant snapshotAt,
      String digest,
      int people,
      int quarantined,
      long pairs,
      int groups) {
    sql.update(RUNS)
        .set(RUNS.SNAPSHOT_AT, at(snapshotAt))
        .set(RUNS.DIGEST, digest)
        .set(RUNS.PEOPLE, people)
        .set(RUNS.QUARANTINED, quarantined)
        .set(RUNS.PAIRS, pairs)
        .set(RUNS.GROUP_COUNT, groups)
        .where(RUNS.RUN_ID.eq(runId))
        .execute();
  }

  public void checked(
      long runId,
      long pairRows,
      long groupRows,
      String exposure,
      Long[] histogram,
      OptionalDouble recall,
      List<String> failedChecks) {
    sql.update(RUNS)
        .set(RUNS.PAIR_ROWS, pairRows)
        .set(RUNS.GROUP_ROWS, groupRows)
        .set(RUNS.EXPOSURE, JSONB.valueOf(exposure))
        .set(RUNS.SCORE_HISTOGRAM, histogram)
        .set(RUNS.RECALL, recall.isPresent() ? BigDecimal.valueOf(recall.getAsDouble()) : null)
        .set(RUNS.FAILED_CHECKS, failedChecks.toArray(String[]::new))
        .where(RUNS.RUN_ID.eq(runId))
        .execute();
  }

  /** Ends a run in a state other than published. */
  public void finished(long runId, String state, Instant at, @Nullable String failure) {
    sql.update(RUNS)
        .set(RUNS.STATE, state)
        .set(RUNS.FINISHED_AT, at(at))
        .set(RUNS.FAILURE, failure)
        .where(RUNS.RUN_ID.eq(runId))
        .execute();
  }

  /** Notes a failure of a run that the next start resumes. */
  public void interruptedBy(long runId, String failure) {
    sql.update(RUNS).set(RUNS.FAILURE, failure).where(RUNS.RUN_ID.eq(runId)).execute();
  }

  public void stepMillis(long runId, Map<String, Long> millis) {
    StringBuilder json = new StringBuilder("{");
    millis.forEach((step, value) ->
        json.append(json.length() > 1 ? ", " : "")
            .append('"')
            .append(step)
            .append("\": ")
            .append(value));
    sql.update(RUNS)
        .set(RUNS.STEP_MILLIS, JSONB.valueOf(json.append('}').toString()))
        .where(RUNS.RUN_ID.eq(runId))
        .execute();
  }

  /**
   * Histogram of the newest published run of a model version before this one; of a version that has
   * published none yet, of its newest shadow run.
   */
  public Long @Nullable [] lastHistogram(int modelVersionId, long beforeRunId) {
    return sql.select(RUNS.SCORE_HISTOGRAM)
        .from(RUNS)
        .where(RUNS.MODEL_VERSION_ID.eq(modelVersionId))
        .and(RUNS.PUBLISHED_AT.isNotNull().or(RUNS.STATE.eq("shadow")))
        .and(RUNS.RUN_ID.lt(beforeRunId))
        .and(RUNS.SCORE_HISTOGRAM.isNotNull())
        .orderBy(DSL.field(RUNS.PUBLISHED_AT.isNull()), RUNS.RUN_ID.desc())
        .limit(1)
        .fetchOne(RUNS.SCORE_HISTOGRAM);
  }

  private List<Run> select(Condition condition) {
    return select(condition, Integer.MAX_VALUE);
  }

  private List<Run> select(Condition condition, int limit) {
    return sql.select(RUNS.fields())
        .select(CURRENT)
        .from(RUNS)
        .where(condition)
        .orderBy(RUNS.RUN_ID.desc())
        .limit(limit)
        .fetch()
        .map(Runs::run);
  }

  private static Run run(Record row) {
    String[] failed = row.get(RUNS.FAILED_CHECKS);
    BigDecimal recall = row.get(RUNS.RECALL);
    return new Run(
        row.get(RUNS.RUN_ID),
        row.get(RUNS.JOB),
        row.get(RUNS.STATE),
        row.get(RUNS.AS_OF),
        row.get(RUNS.PARAMETERS).data(),
        row.get(RUNS.MODEL_VERSION_ID),
        row.get(RUNS.STARTED_AT).toInstant(),
        instant(row.get(RUNS.FINISHED_AT)),
        instant(row.get(RUNS.SNAPSHOT_AT)),
        row.get(RUNS.DIGEST),
        row.get(RUNS.PEOPLE),
        row.get(RUNS.QUARANTINED),
        row.get(RUNS.PAIRS),
        row.get(RUNS.PAIR_ROWS),
        row.get(RUNS.GROUP_COUNT),
        row.get(RUNS.GROUP_ROWS),
        data(row.get(RUNS.STEP_MILLIS)),
        data(row.get(RUNS.EXPOSURE)),
        recall == null ? null : recall.doubleValue(),
        failed == null ? List.of() : List.of(failed),
        row.get(RUNS.FAILURE),
        instant(row.get(RUNS.PUBLISHED_AT)),
        row.get(CURRENT));
  }

  private static @Nullable String data(@Nullable JSONB json) {
    return json == null ? null : json.data();
  }

  private static @Nullable Instant instant(@Nullable OffsetDateTime time) {
    return time == null ? null : time.toInstant();
  }

  private static OffsetDateTime at(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }
}
