package social.trvl.compat.model.training;

import static org.assertj.core.api.Assertions.assertThat;
import static social.trvl.compat.model.training.Travellers.ANN;
import static social.trvl.compat.model.training.Travellers.BEN;
import static social.trvl.compat.model.training.Travellers.CAT;

import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import social.trvl.compat.db.Database;
import social.trvl.compat.db.TestDatabase;
import social.trvl.compat.db.TestSql;
import social.trvl.compat.model.ModelRegistry;

/** Ann is shown Ben at rank 7, Ben is shown Ann at rank 3; nobody is shown Cat. */
class ExposureTest {

  private static final UUID GROUP = new UUID(6, 6);
  private static final String EXPOSURES =
      "select concat_ws(' ', user_a, user_b, rank, model_version_id, run_id) from compat.exposures";

  private Database database;
  private TestSql sql;

  @BeforeEach
  void open() {
    database = TestDatabase.migrated();
    new ModelRegistry(database).registerBaseline();
    sql = TestSql.superuser(database);
    Travellers.join(sql, ANN, BEN, CAT);
    Travellers.group(sql, GROUP, CAT);
    run(1, 3, 7);
    sql.run("insert into compat.published (run_id) values (1)");
  }

  @AfterEach
  void close() {
    sql.close();
    database.close();
  }

  private void run(int id, int rankOfAnn, int rankOfBen) {
    sql.run(
        """
        insert into compat.runs (job, state, as_of, parameters, model_version_id, started_at)
        values ('nightly', 'published', '2026-05-20', '{}', 0, now())
        """,
        "create table compat.pair_scores_r%1$d partition of compat.pair_scores for values in (%1$d)"
            .formatted(id),
        "alter table compat.pair_scores_r%d owner to compat_engine".formatted(id),
        "insert into compat.pair_scores values (%d, '%s', %d, '%s', 70, 60, 50, 40, 1, 0, now()), (%1$d, '%4$s', %5$d, '%2$s', 70, 60, 50, 40, 1, 0, now())"
            .formatted(id, BEN, rankOfAnn, ANN, rankOfBen));
  }

  private void shown(int rank, int run) {
    assertThat(sql.column(EXPOSURES))
        .containsExactly("%s %s %d 0 %d".formatted(ANN, BEN, rank, run));
  }

  @Test
  void meeting_inAGroup_keepsTheBetterRank() {
    Travellers.enter(sql, GROUP, ANN, BEN, CAT);
    shown(3, 1);
  }

  @Test
  void meeting_byOneStatementForAll_isKeptToo() {
    sql.run(
        "insert into public.group_members (group_id, user_id) values ('%1$s', '%2$s'), ('%1$s', '%3$s')"
            .formatted(GROUP, ANN, BEN));
    shown(3, 1);
  }

  @Test
  void meeting_byAnAcceptedInvitation_isKeptWhenItIsAccepted() {
    Travellers.enter(sql, GROUP, ANN);
    sql.run(
        "insert into public.group_members (group_id, user_id, invited_by, is_active) values ('%s', '%s', '%s', false)"
            .formatted(GROUP, BEN, ANN));
    assertThat(sql.column(EXPOSURES)).isEmpty();
    sql.run("update public.group_members set is_active = true where user_id = '%s'".formatted(BEN));
    shown(3, 1);
  }

  @Test
  void meeting_inABooking_isKept() {
    Travellers.travel(sql, new UUID(5, 5), ANN, BEN, CAT);
    shown(3, 1);
  }

  @Test
  void connection_isKeptWhenItIsAccepted() {
    sql.run(
        "insert into public.user_connections (requester_id, addressee_id) values ('%s', '%s')"
            .formatted(BEN, ANN));
    assertThat(sql.column(EXPOSURES)).isEmpty();
    sql.run("update public.user_connections set status = 'accepted'");
    shown(3, 1);
  }

  @Test
  void laterMeeting_changesNothing() {
    Travellers.enter(sql, GROUP, ANN, BEN);
    run(2, 1, 1);
    sql.run("update compat.published set run_id = 2");
    Travellers.travel(sql, new UUID(5, 5), ANN, BEN);
    shown(3, 1);
  }

  @Test
  void meeting_beforeAnythingIsPublished_leavesNothing() {
    sql.run("delete from compat.published");
    Travellers.enter(sql, GROUP, ANN, BEN);
    assertThat(sql.column(EXPOSURES)).isEmpty();
  }

  @Test
  void label_saysWhetherTheTwoHadBeenShown() {
    Travellers.enter(sql, GROUP, ANN, BEN, CAT);
    sql.run("update compat.exposures set met_at = '2025-06-01'");
    Travellers.travel(sql, new UUID(5, 5), ANN, BEN, CAT);
    new LabelHarvest(database).harvest(null);
    assertThat(
            sql.column(
                "select concat_ws(' ', exposed, exposure_rank, exposure_model_version_id) from public.model_training_data order by user_a, user_b"))
        .containsExactly("t 3 0", "f", "f");
  }

  @Test
  void exposure_afterTheOutcome_saysNothingOfIt() {
    Travellers.travel(sql, new UUID(5, 5), ANN, BEN);
    shown(3, 1);
    new LabelHarvest(database).harvest(null);
    assertThat(sql.value("select exposed from public.model_training_data")).isEqualTo("f");
  }

  @Test
  void deletedPerson_takesExposuresAlong() {
    Travellers.enter(sql, GROUP, ANN, BEN);
    sql.run("delete from auth.users where id = '%s'".formatted(BEN));
    assertThat(sql.column(EXPOSURES)).isEmpty();
  }

  @Test
  void accountMarkedDeleted_takesExposuresAlong() {
    Travellers.enter(sql, GROUP, ANN, BEN);
    sql.run("update public.profiles set username = 'annie' where id = '%s'".formatted(ANN));
    shown(3, 1);
    sql.run("update public.profiles set account_status = 'deleted' where id = '%s'".formatted(ANN));
    assertThat(sql.column(EXPOSURES)).isEmpty();
  }
}
