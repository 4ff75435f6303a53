package social.trvl.compat.report;

import static social.trvl.compat.jooq.compat.Tables.HOLDOUT_USES;
import static social.trvl.compat.jooq.compat.Tables.MODEL_EVENTS;
import static social.trvl.compat.jooq.compat.Tables.SHADOW_REPORTS;
import static social.trvl.compat.jooq.public_.Tables.COMPATIBILITY_MODEL_VERSIONS;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.db.Database;
import social.trvl.compat.model.ModelRegistry;
import social.trvl.compat.model.ShadowReport;
import social.trvl.compat.model.training.Evaluation;
import social.trvl.compat.model.training.Report;
import social.trvl.compat.model.training.Report.Scores;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What is known of model versions: where they came from, how well they did, what became of them.
 */
public final class ModelReport {

  /**
   * One version.
   *
   * @param model name and version
   * @param auc on the held-out pairs when it was trained; null if it was not trained here
   * @param sufficient whether there were enough of those pairs to judge by
   */
  public record Summary(
      int id,
      String model,
      String state,
      String algorithm,
      Instant createdAt,
      @Nullable Long trainingRows,
      @Nullable Double auc,
      @Nullable Double logLoss,
      @Nullable Boolean sufficient) {}

  /**
   * Where a version came from.
   *
   * @param parent the version it was trained to replace
   */
  public record Lineage(
      @Nullable Instant trainingFrom,
      @Nullable Instant trainingTo,
      @Nullable Long trainingRows,
      @Nullable String trainingSha256,
      @Nullable String parent,
      @Nullable String codeVersion,
      @Nullable Long seed,
      Map<String, Object> hyperparameters,
      String artefactSha256,
      String createdBy,
      Instant createdAt) {}

  public record Event(
      Instant at,
      String who,
      String action,
      @Nullable String fromState,
      @Nullable String toState,
      String why,
      @Nullable String override) {}

  /**
   * One judgement on held-out pairs.
   *
   * @param versions how many versions these very pairs have judged by now
   */
  public record Use(Instant at, String purpose, String holdoutSha256, int versions) {}

  /** The newest shadow run. */
  public record Shadow(Instant at, String champion, ShadowReport report) {}

  /**
   * All of it.
   *
   * @param metrics when it was trained; null if it was not trained here
   */
  public record Detail(
      Summary summary,
      Lineage lineage,
      @Nullable Report metrics,
      List<Event> events,
      List<Use> uses,
      @Nullable Shadow shadow) {}

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Database database;
  private final DSLContext sql;

  public ModelReport(Database database) {
    this.database = database;
    this.sql = database.engineSql();
  }

  /** All versions, the newest first. */
  public List<Summary> all() {
    return sql.selectFrom(COMPATIBILITY_MODEL_VERSIONS)
        .orderBy(COMPATIBILITY_MODEL_VERSIONS.ID.desc())
        .fetch(ModelReport::summary);
  }

  /**
   * One version.
   *
   * @param reference its id, or its name and version
   * @throws social.trvl.compat.config.CompatException with NOT_FOUND if there is none
   */
  public Detail find(String reference) {
    int id = new ModelRegistry(database).require(reference).id();
    Record row =
        sql.selectFrom(COMPATIBILITY_MODEL_VERSIONS)
            .where(COMPATIBILITY_MODEL_VERSIONS.ID.eq(id))
            .fetchSingle();
    return new Detail(summary(row), lineage(row), metrics(row), events(id), uses(id), shadow(id));
  }

  private static Summary summary(Record row) {
    @Nullable Report metrics = metrics(row);
    @Nullable Scores scores = metrics == null ? null : metrics.scores().get(Evaluation.MODEL);
    return new Summary(
        row.get(COMPATIBILITY_MODEL_VERSIONS.ID),
        row.get(COMPATIBILITY_MODEL_VERSIONS.NAME)
            + " "
            + row.get(COMPATIBILITY_MODEL_VERSIONS.VERSION),
        row.get(COMPATIBILITY_MODEL_VERSIONS.STATE),
        row.get(COMPATIBILITY_MODEL_VERSIONS.ALGORITHM),
        row.get(COMPATIBILITY_MODEL_VERSIONS.CREATED_AT).toInstant(),
        row.get(COMPATIBILITY_MODEL_VERSIONS.TRAINING_ROWS),
        scores == null ? null : (Double) scores.auc().value(),
        scores == null ? null : (Double) scores.logLoss().value(),
        metrics == null ? null : (Boolean) metrics.holdout().sufficient());
  }

  private static @Nullable Report metrics(Record row) {
    String json = row.get(COMPATIBILITY_MODEL_VERSIONS.METRICS).data();
    return JSON.readTree(json).has("holdout") ? Report.fromJson(json) : null;
  }

