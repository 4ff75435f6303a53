package social.trvl.compat.publish;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.UUID;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * Rows in PostgreSQL's binary COPY format (documentation of COPY, "Binary Format"), collected in
 * memory and sent on the connection of the caller's transaction.
 */
final class CopyBuffer {

  private static final byte[] SIGNATURE = {
    'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xFF, '\r', '\n', 0
  };

  /** PostgreSQL counts time from here: 2000-01-01 UTC, in microseconds since 1970. */
  private static final long EPOCH_MICROS = 946_684_800_000_000L;

  private byte[] bytes;
  private int size;

  CopyBuffer(int expectedBytes) {
    bytes = new byte[Math.max(64, expectedBytes)];
    System.arraycopy(SIGNATURE, 0, bytes, 0, SIGNATURE.length);
    size = SIGNATURE.length;
    addInt(0);
    addInt(0);
  }

  void beginRow(int columns) {
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
    room(1);
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
   * Sends the rows.
   *
   * @param statement {@code copy … from stdin (format binary)}
   * @return rows taken by the server
   */
  long send(Connection connection, String statement) throws SQLException, IOException {
    addShort(-1);
    CopyIn copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn(statement);
    try {
      copy.writeToCopy(bytes, 0, size);
      return copy.endCopy();
    } finally {
      if (copy.isActive()) {
        copy.cancelCopy();
      }
    }
  }

  private void addShort(int value) {
    room(2);
    bytes[size++] = (byte) (value >> 8);
    bytes[size++] = (byte) value;
  }

  private void addInt(int value) {
    room(4);
    for (int shift = 24; shift >= 0; shift -= 8) {
      bytes[size++] = (byte) (value >> shift);
    }
  }

  private void addLong(long value) {
    room(8);
    for (int shift = 56; shift >= 0; shift -= 8) {
      bytes[size++] = (byte) (value >> shift);
    }
  }

  private void room(int more) {
    if (size + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.addExact(bytes.length, Math.max(bytes.length >> 1, more)));
    }
  }
}
