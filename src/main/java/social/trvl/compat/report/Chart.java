package social.trvl.compat.report;

import com.google.errorprone.annotations.FormatMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.model.training.Report.Bin;
import social.trvl.compat.model.training.Report.Interval;

/**
 * Draws figures as SVG for a page: no script, nothing loaded, colours from the page's style.
 *
 * <p>Drawings are {@value #WIDTH} units wide, so that their words can still be read on a phone.
 * Each has a title and a description in words for those who can't see it.
 */
final class Chart {

  private static final int WIDTH = 400;
  private static final int ROW = 24;
  private static final int AXIS = 34;

  /** Of the Wilson interval: 95 %. */
  private static final double Z = 1.96;

  /** One scorer's figure. */
  record Dot(String label, Interval interval, boolean own) {}

  /** What a feature can add to the log-odds, from its worst to its best. */
  record Range(String label, double worst, double best) {}

  private final StringBuilder svg = new StringBuilder();

  private Chart(String id, int height, String title, String description) {
    line(
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"%s-title %s-desc\">",
        WIDTH, height, id, id);
    line("<title id=\"%s-title\">%s</title>", id, Html.escape(title));
    line("<desc id=\"%s-desc\">%s</desc>", id, Html.escape(description));
  }

  /**
   * Predicted against observed shares, each with its 95 % interval (Wilson).
   *
   * @param bins lowest first, at least one
   */
  static String calibration(String id, List<Bin> bins) {
    double least = 1;
    double most = 0;
    List<String> words = new ArrayList<>();
    for (Bin bin : bins) {
      Interval observed = wilson(bin);
      least = Math.min(least, Math.min(observed.low(), bin.predicted()));
      most = Math.max(most, Math.max(observed.high(), bin.predicted()));
      words.add(format("%.2f: %.2f", bin.predicted(), bin.observed()));
    }
    double from = Math.max(0, Math.floor(least * 10) / 10);
    double to = Math.min(1, Math.ceil(most * 10) / 10);
    Chart chart =
        new Chart(
            id,
            330,
            "Calibration",
            "Observed share of satisfied pairs for each predicted one, "
                + String.join(", ", words));
    Scale x = new Scale(from, to, 50, 380);
    Scale y = new Scale(from, to, 280, 14);
    for (double tick : ticks(from, to)) {
      chart.grid(50, y.at(tick), 380, y.at(tick));
      chart.grid(x.at(tick), 14, x.at(tick), 280);
      chart.text("tick end", 44, y.at(tick) + 4, share(tick));
      chart.text("tick middle", x.at(tick), 296, share(tick));
    }
    chart.line(
        "<line class=\"ideal\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>",
        x.at(from), y.at(from), x.at(to), y.at(to));
    for (Bin bin : bins) {
      Interval observed = wilson(bin);
      chart.whisker(
          x.at(bin.predicted()),
          y.at(observed.low()),
          x.at(bin.predicted()),
          y.at(observed.high()));
      chart.dot(x.at(bin.predicted()), y.at(bin.observed()), true);
    }
    chart.text("label middle", 215, 320, "predicted");
    chart.line(
        "<text class=\"label middle\" transform=\"translate(12 147) rotate(-90)\">observed</text>");
    return chart.end();
  }

  /**
   * Figures of several scorers with their intervals, one below the other.
   *
   * @param reference a value that stands for nothing learnt; null if there is none
   */
  static String dots(String id, String title, List<Dot> dots, @Nullable Double reference) {
    double least = reference == null ? Double.MAX_VALUE : reference;
    double most = reference == null ? -Double.MAX_VALUE : reference;
    List<String> words = new ArrayList<>();
    for (Dot dot : dots) {
      least = Math.min(least, dot.interval().low());
      most = Math.max(most, dot.interval().high());
      words.add(
          format(
              "%s %.3f (%.3f to %.3f)",
              dot.label(), dot.interval().value(), dot.interval().low(), dot.interval().high()));
    }
    double pad = Math.max(1e-3, (most - least) * 0.04);
    Scale x = new Scale(least - pad, most + pad, 92, 340);
    int bottom = 8 + ROW * dots.size();
    Chart chart = new Chart(id, bottom + AXIS, title, String.join(", ", words));
    for (double tick : ticks(least - pad, most + pad)) {
      chart.grid(x.at(tick), 8, x.at(tick), bottom);
      chart.text("tick middle", x.at(tick), bottom + 16, trimmed(tick));
    }
    if (reference != null) {
      chart.line(
          "<line class=\"ideal\" x1=\"%.1f\" y1=\"8\" x2=\"%.1f\" y2=\"%d\"/>",
          x.at(reference), x.at(reference), bottom);
    }
    for (int i = 0; i < dots.size(); i++) {
      Dot dot = dots.get(i);
      double y = 8 + ROW * (i + 0.5);
      chart.text(dot.own() ? "name own end" : "name end", 86, y + 4, dot.label());
      chart.whisker(x.at(dot.interval().low()), y, x.at(dot.interval().high()), y);
      chart.dot(x.at(dot.interval().value()), y, dot.own());
      chart.text(
          dot.own() ? "value own end" : "value end",
          396,
          y + 4,
          format("%.3f", dot.interval().value()));
    }
    return chart.end();
  }