  private Lineage lineage(Record row) {
    @Nullable Integer parent = row.get(COMPATIBILITY_MODEL_VERSIONS.PARENT_ID);
    return new Lineage(
        instant(row.get(COMPATIBILITY_MODEL_VERSIONS.TRAINING_FROM)),
        instant(row.get(COMPATIBILITY_MODEL_VERSIONS.TRAINING_TO)),
        row.get(COMPATIBILITY_MODEL_VERSIONS.TRAINING_ROWS),
        row.get(COMPATIBILITY_MODEL_VERSIONS.TRAINING_SHA256),
        parent == null ? null : label(parent),
        row.get(COMPATIBILITY_MODEL_VERSIONS.CODE_VERSION),
        row.get(COMPATIBILITY_MODEL_VERSIONS.SEED),
        hyperparameters(row.get(COMPATIBILITY_MODEL_VERSIONS.HYPERPARAMETERS).data()),
        row.get(COMPATIBILITY_MODEL_VERSIONS.ARTEFACT_SHA256),
        row.get(COMPATIBILITY_MODEL_VERSIONS.CREATED_BY),
        row.get(COMPATIBILITY_MODEL_VERSIONS.CREATED_AT).toInstant());
  }

  private static Map<String, Object> hyperparameters(String json) {
    Map<String, Object> values = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : JSON.readTree(json).properties()) {
      values.put(
          entry.getKey(),
          entry.getValue().isNumber()
              ? (Object) entry.getValue().numberValue()
              : entry.getValue().isString()
                  ? entry.getValue().asString()
                  : entry.getValue().toString());
    }
    return values;
  }

  private String label(int id) {
    return new ModelRegistry(database).require(Integer.toString(id)).label();
  }

  private List<Event> events(int id) {
    return sql.selectFrom(MODEL_EVENTS)
        .where(MODEL_EVENTS.MODEL_VERSION_ID.eq(id))
        .orderBy(MODEL_EVENTS.EVENT_ID)
        .fetch(row ->
            new Event(
                row.get(MODEL_EVENTS.HAPPENED_AT).toInstant(),
                row.get(MODEL_EVENTS.WHO),
                row.get(MODEL_EVENTS.ACTION),
                row.get(MODEL_EVENTS.FROM_STATE),
                row.get(MODEL_EVENTS.TO_STATE),
                row.get(MODEL_EVENTS.WHY),
                row.get(MODEL_EVENTS.OVERRIDE)));
  }

  private List<Use> uses(int id) {
    var other = HOLDOUT_USES.as("other");
    return sql.select(
            HOLDOUT_USES.USED_AT,
            HOLDOUT_USES.PURPOSE,
            HOLDOUT_USES.HOLDOUT_SHA256,
            DSL.field(
                DSL.select(DSL.countDistinct(other.MODEL_VERSION_ID))
                    .from(other)
                    .where(other.HOLDOUT_SHA256.eq(HOLDOUT_USES.HOLDOUT_SHA256))))
        .from(HOLDOUT_USES)
        .where(HOLDOUT_USES.MODEL_VERSION_ID.eq(id))
        .orderBy(HOLDOUT_USES.HOLDOUT_USE_ID)
        .fetch(row -> new Use(row.value1().toInstant(), row.value2(), row.value3(), row.value4()));
  }

  /**
   * The newest shadow run of a version.
   *
   * @throws social.trvl.compat.config.CompatException with NOT_FOUND if there is no such version or
   *     no such run
   */
  public Shadow shadow(String reference) {
    int id = new ModelRegistry(database).require(reference).id();
    @Nullable Shadow shadow = shadow(id);
    if (shadow == null) {
      throw new CompatException(
          ExitCode.NOT_FOUND,
          "Version %d has no shadow report. Run 'compat score run --shadow %d'.".formatted(id, id));
    }
    return shadow;
  }

  private @Nullable Shadow shadow(int id) {
    return sql.selectFrom(SHADOW_REPORTS)
        .where(SHADOW_REPORTS.MODEL_VERSION_ID.eq(id))
        .orderBy(SHADOW_REPORTS.SHADOW_REPORT_ID.desc())
        .limit(1)
        .fetchOne(row ->
            new Shadow(
                row.get(SHADOW_REPORTS.CREATED_AT).toInstant(),
                label(row.get(SHADOW_REPORTS.CHAMPION_VERSION_ID)),
                ShadowReport.fromJson(row.get(SHADOW_REPORTS.REPORT).data())));
  }

  private static @Nullable Instant instant(@Nullable OffsetDateTime time) {
    return time == null ? null : time.toInstant();
  }
}
