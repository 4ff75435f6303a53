package social.trvl.compat.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.config.NightlySettings;
import social.trvl.compat.db.TestDatabase;
import social.trvl.compat.publish.Runs.Run;

/** Runs that are interrupted: by SIGKILL, by lost connections, by the loss of the claim. */
final class ResumeTest {

  private static final int PEOPLE = 600;

  /** One thread, so that it is certain what was committed when the run is stopped. */
  private static final NightlySettings SETTINGS = Night.settings(1, 12);

  private static List<String> uninterrupted;

  private Night night;

  @BeforeAll
  static void runWithoutInterruption() {
    try (Night other = Night.of(PEOPLE, 150)) {
      uninterrupted = other.checksum(other.full(SETTINGS).runId());
    }
  }

  @AfterAll
  static void forget() {
    uninterrupted = List.of();
  }

  @BeforeEach
  void open() {
    night = Night.of(PEOPLE, 150);
  }

  @AfterEach
  void close() {
    night.close();
  }

  @Test
  void start_afterKillWhileScoring_goesOnAfterTheSlicesThatAreWhole() {
    KilledRun.killAfter(night, SETTINGS, "writing lists", 330);
    List<String> committed = placesOfRows();
    assertThat(committed.size()).isBetween(200 * 50, 329 * 50);
    assertThat(night.value("select state from compat.runs")).isEqualTo("running");
    assertThat(night.published()).isZero();
    assertThat(
            night.rows(
                "select distinct c.relispartition, (select count(*) from pg_index i where i.indrelid = c.oid)"
                    + " from pg_class c where c.relname ~ '^pair_scores_r1_s[0-9]+$'"))
        .as("slices are attached with both indexes")
        .containsExactly("t|2");

    Run run = night.start(SETTINGS);
    assertThat(run.runId()).isEqualTo(1);
    assertThat(run.state()).isEqualTo("published");
    assertThat(placesOfRows()).containsAll(committed).hasSizeGreaterThan(committed.size());
    assertThat(night.checksum(1)).isEqualTo(uninterrupted);
    assertThat(night.count("compat.runs")).isEqualTo(1);
    assertRowsAreCounted();
  }

  @Test
  void start_afterTwoKillsAndWithOtherThreadsAndSlices_publishesTheSameRows() {
    KilledRun.killAfter(night, SETTINGS, "writing lists", 150);
    KilledRun.killAfter(night, Night.settings(2, 8), "writing lists", 330);
    night.start(Night.settings(4, 5));
    assertThat(night.rows("select run_id, state, failure from compat.runs order by 1"))
        .containsExactly("1|published|");
    assertThat(night.checksum(1)).isEqualTo(uninterrupted);
  }

  @Test
  void start_afterKillInAnotherStep_finishesTheSameRun() {
    KilledRun.killAfter(night, SETTINGS, "scoring groups", 65);
    List<String> before = placesOfRows();
    assertThat(night.published()).isZero();
    Run run = night.start(SETTINGS);
    assertThat(run.runId()).isEqualTo(1);
    assertThat(run.state()).isEqualTo("published");
    assertThat(placesOfRows()).containsAll(before);
    assertThat(night.checksum(1)).isEqualTo(uninterrupted);
    assertRowsAreCounted();
  }

  @Test
  void start_inputsChangedSinceTheKill_supersedesTheRun() {
    KilledRun.killAfter(night, SETTINGS, "writing lists", 330);
    night.execute(
        "update public.personality_assessments set agreeableness = 1 - agreeableness where user_id = (select min(user_id::text)::uuid from public.personality_assessments)");
    Run run = night.start(SETTINGS);
    assertThat(run.runId()).isEqualTo(2);
    assertThat(run.state()).isEqualTo("published");
    assertThat(night.published()).isEqualTo(2);
    assertThat(night.rows("select state, failure from compat.runs where run_id = 1"))
        .containsExactly("superseded|the inputs of interrupted run 1 have changed since");
    assertThat(night.runTables()).isNotEmpty().noneMatch(table -> table.contains("_r1"));
    assertThat(night.checksum(night.full(SETTINGS).runId())).isEqualTo(night.checksum(2));
    assertThat(night.checksum(2)).isNotEqualTo(uninterrupted);
  }

