package social.trvl.compat.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Database;
import social.trvl.compat.model.training.TrainingExport;

/** {@code compat data export-training}: the labelled pairs for a notebook. */
@Command(
    name = "export-training",
    description =
        "Writes the labelled pairs as CSV: both people as they were and as models see them, label, split, and what the champion says. Personal data: only you may read the file.",
    mixinStandardHelpOptions = true)
final class DataExportTrainingCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private DatabaseOptions options;

  @Parameters(paramLabel = "FILE", description = "CSV to write; an existing file is refused.")
  private Path file;

  @Option(names = "--json", description = "Prints JSON.")
  private boolean json;

  @Override
  public Integer call() {
    Progress progress = TerminalProgress.ofThisTerminal();
    try (Database database = options.openCurrent()) {
      progress.begin("exporting labelled pairs", 0);
      TrainingExport.Exported done = new TrainingExport(database).export(file);
      progress.end();
      Output out = new Output(spec);
      if (json) {
        out.json(done);
      } else {
        out.line(
            "%,d pairs written to %s, with the predictions of %s.",
            done.rows(), done.file(), done.champion());
      }
    }
    return ExitCode.OK.number();
  }
}
