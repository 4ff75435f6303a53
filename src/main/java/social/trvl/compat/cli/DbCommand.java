package social.trvl.compat.cli;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.db.Database;
import social.trvl.compat.db.Verification;

/** {@code compat db}: the database and its migrations. */
@Command(
    name = "db",
    description = "Migrates, checks, backs up and serves the database.",
    mixinStandardHelpOptions = true,
    subcommands = {
      DbMigrateCommand.class,
      DbStatusCommand.class,
      DbCommand.Verify.class,
      DbBackupCommand.class,
      DbRestoreCommand.class,
      DbExportCommand.class,
      DbCommand.Serve.class
    })
final class DbCommand {

  @Command(
      name = "verify",
      description =
          "Checks migrations, row-level security, functions, indexes, the champion and orphans.",
      mixinStandardHelpOptions = true)
  static final class Verify implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private DatabaseOptions options;

    @Option(names = "--json", description = "Prints JSON.")
    private boolean json;

    @Override
    public Integer call() {
      try (Database database = options.open()) {
        List<Verification.Check> checks = new Verification(database).checks();
        Output out = new Output(spec);
        if (json) {
          out.json(checks);
        } else {
          for (Verification.Check check : checks) {
            out.line(
                "%s %s%s",
                check.ok() ? "✅" : "❌", check.name(), check.ok() ? "" : ": " + check.detail());
          }
        }
        boolean all = checks.stream().allMatch(Verification.Check::ok);
        return (all ? ExitCode.OK : ExitCode.DATABASE_UNFIT).number();
      }
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
