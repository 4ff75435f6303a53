package social.trvl.compat.publish;

import static social.trvl.compat.jooq.compat.Tables.CLAIMS;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.db.Database;

/**
 * The right to run a job, held by one process on any machine.
 *
 * <p>A session advisory lock on a connection of its own dies with the process; it decides who may
 * start. The epoch in {@code compat.claims} decides who may write: it grows with each claim, and
 * {@link #verify} compares it inside the writer's own transaction.
 */
public final class Claim implements AutoCloseable {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'");

  private final Connection session;
  private final String job;
  private final long epoch;

  private Claim(Connection session, String job, long epoch) {
    this.session = session;
    this.job = job;
    this.epoch = epoch;
  }

  /**
   * Claims a job.
   *
   * @throws CompatException with BUSY, naming the holder, if another process has it
   */
  public static Claim acquire(Database database, String job) {
    Connection session;
    try {
      session = database.directConnection();
    } catch (SQLException e) {
      throw new CompatException(
          ExitCode.DATABASE_UNREACHABLE,
          "No connection for the claim on %s: %s".formatted(job, e.getMessage()),
          e);
    }
    boolean claimed = false;
    try {
      DSLContext sql = Database.sql(session);
      sql.execute("set role compat_engine");
      boolean locked =
          Boolean.TRUE.equals(
              sql.select(
                      DSL.field(
                          "pg_try_advisory_lock(hashtextextended({0}, 0))",
                          Boolean.class, DSL.val("compat.job." + job)))
                  .fetchSingle()
                  .value1());
      if (!locked) {
        throw busy(sql, job);
      }
      long epoch =
          sql.insertInto(CLAIMS)
              .set(CLAIMS.JOB, job)
              .set(CLAIMS.EPOCH, 1L)
              .set(CLAIMS.HOLDER, holder())
              .set(CLAIMS.SINCE, DSL.field("clock_timestamp()", OffsetDateTime.class))
              .onConflict(CLAIMS.JOB)
              .doUpdate()
              .set(CLAIMS.EPOCH, CLAIMS.EPOCH.plus(1))
              .set(CLAIMS.HOLDER, holder())
              .setNull(CLAIMS.RUN_ID)
              .set(CLAIMS.SINCE, DSL.field("clock_timestamp()", OffsetDateTime.class))
              .returningResult(CLAIMS.EPOCH)
              .fetchSingle()
              .value1();
      claimed = true;
      return new Claim(session, job, epoch);
    } finally {
      if (!claimed) {
        closeSession(session);
      }
    }
  }

  /**
   * The same where the engine may be missing: then its jobs are too, and nothing is to be claimed.
   */
  public static Optional<Claim> acquireIfInstalled(Database database, String job) {
    boolean installed =
        database
            .ownerSql()
            .select(DSL.field("to_regclass('compat.claims') is not null", Boolean.class))
            .fetchSingle()
            .value1();
    return installed ? Optional.of(acquire(database, job)) : Optional.empty();
  }

  /**
   * Whether any process holds the claim on a job now; looks only, so that it is in nobody's way.
   */
  public static boolean isHeld(Database database, String job) {
    return database
        .engineSql()
        .fetchExists(
            DSL.selectOne()
                .from("pg_catalog.pg_locks")
                .where("locktype = 'advisory' and granted and objsubid = 1")
                .and(
                    "database = (select oid from pg_catalog.pg_database where datname = current_database())")
                .and(
                    "(classid::bigint << 32) | objid::bigint = hashtextextended({0}, 0)",
                    DSL.val("compat.job." + job)));
  }

  /** Names the run that the claim is for, so that others are told. */
  public void names(long runId) {
    Database.sql(session)
        .update(CLAIMS)
        .set(CLAIMS.RUN_ID, runId)
        .where(CLAIMS.JOB.eq(job).and(CLAIMS.EPOCH.eq(epoch)))
        .execute();
  }

  /**
   * Makes sure, inside a writer's transaction, that the claim is still held; a later claim waits
   * for that transaction.
   *
   * @throws CompatException with BUSY if another process has claimed the job since
   */
  public void verify(DSLContext transaction) {
    @Nullable Record row =
        transaction
            .select(CLAIMS.EPOCH, CLAIMS.HOLDER)
            .from(CLAIMS)
            .where(CLAIMS.JOB.eq(job))
            .forShare()
            .fetchOne();
    if (row == null || row.get(CLAIMS.EPOCH) != epoch) {
      throw new CompatException(
          ExitCode.BUSY,
          "This process lost its claim on %s (epoch %d) to %s: nothing more was written. Its run goes on there."
              .formatted(job, epoch, row == null ? "nobody" : row.get(CLAIMS.HOLDER)));
    }
  }

  /** The same on the connection of a transaction. */
  public void verify(Connection transaction) {
    verify(Database.sql(transaction));
  }

  @Override
  public void close() {
    // Closing the session releases the lock.
    closeSession(session);
  }

  private static CompatException busy(DSLContext sql, String job) {
    @Nullable Record row =
        sql.select(CLAIMS.HOLDER, CLAIMS.SINCE, CLAIMS.RUN_ID)
            .from(CLAIMS)
            .where(CLAIMS.JOB.eq(job))
            .fetchOne();
    String who =
        row == null
            ? "another process"
            : "%s since %s%s"
                .formatted(
                    row.get(CLAIMS.HOLDER),
                    TIME.format(row.get(CLAIMS.SINCE).withOffsetSameInstant(ZoneOffset.UTC)),
                    row.get(CLAIMS.RUN_ID) == null ? "" : " for run " + row.get(CLAIMS.RUN_ID));
    return new CompatException(
        ExitCode.BUSY,
        "The job %s is claimed by %s. Wait for it ('compat score status') or stop that process; its run is then resumed."
            .formatted(job, who));
  }

  private static String holder() {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      host = "unknown host";
    }
    return "process %d on %s".formatted(ProcessHandle.current().pid(), host);
  }

  private static void closeSession(Connection session) {
    try {
      session.close();
    } catch (SQLException e) {
      throw new IllegalStateException("closing the claim's session", e);
    }
  }
}
