package social.trvl.compat.publish;

import static social.trvl.compat.jooq.compat.Tables.GROUPS;
import static social.trvl.compat.jooq.compat.Tables.GROUP_COHESION;
import static social.trvl.compat.jooq.compat.Tables.GROUP_REQUESTS;
import static social.trvl.compat.jooq.compat.Tables.PUBLICATIONS;
import static social.trvl.compat.jooq.compat.Tables.PUBLISHED;
import static social.trvl.compat.jooq.compat.Tables.RUNS;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.db.Database;
import social.trvl.compat.model.ModelRegistry;
import social.trvl.compat.publish.Runs.Run;

/**
 * Moves the pointer that readers follow: publishing a run, and rolling back to an earlier one, or
 * to the model before with its scores.
 *
 * <p>In one transaction: the fence; the removal of people who were deleted while the run was under
 * way; the pointer; and a request for every group that was rescored on demand after the run's
 * snapshot. No lock that a reader takes is needed.
 */
public final class Publication {

  private final Database database;
  private final DSLContext sql;

  public Publication(Database database) {
    this.database = database;
    this.sql = database.engineSql();
  }

  /**
   * Publishes a complete run.
   *
   * @param claim on the nightly run; verified inside the transaction
   * @param reason for the log of publications
   */
  public void publish(long runId, String reason, Instant now, Claim claim) {
    sql.transaction(configuration -> {
      DSLContext inside = configuration.dsl();
      claim.verify(inside);
      movePointer(inside, runId, reason, now);
    });
  }

  /**
   * Makes the previous champion champion again and moves readers to the run it published last, in
   * one transaction; nothing is computed.
   *
   * @param claim on the nightly run; verified inside the transaction
   * @return the run that readers see now
   * @throws CompatException with NOT_FOUND if there is no previous champion, or none of its runs
   *     has rows any more
   */
  public long rollBackModel(String reason, Instant now, Claim claim) {
    return sql.transactionResult(configuration -> {
      DSLContext inside = configuration.dsl();
      claim.verify(inside);
      ModelRegistry.Entry champion = ModelRegistry.inside(inside).rollBack(reason);
      long runId =
          lastOf(inside, champion.id())
              .orElseThrow(() ->
                  new CompatException(
                      ExitCode.NOT_FOUND,
                      "No run of version %d (%s) has rows any more: its scores can't come back without computing. Nothing was changed. Promote it with 'compat model promote', then 'compat score run'."
                          .formatted(champion.id(), champion.label())));
      // A champion that has published nothing yet has left readers where they were.
      if (!inside.fetchExists(PUBLISHED, PUBLISHED.RUN_ID.eq(runId))) {
        movePointer(inside, runId, "roll-back to %s: %s".formatted(champion.label(), reason), now);
      }
      return runId;
    });
  }

  /** The newest run that a version published and that still has its rows. */
  static Optional<Long> lastOf(DSLContext sql, int modelVersionId) {
    return sql.select(RUNS.RUN_ID)
        .from(RUNS)
        .where(RUNS.STATE.eq("published"))
        .and(RUNS.MODEL_VERSION_ID.eq(modelVersionId))
        .orderBy(RUNS.PUBLISHED_AT.desc(), RUNS.RUN_ID.desc())
        .limit(1)
        .fetchOptional(RUNS.RUN_ID);
  }

