package social.trvl.compat.job;

import java.util.List;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Adoption;
import social.trvl.compat.db.Database;
import social.trvl.compat.db.MigrationScope;
import social.trvl.compat.db.Migrations;
import social.trvl.compat.db.Migrations.Layer;
import social.trvl.compat.model.ModelRegistry;

/**
 * Makes a database ready for the engine: all migrations, and the baseline as the first champion.
 */
public final class DatabaseSetup {

  private DatabaseSetup() {}

  /** Applies what is missing and returns the migrations that this call applied. */
  public static List<Migrations.Status> migrate(Database database) {
    return migrate(database, MigrationScope.ALL, Progress.SILENT);
  }

  /** The same within a scope; the baseline comes with the engine. */
  public static List<Migrations.Status> migrate(
      Database database, MigrationScope scope, Progress progress) {
    List<Migrations.Status> applied = new Migrations(database).migrate(scope, progress);
    if (scope.layers().contains(Layer.ENGINE)) {
      new ModelRegistry(database).registerBaseline();
    }
    return applied;
  }

  /** Adds the engine to a platform database that others have made; see {@link Adoption}. */
  public static Adoption.Result adopt(Database database, boolean dryRun, Progress progress) {
    Adoption.Result result = new Adoption(database, progress).adopt(dryRun);
    if (result.adopted()) {
      new ModelRegistry(database).registerBaseline();
    }
    return result;
  }
}
