package social.trvl.compat.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.DatabaseSettings;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.config.Progress;

class BackupTest {

  private static final int ABOVE_THE_SERVER = 99;

  /** As {@code pg_restore --list} prints them: objects of several owners in several schemas. */
  private static final String CONTENTS =
      """
      ;
      ; Archive created at 2026-11-23 23:30:00 UTC
      ;
      5; 2615 16406 SCHEMA - auth supabase_auth_admin
      8; 2615 17722 SCHEMA - compat dump_owner
      9; 2615 16391 SCHEMA - compat_migrations dump_owner
      4705; 0 0 ACL - SCHEMA compat dump_owner
      250; 1259 17800 TABLE compat runs dump_engine
      4800; 0 17800 TABLE DATA compat runs dump_engine
      5061; 0 0 SEQUENCE SET compat runs_run_id_seq dump_engine
      220; 1259 16500 TABLE public profiles dump_owner
      4900; 3256 16600 POLICY public profiles People read: each other dump_owner
      5000; 3466 16700 EVENT TRIGGER - issue_access supabase_admin
      """;

  @TempDir private Path folder;

  @Test
  void embeddedDatabase_isCopiedAndRestored() throws IOException {
    DatabaseSettings original = embedded("original");
    try (Database database = Database.open(original);
        TestSql sql = TestSql.of(database)) {
      sql.run("create table kept (id integer)", "insert into kept values (1), (2)");
    }
    Path file = folder.resolve("copy.zip");
    assertThat(backup(original).write(file)).isEqualTo(Files.size(file)).isPositive();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    refused(ExitCode.BAD_INPUT, () -> backup(original).write(file))
        .hasMessageContainingAll("copy.zip", "exists already");
    refused(ExitCode.BAD_INPUT, () -> backup(original).restore(file))
        .hasMessageContainingAll("original", "database in", "already");

    DatabaseSettings restored = embedded("restored");
    backup(restored).restore(file);
    try (Database database = Database.open(restored);
        TestSql sql = TestSql.of(database)) {
      assertThat(sql.column("select id from kept order by id")).containsExactly("1", "2");
    }

    damagedCopies_areRefused(file);
    refused(ExitCode.BAD_INPUT, () -> onServer("x", Map.of()).restore(file))
        .hasMessageContainingAll("embedded", "--data-dir");
  }

  /** Part of the test above, for each embedded server costs seconds. */
  private void damagedCopies_areRefused(Path file) throws IOException {
    byte[] whole = Files.readAllBytes(file);
    Path truncated =
        Files.write(folder.resolve("truncated"), Arrays.copyOf(whole, whole.length / 2));
    byte[] changed = whole.clone();
    changed[changed.length / 3] ^= 0x55;
    Path bent = Files.write(folder.resolve("bent"), changed);
    for (Path damaged : List.of(truncated, bent, withoutItsLastFile(file))) {
      DatabaseSettings target = embedded("target");
      refused(ExitCode.BAD_INPUT, () -> backup(target).restore(damaged))
          .hasMessageContainingAll(damaged.toString(), "damaged", "Nothing was restored");
      try (var left = Files.list(folder.resolve("target"))) {
        assertThat(left).containsExactly(folder.resolve("target/users.lock"));
      }
    }
  }

  /** A zip file that is in order, but not what its description promises. */
  private Path withoutItsLastFile(Path file) throws IOException {
    Path shorter = folder.resolve("shorter");
    try (ZipInputStream in = new ZipInputStream(Files.newInputStream(file));
        OutputStream stream = Files.newOutputStream(shorter);
        ZipOutputStream out = new ZipOutputStream(stream)) {
      for (int i = 0; i < 100; i++) {
        out.putNextEntry(new ZipEntry(in.getNextEntry().getName()));
        in.transferTo(out);
        out.closeEntry();
      }
    }
    return shorter;
  }

  @Test
  void embeddedDatabase_inUse_isNotCopied() {
    DatabaseSettings settings = embedded("busy");
    Path file = folder.resolve("copy.zip");
    try (Database database = Database.open(settings)) {
      assertThat(database.url()).isNotBlank();
      refused(ExitCode.BUSY, () -> backup(settings).write(file))
          .hasMessageContainingAll("busy", "in use");
    }
    assertThat(folder.resolve("copy.zip")).doesNotExist();
    assertThat(folder.resolve("copy.zip.part")).doesNotExist();
  }

  @Test
  void folderWithoutADatabase_isNotCopied() {
    refused(ExitCode.NOT_FOUND, () -> backup(embedded("nowhere")).write(folder.resolve("copy.zip")))
        .hasMessageContaining("nowhere");
    assertThat(folder.resolve("nowhere")).doesNotExist();
    assertThat(folder.resolve("copy.zip.part")).doesNotExist();
  }

