package social.trvl.compat.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.db.SupabaseExport;

/** {@code compat db export}: the migrations for other tools. */
@Command(
    name = "export",
    description = {
      "Writes the migrations of platform and engine into DIR/supabase/migrations, as the Supabase CLI wants them. It needs no database.",
      "Once they are applied, 'compat db migrate' registers the first model and finds nothing else to do."
    },
    mixinStandardHelpOptions = true)
final class DbExportCommand implements Callable<Integer> {

  enum Format {
    SUPABASE
  }

  @Spec private CommandSpec spec;

  @Option(names = "--format", required = true, paramLabel = "supabase", description = "supabase")
  private Format format;

  @Parameters(
      paramLabel = "DIR",
      description = "The project's folder; its supabase/migrations must be empty or missing.")
  private Path directory;

  @Option(names = "--json", description = "Prints the files as JSON.")
  private boolean json;

  @Override
  public Integer call() {
    List<Path> files =
        switch (format) {
          case SUPABASE -> new SupabaseExport(CommandLineApp.programVersion()).write(directory);
        };
    Output out = new Output(spec);
    if (json) {
      out.json(Map.of("files", files.stream().map(Path::toString).toList()));
    } else {
      out.line(
          "%d migrations in %s.",
          files.size(), directory.resolve("supabase").resolve("migrations"));
      out.line("Apply them with the Supabase CLI (supabase db push), then: compat db migrate");
    }
    return ExitCode.OK.number();
  }
}
