package social.trvl.compat.db;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Migrations.Layer;
import social.trvl.compat.db.Migrations.Status;

/**
 * Takes migrations back, newest first.
 *
 * <p>Each is undone in a transaction of its own together with its row in the history, so that the
 * history is true at every moment and an interrupted rollback is continued by the same command.
 */
public final class Rollback {

  /**
   * The engine rests on the platform as far as this version; rolling back to it or a later one
   * leaves the engine and its scores alone.
   */
  static final String ENGINE_FOUNDATION = "20240914_007";

  /**
   * DROP TABLE waits for every reader, and every new reader waits behind it: rather give up soon.
   */
  static final int LOCK_TIMEOUT_SECONDS = 3;

  private static final String LOCK_NOT_AVAILABLE = "55P03";
  private static final String DEPENDENTS_EXIST = "2BP01";
  private static final int SUGGESTIONS = 3;

  /**
   * What a rollback would do.
   *
   * @param target the platform's migration that stays as the newest; null for nothing at all
   * @param undone what is undone, newest first
   * @param engine whether the engine and its scores are undone
   * @param lost the tables and columns that go, with the rows and values in them
   */
  public record Plan(
      @Nullable Status target, List<Status> undone, boolean engine, List<RowCounts.Count> lost) {}

  private final Database database;
  private final Migrations migrations;
  private final Progress progress;

  public Rollback(Database database, Progress progress) {
    this.database = database;
    this.migrations = new Migrations(database);
    this.progress = progress;
  }

  /**
   * Finds out what a rollback would undo and lose; changes nothing.
   *
   * @param to the platform's migration that stays as the newest: its version ({@code
   *     20250915_011_2}), its name in the migration guide ({@code 011_create_invoice_tables}, with
   *     or without the date), or {@code 0} or {@code nothing}
   * @throws CompatException with USAGE if there is no such migration or more than one, with
   *     DATABASE_UNFIT if it is not applied, or if the database is of a newer version
   */
  public Plan plan(String to) {
    List<Status> all = migrations.status();
    migrations.refuseUnknownOrChanged(all);
    @Nullable Status target = target(all, to);
    List<Status> platform = all.stream().filter(s -> s.layer() == Layer.PLATFORM).toList();
    int kept = target == null ? 0 : platform.indexOf(target) + 1;
    boolean engineFalls =
        platform.stream().skip(kept).anyMatch(s -> s.version().equals(ENGINE_FOUNDATION));
    List<Status> undone = new ArrayList<>();
    for (Status migration : all.reversed()) {
      boolean goes =
          switch (migration.layer()) {
            case SUPABASE_SHIM -> target == null;
            case PLATFORM -> platform.indexOf(migration) >= kept;
            case ENGINE -> engineFalls;
          };
      if (goes && migration.state().equals("applied")) {
        undone.add(migration);
      }
    }
    boolean engine = undone.stream().anyMatch(s -> s.layer() == Layer.ENGINE);
    return new Plan(target, undone, engine, lost(undone));
  }

  /**
   * Undoes what the plan says.
   *
   * @param each told of every migration that was undone, after it
   * @throws CompatException with DATABASE_UNFIT if a script fails; its migration and those before
   *     it stay applied
   */
  public void run(Plan plan, Consumer<Status> each) {
    progress.begin("undoing migrations", plan.undone().size());
    int done = 0;
    try {
      for (Status migration : plan.undone()) {
        try {
          undo(migration);
        } catch (SQLException e) {
          throw failed(migration, done, plan.undone().size(), e);
        }
        done++;
        progress.advance(1);
        each.accept(migration);
      }
    } finally {
      progress.end();
    }
    if (plan.target() == null) {
      // Even with nothing left to undo: an earlier rollback may have been stopped before this.
      database.ownerSql().dropSchemaIfExists(Migrations.HISTORY_SCHEMA).cascade().execute();
    }
  }

  void undo(Status migration) throws SQLException {
    try (Connection connection = database.owner().getConnection();
        PreparedStatement history =
            // The table's name is one of three constants of this package.
            connection.prepareStatement(
                "delete from %s.%s where replace(version, '.', '_') = ? and success"
                    .formatted(Migrations.HISTORY_SCHEMA, migration.layer().historyTable()));
        Statement script = connection.createStatement()) {
      connection.setAutoCommit(false);
      try {
        limitWaiting(script);
        history.setString(1, migration.version());
        // First, so that two rollbacks at once meet here: the second waits and finds nothing.
        if (history.executeUpdate() != 1) {
          throw new CompatException(
              ExitCode.BUSY,
              "Migration %s of layer %s is no longer applied to %s: another process has undone it meanwhile. See 'compat db status'."
                  .formatted(migration.version(), migration.layer().folder(), database.label()));
        }
        script.execute(UndoScript.of(migration).sql());
        connection.commit();
      } finally {
        // After a commit there is nothing to roll back, and this does nothing.
        if (!connection.isClosed()) {
          connection.rollback();
        }
      }
    }
  }

  static void limitWaiting(Statement statement) throws SQLException {
    statement.execute("set local lock_timeout = '%ds'".formatted(LOCK_TIMEOUT_SECONDS));
  }

