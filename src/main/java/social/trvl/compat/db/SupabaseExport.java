package social.trvl.compat.db;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.db.MigrationFiles.MigrationFile;
import social.trvl.compat.db.Migrations.Layer;

/**
 * The migrations as the Supabase CLI wants them: {@code supabase/migrations/<14
 * digits>_<name>.sql}.
 *
 * <p>The digits are the guide's date and, as a time of day, its number: they stay the same in every
 * export, so that a team may export again when there are more. Each file applies in one transaction
 * and enters itself in this project's history: {@code compat db status} knows what the Supabase CLI
 * has applied, and {@code compat db migrate} does not apply it again. What Supabase supplies itself
 * is not exported, only noted as being there.
 */
public final class SupabaseExport {

  /** After the guide's last day: the engine comes after the platform. */
  private static final String ENGINE_DATE = "20250916";

  private static final String HISTORY_FILE = "20240914000000_compat_migration_history.sql";

  private static final String READABLE_BY_THE_ENGINE =
      """
      grant usage on schema compat_migrations to compat_engine;
      grant select on all tables in schema compat_migrations to compat_engine;
      """;

  private final String programVersion;

  /**
   * An export by this program.
   *
   * @param programVersion named in each file's header
   */
  public SupabaseExport(String programVersion) {
    this.programVersion = programVersion;
  }

  /**
   * Writes all files.
   *
   * @param directory the project's, in which {@code supabase/migrations} is made
   * @return the files, in order of application
   * @throws CompatException if there are migrations already, or it can't be written; then nothing
   *     is
   */
  public List<Path> write(Path directory) {
    Path migrations = directory.resolve("supabase").resolve("migrations");
    List<Path> written = new ArrayList<>();
    try {
      Files.createDirectories(migrations.getParent());
      try (Unfinished unfinished = Unfinished.folder(migrations)) {
        write(unfinished.path(), HISTORY_FILE, header("its history") + transaction(history()));
        written.add(migrations.resolve(HISTORY_FILE));
        for (Layer layer : List.of(Layer.PLATFORM, Layer.ENGINE)) {
          int rank = 1;
          for (MigrationFile file : MigrationFiles.files(layer)) {
            String name = timestamp(file) + "_" + file.name() + ".sql";
            write(unfinished.path(), name, text(file, rank++));
            written.add(migrations.resolve(name));
          }
        }
        unfinished.complete();
      }
    } catch (IOException e) {
      throw Unfinished.storage(migrations, e);
    }
    return written;
  }

  private static void write(Path folder, String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text, StandardCharsets.UTF_8);
  }

  private String header(String source) {
    return """
    -- Exported by compat %s from %s.
    -- Don't change it: 'compat db status' compares its source with what was applied.

    """
        .formatted(programVersion, source);
  }

  private static String transaction(String sql) {
    return "begin;\n\n" + sql + "\ncommit;\n";
  }

  private String text(MigrationFile file, int rank) {
    String source = "migration %s of layer %s".formatted(file.version(), file.layer().folder());
    return header(source)
        + transaction(
            file.text()
                + "\n"
                + entry(file, rank)
                + (file.layer() == Layer.ENGINE ? READABLE_BY_THE_ENGINE : ""));
  }

  private static String history() {
    StringBuilder sql = new StringBuilder("create schema compat_migrations;\n");
    for (Layer layer : Layer.values()) {
      sql.append('\n').append(historyTable(layer));
    }
    sql.append("\n-- Supabase supplies what this layer stands in for.\n");
    int rank = 1;
    for (MigrationFile file : MigrationFiles.files(Layer.SUPABASE_SHIM)) {
      sql.append(entry(file, rank++));
    }
    return sql.toString();
  }

  /** As Flyway makes it. */
  private static String historyTable(Layer layer) {
    return """
    create table compat_migrations.%1$s (
      installed_rank integer       not null constraint %1$s_pk primary key,
      version        varchar(50),
      description    varchar(200)  not null,
      type           varchar(20)   not null,
      script         varchar(1000) not null,
      checksum       integer,
      installed_by   varchar(100)  not null,
      installed_on   timestamp     not null default now(),
      execution_time integer       not null,
      success        boolean       not null
    );
    create index %1$s_s_idx on compat_migrations.%1$s (success);
    """
        .formatted(layer.historyTable());
  }

  private static String entry(MigrationFile file, int rank) {
    return """
    insert into compat_migrations.%s
      (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success)
    values (%d, '%s', '%s', 'SQL', '%s', %d, current_user, 0, true);
    """
        .formatted(
            file.layer().historyTable(),
            rank,
            file.version().replace('_', '.'),
            file.name().replace('_', ' '),
            file.fileName(),
            checksum(file.text()));
  }

  /** {@code 20240914_005_2} is 2024-09-14 at 00:05:02. */
  private static String timestamp(MigrationFile file) {
    String[] parts =
        (file.layer() == Layer.ENGINE ? ENGINE_DATE + "_" + file.version() : file.version())
            .split("_", -1);
    int number = Integer.parseInt(parts[1]);
    int part = parts.length > 2 ? Integer.parseInt(parts[2]) : 0;
    if (number > 59 || part > 59) {
      throw new IllegalStateException(
          "version %s does not fit into a time of day".formatted(file.version()));
    }
    return "%s00%02d%02d".formatted(parts[0], number, part);
  }

  /** Flyway's: CRC32 over the lines, without their ends. */
  private static int checksum(String text) {
    CRC32 crc = new CRC32();
    text.lines().forEach(line -> crc.update(line.getBytes(StandardCharsets.UTF_8)));
    return (int) crc.getValue();
  }
}
