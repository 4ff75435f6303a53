package social.trvl.compat.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import social.trvl.compat.config.BlockBy;
import social.trvl.compat.config.NightlySettings;
import social.trvl.compat.publish.Runs.Run;
import social.trvl.compat.report.RunReport;

/** The nightly run under a boosted champion, against {@link BruteForce}. */
final class BoostedRunTest {

  private static final String PAIR =
      "select rank, other_user_id, score, personality_match, preference_match, interest_match, completeness, model_version_id from compat.pair_scores where run_id = %d and user_id = '%s' order by rank";

  private static final String FITS =
      "select group_id, user_id, is_member, rank, compatibility_score, personality_match, interest_match, style_match, least_match, completeness, model_version_id from compat.group_scores where run_id = %d order by group_id, user_id";

  /** Few enough people that the trees look at everybody. */
  @ParameterizedTest
  @EnumSource
  void run_fewCandidates_everyRowIsTheBruteForcesRow(BlockBy blockBy) throws SQLException {
    try (Night night = Night.of(700, 5)) {
      BoostedChampion.register(night);
      NightlySettings settings =
          Night.with(Night.settings(2, 3), Night.settings().scoring().with(15, blockBy));
      Run run = night.start(settings);
      assertThat(run.state()).isEqualTo("published");
      assertThat(run.recall()).isEqualTo(1);
      BruteForce expected =
          bruteForce(
              night,
              settings,
              switch (blockBy) {
                case EVERYONE -> BruteForce.Share.NOTHING;
                case REGION -> BruteForce.Share.REGION;
                case DESTINATION -> BruteForce.Share.DESTINATION;
              });
      List<String> people = expected.people();
      for (int i = 0; i < people.size(); i += 7) {
        assertThat(night.rows(PAIR.formatted(run.runId(), people.get(i))))
            .as("list of %s", people.get(i))
            .isEqualTo(expected.list(people.get(i)));
      }
      NightlySettings.Groups groups = settings.scoring().groups();
      assertThat(night.rows(FITS.formatted(run.runId())))
          .isEqualTo(expected.groupRows(groups.candidates(), groups.leastWeightPercent()))
          .hasSizeGreaterThan(100);
    }
  }

  @Test
  void run_manyCandidates_measuresTheRecallThatABruteForceFinds() throws SQLException {
    try (Night night = Night.of(3_000, 80)) {
      BoostedChampion.register(night);
      NightlySettings settings =
          Night.with(Night.settings(2, 8), Night.settings().scoring().with(10, null));
      Run run = night.start(settings);
      assertThat(run.failedChecks()).isEmpty();
      assertThat(run.state()).isEqualTo("published");

      BruteForce expected = bruteForce(night, settings, BruteForce.Share.NOTHING);
      List<String> people = expected.people();
      int exact = 0;
      int found = 0;
      for (int i = 0; i < 100; i++) {
        String person = people.get(i * people.size() / 100);
        List<String> best = withoutRanks(expected.list(person));
        List<String> given = withoutRanks(night.rows(PAIR.formatted(run.runId(), person)));
        assertThat(given).hasSameSizeAs(best);
        exact += best.size();
        given.retainAll(best);
        found += given.size();
      }
      assertThat(run.recall()).isCloseTo((double) found / exact, within(1e-12)).isBetween(.95, 1.0);
      assertThat(new RunReport(night.database).of(run).recall()).isEqualTo(run.recall());

      List<String> rows = night.checksum(run.runId());
      assertThat(
              night.checksum(
                  night.full(Night.with(Night.settings(1, 3), settings.scoring())).runId()))
          .isEqualTo(rows);

      // On demand goes the same way.
      List<String> fits = night.rows(FITS.formatted(2));
      new GroupRescoring(night.database, Night.CLOCK)
          .rescore(
              night.rows("select group_id from compat.group_cohesion where run_id = 2").stream()
                  .map(UUID::fromString)
                  .toList());
      assertThat(night.rows(FITS.formatted(2))).isEqualTo(fits).hasSizeGreaterThan(3_000);
    }
  }

  @Test
  void run_surrogateThatKnowsHalf_retrievesAsManyAsTheRecallNeeds() {
    try (Night night = Night.of(3_000, 0)) {
      NightlySettings settings =
          Night.with(Night.settings(2, 8), Night.settings().scoring().with(10, null));
      BoostedChampion.registerWithVagueSurrogate(night);
      Run run = night.start(settings);
      assertThat(run.state()).isEqualTo("published");
      assertThat(run.recall()).isBetween(.95, 1.0);
      List<String> rows = night.checksum(run.runId());
      assertThat(night.checksum(night.full(settings).runId())).isEqualTo(rows);
    }
  }

  /** More people than are ever retrieved. */
  @Test
  void run_surrogateFarFromTheTrees_isWithheldWithTheRecall() {
    try (Night night = Night.of(12_000, 0)) {
      NightlySettings settings =
          Night.with(Night.settings(2, 8), Night.settings().scoring().with(10, null));
      night.start(settings);
      BoostedChampion.registerWithIgnorantSurrogate(night);
      Run run = night.start(settings);
      assertThat(run.state()).isEqualTo("withheld");
      assertThat(run.recall()).isLessThan(.95);
      assertThat(run.failedChecks())
          .anySatisfy(reason ->
              assertThat(reason).contains("at least 95.0 % is needed", "surrogate", "distil"));
      assertThat(night.published()).isEqualTo(1);
      assertThat(night.rows("select recall from compat.runs order by run_id"))
          .containsExactly("", String.valueOf(run.recall()));
    }
  }

  private static List<String> withoutRanks(List<String> rows) {
    return new ArrayList<>(rows.stream().map(row -> row.substring(row.indexOf('|'))).toList());
  }

  private static BruteForce bruteForce(
      Night night, NightlySettings settings, BruteForce.Share share) throws SQLException {
    try (Connection connection = night.database.owner().getConnection()) {
      return new BruteForce(
          connection,
          Night.AS_OF,
          settings.scoring().topK(),
          settings.scoring().gammaPercent(),
          share);
    }
  }
}
