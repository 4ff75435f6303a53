package social.trvl.compat.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import social.trvl.compat.config.DatabaseSettings;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.db.Backup;

/** {@code compat db restore}: a database from a file. */
@Command(
    name = "restore",
    description = {
      "Restores what 'compat db backup' has written, all of it or nothing.",
      "On a server the database must be empty, and missing roles are made (without passwords). An embedded database needs a folder without one."
    },
    mixinStandardHelpOptions = true)
final class DbRestoreCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private DatabaseOptions options;

  @Parameters(paramLabel = "FILE", description = "The file that 'compat db backup' has written.")
  private Path file;

  @Option(names = "--json", description = "Prints JSON.")
  private boolean json;

  @Override
  public Integer call() {
    DatabaseSettings settings = options.settings();
    new Backup(settings, System.getenv(), TerminalProgress.ofThisTerminal()).restore(file);
    Output out = new Output(spec);
    if (json) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("database", settings.toString());
      result.put("file", file.toString());
      out.json(result);
    } else {
      out.line("%s: restored from %s. 'compat db verify' checks it.", settings, file);
    }
    return ExitCode.OK.number();
  }
}
