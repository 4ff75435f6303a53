package social.trvl.compat.publish;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.UUID;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * Rows on their way into a table, in PostgreSQL's binary COPY format (documentation of COPY,
 * "Binary Format"), on the connection of the caller's transaction. They are sent as they are
 * written, so that the server takes some while others are being encoded.
 */
final class CopyRows implements AutoCloseable {

  private static final byte[] SIGNATURE = {
    'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xFF, '\r', '\n', 0
  };

  /** PostgreSQL counts time from here: 2000-01-01 UTC, in microseconds since 1970. */
  private static final long EPOCH_MICROS = 946_684_800_000_000L;

  /** Stays in the second cache, and the server is never long without work. */
  private static final int BUFFER_BYTES = 1 << 17;

  /** A uuid with its length; no other value is longer. */
  private static final int MOST_BYTES_PER_VALUE = 20;

  private static final VarHandle SHORT = view(short[].class);
  private static final VarHandle INT = view(int[].class);
  private static final VarHandle LONG = view(long[].class);

  private final CopyIn copy;
  private final byte[] bytes = new byte[BUFFER_BYTES];
  private int size;

  private CopyRows(CopyIn copy) {
    this.copy = copy;
    System.arraycopy(SIGNATURE, 0, bytes, 0, SIGNATURE.length);
    size = SIGNATURE.length;
    addInt(0);
    addInt(0);
  }

  /**
   * Begins.
   *
   * @param statement {@code copy … from stdin (format binary)}
   */
  static CopyRows begin(Connection connection, String statement) throws SQLException {
    return new CopyRows(connection.unwrap(PGConnection.class).getCopyAPI().copyIn(statement));
  }

  void beginRow(int columns) throws SQLException {
    // The last two shorts are the row's own beginning and the trailer.
    if (size + columns * MOST_BYTES_PER_VALUE + 2 * Short.BYTES > bytes.length) {
      send();
    }
    addShort(columns);
  }

  void uuid(UUID value) {
    addInt(16);
    addLong(value.getMostSignificantBits());
    addLong(value.getLeastSignificantBits());
  }

  void int8(long value) {
    addInt(8);
    addLong(value);
  }

  void int4(int value) {
    addInt(4);
    addInt(value);
  }

  void bool(boolean value) {
    addInt(1);
    bytes[size++] = (byte) (value ? 1 : 0);
  }

  void nothing() {
    addInt(-1);
  }

  void timestamp(long microsSince1970) {
    int8(microsSince1970 - EPOCH_MICROS);
  }

  /**
   * A numeric with two decimals from its hundredths, 0 or more. Numerics are digits of base 10000:
   * number of digits, weight of the first, sign, decimals shown, then the digits.
   */
  void numericOfHundredths(int hundredths) {
    int whole = hundredths / 100;
    int fraction = hundredths % 100 * 100;
    if (whole >= 10_000) {
      throw new IllegalArgumentException(
          "numeric (%d hundredths) has more than one digit of base 10000".formatted(hundredths));
    }
    int digits = fraction != 0 ? (whole != 0 ? 2 : 1) : (whole != 0 ? 1 : 0);
    addInt(8 + 2 * digits);
    addShort(digits);
    addShort(whole != 0 ? 0 : (fraction != 0 ? -1 : 0));
    addShort(0);
    addShort(2);
    if (whole != 0) {
      addShort(whole);
    }
    if (fraction != 0) {
      addShort(fraction);
    }
  }

  /**
   * Ends.
   *
   * @return rows taken by the server
   */
  long end() throws SQLException {
    addShort(-1);
    send();
    return copy.endCopy();
  }

  /** Gives up, unless it has ended. */
  @Override
  public void close() throws SQLException {
    if (copy.isActive()) {
      copy.cancelCopy();
    }
  }

  private void send() throws SQLException {
    copy.writeToCopy(bytes, 0, size);
    size = 0;
  }

  private void addShort(int value) {
    SHORT.set(bytes, size, (short) value);
    size += Short.BYTES;
  }

  private void addInt(int value) {
    INT.set(bytes, size, value);
    size += Integer.BYTES;
  }

  private void addLong(long value) {
    LONG.set(bytes, size, value);
    size += Long.BYTES;
  }

  private static VarHandle view(Class<?> array) {
    return MethodHandles.byteArrayViewVarHandle(array, ByteOrder.BIG_ENDIAN);
  }
}