  @Test
  void start_parametersChangedSinceTheFailure_supersedesTheRun() {
    Meanwhile failure =
        Meanwhile.after(
            "writing lists",
            200,
            () -> {
              throw new IllegalArgumentException("a test's own failure");
            });
    assertThatThrownBy(() -> night.start(SETTINGS, failure, false))
        .hasRootCauseMessage("a test's own failure");
    assertThat(night.value("select failure from compat.runs")).isEqualTo("a test's own failure");
    Run run = night.start(Night.with(SETTINGS, SETTINGS.scoring().with(7, null)));
    assertThat(run.runId()).isEqualTo(2);
    assertThat(night.value("select state from compat.runs where run_id = 1"))
        .isEqualTo("superseded");
    assertThat(night.value("select max(rank) from compat.pair_scores where run_id = 2"))
        .isEqualTo("7");
  }

  @ParameterizedTest
  @CsvSource({"writing lists, 330", "scoring groups, 65"})
  void start_connectionsLost_failsAndTheNextStartResumes(String task, int units)
      throws InterruptedException {
    Meanwhile loss =
        Meanwhile.after(
            task,
            units,
            () ->
                TestDatabase.asSuperuser(
                    "postgres",
                    "select pg_terminate_backend(pid) from pg_stat_activity where datname = '%s'"
                        .formatted(night.name())));
    assertThatThrownBy(() -> night.start(SETTINGS, loss, false))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("run 1 stopped and will be resumed by the next start")
        // The server's last words, or the driver's, caused by a broken pipe, if rows were being
        // sent.
        .satisfies(failure ->
            assertThat(Stream.iterate(failure, Objects::nonNull, Throwable::getCause))
                .hasAtLeastOneElementOfType(SQLException.class));
    assertThat(loss.happened()).isTrue();
    night.awaitFreeClaim();
    List<String> committed = placesOfRows();
    assertThat(committed).isNotEmpty();

    Run run = night.start(SETTINGS);
    assertThat(run.runId()).isEqualTo(1);
    assertThat(run.state()).isEqualTo("published");
    assertThat(run.failure()).isNull();
    assertThat(placesOfRows()).containsAll(committed);
    assertThat(night.checksum(1)).isEqualTo(uninterrupted);
  }

  @ParameterizedTest
  @CsvSource({"writing lists, 0", "scoring groups, 0", "checking rows, 3"})
  void start_claimTakenByAnother_writesNothingMore(String task, int scored) {
    Meanwhile taken =
        Meanwhile.beginning(
            task,
            () -> night.execute("update compat.claims set epoch = epoch + 1, holder = 'another'"));
    assertThatThrownBy(() -> night.start(SETTINGS, taken, false))
        .isInstanceOfSatisfying(
            CompatException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BUSY))
        .hasMessageContaining("to another: nothing more was written");
    assertThat(night.published()).isZero();
    if (task.equals("writing lists")) {
      assertThat(placesOfRows()).isEmpty();
    }
    if (!task.equals("checking rows")) {
      assertThat(night.count("compat.group_cohesion")).isZero();
      assertThat(night.count("compat.group_scores")).isZero();
    }
    assertThat(night.start(SETTINGS).runId()).isEqualTo(1);
    assertThat(night.checksum(1)).isEqualTo(uninterrupted);
  }

  /** Those that the killed process wrote and those of the one that resumed, each once. */
  private void assertRowsAreCounted() {
    assertThat(
            night.value(
                """
                select pair_rows = (select count(*) from compat.pair_scores where run_id = 1)
                   and pair_rows = (select sum(n) from unnest(score_histogram) n) from compat.runs where run_id = 1
                """))
        .isEqualTo("t");
  }

  /** Each row of run 1 with its place and the transaction that wrote it. */
  private List<String> placesOfRows() {
    return night
        .rows(
            "select relname from pg_class where relnamespace = 'compat'::regnamespace and relname ~ '^pair_scores_r1_s[0-9]+$' order by 1")
        .stream()
        .flatMap(slice ->
            night
                .rows(
                    "select '%1$s', ctid, xmin, user_id, rank from compat.%1$s order by user_id, rank"
                        .formatted(slice))
                .stream())
        .toList();
  }
}
