package social.trvl.compat.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.db.Adoption;
import social.trvl.compat.db.Database;
import social.trvl.compat.job.DatabaseSetup;

/** {@code compat db adopt}: the engine comes to a platform database that exists already. */
@Command(
    name = "adopt",
    description =
        "Adds the engine to an existing platform database, and the platform's tables that it needs and that are missing. Alters nothing that exists.",
    mixinStandardHelpOptions = true)
final class DbAdoptCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private DatabaseOptions options;

  @Option(
      names = "--dry-run",
      description =
          "Does it in a transaction and takes that back: prints what would be created, added and left. Writers of the tables wait for its end.")
  private boolean dryRun;

  @Option(names = "--json", description = "Prints JSON.")
  private boolean json;

  @Override
  public Integer call() {
    try (Database database = options.open()) {
      Adoption.Result result =
          DatabaseSetup.adopt(database, dryRun, TerminalProgress.ofThisTerminal());
      Output out = new Output(spec);
      if (json) {
        out.json(result);
      } else {
        out.line("%s", database.label());
        print(out, dryRun ? "would be created" : "created", result.created());
        print(out, dryRun ? "would be added" : "added", result.added());
        print(out, "left as it is", result.left());
        result.notes().forEach(note -> out.line("%s", note));
      }
    }
    return ExitCode.OK.number();
  }

  private static void print(Output out, String what, List<String> objects) {
    objects.forEach(object -> out.line("%s: %s", what, object));
  }
}
