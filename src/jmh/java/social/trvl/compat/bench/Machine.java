package social.trvl.compat.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where a report was made, and by what.
 *
 * @param kernel which vectors the kernel uses, and why
 * @param postgres null if no database was used
 * @param commit of the sources beside the jar, with {@code +} if they were changed since; null
 *     without a repository
 */
public record Machine(
    String processor,
    int processors,
    long memoryBytes,
    String system,
    String java,
    long heapBytes,
    String kernel,
    @Nullable String postgres,
    String program,
    @Nullable String commit) {

  static Machine here(String kernel, @Nullable String postgres, String program) {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return new Machine(
        processorName(),
        system.getAvailableProcessors(),
        system.getTotalMemorySize(),
        "%s %s %s".formatted(system.getName(), system.getVersion(), system.getArch()),
        "%s %s".formatted(System.getProperty("java.vm.name"), Runtime.version()),
        Runtime.getRuntime().maxMemory(),
        kernel,
        postgres,
        program,
        commitOfSources());
  }

  /** As Linux names it; elsewhere only its architecture is known without asking other programs. */
  private static String processorName() {
    Path cpuinfo = Path.of("/proc/cpuinfo");
    try {
      if (Files.isReadable(cpuinfo)) {
        for (String line : Files.readAllLines(cpuinfo)) {
          if (line.startsWith("model name")) {
            return line.substring(line.indexOf(':') + 1).strip();
          }
        }
      }
      return System.getProperty("os.arch");
    } catch (IOException e) {
      return System.getProperty("os.arch");
    }
  }

  private static @Nullable String commitOfSources() {
    @Nullable Path folder = Program.jar().getParent();
    while (folder != null && !Files.exists(folder.resolve(".git"))) {
      folder = folder.getParent();
    }
    if (folder == null) {
      return null;
    }
    try {
      Path out = Files.createTempFile("compat-bench", ".txt");
      try {
        List<String> git = List.of("git", "-C", folder.toString());
        if (Program.execute(with(git, "rev-parse", "--short=12", "HEAD"), Map.of(), out, out)
            != 0) {
          return null;
        }
        String commit = Files.readString(out).strip();
        Program.execute(with(git, "status", "--porcelain"), Map.of(), out, out);
        return Files.size(out) == 0 ? commit : commit + "+";
      } finally {
        Files.delete(out);
      }
    } catch (IOException e) {
      return null; // no git here
    }
  }

  private static List<String> with(List<String> command, String... more) {
    return Stream.concat(command.stream(), Arrays.stream(more)).toList();
  }
}
