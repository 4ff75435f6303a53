package social.trvl.compat.cli;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;
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
    out.line(
        "Registered  version %d, %s, trained on %,d pairs; %s",
        candidate.id(), candidate.label(), candidate.trainingRows(), candidate.hyperparameters());
    out.line("Folds       log loss %s", candidate.foldLogLoss());
    ReportText.print(out, candidate.report());
  }
}
