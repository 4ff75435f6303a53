package social.trvl.compat.db;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import javax.sql.DataSource;
import org.jooq.DSLContext;
import org.jooq.SQLDialect;
import org.jooq.conf.Settings;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.DatabaseSettings;
import social.trvl.compat.config.ExitCode;

/**
 * An open database: a pool for each of the two identities, opened when first used, and direct
 * connections for session locks. Closing it closes the pools and, for the last user of an embedded
 * server, that server.
 */
public final class Database implements AutoCloseable {

  /**
   * Threads of a run, its claim, and a few for the steps' own work; more would only queue at the
   * server.
   */
  private static final int POOL_SIZE = 12;

  private static final int LOGIN_TIMEOUT_SECONDS = 10;
  private static final String ENGINE_ROLE = "compat_engine";

  /** What the driver calls it, and what PostgreSQL's own programs call it. */
  private static final Map<String, String> CLIENT_VARIABLES =
      Map.of(
          "PGHOST", "PGHOST",
          "PGPORT", "PGPORT",
          "PGDBNAME", "PGDATABASE",
          "user", "PGUSER",
          "password", "PGPASSWORD",
          "sslmode", "PGSSLMODE",
          "sslrootcert", "PGSSLROOTCERT",
          "sslcert", "PGSSLCERT",
          "sslkey", "PGSSLKEY",
          "ApplicationName", "PGAPPNAME");

  private final String url;
  private final Properties credentials;
  private final String label;
  private final @Nullable EmbeddedServer server;
  private @Nullable HikariDataSource ownerPool;
  private final @Nullable OneTransaction transaction;
  private @Nullable HikariDataSource enginePool;

  private Database(
      String url, Properties credentials, String label, @Nullable EmbeddedServer server) {
    this.url = url;
    this.credentials = credentials;
    this.label = label;
    this.server = server;
    this.transaction = null;
  }

  private Database(Database same, OneTransaction transaction) {
    this.url = same.url;
    this.credentials = same.credentials;
    this.label = same.label;
    this.server = null;
    this.transaction = transaction;
  }

  /**
   * The same database, but whatever its owner does happens in the one transaction, whose end
   * decides about all of it. Needs no closing.
   */
  Database inside(OneTransaction transaction) {
    return new Database(this, transaction);
  }

  /**
   * Opens the database that the settings name, starting or joining the embedded server if they name
   * none.
   *
   * @throws CompatException if it can't be reached, is older than PostgreSQL 15, or the embedded
   *     server can't start
   */
  public static Database open(DatabaseSettings settings) {
    Properties credentials = new Properties();
    credentials.setProperty("ApplicationName", "compat");
    credentials.setProperty("loginTimeout", Integer.toString(LOGIN_TIMEOUT_SECONDS));
    credentials.setProperty("tcpKeepAlive", "true");
    credentials.setProperty("reWriteBatchedInserts", "true");
    @Nullable EmbeddedServer server = null;
    String url;
    if (settings.url() == null) {
      server = EmbeddedServer.startOrJoin(settings.dataDir());
      url = server.url();
    } else {
      url = settings.url();
      if (settings.user() != null) {
        credentials.setProperty("user", settings.user());
      }
      if (settings.password() != null) {
        credentials.setProperty("password", settings.password());
      }
    }
    Database database = new Database(url, credentials, settings.toString(), server);
    try (Connection probe = database.directConnection()) {
      requireSupportedVersion(probe);
    } catch (SQLException e) {
      database.close();
      throw unreachable(url, settings.toString(), e);
    } catch (CompatException e) {
      database.close();
      throw e;
    }
    return database;
  }

  /** As the login that was given: migrates, imports, registers. */
  public synchronized DataSource owner() {
    if (transaction != null) {
      return transaction;
    }
    if (ownerPool == null) {
      ownerPool = pool("compat-owner", null);
    }
    return ownerPool;
  }

