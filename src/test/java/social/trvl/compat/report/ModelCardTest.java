package social.trvl.compat.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import social.trvl.compat.model.ModelFixtures;
import social.trvl.compat.model.PairModel;
import social.trvl.compat.model.ShadowReport;
import social.trvl.compat.model.ShadowReport.Exposure;
import social.trvl.compat.model.ShadowReport.Spread;
import social.trvl.compat.model.training.Report;
import social.trvl.compat.model.training.Report.Bin;
import social.trvl.compat.model.training.Report.Improvement;
import social.trvl.compat.model.training.Report.Interval;
import social.trvl.compat.model.training.Report.Scores;

class ModelCardTest {

  private static final Instant TIME = Instant.parse("2026-11-01T12:00:00Z");
  private static final PairModel MODEL = ModelFixtures.read(ModelFixtures.challenger("additive"));

  private static Report metrics() {
    Map<String, Scores> scores = new LinkedHashMap<>();
    scores.put("model", scores(.724, .583));
    scores.put("random", scores(.497, 1.02));
    scores.put("base_rate", scores(.5, .668));
    scores.put("baseline", scores(.655, .634));
    scores.put("champion", scores(.655, .634));
    scores.put("similarity", scores(.512, .667));
    List<Bin> bins = new ArrayList<>();
    double[] predicted = {.24, .41, .52, .59, .65, .70, .75, .80, .85, .91};
    double[] observed = {.27, .38, .55, .57, .66, .72, .73, .82, .84, .92};
    for (int i = 0; i < predicted.length; i++) {
      bins.add(new Bin(i / 10.0, (i + 1) / 10.0, 210, predicted[i], observed[i]));
    }
    return new Report(
        new Report.Holdout(
            "ab".repeat(32),
            2_100,
            1_300,
            800,
            640,
            410,
            TIME,
            TIME,
            null,
            true,
            true,
            0,
            9_871,
            3),
        scores,
        Map.of(
            "baseline",
            new Improvement(new Interval(.069, .041, .096), new Interval(.051, .03, .071))),
        new Report.Detectable(.018, .012),
        bins,
        new Report.Top(21, .93, .95),
        null);
  }

  private static Scores scores(double auc, double logLoss) {
    return new Scores(
        new Interval(auc, auc - .021, auc + .02),
        new Interval(logLoss, logLoss - .014, logLoss + .015),
        new Interval(.2, .19, .21),
        new Interval(.02, .01, .04),
        new Interval(1.4, 1.3, 1.5),
        null);
  }

  private static ModelReport.Detail detail(String words, @Nullable Report metrics) {
    Spread spread = new Spread(.42, .1, .4, .8);
    ShadowReport shadow =
        new ShadowReport(
            12,
            11,
            true,
            2_731,
            spread,
            new Spread(.55, .3, .55, .8),
            spread,
            List.of(
                List.of(120L, 30L, 2L, 0L, 0L),
                List.of(20L, 900L, 310L, 8L, 0L),
                List.of(0L, 200L, 12_000L, 2_100L, 40L),
                List.of(0L, 4L, 3_400L, 22_000L, 3_100L),
                List.of(0L, 0L, 12L, 2_000L, 9_000L)),
            .131,
            new Exposure(.08, 412, .49),
            new Exposure(.11, 640, .55),
            List.of(words),
            List.of(new ShadowReport.Change(new UUID(1, 1), 0, .04, null)));
    return new ModelReport.Detail(
        new ModelReport.Summary(
            3, words + " 1", "shadow", "logistic regression", TIME, 23_411L, .724, .583, true),
        new ModelReport.Lineage(
            TIME,
            TIME,
            23_411L,
            "cd".repeat(32),
            "baseline 0",
            "1.0",
            7L,
            new TreeMap<>(Map.of("lambda", 0.03, "words", words)),
            "ef".repeat(32),
            words,
            TIME),
        metrics,
        List.of(
            new ModelReport.Event(TIME, words, "register", null, "candidate", words, null),
            new ModelReport.Event(TIME, "owner", "promote", "shadow", "champion", words, words)),
        List.of(new ModelReport.Use(TIME, "training", "ab".repeat(32), 3)),
        new ModelReport.Shadow(TIME, words, shadow));
  }

