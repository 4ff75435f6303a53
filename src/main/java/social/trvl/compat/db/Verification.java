package social.trvl.compat.db;

import java.util.ArrayList;
import java.util.List;
import org.jooq.DSLContext;
import social.trvl.compat.config.CompatException;

/**
 * Checks that a database is what the migrations make, and that nothing in it has lost its other
 * half.
 */
public final class Verification {

  /**
   * One check.
   *
   * @param detail what is missing or wrong, and what mends it; empty if all is well
   */
  public record Check(String name, boolean ok, String detail) {}

  private static final String UNPROTECTED =
      """
      select n.nspname || '.' || c.relname from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname in ('public', 'compat') and c.relkind in ('r', 'p') and not c.relrowsecurity order by 1
      """;

  private static final String LOOSE_FUNCTIONS =
      """
      select p.oid::regprocedure::text from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
      where n.nspname in ('public', 'compat', 'app_private') and p.prosecdef
        and not coalesce(p.proconfig::text like '%search_path%', false) order by 1
      """;

  private static final String INVALID_INDEXES =
      """
      select i.indexrelid::regclass::text from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname in ('public', 'compat', 'batch') and not i.indisvalid order by 1
      """;

  private static final String ORPHANS =
      """
      select 'pair_scores: ' || count(*) from compat.pair_scores s
        where not exists (select from compat.profiles p where p.id = s.user_id)
           or not exists (select from compat.profiles p where p.id = s.other_user_id) having count(*) > 0
      union all
      select 'group_scores: ' || count(*) from compat.group_scores s
        where not exists (select from compat.profiles p where p.id = s.user_id)
           or not exists (select from compat.groups g where g.id = s.group_id) having count(*) > 0
      union all
      select 'quarantine: ' || count(*) from compat.quarantine q
        where not exists (select from compat.profiles p where p.id = q.user_id) having count(*) > 0
      """;

  private static final String NO_CHAMPION =
      """
      select 'no model version is champion' where not exists
        (select from public.compatibility_model_versions where state = 'champion')
      """;

  private final Database database;

  public Verification(Database database) {
    this.database = database;
  }

  /** All checks; later ones are left out where the migrations are not complete. */
  public List<Check> checks() {
    List<Check> checks = new ArrayList<>();
    checks.add(new Check("connection", true, ""));
    try {
      new Migrations(database).requireCurrent();
      checks.add(new Check("migrations", true, ""));
    } catch (CompatException e) {
      checks.add(new Check("migrations", false, String.valueOf(e.getMessage())));
      return checks;
    }
    DSLContext sql = database.ownerSql();
    checks.add(empty(sql, "row-level security on every table", UNPROTECTED, "not enabled on"));
    checks.add(
        empty(
            sql, "fixed search_path of security-definer functions", LOOSE_FUNCTIONS, "missing on"));
    checks.add(empty(sql, "indexes valid", INVALID_INDEXES, "invalid; REINDEX"));
    checks.add(empty(sql, "a champion model", NO_CHAMPION, "run 'compat db migrate':"));
    checks.add(
        empty(
            database.engineSql(),
            "no orphaned scores",
            ORPHANS,
            "rows of deleted people or groups;"));
    return checks;
  }

  private static Check empty(DSLContext sql, String name, String query, String problem) {
    List<String> found = sql.fetch(query).getValues(0, String.class);
    return new Check(
        name, found.isEmpty(), found.isEmpty() ? "" : problem + " " + String.join(", ", found));
  }
}
