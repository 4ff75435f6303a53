package social.trvl.compat.db;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import social.trvl.compat.db.SchemaObject.Area;
import social.trvl.compat.db.SchemaObject.Kind;
import social.trvl.compat.db.Verification.Problem;

/** A database's schema against the one that the migrations make. */
final class SchemaComparison {

  private final Schema expected;
  private final Schema actual;
  private final boolean migrated;
  private final boolean adopted;
  private final List<SchemaObject> missing;

  /** Relations, functions and types that are missing altogether; their parts are not told apart. */
  private final Set<String> missingOwners;

  private final Map<Area, List<Problem>> problems = new EnumMap<>(Area.class);
  private final List<String> statements = new ArrayList<>();

  /**
   * @param migrated whether the migrations are complete; otherwise what is missing may be theirs to
   *     make, and no statement is offered
   * @param adopted whether the platform's tables are others' own: then only what the engine needs
   *     is expected
   */
  SchemaComparison(Schema expected, Schema actual, boolean migrated, boolean adopted) {
    this.expected = adopted ? expected.without(object -> !isNeededByEngine(object)) : expected;
    this.actual = actual;
    this.migrated = migrated;
    this.adopted = adopted;
    missing =
        this.expected.objects().stream()
            .filter(object -> !actual.has(object.key()))
            .filter(object -> !actual.unreadable().containsKey(object.kind()))
            .sorted(Comparator.comparing(SchemaObject::kind))
            .toList();
    missingOwners =
        missing.stream()
            .filter(SchemaObject::isOwner)
            .map(SchemaObject::owner)
            .collect(Collectors.toSet());
    compare();
  }

  List<Problem> problems(Area area) {
    return problems.getOrDefault(area, List.of());
  }

  /** What mends the problems, in an order in which it can run. */
  List<String> statements() {
    return statements;
  }

  /** Policies and grants on the expected objects that no migration made. */
  List<Problem> unexpectedAccess() {
    Set<String> owners =
        expected.objects().stream()
            .filter(SchemaObject::isOwner)
            .map(SchemaObject::owner)
            .collect(Collectors.toSet());
    return actual.objects().stream()
        .filter(object -> object.givesAccess() && !expected.has(object.key()))
        .filter(object -> owners.contains(object.owner()))
        .filter(object -> !adopted || !object.owner().startsWith("public."))
        // Supabase's default privileges give this role everything, and it may do everything.
        .filter(object -> !object.name().equals("service_role"))
        .map(object -> new Problem(object.label(), "was made by no migration", object.revoke()))
        .toList();
  }

  private void compare() {
    actual
        .unreadable()
        .forEach((kind, why) -> {
          if (expected.objects().stream().anyMatch(object -> object.kind() == kind)) {
            note(kind.area(), "objects of kind " + kind.label(), "can't be read: " + why, "");
          }
        });
    if (missing.stream().anyMatch(object -> object.kind() == Kind.FUNCTION)) {
      // They may call each other, and name constraints that are made after them.
      statements.add("set check_function_bodies = off");
    }
    missing.forEach(this::noteMissing);
    noteGoneWithOwners();
    for (SchemaObject wanted : expected.objects()) {
      SchemaObject found = actual.get(wanted.key());
      // Adoption fits the views of the engine's inputs to the tables that it finds.
      boolean fitted = adopted && wanted.kind() == Kind.VIEW;
      if (found != null && !fitted && !wanted.sameAs(found)) {
        mendable(wanted, difference(wanted, found), wanted.replace());
      }
    }
    for (Schema.Fault fault : actual.faults()) {
      if (expected.has(fault.object().key())) {
        mendable(fault.object(), fault.fault(), fault.cure());
      }
    }
    for (SchemaObject table : actual.objects()) {
      SchemaObject security = new SchemaObject(Kind.ROW_SECURITY, table.owner(), "", "");
      // A table of somebody else's, in the schema that the API shows.
      if (!adopted
          && table.kind() == Kind.TABLE
          && table.owner().startsWith("public.")
          && !expected.has(table.key())
          && !actual.has(security.key())) {
        statements.add(security.create(""));
        note(Area.POLICIES, table.label(), "has no row-level security", security.create(""));
      }
    }
  }

  /**
   * Whether an adopted database must have it, too: all of the engine's own, its triggers on the
   * application's tables, and its registry. That the columns are there which it reads of those
   * tables is seen by the views that read them.
   */
  private static boolean isNeededByEngine(SchemaObject object) {
    return object.owner().matches("(compat|batch)(\\..*)?")
        || (object.kind() == Kind.TRIGGER
            && object.definition().contains(" EXECUTE FUNCTION compat."))
        || (object.owner().equals("public.compatibility_model_versions")
            && switch (object.kind()) {
              case TABLE, COLUMN, ROW_SECURITY -> true;
              case TABLE_GRANT_TO -> object.name().equals("compat_engine");
              case POLICY -> object.definition().contains(" to compat_engine ");
              default -> false;
            });
  }

  private void noteMissing(SchemaObject object) {
    boolean part = !object.isOwner() && missingOwners.contains(object.owner());
    // A missing table is made with its columns.
    if (!part || object.kind() != Kind.COLUMN) {
      statements.add(create(object));
    }
    if (part) {
      return;
    }
    String whole = object.isOwner() ? createWithParts(object.owner()) : create(object);
    boolean heldRows = object.kind() == Kind.TABLE || object.kind() == Kind.COLUMN;
    String problem = heldRows ? "is missing; what it held is in backups only" : "is missing";
    note(object.kind().area(), object.label(), problem, whole);
  }

  private String createWithParts(String owner) {
    return missing.stream()
        .filter(object -> object.owner().equals(owner) && object.kind() != Kind.COLUMN)
        .map(this::create)
        .collect(Collectors.joining(";\n"));
  }

  /** In the areas of parts that went with a table, function or type: how many. */
  private void noteGoneWithOwners() {
    Map<Area, Long> gone =
        missing.stream()
            .filter(object -> !object.isOwner() && missingOwners.contains(object.owner()))
            .collect(Collectors.groupingBy(object -> object.kind().area(), Collectors.counting()));
    gone.remove(Area.TABLES);
    gone.remove(Area.ENUM_TYPES);
    gone.forEach((area, count) ->
        note(
            area, count + " object(s)", "of tables and functions that are missing themselves", ""));
  }

  private static String difference(SchemaObject wanted, SchemaObject found) {
    return (wanted.definition() + found.definition()).contains("\n")
        ? "differs from what the migrations made"
        : "is '%s', should be '%s'".formatted(found.definition(), wanted.definition());
  }

  private void mendable(SchemaObject object, String problem, String statement) {
    if (!statement.isEmpty()) {
      statements.add(statement);
    }
    note(object.kind().area(), object.label(), problem, statement);
  }

  private void note(Area area, String object, String problem, String mend) {
    problems
        .computeIfAbsent(area, a -> new ArrayList<>())
        .add(new Problem(object, problem, migrated ? mend : Verification.MIGRATE));
  }

  private String create(SchemaObject object) {
    String columns =
        expected.objects().stream()
            .filter(o -> object.kind() == Kind.TABLE && o.kind() == Kind.COLUMN)
            .filter(column -> column.owner().equals(object.owner()))
            .map(column -> column.name() + " " + column.definition())
            .collect(Collectors.joining(", "));
    return object.create(columns);
  }
}
