package social.trvl.compat.cli;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.db.Database;
import social.trvl.compat.intake.TrueModel;
import social.trvl.compat.model.training.Report;
import social.trvl.compat.model.training.Report.Interval;
import social.trvl.compat.model.training.Training;

/** {@code compat model train}: a candidate from the labelled pairs. */
@Command(
    name = "train",
    description =
        "Trains a model on the labelled pairs, judges it on people it has never seen, and registers it as a candidate.",
    mixinStandardHelpOptions = true)
final class ModelTrainCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private DatabaseOptions options;

  @Option(
      names = "--family",
      defaultValue = "ALL",
      description =
          "additive, boosted, or all: the better of the two, if trees are better beyond doubt (default: all).")
  private Training.Family family;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Decides everything that is drawn (default: 1).")
  private long seed;

  @Option(
      names = "--holdout-from",
      paramLabel = "DATE",
      description =
          "Judges on what was observed from then on, UTC (default: the latest third, if that has enough pairs).")
  private @Nullable LocalDate holdoutFrom;

  @Option(
      names = "--budget",
      paramLabel = "TIME",
      defaultValue = "5m",
      converter = Budget.class,
      description = "Time to search for settings in, e.g. 90s, 5m, 1h (default: 5m).")
  private Duration budget;

  @Option(
      names = "--truth",
      description =
          "For generated outcomes, what 'data generate --truth' said (${COMPLETION-CANDIDATES}): shows how much of what can be known the model knows.")
  private @Nullable TrueModel truth;

  @Option(names = "--json", description = "Prints JSON.")
  private boolean json;

  /** A number and its unit. */
  static final class Budget implements ITypeConverter<Duration> {
    private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,5})([smh])");

    @Override
    public Duration convert(String value) {
      Matcher matcher = FORM.matcher(value);
      if (!matcher.matches()) {
        throw new TypeConversionException(
            "'%s' is no time: give a number of s, m or h, e.g. 90s or 5m".formatted(value));
      }
      return Duration.parse("PT" + matcher.group(1) + matcher.group(2).toUpperCase(Locale.ROOT));
    }
  }

  @Override
  public Integer call() {
    try (Database database = options.openCurrent()) {
      @Nullable Instant from =
          holdoutFrom == null ? null : holdoutFrom.atStartOfDay(ZoneOffset.UTC).toInstant();
      Training.Candidate candidate =
          new Training(database, TerminalProgress.ofThisTerminal(), Clock.systemUTC())
              .train(
                  new Training.Options(family, seed, from, budget),
                  truth == null ? null : GeneratedTruth.of(database, truth));
      Output out = new Output(spec);
      if (json) {
        out.json(candidate);
      } else {
        print(out, candidate);
      }
    }
    return ExitCode.OK.number();
  }

  private static void print(Output out, Training.Candidate candidate) {
    Report report = candidate.report();
    Report.Holdout holdout = report.holdout();
    out.line(
        "Registered  version %d, %s, trained on %,d pairs; %s",
        candidate.id(), candidate.label(), candidate.trainingRows(), candidate.hyperparameters());
    out.line("Folds       log loss %s", candidate.foldLogLoss());
    out.line(
        "Held out    %,d pairs (%,d satisfied, %,d not) of %,d people on %,d trips, %s; %,d crossing pairs dropped; use %d of these pairs",
        holdout.rows(),
        holdout.positives(),
        holdout.negatives(),
        holdout.people(),
        holdout.trips(),
        holdout.laterInTime() ? "later than all trained on" : "not later in time",
        holdout.crossingDropped(),
        holdout.uses());
    if (!holdout.sufficient()) {
      out.line(
          "            insufficient, not promotable: %,d more held-out pairs of the rarer outcome are needed",
          holdout.missing());
    }
    if (report.scores().isEmpty()) {
      return;
    }
    out.line("");
    out.table(
        List.of("", "AUC", "", "log loss", "", "Brier", "calibration", "lift 10 %", "NDCG@10"),
        rows(report));
    report
        .improvement()
        .forEach((opponent, improvement) ->
            out.line(
                "Better than %-9s by AUC %s, log loss %s",
                opponent, signed(improvement.auc()), signed(improvement.logLoss())));
    if (report.detectable() != null) {
      out.line(
          "Detectable  these pairs would show an improvement of AUC %.3f, log loss %.4f four times out of five",
          report.detectable().auc(), report.detectable().logLoss());
    }
    if (report.top1() != null) {
      out.line(
          "Best 1 %%    %,d pairs, predicted %.2f, observed %.2f",
          report.top1().rows(), report.top1().predicted(), report.top1().observed());
    }
    if (report.bayes() != null) {
      out.line(
          "True model  AUC* %.3f on the same pairs; (AUC - 1/2) / (AUC* - 1/2) = %.2f",
          report.bayes().auc(), report.bayes().share());
    }
  }

  private static List<List<String>> rows(Report report) {
    List<List<String>> rows = new ArrayList<>();
    for (Map.Entry<String, Report.Scores> entry : report.scores().entrySet()) {
      Report.Scores scores = entry.getValue();
      rows.add(
          List.of(
              entry.getKey(),
              three(scores.auc().value()),
              range(scores.auc()),
              three(scores.logLoss().value()),
              range(scores.logLoss()),
              three(scores.brier().value()),
              three(scores.calibrationError().value()),
              three(scores.lift10().value()),
              scores.ndcg10() == null ? "-" : three(scores.ndcg10().value())));
    }
    return rows;
  }

  private static String three(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }

  private static String range(Interval interval) {
    return String.format(Locale.ROOT, "%.3f-%.3f", interval.low(), interval.high());
  }

  private static String signed(Interval interval) {
    return String.format(
        Locale.ROOT, "%+.4f (%+.4f to %+.4f)", interval.value(), interval.low(), interval.high());
  }
}
