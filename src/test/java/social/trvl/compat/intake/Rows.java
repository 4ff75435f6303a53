package social.trvl.compat.intake;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import social.trvl.compat.db.Database;

/** What tests of this package ask a database, and the day on which they happen. */
final class Rows {

  static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-23T23:30:00Z"), ZoneOffset.UTC);

  private Rows() {}

  /** Each row of the answer, its columns joined by {@code |}; null is empty. */
  static List<String> of(Database database, String sql) {
    try (Connection connection = database.owner().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> all = new ArrayList<>();
      while (rows.next()) {
        List<String> cells = new ArrayList<>();
        for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
          cells.add(rows.getString(i) == null ? "" : rows.getString(i));
        }
        all.add(String.join("|", cells));
      }
      return all;
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  static long count(Database database, String table) {
    return Long.parseLong(of(database, "select count(*) from " + table).getFirst());
  }

  static void execute(Database database, String sql) {
    try (Connection connection = database.owner().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  /** The name of the database that a connection address ends in. */
  static String name(Database database) {
    return database.url().replaceAll(".*/|\\?.*", "");
  }
}
