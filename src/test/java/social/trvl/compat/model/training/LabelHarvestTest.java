package social.trvl.compat.model.training;

import static org.assertj.core.api.Assertions.assertThat;
import static social.trvl.compat.model.training.Travellers.ANN;
import static social.trvl.compat.model.training.Travellers.BEN;
import static social.trvl.compat.model.training.Travellers.CAT;

import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import social.trvl.compat.db.Database;
import social.trvl.compat.db.TestDatabase;
import social.trvl.compat.db.TestSql;
import social.trvl.compat.model.training.LabelHarvest.Harvest;

class LabelHarvestTest {

  private static final UUID TRIP = new UUID(5, 5);
  private static final UUID GROUP = new UUID(6, 6);

  /** Of Ann and Ben. */
  private static final String LABEL =
      "select concat_ws(' ', source, label, weight::double precision, trip_id) from public.model_training_data where user_a = '%s' and user_b = '%s'"
          .formatted(ANN, BEN);

  private Database database;
  private TestSql sql;

  @BeforeEach
  void open() {
    database = TestDatabase.migrated();
    sql = TestSql.superuser(database);
    Travellers.join(sql, ANN, BEN, CAT);
  }

  @AfterEach
  void close() {
    sql.close();
    database.close();
  }

  private Harvest harvest() {
    return new LabelHarvest(database).harvest(null);
  }

  private void harvestGives(String label) {
    harvest();
    assertThat(sql.column(LABEL)).containsExactly(label);
  }

  @ParameterizedTest
  @CsvSource({
    "'\"satisfied\": true',  '\"satisfied\": true',  't 1'",
    "'\"satisfied\": true',  '\"satisfied\": false', 'f 1'",
    "'\"rating\": 5',        '\"rating\": 4',        't 1'",
    "'\"rating\": 5',        '\"rating\": 3',        't 0.5'",
    "'\"rating\": 3',        '\"rating\": 1',        'f 1'"
  })
  void rating_isTrueIfBothAreContent(String ofAnn, String ofBen, String label) {
    Travellers.say(sql, ANN, BEN, TRIP, ofAnn);
    Travellers.say(sql, BEN, ANN, TRIP, ofBen);
    harvestGives("rating %s %s".formatted(label, TRIP));
  }

  @Test
  void rating_ofOneSide_countsHalfIfContent() {
    Travellers.say(sql, BEN, ANN, TRIP, "\"rating\": 4");
    harvestGives("rating t 0.5 " + TRIP);
  }

  @Test
  void rating_neitherNor_decidesNothing() {
    Travellers.say(sql, BEN, ANN, TRIP, "\"rating\": 3");
    assertThat(harvest().undecided()).isOne();
    assertThat(sql.column(LABEL)).isEmpty();
  }

  @Test
  void generatedRating_isNamedSo() {
    Travellers.say(sql, ANN, BEN, TRIP, "\"generated\": true, \"satisfied\": false");
    harvestGives("generated f 1 " + TRIP);
  }

  @Test
  void completedBooking_isWeaklyTrueForItsParticipants() {
    Travellers.travel(sql, TRIP, ANN, BEN, CAT);
    assertThat(harvest().inserted()).isEqualTo(3);
    assertThat(sql.column(LABEL)).containsExactly("trip_completed t 0.3 " + TRIP);
    assertThat(sql.value("select count(distinct observed_at) from public.model_training_data"))
        .isEqualTo("1");
  }

  @Test
  void review_decidesBeforeTheTripItself() {
    Travellers.travel(sql, TRIP, ANN, BEN);
    review(ANN, 2);
    harvestGives("review f 0.7 " + TRIP);
  }

  @Test
  void earlyLeave_isFalseForWhoStayed() {
    Travellers.group(sql, GROUP, ANN);
    Travellers.enter(sql, GROUP, ANN, BEN, CAT);
    sql.run(
        "update public.group_members set joined_at = '2025-01-01', is_active = user_id <> '%s'"
            .formatted(BEN));
    Travellers.travel(sql, TRIP, ANN, CAT);
    sql.run("update public.bookings set group_id = '%s'".formatted(GROUP));
    harvestGives("early_leave f 0.5 " + TRIP);
    assertThat(
            sql.column(
                "select source from public.model_training_data where user_a = '%s' and user_b = '%s'"
                    .formatted(ANN, CAT)))
        .containsExactly("trip_completed");
  }