  private List<RowCounts.Count> lost(List<Status> undone) {
    List<UndoScript> scripts = undone.stream().map(UndoScript::of).toList();
    return new RowCounts(database, progress).of(scripts);
  }

  private CompatException failed(Status migration, int done, int all, SQLException e) {
    return new CompatException(
        exitCode(e),
        "Undoing migration %s (%s) of layer %s failed and was rolled back: %s. It stays applied, as do those before it; %d of %d were undone. %s"
            .formatted(
                migration.version(),
                migration.name(),
                migration.layer().folder(),
                reason(e),
                done,
                all,
                advice(e, "the same command")),
        e);
  }

  static ExitCode exitCode(SQLException e) {
    String state = String.valueOf(e.getSQLState());
    return state.startsWith("08") || state.startsWith("57P")
        ? ExitCode.DATABASE_UNREACHABLE
        : ExitCode.DATABASE_UNFIT;
  }

  static String advice(SQLException e, String command) {
    return switch (String.valueOf(e.getSQLState())) {
      case LOCK_NOT_AVAILABLE ->
          "Somebody is using its tables: wait for them or end their sessions (pg_stat_activity), then run %s again."
              .formatted(command);
      case DEPENDENTS_EXIST ->
          "What depends on it was not made by a migration: drop that, then run %s again."
              .formatted(command);
      default -> "Mend the cause, then run %s again.".formatted(command);
    };
  }

  /** The server's message and detail, without its hint, which may propose CASCADE. */
  static String reason(SQLException e) {
    @Nullable ServerErrorMessage server =
        e instanceof PSQLException fromServer ? fromServer.getServerErrorMessage() : null;
    String text =
        server == null
            ? String.valueOf(e.getMessage())
            : server.getMessage()
                + (server.getDetail() == null ? "" : " (" + server.getDetail() + ")");
    return text.strip().replaceAll("\\s*\\n\\s*", "; ");
  }

  private @Nullable Status target(List<Status> all, String to) {
    if (to.equals("0") || to.equals("nothing")) {
      return null;
    }
    List<Status> platform = all.stream().filter(s -> s.layer() == Layer.PLATFORM).toList();
    List<Status> named = platform.stream().filter(s -> spellings(s).contains(plain(to))).toList();
    if (named.isEmpty()) {
      throw new CompatException(
          ExitCode.USAGE,
          "There is no migration %s. The nearest: %s. 'compat db status' lists all; 0 means nothing at all."
              .formatted(to, nearest(platform, plain(to))));
    }
    if (named.size() > 1) {
      throw new CompatException(
          ExitCode.USAGE,
          "More than one migration is called %s: %s. Give the version.".formatted(to, list(named)));
    }
    Status target = named.getFirst();
    if (!target.state().equals("applied")) {
      List<Status> applied = platform.stream().filter(s -> s.state().equals("applied")).toList();
      throw new CompatException(
          ExitCode.DATABASE_UNFIT,
          "Migration %s is not applied to %s, so nothing comes after it there. %s"
              .formatted(
                  target.version(),
                  database.label(),
                  applied.isEmpty()
                      ? "No migration of the platform is."
                      : "The newest that is: %s.".formatted(list(List.of(applied.getLast())))));
    }
    return target;
  }

  private static String plain(String name) {
    return name.strip().replaceFirst("\\.sql$", "").toLowerCase(Locale.ROOT);
  }

  /** Version; the name of the guide's file, with and without its date. */
  private static List<String> spellings(Status migration) {
    String version = migration.version();
    String name = migration.name().replace(' ', '_');
    String date = version.replaceFirst("_.*", "");
    // The guide gives one number to several files; the version tells them apart by a third part.
    String number = version.substring(date.length() + 1).replaceFirst("_.*", "");
    return List.of(
        version, version + "_" + name, date + "_" + number + "_" + name, number + "_" + name);
  }

  /** Those that share most words with it, then those that need the fewest changes to become it. */
  private static String nearest(Collection<Status> platform, String to) {
    List<String> words = List.of(to.split("_", -1));
    Comparator<Status> nearness =
        Comparator.comparingLong(
                (Status s) -> -words.stream().filter(word -> words(s).contains(word)).count())
            .thenComparingInt(s ->
                spellings(s).stream()
                    .mapToInt(spelling -> distance(spelling, to))
                    .min()
                    .orElseThrow());
    return list(platform.stream().sorted(nearness).limit(SUGGESTIONS).toList());
  }

  private static List<String> words(Status migration) {
    return List.of(spellings(migration).get(1).split("_", -1));
  }

  private static String list(List<Status> migrations) {
    return migrations.stream()
        .map(s -> s.version() + "_" + s.name().replace(' ', '_'))
        .collect(Collectors.joining(", "));
  }

  /** Levenshtein's distance: insertions, deletions and replacements from one word to the other. */
  private static int distance(String one, String other) {
    int[] row = new int[other.length() + 1];
    for (int j = 0; j <= other.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= one.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= other.length(); j++) {
        int replaced = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[other.length()];
  }
}
