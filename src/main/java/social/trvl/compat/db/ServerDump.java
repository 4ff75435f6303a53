package social.trvl.compat.db;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jooq.DSLContext;
import org.jooq.exception.DataAccessException;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Migrations.Layer;

/**
 * A dump of a database on a server, in {@code pg_dump}'s custom format, and back.
 *
 * <p>Dumped are this project's schemas. {@code auth} and {@code storage} are among them only where
 * they stand in for Supabase's: a real Supabase backs up its own. Restoring works without superuser
 * rights. That takes some preparation, because objects belong to several roles: the roles are made,
 * the login becomes a member of them, and the schemas are made with the right to create in them.
 * The rest is one transaction of {@code pg_restore}; if it fails, the preparation is undone.
 */
final class ServerDump {

  private static final String FOREIGN_SCHEMAS =
      """
      select nspname from pg_catalog.pg_namespace n
      where nspname !~ '^pg_' and nspname <> 'information_schema'
        and not (nspname in ('public', 'app_private', 'compat', 'batch', 'compat_migrations')
                 or nspname in ('auth', 'storage')
                    and coalesce(obj_description(oid, 'pg_namespace'), '') like 'supabase-shim:%'
                 -- The view over this project's history; a table there is Supabase's own.
                 or nspname = 'supabase_migrations' and exists
                    (select from pg_catalog.pg_class where relnamespace = n.oid and relname = 'schema_migrations' and relkind = 'v'))
      order by 1
      """;

  private static final String EXTENSIONS =
      """
      select extname from pg_catalog.pg_extension e
      join pg_catalog.pg_namespace n on n.oid = e.extnamespace
      where n.nspname <> 'pg_catalog' and n.nspname <> all (?) order by 1
      """;

  private static final String OCCUPIED =
      """
      select n.nspname || '.' || c.relname from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname = any (?) and c.relkind in ('r', 'p', 'v', 'm', 'f')
        and not exists (select from pg_catalog.pg_depend d
                        where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
      order by n.nspname not in ('public', 'compat'), 1 limit 1
      """;

  private static final String BECOME_MEMBER =
      """
      do $$
      declare
        wanted constant name := current_setting('compat.role');
      begin
        if current_setting('server_version_num')::int < 160000 then
          if not pg_catalog.pg_has_role(current_user, wanted, 'member') then
            execute format('grant %I to %I', wanted, current_user);
          end if;
        elsif not (pg_catalog.pg_has_role(current_user, wanted, 'set')
                   and pg_catalog.pg_has_role(current_user, wanted, 'usage')) then
          execute format('grant %I to %I with inherit true, set true', wanted, current_user);
        end if;
      end
      $$
      """;

  /** Schema and owner of what lives in a schema and belongs to somebody. */
  private static final Pattern OWNED =
      Pattern.compile(
          "[0-9]+; [0-9]+ [0-9]+ (?:TABLE|VIEW|MATERIALIZED VIEW|SEQUENCE|FUNCTION|PROCEDURE|AGGREGATE|TYPE|DOMAIN) (?!DATA |ATTACH |SET |OWNED )(\\S+) .* (\\S+)");

  private static final Pattern SCHEMA =
      Pattern.compile("[0-9]+; [0-9]+ [0-9]+ SCHEMA - (\\S+) (\\S+)");

  /** Belongs to a superuser on managed PostgreSQL, and nothing of this project is one. */
  private static final Pattern EVENT_TRIGGER =
      Pattern.compile("[0-9]+; [0-9]+ [0-9]+ EVENT TRIGGER .*");

  /** What the shim's first migration makes, besides what a dump lists. */
  private static final Set<String> API_ROLES =
      Set.of(
          "anon", "authenticated", "service_role", "supabase_auth_admin", "supabase_storage_admin");

  private static final Set<String> API_SCHEMAS = Set.of("auth", "storage");

  private static final Pattern RESTORED = Pattern.compile("pg_restore: (creating|processing) .*");

