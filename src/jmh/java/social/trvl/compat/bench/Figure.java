package social.trvl.compat.bench;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One line of the report.
 *
 * @param value in the unit
 * @param unit of SI or a count ({@code s}, {@code B}, {@code pairs/s}); empty for ratios
 * @param goal null where the figure is for information
 * @param note what a reader has to know to judge it; may be empty
 * @param reached whether the goal is reached; null if there is none
 * @param beyond whether what would be better still is reached; null if nothing is asked
 */
public record Figure(
    Section section,
    String name,
    Spread value,
    String unit,
    @Nullable Goal goal,
    String note,
    @Nullable Boolean reached,
    @Nullable Boolean beyond) {

  static Figure of(
      Section section, String name, Spread value, String unit, @Nullable Goal goal, String note) {
    return new Figure(
        section,
        name,
        value,
        unit,
        goal,
        note,
        goal == null ? null : goal.meets(value.median(), goal.reach()),
        goal == null ? null : goal.meets(value.median(), goal.beyond()));
  }

  /** With three digits and a prefix of SI. */
  public static String scaled(double value, String unit) {
    String[] prefixes = {"µ", "m", "", "k", "M", "G", "T"};
    int step = 2;
    double shown = value;
    while (Math.abs(shown) >= 999.5 && step < prefixes.length - 1) {
      shown /= 1000;
      step++;
    }
    while (shown != 0 && Math.abs(shown) < 0.9995 && step > 0 && unit.equals("s")) {
      shown *= 1000;
      step--;
    }
    int digits = Math.abs(shown) >= 99.95 ? 0 : Math.abs(shown) >= 9.995 ? 1 : 2;
    String prefixed = prefixes[step] + (unit.contains("/") ? " " : "") + unit;
    return (String.format(Locale.ROOT, "%." + digits + "f", shown) + " " + prefixed.strip())
        .strip();
  }

  /** A whole number with commas. */
  static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }
}
