package social.trvl.compat.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.AbstractThrowableAssert;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.DatabaseSettings;
import social.trvl.compat.config.ExitCode;

class DatabaseTest {

  private static final String SECRET = "s3cr3t-w0rd";

  @Test
  void port_whereNobodyListens_isUnreachable() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    String url = "jdbc:postgresql://127.0.0.1:%d/x".formatted(port);
    unreachable(url, "somebody").hasMessageContaining(url);
    unreachable(url + "?password=" + SECRET, "somebody").hasMessageContaining(url);
  }

  @Test
  void database_thatDoesNotExist_isUnreachable() {
    unreachable(TestDatabase.url("no_such_database", TestDatabase.OWNER), null)
        .hasMessageContaining("no_such_database");
  }

  @Test
  void user_whoDoesNotExist_isUnreachable() {
    try (Database database = TestDatabase.empty()) {
      String url = withoutUser(database);
      unreachable(url, "no_such_user").hasMessageContaining("no_such_user");
    }
  }

  @Test
  void password_thatIsWrong_isUnreachable() throws IOException {
    try (Database database = TestDatabase.empty();
        TestSql superuser = TestSql.superuser(database)) {
      superuser.run("create role with_password login password 'another'");
      // The server trusts every local login; for this database it asks for the password.
      Path rules = Path.of(superuser.value("show hba_file"));
      Files.writeString(
          rules,
          "host %s with_password 127.0.0.1/32 scram-sha-256\n".formatted(TestSql.name(database))
              + Files.readString(rules));
      superuser.run("select pg_reload_conf()");
      superuser.run("select pg_sleep(0.5)");
      unreachable(withoutUser(database), "with_password").hasMessageContaining("with_password");
    }
  }

  @Test
  void address_thatIsMalformed_isUnreachableAndShowsNoPassword() {
    unreachable("jdbc:postgresql://127.0.0.1:port/x?password=" + SECRET, "somebody");
    unreachable("jdbc:postgresql://127.0.0.1:999999/x?password=" + SECRET, "somebody");
  }

  @Test
  void engine_beforeTheRoleMayBeTaken_isUnfit() {
    try (Database empty = TestDatabase.empty();
        TestSql superuser = TestSql.superuser(empty)) {
      TestDatabase.migrated().close();
      superuser.run("create role stranger login");
      String url = TestDatabase.url(TestSql.name(empty), "stranger");
      try (Database database =
          Database.open(new DatabaseSettings(url, null, null, Path.of("target/unused")))) {
        assertThatThrownBy(database::engine)
            .isInstanceOfSatisfying(
                CompatException.class,
                e -> assertThat(e.exitCode()).isEqualTo(ExitCode.DATABASE_UNFIT))
            .hasMessageContaining("compat_engine");
      }
    }
  }

  @Test
  void label_showsNoSecret() {
    DatabaseSettings settings =
        new DatabaseSettings(
            "jdbc:postgresql://h/d?password=" + SECRET, "u", SECRET, Path.of("unused"));
    assertThat(settings.toString()).doesNotContain(SECRET).isEqualTo("jdbc:postgresql://h/d");
  }

  private static String withoutUser(Database database) {
    return database.url().replaceAll("\\?.*", "");
  }

  private static AbstractThrowableAssert<?, ?> unreachable(String url, @Nullable String user) {
    DatabaseSettings settings = new DatabaseSettings(url, user, SECRET, Path.of("target/unused"));
    return assertThatThrownBy(() -> Database.open(settings))
        .isInstanceOfSatisfying(
            CompatException.class,
            e -> assertThat(e.exitCode()).isEqualTo(ExitCode.DATABASE_UNREACHABLE))
        .hasMessageStartingWith("No connection to ")
        .hasMessageNotContainingAny(SECRET, "\n");
  }
}
