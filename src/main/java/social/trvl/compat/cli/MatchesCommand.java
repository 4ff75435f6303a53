package social.trvl.compat.cli;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.db.Database;
import social.trvl.compat.report.MatchReport;
import social.trvl.compat.report.MatchReport.Matches;

/** {@code compat matches}: a person's best matches. */
@Command(
    name = "matches",
    description =
        "Shows a person's best matches in the published run, with sub-scores, confidence and reasons.",
    mixinStandardHelpOptions = true)
final class MatchesCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private DatabaseOptions options;

  @Parameters(paramLabel = "USER", description = "User id.")
  private UUID user;

  @Option(names = "--limit", defaultValue = "20", description = "How many (default: 20).")
  private int limit;

  @Option(names = "--json", description = "Prints JSON.")
  private boolean json;

  @Override
  public Integer call() {
    try (Database database = options.openCurrent()) {
      Matches matches = new MatchReport(database).matches(user, limit);
      Output out = new Output(spec);
      if (json) {
        out.json(matches);
      } else {
        print(out, matches);
      }
    }
    return ExitCode.OK.number();
  }

  static void print(Output out, Matches matches) {
    out.line(
        "%s: best matches in run %d by %s%s",
        matches.userId(),
        matches.runId(),
        matches.model(),
        matches.calibrated()
            ? ""
            : " (uncalibrated: scores rank, they are no measured probabilities)");
    out.table(
        List.of(
            "RANK",
            "USER",
            "SCORE",
            "PERSONALITY",
            "PREFERENCES",
            "INTERESTS",
            "CONFIDENCE",
            "REASONS"),
        matches.matches().stream()
            .map(match ->
                List.of(
                    Integer.toString(match.rank()),
                    match.userId().toString(),
                    match.score().toPlainString(),
                    match.personalityMatch().toPlainString(),
                    match.preferenceMatch().toPlainString(),
                    match.interestMatch().toPlainString(),
                    match.confidence().toPlainString(),
                    String.join("; ", match.reasons())))
            .toList());
  }
}
