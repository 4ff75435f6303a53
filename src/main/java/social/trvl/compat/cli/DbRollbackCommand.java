package social.trvl.compat.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Database;
import social.trvl.compat.db.Migrations;
import social.trvl.compat.db.Rollback;
import social.trvl.compat.db.RowCounts;
import social.trvl.compat.job.DatabaseTeardown;

/** {@code compat db rollback}: back to an earlier migration. */
@Command(
    name = "rollback",
    description =
        "Undoes every migration after the one named, newest first, each in a transaction. Without --yes it only shows what would go.",
    mixinStandardHelpOptions = true)
final class DbRollbackCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private DatabaseOptions options;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "VERSION",
      description =
          "The platform's migration that stays as the newest: its version (20250915_011_2) or the guide's name (011_create_invoice_tables); 0 or nothing undoes all.")
  private String to;

  @Option(names = "--yes", description = "Does it.")
  private boolean yes;

  @Option(names = "--json", description = "Prints JSON.")
  private boolean json;

  @Override
  public Integer call() {
    try (Database database = options.open()) {
      Progress progress = TerminalProgress.ofThisTerminal();
      Rollback.Plan plan = new Rollback(database, progress).plan(to);
      Output out = new Output(spec);
      if (!json) {
        print(out, database, plan);
      }
      if (yes) {
        DatabaseTeardown.rollback(
            database,
            plan,
            progress,
            undone -> {
              if (!json) {
                out.line("undone  %s %s", undone.layer().folder(), undone.version());
              }
            });
      }
      if (json) {
        out.json(json(database, plan));
      } else if (plan.undone().isEmpty()) {
        out.line("Nothing to undo: no migration after it is applied.");
      } else if (yes) {
        out.line(
            "%d migration(s) undone. 'compat db migrate' applies them again.",
            plan.undone().size());
      } else {
        out.line(
            "Nothing was changed. Run it again with --yes to do it; 'compat db backup' first keeps the rows.");
      }
    }
    return ExitCode.OK.number();
  }

  private void print(Output out, Database database, Rollback.Plan plan) {
    Migrations.@Nullable Status target = plan.target();
    out.line(
        "%s: back to %s",
        database.label(),
        target == null ? "nothing" : "%s %s".formatted(target.version(), target.name()));
    if (plan.undone().isEmpty()) {
      return;
    }
    out.line("");
    out.table(
        List.of("UNDOES", "VERSION", "NAME"),
        plan.undone().stream()
            .map(s -> List.of(s.layer().folder(), s.version(), s.name()))
            .toList());
    if (plan.engine() && target != null) {
      out.line("The engine and its scores go too: it rests on tables that are undone.");
    }
    out.line("");
    printLost(out, plan.lost());
    out.line("");
  }

  /** What is lost, the empty tables in one line. */
  static void printLost(Output out, List<RowCounts.Count> lost) {
    List<RowCounts.Count> full = lost.stream().filter(c -> c.rows() > 0).toList();
    if (!full.isEmpty()) {
      out.table(
          List.of("LOSES", "ROWS"),
          full.stream()
              .map(c ->
                  List.of(
                      c.column() ? c.name() + " (values)" : c.name(),
                      String.format(Locale.ROOT, "%,d", c.rows())))
              .toList());
    }
    out.line(
        "%,d row(s) lost in %d table(s); %d more are empty.",
        full.stream().filter(c -> !c.column()).mapToLong(RowCounts.Count::rows).sum(),
        full.stream().filter(c -> !c.column()).count(),
        lost.stream().filter(c -> !c.column() && c.rows() == 0).count());
  }

  private Map<String, Object> json(Database database, Rollback.Plan plan) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("database", database.label());
    result.put("to", plan.target() == null ? "0" : plan.target().version());
    result.put("done", yes);
    result.put(
        "undone",
        plan.undone().stream()
            .map(s -> Map.of("layer", s.layer().folder(), "version", s.version(), "name", s.name()))
            .toList());
    result.put("engine", plan.engine());
    result.put("lost", plan.lost());
    return result;
  }
}
