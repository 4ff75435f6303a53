package social.trvl.compat.db;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import social.trvl.compat.config.DatabaseSettings;

/**
 * Real databases for tests: one embedded PostgreSQL for the whole test run, a fresh migrated
 * database for whoever asks, copied from a template. The login is no superuser, as on Supabase.
 */
public final class TestDatabase {

  public static final String OWNER = "test_owner";

  private static final AtomicInteger COUNT = new AtomicInteger();

  private TestDatabase() {}

  /** A new database at this program's version, open; the caller closes it. */
  public static Database migrated() {
    return open(create("template_migrated"));
  }

  /** A new database without any migration, open; the caller closes it. */
  public static Database empty() {
    return open(create("template1"));
  }

  /** Executes statements as the server's superuser, for what no login of the program may do. */
  public static void asSuperuser(String database, String sql) {
    try (Connection connection = DriverManager.getConnection(url(database, "postgres"));
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException("as superuser in " + database + ": " + sql, e);
    }
  }

  public static String url(String database, String user) {
    return "jdbc:postgresql://127.0.0.1:%d/%s?user=%s".formatted(Server.PORT, database, user);
  }

  /** An existing database at an address that may name another login; the caller closes it. */
  public static Database at(String url) {
    return Database.open(new DatabaseSettings(url, null, null, Path.of("target/unused")));
  }

  private static Database open(String database) {
    return at(url(database, OWNER));
  }

  private static synchronized String create(String template) {
    if (template.equals("template_migrated")) {
      Template.ready();
    }
    String name = "test_" + COUNT.incrementAndGet();
    asSuperuser(
        "postgres", "create database %s template %s owner %s".formatted(name, template, OWNER));
    return name;
  }

  private static final class Server {
    static final int PORT = start();

    private static int start() {
      try {
        EmbeddedPostgres server =
            EmbeddedPostgres.builder()
                .setServerConfig("timezone", "Asia/Kolkata")
                .setServerConfig("max_connections", "200")
                .start();
        try (Connection connection = server.getPostgresDatabase().getConnection();
            Statement statement = connection.createStatement()) {
          statement.execute("create role " + OWNER + " login createrole");
        }
        return server.getPort();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static final class Template {
    static {
      asSuperuser("postgres", "create database template_migrated owner " + OWNER);
      try (Database database = open("template_migrated")) {
        new Migrations(database).migrate();
      }
    }

    static void ready() {}
  }
}