  private final Database database;
  private final Map<String, String> environment;
  private final Progress progress;
  private final DSLContext sql;

  /**
   * What a dump holds.
   *
   * @param schemas each schema's owner
   * @param owners the roles that own something in a schema, by schema
   * @param lines its table of contents as {@code pg_restore} prints it, without what the
   *     preparation makes
   */
  private record Contents(
      ClientProgram program,
      Map<String, String> schemas,
      Map<String, Set<String>> owners,
      List<String> lines) {}

  ServerDump(Database database, Map<String, String> environment, Progress progress) {
    this.database = database;
    this.environment = environment;
    this.progress = progress;
    this.sql = database.ownerSql();
  }

  void write(Path file) {
    ClientProgram program = ClientProgram.atLeast(serverMajor(), "pg_dump", environment).getFirst();
    List<String> foreign = sql.fetch(FOREIGN_SCHEMAS).getValues(0, String.class);
    List<String> arguments =
        new ArrayList<>(
            List.of("--format=custom", "--no-publications", "--no-subscriptions", "--no-password"));
    foreign.forEach(schema -> arguments.add("--exclude-schema=" + pattern(schema)));
    List<String> extensions =
        sql.fetch(EXTENSIONS, (Object) foreign.toArray(String[]::new)).getValues(0, String.class);
    // Without any such option all extensions are dumped, those of a real Supabase among them.
    (extensions.isEmpty() ? List.of("plpgsql") : extensions)
        .forEach(extension -> arguments.add("--extension=" + pattern(extension)));
    arguments.add("--file=" + file);

    long megabytes =
        sql.fetchSingle("select pg_database_size(current_database()) >> 20").get(0, Long.class);
    // Compressed, it ends far below; but size and rate are true.
    progress.begin("dumping (MB, at most)", megabytes);
    AtomicLong shown = new AtomicLong();
    ClientProgram.Ended ended =
        program.run(
            arguments,
            database.clientEnvironment(),
            line -> {},
            () -> {
              long size = megabytes(file);
              progress.advance(size - shown.getAndSet(size));
            });
    progress.end();
    if (!ended.ok()) {
      throw new CompatException(
          ExitCode.DATABASE_UNFIT,
          "%s failed, and nothing was written: %s".formatted(program.label(), ended.message()));
    }
  }

  void restore(Path file) {
    Contents contents = contents(file);
    requireWhole(file, contents.program());
    requireEmpty(contents);
    requireAuth(file, contents);
    Prepared prepared = new Prepared();
    // It drops what is empty only: harmless, should the signal come when all is restored.
    Thread undo = new Thread(() -> undo(prepared), "undo-restore");
    Runtime.getRuntime().addShutdownHook(undo);
    try {
      prepare(contents, prepared);
      load(file, contents);
    } catch (CompatException e) {
      @Nullable String remains = undo(prepared);
      throw remains == null
          ? e
          : new CompatException(e.exitCode(), e.getMessage() + " " + remains, e);
    } finally {
      ClientProgram.forget(undo);
    }
    progress.begin("collecting statistics", 0);
    sql.execute("analyze");
    progress.end();
  }

  private Contents contents(Path file) {
    ClientProgram.@Nullable Ended last = null;
    for (ClientProgram program : ClientProgram.atLeast(serverMajor(), "pg_restore", environment)) {
      last = program.run(List.of("--list", file.toString()), Map.of(), line -> {}, () -> {});
      if (last.ok()) {
        return contents(file, program, last.output());
      }
    }
    throw new CompatException(
        ExitCode.BAD_INPUT,
        "%s can't be read: %s. It is damaged, or made by a pg_dump newer than any pg_restore here (PG_BIN names the folder of another one)."
            .formatted(file, last == null ? "" : last.message()));
  }

