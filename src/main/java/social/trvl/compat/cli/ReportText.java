package social.trvl.compat.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import social.trvl.compat.model.training.Report;
import social.trvl.compat.model.training.Report.Interval;

/** How well a model did on held-out pairs, on a terminal. */
final class ReportText {

  private ReportText() {}

  static void print(Output out, Report report) {
    Report.Holdout holdout = report.holdout();
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
