package social.trvl.compat.intake;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * Rows on their way into a table by COPY in PostgreSQL's text format. Cells are added from left to
 * right; {@link #endRow} ends the line, {@link #finish} the COPY. Closed before that, it cancels.
 */
final class CopyRows implements AutoCloseable {

  /** Large enough that the cost of a message does not matter, small enough for the cache. */
  private static final int FLUSH_CHARS = 1 << 16;

  private final CopyIn copy;
  private final StringBuilder buffer = new StringBuilder(FLUSH_CHARS + 4096);
  private boolean rowStarted;

  CopyRows(Connection connection, String statement) throws SQLException {
    copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn(Sql.named(statement));
  }

  CopyRows add(@Nullable String value) {
    if (rowStarted) {
      buffer.append('\t');
    }
    rowStarted = true;
    if (value == null) {
      buffer.append("\\N");
    } else {
      escape(value);
    }
    return this;
  }

  CopyRows add(@Nullable UUID value) {
    return add(value == null ? null : value.toString());
  }

  CopyRows add(@Nullable Integer value) {
    return add(value == null ? null : value.toString());
  }

  CopyRows add(@Nullable LocalDate value) {
    return add(value == null ? null : value.toString());
  }

  CopyRows add(boolean value) {
    return add(value ? "t" : "f");
  }

  /** A number of hundredths as a decimal, e.g. 57 as 0.57. */
  CopyRows addHundredths(@Nullable Integer value) {
    return add(value == null ? null : BigDecimal.valueOf(value, 2).toPlainString());
  }

  /** An array; an empty list is null, for it means that nothing was said. */
  CopyRows add(List<String> values) {
    if (values.isEmpty()) {
      return add((String) null);
    }
    StringBuilder array = new StringBuilder("{");
    for (String value : values) {
      array
          .append(array.length() == 1 ? "\"" : ",\"")
          .append(value.replace("\\", "\\\\").replace("\"", "\\\""))
          .append('"');
    }
    return add(array.append('}').toString());
  }

  void endRow() throws SQLException {
    buffer.append('\n');
    rowStarted = false;
    if (buffer.length() >= FLUSH_CHARS) {
      flush();
    }
  }

  void finish() throws SQLException {
    flush();
    copy.endCopy();
  }

  @Override
  public void close() throws SQLException {
    if (copy.isActive()) {
      copy.cancelCopy();
    }
  }

  private void flush() throws SQLException {
    byte[] bytes = buffer.toString().getBytes(StandardCharsets.UTF_8);
    copy.writeToCopy(bytes, 0, bytes.length);
    buffer.setLength(0);
  }

  private void escape(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '\\' -> buffer.append("\\\\");
        case '\t' -> buffer.append("\\t");
        case '\n' -> buffer.append("\\n");
        case '\r' -> buffer.append("\\r");
        default -> buffer.append(c);
      }
    }
  }
}
