package social.trvl.compat.model;

import static social.trvl.compat.jooq.compat.Tables.MODEL_EVENTS;
import static social.trvl.compat.jooq.compat.Tables.SHADOW_REPORTS;
import static social.trvl.compat.jooq.public_.Tables.COMPATIBILITY_MODEL_VERSIONS;

import java.time.OffsetDateTime;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.JSONB;
import org.jooq.Record;
import org.jooq.Record2;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.db.Database;

/**
 * The table {@code compatibility_model_versions}: which models there are, which one is the
 * champion, and how a version becomes it.
 *
 * <p>Every change of a state is recorded in {@code compat.model_events} by a trigger, in the
 * transaction of the change, with what was done and why. Changes of the champion wait for each
 * other; the second finds another champion than it was decided about, and is refused.
 */
public final class ModelRegistry {

  /** The baseline is version 0 in every database. */
  public static final int BASELINE_ID = 0;

  /**
   * A registered version, its artefact verified.
   *
   * @param label name and version, e.g. {@code baseline 0}
   */
  public record Version(int id, String label, String state, PairModel model) {}

  /** What is known of a version without reading its artefact. */
  public record Entry(int id, String label, ModelState state, String sha256) {}

  private final DSLContext sql;

  public ModelRegistry(Database database) {
    this.sql = database.engineSql();
  }

  private ModelRegistry(DSLContext sql) {
    this.sql = sql;
  }

  /** The registry inside a transaction of the caller's. */
  public static ModelRegistry inside(DSLContext transaction) {
    return new ModelRegistry(transaction);
  }

  /**
   * Registers the baseline if it is not, as champion if there is none.
   *
   * @return whether it was registered by this call
   */
  public boolean registerBaseline() {
    byte[] artefact = Baseline.artefact();
    PairModel model = Artefact.read(artefact, Artefact.sha256(artefact));
    return sql.transactionResult(configuration -> {
      DSLContext inside = configuration.dsl();
      say(inside, "", "the baseline comes with the program", null);
      boolean champion =
          inside.fetchExists(
              COMPATIBILITY_MODEL_VERSIONS, COMPATIBILITY_MODEL_VERSIONS.STATE.eq("champion"));
      return inside
              .insertInto(COMPATIBILITY_MODEL_VERSIONS)
              .set(COMPATIBILITY_MODEL_VERSIONS.ID, BASELINE_ID)
              .set(COMPATIBILITY_MODEL_VERSIONS.NAME, model.name())
              .set(COMPATIBILITY_MODEL_VERSIONS.VERSION, "0")
              .set(COMPATIBILITY_MODEL_VERSIONS.STATE, champion ? "candidate" : "champion")
              .set(
                  COMPATIBILITY_MODEL_VERSIONS.ALGORITHM,
                  "documented weights, additive over pair-v1")
              .set(COMPATIBILITY_MODEL_VERSIONS.HYPERPARAMETERS, JSONB.valueOf("{}"))
              .set(COMPATIBILITY_MODEL_VERSIONS.FEATURE_SCHEMA, PAIR_V1)
              .set(COMPATIBILITY_MODEL_VERSIONS.ARTEFACT, artefact)
              .set(COMPATIBILITY_MODEL_VERSIONS.ARTEFACT_SHA256, model.sha256())
              .onConflictDoNothing()
              .execute()
          > 0;
    });
  }

  private static final JSONB PAIR_V1 = JSONB.valueOf("{\"features\": \"pair-v1\"}");

