package social.trvl.compat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import social.trvl.compat.config.ExitCode;

/** What {@code compat db} writes to files and reads from them. */
class DbFileCommandsTest {

  @TempDir private Path folder;

  @Test
  void export_listsItsFiles() {
    CommandRun json =
        CommandRun.of("db", "export", "--format", "supabase", "--json", folder.toString());
    assertThat(json.exitCode()).as(json.err()).isZero();
    assertThat(json.json().get("files")).isNotEmpty();
    json.json().get("files").forEach(file -> assertThat(Path.of(file.asString())).exists());

    CommandRun again = CommandRun.of("db", "export", "--format", "supabase", folder.toString());
    assertThat(again.exitCode()).isEqualTo(ExitCode.BAD_INPUT.number());
    assertThat(again.out()).isEmpty();

    Path other = folder.resolve("other");
    CommandRun text = CommandRun.of("db", "export", "--format", "supabase", other.toString());
    assertThat(text.out())
        .contains("%d migrations in %s".formatted(json.json().get("files").size(), other));
  }

  @Test
  void export_inAnUnknownFormat_isRefused() {
    CommandRun run = CommandRun.of("db", "export", "--format", "liquibase", folder.toString());
    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE.number());
    assertThat(folder.resolve("supabase")).doesNotExist();
  }

  @Test
  void backupAndRestore_ofAnEmbeddedDatabase() {
    String from = folder.resolve("from").toString();
    String to = folder.resolve("to").toString();
    String file = folder.resolve("copy.zip").toString();
    assertThat(CommandRun.of("db", "backup", file, "--data-dir", from).exitCode())
        .isEqualTo(ExitCode.NOT_FOUND.number());
    assertThat(CommandRun.of("db", "migrate", "--data-dir", from).exitCode()).isZero();

    CommandRun backup = CommandRun.of("db", "backup", file, "--data-dir", from, "--json");
    assertThat(backup.exitCode()).as(backup.err()).isZero();
    assertThat(backup.json().get("bytes").asLong()).isEqualTo(Path.of(file).toFile().length());
    CommandRun restore = CommandRun.of("db", "restore", file, "--data-dir", to);
    assertThat(restore.exitCode()).as(restore.err()).isZero();
    assertThat(restore.out()).contains(to, file, "compat db verify");
    assertThat(CommandRun.of("db", "verify", "--data-dir", to).exitCode()).isZero();
  }

  @Test
  void restore_ofAnotherFile_isRefused() throws IOException {
    String file = Files.writeString(folder.resolve("text"), "hello").toString();
    CommandRun run =
        CommandRun.of("db", "restore", file, "--data-dir", folder.resolve("to").toString());
    assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT.number());
    assertThat(run.err()).contains(file, "is no backup");
  }
}
