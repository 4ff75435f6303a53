package social.trvl.compat.publish;

import static social.trvl.compat.jooq.compat.Tables.GROUP_REQUESTS;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;
import org.postgresql.PGConnection;
import social.trvl.compat.db.Database;

/**
 * The table {@code compat.group_requests}: groups that ask to be scored again in the published run.
 */
public final class GroupRequests {

  private static final String CHANNEL = "compat_group_requests";

  private final DSLContext sql;

  public GroupRequests(Database database) {
    sql = database.engineSql();
  }

  /** Groups that wait, whoever waits longest first. */
  public List<UUID> waiting() {
    return sql.select(GROUP_REQUESTS.GROUP_ID)
        .from(GROUP_REQUESTS)
        .groupBy(GROUP_REQUESTS.GROUP_ID)
        .orderBy(DSL.min(GROUP_REQUESTS.REQUEST_ID))
        .fetch(GROUP_REQUESTS.GROUP_ID);
  }

  /**
   * Marks what is asked for now. A run that reads its inputs after this sees every change that was
   * asked for, because whoever changes something asks in the same transaction.
   */
  public void answeredBy(long runId) {
    sql.update(GROUP_REQUESTS).set(GROUP_REQUESTS.RUN_ID, runId).execute();
  }

  /** Drops what a run has answered. */
  static void settle(DSLContext inside, long runId) {
    inside.deleteFrom(GROUP_REQUESTS).where(GROUP_REQUESTS.RUN_ID.eq(runId)).execute();
  }

  /** Tells of new requests, on a connection of its own. */
  public static final class Listener implements AutoCloseable {
    private final Connection connection;

    public Listener(Database database) throws SQLException {
      connection = database.directConnection();
      try (Statement statement = connection.createStatement()) {
        statement.execute("listen " + CHANNEL);
      } catch (SQLException e) {
        connection.close();
        throw e;
      }
    }

    /**
     * Waits for a request.
     *
     * @return whether one was made, or more; false when the time is over
     * @throws SQLException if the connection is lost
     */
    public boolean await(Duration most) throws SQLException {
      return connection
              .unwrap(PGConnection.class)
              .getNotifications(Math.toIntExact(Math.max(1, most.toMillis())))
              .length
          > 0;
    }

    @Override
    public void close() throws SQLException {
      connection.close();
    }
  }
}
