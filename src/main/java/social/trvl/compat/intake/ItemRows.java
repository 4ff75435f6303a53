package social.trvl.compat.intake;

import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;

/**
 * Rows of answers to a questionnaire: the first column identifies the person, the others are items.
 *
 * <p>A trait is (mean of the keyed answers − lowest) / (highest − lowest), rounded half up to two
 * decimals, or unknown if fewer than {@link Questionnaire.Scale#answersNeeded} items were answered.
 */
final class ItemRows implements RowReader {

  /** Known of the person and not imported, but no reason to refuse the file. */
  private static final List<String> OTHERS = List.of("age", "gender", "education");

  private static final int AGE_MAX = 120;
  private static final int ID_CHARS_MAX = 200;
  private static final Pattern WHOLE_NUMBER = Pattern.compile("[0-9]{1,9}");
  private static final List<@Nullable String> NO_WORDS =
      Collections.nCopies(WORD_COLUMNS.size(), null);

  private final Questionnaire questionnaire;
  private final LocalDate today;
  private final Header header;
  private final String idColumn;
  private final Map<String, Long> lines = new HashMap<>();
  private final Map<Trait, CronbachAlpha> reliability = new EnumMap<>(Trait.class);

  ItemRows(CsvTable table, Questionnaire questionnaire, LocalDate today) {
    this.questionnaire = questionnaire;
    this.today = today;
    this.idColumn = table.header().getFirst();
    List<String> items = questionnaire.columns();
    if (items.contains(idColumn) || OTHERS.contains(idColumn)) {
      throw new CompatException(
          ExitCode.BAD_INPUT,
          "The first column of %s is '%s'; the first one must identify the person, e.g. rownames. Nothing was written."
              .formatted(table.name(), idColumn));
    }
    List<String> others = table.header().subList(1, table.header().size());
    this.header = new Header(table, others, items, OTHERS);
    for (Questionnaire.Scale scale : questionnaire.scales()) {
      reliability.put(scale.trait(), new CronbachAlpha(scale.items().size()));
    }
  }

  @Override
  public @Nullable IncomingAssessment read(CsvTable.Row row, RejectedCells rejected) {
    long badBefore = rejected.cells();
    UUID id = id(row, rejected);
    Integer age = wholeNumber(row, "age", 0, AGE_MAX, rejected);
    Map<Trait, List<@Nullable Integer>> answers = new EnumMap<>(Trait.class);
    for (Questionnaire.Scale scale : questionnaire.scales()) {
      answers.put(scale.trait(), keyed(row, scale, rejected));
    }
    if (id == null || rejected.cells() > badBefore) {
      return null;
    }
    List<@Nullable Integer> traits = new ArrayList<>();
    for (Questionnaire.Scale scale : questionnaire.scales()) {
      List<@Nullable Integer> own = answers.getOrDefault(scale.trait(), List.of());
      Objects.requireNonNull(reliability.get(scale.trait())).add(own);
      traits.add(hundredths(scale, own));
    }
    // The middle of the year that the age leaves open.
    LocalDate birth = age == null ? null : today.minusYears(age).minusMonths(6);
    return new IncomingAssessment(id, birth, traits, NO_WORDS);
  }

  @Override
  public boolean gives(int word) {
    return false;
  }

  @Override
  public Map<Trait, Double> alphas() {
    Map<Trait, Double> alphas = new EnumMap<>(Trait.class);
    reliability.forEach((trait, alpha) -> {
      Double value = alpha.value();
      if (value != null) {
        alphas.put(trait, value);
      }
    });
    return alphas;
  }

  private @Nullable UUID id(CsvTable.Row row, RejectedCells rejected) {
    String text = header.cell(row, idColumn);
    if (text == null || text.length() > ID_CHARS_MAX) {
      rejected.add(
          row.line(),
          idColumn,
          text == null ? "" : text,
          text == null ? "missing" : "longer than %d characters".formatted(ID_CHARS_MAX));
      return null;
    }
    Long first = lines.putIfAbsent(text, row.line());
    if (first != null) {
      rejected.add(row.line(), idColumn, text, "duplicate of line " + first);
    }
    return UUID.nameUUIDFromBytes(
        (questionnaire.name() + ":" + text).getBytes(StandardCharsets.UTF_8));
  }

  private List<@Nullable Integer> keyed(
      CsvTable.Row row, Questionnaire.Scale scale, RejectedCells rejected) {
    int lowest = questionnaire.lowest();
    int highest = questionnaire.highest();
    List<@Nullable Integer> answers = new ArrayList<>();
    for (Questionnaire.Item item : scale.items()) {
      Integer answer = wholeNumber(row, item.column(), lowest, highest, rejected);
      answers.add(
          answer != null && item.reversed() ? Integer.valueOf(lowest + highest - answer) : answer);
    }
    return answers;
  }

  /** Exact in whole numbers, so that halves round the same way everywhere. */
  private @Nullable Integer hundredths(Questionnaire.Scale scale, List<@Nullable Integer> answers) {
    int sum = 0;
    int answered = 0;
    for (Integer answer : answers) {
      if (answer != null) {
        sum += answer - questionnaire.lowest();
        answered++;
      }
    }
    if (answered < scale.answersNeeded()) {
      return null;
    }
    int greatest = answered * (questionnaire.highest() - questionnaire.lowest());
    return (200 * sum + greatest) / (2 * greatest);
  }

  private @Nullable Integer wholeNumber(
      CsvTable.Row row, String column, int min, int max, RejectedCells rejected) {
    String text = header.cell(row, column);
    if (text == null) {
      return null;
    }
    if (!WHOLE_NUMBER.matcher(text).matches()) {
      rejected.add(
          row.line(), column, text, "not a whole number from %d to %d".formatted(min, max));
      return null;
    }
    int value = Integer.parseInt(text);
    if (value < min || value > max) {
      rejected.add(
          row.line(), column, text, "out of range; %d to %d is allowed".formatted(min, max));
      return null;
    }
    return value;
  }
}
