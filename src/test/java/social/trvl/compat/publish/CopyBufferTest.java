package social.trvl.compat.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import social.trvl.compat.db.Database;
import social.trvl.compat.db.TestDatabase;

final class CopyBufferTest {

  @Test
  void numericOfHundredths_everyValueIsPostgresOwnEncoding() throws SQLException, IOException {
    try (Database database = TestDatabase.empty();
        Connection connection = database.directConnection();
        Statement sql = connection.createStatement()) {
      sql.execute("create temp table t (n integer, v numeric(5, 2))");
      CopyBuffer buffer = new CopyBuffer(16);
      for (int n = 0; n <= 10_000; n++) {
        buffer.beginRow(2);
        buffer.int4(n);
        buffer.numericOfHundredths(n);
      }
      assertThat(buffer.send(connection, "copy t from stdin (format binary)")).isEqualTo(10_001);
      try (ResultSet row =
          sql.executeQuery(
              """
              select count(*), count(*) filter (where v = n / 100.0),
                     count(*) filter (where numeric_send(v) = numeric_send((n / 100.0)::numeric(5, 2))),
                     count(*) filter (where v::text = (n / 100.0)::numeric(5, 2)::text) from t
              """)) {
        row.next();
        for (int column = 1; column <= 4; column++) {
          assertThat(row.getInt(column)).isEqualTo(10_001);
        }
      }
    }
  }

  @Test
  void send_everyTypeArrivesAsItWas() throws SQLException, IOException {
    UUID id = UUID.fromString("ff112233-4455-4677-8899-aabbccddeeff");
    Instant at = Instant.parse("1999-12-31T23:59:59.123456Z");
    try (Database database = TestDatabase.empty();
        Connection connection = database.directConnection();
        Statement sql = connection.createStatement()) {
      sql.execute(
          "create temp table t (a uuid, b bigint, c integer, d boolean, e text, f timestamptz)");
      CopyBuffer buffer = new CopyBuffer(0);
      buffer.beginRow(6);
      buffer.uuid(id);
      buffer.int8(Long.MIN_VALUE);
      buffer.int4(-2);
      buffer.bool(true);
      buffer.nothing();
      buffer.timestamp(ChronoUnit.MICROS.between(Instant.EPOCH, at));
      assertThat(buffer.send(connection, "copy t from stdin (format binary)")).isEqualTo(1);
      try (ResultSet row = sql.executeQuery("select a, b, c, d, e, f at time zone 'UTC' from t")) {
        row.next();
        assertThat(row.getString(1)).isEqualTo(id.toString());
        assertThat(row.getLong(2)).isEqualTo(Long.MIN_VALUE);
        assertThat(row.getInt(3)).isEqualTo(-2);
        assertThat(row.getBoolean(4)).isTrue();
        assertThat(row.getString(5)).isNull();
        assertThat(row.getString(6)).isEqualTo("1999-12-31 23:59:59.123456");
      }
    }
  }

  @Test
  void numericOfHundredths_tooLarge_isRefused() {
    CopyBuffer buffer = new CopyBuffer(16);
    buffer.numericOfHundredths(999_999);
    assertThatThrownBy(() -> buffer.numericOfHundredths(1_000_000))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1000000 hundredths");
  }

  @Test
  void send_refusedByTheServer_leavesTheConnectionUsable() throws SQLException {
    try (Database database = TestDatabase.empty();
        Connection connection = database.directConnection();
        Statement sql = connection.createStatement()) {
      sql.execute("create temp table t (n integer check (n > 0))");
      CopyBuffer buffer = new CopyBuffer(16);
      buffer.beginRow(1);
      buffer.int4(0);
      assertThatThrownBy(() -> buffer.send(connection, "copy t from stdin (format binary)"))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("violates check constraint");
      try (ResultSet row = sql.executeQuery("select count(*) from t")) {
        row.next();
        assertThat(row.getInt(1)).isZero();
      }
    }
  }
}
