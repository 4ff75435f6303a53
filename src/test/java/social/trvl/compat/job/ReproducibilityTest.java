package social.trvl.compat.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import social.trvl.compat.publish.Runs.Run;

/**
 * The same inputs give the same rows, however they are computed; killed runs: {@link ResumeTest}.
 */
final class ReproducibilityTest {

  private static Night night;
  private static List<String> expected;

  @BeforeAll
  static void runOnce() {
    night = Night.of(1_000, 40);
    expected = night.checksum(night.full(Night.settings(1, 1)).runId());
    assertThat(expected).noneMatch(sum -> sum.contains(" 0|"));
  }

  @AfterAll
  static void close() {
    night.close();
  }

  @ParameterizedTest
  @CsvSource({"1, 8", "4, 1", "4, 8", "3, 5", "4, 64"})
  void run_threadsAndSlicesChangeNothing(int threads, int slices) {
    Run run = night.full(Night.settings(threads, slices));
    assertThat(night.checksum(run.runId())).isEqualTo(expected);
    assertThat(night.runTables())
        .filteredOn(table -> table.startsWith("pair_scores_r" + run.runId() + "_s"))
        .hasSize(slices);
  }

  @Test
  void run_moreSlicesThanPeople() {
    try (Night few = Night.of(20, 3)) {
      List<String> once = few.checksum(few.full(Night.settings(1, 1)).runId());
      assertThat(few.checksum(few.full(Night.settings(4, 64)).runId())).isEqualTo(once);
    }
  }
}
