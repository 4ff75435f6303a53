package social.trvl.compat.model;

import static social.trvl.compat.jooq.public_.Tables.COMPATIBILITY_MODEL_VERSIONS;

import org.jooq.DSLContext;
import org.jooq.JSONB;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.db.Database;

/**
 * The table {@code compatibility_model_versions}: which models there are, and which one is the
 * champion.
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

  private final DSLContext sql;

  public ModelRegistry(Database database) {
    this.sql = database.engineSql();
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
              .set(
                  COMPATIBILITY_MODEL_VERSIONS.FEATURE_SCHEMA,
                  JSONB.valueOf("{\"features\": \"pair-v1\"}"))
              .set(COMPATIBILITY_MODEL_VERSIONS.ARTEFACT, artefact)
              .set(COMPATIBILITY_MODEL_VERSIONS.ARTEFACT_SHA256, model.sha256())
              .onConflictDoNothing()
              .execute()
          > 0;
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
      throw new CompatException(
          ExitCode.DATABASE_UNFIT,
          "No model version is champion. Run 'compat db migrate', which registers the baseline.");
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
