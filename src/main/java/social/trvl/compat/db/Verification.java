package social.trvl.compat.db;

import java.util.ArrayList;
import java.util.List;
import org.jooq.exception.DataAccessException;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Migrations.Platform;
import social.trvl.compat.db.SchemaObject.Area;

/**
 * Checks that a database is what the migrations make, object by object, and that nothing in it has
 * lost its other half.
 */
public final class Verification {

  static final String MIGRATE = "compat db migrate";

  private static final String CHAMPION =
      """
      select case when exists (select from public.compatibility_model_versions where state = 'champion') then 'champion'
                  when exists (select from public.compatibility_model_versions where id = 0) then 'baseline' end
      """;

  private static final String ORPHANS =
      """
      select object, format('has %s row(s) of %s', rows, whose) as problem, 'set role compat_engine; ' || mend as mend
      from (
        select 'compat.pair_scores' as object, count(*) as rows, 'deleted people' as whose,
               'delete from compat.pair_scores s where not exists (select from compat.profiles p where p.id = s.user_id)'
               ' or not exists (select from compat.profiles p where p.id = s.other_user_id)' as mend
        from compat.pair_scores s
        where not exists (select from compat.profiles p where p.id = s.user_id)
           or not exists (select from compat.profiles p where p.id = s.other_user_id)
        union all
        select 'compat.group_scores', count(*), 'deleted people or groups',
               'delete from compat.group_scores s where not exists (select from compat.profiles p where p.id = s.user_id)'
               ' or not exists (select from compat.groups g where g.id = s.group_id)'
        from compat.group_scores s
        where not exists (select from compat.profiles p where p.id = s.user_id)
           or not exists (select from compat.groups g where g.id = s.group_id)
        union all
        select 'compat.group_cohesion', count(*), 'deleted groups',
               'delete from compat.group_cohesion s where not exists (select from compat.groups g where g.id = s.group_id)'
        from compat.group_cohesion s
        where not exists (select from compat.groups g where g.id = s.group_id)
        union all
        select 'compat.quarantine', count(*), 'deleted people',
               'delete from compat.quarantine q where not exists (select from compat.profiles p where p.id = q.user_id)'
        from compat.quarantine q
        where not exists (select from compat.profiles p where p.id = q.user_id)
      ) found
      where rows > 0
      """;

  /**
   * One thing that is not as it should be.
   *
   * @param object for example {@code index idx_profiles_role of public.profiles}
   * @param problem completes the sentence that {@code object} begins
   * @param mend the statements or the command that mend it; empty if it needs a decision
   */
  public record Problem(String object, String problem, String mend) {}

  /**
   * One claim about the database.
   *
   * @param ok whether it holds; problems that it has nevertheless are warnings
   */
  public record Check(String name, boolean ok, List<Problem> problems) {}

  /**
   * The result.
   *
   * @param statements what mends the schema, in an order in which it can run; empty if nothing is
   *     wrong, or if migrating comes first
   */
  public record Report(List<Check> checks, List<String> statements) {
    public boolean ok() {
      return checks.stream().allMatch(Check::ok);
    }
  }

  private final Database database;
  private final Progress progress;

  public Verification(Database database, Progress progress) {
    this.database = database;
    this.progress = progress;
  }

  /** All checks, the four of the platform's guide first. */
  public Report report() {
    progress.begin("reading the catalog", 0);
    Check history = history();
    SchemaComparison schema =
        new SchemaComparison(
            Schema.expected(),
            Schema.of(database.ownerSql()),
            history.ok(),
            new Migrations(database).platform() == Platform.ADOPTED);
    List<Check> checks = new ArrayList<>();
    checks.add(new Check("Database connection successful", true, List.of()));
    for (Area area : Area.values()) {
      List<Problem> problems = schema.problems(area);
      checks.add(new Check(area.claim(), problems.isEmpty(), problems));
    }
    checks.add(history);
    if (history.ok() && schema.problems(Area.TABLES).isEmpty()) {
      checks.add(champion());
      progress.begin("looking for orphaned rows", 0);
      checks.add(orphans());
    } else {
      Problem untold = new Problem("rows", "can't be checked before the tables are there", "");
      checks.add(failed("A champion model", List.of(untold)));
      checks.add(failed("No orphaned rows", List.of(untold)));
    }
    checks.add(new Check("No access beyond the migrations", true, schema.unexpectedAccess()));
    progress.end();
    return new Report(checks, history.ok() ? schema.statements() : List.of());
  }

  private Check history() {
    try {
      new Migrations(database).requireCurrent();
      return new Check("Migration history complete", true, List.of());
    } catch (CompatException e) {
      return failed(
          "Migration history complete",
          List.of(new Problem("migrations", "are not complete: " + e.getMessage(), MIGRATE)));
    }
  }

  private Check champion() {
    Object found = database.ownerSql().fetchValue(CHAMPION);
    if ("champion".equals(found)) {
      return new Check("A champion model", true, List.of());
    }
    String mend =
        "baseline".equals(found)
            ? "update public.compatibility_model_versions set state = 'champion' where id = 0"
            : MIGRATE;
    return failed(
        "A champion model",
        List.of(new Problem("no row of public.compatibility_model_versions", "is champion", mend)));
  }

  private Check orphans() {
    List<Problem> problems;
    try {
      problems =
          database
              .engineSql()
              .fetch(ORPHANS)
              .map(row ->
                  new Problem(
                      row.get("object", String.class),
                      row.get("problem", String.class),
                      row.get("mend", String.class)));
    } catch (CompatException | DataAccessException e) {
      problems = List.of(new Problem("scores", "can't be read: " + e.getMessage(), ""));
    }
    return problems.isEmpty()
        ? new Check("No orphaned rows", true, problems)
        : failed("No orphaned rows", problems);
  }

  private static Check failed(String name, List<Problem> problems) {
    return new Check(name, false, problems);
  }
}
