package social.trvl.compat.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.db.Database;
import social.trvl.compat.db.MigrationScope;
import social.trvl.compat.db.Migrations;
import social.trvl.compat.db.Migrations.Layer;
import social.trvl.compat.job.DatabaseSetup;

/** {@code compat db migrate}: brings a database forward. */
@Command(
    name = "migrate",
    description = "Applies the migrations that are missing; an up-to-date database stays as it is.",
    mixinStandardHelpOptions = true)
final class DbMigrateCommand implements Callable<Integer> {

  /** The layers that a user chooses from. */
  enum Part {
    PLATFORM(Layer.PLATFORM),
    ENGINE(Layer.ENGINE);

    private final Layer layer;

    Part(Layer layer) {
      this.layer = layer;
    }
  }

  @Spec private CommandSpec spec;
  @Mixin private DatabaseOptions options;

  @Option(
      names = "--only",
      paramLabel = "platform|engine",
      description =
          "Only the platform (with what Supabase supplies, where that is missing), or only the engine (needs the platform at "
              + MigrationScope.ENGINE_NEEDS
              + " or newer).")
  private @Nullable Part only;

  @Option(
      names = "--target",
      paramLabel = "VERSION",
      description =
          "The platform's last migration, inclusive: a version such as 20240914_004, or the guide's file name. Below "
              + MigrationScope.ENGINE_NEEDS
              + " the engine is left out.")
  private @Nullable String target;

  @Option(names = "--json", description = "Prints the applied migrations as JSON.")
  private boolean json;

  @Override
  public Integer call() {
    MigrationScope scope = MigrationScope.of(only == null ? null : only.layer, target);
    try (Database database = options.open()) {
      List<Migrations.Status> applied =
          DatabaseSetup.migrate(database, scope, TerminalProgress.ofThisTerminal());
      List<Migrations.Status> pending =
          new Migrations(database)
              .status().stream().filter(s -> !s.state().equals("applied")).toList();
      Output out = new Output(spec);
      if (json) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("database", database.label());
        result.put("applied", applied);
        result.put("pending", pending);
        out.json(result);
      } else {
        print(out, database.label(), scope, applied.size(), pending);
      }
    }
    return ExitCode.OK.number();
  }

  private void print(
      Output out,
      String database,
      MigrationScope scope,
      int applied,
      List<Migrations.Status> pending) {
    if (pending.isEmpty()) {
      out.line("%s: %d migration(s) applied, all up to date.", database, applied);
      return;
    }
    out.line(
        "%s: %d migration(s) applied; %d pending, first %s of layer %s.",
        database,
        applied,
        pending.size(),
        pending.getFirst().version(),
        pending.getFirst().layer().folder());
    if (only == null && !scope.layers().contains(Layer.ENGINE)) {
      out.line(
          "The engine layer was left out: it needs the platform at %s or newer.",
          MigrationScope.ENGINE_NEEDS);
    }
    out.line("Scoring needs all of them: 'compat db migrate'.");
  }
}
