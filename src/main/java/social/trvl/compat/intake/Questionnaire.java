package social.trvl.compat.intake;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;

/**
 * A personality questionnaire: which items make up which trait, and how they are answered.
 *
 * @param name identifies it in the ids of the people it is imported for, e.g. {@code bfi}
 * @param scales one for each trait, in the order of {@link Trait}
 * @param lowest least answer, e.g. 1 for "very inaccurate"
 * @param highest greatest answer; more than {@code lowest}
 */
public record Questionnaire(String name, List<Scale> scales, int lowest, int highest) {

  /** A trait and its items. */
  public record Scale(Trait trait, List<Item> items) {

    public Scale {
      items = List.copyOf(items);
    }

    /** Fewer answered items than this, and the trait is unknown: 80 %, rounded up. */
    public int answersNeeded() {
      return (4 * items.size() + 4) / 5;
    }
  }

  /**
   * One question.
   *
   * @param column name in the file of answers
   * @param reversed whether agreeing means less of the trait
   */
  public record Item(String column, boolean reversed) {}

  /** The answers that the shipped questionnaire and most others with six steps use. */
  public static final String DEFAULT_ANSWERS = "1-6";

  private static final String SHIPPED_KEYING = "/people/bfi.keys.csv";
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  private static final Pattern ANSWERS = Pattern.compile("([0-9]{1,3})-([0-9]{1,3})");

  /** How keying files call the traits besides their full names. */
  private static final Map<String, Trait> SHORT_NAMES =
      Map.of("agree", Trait.AGREEABLENESS, "conscientious", Trait.CONSCIENTIOUSNESS);

  public Questionnaire {
    scales = List.copyOf(scales);
    if (!NAME.matcher(name).matches()) {
      throw new CompatException(
          ExitCode.USAGE,
          "The instrument's name is '%s'; up to 64 letters, digits, dots, hyphens and underscores are allowed, e.g. bfi."
              .formatted(name));
    }
    if (lowest >= highest) {
      throw new CompatException(
          ExitCode.USAGE,
          "The answers are %d-%d; the first number must be less than the second, e.g. 1-6."
              .formatted(lowest, highest));
    }
  }

  /** The 25-item questionnaire {@code bfi} that comes with the program. */
  public static Questionnaire shipped() {
    return load("bfi", null, DEFAULT_ANSWERS);
  }

  /**
   * Reads a questionnaire's keying.
   *
   * @param name see {@link #name}
   * @param keying CSV file whose columns are the scales and whose cells name the items, a minus
   *     before those that are reverse-keyed; a first column {@code rownames} is ignored. Null: the
   *     shipped one
   * @param answers least and greatest answer, e.g. {@code 1-6}
   * @throws CompatException if the file lacks a scale, names an item twice, or is no CSV
   */
  public static Questionnaire load(String name, @Nullable Path keying, String answers) {
    Matcher range = ANSWERS.matcher(answers);
    if (!range.matches()) {
      throw new CompatException(
          ExitCode.USAGE,
          "The answers are '%s'; two whole numbers with a hyphen between are needed, e.g. 1-6."
              .formatted(answers));
    }
    try (CsvTable table =
        keying == null ? CsvTable.ofResource(SHIPPED_KEYING) : CsvTable.open(keying)) {
      return new Questionnaire(
          name,
          readScales(table),
          Integer.parseInt(range.group(1)),
          Integer.parseInt(range.group(2)));
    }
  }

  /** Names of all item columns, scale by scale. */
  List<String> columns() {
    return scales.stream().flatMap(s -> s.items().stream()).map(Item::column).toList();
  }

  private static List<Scale> readScales(CsvTable table) {
    List<@Nullable Trait> traits = new ArrayList<>();
    for (String column : table.header()) {
      traits.add(column.equals("rownames") || column.isEmpty() ? null : traitOf(table, column));
    }
    Map<Trait, List<Item>> items = new EnumMap<>(Trait.class);
    Set<String> seen = new HashSet<>();
    for (CsvTable.Row row = table.next(); row != null; row = table.next()) {
      for (int i = 0; i < Math.min(row.cells().size(), traits.size()); i++) {
        Trait trait = traits.get(i);
        String cell = row.cells().get(i);
        if (trait == null || cell.isEmpty()) {
          continue;
        }
        Item item =
            cell.startsWith("-") ? new Item(cell.substring(1), true) : new Item(cell, false);
        if (!seen.add(item.column())) {
          throw new CompatException(
              ExitCode.BAD_INPUT,
              "Keying %s names item '%s' again in line %d. An item belongs to one scale."
                  .formatted(table.name(), item.column(), row.line()));
        }
        items.computeIfAbsent(trait, t -> new ArrayList<>()).add(item);
      }
    }
    List<Scale> scales = new ArrayList<>();
    for (Trait trait : Trait.values()) {
      List<Item> own = items.getOrDefault(trait, List.of());
      if (own.isEmpty()) {
        throw new CompatException(
            ExitCode.BAD_INPUT,
            "Keying %s has no items for %s. It needs a column for each of the five traits, see people/bfi.keys.csv."
                .formatted(table.name(), trait.column()));
      }
      scales.add(new Scale(trait, own));
    }
    return scales;
  }

  private static Trait traitOf(CsvTable table, String column) {
    Trait named = SHORT_NAMES.get(column);
    if (named != null) {
      return named;
    }
    for (Trait trait : Trait.values()) {
      if (trait.column().equals(column)) {
        return trait;
      }
    }
    throw new CompatException(
        ExitCode.BAD_INPUT,
        "Keying %s has a column '%s', which is no trait. Allowed: rownames, agree or agreeableness, conscientious or conscientiousness, extraversion, neuroticism, openness."
            .formatted(table.name(), column));
  }
}
