package social.trvl.compat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Database;
import social.trvl.compat.db.TestDatabase;
import social.trvl.compat.intake.PopulationGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class BenchCommandTest {

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --sizes 99                  | from 100 to 1m
          --sizes 1k,2m               | '2m'
          --sizes many                | 'many'
          --rounds 0                  | --rounds (0) is not within 1-99
          --only kernel,speed         | PUBLICATION
          --use-existing              | --db-url
          --db-url postgres://host/db | jdbc:postgresql
          """)
  void wrongInput_isUsage_andSaysWhatIsAllowed(String words, String allowed) {
    List<String> arguments = new ArrayList<>(List.of("bench", "--dry-run"));
    arguments.addAll(List.of(words.split(" ", -1)));
    CommandRun run = CommandRun.of(arguments.toArray(String[]::new));
    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE.number());
    assertThat(run.err()).contains(allowed.replace("'", ""));
    assertThat(run.out()).isEmpty();
  }

  /** The database that it names does not exist: nothing of it is touched. */
  @Test
  void dryRun_saysWhatWouldBeDone_andOpensNothing() {
    CommandRun run =
        CommandRun.of(
            "bench",
            "--dry-run",
            "--json",
            "--only",
            "run,publication",
            "--sizes",
            "10k,100k",
            "--db-url",
            "jdbc:postgresql://127.0.0.1:1/nowhere");
    assertThat(run.exitCode()).isZero();
    assertThat(run.json().get("parts")).hasSize(2);
    assertThat(run.json().get("minutes").asInt()).isBetween(2, 20);
    assertThat(run.json().get("disk_bytes").asLong()).isBetween(3_000_000_000L, 20_000_000_000L);
  }

  @Test
  void dryRun_ofMore_takesLonger() {
    assertThat(minutes("--sizes", "1m")).isGreaterThan(2 * minutes("--sizes", "100k"));
    assertThat(minutes("--rounds", "30")).isGreaterThan(2 * minutes("--rounds", "3"));
    assertThat(minutes("--only", "start")).isLessThan(minutes("--only", "kernel,run"));
  }

  private static int minutes(String... options) {
    List<String> arguments = new ArrayList<>(List.of("bench", "--dry-run", "--json"));
    arguments.addAll(List.of(options));
    return CommandRun.of(arguments.toArray(String[]::new)).json().get("minutes").asInt();
  }

  @Test
  void databaseWithPeople_isRefusedAndLeftAlone() {
    try (Database database = TestDatabase.migrated()) {
      new PopulationGenerator(database, Progress.SILENT, Clock.systemUTC()).generate(3, 0, 7);
      CommandRun run =
          CommandRun.of("bench", "--only", "peers", "--sizes", "100", "--db-url", database.url());
      assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE.number());
      assertThat(run.err()).contains("There are people in").contains("--use-existing");
      assertThat(database.ownerSql().fetchCount(DSL.table("public.profiles"))).isEqualTo(3);
    }
  }

  /** Everything that a quick machine can do in a test, by real processes and a real server. */
  @Test
  void bench_ofFewPeople_reportsEverySection() throws IOException {
    Path file = folder.resolve("bench.json");
    CommandRun run;
    try (Database database = TestDatabase.empty()) {
      run =
          CommandRun.of(
              "bench",
              "--sizes",
              "100,200",
              "--rounds",
              "1",
              "--only",
              "kernel,run,publication,group,trees,peers",
              "--json",
              "--out",
              file.toString(),
              "--db-url",
              database.url());
    }
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode report = run.json();
    assertThat(JsonMapper.shared().readTree(Files.readString(file))).isEqualTo(report);
    Set<String> sections = new TreeSet<>();
    for (JsonNode figure : report.get("figures")) {
      sections.add(figure.get("section").asString());
      JsonNode value = figure.get("value");
      assertThat(value.get("median").asDouble())
          .as(figure.toString())
          .isBetween(value.get("least").asDouble(), value.get("most").asDouble());
      assertThat(value.get("least").asDouble()).as(figure.toString()).isNotNegative();
    }
    assertThat(sections).containsExactly("GROUP", "KERNEL", "PEERS", "PUBLICATION", "RUN", "TREES");
    assertThat(report.get("nights")).hasSize(2);
    for (JsonNode night : report.get("nights")) {
      assertThat(night.get("state").asString()).isEqualTo("published");
      assertThat(night.get("rows").asLong()).isPositive();
      assertThat(night.get("command_seconds").asDouble())
          .isGreaterThan(night.get("run_seconds").asDouble());
    }
    assertThat(report.get("growth").get(0).get("points")).hasSize(2);
    assertThat(report.get("machine").get("postgres").asString()).startsWith("18.");
    assertThat(named(report, "200 people, nothing changed")).isPositive();
    assertThat(named(report, "200 people, published / bare")).isPositive();
    assertThat(named(report, "200 trees, compiled / Smile's predict")).isGreaterThan(1);
  }

  private static double named(JsonNode report, String name) {
    for (JsonNode figure : report.get("figures")) {
      if (figure.get("name").asString().equals(name)) {
        return figure.get("value").get("median").asDouble();
      }
    }
    throw new AssertionError("no figure " + name + " in " + report.get("figures"));
  }
}
