package social.trvl.compat.cli;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.model.PairModel;
import social.trvl.compat.model.ShadowReport;
import social.trvl.compat.model.ShadowReport.Change;
import social.trvl.compat.model.ShadowReport.Spread;
import social.trvl.compat.model.training.PromotionGate;
import social.trvl.compat.report.ModelCard;
import social.trvl.compat.report.ModelReport;

/** Model versions on a terminal. */
final class ModelText {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);

  private ModelText() {}

  static void table(Output out, List<ModelReport.Summary> versions) {
    out.table(
        List.of(
            "ID",
            "VERSION",
            "STATE",
            "REGISTERED (UTC)",
            "TRAINED ON",
            "AUC",
            "LOG LOSS",
            "ALGORITHM"),
        versions.stream()
            .map(version ->
                List.of(
                    Integer.toString(version.id()),
                    version.model(),
                    version.state(),
                    TIME.format(version.createdAt()),
                    version.trainingRows() == null
                        ? ""
                        : String.format(Locale.ROOT, "%,d", version.trainingRows()),
                    figure(version.auc()),
                    figure(version.logLoss()),
                    version.algorithm()
                        + (Boolean.FALSE.equals(version.sufficient())
                            ? "; too few held-out pairs"
                            : "")))
            .toList());
  }

  static void print(Output out, ModelReport.Detail detail) {
    ModelReport.Summary summary = detail.summary();
    ModelReport.Lineage lineage = detail.lineage();
    out.line("Version     %d, %s: %s", summary.id(), summary.model(), summary.state());
    out.line("Algorithm   %s %s", summary.algorithm(), lineage.hyperparameters());
    if (lineage.trainingRows() == null) {
      out.line("Trained on  nothing");
    } else {
      out.line(
          "Trained on  %,d pairs%s, SHA-256 %s",
          lineage.trainingRows(),
          lineage.trainingFrom() == null || lineage.trainingTo() == null
              ? ""
              : " observed %s to %s"
                  .formatted(
                      TIME.format(lineage.trainingFrom()), TIME.format(lineage.trainingTo())),
          orDash(lineage.trainingSha256()));
    }
    out.line(
        "Made        %s by %s, code %s, seed %s, to replace %s",
        TIME.format(lineage.createdAt()),
        lineage.createdBy(),
        orDash(lineage.codeVersion()),
        orDash(lineage.seed()),
        orDash(lineage.parent()));
    out.line("Artefact    SHA-256 %s", lineage.artefactSha256());
    if (detail.metrics() != null) {
      out.line("");
      ReportText.print(out, detail.metrics());
    }
    if (detail.shadow() != null) {
      out.line("");
      printShadow(out, detail.shadow());
    }
    out.line("");
    for (ModelReport.Use use : detail.uses()) {
      out.line(
          "Held-out pairs %s used %s for %s; they have judged %d version(s)",
          use.holdoutSha256().substring(0, 12), time(use.at()), use.purpose(), use.versions());
    }
    for (ModelReport.Event event : detail.events()) {
      out.line(
          "%s  %s by %s%s: %s%s",
          time(event.at()),
          event.action(),
          event.who(),
          event.toState() == null ? "" : ", now " + event.toState(),
          event.why(),
          event.override() == null ? "" : "; gate overridden: " + event.override());
    }
  }

  static void printCard(Output out, ModelReport.Detail detail, PairModel model) {
    out.line("%s", ModelCard.meaning(model));
    out.line("What it leaves out:");
    for (String words : ModelCard.leftOut()) {
      out.line("- %s", words);
    }
    out.line("");
    print(out, detail);
    out.line("");
    out.line("What a feature can add to the log-odds of a pair, at worst and at best:");
    for (ModelCard.Reach reach : ModelCard.reaches(model)) {
      out.line("%-18s %+.2f to %+.2f", reach.feature(), reach.least(), reach.most());
    }
  }

  static void printShadow(Output out, ModelReport.Shadow shadow) {
    ShadowReport report = shadow.report();
    out.line(
        "Shadow run  %d of %s against run %d of %s: %,d people%s",
        report.runId(),
        time(shadow.at()),
        report.publishedRunId(),
        shadow.champion(),
        report.people(),
        report.sameInputs() ? "" : " (people have changed between the two)");
    out.line("Overlap@10  %s", spread(report.overlap10()));
    out.line("Overlap@50  %s", spread(report.overlap50()));
    out.line(
        "Ranks       correlation of matches in both lists: %s",
        report.rankCorrelation() == null ? "none in common" : spread(report.rankCorrelation()));
    out.line(
        "Bands       %.1f %% of the matches in both lists move to another band of 20 points",
        100 * report.movedShare());
    out.line("Shift       stability index %.3f", report.stabilityIndex());
    out.line(
        "Exposure    %.1f %% in nobody's list (now %.1f %%), longest reach %,d (%,d), Gini %.3f (%.3f)",
        100 * report.shadow().neverListedShare(),
        100 * report.published().neverListedShare(),
        report.shadow().longestReach(),
        report.published().longestReach(),
        report.shadow().gini(),
        report.published().gini());
    for (String failure : report.failedChecks()) {
      out.line("Check       %s", failure);
    }
    out.line("Whose matches change most:");
    for (Change change : report.mostChanged()) {
      out.line(
          "  %s  overlap@10 %.0f %%, @50 %.0f %%",
          change.userId(), 100 * change.overlap10(), 100 * change.overlap50());
    }
  }

  static void print(Output out, PromotionGate.Decision decision) {
    out.line(
        "Version %d, %s, against the champion, version %d, %s",
        decision.id(), decision.model(), decision.championId(), decision.champion());
    for (PromotionGate.Condition condition : decision.conditions()) {
      out.line(
          "%-6s %s: %s", condition.ok() ? "ok" : "FAILED", condition.name(), condition.detail());
    }
    if (!decision.promoted()) {
      out.line(
          "Not promoted: %d condition(s) failed. To promote it all the same: --override 'why'.",
          decision.failed().size());
      return;
    }
    out.line(
        "Version %d is champion%s. Next: compat score run",
        decision.id(), decision.overridden() ? ", the gate overridden" : "");
  }

  private static String spread(Spread spread) {
    return String.format(
        Locale.ROOT,
        "mean %.2f; 10 %% of people below %.2f, half below %.2f, 90 %% below %.2f",
        spread.mean(),
        spread.p10(),
        spread.p50(),
        spread.p90());
  }

  private static String figure(@Nullable Double value) {
    return value == null ? "" : String.format(Locale.ROOT, "%.3f", value);
  }

  private static String time(Instant at) {
    return TIME.format(at);
  }

  private static String orDash(@Nullable Object value) {
    return value == null ? "-" : value.toString();
  }
}
