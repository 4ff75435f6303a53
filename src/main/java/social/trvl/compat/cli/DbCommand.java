package social.trvl.compat.cli;

import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.db.Database;

/** {@code compat db}: the database and its migrations. */
@Command(
    name = "db",
    description = "Migrates, checks, backs up and serves the database.",
    mixinStandardHelpOptions = true,
    subcommands = {
      DbMigrateCommand.class,
      DbAdoptCommand.class,
      DbStatusCommand.class,
      DbVerifyCommand.class,
      DbBackupCommand.class,
      DbRestoreCommand.class,
      DbRollbackCommand.class,
      DbResetCommand.class,
      DbExportCommand.class,
      DbCommand.Serve.class
    })
final class DbCommand {

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
