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

/** {@code compat db backup}: a database as one file. */
@Command(
    name = "backup",
    description = {
      "Writes the database into a new file, readable for its owner only.",
      "A database on a server by pg_dump -Fc, which must be as new as the server: the nearest version in /usr/lib/postgresql/*/bin and PATH, or in the folder that PG_BIN names. The embedded database is copied while nobody uses it."
    },
    mixinStandardHelpOptions = true)
final class DbBackupCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private DatabaseOptions options;

  @Parameters(paramLabel = "FILE", description = "The file to write; it must not exist.")
  private Path file;

  @Option(names = "--json", description = "Prints JSON.")
  private boolean json;

  @Override
  public Integer call() {
    DatabaseSettings settings = options.settings();
    long bytes =
        new Backup(settings, System.getenv(), TerminalProgress.ofThisTerminal()).write(file);
    Output out = new Output(spec);
    if (json) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("database", settings.toString());
      result.put("file", file.toString());
      result.put("bytes", bytes);
      out.json(result);
    } else {
      out.line("%s: %,d bytes from %s.", file, bytes, settings);
    }
    return ExitCode.OK.number();
  }
}