  /**
   * Registers an artefact that was made elsewhere, as a candidate like any other.
   *
   * @param why for the record
   * @throws CompatException with BAD_INPUT if the artefact is refused, with USAGE if it is
   *     registered already
   */
  public Entry register(byte[] artefact, String why) {
    PairModel model = Artefact.read(artefact, Artefact.sha256(artefact));
    return sql.transactionResult(configuration -> {
      DSLContext inside = configuration.dsl();
      say(inside, "", why, null);
      // The lock under which training numbers its versions.
      inside.execute("select pg_advisory_xact_lock(hashtext('compat.model_versions'))");
      entry(inside, COMPATIBILITY_MODEL_VERSIONS.ARTEFACT_SHA256.eq(model.sha256()))
          .ifPresent(known -> {
            throw new CompatException(
                ExitCode.USAGE,
                "This artefact is version %d (%s) already; nothing was registered."
                    .formatted(known.id(), known.label()));
          });
      int earlier =
          inside.fetchCount(
              COMPATIBILITY_MODEL_VERSIONS, COMPATIBILITY_MODEL_VERSIONS.NAME.eq(model.name()));
      PairModel.@Nullable Training training = model.about().training();
      int id =
          inside
              .insertInto(COMPATIBILITY_MODEL_VERSIONS)
              .set(COMPATIBILITY_MODEL_VERSIONS.NAME, model.name())
              .set(COMPATIBILITY_MODEL_VERSIONS.VERSION, Integer.toString(earlier + 1))
              .set(COMPATIBILITY_MODEL_VERSIONS.STATE, "candidate")
              .set(
                  COMPATIBILITY_MODEL_VERSIONS.ALGORITHM,
                  model instanceof BoostedModel ? "imported, boosted" : "imported, additive")
              .set(COMPATIBILITY_MODEL_VERSIONS.HYPERPARAMETERS, JSONB.valueOf("{}"))
              .set(COMPATIBILITY_MODEL_VERSIONS.FEATURE_SCHEMA, PAIR_V1)
              .set(
                  COMPATIBILITY_MODEL_VERSIONS.TRAINING_ROWS,
                  training == null ? null : (Long) (long) training.rows())
              .set(
                  COMPATIBILITY_MODEL_VERSIONS.TRAINING_SHA256,
                  training == null ? null : training.sha256())
              .set(COMPATIBILITY_MODEL_VERSIONS.ARTEFACT, artefact)
              .set(COMPATIBILITY_MODEL_VERSIONS.ARTEFACT_SHA256, model.sha256())
              .returningResult(COMPATIBILITY_MODEL_VERSIONS.ID)
              .fetchSingle()
              .value1();
      return entry(inside, COMPATIBILITY_MODEL_VERSIONS.ID.eq(id)).orElseThrow();
    });
  }

  /**
   * Loads the champion.
   *
   * @throws CompatException if there is none or its artefact is refused
   */
  public Version champion() {
    @Nullable Record row =
        sql.selectFrom(COMPATIBILITY_MODEL_VERSIONS)
            .where(COMPATIBILITY_MODEL_VERSIONS.STATE.eq("champion"))
            .fetchOne();
    if (row == null) {
      throw noChampion();
    }
    return version(row);
  }

  /**
   * Loads a version by its id.
   *
   * @throws CompatException if there is no such version or its artefact is refused
   */
  public Version load(int id) {
    @Nullable Record row =
        sql.selectFrom(COMPATIBILITY_MODEL_VERSIONS)
            .where(COMPATIBILITY_MODEL_VERSIONS.ID.eq(id))
            .fetchOne();
    if (row == null) {
      throw new CompatException(ExitCode.NOT_FOUND, "There is no model version %d.".formatted(id));
    }
    return version(row);
  }

  /**
   * Finds a version as a user names it.
   *
   * @param reference its id, or its name and version, e.g. {@code additive 3}
   * @throws CompatException with NOT_FOUND if there is none
   */
  public Entry require(String reference) {
    String named = reference.strip().replaceAll("\\s+", " ");
    return entry(sql, LABEL.eq(named))
        .or(() ->
            named.matches("[0-9]{1,9}")
                ? entry(sql, COMPATIBILITY_MODEL_VERSIONS.ID.eq(Integer.valueOf(named)))
                : Optional.empty())
        .orElseThrow(() ->
            new CompatException(
                ExitCode.NOT_FOUND,
                "There is no model version (%s). Give an id, or a name and version like \"additive 1\"; 'compat model list' has them."
                    .formatted(reference)));
  }

  /** The bytes as registered, unchecked. */
  public byte[] artefact(int id) {
    return sql.select(COMPATIBILITY_MODEL_VERSIONS.ARTEFACT)
        .from(COMPATIBILITY_MODEL_VERSIONS)
        .where(COMPATIBILITY_MODEL_VERSIONS.ID.eq(id))
        .fetchSingle()
        .value1();
  }

  /**
   * Lets a version be scored with beside the champion.
   *
   * @throws CompatException with USAGE if it can't become that
   */
  public void shadow(int id, String why) {
    sql.transaction(
        configuration -> move(configuration.dsl(), id, ModelState.SHADOW, "shadow", why, null));
  }

  /**
   * Judges a version not to be good, for good.
   *
   * @throws CompatException with USAGE if it can't become that
   */
  public void reject(int id, String why) {
    sql.transaction(
        configuration -> move(configuration.dsl(), id, ModelState.REJECTED, "reject", why, null));
  }

