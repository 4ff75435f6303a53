package social.trvl.compat.db;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The running application's tables as its columns are known, and nothing else: no keys, defaults,
 * policies or roles. Labels of enum types are made up where they are not known.
 */
public final class ExistingApp {

  private static final Path COLUMNS = Path.of("src/test/resources/db/existing-app-columns.csv");

  private static final Map<String, String> LABELS =
      Map.ofEntries(
          Map.entry("user_role", "traveler vendor admin"),
          Map.entry("group_privacy", "public private invite_only"),
          Map.entry("group_member_role", "owner admin member"),
          Map.entry("booking_status", "pending confirmed cancelled completed"),
          Map.entry("payment_status", "pending completed failed refunded"),
          Map.entry("payment_method", "card bank_transfer wallet"),
          Map.entry("payout_status", "pending paid"),
          Map.entry("adventure_category", "hiking culture water"),
          Map.entry("difficulty_level", "beginner expert"),
          Map.entry("vendor_status", "pending active suspended inactive"),
          Map.entry("notification_type", "booking message"));

  /** Everything of schema public that a dump shows, a line each; a table's begin with its name. */
  private static final String DUMP =
      """
      with tables as (
        select c.oid as id, c.relname as name, c.* from pg_catalog.pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'S'))
      select format('%s: %s owner %s rls %s %s', name, relkind, relowner::regrole, relrowsecurity, relforcerowsecurity) from tables
      union all
      select format('%s: acl %s', name, unnest(relacl)) from tables
      union all
      select format('%s: comment %s %s', t.name, d.objsubid, d.description) from tables t
      join pg_catalog.pg_description d on d.objoid = t.id and d.classoid = 'pg_class'::regclass
      union all
      select format('%s: column %s %s null %s default %s acl %s', t.name, a.attname, format_type(a.atttypid, a.atttypmod), not a.attnotnull,
                    pg_get_expr(d.adbin, d.adrelid), a.attacl)
      from tables t
      join pg_catalog.pg_attribute a on a.attrelid = t.id and a.attnum > 0 and not a.attisdropped
      left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      union all
      select format('%s: constraint %s %s', t.name, k.conname, pg_get_constraintdef(k.oid))
      from pg_catalog.pg_constraint k join tables t on t.id = k.conrelid where k.contype <> 'n'
      union all
      select format('%s: %s', t.name, pg_get_indexdef(i.indexrelid)) from pg_catalog.pg_index i join tables t on t.id = i.indrelid
      union all
      select format('%s: %s %s', t.name, pg_get_triggerdef(g.oid), g.tgenabled)
      from pg_catalog.pg_trigger g join tables t on t.id = g.tgrelid where not g.tgisinternal
      union all
      select format('%s: policy %s %s %s %s %s', p.tablename, p.policyname, p.cmd, p.roles, p.qual, p.with_check)
      from pg_catalog.pg_policies p where p.schemaname = 'public'
      union all
      select pg_get_functiondef(p.oid) from pg_catalog.pg_proc p where p.pronamespace = 'public'::regnamespace and p.prokind = 'f'
      union all
      select format('enum %s %s', e.enumtypid::regtype, e.enumlabel) from pg_catalog.pg_enum e
      order by 1
      """;

  private ExistingApp() {}

  /** Creates types and tables, empty. */
  public static void create(TestSql sql) {
    Map<String, List<String>> tables = new LinkedHashMap<>();
    for (String line : lines()) {
      String[] cells = line.replaceAll("\"(\\w+)\\((\\d+),(\\d+)\\)\"", "$1($2;$3)").split(",", -1);
      String type = cells[2].replace(';', ',').replaceAll("^_(\\w+)$", "$1[]");
      tables
          .computeIfAbsent(cells[0], table -> new ArrayList<>())
          .add("%s %s %s".formatted(cells[1], type, cells[3].equals("NO") ? "not null" : "null"));
    }
    LABELS.forEach((type, labels) ->
        sql.run(
            "create type public.%s as enum ('%s')".formatted(type, labels.replace(" ", "', '"))));
    tables.forEach((table, columns) ->
        sql.run("create table public.%s (%s)".formatted(table, String.join(", ", columns))));
  }

  /** What is there, a line for each object of schema public and each part of it. */
  public static List<String> dump(TestSql sql) {
    return sql.column(DUMP);
  }

  /** A checksum of each table's rows. */
  public static Map<String, String> rows(TestSql sql) {
    Map<String, String> sums = new LinkedHashMap<>();
    for (String table :
        sql.column(
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1")) {
      sums.put(
          table,
          sql.value(
              "select count(*) || md5(coalesce(string_agg(t::text, '' order by t::text), '')) from public.%s t"
                  .formatted(table)));
    }
    return sums;
  }

  private static List<String> lines() {
    try {
      return Files.readAllLines(COLUMNS).stream().skip(1).filter(line -> !line.isBlank()).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
