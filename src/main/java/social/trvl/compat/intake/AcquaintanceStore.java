package social.trvl.compat.intake;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Writes connections between people; a pair that has one already keeps it. */
final class AcquaintanceStore {

  private AcquaintanceStore() {}

  /** Returns how many were new. */
  static long store(Connection connection, List<Acquaintances.Connection> pairs)
      throws SQLException {
    Transaction.execute(connection, "stage_connections");
    try (CopyRows copy = new CopyRows(connection, "copy_connections")) {
      for (Acquaintances.Connection pair : pairs) {
        pair.write(copy);
      }
      copy.finish();
    }
    return Transaction.update(connection, "insert_connections");
  }
}
