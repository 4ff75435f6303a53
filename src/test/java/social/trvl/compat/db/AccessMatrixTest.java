package social.trvl.compat.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.trvl.compat.db.SeededRows.Column;
import social.trvl.compat.db.TestSql.Refused;

/**
 * Who may select, insert, update and delete what: every attempt is made, on a row of somebody's,
 * and the outcome is a committed file, so that a change of policy shows up in review.
 */
class AccessMatrixTest {

  private static final Path COMMITTED = Path.of("src/test/resources/db/access-matrix.txt");

  private static final String HEADER =
      """
      # Who reaches what, found out by trying. Generated, never edited:
      #   mvn test -Dtest=AccessMatrixTest -Daccess.regenerate=true
      #
      # Each table holds one row (profiles five, each bucket two files), made by the owner, or by the vendor for vendors and
      # what hangs on them; a second person in a row is a peer. Columns have their defaults: states are the first ones.
      # Triggers, checks and foreign keys were out of force: this is what grants and policies alone allow.
      #
      #   -       no grant
      #   0       granted, but no policy lets it reach a row
      #   n       rows reached
      #   fails   the row is reached, but a policy refuses it as it would be afterwards
      #   own     inserted in the person's own name only        any   in the owner's name, too
      #   yes     inserted (the table names no person)          other in the owner's name only
      """;

  private record Principal(String name, String role, @Nullable UUID person) {}

  private static final List<Principal> PRINCIPALS =
      List.of(
          new Principal("anon", "anon", null),
          new Principal("owner", "authenticated", SeededRows.OWNER),
          new Principal("stranger", "authenticated", SeededRows.STRANGER),
          new Principal("vendor", "authenticated", SeededRows.VENDOR),
          new Principal("admin", "authenticated", SeededRows.ADMIN),
          new Principal("service_role", "service_role", null),
          new Principal("compat_engine", "compat_engine", null));

  /** Roles whose rights on columns are listed where they don't have all. */
  private static final List<String> LISTED_ROLES =
      List.of("anon", "authenticated", "compat_engine");

  private final Database database = TestDatabase.migrated();
  private final TestSql sql = TestSql.superuser(database);
  private final StringBuilder out = new StringBuilder();

  @AfterEach
  void close() {
    sql.close();
    database.close();
  }

  @Test
  void accessMatrix_isTheCommittedOne() throws IOException {
    SeededRows.into(sql).tables().forEach(this::table);
    for (String view : List.of("compatibility_scores", "group_compatibility_scores")) {
      heading("public." + view + " (view)");
      row("select", principal -> select(principal, "public." + view, "true"));
    }
    heading("storage.buckets");
    row("select", principal -> select(principal, "storage.buckets", "true"));
    row("update", p -> write(p, "update storage.buckets set public = true"));
    row("delete", principal -> write(principal, "delete from storage.buckets"));
    SeededRows.BUCKETS.forEach(this::bucket);
    String matrix = HEADER + out;
    if (Boolean.getBoolean("access.regenerate")) {
      Files.createDirectories(COMMITTED.getParent());
      Files.writeString(COMMITTED, matrix);
    }
    assertThat(matrix)
        .as("access changed: mvn test -Dtest=AccessMatrixTest -Daccess.regenerate=true")
        .isEqualTo(Files.readString(COMMITTED));
  }

  private void table(String table, List<Column> columns) {
    heading(table);
    row("select", principal -> select(principal, table, "true"));
    row("insert", principal -> insert(principal, table, columns));
    row("update", principal -> update(principal, table, columns));
    row("delete", principal -> write(principal, "delete from " + table));
    for (String privilege : List.of("select", "insert", "update")) {
      for (String role : LISTED_ROLES) {
        List<Column> allowed = allowed(role, table, columns, privilege);
        if (!allowed.isEmpty() && allowed.size() < columns.size()) {
          out.append(
              "  %s by %s: %s%n"
                  .formatted(
                      privilege,
                      role,
                      allowed.stream().map(Column::name).collect(Collectors.joining(", "))));
        }
      }
    }
  }

  private void bucket(String bucket) {
    heading("storage.objects in bucket " + bucket);
    String where = "bucket_id = '%s'".formatted(bucket);
    row("select", principal -> select(principal, "storage.objects", where));
    row(
        "insert",
        principal -> {
          UUID person = principal.person();
          UUID owner = SeededRows.OWNER;
          String own = file(principal, bucket, String.valueOf(person));
          String other = owner.equals(person) ? "0" : file(principal, bucket, owner.toString());
          return inserted(own, other, person != null);
        });
    row("update", p -> write(p, "update storage.objects set metadata = '{}' where " + where));
    row("delete", principal -> write(principal, "delete from storage.objects where " + where));
  }

