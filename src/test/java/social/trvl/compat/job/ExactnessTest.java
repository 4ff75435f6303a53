package social.trvl.compat.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import social.trvl.compat.config.BlockBy;
import social.trvl.compat.config.NightlySettings;
import social.trvl.compat.publish.Runs.Run;

/** The published rows against {@link BruteForce}, column by column. */
final class ExactnessTest {

  private static final String PAIR =
      "select rank, other_user_id, score, personality_match, preference_match, interest_match, completeness, model_version_id from compat.pair_scores where run_id = %d and user_id = '%s' order by rank";

  @Test
  void run_everyRowIsTheBruteForcesRow() throws SQLException {
    try (Night night = Night.of(3_000, 80)) {
      makeDifficult(night);
      NightlySettings settings = Night.settings(2, 8);
      Run run = night.start(settings);
      assertThat(run.state()).isEqualTo("published");

      BruteForce expected = bruteForce(night, settings, BruteForce.Share.NOTHING);
      assertThat(run.people()).isEqualTo(expected.people().size()).isBetween(2_200, 2_960);
      assertThat(run.groups()).isEqualTo(expected.groups());
      List<String> people = new ArrayList<>(expected.people());
      Collections.shuffle(people, new Random(Night.SEED));
      for (String person : people.subList(0, 200)) {
        assertThat(night.rows(PAIR.formatted(run.runId(), person)))
            .as("list of %s", person)
            .isEqualTo(expected.list(person));
      }
      NightlySettings.Groups groups = settings.scoring().groups();
      assertThat(groupRows(night, run))
          .isEqualTo(expected.groupRows(groups.candidates(), groups.leastWeightPercent()))
          .hasSizeGreaterThan(3_000);
      assertThat(cohesionRows(night, run))
          .isEqualTo(expected.cohesionRows(groups.candidates(), groups.leastWeightPercent()))
          .hasSize(82);
      assertThat(
              night.rows(
                  "select distinct calculated_at = (select started_at from compat.runs r where r.run_id = s.run_id) from compat.pair_scores s"))
          .containsExactly("t");
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = BlockBy.class,
      names = {"REGION", "DESTINATION"})
  void run_blocksLeaveTheTrueTopKOfThoseWhoShareOne(BlockBy blockBy) throws SQLException {
    try (Night night = Night.of(700, 5)) {
      makeDifficult(night);
      makeMostAlike(night);
      NightlySettings settings =
          Night.with(Night.settings(2, 3), NightlySettings.standard().scoring().with(15, blockBy));
      Run run = night.start(settings);
      BruteForce expected = bruteForce(night, settings, BruteForce.Share.valueOf(blockBy.name()));
      int shorter = 0;
      for (String person : expected.people()) {
        List<String> list = expected.list(person);
        shorter += list.size() < 15 ? 1 : 0;
        assertThat(night.rows(PAIR.formatted(run.runId(), person)))
            .as("list of %s", person)
            .isEqualTo(list);
      }
      assertThat(shorter).as("people who share a block with few").isPositive();
    }
  }

  private static List<String> groupRows(Night night, Run run) {
    return night.rows(
        "select group_id, user_id, is_member, rank, compatibility_score, personality_match, interest_match, style_match, least_match, completeness, model_version_id from compat.group_scores where run_id = %d order by group_id, user_id"
            .formatted(run.runId()));
  }

  private static List<String> cohesionRows(Night night, Run run) {
    return night.rows(
        "select group_id, cohesion, least_match, members, scorable_members, candidates, model_version_id from compat.group_cohesion where run_id = %d order by group_id"
            .formatted(run.runId()));
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

  /**
   * Leaves little but destinations and regions to tell people apart, so that most lists end within
   * a tie; with overlapping blocks its lower ids may come last.
   */
  private static void makeMostAlike(Night night) {
    night.execute(
        """
        update public.personality_assessments set openness = round(openness), conscientiousness = round(conscientiousness),
            extraversion = round(extraversion), agreeableness = 0.70, neuroticism = 0.40;
        update public.profiles set date_of_birth = date '1990-01-01' where date_of_birth < date '2008-01-01';
        update public.travel_preferences set experience_level = 3, interests = '{}', planning_style = null, group_preference = null,
            daily_budget_min = null, daily_budget_max = null, budget_currency = null;
        """);
  }

  /**
   * Adds what a generator is too tidy for: equals (hence ties), many blocks, odd spellings, people
   * who can't be scored, preferences that stand with the assessment only, groups without anybody.
   */
  private static void makeDifficult(Night night) {
    night.execute(
        """
        create table public.numbered as select id, row_number() over (order by md5(id::text))::int as n from public.profiles;

        -- Two hundred times two people alike to the last bit.
        update public.personality_assessments a
          set (openness, conscientiousness, extraversion, agreeableness, neuroticism) =
            (select s.openness, s.conscientiousness, s.extraversion, s.agreeableness, s.neuroticism
             from public.personality_assessments s join public.numbered o on o.id = s.user_id where o.n = t.n - 200)
          from public.numbered t where t.id = a.user_id and t.n between 201 and 400;
        update public.profiles p set date_of_birth =
            (select s.date_of_birth from public.profiles s join public.numbered o on o.id = s.id where o.n = t.n - 200)
          from public.numbered t where t.id = p.id and t.n between 201 and 400;
        delete from public.travel_preferences p using public.numbered t
          where t.id = p.user_id and t.n between 201 and 400;
        insert into public.travel_preferences (user_id, adventure_style, budget_preference, planning_style, group_preference,
            interests, destinations, daily_budget_min, daily_budget_max, budget_currency, experience_level, home_region)
          select t.id, s.adventure_style, s.budget_preference, s.planning_style, s.group_preference,
            s.interests, s.destinations, s.daily_budget_min, s.daily_budget_max, s.budget_currency, s.experience_level, s.home_region
          from public.travel_preferences s join public.numbered o on o.id = s.user_id
          join public.numbered t on t.n = o.n + 200 where o.n <= 200;

        insert into public.user_connections (requester_id, addressee_id, status)
          select a.id, b.id, 'blocked'::public.connection_status from public.numbered a join public.numbered b
            on a.n < b.n and (a.n * 7919 + b.n * 104729) % 83 = 0 on conflict do nothing;

        update public.profiles p set account_status = 'banned' from public.numbered t where t.id = p.id and t.n between 401 and 410;
        update public.profiles p set account_status = 'restricted', restriction_expires = now() - interval '1 day'
          from public.numbered t where t.id = p.id and t.n between 411 and 420;
        update public.profiles p set account_status = 'restricted', restriction_expires = now() + interval '1 day'
          from public.numbered t where t.id = p.id and t.n between 421 and 425;
        update public.profiles p set account_status = 'restricted' from public.numbered t where t.id = p.id and t.n between 426 and 430;
        update public.profiles p set account_status = null from public.numbered t where t.id = p.id and t.n between 431 and 435;
        update public.profiles p set role = 'vendor' from public.numbered t where t.id = p.id and t.n between 436 and 440;
        update public.profiles p set date_of_birth = null from public.numbered t where t.id = p.id and t.n between 441 and 445;
        update public.profiles p set date_of_birth = date '2008-11-23' from public.numbered t where t.id = p.id and t.n between 446 and 448;
        update public.profiles p set date_of_birth = date '2008-11-24' from public.numbered t where t.id = p.id and t.n between 449 and 450;
        update public.profiles p set date_of_birth = date '1904-02-29' from public.numbered t where t.id = p.id and t.n between 451 and 452;
        update public.personality_assessments p set openness = null from public.numbered t where t.id = p.user_id and t.n between 453 and 457;
        delete from public.personality_assessments p using public.numbered t where t.id = p.user_id and t.n between 458 and 460;
        update public.personality_assessments p set openness = 0, agreeableness = 1, neuroticism = 0
          from public.numbered t where t.id = p.user_id and t.n between 461 and 465;

        delete from public.travel_preferences p using public.numbered t where t.id = p.user_id and t.n between 471 and 520;
        update public.personality_assessments p set adventure_style = (array['  Relaxed ', 'EXTREME', 'adventurous', null])[1 + t.n % 4],
            budget_preference = 'Luxury', planning_style = 'FLEXIBLE', group_preference = 'small groups'
          from public.numbered t where t.id = p.user_id and t.n between 471 and 540;
        update public.travel_preferences p set adventure_style = null from public.numbered t where t.id = p.user_id and t.n between 521 and 530;
        update public.travel_preferences p set interests = array['Road-Trips', ' HIKING', 'Local__markets', 'SCUBA diving', 'knitting', 'city   life']
          from public.numbered t where t.id = p.user_id and t.n between 541 and 560;
        update public.travel_preferences p set interests = array['knitting'] from public.numbered t where t.id = p.user_id and t.n between 561 and 565;
        update public.travel_preferences p set daily_budget_min = 0, daily_budget_max = 99999999.99, budget_currency = 'CHF'
          from public.numbered t where t.id = p.user_id and t.n between 566 and 570;
        update public.travel_preferences p set daily_budget_min = 5000, daily_budget_max = 22334.56, budget_currency = 'JPY'
          from public.numbered t where t.id = p.user_id and t.n between 571 and 590;
        update public.travel_preferences p set daily_budget_min = 10, daily_budget_max = 20, budget_currency = 'XAU'
          from public.numbered t where t.id = p.user_id and t.n between 591 and 600;
        update public.travel_preferences p set companion_age_range = int4range(null, 30) from public.numbered t where t.id = p.user_id and t.n between 601 and 610;
        update public.travel_preferences p set companion_age_range = int4range(40, null) from public.numbered t where t.id = p.user_id and t.n between 611 and 620;
        update public.travel_preferences p set companion_age_range = '[70,75]' from public.numbered t where t.id = p.user_id and t.n between 621 and 625;
        update public.travel_preferences p set destinations = '{}', home_region = null from public.numbered t where t.id = p.user_id and t.n between 626 and 650;

        -- Members who can't be scored keep away whom they block; a group of one; a group of nobody.
        insert into public.groups (id, name, owner_id, max_members)
          select '00000000-0000-4000-8000-000000000001'::uuid, 'one and a banned one', id, 9 from public.numbered where n = 1
          union all select 'ffffffff-ffff-4fff-bfff-ffffffffffff'::uuid, 'nobody', id, null from public.numbered where n = 2;
        insert into public.group_members (group_id, user_id)
          select '00000000-0000-4000-8000-000000000001'::uuid, id from public.numbered where n in (1, 405) on conflict do nothing;
        delete from public.group_members where group_id = 'ffffffff-ffff-4fff-bfff-ffffffffffff';
        update public.group_members m set is_active = false from public.numbered t where t.id = m.user_id and t.n % 17 = 0;
        update public.groups set is_active = null where id = '00000000-0000-4000-8000-000000000001';
        drop table public.numbered;
        """);
  }
}
