package social.trvl.compat.db;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import social.trvl.compat.db.Migrations.Layer;
import social.trvl.compat.db.Migrations.Status;

/**
 * What takes one migration back: {@code db/undo/<layer>/U<version>__<name>.sql}.
 *
 * <p>After it the catalog is what it was before the migration. A script drops nothing by CASCADE
 * that the migration did not make, so that it fails where somebody has built upon the migration.
 *
 * <p>What rows a script takes with it is read from its text (DROP TABLE and DROP COLUMN with
 * qualified names), so that looking needs no lock; a test compares the reading with what the script
 * does.
 */
final class UndoScript {

  private static final String NAME = "[\\w\"]+(?:\\.[\\w\"]+)*";
  private static final Pattern LINE_COMMENT = Pattern.compile("--[^\\n]*");
  private static final Pattern DROP_TABLE =
      Pattern.compile(
          "\\bdrop\\s+table\\s+(?:if\\s+exists\\s+)?(%1$s(?:\\s*,\\s*%1$s)*)\\s*(?:cascade\\s*)?;"
              .formatted(NAME));
  private static final Pattern ALTER_TABLE =
      Pattern.compile(
          "\\balter\\s+table\\s+(?:if\\s+exists\\s+)?(?:only\\s+)?(%s)\\s([^;]*);".formatted(NAME));
  private static final Pattern DROP_COLUMN =
      Pattern.compile("\\bdrop\\s+column\\s+(?:if\\s+exists\\s+)?(%s)".formatted(NAME));

  /** A table, or a column of a table that stays; names as in the catalog. */
  record Dropped(List<String> name, boolean column) {

    /** The table that a column is of. */
    List<String> table() {
      return name.subList(0, name.size() - 1);
    }

    @Override
    public String toString() {
      return String.join(".", name);
    }
  }

  private final Status migration;
  private final String sql;

  private UndoScript(Status migration, String sql) {
    this.migration = migration;
    this.sql = sql;
  }

  static UndoScript of(Status migration) {
    String resource =
        "/db/undo/%s/U%s__%s.sql"
            .formatted(
                migration.layer().folder(),
                migration.version(),
                migration.name().replace(' ', '_'));
    try (InputStream in = UndoScript.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("resource " + resource + " is missing from the program");
      }
      return new UndoScript(migration, new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new IllegalStateException("resource " + resource + " can't be read", e);
    }
  }

  Status migration() {
    return migration;
  }

  String sql() {
    return sql;
  }

  /** Tables and columns whose rows and values go, in the script's order. */
  List<Dropped> dropped() {
    String code = LINE_COMMENT.matcher(sql).replaceAll("").toLowerCase(Locale.ROOT);
    List<Dropped> dropped = new ArrayList<>();
    Matcher tables = DROP_TABLE.matcher(code);
    while (tables.find()) {
      for (String table : tables.group(1).split(",", -1)) {
        dropped.add(new Dropped(parts(table), false));
      }
    }
    Matcher altered = ALTER_TABLE.matcher(code);
    while (altered.find()) {
      Matcher columns = DROP_COLUMN.matcher(altered.group(2));
      while (columns.find()) {
        dropped.add(new Dropped(parts(altered.group(1) + "." + columns.group(1)), true));
      }
    }
    return dropped;
  }

  /** Whether it drops only what bears the shim's mark. */
  boolean dropsMarkedOnly() {
    return migration.layer() == Layer.SUPABASE_SHIM;
  }

  private static List<String> parts(String name) {
    return List.of(name.strip().replace("\"", "").split("\\.", -1));
  }
}
