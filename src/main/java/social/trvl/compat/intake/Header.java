package social.trvl.compat.intake;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;

/** A file's columns by name, after the check that all needed ones are there and no others. */
final class Header {

  private final Map<String, Integer> positions = new HashMap<>();

  /**
   * @param columns the columns to look at
   * @throws CompatException naming every column that is missing or unknown, and those allowed
   */
  Header(CsvTable table, List<String> columns, List<String> required, List<String> optional) {
    List<String> unknown = new ArrayList<>(columns);
    unknown.removeAll(required);
    unknown.removeAll(optional);
    List<String> missing = new ArrayList<>(required);
    missing.removeAll(columns);
    if (!unknown.isEmpty() || !missing.isEmpty()) {
      throw new CompatException(
          ExitCode.BAD_INPUT,
          "The header of %s %s%s%s. Required: %s. Allowed besides: %s.%s Nothing was written."
              .formatted(
                  table.name(),
                  missing.isEmpty() ? "" : "lacks " + quoted(missing),
                  missing.isEmpty() || unknown.isEmpty() ? "" : " and ",
                  unknown.isEmpty() ? "" : "has unknown columns " + quoted(unknown),
                  String.join(", ", required),
                  String.join(", ", optional),
                  advice(table.header())));
    }
    for (int i = 0; i < table.header().size(); i++) {
      positions.put(table.header().get(i), i);
    }
  }

  boolean has(String column) {
    return positions.containsKey(column);
  }

  /** The cell's text, or null if it is missing: no such column, blank, or NA as R writes it. */
  @Nullable String cell(CsvTable.Row row, String column) {
    Integer position = positions.get(column);
    if (position == null) {
      return null;
    }
    String text = row.cells().get(position);
    return text.isEmpty() || text.equals("NA") ? null : text;
  }

  private static String advice(List<String> header) {
    if (header.size() == 1 && header.getFirst().indexOf(';') >= 0) {
      return " Maybe the file is separated by semicolons: export it with commas.";
    }
    if (header.size() == 1 && header.getFirst().indexOf('\t') >= 0) {
      return " Maybe the file is separated by tabs: export it with commas.";
    }
    return "";
  }

  private static String quoted(List<String> columns) {
    List<String> shown = columns.subList(0, Math.min(10, columns.size()));
    String text =
        String.join(", ", shown.stream().map(c -> "'" + RejectedCells.harmless(c) + "'").toList());
    return columns.size() > shown.size() ? text + " and " + (columns.size() - 10) + " more" : text;
  }
}
