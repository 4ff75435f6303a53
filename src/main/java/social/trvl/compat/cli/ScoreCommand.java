package social.trvl.compat.cli;

import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import social.trvl.compat.config.BlockBy;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.config.NightlySettings;
import social.trvl.compat.db.Database;
import social.trvl.compat.job.GroupRescoring;
import social.trvl.compat.job.ManualPublication;
import social.trvl.compat.job.NightlyRun;
import social.trvl.compat.job.RunMetrics;
import social.trvl.compat.report.ModelReport;
import social.trvl.compat.report.RunReport;
import social.trvl.compat.report.RunReport.Summary;
import social.trvl.compat.score.GroupFit;

/** {@code compat score}: the nightly run, its history, and groups on demand. */
@Command(
    name = "score",
    description = "Runs the nightly scoring, tells about runs, scores groups now.",
    mixinStandardHelpOptions = true,
    subcommands = {
      ScoreCommand.Run.class,
      ScoreCommand.StatusOf.class,
      ScoreCommand.Group.class,
      ScoreServeCommand.class,
      ScoreCommand.Publish.class
    })
final class ScoreCommand {

  @Command(
      name = "run",
      description =
          "Scores everyone and every open group and publishes the result; resumes an interrupted run; does nothing if nothing changed.",
      mixinStandardHelpOptions = true)
  static final class Run implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private DatabaseOptions options;

    @Option(
        names = "--full",
        description = "Computes even if nothing changed, and from the beginning.")
    private boolean full;

    @Option(
        names = "--top-k",
        paramLabel = "K",
        description =
            "Matches kept for each person, 1-500 (default: as in jobs/nightly-scoring.yml).")
    private @Nullable Integer topK;

    @Option(
        names = "--block-by",
        description =
            "What two people must share: ${COMPLETION-CANDIDATES} (default: as in jobs/nightly-scoring.yml).")
    private @Nullable BlockBy blockBy;

    @Option(
        names = "--settings",
        paramLabel = "FILE",
        description = "Another file in place of jobs/nightly-scoring.yml.")
    private @Nullable Path settingsFile;

    @Option(
        names = "--as-of",
        paramLabel = "DATE",
        description = "Date at which ages are counted (default: today, UTC).")
    private @Nullable LocalDate asOf;

    @Option(
        names = "--shadow",
        paramLabel = "VERSION",
        description =
            "Scores with this model version instead, unpublished, and tells what would change.")
    private @Nullable String shadow;

    @Option(
        names = "--metrics",
        paramLabel = "FILE",
        description = "Writes what the run did as a Prometheus text file.")
    private @Nullable Path metrics;

    @Option(
        names = "--dry-run",
        description = "Prints people, pairs, rows and bytes; computes and writes nothing.")
    private boolean dryRun;

    @Option(names = "--json", description = "Prints JSON.")
    private boolean json;

    @Override
    public Integer call() {
      Clock clock = Clock.systemUTC();
      NightlySettings settings = settings();
      LocalDate date = asOf == null ? LocalDate.now(clock) : asOf;
      try (Database database = options.openCurrent()) {
        NightlyRun job =
            new NightlyRun(database, settings, clock, TerminalProgress.ofThisTerminal());
        Output out = new Output(spec);
        if (dryRun) {
          print(out, job.estimate(date));
          return ExitCode.OK.number();
        }
        RunReport report = new RunReport(database);
        var finished = shadow == null ? job.start(date, full) : job.shadow(shadow, date, full);
        if (metrics != null) {
          RunMetrics.write(metrics, finished);
        }
        Summary summary = report.of(finished);
        if (shadow != null) {
          print(out, summary, new ModelReport(database).shadow(shadow));
        } else if (json) {
          out.json(summary);
        } else {
          RunText.print(out, summary, report.quarantine());
        }
        return (summary.state().equals("withheld") ? ExitCode.WITHHELD : ExitCode.OK).number();
      }
    }

    private void print(Output out, Summary summary, ModelReport.Shadow report) {
      if (json) {
        out.json(report);
      } else {
        RunText.print(out, summary, Map.of());
        ModelText.printShadow(out, report);
      }
    }

    private NightlySettings settings() {
      NightlySettings file =
          settingsFile == null ? NightlySettings.standard() : NightlySettings.read(settingsFile);
      return file.with(topK, blockBy);
    }

    private void print(Output out, NightlyRun.Estimate estimate) {
      if (json) {
        out.json(estimate);
        return;
      }
      out.line(
          "People      %,d to be scored, %s",
          estimate.people(), RunText.quarantine(estimate.quarantined()));
      out.line("Pairs       %,d", estimate.pairs());
      out.line(
          "Rows        at most %,d, about %,.0f MB with their indexes",
          estimate.rows(), estimate.bytes() / 1e6);
      out.line("Groups      %,d", estimate.groups());
      out.line(
          "Words       %,d stated words are not in the model's vocabulary and count as unknown",
          estimate.unknownWords());
      out.line("Dry run: nothing was computed or written.");
    }
  }

  @Command(
      name = "status",
      description = "Lists runs, newest first.",
      mixinStandardHelpOptions = true)
  static final class StatusOf implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private DatabaseOptions options;

    @Option(names = "--limit", defaultValue = "20", description = "How many (default: 20).")
    private int limit;

    @Option(names = "--json", description = "Prints JSON.")
    private boolean json;

    @Override
    public Integer call() {
      try (Database database = options.openCurrent()) {
        List<Summary> runs = new RunReport(database).newest(limit);
        Output out = new Output(spec);
        if (json) {
          out.json(runs);
        } else if (runs.isEmpty()) {
          out.line("No run yet. Start one with 'compat score run'.");
        } else {
          RunText.table(out, runs);
        }
      }
      return ExitCode.OK.number();
    }
  }

  @Command(
      name = "group",
      description = "Scores groups now, in the published run: members and best candidates.",
      mixinStandardHelpOptions = true)
  static final class Group implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private DatabaseOptions options;

    @Parameters(paramLabel = "ID", arity = "1..*", description = "Group ids.")
    private List<UUID> ids;

    @Option(names = "--json", description = "Prints JSON.")
    private boolean json;

    @Override
    public Integer call() {
      try (Database database = options.openCurrent()) {
        List<GroupFit> fits = new GroupRescoring(database, Clock.systemUTC()).rescore(ids);
        Output out = new Output(spec);
        if (json) {
          out.json(fits.stream().map(GroupText::json).toList());
        } else {
          fits.forEach(fit -> GroupText.print(out, fit, Integer.MAX_VALUE));
        }
      }
      return ExitCode.OK.number();
    }
  }

  @Command(
      name = "publish",
      description = "Publishes a withheld run, or goes back to an earlier one.",
      mixinStandardHelpOptions = true)
  static final class Publish implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private DatabaseOptions options;

    @Parameters(paramLabel = "RUN", description = "Number of the run, see 'compat score status'.")
    private long runId;

    @Option(names = "--reason", required = true, description = "Why; kept in compat.publications.")
    private String reason;

    @Override
    public Integer call() {
      try (Database database = options.openCurrent()) {
        ManualPublication.publish(database, runId, reason, Clock.systemUTC());
        new Output(spec).line("Run %d is published. Reason on record: %s", runId, reason);
      }
      return ExitCode.OK.number();
    }
  }
}
