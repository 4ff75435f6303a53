package social.trvl.compat.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.config.NightlySettings;
import social.trvl.compat.model.ModelFixtures;
import social.trvl.compat.model.ModelRegistry;
import social.trvl.compat.publish.Claim;
import social.trvl.compat.publish.Runs.Run;

/** Back to the champion before, scores included. */
final class ModelRollbackTest {

  private static final NightlySettings SETTINGS =
      Night.with(Night.settings(2, 3), Night.settings().scoring().with(15, null));

  private Night night;
  private ModelRegistry registry;

  @BeforeEach
  void open() {
    night = Night.of(700, 5);
    registry = new ModelRegistry(night.database);
    night.start(SETTINGS);
  }

  @AfterEach
  void close() {
    night.close();
  }

  private void promoteChallenger() {
    int id = registry.register(ModelFixtures.challenger("challenger"), "a test").id();
    registry.promote(id, registry.champion().id(), "a test", "a test");
  }

  private Run rollBack() {
    return ModelRollback.rollBack(night.database, "was worse", Night.CLOCK);
  }

  private String champion() {
    return registry.champion().label();
  }

  private List<String> matches() {
    return night.rows(
        "select user_id, rank, other_user_id, score, model_version_id from public.compatibility_scores order by 1, 2");
  }

  private List<String> fits() {
    return night.rows(
        "select group_id, user_id, compatibility_score, model_version_id from public.group_compatibility_scores order by 1, 2");
  }

  @Test
  void rollBack_bringsBackModelPairsAndGroupsWithoutComputing() {
    List<String> matches = matches();
    List<String> fits = fits();
    promoteChallenger();
    Run second = night.start(SETTINGS);
    assertThat(night.published()).isEqualTo(second.runId());
    assertThat(matches()).isNotEqualTo(matches);
    assertThat(fits()).isNotEqualTo(fits);
    // As where the clocks of program and server agree: the second run began after the first one
    // read.
    night.execute("update compat.runs set snapshot_at = started_at");

    Run now = rollBack();
    assertThat(now.runId()).isEqualTo(1);
    assertThat(now.current()).isTrue();
    assertThat(champion()).isEqualTo("baseline 0");
    assertThat(matches()).isEqualTo(matches).hasSizeGreaterThan(5_000);
    assertThat(fits()).isEqualTo(fits).isNotEmpty();
    assertThat(night.count("compat.runs")).isEqualTo(2);
    assertThat(
            night.rows(
                "select c.group_id from compat.group_cohesion c join compat.runs r using (run_id) where run_id = 1 and c.calculated_at <> r.started_at"))
        .as("groups that were scored again")
        .isEmpty();
    assertThat(
            night.rows(
                "select run_id, previous_run_id, reason from compat.publications order by publication_id desc limit 1"))
        .containsExactly("1|2|roll-back to baseline 0: was worse");
    assertThat(night.start(SETTINGS).state()).as("nothing is left to do").isEqualTo("unchanged");
  }

  @Test
  void rollBack_hidesWhoBlockedWasBannedOrErasedSince() {
    promoteChallenger();
    night.start(SETTINGS);
    List<String> pair =
        List.of(
            night
                .value(
                    "select user_id, other_user_id from compat.pair_scores where run_id = 1 and rank = 1 order by 1 limit 1")
                .split("\\|"));
    String banned =
        night.value(
            "select other_user_id from compat.pair_scores where run_id = 1 and rank = 2 order by user_id limit 1");
    String erased =
        night.value(
            "select other_user_id from compat.pair_scores where run_id = 1 and rank = 3 and other_user_id not in ('%s', '%s', '%s') order by user_id limit 1"
                .formatted(pair.get(0), pair.get(1), banned));
    night.execute(
        "insert into public.user_connections (requester_id, addressee_id, status) values ('%s', '%s', 'blocked')"
            .formatted(pair.get(0), pair.get(1)));
    night.execute(
        "update public.profiles set account_status = 'banned' where id = '%s'".formatted(banned));
    night.execute("delete from auth.users where id = '%s'".formatted(erased));
    rollBack();
    assertThat(matches())
        .isNotEmpty()
        .noneMatch(row ->
            row.contains(banned)
                || row.contains(erased)
                || (row.contains(pair.get(0)) && row.contains(pair.get(1))));
    assertThat(fits()).noneMatch(row -> row.contains(banned) || row.contains(erased));
    assertThat(
            night.count(
                "compat.pair_scores where '%s' in (user_id, other_user_id)".formatted(erased)))
        .isZero();
  }

  @Test
  void rollBack_scoresAgainGroupsThatWereRescoredSince() {
    promoteChallenger();
    night.start(SETTINGS);
    UUID group =
        UUID.fromString(night.value("select min(group_id::text) from compat.group_scores"));
    new GroupRescoring(night.database, Night.CLOCK).rescore(List.of(group));
    String before =
        night.value(
            "select calculated_at from compat.group_cohesion where run_id = 1 and group_id = '%s'"
                .formatted(group));
    rollBack();
    assertThat(
            night.rows(
                "select calculated_at > '%s', model_version_id from compat.group_cohesion where run_id = 1 and group_id = '%s'"
                    .formatted(before, group)))
        .containsExactly("t|0");
    assertThat(night.count("compat.group_requests")).isZero();
  }

  @Test
  void rollBack_beforeTheNewChampionPublished_leavesReadersWhereTheyAre() {
    promoteChallenger();
    Run now = rollBack();
    assertThat(now.runId()).isEqualTo(1);
    assertThat(champion()).isEqualTo("baseline 0");
    assertThat(night.count("compat.publications")).isEqualTo(1);
  }

  @Test
  void rollBack_withoutAPreviousChampion_isRefused() {
    refused(ExitCode.NOT_FOUND, "No version was champion before version 0");
  }

  @Test
  void rollBack_whereItsScoresAreGone_changesNothing() {
    promoteChallenger();
    night.start(SETTINGS);
    night.execute("update compat.runs set state = 'expired' where run_id = 1");
    refused(ExitCode.NOT_FOUND, "No run of version 0 (baseline 0) has rows any more");
    assertThat(champion()).isEqualTo("challenger 1");
    assertThat(night.published()).isEqualTo(2);
  }

  @Test
  void rollBack_whileARunIsUnderWay_isRefused() {
    promoteChallenger();
    try (Claim claim = Claim.acquire(night.database, NightlyScoring.NAME)) {
      claim.names(2);
      refused(ExitCode.BUSY, "is claimed by");
    }
    assertThat(champion()).isEqualTo("challenger 1");
  }

  @Test
  void retention_keepsWhatARollBackReturnsTo() {
    NightlySettings one = Night.keeping(1, SETTINGS);
    night.full(one);
    promoteChallenger();
    for (int i = 0; i < 3; i++) {
      night.full(one);
    }
    assertThat(night.rows("select run_id, state from compat.runs order by run_id"))
        .containsExactly("1|expired", "2|published", "3|expired", "4|expired", "5|published");
    assertThat(rollBack().runId()).isEqualTo(2);
    night.full(one);
    // The version rolled back from is nobody's way back.
    assertThat(night.rows("select run_id from compat.runs where state = 'published'"))
        .containsExactly("6");
  }

  private void refused(ExitCode exitCode, String part) {
    assertThatThrownBy(this::rollBack)
        .isInstanceOfSatisfying(
            CompatException.class, e -> assertThat(e.exitCode()).isEqualTo(exitCode))
        .hasMessageContaining(part);
  }
}