  @Test
  void file_thatIsNoBackup_isRefused() throws IOException {
    Path text = Files.writeString(folder.resolve("text"), "hello, world");
    Path dump = Files.writeString(folder.resolve("dump"), "PGDMP and so on");
    Path zip = folder.resolve("zip");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      out.putNextEntry(new ZipEntry("a"));
      out.closeEntry();
    }
    Backup backup = backup(embedded("target"));
    refused(ExitCode.BAD_INPUT, () -> backup.restore(text)).hasMessageContaining("is no backup");
    refused(ExitCode.BAD_INPUT, () -> backup.restore(dump)).hasMessageContaining("--db-url");
    refused(ExitCode.BAD_INPUT, () -> backup.restore(zip)).hasMessageContaining("no copy");
    refused(ExitCode.BAD_INPUT, () -> backup.restore(folder.resolve("missing")))
        .hasMessageContaining("missing");
    assertThat(folder.resolve("target")).doesNotExist();
  }

  @Test
  void pgDump_olderThanTheServer_isRefused() throws IOException {
    try (Database database = TestDatabase.empty()) {
      program("pg_dump", 15, "exit 1");
      refused(
              ExitCode.DATABASE_UNFIT,
              () -> onServer(database.url(), bin()).write(folder.resolve("x.dump")))
          .hasMessageContainingAll(
              "The server is PostgreSQL " + major(database),
              "needs pg_dump " + major(database) + " or newer",
              "bin/pg_dump (15.3)",
              "postgresql-client-" + major(database),
              "PG_BIN");
      Files.delete(folder.resolve("bin/pg_dump"));
      refused(
              ExitCode.DATABASE_UNFIT,
              () -> onServer(database.url(), bin()).write(folder.resolve("x.dump")))
          .hasMessageContaining("there is none");
      assertThat(folder.resolve("x.dump")).doesNotExist();
      assertThat(folder.resolve("x.dump.part")).doesNotExist();
    }
  }

  @Test
  void pgDump_getsThePasswordByItsEnvironment() throws IOException {
    try (Database database = TestDatabase.migrated();
        TestSql superuser = TestSql.superuser(database)) {
      superuser.run("create schema of_others");
      program(
          "pg_dump",
          ABOVE_THE_SERVER,
          """
          for argument in "$@"; do case "$argument" in --file=*) file=${argument#--file=};; esac; done
          { echo "$@"; env; } > "$file"
          """);
      Path file = folder.resolve("x.dump");
      String url = database.url().replaceAll("\\?.*", "");
      new Backup(
              new DatabaseSettings(url, TestDatabase.OWNER, "s3cr3t-w0rd", folder),
              bin(),
              Progress.SILENT)
          .write(file);
      List<String> said = Files.readAllLines(file);
      assertThat(said)
          .contains(
              "PGPASSWORD=s3cr3t-w0rd",
              "PGUSER=" + TestDatabase.OWNER,
              "PGDATABASE=" + TestSql.name(database),
              "PGHOST=127.0.0.1");
      assertThat(said.getFirst())
          .contains("--format=custom", "--exclude-schema=\"of_others\"", "--file=" + file + ".part")
          .doesNotContain("s3cr3t", "compat\"", "auth", "127.0.0.1");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void pgDump_thatFails_leavesNoFile() throws IOException {
    try (Database database = TestDatabase.empty()) {
      program("pg_dump", ABOVE_THE_SERVER, "echo 'pg_dump: error: no such luck' >&2; exit 1");
      refused(
              ExitCode.DATABASE_UNFIT,
              () -> onServer(database.url(), bin()).write(folder.resolve("x.dump")))
          .hasMessageContainingAll("no such luck", "nothing was written");
      assertThat(folder.resolve("x.dump")).doesNotExist();
      assertThat(folder.resolve("x.dump.part")).doesNotExist();
    }
  }

  @Test
  void pgRestore_findsRolesAndSchemas() throws IOException {
    try (Database database = TestDatabase.empty();
        TestSql sql = TestSql.of(database)) {
      restoreProgram(
          """
          cat "${list#--use-list=}" > %1$s/list
          """
              .formatted(folder));
      onServer(database.url(), bin()).restore(dump());
      assertThat(
              sql.column(
                  "select nspname || ' of ' || nspowner::regrole from pg_namespace where nspname in ('auth', 'compat', 'compat_migrations') order by 1"))
          .containsExactly(
              "auth of supabase_auth_admin",
              "compat of dump_owner",
              "compat_migrations of dump_owner");
      assertThat(sql.value("select has_schema_privilege('dump_engine', 'compat', 'create')"))
          .isEqualTo("t");
      assertThat(sql.value("select has_schema_privilege('dump_engine', 'public', 'create')"))
          .isEqualTo("f");
      assertThat(sql.value("select rolcanlogin from pg_roles where rolname = 'dump_owner'"))
          .isEqualTo("f");
      sql.run("create table compat.runs ()", "alter table compat.runs owner to dump_engine");
      assertThat(Files.readString(folder.resolve("list")))
          .contains("TABLE compat runs", "POLICY", "ACL - SCHEMA compat")
          .doesNotContain("SCHEMA - compat dump_owner", "EVENT TRIGGER");

      refused(ExitCode.DATABASE_UNFIT, () -> onServer(database.url(), bin()).restore(dump()))
          .hasMessageContainingAll("is not empty", "compat.runs");
      sql.run(
          "drop schema compat, compat_migrations cascade",
          "revoke all on schema public from dump_owner",
          "drop role dump_owner",
          "drop role dump_engine");
    }
  }

  @Test
  void pgRestore_thatFails_leavesNothing() throws IOException {
    try (Database database = TestDatabase.empty();
        TestSql sql = TestSql.of(database)) {
      restoreProgram("echo 'pg_restore: error: no such luck' >&2; exit 1");
      String state =
          "select (select string_agg(nspname, ',' order by nspname) from pg_namespace where nspname !~ '^pg_') || (select string_agg(rolname, ',' order by rolname) from pg_roles)";
      String before = sql.value(state);
      refused(ExitCode.DATABASE_UNFIT, () -> onServer(database.url(), bin()).restore(dump()))
          .hasMessageContainingAll("no such luck", "rolled back")
          .hasMessageNotContaining("remain");
      assertThat(sql.value(state)).isEqualTo(before);
    }
  }

  @Test
  void dump_ofSomethingElse_isRefused() throws IOException {
    try (Database database = TestDatabase.empty()) {
      program("pg_restore", ABOVE_THE_SERVER, "echo '8; 2615 17722 SCHEMA - shop somebody'");
      refused(ExitCode.BAD_INPUT, () -> onServer(database.url(), bin()).restore(dump()))
          .hasMessageContainingAll("another database", "compat_migrations");
      program("pg_restore", ABOVE_THE_SERVER, "echo 'input file is too short' >&2; exit 1");
      refused(ExitCode.BAD_INPUT, () -> onServer(database.url(), bin()).restore(dump()))
          .hasMessageContainingAll("too short", "damaged");
    }
  }

  /** Only where a pg_dump as new as the embedded server is installed. */
  @Test
  void serverDatabase_isDumpedAndRestored() {
    try (Database database = TestDatabase.migrated();
        TestSql sql = TestSql.of(database);
        Database target = TestDatabase.empty();
        TestSql restored = TestSql.of(target)) {
      assumeTrue(found(Integer.parseInt(major(database))));
      sql.person(UUID.fromString("00000000-0000-4000-8000-000000000001"));
      Path file = folder.resolve("x.dump");
      onServer(database.url(), System.getenv()).write(file);
      onServer(target.url(), System.getenv()).restore(file);
      new Migrations(target).requireCurrent();
      assertThat(new Verification(target, Progress.SILENT).report())
          .isEqualTo(new Verification(database, Progress.SILENT).report());
      String facts =
          "select count(*) || (select string_agg(c.relowner::regrole || c.relname || coalesce(relacl::text, ''), ',' order by c.relname) from pg_class c join pg_namespace n on n.oid = relnamespace where nspname in ('public', 'compat', 'batch', 'auth')) from public.personality_assessments";
      assertThat(restored.value(facts)).isEqualTo(sql.value(facts));
    }
  }

  private static boolean found(int major) {
    try {
      return !ClientProgram.atLeast(major, "pg_dump", System.getenv()).isEmpty()
          && !ClientProgram.atLeast(major, "pg_restore", System.getenv()).isEmpty();
    } catch (CompatException e) {
      return false;
    }
  }

  private static String major(Database database) {
    try (TestSql sql = TestSql.of(database)) {
      return sql.value("select current_setting('server_version_num')::int / 10000");
    }
  }

  private DatabaseSettings embedded(String name) {
    return new DatabaseSettings(null, null, null, folder.resolve(name));
  }

  private static Backup backup(DatabaseSettings settings) {
    return new Backup(settings, Map.of(), Progress.SILENT);
  }

  private Backup onServer(String url, Map<String, String> environment) {
    return new Backup(
        new DatabaseSettings(
            "jdbc:postgresql:" + url.replace("jdbc:postgresql:", ""), null, null, folder),
        environment,
        Progress.SILENT);
  }

  private Map<String, String> bin() {
    return Map.of("PG_BIN", folder.resolve("bin").toString());
  }

  private Path dump() throws IOException {
    return Files.writeString(folder.resolve("fake.dump"), "PGDMP");
  }

  private void restoreProgram(String restoring) throws IOException {
    program(
        "pg_restore",
        ABOVE_THE_SERVER,
        """
        for argument in "$@"; do case "$argument" in --use-list=*) list=$argument;; esac; done
        case "$1" in
          --list) cat <<'END'
        %sEND
          ;;
          --file=/dev/null) ;;
          *) %s
          ;;
        esac
        """
            .formatted(CONTENTS, restoring));
  }

  /** A stand-in for one of PostgreSQL's programs, which tells this version. */
  private void program(String name, int major, String script) throws IOException {
    Path bin = Files.createDirectories(folder.resolve("bin"));
    Path program =
        Files.writeString(
            bin.resolve(name),
            "#!/bin/sh\n[ \"$1\" = --version ] && { echo '%s (PostgreSQL) %d.3 (Debian)'; exit; }\n%s\n"
                .formatted(name, major, script));
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> refused(
      ExitCode code, ThrowingCallable call) {
    return assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            CompatException.class, e -> assertThat(e.exitCode()).isEqualTo(code));
  }
}
