package social.trvl.compat.publish;

import static social.trvl.compat.jooq.compat.Tables.ERASURES;
import static social.trvl.compat.jooq.compat.Tables.GROUP_COHESION;
import static social.trvl.compat.jooq.compat.Tables.PUBLISHED;
import static social.trvl.compat.jooq.compat.Tables.RUNS;

import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.exception.DataAccessException;
import org.jooq.impl.DSL;
import social.trvl.compat.db.Database;
import social.trvl.compat.model.ModelRegistry;

/**
 * Drops the rows of runs that nobody can roll back to any more.
 *
 * <p>Dropping a partition needs an exclusive lock on the table that readers use. It is asked for
 * with NOWAIT: whoever reads, a long transaction or a pg_dump, goes first, and the rows are dropped
 * by a later run.
 */
public final class Retention {

  private static final String LOCK_NOT_AVAILABLE = "55P03";

  private final DSLContext sql;

  public Retention(Database database) {
    this.sql = database.engineSql();
  }

  /**
   * Drops all but the newest published runs and the one that a roll-back of the model returns to,
   * and what unpublished runs left.
   *
   * @param publishedRuns how many to keep, the one that readers see included
   * @return runs that were due but kept, because somebody was reading
   */
  public List<Long> apply(int publishedRuns) {
    List<Long> kept = new ArrayList<>();
    for (long runId : due(publishedRuns)) {
      try {
        sql.transaction(configuration -> {
          DSLContext inside = configuration.dsl();
          inside.execute(
              "lock table compat.pair_scores, compat.group_scores in access exclusive mode nowait");
          new RunTables(runId).drop(inside);
          inside.deleteFrom(GROUP_COHESION).where(GROUP_COHESION.RUN_ID.eq(runId)).execute();
          inside
              .update(RUNS)
              .set(
                  RUNS.STATE,
                  DSL.when(RUNS.STATE.in("published", "withheld"), "expired").otherwise(RUNS.STATE))
              .where(RUNS.RUN_ID.eq(runId))
              .execute();
        });
      } catch (DataAccessException e) {
        if (!LOCK_NOT_AVAILABLE.equals(e.sqlState())) {
          throw e;
        }
        kept.add(runId);
      }
    }
    // Every run that could have read them is older than this.
    sql.deleteFrom(ERASURES)
        .where(ERASURES.ERASED_AT.lt(DSL.field("now() - interval '7 days'", OffsetDateTime.class)))
        .execute();
    RunTables.analyze(sql);
    return kept;
  }

  private List<Long> due(int publishedRuns) {
    List<Long> keep =
        sql.select(RUNS.RUN_ID)
            .from(RUNS)
            .where(RUNS.STATE.eq("published"))
            .orderBy(RUNS.PUBLISHED_AT.desc(), RUNS.RUN_ID.desc())
            .limit(publishedRuns)
            .fetch(RUNS.RUN_ID);
    keep.addAll(sql.select(PUBLISHED.RUN_ID).from(PUBLISHED).fetch(PUBLISHED.RUN_ID));
    // What a roll-back of the model would return to.
    ModelRegistry.inside(sql)
        .previousChampion()
        .flatMap(previous -> Publication.lastOf(sql, previous.id()))
        .ifPresent(keep::add);
    // The newest withheld run may still be published by hand.
    keep.addAll(
        sql.select(RUNS.RUN_ID)
            .from(RUNS)
            .where(RUNS.STATE.eq("withheld"))
            .orderBy(RUNS.RUN_ID.desc())
            .limit(1)
            .fetch(RUNS.RUN_ID));
    return sql.select(RUNS.RUN_ID)
        .from(RUNS)
        .where(
            RUNS.STATE.in("published", "withheld", "superseded", "unchanged", "failed", "shadow"))
        .and(RUNS.RUN_ID.notIn(keep))
        .and(tablesExist())
        .orderBy(RUNS.RUN_ID)
        .fetch(RUNS.RUN_ID);
  }

  /** An interrupted run may have nothing but some slices. */
  private static Condition tablesExist() {
    return DSL.condition(
        "exists (select from pg_catalog.pg_class c where c.relnamespace = 'compat'::regnamespace and c.relkind in ('r', 'p')"
            + " and c.relname ~ ('^(pair|group)_scores_r' || {0} || '(_s[0-9]+)?$'))",
        RUNS.RUN_ID);
  }
}
