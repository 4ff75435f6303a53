package social.trvl.compat.cli;

import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
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
import social.trvl.compat.intake.TrueModel;
import social.trvl.compat.job.DatabaseSetup;
import social.trvl.compat.job.GroupRescoring;
import social.trvl.compat.job.NightlyRun;
import social.trvl.compat.model.ModelRegistry;
import social.trvl.compat.model.training.LabelHarvest;
import social.trvl.compat.model.training.PromotionGate;
import social.trvl.compat.model.training.Training;
import social.trvl.compat.report.MatchReport;
import social.trvl.compat.report.ModelReport;
import social.trvl.compat.report.RunReport;
import social.trvl.compat.report.RunReport.Summary;
import social.trvl.compat.score.GroupFit;

/** {@code compat demo}: the main job on real assessments, from nothing. */
@Command(
    name = "demo",
    description =
        "Imports 2,800 real answer sheets, draws preferences, groups and outcomes of trips for them, scores by the baseline, learns a model from the outcomes, promotes it if it is better, and scores again. Again: an ordinary nightly run.",
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {

  private static final long SEED = 20_261_123L;
  private static final int GROUPS = 120;

  /** Enough for the additive family, which finds no better settings after some seconds. */
  private static final Duration TRAINING = Duration.ofSeconds(10);

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
      NightlyRun night = new NightlyRun(database, NightlySettings.standard(), clock, progress);
      Summary run = new RunReport(database).of(night.start(LocalDate.now(clock), false));
      if (!run.state().equals("withheld")) {
        run = learn(out, database, night, run, clock, progress);
      }
      out.line("");
      show(out, database, run, clock);
      return (run.state().equals("withheld") ? ExitCode.WITHHELD : ExitCode.OK).number();
    }
  }

  /** Learns from generated outcomes; returns the run that readers see then. */
  private static Summary learn(
      Output out,
      Database database,
      NightlyRun night,
      Summary baselineRun,
      Clock clock,
      Progress progress) {
    long said = new PopulationGenerator(database, progress, clock).travel(SEED, TrueModel.LINEAR);
    if (said == 0) {
      return baselineRun;
    }
    RunReport runs = new RunReport(database);
    MatchReport matches = new MatchReport(database);
    List<MatchReport.Matches> before =
        runs.sampleOfPeople(PEOPLE_SHOWN).stream()
            .map(person -> matches.matches(person, MATCHES_SHOWN))
            .toList();
    out.line(
        "Outcomes    generated, not real: %,d statements after trips, drawn by a documented true model",
        said);
    progress.begin("harvesting labels", 0);
    LabelHarvest.Harvest harvest = new LabelHarvest(database).harvest(null);
    progress.end();
    out.line("Labels      %,d pairs with both people as they were then", harvest.inserted());
    Training.Candidate candidate =
        new Training(database, progress, clock)
            .train(
                new Training.Options(Training.Family.ADDITIVE, 1, null, TRAINING),
                GeneratedTruth.of(database, TrueModel.LINEAR));
    out.line("");
    ReportText.print(out, candidate.report());
    String version = Integer.toString(candidate.id());
    new ModelRegistry(database).shadow(candidate.id(), "compat demo");
    night.shadow(version, LocalDate.now(clock), false);
    out.line("");
    ModelText.printShadow(out, new ModelReport(database).shadow(version));
    PromotionGate.Decision decision =
        new PromotionGate(database, progress).promote(version, "compat demo", null);
    out.line("");
    ModelText.print(out, decision);
    if (!decision.promoted()) {
      return baselineRun;
    }
    Summary run = runs.of(night.start(LocalDate.now(clock), false));
    for (MatchReport.Matches was : before) {
      out.line("");
      sideBySide(out, was, matches.matches(was.userId(), MATCHES_SHOWN));
    }
    return run;
  }

  private static void sideBySide(Output out, MatchReport.Matches was, MatchReport.Matches is) {
    out.line("%s, by %s and by %s", was.userId(), was.model(), is.model());
    List<List<String>> rows = new ArrayList<>();
    for (int i = 0; i < Math.min(was.matches().size(), is.matches().size()); i++) {
      MatchReport.Match one = was.matches().get(i);
      MatchReport.Match two = is.matches().get(i);
      rows.add(
          List.of(
              Integer.toString(i + 1),
              one.userId().toString(),
              one.score().toString(),
              two.userId().toString(),
              two.score().toString()));
    }
    out.table(List.of("RANK", was.model(), "SCORE", is.model(), "SCORE"), rows);
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
        "Next: compat score status; compat model list; compat model card VERSION --html card.html; compat matches USER; compat explain USER OTHER; compat db serve (for psql).");
  }
}
