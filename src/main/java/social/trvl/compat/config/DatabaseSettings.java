package social.trvl.compat.config;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the database is: a PostgreSQL 15 or newer named by a JDBC address, or the embedded one in a
 * folder.
 *
 * @param url JDBC address ({@code jdbc:postgresql://host:port/database}); null means the embedded
 *     server
 * @param user login; null leaves it to the address
 * @param password null leaves it to the address or the server's trust
 * @param dataDir folder of the embedded server
 */
public record DatabaseSettings(
    @Nullable String url, @Nullable String user, @Nullable String password, Path dataDir) {

  public static final Path DEFAULT_DATA_DIR = Path.of(".compat");

  public DatabaseSettings {
    if (url != null && !url.startsWith("jdbc:postgresql:")) {
      throw new CompatException(
          ExitCode.USAGE,
          "The database address does not start with jdbc:postgresql: (it starts with %s). Write it as jdbc:postgresql://host:5432/database."
              .formatted(url.substring(0, Math.min(url.length(), url.indexOf(':') + 1))));
    }
  }

  /** Options win over the environment ({@code COMPAT_DB_URL}, {@code _USER}, {@code _PASSWORD}). */
  public static DatabaseSettings of(
      @Nullable String url, @Nullable Path dataDir, Map<String, String> environment) {
    @Nullable String address = url != null ? url : nonBlank(environment.get("COMPAT_DB_URL"));
    if (url != null && dataDir != null) {
      throw new CompatException(
          ExitCode.USAGE,
          "--db-url and --data-dir exclude each other: the folder belongs to the embedded database. Leave one out.");
    }
    return new DatabaseSettings(
        dataDir != null ? null : address,
        nonBlank(environment.get("COMPAT_DB_USER")),
        nonBlank(environment.get("COMPAT_DB_PASSWORD")),
        dataDir != null ? dataDir : DEFAULT_DATA_DIR);
  }

  public boolean embedded() {
    return url == null;
  }

  /** Never shows the password. */
  @Override
  public String toString() {
    return embedded() ? "embedded database in " + dataDir : withoutSecrets(url);
  }

  private static String withoutSecrets(@Nullable String url) {
    return url == null ? "" : url.replaceAll("\\?.*", "");
  }

  private static @Nullable String nonBlank(@Nullable String value) {
    return value == null || value.isBlank() ? null : value;
  }
}