  @Test
  void invitation_acceptedIsTrue_pendingSaysNothing() {
    Travellers.group(sql, GROUP, ANN);
    sql.run(
        "insert into public.group_members (group_id, user_id, invited_by, invitation_accepted_at) values ('%s', '%s', '%s', '%s')"
            .formatted(GROUP, BEN, ANN, Travellers.TRIP_END),
        "insert into public.group_members (group_id, user_id, invited_by, is_active) values ('%s', '%s', '%s', false)"
            .formatted(GROUP, CAT, ANN));
    assertThat(harvest().found()).isOne();
    assertThat(sql.column(LABEL)).containsExactly("invitation t 0.2 " + GROUP);
  }

  @ParameterizedTest
  @CsvSource({"accepted, invitation t 0.2", "declined, invitation f 0.2"})
  void connectionRequest_countsByItsAnswer(String status, String label) {
    connect(ANN, BEN, status);
    harvestGives(label);
  }

  @Test
  void block_countsBetweenPeopleWhoMet() {
    connect(ANN, BEN, "blocked");
    assertThat(harvest().neverMet()).isOne();
    assertThat(sql.column(LABEL)).isEmpty();
    Travellers.travel(sql, TRIP, ANN, BEN);
    Harvest done = harvest();
    assertThat(done.neverMet()).isZero();
    assertThat(done.disagreements()).isOne();
    assertThat(sql.column(LABEL)).containsExactly("block f 1 " + TRIP);
  }

  @Test
  void report_countsUntilItIsDismissed() {
    Travellers.travel(sql, TRIP, ANN, BEN);
    sql.run(
        """
        insert into public.content_reports (content_id, content_type, reporter_id, report_reason, report_category)
        values ('%s', 'profile', '%s', 'rude', 'other'), ('no uuid', 'comment', '%2$s', 'rude', 'other')
        """
            .formatted(ANN, BEN));
    harvestGives("report f 1 " + TRIP);
    sql.run("update public.content_reports set status = 'dismissed'");
    assertThat(harvest().withdrawn()).isOne();
    assertThat(sql.column(LABEL)).containsExactly("trip_completed t 0.3 " + TRIP);
  }

  @Test
  void report_dismissed_leavesNothingWhereNothingElseIsKnown() {
    Travellers.group(sql, GROUP, ANN);
    Travellers.enter(sql, GROUP, ANN, BEN);
    connect(ANN, BEN, "blocked");
    harvestGives("block f 1");
    sql.run("delete from public.user_connections");
    assertThat(harvest().withdrawn()).isOne();
    assertThat(sql.column(LABEL)).isEmpty();
  }

  @Test
  void rating_decidesBeforeReviewTripAndInvitation() {
    Travellers.travel(sql, TRIP, ANN, BEN);
    connect(ANN, BEN, "declined");
    review(ANN, 1);
    Travellers.say(sql, ANN, BEN, TRIP, "\"rating\": 5");
    Travellers.say(sql, BEN, ANN, TRIP, "\"rating\": 5");
    Harvest done = harvest();
    assertThat(done.disagreements()).isOne();
    assertThat(sql.column(LABEL)).containsExactly("rating t 1 " + TRIP);
  }

  @Test
  void harvest_again_changesNothing() {
    Travellers.travel(sql, TRIP, ANN, BEN, CAT);
    assertThat(harvest().inserted()).isEqualTo(3);
    String rows =
        sql.value(
            "select string_agg(d::text || d.xmin, ',' order by id) from public.model_training_data d");
    Harvest again = harvest();
    assertThat(again.unchanged()).isEqualTo(3);
    assertThat(again.inserted() + again.updated()).isZero();
    assertThat(
            sql.value(
                "select string_agg(d::text || d.xmin, ',' order by id) from public.model_training_data d"))
        .isEqualTo(rows);
  }

