package social.trvl.compat.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

final class CopyRowsTest {

  @Test
  void numericOfHundredths_everyValueIsPostgresOwnEncoding() throws SQLException {
    try (Database database = TestDatabase.empty();
        Connection connection = database.directConnection();
        Statement sql = connection.createStatement()) {
      sql.execute("create temp table t (n integer, v numeric(5, 2))");
      CopyRows rows = CopyRows.begin(connection, "copy t from stdin (format binary)");
      for (int n = 0; n <= 10_000; n++) {
        rows.beginRow(2);
        rows.int4(n);
        rows.numericOfHundredths(n);
      }
      assertThat(rows.end()).isEqualTo(10_001);
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
  void end_everyTypeArrivesAsItWas() throws SQLException {
    UUID id = UUID.fromString("ff112233-4455-4677-8899-aabbccddeeff");
    Instant at = Instant.parse("1999-12-31T23:59:59.123456Z");
    try (Database database = TestDatabase.empty();
        Connection connection = database.directConnection();
        Statement sql = connection.createStatement()) {
      sql.execute(
          "create temp table t (a uuid, b bigint, c integer, d boolean, e text, f timestamptz)");
      CopyRows rows = CopyRows.begin(connection, "copy t from stdin (format binary)");
      rows.beginRow(6);
      rows.uuid(id);
      rows.int8(Long.MIN_VALUE);
      rows.int4(-2);
      rows.bool(true);
      rows.nothing();
      rows.timestamp(ChronoUnit.MICROS.between(Instant.EPOCH, at));
      assertThat(rows.end()).isEqualTo(1);
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
  void numericOfHundredths_outOfRange_isRefusedAndGivesTheCopyUp() throws SQLException {
    try (Database database = TestDatabase.empty();
        Connection connection = database.directConnection();
        Statement sql = connection.createStatement()) {
      sql.execute("create temp table t (v numeric)");
      try (CopyRows rows = CopyRows.begin(connection, "copy t from stdin (format binary)")) {
        rows.beginRow(1);
        rows.numericOfHundredths(10_000);
        rows.beginRow(1);
        assertThatThrownBy(() -> rows.numericOfHundredths(10_001))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage("numeric (10001 hundredths) is not within 0–10000");
        assertThatThrownBy(() -> rows.numericOfHundredths(-1)).hasMessageContaining("(-1");
      }
      try (ResultSet row = sql.executeQuery("select count(*) from t")) {
        row.next();
        assertThat(row.getInt(1)).isZero();
      }
    }
  }

  @Test
  void end_refusedByTheServer_leavesTheConnectionUsable() throws SQLException {
    try (Database database = TestDatabase.empty();
        Connection connection = database.directConnection();
        Statement sql = connection.createStatement()) {
      sql.execute("create temp table t (n integer check (n > 0))");
      CopyRows rows = CopyRows.begin(connection, "copy t from stdin (format binary)");
      rows.beginRow(1);
      rows.int4(0);
      assertThatThrownBy(() -> rows.end())
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("violates check constraint");
      try (ResultSet row = sql.executeQuery("select count(*) from t")) {
        row.next();
        assertThat(row.getInt(1)).isZero();
      }
    }
  }
}
