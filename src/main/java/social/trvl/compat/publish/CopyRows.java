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

  private static final int MOST_HUNDREDTHS = 10_000;

  /*
   * A numeric is its length, the number of digits of base 10000, the weight of the first, the sign,
   * the decimals shown, then the digits: two at most here, hence two longs, of which the last four
   * bytes may be for the next value to overwrite. Five of a row's eight values are such, so they
   * are looked up.
   */
  private static final long[] NUMERICS = new long[2 * (MOST_HUNDREDTHS + 1)];

  private static final byte[] NUMERIC_BYTES = new byte[MOST_HUNDREDTHS + 1];

  static {
    for (int n = 0; n <= MOST_HUNDREDTHS; n++) {
      long whole = n / 100;
      long fraction = n % 100 * 100L;
      int digits = (whole == 0 ? 0 : 1) + (fraction == 0 ? 0 : 1);
      int weight = whole == 0 && fraction != 0 ? -1 : 0;
      long first = whole == 0 ? fraction : whole;
      long second = whole == 0 ? 0 : fraction;
      NUMERICS[2 * n] = (8L + 2L * digits) << 32 | (long) digits << 16 | (weight & 0xFFFF);
      NUMERICS[2 * n + 1] = 2L << 32 | first << 16 | second;
      NUMERIC_BYTES[n] = (byte) (12 + 2 * digits);
    }
  }

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
   * A numeric with two decimals from its hundredths.
   *
   * @throws IllegalArgumentException if they are not within 0–{@value #MOST_HUNDREDTHS}
   */
  void numericOfHundredths(int hundredths) {
    if (hundredths < 0 || hundredths > MOST_HUNDREDTHS) {
      throw new IllegalArgumentException(
          "numeric (%d hundredths) is not within 0–%d".formatted(hundredths, MOST_HUNDREDTHS));
    }
    LONG.set(bytes, size, NUMERICS[2 * hundredths]);
    LONG.set(bytes, size + Long.BYTES, NUMERICS[2 * hundredths + 1]);
    size += NUMERIC_BYTES[hundredths];
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
