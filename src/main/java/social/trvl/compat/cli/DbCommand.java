package social.trvl.compat.cli;

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
      DbAdoptCommand.class,
      DbStatusCommand.class,
      DbCommand.Verify.class,
      DbBackupCommand.class,
      DbRestoreCommand.class,
      DbRollbackCommand.class,
      DbResetCommand.class,
      DbExportCommand.class,
      DbCommand.Serve.class
    })
final class DbCommand {

  @Command(
      name = "verify",
      description =
          "Checks every table, column, policy, grant, function, trigger, key, index and bucket against the migrations, and looks for orphans.",
      mixinStandardHelpOptions = true)
  static final class Verify implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private DatabaseOptions options;

    @Option(names = "--json", description = "Prints JSON, with whole statements.")
    private boolean json;

    @Option(
        names = "--sql",
        description = "Prints the statements that mend the schema, for psql; reviews are advised.")
    private boolean sql;

    @Override
    public Integer call() {
      try (Database database = options.open()) {
        Verification.Report report =
            new Verification(database, TerminalProgress.ofThisTerminal()).report();
        Output out = new Output(spec);
        if (json) {
          out.json(report.checks());
        } else if (sql) {
          report.statements().forEach(statement -> out.line("%s;", statement));
        } else {
          report.checks().forEach(check -> print(out, check));
        }
        return (report.ok() ? ExitCode.OK : ExitCode.DATABASE_UNFIT).number();
      }
    }

    private static void print(Output out, Verification.Check check) {
      String sign = check.ok() ? "✅" : "❌";
      out.line("%s %s", check.ok() && !check.problems().isEmpty() ? "⚠️" : sign, check.name());
      for (Verification.Problem problem : check.problems()) {
        out.line("   %s %s", problem.object(), problem.problem());
        problem.mend().lines().limit(1).forEach(line -> out.line("      %s", line));
        if (problem.mend().lines().count() > 1) {
          out.line("      ... (whole: compat db verify --sql)");
        }
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