  private static String card() throws IOException {
    String card = ModelCard.html(detail("additive", metrics()), MODEL);
    Files.createDirectories(Path.of("target/cards"));
    Files.writeString(Path.of("target/cards/card.html"), card);
    return card;
  }

  @Test
  void card_saysWhatItIsAndWhatItIsNot() throws IOException {
    assertThat(card())
        .contains(
            "100 times the probability that the two would both be satisfied",
            "Only people who travelled together have outcomes",
            "2,100 pairs of 640 people it had never seen",
            "after all pairs it was trained on",
            "+0.0690 (+0.0410 to +0.0960)",
            "AUC 0.018, log loss 0.0120",
            "predicted 93&nbsp;% to be satisfied, and 95&nbsp;% were: too few to say much",
            "Trained on 23,411 pairs",
            "which have judged 3 version(s)",
            "In nobody’s list</th><td>8.0&nbsp;%</td><td>11.0&nbsp;%",
            "Gate overridden");
  }

  @Test
  void card_ofOpinions_claimsNoProbability() {
    ModelReport.Detail detail = detail("baseline", null);
    assertThat(ModelCard.html(detail, ModelFixtures.baseline()))
        .contains("It is not calibrated")
        .doesNotContain("100 times the probability", "How well it did", "NaN");
  }

  @Test
  void card_loadsNothingAndRunsNothing() throws IOException {
    assertThat(card())
        .doesNotContainIgnoringCase("<script")
        .doesNotContainIgnoringCase("http")
        .doesNotContainIgnoringCase("src=")
        .doesNotContainIgnoringCase("url(")
        .doesNotContainIgnoringCase("@import")
        .doesNotContain("<link", "NaN", "Infinity", "null");
  }

  /** Well-formed throughout, so that nothing given breaks out of its place. */
  @Test
  void card_ofHostileWords_showsThemAsWords()
      throws IOException, SAXException, ParserConfigurationException {
    String hostile = "</style><script>alert('x')</script>\"><img src=x onerror=y> & %s %n";
    String card = ModelCard.html(detail(hostile, metrics()), MODEL);
    assertThat(card).doesNotContain("<script>", "<img").contains("&lt;script&gt;alert(&#39;x");
    Document document = parse(card);
    assertThat(document.getElementsByTagName("script").getLength()).isZero();
    assertThat(document.getElementsByTagName("h1").item(0).getTextContent()).contains(hostile);
  }

  @Test
  void charts_haveTitlesAndDescriptionsForThoseWhoCantSeeThem()
      throws IOException, SAXException, ParserConfigurationException {
    Document document = parse(card());
    int charts = document.getElementsByTagName("svg").getLength();
    assertThat(charts).isEqualTo(4);
    assertThat(document.getElementsByTagName("desc").getLength()).isEqualTo(charts);
    for (int i = 0; i < charts; i++) {
      assertThat(document.getElementsByTagName("desc").item(i).getTextContent())
          .hasSizeGreaterThan(60);
    }
    Matcher ids = Pattern.compile(" id=\"([^\"]+)\"").matcher(card());
    List<String> seen = new ArrayList<>();
    while (ids.find()) {
      seen.add(ids.group(1));
    }
    assertThat(seen).hasSize(2 * charts).doesNotHaveDuplicates();
  }

  @Test
  void charts_stayWithinTheirDrawing()
      throws IOException, SAXException, ParserConfigurationException {
    Document document = parse(card());
    for (String tag : List.of("circle", "rect", "text", "line")) {
      var nodes = document.getElementsByTagName(tag);
      assertThat(nodes.getLength()).isPositive();
      for (int i = 0; i < nodes.getLength(); i++) {
        for (String attribute : List.of("x", "cx", "x1", "x2")) {
          var value = nodes.item(i).getAttributes().getNamedItem(attribute);
          if (value != null) {
            assertThat(Double.parseDouble(value.getNodeValue())).isBetween(0.0, 400.0);
          }
        }
      }
    }
  }

  private static Document parse(String card)
      throws IOException, SAXException, ParserConfigurationException {
    String xml =
        card.replace("<!doctype html>", "").replaceAll("<meta [^>]*>", "").replace("&nbsp;", " ");
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(xml)));
  }
}