  private static Contents contents(Path file, ClientProgram program, List<String> list) {
    Map<String, String> schemas = new LinkedHashMap<>();
    Map<String, Set<String>> owners = new LinkedHashMap<>();
    List<String> lines = new ArrayList<>();
    for (String line : list) {
      Matcher schema = SCHEMA.matcher(line);
      Matcher owned = OWNED.matcher(line);
      if (schema.matches()) {
        schemas.put(schema.group(1), schema.group(2));
        continue;
      }
      if (owned.matches()) {
        owners.computeIfAbsent(owned.group(1), name -> new TreeSet<>()).add(owned.group(2));
      }
      if (!line.startsWith(";") && !EVENT_TRIGGER.matcher(line).matches()) {
        lines.add(line);
      }
    }
    if (!schemas.containsKey("compat_migrations")) {
      throw new CompatException(
          ExitCode.BAD_INPUT,
          "%s is a dump of another database: it holds no schema compat_migrations. Take one that 'compat db backup' has written."
              .formatted(file));
    }
    return new Contents(program, schemas, owners, lines);
  }

  /** Reads all of it before anything is touched. */
  private void requireWhole(Path file, ClientProgram program) {
    progress.begin("reading " + file.getFileName(), 0);
    ClientProgram.Ended ended =
        program.run(List.of("--file=/dev/null", file.toString()), Map.of(), line -> {}, () -> {});
    progress.end();
    if (!ended.ok()) {
      throw new CompatException(
          ExitCode.BAD_INPUT,
          "%s is damaged: %s. Nothing was restored.".formatted(file, ended.message()));
    }
  }

  private void requireEmpty(Contents contents) {
    Set<String> names = new LinkedHashSet<>(contents.schemas().keySet());
    names.addAll(List.of("public", "compat"));
    List<String> occupied =
        sql.fetch(OCCUPIED, (Object) names.toArray(String[]::new)).getValues(0, String.class);
    if (!occupied.isEmpty()) {
      throw new CompatException(
          ExitCode.DATABASE_UNFIT,
          "%s is not empty: it holds %s, among others. Restore into a new database (create database ... owner ...), or run 'compat db reset' first."
              .formatted(database.label(), occupied.getFirst()));
    }
  }

  private void requireAuth(Path file, Contents contents) {
    boolean there =
        contents.schemas().containsKey("auth")
            || sql.fetchSingle("select to_regclass('auth.users') is not null")
                .get(0, Boolean.class);
    if (!there) {
      throw new CompatException(
          ExitCode.DATABASE_UNFIT,
          "%s comes from a Supabase project, whose accounts (auth.users) are not in it, and %s has none. Restore it into a Supabase project that has the same accounts."
              .formatted(file, database.label()));
    }
  }

  /** What the preparation has made, to be taken back if restoring fails. */
  private static final class Prepared {
    private final Set<String> roles = new LinkedHashSet<>();
    private final Set<String> schemas = new LinkedHashSet<>();
  }

  private void prepare(Contents contents, Prepared prepared) {
    Set<String> rolesBefore = names("select rolname from pg_catalog.pg_roles");
    Set<String> schemasBefore = names("select nspname from pg_catalog.pg_namespace");
    Set<String> owners = new TreeSet<>(contents.schemas().values());
    contents.owners().values().forEach(owners::addAll);
    try {
      sql.transaction(configuration -> prepare(configuration.dsl(), contents, owners));
    } catch (DataAccessException e) {
      throw new CompatException(
          ExitCode.DATABASE_UNFIT,
          "The roles and schemas of the dump can't be made in %s: %s. The login must own the database, may create roles (createrole), and must be granted those of %s that exist already."
              .formatted(database.label(), Migrations.rootMessage(e), owners),
          e);
    }
    prepared.roles.addAll(owners);
    prepared.roles.addAll(API_ROLES);
    prepared.roles.removeAll(rolesBefore);
    prepared.schemas.addAll(contents.schemas().keySet());
    prepared.schemas.addAll(API_SCHEMAS);
    prepared.schemas.removeAll(schemasBefore);
  }

