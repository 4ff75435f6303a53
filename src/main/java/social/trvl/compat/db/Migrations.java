package social.trvl.compat.db;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;

/**
 * Brings a database to this program's version, layer by layer, and tells how far it is.
 *
 * <p>What each layer is for stands in {@code src/main/resources/db}. Every migration runs in a
 * transaction of its own, so an interrupted one leaves nothing behind and the next call continues
 * with it.
 */
public final class Migrations {

  static final String HISTORY_SCHEMA = "compat_migrations";

  /** In order of application. */
  public enum Layer {
    SUPABASE_SHIM("supabase-shim", "supabase_shim"),
    PLATFORM("platform", "platform"),
    ENGINE("engine", "engine");

    private final String folder;
    private final String historyTable;

    Layer(String folder, String historyTable) {
      this.folder = folder;
      this.historyTable = historyTable;
    }

    public String folder() {
      return folder;
    }

    String historyTable() {
      return historyTable;
    }
  }

  /**
   * One migration of a layer.
   *
   * @param version as in the file's name, e.g. {@code 20240914_005_2}
   * @param state {@code applied}, {@code pending}, {@code failed}, {@code changed} (the file
   *     differs from what was applied) or {@code unknown} (applied by a newer version of this
   *     program)
   */
  public record Status(
      Layer layer,
      String version,
      String name,
      String state,
      @Nullable Instant appliedAt,
      @Nullable Integer checksum) {}

  private final Database database;

  public Migrations(Database database) {
    this.database = database;
  }

  /**
   * Applies what is pending.
   *
   * @return the migrations applied by this call, oldest first
   * @throws CompatException if the database is of a newer version, an applied migration was
   *     changed, or one fails
   */
  public List<Status> migrate() {
    List<Status> before = status();
    refuseUnknownOrChanged(before);
    List<Status> applied = new ArrayList<>();
    for (Layer layer : Layer.values()) {
      try {
        flyway(layer).migrate();
      } catch (FlywayException e) {
        throw new CompatException(
            ExitCode.DATABASE_UNFIT,
            "Migrating layer %s of %s failed and was rolled back: %s. Earlier migrations stand; mend the cause and run 'compat db migrate' again."
                .formatted(layer.folder(), database.label(), rootMessage(e)),
            e);
      }
    }
    // So that a login that is compat_engine itself can compare versions.
    database
        .ownerSql()
        .batch(
            "grant usage on schema compat_migrations to compat_engine",
            "grant select on all tables in schema compat_migrations to compat_engine")
        .execute();
    List<Status> after = status();
    for (int i = 0; i < after.size(); i++) {
      if (!before.get(i).state().equals(after.get(i).state())) {
        applied.add(after.get(i));
      }
    }
    return applied;
  }

  /** All migrations that this program or the database knows, in order of application. */
  public List<Status> status() {
    List<Status> all = new ArrayList<>();
    for (Layer layer : Layer.values()) {
      try {
        for (MigrationInfo info : flyway(layer).info().all()) {
          // Version 0 is Flyway's own mark of where a history begins.
          if (info.getVersion() != null && !info.getVersion().getVersion().equals("0")) {
            all.add(status(layer, info));
          }
        }
      } catch (FlywayException e) {
        throw new CompatException(
            ExitCode.DATABASE_UNFIT,
            "The history of layer %s in %s can't be read: %s. The login needs to own the database or schema %s."
                .formatted(layer.folder(), database.label(), rootMessage(e), HISTORY_SCHEMA),
            e);
      }
    }
    return all;
  }

