package social.trvl.compat.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
import social.trvl.compat.report.MatchReport.Contribution;
import social.trvl.compat.report.MatchReport.Explanation;

/** {@code compat explain}: every contribution to a pair's score. */
@Command(
    name = "explain",
    description =
        "Shows every contribution to a pair's score in log-odds; they sum to the score's log-odds. For operators: it shows what assessments contribute.",
    mixinStandardHelpOptions = true)
final class ExplainCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private DatabaseOptions options;

  @Parameters(index = "0", paramLabel = "USER", description = "User id.")
  private UUID user;

  @Parameters(index = "1", paramLabel = "OTHER", description = "The other's user id.")
  private UUID other;

  @Option(names = "--json", description = "Prints JSON.")
  private boolean json;

  @Override
  public Integer call() {
    try (Database database = options.openCurrent()) {
      Explanation explanation = new MatchReport(database).explain(user, other);
      Output out = new Output(spec);
      if (json) {
        out.json(explanation);
      } else {
        print(out, explanation);
      }
    }
    return ExitCode.OK.number();
  }

  private static void print(Output out, Explanation explanation) {
    out.line(
        "%s and %s, by %s", explanation.userId(), explanation.otherUserId(), explanation.model());
    List<List<String>> rows = new ArrayList<>();
    for (Contribution contribution : explanation.contributions()) {
      rows.add(
          List.of(contribution.feature(), contribution.block(), logOdds(contribution.logOdds())));
    }
    rows.add(List.of("sum", "", logOdds(explanation.logOdds())));
    out.table(List.of("FEATURE", "BLOCK", "LOG-ODDS"), rows);
    out.line(
        "Score %s of 100%s%s",
        explanation.score().toPlainString(),
        explanation.calibrated() ? "" : " (uncalibrated)",
        explanation.publishedScore() == null
            ? "; not in the published list"
            : "; published " + explanation.publishedScore().toPlainString());
    if (!explanation.reasons().isEmpty()) {
      out.line("Reasons that the two may be shown: %s", String.join("; ", explanation.reasons()));
    }
  }

  private static String logOdds(double value) {
    return String.format(Locale.ROOT, "%+.6f", value);
  }
}