  /**
   * Makes a version the champion.
   *
   * @param decidedAgainst the champion that it was compared with
   * @param override why a refusal of the gate was overridden; null if there was none
   * @throws CompatException with BUSY if there is another champion by now, with USAGE if the
   *     version can't become champion
   */
  public void promote(int id, int decidedAgainst, String why, @Nullable String override) {
    sql.transaction(configuration -> {
      DSLContext inside = configuration.dsl();
      Entry champion = lockedChampion(inside);
      if (champion.id() != decidedAgainst) {
        throw new CompatException(
            ExitCode.BUSY,
            "Version %d was compared with version %d, but version %d (%s) has become champion meanwhile. Nothing was changed; compare it with that one and promote again."
                .formatted(id, decidedAgainst, champion.id(), champion.label()));
      }
      succeed(inside, champion, id, "promote", why, override);
    });
  }

  /**
   * Makes the previous champion champion again, within the caller's transaction if it leads one.
   *
   * @return who it is
   * @throws CompatException with NOT_FOUND if there was no other champion before
   */
  public Entry rollBack(String why) {
    return sql.transactionResult(configuration -> {
      DSLContext inside = configuration.dsl();
      Entry champion = lockedChampion(inside);
      Entry previous =
          inside(inside)
              .previousChampion()
              .orElseThrow(() ->
                  new CompatException(
                      ExitCode.NOT_FOUND,
                      "No version was champion before version %d (%s): there is nothing to roll back to."
                          .formatted(champion.id(), champion.label())));
      succeed(inside, champion, previous.id(), "rollback", why, null);
      return previous;
    });
  }

  /**
   * Who a roll-back would return to: the champion that the present one succeeded. A roll-back is no
   * succession: after it, the next one goes further back.
   */
  public Optional<Entry> previousChampion() {
    Deque<Integer> champions = new ArrayDeque<>();
    for (Record2<Integer, String> event :
        sql.select(MODEL_EVENTS.MODEL_VERSION_ID, MODEL_EVENTS.ACTION)
            .from(MODEL_EVENTS)
            .where(MODEL_EVENTS.TO_STATE.eq("champion"))
            .orderBy(MODEL_EVENTS.EVENT_ID)) {
      if (event.value2().equals("rollback")) {
        while (!champions.isEmpty() && !champions.peek().equals(event.value1())) {
          champions.pop();
        }
      } else {
        champions.push(event.value1());
      }
    }
    for (int id : champions) {
      Optional<Entry> entry =
          entry(
              sql,
              COMPATIBILITY_MODEL_VERSIONS
                  .ID
                  .eq(id)
                  .and(COMPATIBILITY_MODEL_VERSIONS.STATE.eq(ModelState.RETIRED.label())));
      if (entry.isPresent()) {
        return entry;
      }
    }
    return Optional.empty();
  }

  /** The newest report of a version's shadow run against a champion. */
  public Optional<ShadowReport> shadowReport(int id, int championId) {
    return sql.select(SHADOW_REPORTS.REPORT)
        .from(SHADOW_REPORTS)
        .where(SHADOW_REPORTS.MODEL_VERSION_ID.eq(id))
        .and(SHADOW_REPORTS.CHAMPION_VERSION_ID.eq(championId))
        .orderBy(SHADOW_REPORTS.SHADOW_REPORT_ID.desc())
        .limit(1)
        .fetchOptional(row -> ShadowReport.fromJson(row.value1().data()));
  }

  /** Keeps the report of a version's shadow run against a champion. */
  public void keep(int id, int championId, ShadowReport report) {
    sql.insertInto(SHADOW_REPORTS)
        .set(SHADOW_REPORTS.MODEL_VERSION_ID, id)
        .set(SHADOW_REPORTS.CHAMPION_VERSION_ID, championId)
        .set(SHADOW_REPORTS.RUN_ID, report.runId())
        .set(SHADOW_REPORTS.REPORT, JSONB.valueOf(report.toJson()))
        .execute();
  }

  /**
   * Refuses what can't become champion, before anything is computed.
   *
   * @throws CompatException with USAGE
   */
  public void requirePromotable(Entry version) {
    requireMove(version, ModelState.CHAMPION);
  }

  private static void succeed(
      DSLContext inside,
      Entry champion,
      int successor,
      String action,
      String why,
      @Nullable String override) {
    Entry next = lockedEntry(inside, successor);
    requireMove(next, ModelState.CHAMPION);
    String given =
        "%s %s: %s"
            .formatted(
                action.equals("rollback") ? "rolled back to" : "succeeded by", next.label(), why);
    move(inside, champion.id(), ModelState.RETIRED, "retire", given, null);
    move(inside, successor, ModelState.CHAMPION, action, why, override);
  }