  /**
   * Fails unless the database is exactly at this program's version.
   *
   * <p>Reads the history with one query, for it runs before every command; no Flyway, which would
   * cost a second.
   */
  public void requireCurrent() {
    try (Connection connection = database.owner().getConnection();
        PreparedStatement exists =
            connection.prepareStatement("select to_regclass(?) is not null")) {
      for (Layer layer : Layer.values()) {
        List<String> wanted = MigrationFiles.versions(layer);
        List<String> found = new ArrayList<>();
        exists.setString(1, HISTORY_SCHEMA + "." + layer.historyTable);
        try (ResultSet row = exists.executeQuery()) {
          if (row.next() && row.getBoolean(1)) {
            found = appliedVersions(connection, layer);
          }
        }
        List<String> missing = new ArrayList<>(wanted);
        missing.removeAll(found);
        if (!missing.isEmpty()) {
          throw new CompatException(
              ExitCode.DATABASE_UNFIT,
              "%s lacks %d migration(s) of layer %s, first %s. Run 'compat db migrate'."
                  .formatted(database.label(), missing.size(), layer.folder(), missing.getFirst()));
        }
        List<String> unknown = new ArrayList<>(found);
        unknown.removeAll(wanted);
        if (!unknown.isEmpty()) {
          throw newerVersion(layer, unknown.getFirst());
        }
      }
    } catch (SQLException e) {
      throw new CompatException(
          ExitCode.DATABASE_UNFIT,
          "The migration history in %s can't be read: %s. The login needs SELECT on schema %s."
              .formatted(database.label(), e.getMessage(), HISTORY_SCHEMA),
          e);
    }
  }

  private static List<String> appliedVersions(Connection connection, Layer layer)
      throws SQLException {
    // The table's name is one of three constants of this class.
    try (PreparedStatement query =
            connection.prepareStatement(
                "select version from %s.%s where success and type = 'SQL'"
                    .formatted(HISTORY_SCHEMA, layer.historyTable));
        ResultSet rows = query.executeQuery()) {
      List<String> versions = new ArrayList<>();
      while (rows.next()) {
        versions.add(rows.getString(1).replace('.', '_'));
      }
      return versions;
    }
  }

  void refuseUnknownOrChanged(List<Status> all) {
    for (Status status : all) {
      if (status.state().equals("unknown")) {
        throw newerVersion(status.layer(), status.version());
      }
      if (status.state().equals("changed")) {
        throw new CompatException(
            ExitCode.DATABASE_UNFIT,
            "Migration %s of layer %s was applied to %s with another content than this program has. Use the program that applied it, or restore the file."
                .formatted(status.version(), status.layer().folder(), database.label()));
      }
    }
  }

  private CompatException newerVersion(Layer layer, String version) {
    return new CompatException(
        ExitCode.DATABASE_UNFIT,
        "%s is of a newer version: it has migration %s of layer %s, which this program does not know. Update the program."
            .formatted(database.label(), version, layer.folder()));
  }

  Flyway flyway(Layer layer) {
    return Flyway.configure()
        .dataSource(database.owner())
        .locations("classpath:db/" + layer.folder)
        .defaultSchema(HISTORY_SCHEMA)
        .schemas(HISTORY_SCHEMA)
        .createSchemas(true)
        .table(layer.historyTable)
        // The three histories share a schema that is not empty when the second one starts.
        .baselineOnMigrate(true)
        .baselineVersion("0")
        .placeholderReplacement(false)
        .validateMigrationNaming(true)
        .load();
  }

  private static Status status(Layer layer, MigrationInfo info) {
    String state =
        switch (info.getState()) {
          case SUCCESS, OUT_OF_ORDER -> info.isChecksumMatching() ? "applied" : "changed";
          case FAILED -> "failed";
          case FUTURE_SUCCESS, MISSING_SUCCESS -> "unknown";
          default -> "pending";
        };
    @Nullable Instant at = info.getInstalledOn() == null ? null : info.getInstalledOn().toInstant();
    return new Status(
        layer,
        info.getVersion().getVersion().replace('.', '_'),
        info.getDescription(),
        state,
        at,
        info.getChecksum());
  }

  private static String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    List<String> lines =
        Arrays.stream(String.valueOf(root.getMessage()).split("\n")).map(String::strip).toList();
    return String.join(" ", lines.subList(0, Math.min(lines.size(), 4)));
  }
}
