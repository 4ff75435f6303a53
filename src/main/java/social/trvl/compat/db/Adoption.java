package social.trvl.compat.db;

import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.flywaydb.core.api.FlywayException;
import org.jooq.DSLContext;
import org.jooq.exception.DataAccessException;
import org.jooq.impl.DSL;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Migrations.Layer;
import social.trvl.compat.db.Migrations.Platform;

/**
 * Adds the engine to a platform database that other migrations have made, and those of the
 * platform's tables that it needs and that are missing. What exists stays as it is: the catalog is
 * compared before and after, and a difference other than an addition takes everything back.
 *
 * <p>All of it is one transaction, so that a dry run is the same work with another end.
 */
public final class Adoption {

  /** Without these it is no platform database. */
  private static final List<String> REQUIRED =
      List.of("profiles", "personality_assessments", "groups", "group_members");

  private static final List<String> CREATED_IF_MISSING =
      List.of(
          "travel_preferences",
          "user_connections",
          "compatibility_model_versions",
          "model_training_data",
          "user_behavior_data");

  private static final List<String> SCORE_VIEWS =
      List.of("compatibility_scores", "group_compatibility_scores");

  /** The columns by which the tables that may be created name people; see {@code erasure.sql}. */
  private static final List<String> NAMING_PEOPLE =
      List.of(
          "travel_preferences.user_id",
          "user_connections.requester_id",
          "user_connections.addressee_id");

  private static final String WITHOUT_KEY =
      """
      select c.relname from pg_catalog.pg_class c
      where c.relnamespace = 'compat'::regnamespace and c.relkind = 'v' and pg_get_viewdef(c.oid) like '%DISTINCT ON%'
      order by 1
      """;

  private static final String LOCK_TIMEOUT = "10s";

  /**
   * What was done, or would be.
   *
   * @param adopted whether the database is adopted now; false after a dry run
   * @param created new objects
   * @param added what existing tables, schemas and functions got: triggers, grants
   * @param left tables that the engine works on, as they are
   * @param notes what the operator and the app developer should know
   */
  public record Result(
      boolean adopted,
      List<String> created,
      List<String> added,
      List<String> left,
      List<String> notes) {

    public Result {
      created = List.copyOf(created);
      added = List.copyOf(added);
      left = List.copyOf(left);
      notes = List.copyOf(notes);
    }
  }

  private final Database database;
  private final Progress progress;

  public Adoption(Database database, Progress progress) {
    this.database = database;
    this.progress = progress;
  }

  /**
   * Adopts the database; one that this program has made or adopted before stays as it is.
   *
   * @param dryRun takes everything back at the end
   * @throws CompatException with DATABASE_UNFIT if it is no platform database, or the engine can't
   *     work on one of its tables; then nothing was changed
   */
  public Result adopt(boolean dryRun) {
    Platform platform = new Migrations(database).platform();
    switch (platform) {
      case MIGRATED -> {
        return nothing("The platform's tables were made by this program: nothing to adopt.", false);
      }
      case ADOPTED -> {
        return nothing(
            "Adopted before: nothing to do. 'compat db migrate' applies newer migrations of the engine.",
            true);
      }
      case MISSING ->
          throw unfit("there is no table public.profiles; an empty database needs 'db migrate'");
      case FOREIGN -> {}
    }
    progress.begin("adopting", 0);
    try (OneTransaction transaction = OneTransaction.begin(database.owner())) {
      Result result = adopt(transaction, dryRun);
      if (!dryRun) {
        transaction.commit();
      }
      return result;
    } catch (SQLException | DataAccessException | FlywayException e) {
      throw new CompatException(
          ExitCode.DATABASE_UNFIT,
          "Adopting %s failed and was rolled back: %s. Maybe another session holds a lock on a table (it is waited for %s), or the login does not own the tables."
              .formatted(database.label(), Migrations.rootMessage(e), LOCK_TIMEOUT),
          e);
    } finally {
      progress.end();
    }
  }

  private Result adopt(OneTransaction transaction, boolean dryRun) {
    Database inside = database.inside(transaction);
    DSLContext sql = inside.ownerSql();
    Migrations migrations = new Migrations(inside);
    // A trigger waits for the table's writers, and later writers wait for it.
    sql.execute("set local lock_timeout = '" + LOCK_TIMEOUT + "'");
    Set<String> missing = missing(sql, CREATED_IF_MISSING);
    refuseUnfit(sql);
    Catalog before = Catalog.read(sql);

    migrations.apply(Layer.SUPABASE_SHIM);
    migrations.markAdopted();
    create(sql, migrations, missing);
    migrations.apply(Layer.ENGINE);
    adapt(sql, missing);
    migrations.showHistoryToEngine();

    Catalog after = Catalog.read(sql);
    List<String> lost = after.lostSince(before);
    if (!lost.isEmpty()) {
      throw unfit(
          "what exists would change (%s). Maybe another session altered it just now: try again"
              .formatted(String.join(", ", lost)));
    }
    return new Result(
        !dryRun,
        after.createdSince(before),
        after.addedSince(before),
        left(missing),
        notes(sql, before));
  }

  private void refuseUnfit(DSLContext sql) {
    Set<String> absent = missing(sql, REQUIRED);
    if (!absent.isEmpty()) {
      throw unfit("it lacks %s, so it is no platform database".formatted(listed(absent)));
    }
    List<String> faults = new ArrayList<>(unfitTables(sql, all()));
    faults.addAll(strings(sql, Resource.text("/db/adopt/unfit_columns.sql")));
    if (!faults.isEmpty()) {
      throw unfit("the engine can't work on it: " + String.join("; ", faults));
    }
  }

