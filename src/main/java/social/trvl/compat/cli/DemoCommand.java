package social.trvl.compat.cli;

import java.time.Clock;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.config.NightlySettings;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Database;
import social.trvl.compat.intake.AssessmentImport;
import social.trvl.compat.intake.Furnishing;
import social.trvl.compat.intake.PopulationGenerator;
import social.trvl.compat.job.DatabaseSetup;
import social.trvl.compat.job.GroupRescoring;
import social.trvl.compat.job.NightlyRun;
import social.trvl.compat.report.MatchReport;
import social.trvl.compat.report.RunReport;
import social.trvl.compat.report.RunReport.Summary;
import social.trvl.compat.score.GroupFit;

/** {@code compat demo}: the main job on real assessments, from nothing. */
@Command(
    name = "demo",
    description =
        "Migrates, imports 2,800 real answer sheets, draws travel preferences for them, forms groups, and runs the nightly scoring. Again: an ordinary nightly run.",
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {

  private static final long SEED = 20_261_123L;
  private static final int GROUPS = 120;
  private static final int PEOPLE_SHOWN = 3;
  private static final int MATCHES_SHOWN = 3;
  private static final int GROUPS_SHOWN = 2;
  private static final int CANDIDATES_SHOWN = 3;

  @Spec private CommandSpec spec;
  @Mixin private DatabaseOptions options;

  @Override
  public Integer call() {
    Output out = new Output(spec);
    Clock clock = Clock.systemUTC();
    Progress progress = TerminalProgress.ofThisTerminal();
    progress.begin("starting the database", 0);
    try (Database database = options.open()) {
      progress.begin("migrating", 0);
      int migrations = DatabaseSetup.migrate(database).size();
      progress.end();
      out.line("Database    %s, %d migration(s) applied", database.label(), migrations);
      AssessmentImport.Result imported =
          new AssessmentImport(database, progress, clock).importShipped();
      out.line(
          "Assessments real: 2,800 answer sheets of the SAPA project (see src/main/resources/people)");
      DataCommand.print(out, imported);
      Furnishing.Furnished drawn =
          new PopulationGenerator(database, progress, clock).furnish(SEED, GROUPS);
      out.line(
          "Preferences generated, not real: drawn by documented rules. New: %,d preferences, %,d blocked pairs, %,d groups",
          drawn.preferences(), drawn.blockedPairs(), drawn.groups());
      Summary run =
          new RunReport(database)
              .of(
                  new NightlyRun(database, NightlySettings.standard(), clock, progress)
                      .start(LocalDate.now(clock), false));
      out.line("");
      show(out, database, run, clock);
      return (run.state().equals("withheld") ? ExitCode.WITHHELD : ExitCode.OK).number();
    }
  }

  private static void show(Output out, Database database, Summary run, Clock clock) {
    RunReport report = new RunReport(database);
    RunText.print(out, run, report.quarantine());
    if (run.state().equals("withheld")) {
      return;
    }
    MatchReport matches = new MatchReport(database);
    for (UUID person : report.sampleOfPeople(PEOPLE_SHOWN)) {
      out.line("");
      MatchesCommand.print(out, matches.matches(person, MATCHES_SHOWN));
    }
    List<GroupFit> groups =
        new GroupRescoring(database, clock).rescore(report.mostCohesiveGroups(GROUPS_SHOWN));
    for (GroupFit group : groups) {
      out.line("");
      GroupText.print(out, group, CANDIDATES_SHOWN);
    }
    out.line("");
    out.line(
        "Next: compat score status; compat matches USER; compat explain USER OTHER; compat db serve (for psql).");
  }
}
