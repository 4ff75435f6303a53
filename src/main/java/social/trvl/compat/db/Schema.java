package social.trvl.compat.db;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.exception.DataAccessException;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.db.SchemaObject.Kind;

/**
 * All objects of a schema by their keys: as the migrations make them ({@link #expected()}) or as a
 * database has them ({@link #of}).
 *
 * <p>What is expected stands in {@code db/verification/expected-schema.txt}. It is written from a
 * migrated database by a test, which fails where the two differ; nobody edits it. A line is kind,
 * owner, name and definition between tabs; a line that begins with a tab continues the definition.
 */
final class Schema {

  static final String EXPECTED = "/db/verification/expected-schema.txt";

  /** The sections of {@code db/verification/catalog.sql}; the first holds what they share. */
  private static final String[] CATALOG =
      Resource.text("/db/verification/catalog.sql").split("(?m)^-- kinds: ");

  /**
   * An object that exists but does not work.
   *
   * @param fault for example {@code is disabled}
   * @param cure the statement that mends it
   */
  record Fault(SchemaObject object, String fault, String cure) {}

  private final Map<SchemaObject.Key, SchemaObject> objects = new LinkedHashMap<>();
  private final List<Fault> faults = new ArrayList<>();
  private final Map<Kind, String> unreadable = new EnumMap<>(Kind.class);

  private Schema() {}

  static Schema expected() {
    return parse(Resource.text(EXPECTED));
  }

  /** Reads a database's catalog in one transaction. */
  static Schema of(DSLContext sql) {
    return sql.transactionResult(configuration -> {
      DSLContext inside = configuration.dsl();
      inside.execute("set transaction isolation level repeatable read, read only");
      inside.execute("set local search_path = ''");
      Schema schema = new Schema();
      for (int i = 1; i < CATALOG.length; i++) {
        schema.read(inside, CATALOG[i]);
      }
      return schema;
    });
  }

  private void read(DSLContext sql, String section) {
    String[] kindsAndQuery = section.split("\n", 2);
    try {
      sql.transaction(savepoint ->
          savepoint
              .dsl()
              .fetch(
                  """
                  %s
                  select * from (
                  %s
                  ) as objects (kind, owner, name, position, definition, fault, cure)
                  order by owner collate "C", position, name collate "C"
                  """
                      .formatted(CATALOG[0], kindsAndQuery[1]))
              .forEach(this::add));
    } catch (DataAccessException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      for (String kind : kindsAndQuery[0].split(", ", -1)) {
        unreadable.put(Kind.labelled(kind), String.valueOf(cause.getMessage()));
      }
    }
  }

  private void add(Record row) {
    SchemaObject object =
        new SchemaObject(
            Kind.labelled(row.get("kind", String.class)),
            row.get("owner", String.class),
            row.get("name", String.class),
            row.get("definition", String.class));
    objects.put(object.key(), object);
    String fault = row.get("fault", String.class);
    if (fault != null) {
      faults.add(new Fault(object, fault, row.get("cure", String.class)));
    }
  }

  /** The same without the objects that the condition names. */
  Schema without(Predicate<SchemaObject> condition) {
    Schema rest = new Schema();
    rest.objects.putAll(objects);
    rest.objects.values().removeIf(condition);
    rest.faults.addAll(faults);
    rest.faults.removeIf(fault -> condition.test(fault.object()));
    rest.unreadable.putAll(unreadable);
    return rest;
  }

  Collection<SchemaObject> objects() {
    return objects.values();
  }

  @Nullable SchemaObject get(SchemaObject.Key key) {
    return objects.get(key);
  }

  boolean has(SchemaObject.Key key) {
    return objects.containsKey(key);
  }

  List<Fault> faults() {
    return faults;
  }

  /** Kinds that could not be read, and why. */
  Map<Kind, String> unreadable() {
    return unreadable;
  }

  /** In the format of {@link #EXPECTED}: by owner, and within it by kind. */
  String print() {
    List<SchemaObject> sorted = new ArrayList<>(objects.values());
    sorted.sort(Comparator.comparing(SchemaObject::owner).thenComparing(SchemaObject::kind));
    StringBuilder out = new StringBuilder();
    String owner = "";
    for (SchemaObject object : sorted) {
      if (!object.owner().equals(owner)) {
        owner = object.owner();
        out.append('\n');
      }
      String line =
          String.join("\t", object.kind().label(), owner, object.name(), object.definition());
      out.append(line.stripTrailing().replace("\n", "\n\t")).append('\n');
    }
    return out.toString();
  }

  static Schema parse(String text) {
    Schema schema = new Schema();
    for (String line : text.replace("\n\t", "\u0000").lines().toList()) {
      if (!line.isBlank() && !line.startsWith("#")) {
        String[] cells = line.replace('\u0000', '\n').split("\t", 4);
        SchemaObject object =
            new SchemaObject(
                Kind.labelled(cells[0]),
                cells[1],
                cells.length > 2 ? cells[2] : "",
                cells.length > 3 ? cells[3] : "");
        schema.objects.put(object.key(), object);
      }
    }
    return schema;
  }
}