  @Test
  void harvest_withNewOutcomes_updatesThePair() {
    Travellers.travel(sql, TRIP, ANN, BEN, CAT);
    harvest();
    review(BEN, 1);
    Harvest done = harvest();
    assertThat(done.updated()).isEqualTo(2);
    assertThat(done.unchanged()).isOne();
    assertThat(sql.column(LABEL)).containsExactly("review f 0.7 " + TRIP);
  }

  @Test
  void harvestSince_readsPairsWithLaterOutcomesWhole() {
    Travellers.say(sql, ANN, BEN, TRIP, "\"rating\": 1");
    Travellers.say(sql, ANN, CAT, TRIP, "\"rating\": 1");
    connect(ANN, BEN, "accepted");
    sql.run("update public.user_connections set updated_at = '2025-09-01'");
    Harvest done = new LabelHarvest(database).harvest(Instant.parse("2025-08-01T00:00:00Z"));
    assertThat(done.found()).isOne();
    assertThat(sql.column(LABEL)).containsExactly("rating f 1 " + TRIP);
  }

  @Test
  void features_areThoseOfTheTime() {
    sql.run(
        "insert into public.travel_preferences (user_id, interests, planning_style, experience_level, daily_budget_min, daily_budget_max, budget_currency) values ('%s', '{wine,hiking}', 'planned', 3, 50, 90, 'EUR')"
            .formatted(ANN),
        "update compat.profile_history set changed_at = '%s'".formatted(Travellers.JOINED),
        "update public.personality_assessments set openness = 0.9",
        "update public.travel_preferences set interests = '{golf}'");
    Travellers.travel(sql, TRIP, ANN, BEN);
    harvest();
    assertThat(sql.value("select features_a from public.model_training_data"))
        .isEqualTo(
            """
            {"age": 35, "openness": 0.50, "interests": ["wine", "hiking"], "neuroticism": 0.00, "extraversion": 0.07, "agreeableness": 1.00, "planning_style": "planned", "budget_currency": "EUR", "daily_budget_max": 90.00, "daily_budget_min": 50.00, "experience_level": 3, "conscientiousness": 0.60}\
            """);
    assertThat(sql.value("select features_b ->> 'openness' from public.model_training_data"))
        .isEqualTo("0.50");
  }

  @Test
  void pair_whoseHistoryDoesNotReachBack_isDropped() {
    sql.run(
        "update compat.profile_history set changed_at = now() where user_id = '%s'".formatted(BEN));
    Travellers.travel(sql, TRIP, ANN, BEN);
    assertThat(harvest().withoutHistory()).isOne();
    assertThat(sql.column(LABEL)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "update public.profiles set date_of_birth = '2008-01-01'",
    "update public.profiles set date_of_birth = null",
    "update compat.profile_history set recorded = recorded - 'openness'"
  })
  void pair_thatCouldNotBeScoredThen_isDropped(String before) {
    sql.run(before);
    Travellers.travel(sql, TRIP, ANN, BEN);
    assertThat(harvest().unscorable()).isOne();
    assertThat(sql.column(LABEL)).isEmpty();
  }

  @Test
  void pair_ofSomebodyGone_isDropped() {
    Travellers.say(sql, ANN, BEN, TRIP, "\"rating\": 5");
    sql.run(
        "set session_replication_role = replica",
        "delete from public.profiles where id = '%s'".formatted(BEN),
        "set session_replication_role = origin");
    assertThat(harvest().personGone()).isOne();
    assertThat(sql.column(LABEL)).isEmpty();
  }

  @Test
  void statement_aboutOneself_isDropped() {
    Travellers.say(sql, ANN, ANN, TRIP, "\"rating\": 5");
    Harvest done = harvest();
    assertThat(done.withThemselves()).isOne();
    assertThat(done.inserted()).isZero();
  }

  private void connect(UUID one, UUID other, String status) {
    sql.run(
        "insert into public.user_connections (requester_id, addressee_id, status) values ('%s', '%s', '%s')"
            .formatted(one, other, status));
  }

  private void review(UUID person, int rating) {
    sql.run(
        "set session_replication_role = replica",
        "insert into public.reviews (booking_id, adventure_id, vendor_id, user_id, rating) values ('%s', gen_random_uuid(), gen_random_uuid(), '%s', %d)"
            .formatted(TRIP, person, rating),
        "set session_replication_role = origin");
  }
}
