package social.trvl.compat.db;

import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One thing that a migration makes: a table, a column, a policy, a grant.
 *
 * @param owner what it is a part of, with its schema: a relation, function, type, schema, or {@code
 *     storage.buckets}
 * @param name its name within the owner; empty if it is the owner itself
 * @param definition the part of its statement that kind, owner and name don't say
 */
record SchemaObject(Kind kind, String owner, String name, String definition) {

  /** What {@code compat db verify} says about a group of kinds, in the order of its lines. */
  enum Area {
    TABLES("All critical tables present"),
    POLICIES("RLS policies configured"),
    BUCKETS("Storage buckets configured"),
    ENUM_TYPES("Enum types complete"),
    FUNCTIONS("Functions present"),
    TRIGGERS("Triggers present and enabled"),
    CONSTRAINTS("Foreign keys, keys and checks in force"),
    INDEXES("Indexes present and valid"),
    GRANTS("Grants and owners as migrated");

    private final String claim;

    Area(String claim) {
      this.claim = claim;
    }

    String claim() {
      return claim;
    }
  }

  /**
   * Kinds in the order in which their statements run on an empty database. In the statements,
   * {@code {owner}}, {@code {name}} and {@code {definition}} stand for an object's components,
   * {@code {schema}} for the owner's schema and {@code {columns}} for a table's columns.
   */
  enum Kind {
    SCHEMA(Area.TABLES, "create schema {owner}"),
    ENUM_TYPE(Area.ENUM_TYPES, "create type {owner} as enum ()"),
    ENUM_VALUE(Area.ENUM_TYPES, "alter type {owner} add value {name} {definition}"),
    SEQUENCE(
        Area.TABLES,
        "create sequence {owner};\nrevoke all on sequence {owner} from public, anon, authenticated"),
    // What Supabase's default privileges add on creation is taken back, as the migrations do.
    TABLE(
        Area.TABLES,
        "create table {owner} ({columns}) {definition};\nrevoke all on table {owner} from public, anon, authenticated"),
    COLUMN(Area.TABLES, "alter table {owner} add column {name} {definition}"),
    FUNCTION(
        Area.FUNCTIONS,
        "{definition};\nrevoke all on function {owner} from public, anon, authenticated"),
    KEY(Area.CONSTRAINTS, "alter table {owner} add constraint {name} {definition}"),
    CHECK(Area.CONSTRAINTS, "alter table {owner} add constraint {name} {definition}"),
    FOREIGN_KEY(Area.CONSTRAINTS, "alter table {owner} add constraint {name} {definition}"),
    INDEX(Area.INDEXES, "{definition}"),
    VIEW(
        Area.TABLES,
        "create or replace view {owner} as {definition};\nrevoke all on table {owner} from public, anon, authenticated"),
    VIEW_OPTION(Area.POLICIES, "alter view {owner} set ({name} = {definition})"),
    TRIGGER(Area.TRIGGERS, "{definition}"),
    ROW_SECURITY(Area.POLICIES, "alter table {owner} enable row level security"),
    POLICY(Area.POLICIES, "create policy {name} on {owner} {definition}"),
    SCHEMA_GRANT_TO(Area.GRANTS, "grant {definition} on schema {owner} to {name}"),
    TABLE_GRANT_TO(Area.GRANTS, "grant {definition} on table {owner} to {name}"),
    SEQUENCE_GRANT_TO(Area.GRANTS, "grant {definition} on sequence {owner} to {name}"),
    FUNCTION_GRANT_TO(Area.GRANTS, "grant execute on function {owner} to {name}"),
    TABLE_OWNER(Area.GRANTS, "alter table {owner} owner to {definition}"),
    SEQUENCE_OWNER(Area.GRANTS, "alter sequence {owner} owner to {definition}"),
    FUNCTION_OWNER(Area.GRANTS, "alter function {owner} owner to {definition}"),
    BUCKET(
        Area.BUCKETS,
        "insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types) values ({name}, {name}, {definition})");

    private final Area area;
    private final String statement;

    Kind(Area area, String statement) {
      this.area = area;
      this.statement = statement;
    }

    Area area() {
      return area;
    }

    /** As in the catalog's query and the file of expected objects, e.g. {@code foreign key}. */
    String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    static Kind labelled(String label) {
      return Arrays.stream(values())
          .filter(kind -> kind.label().equals(label))
          .findFirst()
          .orElseThrow(
              () -> new IllegalArgumentException("no kind of schema object is called " + label));
    }
  }

