package social.trvl.compat.report;

import com.google.errorprone.annotations.FormatMethod;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.model.Feature;
import social.trvl.compat.model.PairModel;
import social.trvl.compat.model.ShadowReport;
import social.trvl.compat.model.training.Evaluation;
import social.trvl.compat.model.training.Report;
import social.trvl.compat.model.training.Report.Holdout;
import social.trvl.compat.model.training.Report.Interval;

/**
 * The model on a page: what its score means and leaves out, how well it did, what it looks at, what
 * it would change, where it came from and what became of it.
 *
 * <p>One self-contained page: nothing is loaded and nothing is run, so that it can be mailed,
 * printed and kept. Names and reasons in it were written by people and are escaped.
 */
public final class ModelCard {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);

  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("yyyy-MM-dd", Locale.ROOT).withZone(ZoneOffset.UTC);

  /** What the score leaves out. */
  private static final List<String> LEFT_OUT =
      List.of(
          "Only people who travelled together have outcomes. Whom they chose, and who never travelled, is not random: for pairs unlike those that met, the score is a guess from others.",
          "Whether two would choose to travel together, and whether they ever will, is not in it.",
          "Nothing is known of what happened but was not said: a label is a rating, a review, a report, or a trip completed.",
          "It is about pairs. A group of good pairs can still be a bad group.");

  private final ModelReport.Detail detail;
  private final PairModel model;
  private final StringBuilder html = new StringBuilder();

  private ModelCard(ModelReport.Detail detail, PairModel model) {
    this.detail = detail;
    this.model = model;
  }

  /** What a score of this model means, in a sentence or two. */
  public static String meaning(PairModel model) {
    return model.calibrated()
        ? "A score is 100 times the probability that the two would both be satisfied if they travelled together."
        : "A score orders pairs by documented opinions about who travels well together. It is not calibrated: 70 does not mean that 70 % of such pairs were satisfied.";
  }

  /** What it leaves out. */
  public static List<String> leftOut() {
    return LEFT_OUT;
  }

  /** What each feature can add to the log-odds at worst and at best; the widest first. */
  public static List<Reach> reaches(PairModel model) {
    return Arrays.stream(Feature.values())
        .map(feature ->
            new Reach(feature.label().replace('_', ' '), model.least(feature), model.most(feature)))
        .sorted(Comparator.comparingDouble((Reach reach) -> reach.least() - reach.most()))
        .toList();
  }

  /** One feature's reach, in log-odds. */
  public record Reach(String feature, double least, double most) {}

  /** The page. */
  public static String html(ModelReport.Detail detail, PairModel model) {
    return new ModelCard(detail, model).page();
  }

  private String page() {
    String title = "%s: model card".formatted(detail.summary().model());
    line("<!doctype html>");
    line("<html lang=\"en\">");
    line("<head>");
    line("<meta charset=\"utf-8\">");
    line("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    line("<meta name=\"color-scheme\" content=\"light dark\">");
    line("<title>%s</title>", Html.escape(title));
    line("<style>");
    html.append(style());
    line("</style>");
    line("</head>");
    line("<body>");
    line("<main>");
    head();
    meaningSection();
    if (detail.metrics() != null) {
      judged(detail.metrics());
    }
    features();
    if (detail.shadow() != null) {
      shadow(detail.shadow());
    }
    lineage();
    events();
    line("</main>");
    line("</body>");
    line("</html>");
    return html.toString();
  }

  private void head() {
    ModelReport.Summary summary = detail.summary();
    line("<header>");
    line("<p class=\"over\">Compatibility model, version %d</p>", summary.id());
    line(
        "<h1>%s <span class=\"state\">%s</span></h1>",
        Html.escape(summary.model()), Html.escape(summary.state()));
    line("<p>%s. %s</p>", Html.escape(summary.algorithm()), Html.escape(trainedOn()));
    line("</header>");
  }

  private String trainedOn() {
    ModelReport.Lineage lineage = detail.lineage();
    if (lineage.trainingRows() == null) {
      return "It was not trained on outcomes.";
    }
    return format("Trained on %,d pairs", lineage.trainingRows())
        + (lineage.trainingFrom() == null || lineage.trainingTo() == null
            ? "."
            : format(
                ", %s to %s.",
                DAY.format(lineage.trainingFrom()), DAY.format(lineage.trainingTo())));
  }

  private void meaningSection() {
    line("<section>");
    line("<h2>What a score means</h2>");
    line("<p>%s</p>", Html.escape(meaning(model)));
    if (!model.about().calibration().isBlank()) {
      line("<p>Calibration: %s</p>", Html.escape(model.about().calibration()));
    }
    line("<h3>What it leaves out</h3>");
    line("<ul>");
    LEFT_OUT.forEach(words -> line("<li>%s</li>", Html.escape(words)));
    line("</ul>");
    line("</section>");
  }

  private void judged(Report report) {
    Holdout holdout = report.holdout();
    line("<section>");
    line("<h2>How well it did</h2>");
    line(
        "<p>Judged on %,d pairs of %,d people it had never seen, on %,d trips: %,d satisfied, %,d not. They were observed %s. %,d pairs of a held-out person and another were dropped.</p>",
        holdout.rows(),
        holdout.people(),
        holdout.trips(),
        holdout.positives(),
        holdout.negatives(),
        holdout.laterInTime()
            ? "after all pairs it was trained on"
            : "at the same time as those it was trained on, so nothing is said of the future",
        holdout.crossingDropped());
    if (!holdout.sufficient()) {
      line(
          "<p class=\"warning\">Insufficient, not promotable: %,d more held-out pairs of the rarer outcome are needed.</p>",
          holdout.missing());
    }
    if (!report.scores().isEmpty()) {
      scores(report);
      calibration(report);
    }
    line("</section>");
  }

  private void scores(Report report) {
    figure(
        "AUC",
        "Share of (satisfied, unsatisfied) couples of pairs in the right order; 0.5 is chance. Lines are 95 % intervals over people and trips.",
        Chart.dots("auc", "AUC of the model and its opponents", dots(report, true), 0.5));
    figure(
        "Log loss",
        "How surprised by the outcomes; lower is better.",
        Chart.dots("loss", "Log loss of the model and its opponents", dots(report, false), null));
    line("<div class=\"wide\"><table>");
    line(
        "<thead><tr><th>On the same pairs</th><th>AUC</th><th>Log loss</th><th>Brier</th><th>Calibration error</th><th>Lift of best 10&nbsp;%%</th><th>NDCG@10</th></tr></thead>");
    line("<tbody>");
    report
        .scores()
        .forEach((name, scores) ->
            line(
                "<tr%s><th>%s</th><td>%.3f</td><td>%.3f</td><td>%.3f</td><td>%.3f</td><td>%.2f</td><td>%s</td></tr>",
                name.equals(Evaluation.MODEL) ? " class=\"own\"" : "",
                Html.escape(words(name)),
                scores.auc().value(),
                scores.logLoss().value(),
                scores.brier().value(),
                scores.calibrationError().value(),
                scores.lift10().value(),
                scores.ndcg10() == null ? "–" : format("%.3f", scores.ndcg10().value())));
    line("</tbody></table></div>");
    line("<ul>");
    report
        .improvement()
        .forEach((opponent, improvement) ->
            line(
                "<li>Better than the %s by AUC %s and log loss %s (paired, 95&nbsp;%% intervals).</li>",
                Html.escape(words(opponent)),
                signed(improvement.auc()),
                signed(improvement.logLoss())));
    if (report.detectable() != null) {
      line(
          "<li>The smallest true improvement over the champion that these pairs would have shown four times out of five: AUC %.3f, log loss %.4f.</li>",
          report.detectable().auc(), report.detectable().logLoss());
    }
    if (report.bayes() != null) {
      line(
          "<li>Outcomes are generated: whoever knew the truth would reach AUC %.3f; the model reaches %.0f&nbsp;%% of that.</li>",
          report.bayes().auc(), 100 * report.bayes().share());
    }
    line("</ul>");
  }

  private static List<Chart.Dot> dots(Report report, boolean auc) {
    return report.scores().entrySet().stream()
        // Guessing at random loses so much that nothing else could be told apart.
        .filter(entry -> auc || !entry.getKey().equals(Evaluation.RANDOM))
        .map(entry ->
            new Chart.Dot(
                words(entry.getKey()),
                auc ? entry.getValue().auc() : entry.getValue().logLoss(),
                entry.getKey().equals(Evaluation.MODEL)))
        .toList();
  }

  private void calibration(Report report) {
    if (!report.calibration().isEmpty()) {
      figure(
          "Calibration",
          "Of pairs given this probability, how many were satisfied; on the dashed line, predicted and observed agree.",
          Chart.calibration("calibration", report.calibration()));
    }
    if (report.top1() != null) {
      line(
          "<p>Of the 1&nbsp;%% of pairs it thinks most of (%,d), it predicted %.0f&nbsp;%% to be satisfied, and %.0f&nbsp;%% were%s.</p>",
          report.top1().rows(),
          100 * report.top1().predicted(),
          100 * report.top1().observed(),
          report.top1().rows() < 30 ? ": too few to say much" : "");
    }
  }

  private void features() {
    line("<section>");
    line("<h2>What it looks at</h2>");
    figure(
        "Reach of each feature",
        "What a feature can add to the log-odds of a pair, from its worst to its best values; together they make the score."
            + (model.additive() == model
                ? ""
                : " Of a boosted model these are bounds that few pairs come near."),
        Chart.ranges(
            "reach",
            reaches(model).stream()
                .filter(reach -> reach.least() != reach.most())
                .map(reach -> new Chart.Range(reach.feature(), reach.least(), reach.most()))
                .toList()));
    List<String> without =
        reaches(model).stream()
            .filter(reach -> reach.least() == reach.most())
            .map(Reach::feature)
            .toList();
    if (!without.isEmpty()) {
      line("<p>Without weight: %s.</p>", Html.escape(String.join(", ", without)));
    }
    line("</section>");
  }

  private void shadow(ModelReport.Shadow shadow) {
    ShadowReport report = shadow.report();
    line("<section>");
    line("<h2>What it would change</h2>");
    line(
        "<p>Shadow run %d of %s, against run %d of the champion %s: %,d people.</p>",
        report.runId(),
        TIME.format(shadow.at()),
        report.publishedRunId(),
        Html.escape(shadow.champion()),
        report.people());
    line("<div class=\"wide\"><table>");
    line(
        "<thead><tr><th>For a person</th><th>mean</th><th>10&nbsp;%% below</th><th>half below</th><th>90&nbsp;%% below</th></tr></thead><tbody>");
    spread("First 10 matches that stay", report.overlap10());
    spread("First 50 matches that stay", report.overlap50());
    if (report.rankCorrelation() != null) {
      spread("Rank correlation of matches in both lists", report.rankCorrelation());
    }
    line("</tbody></table></div>");
    bands(report);
    line("<h3>Exposure</h3>");
    line("<div class=\"wide\"><table>");
    line("<thead><tr><th></th><th>now</th><th>then</th></tr></thead><tbody>");
    line(
        "<tr><th>In nobody’s list</th><td>%.1f&nbsp;%%</td><td>%.1f&nbsp;%%</td></tr>",
        100 * report.published().neverListedShare(), 100 * report.shadow().neverListedShare());
    line(
        "<tr><th>Longest reach, lists</th><td>%,d</td><td>%,d</td></tr>",
        report.published().longestReach(), report.shadow().longestReach());
    line(
        "<tr><th>Gini of listings</th><td>%.3f</td><td>%.3f</td></tr>",
        report.published().gini(), report.shadow().gini());
    line("</tbody></table></div>");
    report
        .failedChecks()
        .forEach(failure -> line("<p class=\"warning\">%s</p>", Html.escape(failure)));
    line("</section>");
  }

  private void spread(String what, ShadowReport.Spread spread) {
    line(
        "<tr><th>%s</th><td>%.2f</td><td>%.2f</td><td>%.2f</td><td>%.2f</td></tr>",
        Html.escape(what), spread.mean(), spread.p10(), spread.p50(), spread.p90());
  }

  private void bands(ShadowReport report) {
    long most =
        Math.max(
            1,
            report.bands().stream()
                .flatMap(List::stream)
                .mapToLong(Long::longValue)
                .max()
                .orElse(1));
    line("<h3>Scores of matches in both lists</h3>");
    line(
        "<p>%.1f&nbsp;%% move to another band of 20 points; stability index %.3f (0.25 is much).</p>",
        100 * report.movedShare(), report.stabilityIndex());
    line("<div class=\"wide\"><table class=\"bands\">");
    line("<thead><tr><th>now, then</th>");
    for (int then = 0; then < ShadowReport.BANDS; then++) {
      line("<th>%s</th>", band(then));
    }
    line("</tr></thead><tbody>");
    for (int now = 0; now < report.bands().size(); now++) {
      line("<tr><th>%s</th>", band(now));
      for (long rows : report.bands().get(now)) {
        line("<td style=\"--part:%.0f%%\">%,d</td>", 60.0 * rows / most, rows);
      }
      line("</tr>");
    }
    line("</tbody></table></div>");
  }

  private static String band(int band) {
    return "%d–%d".formatted(20 * band, 20 * band + 20);
  }

  private void lineage() {
    ModelReport.Lineage lineage = detail.lineage();
    line("<section>");
    line("<h2>Where it came from</h2>");
    line("<dl>");
    entry("Training pairs", trainedOn());
    entry("Their SHA-256", lineage.trainingSha256());
    entry("Settings", lineage.hyperparameters().isEmpty() ? null : lineage.hyperparameters());
    entry("Seed", lineage.seed());
    entry("Trained to replace", lineage.parent());
    entry("Code", lineage.codeVersion());
    entry("Registered", TIME.format(lineage.createdAt()) + " UTC by " + lineage.createdBy());
    entry("Artefact SHA-256", lineage.artefactSha256());
    line("</dl>");
    if (!detail.uses().isEmpty()) {
      line("<h3>Held-out pairs that judged it</h3>");
      line("<ul>");
      for (ModelReport.Use use : detail.uses()) {
        line(
            "<li>%s for %s: pairs <code>%s</code>, which have judged %d version(s)</li>",
            TIME.format(use.at()),
            Html.escape(use.purpose()),
            Html.escape(use.holdoutSha256().substring(0, 12)),
            use.versions());
      }
      line("</ul>");
    }
    line("</section>");
  }

  private void entry(String name, @Nullable Object value) {
    if (value != null) {
      line("<dt>%s</dt><dd>%s</dd>", Html.escape(name), Html.escape(value.toString()));
    }
  }

  private void events() {
    line("<section>");
    line("<h2>What became of it</h2>");
    line("<ol>");
    for (ModelReport.Event event : detail.events()) {
      line(
          "<li><time>%s</time> %s by %s%s: %s%s</li>",
          time(event.at()),
          Html.escape(event.action()),
          Html.escape(event.who()),
          event.toState() == null ? "" : ", now " + Html.escape(event.toState()),
          Html.escape(event.why()),
          event.override() == null
              ? ""
              : " <strong>Gate overridden: " + Html.escape(event.override()) + "</strong>");
    }
    line("</ol>");
    line("</section>");
  }

  private void figure(String caption, String words, String svg) {
    line("<figure>");
    line(
        "<figcaption><strong>%s.</strong> %s</figcaption>",
        Html.escape(caption), Html.escape(words));
    html.append(svg);
    line("</figure>");
  }

  private static String words(String scorer) {
    return scorer.replace('_', ' ');
  }

  private static String signed(Interval interval) {
    return format("%+.4f (%+.4f to %+.4f)", interval.value(), interval.low(), interval.high());
  }

  private static String time(Instant at) {
    return TIME.format(at);
  }

  private static String style() {
    try (InputStream in = ModelCard.class.getResourceAsStream("/report/card.css")) {
      if (in == null) {
        throw new IllegalStateException("resource /report/card.css is missing from the program");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @FormatMethod
  private void line(String pattern, Object... values) {
    html.append(String.format(Locale.ROOT, pattern, values)).append('\n');
  }

  @FormatMethod
  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
