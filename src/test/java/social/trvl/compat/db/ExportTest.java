package social.trvl.compat.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.db.MigrationFiles.MigrationFile;
import social.trvl.compat.db.Migrations.Layer;

class ExportTest {

  private static final List<String> CATALOG =
      List.of(
          """
          select table_schema || '.' || table_name || '.' || column_name || ' ' || ordinal_position || ' ' || data_type
            || ' ' || is_nullable || ' ' || coalesce(column_default, '')
          from information_schema.columns
          where table_schema in ('public', 'app_private', 'compat', 'batch', 'compat_migrations') order by 1
          """,
          "select schemaname || '.' || tablename || ': ' || policyname || ' ' || roles::text || ' ' || cmd || coalesce(qual, '') || coalesce(with_check, '') from pg_policies order by 1",
          "select p.oid::regprocedure::text || ' ' || md5(prosrc) || ' ' || pg_get_userbyid(proowner) || coalesce(proacl::text, '') from pg_proc p where pronamespace in (select oid from pg_namespace where nspname in ('public', 'app_private', 'compat')) order by 1",
          "select tgrelid::regclass::text || '.' || tgname from pg_trigger where not tgisinternal order by 1",
          "select conrelid::regclass::text || '.' || conname || ' ' || pg_get_constraintdef(oid) from pg_constraint where connamespace in (select oid from pg_namespace where nspname in ('public', 'compat', 'batch')) order by 1",
          "select schemaname || '.' || indexname from pg_indexes where schemaname !~ '^pg_' order by 1",
          "select c.oid::regclass::text || ' ' || pg_get_userbyid(relowner) || ' ' || relrowsecurity || coalesce(relacl::text, '') from pg_class c where relnamespace in (select oid from pg_namespace where nspname in ('public', 'compat', 'batch', 'compat_migrations')) order by 1",
          "select id from storage.buckets order by 1");

  @TempDir private Path folder;

  @Test
  void files_areNamedAndOrderedAsTheSupabaseCliWants() throws IOException {
    List<Path> files = new SupabaseExport("1.2.3").write(folder);
    List<String> names = files.stream().map(file -> file.getFileName().toString()).toList();
    assertThat(names)
        .allMatch(name -> name.matches("[0-9]{14}_[a-z0-9_]+\\.sql"))
        .isSorted()
        .contains(
            "20240914000100_create_user_tables.sql",
            "20240914000502_add_personality_assessment_indexes.sql",
            "20250916000200_runs_and_scores.sql");
    assertThat(names.stream().map(name -> name.substring(0, 14))).doesNotHaveDuplicates();
    assertThat(names.subList(1, names.size()))
        .as("one for each migration, in order of application")
        .extracting(name -> name.substring(15))
        .isEqualTo(
            List.of(Layer.PLATFORM, Layer.ENGINE).stream()
                .flatMap(layer -> MigrationFiles.files(layer).stream())
                .map(file -> file.name() + ".sql")
                .toList());
    for (Path file : files) {
      assertThat(file).isRegularFile().hasParent(folder.resolve("supabase/migrations"));
      assertThat(Files.readString(file))
          .startsWith("-- Exported by compat 1.2.3 from ")
          .doesNotContain("supabase-shim: stands in");
    }
  }

  @Test
  void database_ofTheExportedFiles_isTheMigratedOne() throws IOException {
    List<Path> files = new SupabaseExport("1.2.3").write(folder);
    try (Database exported = TestDatabase.empty();
        TestSql sql = TestSql.of(exported);
        Database migrated = TestDatabase.migrated();
        TestSql expected = TestSql.of(migrated)) {
      for (MigrationFile shim : MigrationFiles.files(Layer.SUPABASE_SHIM)) {
        sql.run("begin", shim.text(), "commit");
      }
      // What the Supabase CLI makes before it applies the first file.
      sql.run("create schema supabase_migrations");
      for (Path file : files) {
        sql.run(Files.readString(file));
      }
      assertThat(sql.column(CATALOG.getFirst())).isNotEmpty();
      for (String query : CATALOG) {
        assertThat(sql.column(query)).as(query).isEqualTo(expected.column(query));
      }
      Migrations migrations = new Migrations(exported);
      assertThat(migrations.status())
          .as("names and checksums are Flyway's")
          .extracting(s -> s.layer() + s.version() + s.name() + s.state() + s.checksum())
          .isEqualTo(
              new Migrations(migrated)
                  .status().stream()
                      .map(s -> s.layer() + s.version() + s.name() + s.state() + s.checksum())
                      .toList());
      assertThat(migrations.migrate()).isEmpty();
      migrations.requireCurrent();
    }
  }

  @Test
  void migrations_thatAreThereAlready_areNotTouched() throws IOException {
    Path migrations = Files.createDirectories(folder.resolve("supabase/migrations"));
    assertThat(new SupabaseExport("1").write(folder)).as("an empty folder is filled").isNotEmpty();
    List<Path> before = list(migrations);
    assertThatThrownBy(() -> new SupabaseExport("2").write(folder))
        .isInstanceOf(CompatException.class)
        .hasMessageContainingAll("migrations", "exists already");
    assertThat(list(migrations)).isEqualTo(before);
    assertThat(list(folder.resolve("supabase")))
        .as("nothing unfinished")
        .containsExactly(migrations);
  }

  private static List<Path> list(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return new ArrayList<>(files.sorted().toList());
    }
  }
}
