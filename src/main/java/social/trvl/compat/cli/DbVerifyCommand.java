package social.trvl.compat.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.db.Database;
import social.trvl.compat.db.Verification;

/** {@code compat db verify}: whether a database is what the migrations make. */
@Command(
    name = "verify",
    description =
        "Checks every table, column, policy, grant, function, trigger, key, index and bucket against the migrations, and looks for orphans.",
    mixinStandardHelpOptions = true)
final class DbVerifyCommand implements Callable<Integer> {

  /** As much of a statement as tells what it does. */
  private static final int MEND_WIDTH = 160;

  @Spec private CommandSpec spec;
  @Mixin private DatabaseOptions options;

  @Option(names = "--json", description = "Prints JSON, with whole statements.")
  private boolean json;

  @Option(
      names = "--sql",
      description = "Prints the statements that mend the schema, to be read and then run by psql.")
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
        if (report.statements().isEmpty() && !report.ok()) {
          out.line("-- No statement mends what is wrong here; see compat db verify");
        }
      } else {
        report.checks().forEach(check -> print(out, check));
        if (!report.statements().isEmpty()) {
          out.line("The statements in whole, for psql: compat db verify --sql");
        }
      }
      return (report.ok() ? ExitCode.OK : ExitCode.DATABASE_UNFIT).number();
    }
  }

  private static void print(Output out, Verification.Check check) {
    boolean warning = check.ok() && !check.problems().isEmpty();
    out.line("%s %s", warning ? "⚠️" : check.ok() ? "✅" : "❌", check.name());
    for (Verification.Problem problem : check.problems()) {
      out.line("   %s %s", problem.object(), problem.problem());
      problem
          .mend()
          .lines()
          .limit(1)
          .forEach(line -> {
            boolean whole = line.equals(problem.mend()) && line.length() <= MEND_WIDTH;
            out.line("      %s", whole ? line : shortened(line) + " ...");
          });
    }
  }

  private static String shortened(String line) {
    return line.substring(0, Math.min(line.length(), MEND_WIDTH));
  }
}