  private static List<String> unfitTables(DSLContext sql, List<String> tables) {
    String[] names = tables.toArray(String[]::new);
    return sql.fetch(Resource.text("/db/adopt/unfit_tables.sql"), names, names, names)
        .getValues(0, String.class);
  }

  private static void create(DSLContext sql, Migrations migrations, Set<String> missing) {
    Set<String> others = new LinkedHashSet<>();
    if (missing.contains("travel_preferences") || missing.contains("user_connections")) {
      others.add("update_updated_at_column");
    }
    if (missing.contains("user_connections")) {
      others.add("connection_status");
      others.add("block_user");
    }
    others.removeAll(
        strings(
            sql,
            """
            select p.proname from pg_catalog.pg_proc p where p.pronamespace = 'public'::regnamespace
            union all
            select t.typname from pg_catalog.pg_type t where t.typnamespace = 'public'::regnamespace
            """));
    new PlatformTables(migrations.scripts(Layer.PLATFORM).stream().map(Resource::text).toList())
        .making(missing, others, table -> hasKey(sql, table))
        .forEach(statement -> execute(sql, statement));
  }

  /** Fits the engine, as its migrations made it, to tables that are not quite the platform's. */
  private void adapt(DSLContext sql, Set<String> created) {
    execute(sql, Resource.text("/db/adopt/one_row_each.sql"));
    execute(sql, Resource.text("/db/adopt/blocks.sql"));
    List<String> faults = unfitTables(sql, blockTables(sql));
    if (!faults.isEmpty()) {
      throw unfit("blocks could not be read: " + String.join("; ", faults));
    }
    execute(sql, Resource.text("/db/adopt/erasure.sql"));
    for (String column : NAMING_PEOPLE) {
      String table = column.substring(0, column.indexOf('.'));
      if (created.contains(table)) {
        sql.execute(
            """
            create trigger {0} after delete or update of account_status on public.profiles
            for each row execute function compat.erase_rows_of_person({1}, {2})
            """,
            DSL.name("erase_" + column.replace('.', '_')),
            DSL.inline(table),
            DSL.inline(column.substring(table.length() + 1)));
      }
    }
  }

  private static List<String> left(Set<String> created) {
    return all().stream()
        .filter(table -> !created.contains(table))
        .map("table public."::concat)
        .toList();
  }

  private static List<String> notes(DSLContext sql, Catalog before) {
    List<String> notes = new ArrayList<>();
    for (String view : SCORE_VIEWS) {
      if (before.hasRelation("public." + view)) {
        notes.add(
            """
            public.%1$s stays as it is; the engine's scores are in compat.%1$s. To show them under the public name, rename the old one and run: \
            create view public.%1$s with (security_invoker = true) as select * from compat.%1$s; \
            grant select on public.%1$s to authenticated, service_role;\
            """
                .formatted(view));
      }
    }
    notes.add("Who blocks whom is read from " + listed(blockTables(sql)) + ".");
    for (String table : strings(sql, WITHOUT_KEY)) {
      notes.add(
          "public.%s has no unique key: of several rows the one that changed last counts, and reading single people or groups scans the table. An index would make it quick."
              .formatted(table));
    }
    return notes;
  }

  private static List<String> blockTables(DSLContext sql) {
    return strings(
        sql,
        """
        select distinct c.relname
        from pg_catalog.pg_rewrite w
        join pg_catalog.pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid and d.refclassid = 'pg_class'::regclass
        join pg_catalog.pg_class c on c.oid = d.refobjid and c.relnamespace = 'public'::regnamespace
        where w.ev_class = 'compat.blocks'::regclass
        order by 1
        """);
  }

  private static boolean hasKey(DSLContext sql, String table) {
    return Boolean.TRUE.equals(
        sql.fetchSingle(
                """
                select exists (
                  select from pg_catalog.pg_index i
                  join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attname = 'id' and i.indkey::text = a.attnum::text
                  where i.indrelid = to_regclass('public.' || {0}) and i.indisunique and i.indimmediate and i.indpred is null)
                """,
                DSL.inline(table))
            .get(0, Boolean.class));
  }

  private static Set<String> missing(DSLContext sql, List<String> tables) {
    Set<String> missing = new LinkedHashSet<>(tables);
    strings(
            sql,
            "select relname from pg_catalog.pg_class where relnamespace = 'public'::regnamespace")
        .forEach(missing::remove);
    return missing;
  }

  private static List<String> all() {
    List<String> all = new ArrayList<>(REQUIRED);
    all.addAll(CREATED_IF_MISSING);
    return all;
  }

  private static List<String> strings(DSLContext sql, String query) {
    return sql.fetch(query).getValues(0, String.class);
  }

  /** As it is: the statements have braces and question marks of their own. */
  private static void execute(DSLContext sql, String script) {
    sql.connection(connection -> {
      try (Statement statement = connection.createStatement()) {
        statement.setEscapeProcessing(false);
        statement.execute(script);
      }
    });
  }

  private static String listed(Collection<String> tables) {
    return tables.stream().map("public."::concat).collect(Collectors.joining(", "));
  }

  private static Result nothing(String why, boolean adopted) {
    return new Result(adopted, List.of(), List.of(), List.of(), List.of(why));
  }

  private CompatException unfit(String why) {
    return new CompatException(
        ExitCode.DATABASE_UNFIT,
        "%s can't be adopted: %s. Nothing was changed.".formatted(database.label(), why));
  }
}