  private static void movePointer(DSLContext inside, long runId, String reason, Instant now) {
    removeErased(inside, runId);
    @Nullable Long previous =
        inside.select(PUBLISHED.RUN_ID).from(PUBLISHED).fetchOne(PUBLISHED.RUN_ID);
    GroupRequests.settle(inside, runId);
    requestRescoredGroups(inside, previous, runId);
    inside
        .insertInto(PUBLISHED)
        .set(PUBLISHED.SINGLETON, true)
        .set(PUBLISHED.RUN_ID, runId)
        .onConflict(PUBLISHED.SINGLETON)
        .doUpdate()
        .set(PUBLISHED.RUN_ID, runId)
        .execute();
    inside
        .insertInto(PUBLICATIONS)
        .set(PUBLICATIONS.RUN_ID, runId)
        .set(PUBLICATIONS.PREVIOUS_RUN_ID, previous)
        .set(PUBLICATIONS.REASON, reason)
        .execute();
    OffsetDateTime at = now.atOffset(ZoneOffset.UTC);
    inside
        .update(RUNS)
        .set(RUNS.STATE, "published")
        .set(RUNS.PUBLISHED_AT, at)
        .set(RUNS.FINISHED_AT, DSL.coalesce(RUNS.FINISHED_AT, DSL.val(at)))
        // What interrupted the run before it was resumed is no failure of it any more.
        .setNull(RUNS.FAILURE)
        .where(RUNS.RUN_ID.eq(runId))
        .execute();
  }

  /**
   * Publishes by hand: a run that was withheld, or an earlier one (rolling back).
   *
   * @throws CompatException if the run's rows are not there to be read
   */
  public Run publishByHand(long runId, String reason, Instant now, Claim claim) {
    Run run = new Runs(database).require(runId);
    if (!List.of("withheld", "published").contains(run.state())) {
      throw new CompatException(
          ExitCode.NOT_FOUND,
          "Run %d is %s: it has no complete rows to publish. Choose a run that is published or withheld in 'compat score status'."
              .formatted(runId, run.state()));
    }
    if (run.current()) {
      throw new CompatException(
          ExitCode.USAGE,
          "Run %d is the published one already; nothing was changed.".formatted(runId));
    }
    publish(runId, reason, now, claim);
    return run;
  }

  /**
   * The deletion of a person takes the same advisory lock shared, so that one under way is waited
   * for and the next one finds the run's slices attached. Who is gone is not asked by time: a
   * deletion may begin before the run's snapshot and end after it.
   */
  private static void removeErased(DSLContext inside, long runId) {
    inside.execute("select pg_advisory_xact_lock(hashtextextended('compat.erasure', 0))");
    inside.execute(
        """
        with gone as (
          select e.user_id from compat.erasures e where not exists (select from compat.profiles p where p.id = e.user_id)),
        lists as (delete from compat.pair_scores where run_id = {0} and user_id in (select user_id from gone)),
        reasons as (delete from compat.quarantine where user_id in (select user_id from gone)),
        listings as (delete from compat.pair_scores where run_id = {0} and other_user_id in (select user_id from gone))
        delete from compat.group_scores where run_id = {0} and user_id in (select user_id from gone)
        """,
        DSL.inline(runId));
    for (String table : List.of("group_scores", "group_cohesion")) {
      inside.execute(
          "delete from {1} g where run_id = {0} and not exists (select from compat.groups p where p.id = g.group_id)",
          DSL.inline(runId), DSL.name("compat", table));
    }
  }

  /**
   * Groups rescored on demand are newer in the previous run than in this one, unless this run read
   * them later.
   */
  private static void requestRescoredGroups(
      DSLContext inside, @Nullable Long previous, long runId) {
    if (previous == null) {
      return;
    }
    // A run's own groups carry its start; another time is that of a rescoring.
    var before = RUNS.as("before");
    inside
        .insertInto(GROUP_REQUESTS, GROUP_REQUESTS.GROUP_ID, GROUP_REQUESTS.REASON)
        .select(
            DSL.select(
                    GROUP_COHESION.GROUP_ID,
                    DSL.inline("rescored after the snapshot of run " + runId))
                .from(GROUP_COHESION)
                .join(GROUPS)
                .on(GROUPS.ID.eq(GROUP_COHESION.GROUP_ID))
                .join(RUNS)
                .on(RUNS.RUN_ID.eq(runId))
                .join(before)
                .on(before.RUN_ID.eq(GROUP_COHESION.RUN_ID))
                .where(GROUP_COHESION.RUN_ID.eq(previous))
                .and(GROUP_COHESION.CALCULATED_AT.ne(before.STARTED_AT))
                .and(GROUP_COHESION.CALCULATED_AT.gt(RUNS.SNAPSHOT_AT)))
        .execute();
  }
}
