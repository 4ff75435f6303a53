package social.trvl.compat.db;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jooq.DSLContext;

/** What a schema dump of a database would show, object by object, for comparing two moments. */
record Catalog(Set<Entry> entries) {

  private static final String QUERY = Resource.text("/db/adopt/catalog.sql");

  /** Kinds that stand for themselves; the others are part of what they belong to. */
  private static final Set<String> OWN_NAME =
      Set.of(
          "role",
          "schema",
          "table",
          "view",
          "materialized view",
          "foreign table",
          "sequence",
          "function",
          "type");

  /**
   * One object.
   *
   * @param parent what it belongs to: the schema of a table, the table of a policy; empty for
   *     schemas and roles
   * @param definition changes when the object does
   */
  record Entry(String kind, String parent, String name, String definition) {
    String text() {
      if (OWN_NAME.contains(kind)) {
        return kind + " " + name;
      }
      // Every other object that something belongs to has a schema before its name.
      boolean ofSchema = parent.indexOf('.') < 0 && parent.indexOf('(') < 0;
      return "%s %s on %s%s".formatted(kind, name, ofSchema ? "schema " : "", parent);
    }
  }

  static Catalog read(DSLContext sql) {
    // Names are shown with their schema wherever they are not on the path.
    sql.execute("set local search_path = ''");
    return new Catalog(
        sql.fetch(QUERY).stream()
            .map(row ->
                new Entry(
                    row.get("kind", String.class),
                    row.get("parent", String.class),
                    row.get("name", String.class),
                    row.get("definition", String.class)))
            .collect(Collectors.toCollection(LinkedHashSet::new)));
  }

  /** What was there in the other one and is not so any more; roles are the whole server's. */
  List<String> lostSince(Catalog earlier) {
    return earlier.entries.stream()
        .filter(entry -> !entries.contains(entry) && !entry.kind().equals("role"))
        .map(Entry::text)
        .sorted()
        .toList();
  }

  /** New objects with a name of their own; those of a new schema are not listed beside it. */
  List<String> createdSince(Catalog earlier) {
    Set<String> schemas = earlier.names(Set.of("schema"));
    return entries.stream()
        .filter(entry -> !earlier.entries.contains(entry) && OWN_NAME.contains(entry.kind()))
        .filter(entry -> entry.parent().isEmpty() || schemas.contains(entry.parent()))
        .filter(entry -> !entry.kind().equals("sequence"))
        .map(Entry::text)
        .sorted()
        .toList();
  }

  /** New parts of objects that were there. */
  List<String> addedSince(Catalog earlier) {
    Set<String> parents = earlier.names(OWN_NAME);
    return entries.stream()
        .filter(entry -> !earlier.entries.contains(entry) && !OWN_NAME.contains(entry.kind()))
        .filter(entry -> parents.contains(entry.parent()))
        .map(Entry::text)
        .sorted()
        .toList();
  }

  boolean hasRelation(String name) {
    return names(Set.of("table", "view", "materialized view", "foreign table")).contains(name);
  }

  private Set<String> names(Set<String> kinds) {
    return entries.stream()
        .filter(entry -> kinds.contains(entry.kind()))
        .map(Entry::name)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
