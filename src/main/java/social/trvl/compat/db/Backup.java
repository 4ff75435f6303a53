package social.trvl.compat.db;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.DatabaseSettings;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.config.Progress;

/**
 * A database as one file, and back.
 *
 * <p>A database on a server is dumped and restored by PostgreSQL's own programs ({@link
 * ServerDump}), the embedded one is stopped and its folder copied ({@link ColdCopy}). Either way
 * there is a whole file or none, and a whole database or none.
 */
public final class Backup {

  private static final int MAGIC_BYTES = 5;

  private final DatabaseSettings settings;
  private final Map<String, String> environment;
  private final Progress progress;

  /**
   * For one database.
   *
   * @param environment {@code PATH}, and {@code PG_BIN}: the folder of {@code pg_dump} and {@code
   *     pg_restore}
   */
  public Backup(DatabaseSettings settings, Map<String, String> environment, Progress progress) {
    this.settings = settings;
    this.environment = Map.copyOf(environment);
    this.progress = progress;
  }

  /**
   * Writes the database into a file, which only its owner may read.
   *
   * @return its size in bytes
   * @throws CompatException if the file is there already, the embedded database is in use, no
   *     {@code pg_dump} as new as the server is found, or it fails; then there is no file
   */
  public long write(Path file) {
    try (Unfinished unfinished = Unfinished.file(file)) {
      if (settings.embedded()) {
        ColdCopy.write(settings.dataDir(), unfinished.path(), progress);
      } else {
        try (Database database = Database.open(settings)) {
          new ServerDump(database, environment, progress).write(unfinished.path());
        }
      }
      unfinished.complete();
      return Files.size(file);
    } catch (IOException e) {
      throw Unfinished.storage(file, e);
    }
  }

  /**
   * Makes an empty database, or the folder of an embedded one, what the file holds.
   *
   * @throws CompatException if the file is no backup of such a database or damaged, the database is
   *     not empty, or restoring fails; then the database is as before
   */
  public void restore(Path file) {
    String magic = magic(file);
    if (magic.startsWith("PK")) {
      if (!settings.embedded()) {
        throw new CompatException(
            ExitCode.BAD_INPUT,
            "%s is a copy of an embedded database, which no server can load. Restore it with --data-dir."
                .formatted(file));
      }
      ColdCopy.restore(file, settings.dataDir(), progress);
    } else if (magic.equals("PGDMP")) {
      if (settings.embedded()) {
        throw new CompatException(
            ExitCode.BAD_INPUT,
            "%s is a dump of a database on a server, not a copy of an embedded one. Restore it with --db-url."
                .formatted(file));
      }
      try (Database database = Database.open(settings)) {
        new ServerDump(database, environment, progress).restore(file);
      }
    } else {
      throw new CompatException(
          ExitCode.BAD_INPUT,
          "%s is no backup: it begins neither like a dump of pg_dump -Fc nor like a copy of an embedded database."
              .formatted(file));
    }
  }

  private static String magic(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(MAGIC_BYTES), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new CompatException(ExitCode.BAD_INPUT, "%s can't be read: %s".formatted(file, e), e);
    }
  }
}
