package social.trvl.compat.cli;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.db.Database;
import social.trvl.compat.db.Migrations;
import social.trvl.compat.job.DatabaseSetup;

/** {@code compat db}: the database and its migrations. */
@Command(
    name = "db",
    description = "Migrates, checks and serves the database.",
    mixinStandardHelpOptions = true,
    subcommands = {
      DbCommand.Migrate.class,
      DbAdoptCommand.class,
      DbCommand.StatusOf.class,
      DbVerifyCommand.class,
      DbCommand.Serve.class
    })
final class DbCommand {

  @Command(
      name = "migrate",
      description =
          "Applies the migrations that are missing; an up-to-date database stays as it is.",
      mixinStandardHelpOptions = true)
  static final class Migrate implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private DatabaseOptions options;

    @Option(names = "--json", description = "Prints the applied migrations as JSON.")
    private boolean json;

    @Override
    public Integer call() {
      try (Database database = options.open()) {
        List<Migrations.Status> applied = DatabaseSetup.migrate(database);
        Output out = new Output(spec);
        if (json) {
          out.json(Map.of("database", database.label(), "applied", applied));
        } else {
          out.line(
              "%s: %d migration(s) applied, all up to date.", database.label(), applied.size());
        }
      }
      return ExitCode.OK.number();
    }
  }

  @Command(
      name = "status",
      description = "Lists every migration: layer, version, name, state, when it was applied.",
      mixinStandardHelpOptions = true)
  static final class StatusOf implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private DatabaseOptions options;

    @Option(names = "--json", description = "Prints JSON.")
    private boolean json;

    @Override
    public Integer call() {
      try (Database database = options.open()) {
        List<Migrations.Status> all = new Migrations(database).status();
        Output out = new Output(spec);
        if (json) {
          out.json(all);
        } else {
          out.line("%s", database.label());
          out.table(
              List.of("LAYER", "VERSION", "NAME", "STATE", "APPLIED"),
              all.stream()
                  .map(s ->
                      List.of(
                          s.layer().folder(),
                          s.version(),
                          s.name(),
                          s.state(),
                          s.appliedAt() == null ? "" : s.appliedAt().toString()))
                  .toList());
        }
      }
      return ExitCode.OK.number();
    }
  }

  @Command(
      name = "serve",
      description =
          "Keeps the embedded database running until Ctrl-C, for psql and other programs.",
      mixinStandardHelpOptions = true)
  static final class Serve implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private DatabaseOptions options;

    @Override
    public Integer call() throws InterruptedException {
      try (Database database = options.open()) {
        Output out = new Output(spec);
        out.line("psql '%s'", database.url().substring("jdbc:".length()));
        out.line("%s; Ctrl-C ends.", database.label());
        new CountDownLatch(1).await();
      }
      return ExitCode.OK.number();
    }
  }
}
