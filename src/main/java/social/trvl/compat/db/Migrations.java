package social.trvl.compat.db;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.jooq.exception.DataAccessException;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.config.Progress;

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

  /** Whose the platform's tables are. */
  public enum Platform {
    /** There are none. */
    MISSING,
    /** Made by this program's migrations. */
    MIGRATED,
    /** Made by others, and adopted: their migrations are others' too. */
    ADOPTED,
    /** Made by others, and not adopted. */
    FOREIGN
  }

  /** How Flyway's own mark of where a history begins is described on an adopted database. */
  private static final String ADOPTED = "adopted";

  /**
   * One migration of a layer.
   *
   * @param version as in the file's name, e.g. {@code 20240914_005_2}
   * @param phase of the platform's migration guide; null for layers that it does not know
   * @param state {@code applied}, {@code pending}, {@code failed} (rolled back, and pending again),
   *     {@code changed} (the file differs from what was applied), {@code unknown} (applied by a
   *     newer version of this program) or {@code adopted} (never applied here: the platform is
   *     others')
   * @param failure why the last attempt failed; null if there was none or it succeeded
   */
  public record Status(
      Layer layer,
      String version,
      String name,
      @Nullable Phase phase,
      String state,
      @Nullable Instant appliedAt,
      @Nullable Integer checksum,
      @Nullable Failure failure) {}

  /** A phase of the platform's migration guide, e.g. 3, Payment Integration. */
  public record Phase(int number, String name) {}

  /**
   * Why and when a migration failed; it was rolled back.
   *
   * @param retry what to do next
   */
  public record Failure(Instant failedAt, String error, String retry) {}

  private final Database database;

  public Migrations(Database database) {
    this.database = database;
  }

  /** Applies everything that is pending; see the other one. */
  public List<Status> migrate() {
    return migrate(MigrationScope.ALL, Progress.SILENT);
  }

  /**
   * Applies what is pending within the scope.
   *
   * @return the migrations applied by this call, oldest first
   * @throws CompatException if the database is of a newer version, an applied migration was
   *     changed, the engine lacks the platform below it, or a migration fails
   */
  public List<Status> migrate(MigrationScope scope, Progress progress) {
    List<Status> before = status();
    refuseUnknownOrChanged(before);
    Platform platform = platform();
    if (platform == Platform.FOREIGN) {
      throw new CompatException(
          ExitCode.DATABASE_UNFIT,
          "%s has a table public.profiles that this program's migrations have not made. If it is a platform database, run 'compat db adopt --dry-run', which shows what the engine would add to it."
              .formatted(database.label()));
    }
    List<Layer> layers = new ArrayList<>(scope.layers());
    if (platform == Platform.ADOPTED) {
      layers.remove(Layer.PLATFORM);
    } else if (layers.contains(Layer.ENGINE) && !layers.contains(Layer.PLATFORM)) {
      requirePlatformForEngine(before);
    }
    List<Status> applied = new ArrayList<>();
    progress.begin("migrating", before.stream().filter(s -> isPending(s, scope)).count());
    for (Layer layer : layers) {
      migrate(layer, layer == Layer.PLATFORM ? scope.target() : null, progress);
    }
    progress.end();
    if (layers.contains(Layer.ENGINE)) {
      showHistoryToEngine();
    }
    List<Status> after = status();
    for (int i = 0; i < after.size(); i++) {
      if (!before.get(i).state().equals(after.get(i).state())) {
        applied.add(after.get(i));
      }
    }
    return applied;
  }

  private void migrate(Layer layer, @Nullable String target, Progress progress) {
    FluentConfiguration configuration = configuration(layer);
    if (target != null) {
      configuration.target(MigrationVersion.fromVersion(target));
    }
    Watch watch = new Watch(progress);
    MigrationFailures failures = new MigrationFailures(database);
    try {
      configuration.callbacks(watch).load().migrate();
      failures.settle(layer, watch.applied);
    } catch (FlywayException e) {
      progress.end();
      String error = rootMessage(e);
      try {
        failures.settle(layer, watch.applied);
        if (watch.failed != null) {
          failures.record(layer, watch.failed, error);
        }
      } catch (DataAccessException unrecorded) {
        e.addSuppressed(unrecorded);
      }
      throw new CompatException(
          ExitCode.DATABASE_UNFIT,
          "Migrating layer %s of %s failed%s and was rolled back: %s. Earlier migrations stand; mend the cause and run 'compat db migrate' again."
              .formatted(
                  layer.folder(),
                  database.label(),
                  watch.failed == null ? "" : " at " + watch.failed,
                  error),
          e);
    }
  }

  /** Counts what Flyway applies, and remembers what it fails at. */
  private static final class Watch implements Callback {
    private final List<String> applied = new ArrayList<>();
    private final Progress progress;
    private @Nullable String failed;

    Watch(Progress progress) {
      this.progress = progress;
    }

    @Override
    public boolean supports(Event event, Context context) {
      return event == Event.AFTER_EACH_MIGRATE || event == Event.AFTER_EACH_MIGRATE_ERROR;
    }

    @Override
    public boolean canHandleInTransaction(Event event, Context context) {
      return true;
    }

    @Override
    public void handle(Event event, Context context) {
      if (event == Event.AFTER_EACH_MIGRATE_ERROR) {
        failed = version(context.getMigrationInfo());
      } else {
        applied.add(version(context.getMigrationInfo()));
        progress.advance(1);
      }
    }

    @Override
    public String getCallbackName() {
      return "watch";
    }
  }

  private static boolean isPending(Status status, MigrationScope scope) {
    List<String> versions = MigrationFiles.versions(status.layer());
    boolean aboveTarget =
        status.layer() == Layer.PLATFORM
            && scope.target() != null
            && versions.indexOf(status.version()) > versions.indexOf(scope.target());
    return scope.layers().contains(status.layer())
        && !aboveTarget
        && !List.of("applied", ADOPTED).contains(status.state());
  }

  private void requirePlatformForEngine(List<Status> all) {
    String needed = MigrationScope.ENGINE_NEEDS;
    List<String> applied =
        all.stream()
            .filter(s -> s.layer() == Layer.PLATFORM && s.state().equals("applied"))
            .map(Status::version)
            .toList();
    if (!applied.contains(needed)) {
      throw new CompatException(
          ExitCode.DATABASE_UNFIT,
          "The engine needs the platform at %s or newer, and %s is at %s. Run 'compat db migrate --target %s' or 'compat db migrate'."
              .formatted(
                  needed,
                  database.label(),
                  applied.isEmpty() ? "no version of it" : applied.getLast(),
                  needed));
    }
  }

  /** So that a login that is compat_engine itself can compare versions. */
  void showHistoryToEngine() {
    database
        .ownerSql()
        .batch(
            "grant usage on schema compat_migrations to compat_engine",
            "grant select on all tables in schema compat_migrations to compat_engine")
        .execute();
  }

  /** Applies what is pending of one layer, without asking whether that is wise. */
  void apply(Layer layer) {
    configuration(layer).load().migrate();
  }

  /** Marks the platform as others', so that its migrations are never applied here. */
  void markAdopted() {
    configuration(Layer.PLATFORM).baselineDescription(ADOPTED).load().baseline();
  }

  /** The files of a layer, as resources, in order of application. */
  List<String> scripts(Layer layer) {
    return Arrays.stream(configuration(layer).load().info().all())
        .filter(info -> info.getVersion() != null && info.getChecksum() != null)
        .map(info -> "/db/" + layer.folder() + "/" + info.getScript())
        .toList();
  }

  /** All migrations that this program or the database knows, in order of application. */
  public List<Status> status() {
    List<Status> all = new ArrayList<>();
    boolean adopted = platform() == Platform.ADOPTED;
    for (Layer layer : Layer.values()) {
      try {
        Map<String, Phase> phases = MigrationFiles.phases(layer);
        Map<String, Failure> failures = new MigrationFailures(database).of(layer);
        for (MigrationInfo info : configuration(layer).load().info().all()) {
          // Version 0 is Flyway's own mark of where a history begins.
          if (info.getVersion() != null && !info.getVersion().getVersion().equals("0")) {
            all.add(
                status(
                    layer,
                    info,
                    adopted && layer == Layer.PLATFORM ? ADOPTED : "pending",
                    phases.get(version(info)),
                    failures.get(version(info))));
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
      boolean adopted = platform(connection) == Platform.ADOPTED;
      for (Layer layer : Layer.values()) {
        if (layer == Layer.PLATFORM && adopted) {
          continue;
        }
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

  /** Whose the platform's tables are, by their history. */
  public Platform platform() {
    try (Connection connection = database.owner().getConnection()) {
      return platform(connection);
    } catch (SQLException e) {
      throw new CompatException(
          ExitCode.DATABASE_UNFIT,
          "The platform's history in %s can't be read: %s. The login needs SELECT on schema %s."
              .formatted(database.label(), e.getMessage(), HISTORY_SCHEMA),
          e);
    }
  }

  private static Platform platform(Connection connection) throws SQLException {
    boolean tables;
    boolean history;
    try (PreparedStatement query =
            connection.prepareStatement(
                "select to_regclass('public.profiles') is not null, to_regclass('compat_migrations.platform') is not null");
        ResultSet row = query.executeQuery()) {
      row.next();
      tables = row.getBoolean(1);
      history = row.getBoolean(2);
    }
    if (history) {
      try (PreparedStatement query =
          connection.prepareStatement(
              "select coalesce(bool_or(type = 'BASELINE' and description = ?), false), coalesce(bool_or(type = 'SQL' and success), false) from compat_migrations.platform")) {
        query.setString(1, ADOPTED);
        try (ResultSet row = query.executeQuery()) {
          row.next();
          if (row.getBoolean(1)) {
            return Platform.ADOPTED;
          }
          if (row.getBoolean(2)) {
            return Platform.MIGRATED;
          }
        }
      }
    }
    return tables ? Platform.FOREIGN : Platform.MISSING;
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

  FluentConfiguration configuration(Layer layer) {
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
        .validateMigrationNaming(true);
  }

  private static Status status(
      Layer layer,
      MigrationInfo info,
      String notApplied,
      @Nullable Phase phase,
      @Nullable Failure failure) {
    String state =
        switch (info.getState()) {
          case SUCCESS, OUT_OF_ORDER -> info.isChecksumMatching() ? "applied" : "changed";
          case FAILED -> "failed";
          case FUTURE_SUCCESS, MISSING_SUCCESS -> "unknown";
          default -> failure == null ? notApplied : "failed";
        };
    @Nullable Instant at = info.getInstalledOn() == null ? null : info.getInstalledOn().toInstant();
    return new Status(
        layer,
        version(info),
        info.getDescription(),
        phase,
        state,
        at,
        info.getChecksum(),
        state.equals("failed") ? failure : null);
  }

  private static String version(MigrationInfo info) {
    return info.getVersion().getVersion().replace('.', '_');
  }

  static String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    List<String> lines =
        Arrays.stream(String.valueOf(root.getMessage()).split("\n")).map(String::strip).toList();
    return String.join(" ", lines.subList(0, Math.min(lines.size(), 4)));
  }
}
