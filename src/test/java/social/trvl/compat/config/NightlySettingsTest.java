package social.trvl.compat.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class NightlySettingsTest {

  private static final Path FILE = Path.of("jobs/nightly-scoring.yml");

  @Test
  void standard_isTheFileInJobs() {
    assertThat(NightlySettings.standard()).isEqualTo(NightlySettings.read(FILE));
    assertThat(NightlySettings.standard())
        .isEqualTo(
            new NightlySettings(
                "30 1 * * *",
                new NightlySettings.Scoring(
                    50,
                    BlockBy.EVERYONE,
                    75,
                    new NightlySettings.Filters(true, false, false, 0),
                    new NightlySettings.Groups(50, 50)),
                new NightlySettings.Execution(0, 16, 600),
                new NightlySettings.Checks(.05, .6, .85, .25),
                new NightlySettings.Retention(3, 30)));
  }

  @ParameterizedTest
  @CsvSource({
    "topK, 1, 500",
    "gammaPercent, 0, 200",
    "maxDistanceKm, 0, 20100",
    "candidates, 1, 500",
    "leastWeightPercent, 0, 100",
    "threads, 0, 256",
    "slices, 1, 64",
    "statementTimeoutSeconds, 1, 86400",
    "publishedRuns, 1, 30",
    "batchMetadataDays, 1, 3650"
  })
  void parse_wholeNumbers_withinTheirBoundsOnly(String key, int lowest, int highest) {
    accepted(key, Integer.toString(lowest));
    accepted(key, Integer.toString(highest));
    refused(with(key, Integer.toString(lowest - 1)), key + " (" + (lowest - 1) + ") is not within");
    refused(
        with(key, Integer.toString(highest + 1)),
        key + " (%d) is not within %d–%d".formatted(highest + 1, lowest, highest));
    for (String wrong : new String[] {"1.5", "many", "'7'", "true", "[1]", "99999999999"}) {
      refused(with(key, wrong), key + " (", "is not a whole number");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"maxWithoutMatchesShare", "maxNeverListedShare", "maxGini"})
  void parse_shares_fromZeroToOneOnly(String key) {
    accepted(key, "0");
    accepted(key, "1.0");
    refused(with(key, "1.01"), key + " (1.01) is not within 0–1");
    refused(with(key, "-0.01"), key + " (-0.01) is not within 0–1");
    refused(with(key, ".nan"), "the test");
    refused(with(key, "half"), key + " (half) is not");
  }

  @Test
  void parse_stabilityIndex_aboveZeroBelowHundred() {
    accepted("maxStabilityIndex", "0.01");
    accepted("maxStabilityIndex", "99");
    refused(with("maxStabilityIndex", "0"), "maxStabilityIndex (0.0) is not above 0");
    refused(with("maxStabilityIndex", "100"), "maxStabilityIndex (100.0) is not above 0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"everyone", "region", "DESTINATION"})
  void parse_blockBy_oneOfThree(String value) {
    accepted("blockBy", value);
    refused(with("blockBy", "1"), "scoring.blockBy (1) is not everyone or region or destination");
    refused(with("blockBy", value + "s"), "scoring.blockBy (" + value + "s) is not everyone");
  }

  @Test
  void parse_schedule_hasFiveFields() {
    refused(with("schedule", "'0 1 * *'"), "schedule (0 1 * *) has not five cron fields");
    refused(with("schedule", ""), "schedule is missing or empty");
  }

  @Test
  void parse_otherThanTrueOrFalse_isRefused() {
    refused(with("dates", "yes please"), "scoring.filters.dates (yes please) is not boolean");
  }

  @Test
  void parse_severalMistakes_areReportedTogether() {
    String yaml =
        with("topK", "many")
                .replace("  blockBy: everyone", "  blockby: everyone")
                .replaceFirst("(?m)^  threads:.*$", "")
                .replaceFirst("(?m)^retention:$", "retentions:")
            + "\nsurprise: 1\n";
    refused(
        yaml,
        "7 problem(s)",
        "scoring.topK (many) is not a whole number",
        "scoring.blockBy is missing",
        "scoring.blockby is unknown",
        "execution.threads is missing",
        "retention is missing",
        "retentions is unknown",
        "surprise is unknown");
    refused(
        with("topK", "0").replaceFirst("slices: 16", "slices: 65"),
        "2 problem(s)",
        "scoring.topK (0)",
        "execution.slices (65)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "just words", "- a list", "schedule: [", "schedule: a\nschedule: b"})
  void parse_noSettingsAtAll_areRefused(String yaml) {
    refused(yaml, "the test");
  }

  @Test
  void read_fileMissing_isRefused() {
    assertThatThrownBy(() -> NightlySettings.read(Path.of("target/no-such-file.yml")))
        .isInstanceOf(CompatException.class)
        .hasMessageContaining("no-such-file.yml can't be read");
  }

  @Test
  void scoring_throughJson_isTheSame() {
    NightlySettings.Scoring scoring =
        NightlySettings.standard().scoring().with(7, BlockBy.DESTINATION);
    assertThat(scoring.topK()).isEqualTo(7);
    assertThat(NightlySettings.Scoring.fromJson(scoring.toJson())).isEqualTo(scoring);
  }

  private static void accepted(String key, String value) {
    assertThatCode(() -> NightlySettings.parse(with(key, value), "the test"))
        .as("%s: %s", key, value)
        .doesNotThrowAnyException();
  }

  private static void refused(String yaml, String... parts) {
    assertThatThrownBy(() -> NightlySettings.parse(yaml, "the test"))
        .isInstanceOfSatisfying(
            CompatException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
        .hasMessageContainingAll(parts);
  }

  /** The standard settings with one value replaced. */
  private static String with(String key, String value) {
    try {
      String yaml = Files.readString(FILE);
      String changed = yaml.replaceFirst("(?m)^( *)" + key + ":.*$", "$1" + key + ": " + value);
      assertThat(changed).as(key).isNotEqualTo(yaml + " ");
      return changed;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
