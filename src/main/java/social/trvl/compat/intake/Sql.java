package social.trvl.compat.intake;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** The statements of this package by name, from {@code people/intake.sql}. */
final class Sql {

  private static final String RESOURCE = "/people/intake.sql";
  private static final Pattern SECTIONS = Pattern.compile("(?m)^-- name: ");
  private static final Map<String, String> STATEMENTS = read();

  private Sql() {}

  static String named(String name) {
    String statement = STATEMENTS.get(name);
    if (statement == null) {
      throw new IllegalArgumentException("no statement " + name + " in " + RESOURCE);
    }
    return statement;
  }

  private static Map<String, String> read() {
    Map<String, String> statements = new HashMap<>();
    for (String section : SECTIONS.splitAsStream(text()).toList()) {
      int end = section.indexOf('\n');
      String body = section.substring(end + 1).replaceAll("(?m)^\\s*--.*$", "").strip();
      if (!section.startsWith("--")) {
        // pgjdbc sends COPY as it is, and a trailing semicolon would be a second, empty statement.
        statements.put(section.substring(0, end).strip(), body.replaceAll(";\\s*$", ""));
      }
    }
    return Map.copyOf(statements);
  }

  private static String text() {
    try (InputStream in = Sql.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException("resource " + RESOURCE + " is missing from the program");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("resource " + RESOURCE + " can't be read", e);
    }
  }
}