  /**
   * As the role {@code compat_engine}, whoever logged in.
   *
   * @throws CompatException if that role does not exist or the login may not become it
   */
  public synchronized DataSource engine() {
    if (enginePool == null) {
      enginePool = pool("compat-engine", "set role " + ENGINE_ROLE);
    }
    return enginePool;
  }

  public DSLContext ownerSql() {
    return sql(owner());
  }

  public DSLContext engineSql() {
    return sql(engine());
  }

  /**
   * jOOQ over a data source or, for transactions that a framework leads, over that framework's view
   * of it.
   */
  public static DSLContext sql(DataSource source) {
    return DSL.using(source, SQLDialect.POSTGRES, new Settings().withExecuteLogging(false));
  }

  public static DSLContext sql(Connection connection) {
    return DSL.using(connection, SQLDialect.POSTGRES, new Settings().withExecuteLogging(false));
  }

  /**
   * A connection outside the pools, for a session lock that must die with the process. The caller
   * closes it.
   */
  public Connection directConnection() throws SQLException {
    return DriverManager.getConnection(url, credentials);
  }

  /**
   * The same address and login, as environment variables of PostgreSQL's own programs: there nobody
   * else can read the password.
   */
  Map<String, String> clientEnvironment() {
    @Nullable Properties parsed = Driver.parseURL(url, credentials);
    if (parsed == null) {
      throw new IllegalStateException("the driver has connected to an address that it can't read");
    }
    Map<String, String> environment = new HashMap<>();
    CLIENT_VARIABLES.forEach((property, variable) -> {
      @Nullable String value = parsed.getProperty(property);
      if (value != null) {
        environment.put(variable, value);
      }
    });
    return environment;
  }

  /** The address or folder as the user gave it, without secrets. */
  public String label() {
    return label;
  }

  public String url() {
    return url;
  }

  @Override
  public synchronized void close() {
    if (enginePool != null) {
      enginePool.close();
    }
    if (ownerPool != null) {
      ownerPool.close();
    }
    if (server != null) {
      server.close();
    }
  }

  private HikariDataSource pool(String name, @Nullable String initSql) {
    HikariConfig config = new HikariConfig();
    config.setPoolName(name);
    config.setJdbcUrl(url);
    config.setDataSourceProperties(credentials);
    config.setMaximumPoolSize(POOL_SIZE);
    config.setMinimumIdle(1);
    config.setConnectionInitSql(initSql);
    try {
      return new HikariDataSource(config);
    } catch (PoolInitializationException e) {
      if (initSql != null && e.getCause() instanceof SQLException refused) {
        throw new CompatException(
            ExitCode.DATABASE_UNFIT,
            "The login can't work as %s in %s: %s. Run 'compat db migrate', or grant that role to the login."
                .formatted(ENGINE_ROLE, label, refused.getMessage()),
            e);
      }
      throw unreachable(url, label, e);
    }
  }

  private static void requireSupportedVersion(Connection connection) throws SQLException {
    int major = connection.getMetaData().getDatabaseMajorVersion();
    if (major < 15) {
      throw new CompatException(
          ExitCode.DATABASE_UNFIT,
          "The server is PostgreSQL %d; 15 or newer is needed (views with security_invoker)."
              .formatted(major));
    }
  }

  private static CompatException unreachable(String url, String label, Exception cause) {
    Throwable root = cause;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String message = cause.getMessage() == null ? root.toString() : cause.getMessage();
    // A driver that can't read the address repeats it, with the password that may stand in it.
    boolean repeatsAddress = message.contains(url);
    return new CompatException(
        ExitCode.DATABASE_UNREACHABLE,
        "No connection to %s: %s. Check that the server runs, then --db-url or COMPAT_DB_URL, COMPAT_DB_USER and COMPAT_DB_PASSWORD."
            .formatted(label, message.replace(url, label).strip().replaceAll("\\s*\\n\\s*", " ")),
        repeatsAddress ? null : cause);
  }
}
