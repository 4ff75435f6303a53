package social.trvl.compat.intake;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where people live, from {@code people/countries.csv}.
 *
 * @param code ISO 3166 alpha-2
 * @param region as people write it
 * @param latitude of the main city, degrees
 * @param longitude of the main city, degrees
 * @param currency in which budgets are written
 * @param languages the most common first
 */
record Country(
    String code,
    String region,
    String city,
    double latitude,
    double longitude,
    String currency,
    List<String> languages) {

  private static final Map<String, Country> BY_CODE = read();

  Country {
    languages = List.copyOf(languages);
  }

  static Country of(String code) {
    Country country = BY_CODE.get(code);
    if (country == null) {
      throw new IllegalArgumentException("no country " + code + " in people/countries.csv");
    }
    return country;
  }

  private static Map<String, Country> read() {
    Map<String, Country> countries = new HashMap<>();
    try (CsvTable table = CsvTable.ofResource("/people/countries.csv")) {
      for (CsvTable.Row row = table.next(); row != null; row = table.next()) {
        List<String> cells = new ArrayList<>(row.cells());
        countries.put(
            cells.get(0),
            new Country(
                cells.get(0),
                cells.get(1),
                cells.get(2),
                Double.parseDouble(cells.get(3)),
                Double.parseDouble(cells.get(4)),
                cells.get(5),
                Arrays.asList(cells.get(6).split(" ", -1))));
      }
    }
    return Map.copyOf(countries);
  }
}
