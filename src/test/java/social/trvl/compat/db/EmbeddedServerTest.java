package social.trvl.compat.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.DatabaseSettings;
import social.trvl.compat.config.ExitCode;

class EmbeddedServerTest {

  @TempDir private Path folder;

  /** Writes a row into the database of a folder, in a process of its own. */
  static final class OtherProcess {
    private OtherProcess() {}

    public static void main(String[] args) {
      try (Database database = Database.open(settings(Path.of(args[0])));
          TestSql sql = TestSql.of(database)) {
        sql.run("insert into kept values (2)");
      }
    }
  }

  @Test
  void data_outlivesTheServerAndIsSharedByProcesses() throws IOException, InterruptedException {
    try (Database database = Database.open(settings(folder));
        TestSql sql = TestSql.of(database)) {
      sql.run("create table kept (id integer)", "insert into kept values (1)");
      Process other =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty(
                      "surefire.test.class.path", System.getProperty("java.class.path")),
                  OtherProcess.class.getName(),
                  folder.toString())
              .redirectErrorStream(true)
              .start();
      String output = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(other.waitFor()).as(output).isZero();
      assertThat(sql.column("select id from kept order by id"))
          .as("the other process has not stopped the server")
          .containsExactly("1", "2");
      assertThat(sql.value("show fsync")).isEqualTo("on");
      assertThat(sql.value("show listen_addresses")).isEqualTo("127.0.0.1");
      assertThat(sql.value("select rolsuper from pg_roles where rolname = current_user"))
          .isEqualTo("f");
    }
    assertThat(folder.resolve("postgres/postmaster.pid")).as("stopped").doesNotExist();
    try (Database database = Database.open(settings(folder));
        TestSql sql = TestSql.of(database)) {
      assertThat(sql.column("select id from kept order by id")).containsExactly("1", "2");
    }
  }

  @Test
  void folder_belowARegularFile_isRefusedAsStorage() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "in the way");
    assertThatThrownBy(() -> Database.open(settings(file.resolve("data"))))
        .isInstanceOfSatisfying(
            CompatException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.STORAGE))
        .hasMessageContainingAll("file", "--data-dir");
  }

  private static DatabaseSettings settings(Path folder) {
    return DatabaseSettings.of(null, folder, Map.of());
  }
}