  private void prepare(DSLContext inside, Contents contents, Set<String> owners) {
    // The roles of the API, to which rights are granted, and schemas that only they may own.
    inside.connection(connection -> {
      try (var statement = connection.createStatement()) {
        statement.execute(MigrationFiles.files(Layer.SUPABASE_SHIM).getFirst().text());
      }
    });
    for (String owner : owners) {
      if (inside.fetch("select from pg_catalog.pg_roles where rolname = ?", owner).isEmpty()) {
        inside.execute("create role {0} nologin", DSL.quotedName(owner));
      }
      inside.fetch("select set_config('compat.role', ?, true)", owner);
      inside.execute(BECOME_MEMBER);
    }
    contents
        .schemas()
        .forEach((schema, owner) ->
            inside.execute(
                "create schema if not exists {0} authorization {1}",
                DSL.quotedName(schema), DSL.quotedName(owner)));
    contents
        .owners()
        .forEach((schema, names) ->
            names.forEach(owner -> {
              if (!inside
                  .fetchSingle("select has_schema_privilege(?, ?, 'create')", owner, schema)
                  .get(0, Boolean.class)) {
                inside.execute(
                    "grant usage, create on schema {0} to {1}",
                    DSL.quotedName(schema), DSL.quotedName(owner));
              }
            }));
  }

  private void load(Path file, Contents contents) {
    try {
      Path list = Files.createTempFile("compat-restore", ".list");
      try {
        Files.write(list, contents.lines(), StandardCharsets.UTF_8);
        load(file, list, contents);
      } finally {
        Files.delete(list);
      }
    } catch (IOException e) {
      throw Unfinished.storage(Path.of(System.getProperty("java.io.tmpdir")), e);
    }
  }

  private void load(Path file, Path list, Contents contents) {
    List<String> arguments =
        List.of(
            "--single-transaction",
            "--exit-on-error",
            "--verbose",
            "--no-password",
            "--use-list=" + list,
            // Everything by the environment.
            "--dbname=postgresql://",
            file.toString());
    progress.begin("restoring (objects)", contents.lines().size());
    ClientProgram.Ended ended =
        contents
            .program()
            .run(
                arguments,
                database.clientEnvironment(),
                line -> {
                  if (RESTORED.matcher(line).matches()) {
                    progress.advance(1);
                  }
                },
                () -> {});
    progress.end();
    if (!ended.ok()) {
      throw new CompatException(
          ExitCode.DATABASE_UNFIT,
          "%s failed, and everything was rolled back: %s"
              .formatted(contents.program().label(), ended.message()));
    }
  }

  /** Returns what could not be taken back, or null. */
  private synchronized @Nullable String undo(Prepared prepared) {
    try {
      sql.transaction(configuration -> {
        DSLContext inside = configuration.dsl();
        prepared.schemas.forEach(name -> inside.execute("drop schema {0}", DSL.quotedName(name)));
        prepared.roles.forEach(name -> {
          inside.execute("revoke all on schema public from {0}", DSL.quotedName(name));
          inside.execute("drop role {0}", DSL.quotedName(name));
        });
      });
      prepared.schemas.clear();
      prepared.roles.clear();
      return null;
    } catch (DataAccessException e) {
      return "Of the preparation, the empty schemas %s and the roles %s remain: %s. Restoring again makes use of them."
          .formatted(prepared.schemas, prepared.roles, Migrations.rootMessage(e));
    }
  }

  private Set<String> names(String query) {
    return new LinkedHashSet<>(sql.fetch(query).getValues(0, String.class));
  }

  private int serverMajor() {
    return sql.fetchSingle("select current_setting('server_version_num')::int / 10000")
        .get(0, Integer.class);
  }

  /** A name as these programs' patterns have it: quoted, nothing in it is a wildcard. */
  private static String pattern(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  private static long megabytes(Path file) {
    return file.toFile().length() >> 20;
  }
}