  /** What identifies an object, whatever its definition. */
  record Key(Kind kind, String owner, String name) {}

  /** Qualifiers of columns, which PostgreSQL 16 and later leave out where they can. */
  private static final Pattern QUALIFIERS = Pattern.compile("\\b[a-z_]+\\.(?=[a-z_])");

  private static final Pattern CASTS =
      Pattern.compile(
          "::(?:character varying|double precision|time(?:stamp)? with(?:out)? time zone|[\\w.\"]+)(?:\\([0-9,]+\\))?(?:\\[\\])*");

  Key key() {
    return new Key(kind, owner, name);
  }

  /** Whether this is a relation, function, type or schema of its own rather than a part of one. */
  boolean isOwner() {
    return switch (kind) {
      case SCHEMA, ENUM_TYPE, SEQUENCE, TABLE, FUNCTION, VIEW -> true;
      default -> false;
    };
  }

  /** Whether it lets somebody read or write: a policy or a grant. */
  boolean givesAccess() {
    return switch (kind) {
      case POLICY, SCHEMA_GRANT_TO, TABLE_GRANT_TO, SEQUENCE_GRANT_TO, FUNCTION_GRANT_TO -> true;
      default -> false;
    };
  }

  /** Whether both definitions mean the same, whichever versions of PostgreSQL printed them. */
  boolean sameAs(@Nullable SchemaObject other) {
    return other != null && comparable().equals(other.comparable());
  }

  private String comparable() {
    return switch (kind) {
      // Its place among the values, which matters only when it is made.
      case ENUM_VALUE -> "";
      // Whether everyone may read it; limits are the operator's to change.
      case BUCKET -> definition.substring(0, definition.indexOf(','));
      case FUNCTION -> definition;
      case VIEW -> plain(QUALIFIERS.matcher(definition).replaceAll(""));
      default -> plain(definition);
    };
  }

  /**
   * Without casts, parentheses and spaces: a condition that was restored from a dump has others
   * than the same condition when it was first parsed.
   */
  private static String plain(String expression) {
    return CASTS.matcher(expression).replaceAll("").replaceAll("[()\\s]+", "");
  }

  /** For example {@code column bio of public.profiles}. */
  String label() {
    return kind.label() + " " + (name.isEmpty() ? owner : name + " of " + owner);
  }

  /** The statement that makes it; a table's without columns unless they are given. */
  String create(String columns) {
    return filled(kind.statement.replace("{columns}", columns)).strip();
  }

  /** The statement that makes it out of a differing one, or empty if that would endanger rows. */
  String replace() {
    String removal =
        switch (kind) {
          case POLICY, TRIGGER -> "drop %s {name} on {owner};\n".formatted(kind.label());
          case INDEX -> "drop index {schema}.{name};\n";
          case KEY, CHECK, FOREIGN_KEY -> "alter table {owner} drop constraint {name};\n";
          case SCHEMA_GRANT_TO -> "revoke all on schema {owner} from {name};\n";
          case TABLE_GRANT_TO -> "revoke all on table {owner} from {name};\n";
          case SEQUENCE_GRANT_TO -> "revoke all on sequence {owner} from {name};\n";
          default -> "";
        };
    return switch (kind) {
      case TABLE, COLUMN -> "";
      case FUNCTION -> definition;
      case VIEW -> filled("create or replace view {owner} as {definition}");
      case BUCKET ->
          filled(
              "update storage.buckets set public = %s where id = {name}".formatted(comparable()));
      default -> filled(removal) + create("");
    };
  }

  /** The statement that takes away an access nobody expected. */
  String revoke() {
    return filled(
        switch (kind) {
          case POLICY -> "drop policy {name} on {owner}";
          case TABLE_GRANT_TO -> "revoke all on table {owner} from {name}";
          case SEQUENCE_GRANT_TO -> "revoke all on sequence {owner} from {name}";
          case FUNCTION_GRANT_TO -> "revoke all on function {owner} from {name}";
          case SCHEMA_GRANT_TO -> "revoke all on schema {owner} from {name}";
          default -> throw new IllegalStateException(label() + " gives no access");
        });
  }

  private String filled(String template) {
    int dot = owner.indexOf('.');
    return template
        .replace("{owner}", owner)
        .replace("{schema}", dot < 0 ? owner : owner.substring(0, dot))
        .replace("{name}", name)
        .replace("{definition}", definition);
  }
}
