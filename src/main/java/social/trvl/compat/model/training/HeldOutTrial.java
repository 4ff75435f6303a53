package social.trvl.compat.model.training;

import static social.trvl.compat.jooq.compat.Tables.HOLDOUT_USES;
import static social.trvl.compat.jooq.public_.Tables.COMPATIBILITY_MODEL_VERSIONS;

import java.time.Instant;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Database;
import social.trvl.compat.model.ModelRegistry;
import social.trvl.compat.model.ModelRegistry.Version;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Judges registered versions on the held-out pairs as they are now, and counts that those pairs
 * were used: the more models a holdout has judged, the less it says of the next.
 */
public final class HeldOutTrial {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Database database;
  private final DSLContext sql;
  private final Progress progress;

  public HeldOutTrial(Database database, Progress progress) {
    this.database = database;
    this.sql = database.engineSql();
    this.progress = progress;
  }

  /**
   * Judges a version beside another, the baseline, and the simple opponents, all on the same pairs.
   *
   * @param model whose own split in time is kept, if it was trained here
   * @param champion the other
   * @param purpose see {@code compat.holdout_uses}
   */
  public Report judge(Version model, Version champion, String purpose) {
    progress.begin("judging %s on held-out pairs".formatted(model.label()), 0);
    try {
      TrainingSet set = TrainingSet.load(database, model.model().vocabulary());
      Split split = Split.of(set, splitFrom(model.id()));
      String holdout = split.holdoutSha256();
      used(sql, holdout, model.id(), purpose);
      return new Evaluation(words -> TrainingSet.load(database, words))
          .compare(
              split,
              model.model(),
              champion.model(),
              new ModelRegistry(database).load(ModelRegistry.BASELINE_ID).model(),
              uses(sql, holdout),
              null);
    } finally {
      progress.end();
    }
  }

  /** How many versions these held-out pairs have judged. */
  static int uses(DSLContext sql, String holdoutSha256) {
    return sql.select(DSL.countDistinct(HOLDOUT_USES.MODEL_VERSION_ID))
        .from(HOLDOUT_USES)
        .where(HOLDOUT_USES.HOLDOUT_SHA256.eq(holdoutSha256))
        .fetchSingle()
        .value1();
  }

  static void used(DSLContext sql, String holdoutSha256, int modelVersionId, String purpose) {
    sql.insertInto(HOLDOUT_USES)
        .set(HOLDOUT_USES.HOLDOUT_SHA256, holdoutSha256)
        .set(HOLDOUT_USES.MODEL_VERSION_ID, modelVersionId)
        .set(HOLDOUT_USES.PURPOSE, purpose)
        .execute();
  }

  /** From when on the version was judged when it was trained; null if time was not split. */
  private @Nullable Instant splitFrom(int id) {
    JsonNode metrics =
        JSON.readTree(
            sql.select(COMPATIBILITY_MODEL_VERSIONS.METRICS)
                .from(COMPATIBILITY_MODEL_VERSIONS)
                .where(COMPATIBILITY_MODEL_VERSIONS.ID.eq(id))
                .fetchSingle()
                .value1()
                .data());
    JsonNode from = metrics.path("holdout").path("split_from");
    return from.isString() ? Instant.parse(from.asString()) : null;
  }
}
