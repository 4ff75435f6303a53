package social.trvl.compat.cli;

import java.io.Console;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Database;
import social.trvl.compat.db.Reset;
import social.trvl.compat.db.RowCounts;
import social.trvl.compat.job.DatabaseTeardown;

/** {@code compat db reset}: back to an empty database. */
@Command(
    name = "reset",
    description =
        "Deletes everything: the engine, the platform, all of schema public, the history. Accounts, buckets and files of a real Supabase stay. Without --yes-delete-everything it only shows what would go.",
    mixinStandardHelpOptions = true)
final class DbResetCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private DatabaseOptions options;

  @Option(names = "--yes-delete-everything", description = "Does it.")
  private boolean yes;

  @Option(
      names = "--database",
      paramLabel = "NAME",
      description = "The database's name, needed where there are rows; asked for on a terminal.")
  private @Nullable String typedName;

  @Option(names = "--json", description = "Prints JSON.")
  private boolean json;

  @Override
  public Integer call() {
    try (Database database = options.open()) {
      Progress progress = TerminalProgress.ofThisTerminal();
      Reset reset = new Reset(database, progress);
      String name = reset.databaseName();
      requireName(name, typedName);
      List<RowCounts.Count> lost = reset.lost();
      Output out = new Output(spec);
      if (!json) {
        out.line("%s: database %s", database.label(), name);
        out.line("");
        DbRollbackCommand.printLost(out, lost);
      }
      List<String> hindrances = List.of();
      if (yes) {
        long rows = lost.stream().mapToLong(RowCounts.Count::rows).sum();
        if (rows > 0 && typedName == null) {
          requireName(name, ask(name, rows));
        }
        hindrances = DatabaseTeardown.reset(database, progress);
      }
      if (json) {
        out.json(json(database, name, lost, hindrances));
        return ExitCode.OK.number();
      }
      for (String hindrance : hindrances) {
        out.line("dropped with what depended on it: %s", hindrance);
      }
      out.line(
          yes
              ? "Everything is deleted. 'compat db migrate' begins anew."
              : "Nothing was changed. Run it again with --yes-delete-everything --database NAME to do it.");
    }
    return ExitCode.OK.number();
  }

  private static void requireName(String name, @Nullable String typed) {
    if (typed != null && !typed.equals(name)) {
      throw new CompatException(
          ExitCode.USAGE,
          "The database is called %s, not %s: nothing was deleted. Make sure that you mean this one, then give its own name."
              .formatted(name, typed));
    }
  }

  private static String ask(String name, long rows) {
    @Nullable Console console =
        Optional.ofNullable(System.console()).filter(Console::isTerminal).orElse(null);
    @Nullable String typed =
        console == null
            ? null
            : console.readLine(
                Locale.ROOT, "Type the database's name to delete its %,d row(s): ", rows);
    if (typed == null) {
      throw new CompatException(
          ExitCode.USAGE,
          String.format(
              Locale.ROOT,
              "The database holds %,d row(s): nothing was deleted. To delete them, name it: --database %s.",
              rows,
              name));
    }
    return typed.strip();
  }

  private Map<String, Object> json(
      Database database, String name, List<RowCounts.Count> lost, List<String> hindrances) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("database", database.label());
    result.put("name", name);
    result.put("done", yes);
    result.put("lost", lost);
    result.put("hindrances", hindrances);
    return result;
  }
}
