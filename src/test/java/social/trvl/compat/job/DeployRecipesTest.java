package social.trvl.compat.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.config.NightlySettings;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * cron, systemd and Kubernetes can't read {@code jobs/nightly-scoring.yml}, so their recipes repeat
 * its schedule and the exit codes; here the copies are compared.
 */
class DeployRecipesTest {

  private static final Path FOLDER = Path.of("jobs/deploy");

  private static final String SCHEDULE = NightlySettings.standard().schedule();

  /** Another start would end the same way, or a person has to decide. */
  private static final List<Integer> NOT_TO_BE_REPEATED =
      List.of(
          ExitCode.USAGE.number(),
          ExitCode.BAD_INPUT.number(),
          ExitCode.DATABASE_UNFIT.number(),
          ExitCode.BUSY.number(),
          ExitCode.WITHHELD.number(),
          ExitCode.NOT_FOUND.number());

  @Test
  void crontab_startsAtTheScheduleInUtc() throws IOException {
    List<String> lines = lines("crontab");
    assertThat(lines).contains("CRON_TZ=UTC");
    assertThat(lines.stream().filter(line -> line.matches("[0-9*].*")))
        .singleElement()
        .asString()
        .startsWith(SCHEDULE + " ")
        .endsWith("compat score run");
  }

  @Test
  void systemdTimer_startsAtTheScheduleInUtc() throws IOException {
    assertThat(settings("compat-nightly.timer", "OnCalendar"))
        .containsExactly(onCalendar(SCHEDULE));
  }

  @Test
  void kubernetes_startsAtTheScheduleInUtcAndNeverTwice() throws IOException {
    JsonNode spec = cronJob().at("/spec");
    assertThat(spec.get("schedule").stringValue()).isEqualTo(SCHEDULE);
    assertThat(spec.get("timeZone").stringValue()).isEqualTo("Etc/UTC");
    assertThat(spec.get("concurrencyPolicy").stringValue()).isEqualTo("Forbid");
  }

  @Test
  void systemdService_repeatsOnlyWhatResumes() throws IOException {
    List<Integer> ended = new ArrayList<>();
    for (String key : List.of("SuccessExitStatus", "RestartPreventExitStatus")) {
      for (String value : settings("compat-nightly.service", key)) {
        Arrays.stream(value.split(" ")).map(Integer::valueOf).forEach(ended::add);
      }
    }
    ended.remove(Integer.valueOf(128 + 15)); // ended by SIGTERM
    assertThat(ended).containsExactlyInAnyOrderElementsOf(NOT_TO_BE_REPEATED);
    assertThat(settings("compat-nightly.service", "Restart")).containsExactly("on-failure");
  }

  @Test
  void systemdResident_isHardenedAndRunAsTheNightlyRun() throws IOException {
    List<String> ofNightlyRun =
        lines("compat-nightly.service").stream()
            .dropWhile(line -> !line.startsWith("NoNew"))
            .toList();
    assertThat(lines("compat-serve.service"))
        .containsAll(ofNightlyRun.stream().filter(line -> !line.startsWith("#")).toList());
    for (String key : List.of("User", "WorkingDirectory", "EnvironmentFile", "MemoryMax")) {
      assertThat(settings("compat-serve.service", key))
          .isEqualTo(settings("compat-nightly.service", key));
    }
    assertThat(settings("compat-serve.service", "ExecStart"))
        .containsExactly("/opt/compat/compat score serve");
    assertThat(settings("compat-serve.service", "RestartPreventExitStatus"))
        .containsExactly(
            "%d %d".formatted(ExitCode.USAGE.number(), ExitCode.DATABASE_UNFIT.number()));
  }

  @Test
  void kubernetes_repeatsOnlyWhatResumes() throws IOException {
    List<Integer> ended = new ArrayList<>();
    for (JsonNode rule : cronJob().at("/spec/jobTemplate/spec/podFailurePolicy/rules")) {
      if (rule.get("action").stringValue().equals("FailJob")) {
        rule.at("/onExitCodes/values").forEach(code -> ended.add(code.intValue()));
      }
    }
    assertThat(ended).containsExactlyInAnyOrderElementsOf(NOT_TO_BE_REPEATED);
  }

  @Test
  void readme_listsEveryExitCodeWithItsMeaning() throws IOException {
    String readme = Files.readString(Path.of("README.md"));
    for (ExitCode code : ExitCode.values()) {
      assertThat(readme).contains("| %d | %s |".formatted(code.number(), code.meaning()));
    }
  }

  /** The same moments in systemd's words. */
  private static String onCalendar(String schedule) {
    Matcher daily = Pattern.compile("([0-9]{1,2}) ([0-9]{1,2}) \\* \\* \\*").matcher(schedule);
    assertThat(daily.matches())
        .as("schedule (%s) is once a day; teach this test what else it may be", schedule)
        .isTrue();
    return "*-*-* %02d:%02d:00 UTC"
        .formatted(Integer.valueOf(daily.group(2)), Integer.valueOf(daily.group(1)));
  }

  private static List<String> lines(String file) throws IOException {
    return Files.readAllLines(FOLDER.resolve(file));
  }

  /** Values of a key of a unit file, in order. */
  private static List<String> settings(String file, String key) throws IOException {
    return lines(file).stream()
        .filter(line -> line.startsWith(key + "="))
        .map(line -> line.substring(key.length() + 1))
        .toList();
  }

  private static JsonNode cronJob() throws IOException {
    return YAMLMapper.builder().build().readTree(Files.readString(FOLDER.resolve("cronjob.yaml")));
  }
}
