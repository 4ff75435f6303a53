package social.trvl.compat.db;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * One row in every table, as a person called owner would have made it, the defaults of its columns
 * otherwise: whatever refers to a person refers to the owner, or to a peer where a second column
 * does. The vendor's record and what hangs on it belong to the vendor.
 *
 * <p>Checks, foreign keys and triggers are out of force in the session that seeds, so that the
 * values need make no sense: what the rows are for is who reaches them.
 */
final class SeededRows {

  static final UUID OWNER = UUID.fromString("00000000-0000-4000-8000-00000000000a");
  static final UUID PEER = UUID.fromString("00000000-0000-4000-8000-00000000000b");
  static final UUID STRANGER = UUID.fromString("00000000-0000-4000-8000-00000000000c");
  static final UUID VENDOR = UUID.fromString("00000000-0000-4000-8000-00000000000d");
  static final UUID ADMIN = UUID.fromString("00000000-0000-4000-8000-00000000000e");

  static final List<String> BUCKETS =
      List.of("adventure-media", "avatars", "system-media", "user-uploads", "vendor-documents");

  /** Where a default leaves a row without any public life. */
  private static final Map<String, String> INSTEAD_OF_DEFAULTS =
      Map.of("public.vendors.status", "'active'");

  private static final String COLUMNS =
      """
      select format('%I.%I', n.nspname, c.relname) as "table", quote_ident(a.attname) as "column",
             format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as needed, a.atthasdef as has_default,
             a.attidentity <> '' as identity, a.attgenerated <> '' as generated,
             coalesce((select format('%I.%I.%I', rn.nspname, r.relname, ra.attname)
              from pg_constraint k
              join pg_class r on r.oid = k.confrelid
              join pg_namespace rn on rn.oid = r.relnamespace
              join pg_attribute ra on ra.attrelid = r.oid and ra.attnum = k.confkey[array_position(k.conkey, a.attnum)]
              where k.conrelid = c.oid and k.contype = 'f' and a.attnum = any (k.conkey)
              order by (rn.nspname = 'public' and r.relname = 'profiles') desc, k.confrelid = k.conrelid, cardinality(k.conkey), k.conname limit 1), '') as "references",
             coalesce((select quote_literal(e.enumlabel) from pg_enum e where e.enumtypid = a.atttypid order by e.enumsortorder limit 1), '') as first_of_enum,
             exists (select from pg_index i where i.indrelid = c.oid and i.indisunique and a.attnum = any (i.indkey)) as is_unique,
             exists (select from pg_constraint k where k.confrelid = c.oid and a.attnum = any (k.confkey)) as referenced
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where n.nspname in ('public', 'compat') and c.relkind in ('r', 'p') and not c.relispartition
      order by n.nspname, c.relname, a.attnum
      """;

  /**
   * A column of a table.
   *
   * @param person whether it says whose the row is
   * @param optional whether it may be null or left out, and does not say that
   * @param value the SQL expression of what the seeded row has in it
   */
  record Column(
      String name,
      boolean person,
      boolean optional,
      boolean generated,
      boolean unique,
      String value) {}

  private record CatalogColumn(
      String table,
      String column,
      String type,
      boolean needed,
      boolean hasDefault,
      boolean identity,
      boolean generated,
      String references,
      String firstOfEnum,
      boolean unique,
      boolean referenced) {

    boolean isPerson() {
      return references.equals("public.profiles.id")
          || references.equals("auth.users.id")
          || (references.isEmpty() && column.matches("user_id|other_user_id"));
    }
  }

  private final Map<String, List<Column>> tables = new LinkedHashMap<>();

  private SeededRows() {}

