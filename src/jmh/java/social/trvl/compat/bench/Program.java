package social.trvl.compat.bench;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;

/** This very program in processes of its own: the same Java, options and classes. */
final class Program {

  /** A run that its checks withheld was a whole one, too. */
  private static final Set<Integer> COMPLETE =
      Set.of(ExitCode.OK.number(), ExitCode.WITHHELD.number());

  /**
   * A process that has ended.
   *
   * @param seconds from its start to its end
   * @param out what it wrote to standard output
   */
  record Ended(double seconds, String out, GcLog gc) {}

  private final Path folder;

  /**
   * @param folder for what processes write
   */
  Program(Path folder) {
    this.folder = folder;
  }

  /**
   * Runs a command.
   *
   * @param heap e.g. {@code 2g}; null for as much as this process may have
   * @throws CompatException if it fails, with what it said
   */
  Ended run(@Nullable String heap, List<String> arguments) {
    Path gcLog = folder.resolve("gc.log");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (!option.matches("-(Xlog|agentlib|javaagent).*")
          && !(heap != null && option.startsWith("-Xmx"))) {
        command.add(option);
      }
    }
    if (heap != null) {
      command.add("-Xmx" + heap);
    }
    command.add(GcLog.option(gcLog));
    command.addAll(program());
    command.addAll(arguments);
    try {
      Files.deleteIfExists(gcLog);
      long start = System.nanoTime();
      String out = run(command);
      double seconds = (System.nanoTime() - start) / 1e9;
      return new Ended(seconds, out, GcLog.read(gcLog));
    } catch (IOException e) {
      throw new CompatException(
          ExitCode.STORAGE,
          "A process of its own can't be started or its log in %s not be read: %s."
              .formatted(folder, e),
          e);
    }
  }

  /** Seconds that a command takes as users start it: by the launcher, if there is one. */
  double start(List<String> arguments) {
    Path launcher = launcher();
    if (launcher == null) {
      return run(null, arguments).seconds();
    }
    List<String> command = new ArrayList<>();
    command.add(launcher.toString());
    command.addAll(arguments);
    try {
      long start = System.nanoTime();
      run(command);
      return (System.nanoTime() - start) / 1e9;
    } catch (IOException e) {
      throw new CompatException(
          ExitCode.STORAGE, "The launcher %s does not start: %s.".formatted(launcher, e), e);
    }
  }

  /** Where this program's classes are: its jar, or the first folder of a class path. */
  static Path jar() {
    String classPath = System.getProperty("java.class.path");
    int end = classPath.indexOf(File.pathSeparatorChar);
    return Path.of(end < 0 ? classPath : classPath.substring(0, end)).toAbsolutePath();
  }

  /** The script beside the folder of this program's jar, or null. */
  static @Nullable Path launcher() {
    Path jar = jar();
    Path folder = jar.getParent();
    Path script =
        folder == null || folder.getParent() == null ? null : folder.getParent().resolve("compat");
    return script != null && jar.toString().endsWith(".jar") && Files.isExecutable(script)
        ? script
        : null;
  }

  /** As users start it, from the jar with its manifest; in tests from folders of classes. */
  private static List<String> program() {
    Path jar = jar();
    return jar.toString().endsWith(".jar")
        ? List.of("-jar", jar.toString())
        : List.of("-cp", System.getProperty("java.class.path"), "social.trvl.compat.Main");
  }

  /** Runs any command to its end and returns what it wrote to standard output. */
  private String run(List<String> command) throws IOException {
    Path out = folder.resolve("out.txt");
    Path err = folder.resolve("err.txt");
    int exitCode = execute(command, Map.of(), out, err);
    if (!COMPLETE.contains(exitCode)) {
      throw new CompatException(
          ExitCode.DEFECT,
          "A measured process ended with code %d. It was: %s. It said: %s"
              .formatted(exitCode, String.join(" ", command), Files.readString(err).strip()));
    }
    return Files.readString(out);
  }

  static int execute(List<String> command, Map<String, String> environment, Path out, Path err)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a process was being measured", e);
    }
  }
}
