package social.trvl.compat.job;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import social.trvl.compat.config.DatabaseSettings;
import social.trvl.compat.config.NightlySettings;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Database;

/** A nightly run in a virtual machine of its own, which is killed in the middle of its work. */
final class KilledRun {

  private static final String REACHED = "reached";

  private KilledRun() {}

  /**
   * Starts the run, waits until it has done some units of a task, and kills the process; returns
   * when the server has noticed.
   */
  static void killAfter(Night night, NightlySettings settings, String task, int units) {
    Process process = null;
    try {
      process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  "-Xmx512m",
                  "-XX:+UseSerialGC",
                  "-XX:TieredStopAtLevel=1",
                  "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                  KilledRun.class.getName(),
                  night.database.url(),
                  Integer.toString(settings.execution().threads()),
                  Integer.toString(settings.execution().slices()),
                  task,
                  Integer.toString(units))
              .redirectError(ProcessBuilder.Redirect.to(new File("target/killed-run.log")))
              .start();
      try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
        if (out.lines().noneMatch(REACHED::equals)) {
          throw new IllegalStateException("the run ended before it could be killed");
        }
        process.destroyForcibly().waitFor();
      }
      night.awaitFreeClaim();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } finally {
      if (process != null) {
        process.destroyForcibly();
      }
    }
  }

  public static void main(String[] args) {
    NightlySettings settings = Night.settings(Integer.parseInt(args[1]), Integer.parseInt(args[2]));
    Progress stop =
        Meanwhile.after(
            args[3],
            Long.parseLong(args[4]),
            () -> {
              System.out.println(REACHED);
              System.out.flush();
              try {
                new CountDownLatch(1).await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    try (Database database =
        Database.open(new DatabaseSettings(args[0], null, null, Path.of("target/unused")))) {
      new NightlyRun(database, settings, Night.CLOCK, stop).start(Night.AS_OF, false);
    }
  }
}
