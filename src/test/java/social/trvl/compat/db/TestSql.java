package social.trvl.compat.db;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One plain connection for a test's own statements: as the migrating login, or as another role. */
public final class TestSql implements AutoCloseable {

  private final Connection connection;

  private TestSql(Connection connection) {
    this.connection = connection;
  }

  /** As the login that owns the database. */
  public static TestSql of(Database database) {
    try {
      return new TestSql(database.directConnection());
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  public static TestSql superuser(Database database) {
    try {
      String url = TestDatabase.url(name(database), "postgres");
      return new TestSql(DriverManager.getConnection(url));
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  public static String name(Database database) {
    return database.url().replaceAll(".*/(\\w+)\\?.*", "$1");
  }

  /** From now on every statement runs as this role. */
  public TestSql as(String role) {
    run("set role " + role);
    return this;
  }

  /** From now on every statement runs as this person signed in through the API. */
  public TestSql signedIn(UUID person) {
    run("select set_config('request.jwt.claims', '{\"sub\": \"%s\"}', false)".formatted(person));
    return as("authenticated");
  }

  /** From now on, until the transaction ends, requests carry a token of this role and person. */
  TestSql claims(String role, @Nullable UUID person) {
    String sub = person == null ? "" : ", \"sub\": \"%s\"".formatted(person);
    return run(
        "select set_config('request.jwt.claims', '{\"role\": \"%s\"%s}', true)"
            .formatted(role, sub));
  }

  public TestSql run(String... statements) {
    for (String sql : statements) {
      try (Statement statement = connection.createStatement()) {
        statement.execute(sql);
      } catch (SQLException e) {
        throw new Refused(sql, e);
      }
    }
    return this;
  }

  /** Runs one statement and counts the rows it touched. */
  int update(String sql) {
    try (Statement statement = connection.createStatement()) {
      return statement.executeUpdate(sql);
    } catch (SQLException e) {
      throw new Refused(sql, e);
    }
  }

  /** All rows, each in a record whose components have the order of the columns. */
  <T> List<T> rows(String query, Class<T> type) {
    return Database.sql(connection).fetch(query).into(type);
  }

  /** First column of all rows, as text. */
  public List<String> column(String query) {
    try (PreparedStatement statement = connection.prepareStatement(query);
        ResultSet rows = statement.executeQuery()) {
      List<String> values = new ArrayList<>();
      while (rows.next()) {
        values.add(String.valueOf(rows.getString(1)));
      }
      return values;
    } catch (SQLException e) {
      throw new Refused(query, e);
    }
  }

  /** First column of the only row. */
  public String value(String query) {
    List<String> values = column(query);
    if (values.size() != 1) {
      throw new IllegalStateException("%d rows of %s".formatted(values.size(), query));
    }
    return values.getFirst();
  }

  /** A traveller of 1990 with a complete assessment. */
  public TestSql person(UUID id) {
    return account(id)
        .run(
            """
            insert into public.personality_assessments
              (user_id, openness, conscientiousness, extraversion, agreeableness, neuroticism)
            values ('%s', 0.5, 0.6, 0.07, 1, 0)
            """
                .formatted(id));
  }

  /** A traveller of 1990 without an assessment; the account's trigger makes the profile. */
  public TestSql account(UUID id) {
    return run(
        "insert into auth.users (id) values ('%s')".formatted(id),
        "update public.profiles set date_of_birth = '1990-06-15' where id = '%s'".formatted(id));
  }

  public TestSql block(UUID one, UUID other) {
    return run(
        "insert into public.user_connections (requester_id, addressee_id, status) values ('%s', '%s', 'blocked')"
            .formatted(one, other));
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The database's refusal, with its code. */
  public static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String state;

    Refused(String sql, SQLException cause) {
      super(cause.getMessage() + " in: " + sql, cause);
      state = cause.getSQLState();
    }

    public boolean forLackOfPermission() {
      return state.equals("42501");
    }

    boolean forAnInvalidValue() {
      return state.startsWith("22");
    }

    boolean forABrokenConstraint() {
      return state.startsWith("23");
    }
  }
}