  /** The champion, until the transaction ends nobody else's to change. */
  private static Entry lockedChampion(DSLContext inside) {
    inside.execute("select pg_advisory_xact_lock(hashtextextended('compat.champion', 0))");
    return entry(inside, COMPATIBILITY_MODEL_VERSIONS.STATE.eq("champion"))
        .orElseThrow(ModelRegistry::noChampion);
  }

  private static Entry lockedEntry(DSLContext inside, int id) {
    inside
        .select(COMPATIBILITY_MODEL_VERSIONS.ID)
        .from(COMPATIBILITY_MODEL_VERSIONS)
        .where(COMPATIBILITY_MODEL_VERSIONS.ID.eq(id))
        .forUpdate()
        .fetch();
    return entry(inside, COMPATIBILITY_MODEL_VERSIONS.ID.eq(id))
        .orElseThrow(() ->
            new CompatException(ExitCode.NOT_FOUND, "There is no model version %d.".formatted(id)));
  }

  private static void move(
      DSLContext inside,
      int id,
      ModelState next,
      String action,
      String why,
      @Nullable String override) {
    requireMove(lockedEntry(inside, id), next);
    say(inside, action, why, override);
    inside
        .update(COMPATIBILITY_MODEL_VERSIONS)
        .set(COMPATIBILITY_MODEL_VERSIONS.STATE, next.label())
        .set(
            COMPATIBILITY_MODEL_VERSIONS.STATE_CHANGED_AT,
            DSL.field("clock_timestamp()", OffsetDateTime.class))
        .where(COMPATIBILITY_MODEL_VERSIONS.ID.eq(id))
        .execute();
  }

  private static void requireMove(Entry version, ModelState next) {
    if (!version.state().mayBecome(next)) {
      throw new CompatException(
          ExitCode.USAGE,
          "Version %d (%s) is %s, and so can't become %s. Nothing was changed."
              .formatted(version.id(), version.label(), version.state().label(), next.label()));
    }
  }

  /** Tells the trigger that writes events; forgotten when the transaction ends. */
  private static void say(DSLContext inside, String action, String why, @Nullable String override) {
    if (why.isBlank() || (override != null && override.isBlank())) {
      throw new CompatException(
          ExitCode.USAGE, "A reason is needed in words, for the record. Nothing was changed.");
    }
    inside.execute(
        "select set_config('compat.action', {0}, true), set_config('compat.why', {1}, true), set_config('compat.override', {2}, true)",
        DSL.val(action), DSL.val(why), DSL.val(override == null ? "" : override));
  }

  private static final Field<String> LABEL =
      DSL.concat(
          COMPATIBILITY_MODEL_VERSIONS.NAME, DSL.inline(" "), COMPATIBILITY_MODEL_VERSIONS.VERSION);

  private static Optional<Entry> entry(DSLContext sql, Condition condition) {
    return sql.select(
            COMPATIBILITY_MODEL_VERSIONS.ID,
            LABEL,
            COMPATIBILITY_MODEL_VERSIONS.STATE,
            COMPATIBILITY_MODEL_VERSIONS.ARTEFACT_SHA256)
        .from(COMPATIBILITY_MODEL_VERSIONS)
        .where(condition)
        .orderBy(COMPATIBILITY_MODEL_VERSIONS.ID)
        .limit(1)
        .fetchOptional(row ->
            new Entry(row.value1(), row.value2(), ModelState.of(row.value3()), row.value4()));
  }

  private static CompatException noChampion() {
    return new CompatException(
        ExitCode.DATABASE_UNFIT,
        "No model version is champion. Run 'compat db migrate', which registers the baseline.");
  }

  private static Version version(Record row) {
    return new Version(
        row.get(COMPATIBILITY_MODEL_VERSIONS.ID),
        row.get(COMPATIBILITY_MODEL_VERSIONS.NAME)
            + " "
            + row.get(COMPATIBILITY_MODEL_VERSIONS.VERSION),
        row.get(COMPATIBILITY_MODEL_VERSIONS.STATE),
        Artefact.read(
            row.get(COMPATIBILITY_MODEL_VERSIONS.ARTEFACT),
            row.get(COMPATIBILITY_MODEL_VERSIONS.ARTEFACT_SHA256)));
  }
}
