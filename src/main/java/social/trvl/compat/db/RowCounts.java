package social.trvl.compat.db;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.impl.DSL;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.UndoScript.Dropped;

/** Counts what is about to be lost. Exact, hence it reads every table. */
public final class RowCounts {

  /**
   * One table or column.
   *
   * @param name qualified, e.g. {@code public.bookings} or {@code public.bookings.group_id}
   * @param column whether it is a column of a table that stays; then its values that are not null
   *     are counted
   */
  public record Count(String name, boolean column, long rows) {}

  private static final String OURS =
      """
      select n.nspname, c.relname from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname in ('public', 'app_private', 'compat', 'batch') and c.relkind in ('r', 'p') and not c.relispartition
         or n.nspname in ('auth', 'storage') and c.relkind = 'r' and obj_description(c.oid, 'pg_class') like 'supabase-shim:%'
      order by n.nspname, c.relname
      """;

  private final DSLContext sql;
  private final Progress progress;

  RowCounts(Database database, Progress progress) {
    this.sql = database.ownerSql();
    this.progress = progress;
  }

  /** What the scripts take with them and what is there; a column's only where its table stays. */
  List<Count> of(List<UndoScript> scripts) {
    Set<List<String>> tables = new HashSet<>();
    List<Dropped> going = new ArrayList<>();
    for (UndoScript script : scripts) {
      for (Dropped dropped : script.dropped()) {
        if (isThere(script, dropped)) {
          going.add(dropped);
          tables.add(dropped.name());
        }
      }
    }
    going.removeIf(dropped -> dropped.column() && tables.contains(dropped.table()));
    return count(going);
  }

  /** Every table that a reset drops. */
  List<Count> ofEverything() {
    return count(
        sql.fetch(OURS)
            .map(row ->
                new Dropped(List.of(row.get(0, String.class), row.get(1, String.class)), false)));
  }

  private List<Count> count(List<Dropped> going) {
    progress.begin("counting rows", going.size());
    List<Count> counts = new ArrayList<>();
    for (Dropped dropped : going) {
      List<String> table = dropped.column() ? dropped.table() : dropped.name();
      Field<Long> rows =
          dropped.column()
              ? DSL.field("count({0})", Long.class, DSL.name(dropped.name().getLast()))
              : DSL.field("count(*)", Long.class);
      counts.add(
          new Count(
              dropped.toString(),
              dropped.column(),
              sql.select(rows).from(DSL.table(DSL.name(table))).fetchSingle().value1()));
      progress.advance(1);
    }
    progress.end();
    return counts;
  }

  /** Whether the table is there, and for the shim's scripts whether it bears the shim's mark. */
  private boolean isThere(UndoScript script, Dropped dropped) {
    List<String> table = dropped.column() ? dropped.table() : dropped.name();
    return Boolean.TRUE.equals(
        sql.select(
                DSL.field(
                    "to_regclass({0}) is not null and ({1} or coalesce(obj_description(to_regclass({0}), 'pg_class') like 'supabase-shim:%', false))",
                    Boolean.class,
                    DSL.val(String.join(".", table)),
                    DSL.val(!script.dropsMarkedOnly())))
            .fetchSingle()
            .value1());
  }
}