  /** What features can add at worst and at best, the most telling first. */
  static String ranges(String id, List<Range> ranges) {
    double least = 0;
    double most = 0;
    List<String> words = new ArrayList<>();
    for (Range range : ranges) {
      least = Math.min(least, range.worst());
      most = Math.max(most, range.best());
      words.add(format("%s %+.2f to %+.2f", range.label(), range.worst(), range.best()));
    }
    double pad = Math.max(1e-3, (most - least) * 0.03);
    Scale x = new Scale(least - pad, most + pad, 128, 392);
    int bottom = 8 + ROW * ranges.size();
    Chart chart =
        new Chart(id, bottom + AXIS + 14, "Reach of each feature", String.join(", ", words));
    for (double tick : ticks(least - pad, most + pad)) {
      chart.grid(x.at(tick), 8, x.at(tick), bottom);
      chart.text("tick middle", x.at(tick), bottom + 16, trimmed(tick));
    }
    for (int i = 0; i < ranges.size(); i++) {
      Range range = ranges.get(i);
      double y = 8 + ROW * i;
      chart.text("name end", 122, y + ROW / 2.0 + 4, range.label());
      chart.bar("against", x.at(Math.min(0, range.worst())), x.at(Math.min(0, range.best())), y);
      chart.bar("for", x.at(Math.max(0, range.worst())), x.at(Math.max(0, range.best())), y);
    }
    chart.line(
        "<line class=\"zero\" x1=\"%.1f\" y1=\"8\" x2=\"%.1f\" y2=\"%d\"/>",
        x.at(0), x.at(0), bottom);
    chart.text("label middle", 260, bottom + 38, "added to the log-odds");
    return chart.end();
  }

  /** From values to units of the drawing. */
  private record Scale(double from, double to, double first, double last) {
    double at(double value) {
      return to == from ? first : first + (value - from) / (to - from) * (last - first);
    }
  }

  private void grid(double x1, double y1, double x2, double y2) {
    line("<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>", x1, y1, x2, y2);
  }

  private void whisker(double x1, double y1, double x2, double y2) {
    line(
        "<line class=\"whisker\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>",
        x1, y1, x2, y2);
  }

  private void dot(double x, double y, boolean own) {
    line("<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"4.5\"/>", own ? "own" : "other", x, y);
  }

  private void bar(String kind, double from, double to, double y) {
    if (to > from) {
      line(
          "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" rx=\"2\"/>",
          kind, from, y + 5, to - from, ROW - 10);
    }
  }

  private void text(String kind, double x, double y, String words) {
    line("<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">%s</text>", kind, x, y, Html.escape(words));
  }

  @FormatMethod
  private void line(String pattern, Object... values) {
    svg.append(String.format(Locale.ROOT, pattern, values)).append('\n');
  }

  private String end() {
    return svg.append("</svg>\n").toString();
  }

  private static Interval wilson(Bin bin) {
    double n = Math.max(1, bin.rows());
    double centre = (bin.observed() + Z * Z / (2 * n)) / (1 + Z * Z / n);
    double half =
        Z
            / (1 + Z * Z / n)
            * Math.sqrt(bin.observed() * (1 - bin.observed()) / n + Z * Z / (4 * n * n));
    return new Interval(bin.observed(), Math.max(0, centre - half), Math.min(1, centre + half));
  }

  /** Three to six round values within a range. */
  private static List<Double> ticks(double from, double to) {
    double step = Math.pow(10, Math.floor(Math.log10(to - from)));
    for (double finer : new double[] {1, 0.5, 0.2, 0.1}) {
      if ((to - from) / (step * finer) >= 3) {
        step *= finer;
        break;
      }
    }
    List<Double> ticks = new ArrayList<>();
    for (double i = Math.ceil(from / step - 1e-9); i * step <= to + 1e-9 * step; i++) {
      ticks.add(i * step);
    }
    return ticks;
  }

  private static String share(double value) {
    return format("%.0f %%", 100 * value);
  }

  private static String trimmed(double value) {
    String text = format("%.3f", value);
    return text.replaceAll("0+$", "").replaceAll("\\.$", "").replaceAll("^-0$", "0");
  }

  @FormatMethod
  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
