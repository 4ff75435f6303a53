package social.trvl.compat.db;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;

/**
 * One of PostgreSQL's own programs, {@code pg_dump} or {@code pg_restore}, as installed on this
 * machine.
 *
 * @param version as it tells, e.g. {@code 17.5}
 */
record ClientProgram(Path path, String version, int major) {

  private static final Path DEBIAN = Path.of("/usr/lib/postgresql");
  private static final Pattern VERSION = Pattern.compile("\\(PostgreSQL\\) (([0-9]+)[^ ]*)");
  private static final long TICK_MILLIS = 200;

  /** How a run ended, and the last it said. */
  record Ended(int exitCode, List<String> output) {
    private static final int KEPT_LINES = 6;

    boolean ok() {
      return exitCode == 0;
    }

    /** The end of what it said, on one line. */
    String message() {
      List<String> said = output.stream().map(String::strip).filter(s -> !s.isEmpty()).toList();
      return said.isEmpty()
          ? "exit code " + exitCode
          : String.join(" ", said.subList(Math.max(0, said.size() - KEPT_LINES), said.size()));
    }
  }

  /**
   * Those that are as new as the server, the nearest version first: a dump is sure to load only
   * with the version that wrote it, or newer ones.
   *
   * @param environment {@code PG_BIN} names the folder to look in; otherwise Debian's and {@code
   *     PATH}
   * @throws CompatException if there is none; the message says what there is and how to get it
   */
  static List<ClientProgram> atLeast(int major, String name, Map<String, String> environment) {
    List<ClientProgram> found = new ArrayList<>();
    for (Path folder : folders(environment)) {
      Path program = folder.resolve(name);
      if (Files.isExecutable(program)) {
        found.add(of(program));
      }
    }
    List<ClientProgram> fit =
        found.stream()
            .filter(p -> p.major >= major)
            .sorted(Comparator.comparingInt(ClientProgram::major))
            .toList();
    if (fit.isEmpty()) {
      String there =
          found.isEmpty()
              ? "there is none on PATH, in %s/*/bin or in the folder named by PG_BIN"
                  .formatted(DEBIAN)
              : "there is " + String.join(", ", found.stream().map(ClientProgram::label).toList());
      throw new CompatException(
          ExitCode.DATABASE_UNFIT,
          "The server is PostgreSQL %d and needs %s %d or newer; %s. Install it (Debian: apt install postgresql-client-%d, from apt.postgresql.org if Debian has none), or name its folder by PG_BIN."
              .formatted(major, name, major, there, major));
    }
    return fit;
  }

  String label() {
    return "%s (%s)".formatted(path, version);
  }

  /**
   * Runs it to its end; if this process is ended, it is too.
   *
   * @param settings added to the environment; here go address and password, which others could read
   *     on a command line
   * @param onLine gets what it says, line by line, from another thread
   * @param onTick called a few times a second
   */
  Ended run(
      List<String> arguments,
      Map<String, String> settings,
      Consumer<String> onLine,
      Runnable onTick) {
    List<String> command = new ArrayList<>(List.of(path.toString()));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    // What the driver ignores must not lead this program elsewhere.
    builder.environment().keySet().removeAll(Set.of("PGSERVICE", "PGHOSTADDR", "PGOPTIONS"));
    builder.environment().put("LC_ALL", "C");
    builder.environment().putAll(settings);
    @Nullable Thread killer = null;
    try {
      Process process = builder.start();
      killer = new Thread(process::destroy, "end-" + path.getFileName());
      Runtime.getRuntime().addShutdownHook(killer);
      CompletableFuture<List<String>> output =
          CompletableFuture.supplyAsync(() -> lines(process, onLine));
      while (!process.waitFor(TICK_MILLIS, TimeUnit.MILLISECONDS)) {
        onTick.run();
      }
      return new Ended(process.exitValue(), output.join());
    } catch (IOException e) {
      throw new CompatException(
          ExitCode.STORAGE, "%s can't be run: %s".formatted(path, e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CompatException(ExitCode.STORAGE, path + " was interrupted.", e);
    } finally {
      forget(killer);
    }
  }

  /** Takes a shutdown hook away that has nothing to do any more. */
  static void forget(@Nullable Thread hook) {
    try {
      if (hook != null) {
        Runtime.getRuntime().removeShutdownHook(hook);
      }
    } catch (IllegalStateException e) {
      // The virtual machine is going down already, and the hook with it.
    }
  }

  private static List<String> lines(Process process, Consumer<String> onLine) {
    List<String> lines = new ArrayList<>();
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        onLine.accept(line);
        lines.add(line);
      }
    } catch (IOException e) {
      lines.add("its output can't be read: " + e.getMessage());
    }
    return lines;
  }

  private static ClientProgram of(Path program) {
    Ended ended =
        new ClientProgram(program, "?", 0)
            .run(List.of("--version"), Map.of(), line -> {}, () -> {});
    Matcher version = VERSION.matcher(ended.message());
    if (!version.find()) {
      throw new CompatException(
          ExitCode.DATABASE_UNFIT,
          "%s does not tell its version: %s. Name the folder of another one by PG_BIN."
              .formatted(program, ended.message()));
    }
    return new ClientProgram(program, version.group(1), Integer.parseInt(version.group(2)));
  }

  private static Set<Path> folders(Map<String, String> environment) {
    String chosen = environment.getOrDefault("PG_BIN", "");
    if (!chosen.isBlank()) {
      return Set.of(Path.of(chosen));
    }
    List<Path> folders = new ArrayList<>();
    try {
      // Debian's first: on its PATH stands a wrapper that chooses a version by itself.
      if (Files.isDirectory(DEBIAN)) {
        try (Stream<Path> versions = Files.list(DEBIAN)) {
          versions.map(version -> version.resolve("bin")).forEach(folders::add);
        }
      }
      Arrays.stream(environment.getOrDefault("PATH", "").split(":"))
          .filter(folder -> !folder.isBlank())
          .map(Path::of)
          .forEach(folders::add);
      Set<Path> distinct = new LinkedHashSet<>();
      for (Path folder : folders) {
        if (Files.isDirectory(folder)) {
          distinct.add(folder.toRealPath());
        }
      }
      return distinct;
    } catch (IOException e) {
      throw new CompatException(
          ExitCode.STORAGE,
          "The folders of PostgreSQL's programs can't be read: %s".formatted(e),
          e);
    }
  }
}
