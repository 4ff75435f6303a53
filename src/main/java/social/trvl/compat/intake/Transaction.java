package social.trvl.compat.intake;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.db.Database;

/** One unit of work: all of it or nothing. */
final class Transaction {

  private Transaction() {}

  /** Work over a connection whose transaction somebody else ends. */
  @FunctionalInterface
  interface Work<T> {
    T run(Connection connection) throws SQLException;
  }

  /**
   * Runs the work as the owner and commits; rolls back on any failure.
   *
   * @param task what is being done, for the message
   * @throws CompatException if the database ended the work
   */
  static <T> T run(Database database, String task, Work<T> work) {
    try (Connection connection = database.owner().getConnection()) {
      connection.setAutoCommit(false);
      try {
        T result = work.run(connection);
        connection.commit();
        return result;
      } catch (SQLException | RuntimeException e) {
        rollBack(connection, e);
        throw e;
      }
    } catch (SQLException e) {
      throw explain(database, task, e);
    }
  }

  private static void rollBack(Connection connection, Exception cause) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      // A server that is gone has rolled back by itself; the cause says so already.
      cause.addSuppressed(e);
    }
  }

  static void execute(Connection connection, String name) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(Sql.named(name));
    }
  }

  static int update(Connection connection, String name) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return statement.executeUpdate(Sql.named(name));
    }
  }

  static long count(Connection connection, String name) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(Sql.named(name));
        ResultSet row = query.executeQuery()) {
      return row.next() ? row.getLong(1) : 0;
    }
  }

  static boolean holds(Connection connection, String name) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(Sql.named(name));
        ResultSet row = query.executeQuery()) {
      return row.next() && row.getBoolean(1);
    }
  }

  private static CompatException explain(Database database, String task, SQLException e) {
    String state = e.getSQLState() == null ? "" : e.getSQLState();
    String reason = String.valueOf(e.getMessage()).strip().replaceAll("\\s*\\n\\s*", " ");
    ExitCode code;
    String advice;
    if (state.startsWith("08") || state.startsWith("57P")) {
      code = ExitCode.DATABASE_UNREACHABLE;
      advice = "Check that the server runs, then run the command again.";
    } else if (state.startsWith("53")) {
      code = ExitCode.STORAGE;
      advice = "Free space or connections at the server, then run the command again.";
    } else {
      code = ExitCode.DATABASE_UNFIT;
      advice = "Maybe the login lacks a permission, or 'compat db migrate' was not run.";
    }
    return new CompatException(
        code,
        "%s in %s was rolled back, state %s: %s. %s"
            .formatted(task, database.label(), state, reason, advice),
        e);
  }
}
