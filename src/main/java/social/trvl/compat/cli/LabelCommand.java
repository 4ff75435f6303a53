package social.trvl.compat.cli;

import java.time.LocalDate;
import java.time.ZoneOffset;
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
import social.trvl.compat.model.training.LabelHarvest;

/** {@code compat label}: what models learn from. */
@Command(
    name = "label",
    description = "Keeps the labelled pairs that models learn from.",
    mixinStandardHelpOptions = true,
    subcommands = LabelCommand.Harvest.class)
final class LabelCommand {

  @Command(
      name = "harvest",
      description =
          "Turns outcomes (trips, reviews, ratings, invitations, reports, blocks) into labelled pairs. Again: changes nothing.",
      mixinStandardHelpOptions = true)
  static final class Harvest implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private DatabaseOptions options;

    @Option(
        names = "--since",
        paramLabel = "DATE",
        description =
            "Harvests only pairs with an outcome observed from this day on (UTC, YYYY-MM-DD).")
    private @Nullable LocalDate since;

    @Option(names = "--json", description = "Prints JSON.")
    private boolean json;

    @Override
    public Integer call() {
      Progress progress = TerminalProgress.ofThisTerminal();
      try (Database database = options.openCurrent()) {
        progress.begin("harvesting labels", 0);
        LabelHarvest.Harvest done =
            new LabelHarvest(database)
                .harvest(since == null ? null : since.atStartOfDay(ZoneOffset.UTC).toInstant());
        progress.end();
        Output out = new Output(spec);
        if (json) {
          out.json(done);
        } else {
          out.line(
              "%,d pairs with an outcome: %,d labels new, %,d updated, %,d unchanged (%,d disagreements decided by precedence); %,d withdrawn.",
              done.found(),
              done.inserted(),
              done.updated(),
              done.unchanged(),
              done.disagreements(),
              done.withdrawn());
          out.line(
              "Dropped: %,d whose history does not reach back, %,d not scorable then, %,d of people who are gone, %,d who never met, %,d with neither-nor ratings only, %,d of people with themselves.",
              done.withoutHistory(),
              done.unscorable(),
              done.personGone(),
              done.neverMet(),
              done.undecided(),
              done.withThemselves());
        }
      }
      return ExitCode.OK.number();
    }
  }
}
