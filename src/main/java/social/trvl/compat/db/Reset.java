package social.trvl.compat.db;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jooq.impl.DSL;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Migrations.Layer;
import social.trvl.compat.db.Migrations.Status;

/**
 * Empties a database of everything that the migrations made and of everything in schema public,
 * whoever made it, in one transaction.
 *
 * <p>What belongs to a real Supabase (schemas auth and storage, accounts, buckets, files) stays,
 * and so do roles, which belong to the cluster.
 */
public final class Reset {

  private static final String SCRIPT = "/db/undo/reset.sql";

  private final Database database;
  private final Progress progress;

  public Reset(Database database, Progress progress) {
    this.database = database;
    this.progress = progress;
  }

  /** The name that has to be typed before rows are deleted. */
  public String databaseName() {
    return database
        .ownerSql()
        .select(DSL.field("current_database()", String.class))
        .fetchSingle()
        .value1();
  }

  /** The tables that go, with their rows. */
  public List<RowCounts.Count> lost() {
    return new RowCounts(database, progress).ofEverything();
  }

  /**
   * Deletes everything.
   *
   * @return what hindered single undo scripts, in words; their objects went by CASCADE
   * @throws CompatException with DATABASE_UNFIT if the login may not drop something, or if a table
   *     is in use; nothing is changed then
   */
  public List<String> run() {
    List<Status> applied =
        new Migrations(database)
            .status().reversed().stream().filter(s -> s.state().equals("applied")).toList();
    progress.begin("undoing migrations", applied.size() + 1L);
    try (Connection connection = database.owner().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      try {
        Rollback.limitWaiting(statement);
        // First the scripts, which know what they made outside of our schemas; then the schemas,
        // with what was built upon them; last the stand-in for Supabase, on which all that stood.
        List<String> hindrances = new ArrayList<>();
        for (Status migration : applied) {
          if (migration.layer() == Layer.SUPABASE_SHIM) {
            continue;
          }
          Savepoint before = connection.setSavepoint();
          try {
            statement.execute(UndoScript.of(migration).sql());
          } catch (SQLException e) {
            connection.rollback(before);
            hindrances.add(
                "%s %s: %s"
                    .formatted(
                        migration.layer().folder(), migration.version(), Rollback.reason(e)));
          }
          progress.advance(1);
        }
        statement.execute(script());
        progress.advance(1);
        for (Status migration : applied) {
          if (migration.layer() == Layer.SUPABASE_SHIM) {
            statement.execute(UndoScript.of(migration).sql());
            progress.advance(1);
          }
        }
        connection.commit();
        return hindrances;
      } finally {
        if (!connection.isClosed()) {
          connection.rollback();
        }
      }
    } catch (SQLException e) {
      throw new CompatException(
          Rollback.exitCode(e),
          "The reset of %s failed and was rolled back, nothing is changed: %s. %s"
              .formatted(
                  database.label(), Rollback.reason(e), Rollback.advice(e, "'compat db reset'")),
          e);
    } finally {
      progress.end();
    }
  }

  private static String script() {
    try (InputStream in = Reset.class.getResourceAsStream(SCRIPT)) {
      if (in == null) {
        throw new IllegalStateException("resource " + SCRIPT + " is missing from the program");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("resource " + SCRIPT + " can't be read", e);
    }
  }
}
