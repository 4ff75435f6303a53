package social.trvl.compat.publish;

import static social.trvl.compat.jooq.compat.Tables.GROUP_COHESION;
import static social.trvl.compat.jooq.compat.Tables.GROUP_REQUESTS;
import static social.trvl.compat.jooq.compat.Tables.GROUP_SCORES;
import static social.trvl.compat.jooq.compat.Tables.PUBLISHED;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;
import social.trvl.compat.db.Database;
import social.trvl.compat.score.GroupFit;

/**
 * A group that is being scored again: one transaction from the reading to the commit, during which
 * nobody else scores that group. Closing it without {@link #replace} or {@link #dismiss} leaves
 * everything as it was.
 *
 * <p>It answers the requests that were there when it began. A later one stays, whether or not what
 * it is about was seen, and is answered by another replacement.
 */
public final class GroupReplacement implements AutoCloseable {

  private final UUID groupId;
  private final Connection connection;
  private final DSLContext sql;
  private final List<Long> requests = new ArrayList<>();
  private Duration waited = Duration.ZERO;
  private long beganNanos;

  private GroupReplacement(UUID groupId, Connection connection) {
    this.groupId = groupId;
    this.connection = connection;
    sql = Database.sql(connection);
  }

  /** Waits until nobody else is at the group. */
  public static GroupReplacement begin(Database database, UUID groupId) {
    return begin(database, groupId, "select true from pg_advisory_xact_lock({0})").orElseThrow();
  }

  /** Empty if somebody else is at the group. */
  public static Optional<GroupReplacement> tryBegin(Database database, UUID groupId) {
    return begin(database, groupId, "select pg_try_advisory_xact_lock({0})");
  }

  private static Optional<GroupReplacement> begin(Database database, UUID groupId, String lock) {
    boolean begun = false;
    Connection connection = open(database, groupId);
    GroupReplacement replacement = new GroupReplacement(groupId, connection);
    try {
      begun =
          replacement
              .sql
              .fetchSingle(
                  lock, DSL.field("hashtextextended({0}, 0)", DSL.val("compat.group." + groupId)))
              .get(0, Boolean.class);
      if (begun) {
        // After the lock: who held it may have answered some.
        replacement.readRequests();
      }
      return begun ? Optional.of(replacement) : Optional.empty();
    } finally {
      if (!begun) {
        replacement.close();
      }
    }
  }

  private static Connection open(Database database, UUID groupId) {
    try {
      Connection connection = database.engine().getConnection();
      connection.setAutoCommit(false);
      return connection;
    } catch (SQLException e) {
      throw new IllegalStateException("replacing group " + groupId, e);
    }
  }

  private void readRequests() {
    beganNanos = System.nanoTime();
    for (var request :
        sql.select(
                GROUP_REQUESTS.REQUEST_ID,
                GROUP_REQUESTS.REQUESTED_AT,
                DSL.field("clock_timestamp()", OffsetDateTime.class))
            .from(GROUP_REQUESTS)
            .where(GROUP_REQUESTS.GROUP_ID.eq(groupId))
            .fetch()) {
      requests.add(request.value1());
      Duration since = Duration.between(request.value2(), request.value3());
      waited = since.compareTo(waited) > 0 ? since : waited;
    }
  }

  public UUID groupId() {
    return groupId;
  }

  /** For reading within the transaction. */
  public Connection connection() {
    return connection;
  }

  /** Whether somebody has asked for the group. */
  public boolean isRequested() {
    return !requests.isEmpty();
  }

  /** How long it is since the first request was made. */
  public Duration sinceRequest() {
    return waited.plusNanos(System.nanoTime() - beganNanos);
  }

  /**
   * Replaces the group's rows in a run, settles the requests for it, and commits.
   *
   * @return false, with nothing written, if another run was published meanwhile: the rows would be
   *     seen by nobody
   */
  public boolean replace(long runId, int modelVersionId, GroupFit fit) {
    Savepoint before = savepoint();
    sql.execute("select pg_advisory_xact_lock_shared(hashtextextended('compat.erasure', 0))");
    // A publication waits for this lock, so the pointer stays until this transaction ends.
    // The time is later than all that was read: whether a run has read less is asked of it.
    var time =
        sql.select(DSL.field("clock_timestamp()", OffsetDateTime.class))
            .from(PUBLISHED)
            .where(PUBLISHED.RUN_ID.eq(runId))
            .fetchOne();
    if (time == null) {
      // Nobody shall wait for the erasure's lock while the caller reads everybody again.
      rollback(before);
      return false;
    }
    sql.deleteFrom(GROUP_SCORES)
        .where(GROUP_SCORES.RUN_ID.eq(runId).and(GROUP_SCORES.GROUP_ID.eq(groupId)))
        .execute();
    sql.deleteFrom(GROUP_COHESION)
        .where(GROUP_COHESION.RUN_ID.eq(runId).and(GROUP_COHESION.GROUP_ID.eq(groupId)))
        .execute();
    new GroupTable(runId, modelVersionId)
        .write(connection, List.of(fit), time.value1().toInstant());
    dismiss();
    return true;
  }

  /** Settles the requests without scoring the group, and commits. */
  public void dismiss() {
    if (isRequested()) {
      sql.deleteFrom(GROUP_REQUESTS).where(GROUP_REQUESTS.REQUEST_ID.in(requests)).execute();
    }
    try {
      connection.commit();
    } catch (SQLException e) {
      throw new IllegalStateException("committing group " + groupId, e);
    }
  }

  private Savepoint savepoint() {
    try {
      return connection.setSavepoint();
    } catch (SQLException e) {
      throw new IllegalStateException("replacing group " + groupId, e);
    }
  }

  private void rollback(Savepoint before) {
    try {
      connection.rollback(before);
    } catch (SQLException e) {
      throw new IllegalStateException("replacing group " + groupId, e);
    }
  }

  @Override
  public void close() {
    try (connection) {
      connection.rollback();
    } catch (SQLException e) {
      throw new IllegalStateException("closing the transaction of group " + groupId, e);
    }
  }
}
