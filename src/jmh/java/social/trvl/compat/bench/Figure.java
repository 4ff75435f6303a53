package social.trvl.compat.bench;

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
}