  private String file(Principal principal, String bucket, String folder) {
    return write(
        principal,
        "insert into storage.objects (bucket_id, name) values ('%s', '%s/new')"
            .formatted(bucket, folder));
  }

  private String select(Principal principal, String table, String where) {
    return attempt(
        principal, () -> sql.value("select count(*) from %s where %s".formatted(table, where)));
  }

  private String update(Principal principal, String table, List<Column> columns) {
    List<Column> allowed = allowed(principal.role(), table, columns, "update");
    if (allowed.isEmpty()) {
      return "-";
    }
    // Blind, for reading a column would bring the policies of SELECT into play.
    Column column =
        allowed.stream().filter(c -> !c.unique()).findFirst().orElse(allowed.getFirst());
    String value = column.unique() ? column.name() : column.value();
    return write(principal, "update %s set %s = %s".formatted(table, column.name(), value));
  }

  private String insert(Principal principal, String table, List<Column> columns) {
    List<Column> allowed = allowed(principal.role(), table, columns, "insert");
    if (allowed.isEmpty()) {
      return "-";
    }
    UUID seeded = SeededRows.personOf(table);
    boolean naming = allowed.stream().anyMatch(Column::person) && principal.person() != null;
    String own = insertAs(principal, table, allowed, principal.person());
    String other =
        seeded.equals(principal.person()) ? "0" : insertAs(principal, table, allowed, seeded);
    return inserted(own, naming ? other : own, naming);
  }

  /** With everything that the row may refer to, or with nothing but what it must. */
  private String insertAs(
      Principal principal, String table, List<Column> columns, @Nullable UUID person) {
    String whole = write(principal, insertion(table, columns, person));
    return whole.equals("1")
        ? whole
        : write(
            principal,
            insertion(table, columns.stream().filter(c -> !c.optional()).toList(), person));
  }

  private static String inserted(String own, String other, boolean naming) {
    boolean ownAllowed = own.equals("1");
    boolean otherAllowed = other.equals("1");
    if (own.equals("-")) {
      return "-";
    }
    if (!naming) {
      return otherAllowed ? "yes" : "0";
    }
    if (ownAllowed) {
      return otherAllowed ? "any" : "own";
    }
    return otherAllowed ? "other" : "0";
  }

  /** The seeded row once more, under another id and perhaps in another's name. */
  private static String insertion(String table, List<Column> columns, @Nullable UUID person) {
    List<Column> changed = new ArrayList<>();
    for (Column column : columns) {
      String value = column.value();
      if (column.person() && person != null) {
        value = "'%s'".formatted(person);
      } else if (column.name().equals("id")) {
        value = value.startsWith("'") ? "gen_random_uuid()" : "2";
      }
      changed.add(
          new Column(
              column.name(),
              column.person(),
              column.optional(),
              column.generated(),
              column.unique(),
              value));
    }
    return "insert into %s (%s) overriding system value values (%s)"
        .formatted(
            table,
            changed.stream().map(Column::name).collect(Collectors.joining(", ")),
            changed.stream().map(Column::value).collect(Collectors.joining(", ")));
  }

  private List<Column> allowed(String role, String table, List<Column> columns, String privilege) {
    return columns.stream()
        .filter(c -> privilege.equals("select") || !c.generated())
        .filter(c ->
            sql.value(
                    "select has_column_privilege('%s', '%s', '%s', '%s')"
                        .formatted(role, table, c.name().replace("\"", ""), privilege))
                .equals("t"))
        .toList();
  }

  private String write(Principal principal, String statement) {
    return attempt(
        principal,
        () -> {
          try {
            return String.valueOf(sql.update(statement));
          } catch (Refused e) {
            // Policies are asked before constraints: who gets this far is let in.
            if (e.forABrokenConstraint()) {
              return "1";
            }
            throw e;
          }
        });
  }

  private String attempt(Principal principal, Supplier<String> deed) {
    sql.run("begin").claims(principal.role(), principal.person()).as(principal.role());
    try {
      return deed.get();
    } catch (Refused e) {
      if (!e.forLackOfPermission()) {
        throw e;
      }
      if (!String.valueOf(e.getMessage()).contains("row-level security policy")) {
        return "-";
      }
      return String.valueOf(e.getMessage()).contains("in: insert") ? "0" : "fails";
    } finally {
      sql.run("rollback");
    }
  }

  private void heading(String title) {
    out.append("%n%s%n  %-8s".formatted(title, ""));
    PRINCIPALS.forEach(principal -> out.append(" %13s".formatted(principal.name())));
    out.append('\n');
  }

  private void row(String deed, Function<Principal, String> attempt) {
    out.append("  %-8s".formatted(deed));
    PRINCIPALS.forEach(principal -> out.append(" %13s".formatted(attempt.apply(principal))));
    out.append('\n');
  }
}
