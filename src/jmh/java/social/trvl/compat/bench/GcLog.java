package social.trvl.compat.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The pauses of a virtual machine that logged them with {@link #option}. */
final class GcLog {

  /**
   * A collection that stopped the program.
   *
   * @param end when it was over
   * @param before bytes in use when it began
   * @param after bytes in use when it ended
   */
  record Pause(Instant end, double seconds, long before, long after) {}

  private static final Pattern LINE =
      Pattern.compile(
          "\\[([^]]+)].* Pause .* ([0-9]+)([BKMG])->([0-9]+)([BKMG])\\([0-9]+[BKMG]\\) ([0-9.]+)ms");

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSZ", Locale.ROOT);

  private final List<Pause> pauses = new ArrayList<>();

  private GcLog() {}

  /** What the virtual machine has to be started with. */
  static String option(Path file) {
    return "-Xlog:gc:file=%s:utctime:filecount=0".formatted(file);
  }

  static GcLog read(Path file) throws IOException {
    GcLog log = new GcLog();
    for (String line : Files.readAllLines(file)) {
      Matcher matcher = LINE.matcher(line);
      if (matcher.find()) {
        log.pauses.add(
            new Pause(
                OffsetDateTime.parse(matcher.group(1), TIME).toInstant(),
                Double.parseDouble(matcher.group(6)) / 1e3,
                bytes(matcher.group(2), matcher.group(3)),
                bytes(matcher.group(4), matcher.group(5))));
      }
    }
    return log;
  }

  private static long bytes(String number, String unit) {
    return Long.parseLong(number) << (10 * "BKMG".indexOf(unit));
  }

  /** Most bytes in use at any collection's begin, 0 if there was none. */
  long mostInUse() {
    return pauses.stream().mapToLong(Pause::before).max().orElse(0);
  }

  /** Most bytes that survived a collection, 0 if there was none. */
  long mostSurviving() {
    return pauses.stream().mapToLong(Pause::after).max().orElse(0);
  }

  /** Seconds of the longest pause that ended within the time, 0 if there was none. */
  double longestPause(Instant from, Instant to) {
    return pauses.stream()
        .filter(pause -> !pause.end().isBefore(from) && !pause.end().isAfter(to))
        .mapToDouble(Pause::seconds)
        .max()
        .orElse(0);
  }
}
