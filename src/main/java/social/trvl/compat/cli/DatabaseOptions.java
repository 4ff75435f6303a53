package social.trvl.compat.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import social.trvl.compat.config.DatabaseSettings;
import social.trvl.compat.db.Database;
import social.trvl.compat.db.Migrations;

/** The options that name a database, shared by all commands that need one. */
final class DatabaseOptions {

  @Option(
      names = "--db-url",
      paramLabel = "URL",
      description =
          "JDBC address of a PostgreSQL 15 or newer; user and password from COMPAT_DB_USER and COMPAT_DB_PASSWORD.")
  private @Nullable String url;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Folder of the embedded database (default: .compat).")
  private @Nullable Path dataDir;

  /** Where it is, before anything is opened. */
  DatabaseSettings settings() {
    return DatabaseSettings.of(url, dataDir, System.getenv());
  }

  /** Opens it, whatever its version. */
  Database open() {
    return Database.open(settings());
  }

  /** Opens it and makes sure that it is at this program's version. */
  Database openCurrent() {
    Database database = open();
    try {
      new Migrations(database).requireCurrent();
      return database;
    } catch (RuntimeException e) {
      database.close();
      throw e;
    }
  }
}