  /** Seeds by a superuser's session, whose triggers stay off. */
  static SeededRows into(TestSql superuser) {
    SeededRows rows = new SeededRows();
    for (UUID person : List.of(OWNER, PEER, STRANGER, VENDOR, ADMIN)) {
      superuser.account(person);
    }
    superuser.run(
        "update public.profiles set role = 'admin' where id = '%s'".formatted(ADMIN),
        "update public.profiles set role = 'vendor' where id = '%s'".formatted(VENDOR),
        "set session_replication_role = replica");
    for (String table : List.of("pair_scores", "group_scores")) {
      superuser.run(
          "create table compat.%1$s_r1 partition of compat.%1$s for values in (1)".formatted(table),
          "alter table compat.%s_r1 enable row level security".formatted(table));
    }
    superuser
        .column(
            """
            select format('alter table %s drop constraint %I', conrelid::regclass, conname) from pg_constraint
            where contype = 'c' and connamespace in ('public'::regnamespace, 'compat'::regnamespace) and conislocal
            """)
        .forEach(superuser::run);
    rows.readColumns(superuser);
    rows.tables.forEach((table, columns) -> {
      if (!table.equals("public.profiles")) {
        superuser.run(insert(table, columns.stream().filter(c -> !c.generated()).toList()));
      }
    });
    for (String bucket : BUCKETS) {
      for (UUID person : List.of(OWNER, VENDOR)) {
        superuser.run(
            "insert into storage.objects (bucket_id, name, owner) values ('%s', '%s/file', '%s')"
                .formatted(bucket, person, person));
      }
    }
    return rows;
  }

  Map<String, List<Column>> tables() {
    return tables;
  }

  /** Whose the row is that was seeded into a table. */
  static UUID personOf(String table) {
    return table.equals("public.vendors") ? VENDOR : OWNER;
  }

  static String insert(String table, List<Column> columns) {
    return "insert into %s (%s) overriding system value values (%s) on conflict do nothing"
        .formatted(
            table,
            String.join(", ", columns.stream().map(Column::name).toList()),
            String.join(", ", columns.stream().map(Column::value).toList()));
  }

  private void readColumns(TestSql sql) {
    for (CatalogColumn found : sql.rows(COLUMNS, CatalogColumn.class)) {
      List<Column> columns = tables.computeIfAbsent(found.table(), t -> new ArrayList<>());
      boolean first = columns.stream().noneMatch(Column::person);
      columns.add(
          new Column(
              found.column(),
              found.isPerson() && first,
              !found.needed() && !(found.isPerson() && first),
              found.generated(),
              found.unique(),
              value(found, first)));
    }
  }

  private static String value(CatalogColumn column, boolean firstPerson) {
    String name = column.table() + "." + column.column();
    String instead = INSTEAD_OF_DEFAULTS.get(name);
    if (instead != null) {
      return instead;
    }
    if (column.isPerson()) {
      return "'%s'".formatted(firstPerson ? personOf(column.table()) : PEER);
    }
    if (column.references().startsWith(column.table() + ".")) {
      return "null";
    }
    if (!column.references().isEmpty()) {
      return identifier(column.references(), column.type());
    }
    if (column.column().equals("group_id")) {
      return identifier("public.groups.id", column.type());
    }
    if (column.referenced() || column.identity() || column.column().equals("id")) {
      return identifier(name, column.type());
    }
    if (column.hasDefault()) {
      return "default";
    }
    return column.needed() ? anyValue(column.firstOfEnum(), column.type()) : "null";
  }

  /** The same wherever it is asked for, so that references meet. */
  private static String identifier(String column, String type) {
    return switch (type) {
      case "uuid" ->
          "'%s'".formatted(UUID.nameUUIDFromBytes(column.getBytes(StandardCharsets.UTF_8)));
      case "integer", "bigint", "smallint" -> "1";
      default -> "'x'";
    };
  }

  private static String anyValue(String firstOfEnum, String type) {
    if (!firstOfEnum.isEmpty()) {
      return firstOfEnum;
    }
    if (type.endsWith("[]") || type.startsWith("json")) {
      return "'{}'";
    }
    return switch (type.replaceAll("\\(.*?\\)", "")) {
      case "uuid" -> identifier("any", type);
      case "integer", "bigint", "smallint", "numeric", "double precision", "real" -> "1";
      case "boolean" -> "false";
      case "date" -> "'2026-06-01'";
      case "timestamp with time zone" -> "'2026-06-01 12:00+00'";
      case "time without time zone" -> "'12:00'";
      case "interval" -> "'1 day'";
      case "inet" -> "'127.0.0.1'";
      case "bytea" -> "''";
      case "int4range", "daterange", "tstzrange" -> "'empty'";
      case "text", "character varying", "character" -> "'x'";
      default -> throw new IllegalStateException("no value of type " + type + " is known");
    };
  }
}
