package social.trvl.compat.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.db.Database;
import social.trvl.compat.db.Migrations;

/** {@code compat db status}: how far a database is. */
@Command(
    name = "status",
    description =
        "Lists every migration: layer, version, name, phase, state, when it was applied, checksum; and why one failed.",
    mixinStandardHelpOptions = true)
final class DbStatusCommand implements Callable<Integer> {

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
        print(out, all);
      }
    }
    return ExitCode.OK.number();
  }

  private static void print(Output out, List<Migrations.Status> all) {
    out.table(
        List.of("LAYER", "VERSION", "NAME", "PHASE", "STATE", "APPLIED", "CHECKSUM"),
        all.stream().map(DbStatusCommand::row).toList());
    for (Migrations.Status status : all) {
      if (status.failure() != null) {
        out.line(
            "%s of layer %s failed at %s and was rolled back: %s. %s",
            status.version(),
            status.layer().folder(),
            status.failure().failedAt(),
            status.failure().error(),
            status.failure().retry());
      }
    }
    long pending = all.stream().filter(s -> s.state().equals("pending")).count();
    if (pending > 0) {
      out.line(
          "%d migration(s) pending; an interrupted one has left nothing behind. To continue: compat db migrate",
          pending);
    }
  }

  private static List<String> row(Migrations.Status status) {
    return List.of(
        status.layer().folder(),
        status.version(),
        status.name(),
        status.phase() == null
            ? ""
            : "%d %s".formatted(status.phase().number(), status.phase().name()),
        status.state(),
        status.appliedAt() == null ? "" : status.appliedAt().toString(),
        status.checksum() == null ? "" : status.checksum().toString());
  }
}
