package social.trvl.compat.intake;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Rows of trait scores: one person each, five numbers from 0 to 1. */
final class TraitRows implements RowReader {

  private static final String ID = "user_id";
  private static final String DATE_OF_BIRTH = "date_of_birth";
  private static final List<String> REQUIRED =
      Stream.concat(Stream.of(ID), Arrays.stream(Trait.values()).map(Trait::column)).toList();
  private static final List<String> OPTIONAL =
      Stream.concat(Stream.of(DATE_OF_BIRTH), WORD_COLUMNS.stream()).toList();

  /** As the table's own CHECK. */
  private static final LocalDate BIRTH_MIN = LocalDate.of(1900, 1, 1);

  /** Longer than the platform's longest word by far. */
  private static final int WORD_CHARS_MAX = 64;

  /** {@link UUID#fromString} takes shorter groups too. */
  private static final Pattern UUID_FORM =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  /** The exponent is bounded: 1e999999999 would take all memory. */
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?([0-9]{1,30}(\\.[0-9]{0,60})?|\\.[0-9]{1,60})([eE][+-]?[0-9]{1,2})?");

  private final Header header;
  private final LocalDate today;
  private final Map<UUID, Long> lines = new HashMap<>();

  TraitRows(CsvTable table, LocalDate today) {
    this.header = new Header(table, table.header(), REQUIRED, OPTIONAL);
    this.today = today;
  }

  @Override
  public @Nullable IncomingAssessment read(CsvTable.Row row, RejectedCells rejected) {
    long badBefore = rejected.cells();
    UUID id = id(row, rejected);
    LocalDate birth = dateOfBirth(row, rejected);
    List<@Nullable Integer> traits = new ArrayList<>();
    for (Trait trait : Trait.values()) {
      traits.add(hundredths(row, trait.column(), rejected));
    }
    List<@Nullable String> words = new ArrayList<>();
    for (String column : WORD_COLUMNS) {
      words.add(word(row, column, rejected));
    }
    return id == null || rejected.cells() > badBefore
        ? null
        : new IncomingAssessment(id, birth, traits, words);
  }

  @Override
  public boolean gives(int word) {
    return header.has(WORD_COLUMNS.get(word));
  }

  @Override
  public Map<Trait, Double> alphas() {
    return Map.of();
  }

  private @Nullable UUID id(CsvTable.Row row, RejectedCells rejected) {
    String text = header.cell(row, ID);
    if (text == null || !UUID_FORM.matcher(text).matches()) {
      rejected.add(
          row.line(),
          ID,
          text == null ? "" : text,
          text == null ? "missing" : "not a uuid like 123e4567-e89b-12d3-a456-426614174000");
      return null;
    }
    UUID id = UUID.fromString(text);
    Long first = lines.putIfAbsent(id, row.line());
    if (first != null) {
      rejected.add(row.line(), ID, text, "duplicate of line " + first);
    }
    return id;
  }

  private @Nullable LocalDate dateOfBirth(CsvTable.Row row, RejectedCells rejected) {
    String text = header.cell(row, DATE_OF_BIRTH);
    if (text == null) {
      return null;
    }
    try {
      LocalDate date = LocalDate.parse(text);
      if (date.isBefore(BIRTH_MIN) || date.isAfter(today)) {
        rejected.add(
            row.line(),
            DATE_OF_BIRTH,
            text,
            "implausible; %s to today, %s, is allowed".formatted(BIRTH_MIN, today));
      }
      return date;
    } catch (DateTimeException e) {
      rejected.add(row.line(), DATE_OF_BIRTH, text, "not a date like 1990-12-31");
      return null;
    }
  }

  private @Nullable Integer hundredths(CsvTable.Row row, String column, RejectedCells rejected) {
    String text = header.cell(row, column);
    if (text == null) {
      return null;
    }
    if (!NUMBER.matcher(text).matches()) {
      rejected.add(row.line(), column, text, "not a number like 0.57");
      return null;
    }
    BigDecimal value = new BigDecimal(text);
    if (value.signum() < 0 || value.compareTo(BigDecimal.ONE) > 0) {
      rejected.add(row.line(), column, text, "out of range; 0 to 1 is allowed");
      return null;
    }
    return value.setScale(2, RoundingMode.HALF_UP).unscaledValue().intValueExact();
  }

  private @Nullable String word(CsvTable.Row row, String column, RejectedCells rejected) {
    String text = header.cell(row, column);
    if (text != null
        && (text.length() > WORD_CHARS_MAX || text.chars().anyMatch(Character::isISOControl))) {
      rejected.add(
          row.line(),
          column,
          text,
          "not a word; up to %d characters on one line are allowed".formatted(WORD_CHARS_MAX));
    }
    return text;
  }
}
