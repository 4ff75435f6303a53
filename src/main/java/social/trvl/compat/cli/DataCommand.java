package social.trvl.compat.cli;

import java.nio.file.Path;
import java.time.Clock;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.db.Database;
import social.trvl.compat.intake.AssessmentImport;
import social.trvl.compat.intake.PopulationGenerator;
import social.trvl.compat.intake.Questionnaire;
import social.trvl.compat.intake.Trait;
import social.trvl.compat.intake.TrueModel;

/** {@code compat data}: people come in, labelled pairs go out. */
@Command(
    name = "data",
    description = "Imports assessments, generates people, exports the training set.",
    mixinStandardHelpOptions = true,
    subcommands = {
      DataCommand.Import.class,
      DataCommand.Generate.class,
      DataExportTrainingCommand.class
    })
final class DataCommand {

  enum Format {
    TRAITS,
    ITEMS
  }

  @Command(
      name = "import",
      description =
          "Imports assessments from a CSV file. Rows that are not as they should be are listed in FILE.rejected.csv; the others are stored in one transaction.",
      mixinStandardHelpOptions = true)
  static final class Import implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private DatabaseOptions options;

    @Parameters(paramLabel = "FILE", description = "UTF-8 CSV with a header.")
    private Path file;

    @Option(
        names = "--format",
        required = true,
        description = "traits: user_id and five traits on 0..1; items: answers to a questionnaire.")
    private Format format;

    @Option(
        names = "--keying",
        paramLabel = "FILE",
        description = "For items: which item belongs to which trait; default: the bfi's.")
    private @Nullable Path keying;

    @Option(
        names = "--instrument",
        paramLabel = "NAME",
        defaultValue = "bfi",
        description =
            "For items: name of the questionnaire; part of the people's ids (default: bfi).")
    private String instrument;

    @Option(
        names = "--answers",
        paramLabel = "LOW-HIGH",
        defaultValue = Questionnaire.DEFAULT_ANSWERS,
        description = "For items: range of the answers (default: 1-6).")
    private String answers;

    @Option(names = "--json", description = "Prints JSON.")
    private boolean json;

    @Override
    public Integer call() {
      try (Database database = options.openCurrent()) {
        AssessmentImport importer =
            new AssessmentImport(database, TerminalProgress.ofThisTerminal(), Clock.systemUTC());
        AssessmentImport.Result result =
            format == Format.TRAITS
                ? importer.importTraits(file)
                : importer.importItems(file, Questionnaire.load(instrument, keying, answers));
        Output out = new Output(spec);
        if (json) {
          out.json(result);
        } else {
          print(out, result);
        }
        return (result.rowsRejected() == 0 ? ExitCode.OK : ExitCode.BAD_INPUT).number();
      }
    }
  }

  static void print(Output out, AssessmentImport.Result result) {
    out.line(
        "%,d rows read: %,d people created; assessments: %,d inserted, %,d updated, %,d unchanged; %,d incomplete, %,d rows rejected.",
        result.rowsRead(),
        result.peopleCreated(),
        result.inserted(),
        result.updated(),
        result.unchanged(),
        result.incomplete(),
        result.rowsRejected());
    if (result.rejectedFile() != null) {
      out.line("Rejected rows, with line, column, value and reason: %s", result.rejectedFile());
    }
    if (!result.alphas().isEmpty()) {
      StringBuilder alphas = new StringBuilder("Cronbach's alpha:");
      for (Trait trait : Trait.values()) {
        if (result.alphas().containsKey(trait)) {
          alphas.append(
              String.format(
                  Locale.ROOT,
                  "  %s %.3f",
                  trait.name().toLowerCase(Locale.ROOT),
                  result.alphas().get(trait)));
        }
      }
      out.line("%s", alphas);
    }
  }

  @Command(
      name = "generate",
      description =
          "Generates realistic people with preferences, blocked pairs, groups, and trips whose outcomes follow a documented model. The same seed finds the same people again.",
      mixinStandardHelpOptions = true)
  static final class Generate implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private DatabaseOptions options;

    @Option(names = "--users", required = true, description = "How many people.")
    private int users;

    @Option(names = "--groups", defaultValue = "0", description = "How many groups (default: 0).")
    private int groups;

    @Option(
        names = "--seed",
        defaultValue = "1",
        description = "Decides everything that is drawn (default: 1).")
    private long seed;

    @Option(
        names = "--truth",
        paramLabel = "MODEL",
        defaultValue = "LINEAR",
        description =
            "How trips turn out: linear, which an additive model can learn; interactions, which it can't; noise, of which nothing can be learnt (default: linear).")
    private TrueModel truth;

    @Option(names = "--json", description = "Prints JSON.")
    private boolean json;

    @Override
    public Integer call() {
      try (Database database = options.openCurrent()) {
        PopulationGenerator.Generated made =
            new PopulationGenerator(database, TerminalProgress.ofThisTerminal(), Clock.systemUTC())
                .generate(users, groups, seed, truth);
        Output out = new Output(spec);
        if (json) {
          out.json(made);
        } else {
          out.line(
              "New: %,d generated people, %,d connections, %,d trip feedbacks, %,d groups. What was there already stayed.",
              made.people(), made.connections(), made.feedback(), made.groups());
        }
      }
      return ExitCode.OK.number();
    }
  }
}
