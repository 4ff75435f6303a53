package social.trvl.compat.cli;

import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.db.Database;
import social.trvl.compat.job.GroupResident;
import social.trvl.compat.job.GroupResident.Event;

/** {@code compat score serve}: groups are scored as soon as they ask. */
@Command(
    name = "serve",
    description =
        "Stays and scores each group that appears, changes or asks for it (public.request_group_score), within milliseconds; Ctrl-C or SIGTERM ends it.",
    mixinStandardHelpOptions = true)
final class ScoreServeCommand implements Callable<Integer> {

  /** More than a group takes, and than a stop goes unnoticed. */
  private static final int STOP_SECONDS = 30;

  @Spec private CommandSpec spec;
  @Mixin private DatabaseOptions options;

  @Option(
      names = "--refresh",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description =
          "How often everybody is read again; who has become a better candidate since is missed until then (default: 60).")
  private int refreshSeconds;

  @Option(names = "--json", description = "Prints a JSON object a line.")
  private boolean json;

  @Override
  public Integer call() {
    if (refreshSeconds < 1) {
      throw new ParameterException(
          spec.commandLine(), "--refresh (%d) is not 1 or more.".formatted(refreshSeconds));
    }
    Output out = new Output(spec);
    CountDownLatch ended = new CountDownLatch(1);
    try (Database database = options.openCurrent()) {
      GroupResident resident =
          new GroupResident(
              database,
              Clock.systemUTC(),
              Duration.ofSeconds(refreshSeconds),
              event -> print(out, event));
      Runtime.getRuntime().addShutdownHook(new Thread(() -> end(resident, ended)));
      resident.run();
    } finally {
      ended.countDown();
    }
    return ExitCode.OK.number();
  }

  /** A signal's own exit code would tell of a failure; being told to end is none. */
  private static void end(GroupResident resident, CountDownLatch ended) {
    if (ended.getCount() == 0) {
      return; // it has ended by itself, with an exit code of its own
    }
    resident.stop();
    try {
      if (ended.await(STOP_SECONDS, TimeUnit.SECONDS)) {
        Runtime.getRuntime().halt(ExitCode.OK.number());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void print(Output out, Event event) {
    if (json) {
      out.jsonLine(json(event));
      return;
    }
    switch (event) {
      case Event.Ready ready ->
          out.line("Run %d, %,d people in memory: ready.", ready.runId(), ready.people());
      case Event.NothingPublished _ ->
          out.line("Nothing is published yet: waiting for 'compat score run'.");
      case Event.Scored scored ->
          out.line(
              "Group %s: %d member(s), %d candidate(s), %.1f ms",
              scored.fit().groupId(),
              scored.fit().members(),
              scored.fit().candidates(),
              millis(scored.sinceRequest()));
      case Event.Dismissed dismissed ->
          out.line(
              "Group %s: there is no such active group; its request was removed.",
              dismissed.groupId());
      case Event.Interrupted interrupted ->
          out.line(
              "Interrupted: %s. Trying again in %d s.",
              interrupted.reason().strip().replaceAll("\\s*\\n\\s*", " "),
              interrupted.pause().toSeconds());
    }
  }

  private static Map<String, Object> json(Event event) {
    Map<String, Object> json = new LinkedHashMap<>();
    switch (event) {
      case Event.Ready ready -> {
        json.put("event", "ready");
        json.put("run_id", ready.runId());
        json.put("people", ready.people());
      }
      case Event.NothingPublished _ -> json.put("event", "nothing_published");
      case Event.Scored scored -> {
        json.put("event", "scored");
        json.put("group_id", scored.fit().groupId());
        json.put("members", scored.fit().members());
        json.put("candidates", scored.fit().candidates());
        json.put("milliseconds", millis(scored.sinceRequest()));
      }
      case Event.Dismissed dismissed -> {
        json.put("event", "dismissed");
        json.put("group_id", dismissed.groupId());
        json.put("reason", "there is no such active group");
      }
      case Event.Interrupted interrupted -> {
        json.put("event", "interrupted");
        json.put("reason", interrupted.reason());
        json.put("retry_after_seconds", interrupted.pause().toSeconds());
      }
    }
    return json;
  }

  private static double millis(Duration duration) {
    return Math.round(duration.toNanos() / 1e4) / 100.0;
  }
}
