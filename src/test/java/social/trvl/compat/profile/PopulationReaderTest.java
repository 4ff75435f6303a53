package social.trvl.compat.profile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Database;
import social.trvl.compat.db.TestDatabase;
import social.trvl.compat.db.TestSql;
import social.trvl.compat.profile.Population.Quarantined;

class PopulationReaderTest {

  private static final LocalDate AS_OF = LocalDate.of(2026, 5, 20);
  private static final UUID ANN = id("00000000-0000-4000-8000-00000000000a");
  private static final UUID BEN = id("11111111-0000-4000-8000-00000000000b");
  private static final UUID CAT = id("ffffffff-0000-4000-8000-00000000000c");
  private static final UUID GROUP = id("99999999-0000-4000-8000-000000000001");

  private static final Vocabulary VOCABULARY =
      new Vocabulary(
          List.of("hiking", "wine"),
          Map.of("trekking", "hiking"),
          List.of(
              List.of("relaxed", "extreme"),
              List.of("budget", "luxury"),
              List.of("flexible", "planned"),
              List.of("solo", "small")),
          Map.of("USD", 10_000));

  private Database database;
  private TestSql sql;

  @BeforeEach
  void open() {
    database = TestDatabase.migrated();
    sql = TestSql.of(database);
  }

  @AfterEach
  void close() {
    sql.close();
    database.close();
  }

  @Test
  void nobody_isAnEmptyPopulation() {
    Population population = read();
    assertThat(population.people().size()).isZero();
    assertThat(population.quarantine()).isEmpty();
    assertThat(population.groups()).isEmpty();
    assertThat(population.digest()).matches("[0-9a-f]{64}").isEqualTo(read().digest());
  }

  @Test
  void traits_areReadAsHundredths() {
    sql.person(ANN);
    ProfileTable people = read().people();
    assertThat(people.userId(0)).isEqualTo(ANN);
    assertThat(IntStream.range(0, 5).map(i -> people.trait(i, 0)))
        .containsExactly(50, 60, 7, 100, 0);
    assertThat(people.age(0)).isEqualTo(35);
    assertThat(people.experience(0)).isEqualTo(ProfileTable.UNKNOWN);
    assertThat(people.budgetLow(0)).isEqualTo(ProfileTable.UNKNOWN);
    assertThat(people.latitude(0)).isEqualTo(ProfileTable.NOWHERE);
    assertThat(people.statesInterests(0)).isFalse();
    assertThat(people.statesDates(0)).isFalse();
  }

  @Test
  void quarantine_givesTheFirstReasonThatHolds() {
    sql.account(ANN);
    String profile = "update public.profiles set %s where id = '" + ANN + "'";
    sql.run(profile.formatted("account_status = 'banned', date_of_birth = null"));
    assertThat(reason()).isEqualTo("account_restricted");
    sql.run(profile.formatted("account_status = 'active'"));
    assertThat(reason()).isEqualTo("birth_date_unknown");
    sql.run(profile.formatted("date_of_birth = '2020-01-01'"));
    assertThat(reason()).isEqualTo("under_age");
    sql.run(profile.formatted("date_of_birth = '1990-01-01'"));
    assertThat(reason()).isEqualTo("assessment_missing");
    sql.run(
        "insert into public.personality_assessments (user_id, extraversion) values ('%s', 0.5)"
            .formatted(ANN));
    assertThat(reason()).isEqualTo("assessment_incomplete");
    assertThat(read().quarantine().getFirst().detail())
        .isEqualTo("missing: agreeableness, conscientiousness, neuroticism, openness");
    sql.run(
        "update public.personality_assessments set openness = 0, conscientiousness = 0, agreeableness = 0, neuroticism = 1");
    assertThat(read().quarantine()).isEmpty();
    assertThat(read().people().size()).isOne();
  }

  private String reason() {
    List<Quarantined> quarantine = read().quarantine();
    assertThat(quarantine).hasSize(1);
    assertThat(quarantine.getFirst().userId()).isEqualTo(ANN);
    return quarantine.getFirst().reason();
  }

  @ParameterizedTest
  @CsvSource({
    "2008-05-19, true",
    "2008-05-20, true",
    "2008-05-21, false",
    "2026-05-21, false",
    "1900-01-01, true"
  })
  void adult_isWhoHasTheBirthdayByTheRunsDate(LocalDate birthDate, boolean adult) {
    sql.person(ANN);
    sql.run("update public.profiles set date_of_birth = '%s'".formatted(birthDate));
    Population population = read();
    assertThat(population.people().size()).isEqualTo(adult ? 1 : 0);
    assertThat(population.quarantine()).hasSize(adult ? 0 : 1);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "null",
      value = {
        "null, null, true",
        "active, null, true",
        "restricted, null, false",
        "restricted, now() + interval '1 hour', false",
        "restricted, now() - interval '1 hour', true",
        "suspended, null, false",
        "suspended, now() + interval '1 hour', false",
        "suspended, now() - interval '1 hour', true",
        "banned, null, false",
        "banned, now() - interval '1 hour', false"
      })
  void restriction_thatExpired_isOver(String status, String expires, boolean scored) {
    sql.person(ANN);
    sql.run(
        "update public.profiles set account_status = %s, restriction_expires = %s"
            .formatted(status == null ? "null" : "'" + status + "'", expires));
    assertThat(read().people().size()).isEqualTo(scored ? 1 : 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"vendor", "admin"})
  void vendorsAndAdministrators_arePassedOver(String role) {
    sql.person(ANN);
    sql.account(BEN);
    sql.run("update public.profiles set role = '%s'".formatted(role));
    Population population = read();
    assertThat(population.people().size()).isZero();
    assertThat(population.quarantine()).isEmpty();
  }

  @Test
  void preferences_winOverTheAssessmentsColumns() {
    sql.person(ANN);
    sql.run(
        "update public.personality_assessments set adventure_style = 'relaxed', planning_style = 'Flexible', group_preference = 'party'",
        "insert into public.travel_preferences (user_id, adventure_style, budget_preference) values ('%s', 'extreme', 'luxury')"
            .formatted(ANN));
    Population population = read();
    ProfileTable people = population.people();
    assertThat(IntStream.range(0, 4).map(i -> people.code(i, 0))).containsExactly(2, 2, 1, 0);
    assertThat(population.unknownWords()).as("party").isOne();
  }

  @Test
  void preferences_areReadIntoTheirColumns() {
    sql.person(ANN);
    preferences(
        ANN,
        """
        interests = '{Trekking, WINE, hiking, opera}', destinations = '{Oslo, Rome, Oslo}',
        daily_budget_min = 40, daily_budget_max = 160, budget_currency = 'USD', experience_level = 4,
        home_region = 'north', home_latitude = -12.3456789, home_longitude = 179.99999999,
        companion_age_range = '[25,40]'
        """);
    Population population = read();
    ProfileTable people = population.people();
    assertThat(people.interests(0, 0)).isEqualTo(0b11);
    assertThat(population.unknownWords()).as("opera").isOne();
    assertThat(people.destinationCount()).isEqualTo(2);
    assertThat(people.destinations(0)).isEqualTo(2);
    assertThat(people.budgetLow(0)).isEqualTo(95);
    assertThat(people.budgetHigh(0)).isEqualTo(111);
    assertThat(people.experience(0)).isEqualTo(4);
    assertThat(people.region(0)).isPositive();
    assertThat(people.latitude(0)).isEqualTo(-12_345_678);
    assertThat(people.longitude(0)).isEqualTo(179_999_999);
    assertThat(people.companionAgeFrom(0)).isEqualTo(25);
    assertThat(people.companionAgeTo(0)).isEqualTo(40);
  }

  @Test
  void companionAges_withAnOpenEnd_haveNoLimitThere() {
    sql.person(ANN).person(BEN);
    preferences(ANN, "companion_age_range = '[30,)'");
    preferences(BEN, "companion_age_range = '(,30)'");
    ProfileTable people = read().people();
    assertThat(people.companionAgeFrom(0)).isEqualTo(30);
    assertThat(people.companionAgeTo(0)).isEqualTo(ProfileTable.UNKNOWN);
    assertThat(people.companionAgeFrom(1)).isEqualTo(ProfileTable.UNKNOWN);
    assertThat(people.companionAgeTo(1)).isEqualTo(29);
  }

  @Test
  void companionAges_thatNobodyHas_areALimitAllTheSame() {
    sql.person(ANN);
    preferences(ANN, "companion_age_range = '(,0)'");
    assertThat(read().people().companionAgeTo(0)).isZero();
  }

  @Test
  void budget_ofAnUnknownCurrency_isUnknownAndCounted() {
    sql.person(ANN);
    preferences(ANN, "daily_budget_min = 40, daily_budget_max = 160, budget_currency = 'XAU'");
    Population population = read();
    assertThat(population.people().budgetLow(0)).isEqualTo(ProfileTable.UNKNOWN);
    assertThat(population.unknownWords()).isOne();
  }

  @Test
  void order_isPostgresqlsOrderOfUuid() {
    // Java's UUID.compareTo is signed and would put those with the high bit first.
    for (String id :
        List.of(
            "80000000-0000-0000-0000-000000000000",
            "7fffffff-ffff-ffff-ffff-ffffffffffff",
            "ffffffff-ffff-ffff-8000-000000000000",
            "ffffffff-ffff-ffff-7fff-ffffffffffff",
            "00000000-0000-0000-0000-000000000001",
            "00000000-0000-0000-ffff-000000000001")) {
      sql.person(id(id));
    }
    ProfileTable people = read().people();
    List<String> rows = new ArrayList<>();
    for (int row = 0; row < people.size(); row++) {
      rows.add(people.userId(row).toString());
      assertThat(people.rowOf(people.userId(row))).isEqualTo(row);
    }
    assertThat(rows).hasSize(6).isEqualTo(sql.column("select id from public.profiles order by id"));
    assertThat(people.rowOf(ANN)).isEqualTo(-1);
  }

  @Test
  void digest_changesWithEachKindOfChangeAndWithNothingElse() {
    sql.person(ANN).person(BEN).person(CAT);
    preferences(ANN, "interests = '{hiking}', available_dates = '{\"[2026-06-01,2026-06-10)\"}'");
    group(GROUP, ANN);
    List<String> seen = new ArrayList<>(List.of(read().digest()));
    assertThat(read().digest()).isEqualTo(seen.getFirst());

    sql.run("update public.personality_assessments set updated_at = now() + interval '1 day'");
    sql.run("update public.travel_preferences set languages = '{no}', updated_at = now()");
    sql.run("update public.profiles set bio = 'changed', full_name = 'changed'");
    assertThat(read().digest()).as("nothing that scores depend on").isEqualTo(seen.getFirst());

    for (String change :
        List.of(
            "update public.personality_assessments set openness = 0.51 where user_id = '%s'",
            "update public.personality_assessments set adventure_style = 'extreme' where user_id = '%s'",
            "update public.travel_preferences set interests = '{hiking,wine}' where user_id = '%s'",
            "update public.travel_preferences set destinations = '{Oslo}' where user_id = '%s'",
            "update public.travel_preferences set experience_level = 2 where user_id = '%s'",
            "update public.travel_preferences set daily_budget_min = 9, daily_budget_max = 10, budget_currency = 'USD' where user_id = '%s'",
            "update public.travel_preferences set home_region = 'x', home_latitude = 1, home_longitude = 2 where user_id = '%s'",
            "update public.travel_preferences set companion_age_range = '[20,30]' where user_id = '%s'",
            "update public.travel_preferences set available_dates = '{\"[2026-06-01,2026-06-11)\"}' where user_id = '%s'",
            "insert into public.user_connections (requester_id, addressee_id, status) values ('%s', '"
                + BEN
                + "', 'blocked')",
            "insert into public.group_members (group_id, user_id) select id, '"
                + CAT
                + "' from public.groups where owner_id = '%s'",
            "update public.groups set age_range = '[18,30]' where owner_id = '%s'",
            "update public.groups set max_members = 2 where owner_id = '%s'",
            "update public.profiles set date_of_birth = '1980-01-01' where id = '%s'",
            "update public.profiles set account_status = 'banned' where id = '%s'")) {
      sql.run(change.formatted(ANN));
      String digest = read().digest();
      assertThat(seen).as(change).doesNotContain(digest);
      seen.add(digest);
    }
    assertThat(read(AS_OF.plusYears(1)).digest()).as("a year later").isNotIn(seen);
  }

  @Test
  void digest_onAnotherDayWithoutABirthday_isTheSame() {
    sql.person(ANN);
    preferences(ANN, "available_dates = '{\"[2026-01-01,2026-02-01)\"}'");
    assertThat(read(AS_OF.plusDays(1)).digest()).isEqualTo(read().digest());
  }

  @Test
  void blocks_holdInBothDirections() {
    sql.person(ANN).person(BEN).person(CAT).block(CAT, ANN);
    sql.run(
        "insert into public.user_connections (requester_id, addressee_id, status) values ('%s', '%s', 'accepted')"
            .formatted(ANN, BEN));
    BlockedPairs blocks = read().blocks();
    assertThat(blocks.size()).isOne();
    assertThat(blocks.contains(0, 2)).isTrue();
    assertThat(blocks.contains(2, 0)).isTrue();
    assertThat(blocks.contains(0, 1)).isFalse();
    assertThat(blocks.contains(1, 0)).isFalse();
  }

  @Test
  void blocks_withPeopleWhoAreNotScored_areLeftOut() {
    sql.person(ANN).account(BEN).block(ANN, BEN);
    assertThat(read().blocks().size()).isZero();
  }

  @Test
  void groups_haveActiveMembersLimitsAndRoom() {
    sql.person(ANN).person(BEN).account(CAT);
    group(GROUP, CAT, ANN);
    sql.run(
        "insert into public.group_members (group_id, user_id, is_active) values ('%s', '%s', false)"
            .formatted(GROUP, BEN));
    assertThat(read().groups())
        .containsExactly(new TravelGroup(GROUP, List.of(ANN, CAT), -1, -1, true));
    sql.run("update public.groups set age_range = '[21,35]', max_members = 2");
    assertThat(read().groups())
        .containsExactly(new TravelGroup(GROUP, List.of(ANN, CAT), 21, 35, false));
    sql.run("update public.groups set age_range = '(,35]', max_members = null");
    assertThat(read().groups())
        .containsExactly(new TravelGroup(GROUP, List.of(ANN, CAT), -1, 35, true));
    sql.run("update public.groups set is_active = false");
    assertThat(read().groups()).isEmpty();
  }

  @Test
  void groups_comeInPostgresqlsOrderOfUuid() {
    sql.person(ANN);
    UUID low = id("7fffffff-0000-0000-0000-000000000000");
    UUID high = id("80000000-0000-0000-0000-000000000000");
    group(high, ANN);
    group(low, ANN);
    assertThat(read().groups()).extracting(TravelGroup::groupId).containsExactly(low, high);
  }

  @Test
  void freeDays_beforeTheRunsDate_areOver() {
    sql.person(ANN).person(BEN).person(CAT);
    preferences(ANN, "available_dates = '{\"[2026-05-01,2026-05-20)\"}'");
    preferences(BEN, "available_dates = '{\"[2026-05-01,2026-05-21)\"}'");
    preferences(CAT, "available_dates = '{\"[2026-05-20,2026-05-21)\",\"(,2026-01-01)\"}'");
    ProfileTable people = read().people();
    assertThat(people.statesDates(0)).isFalse();
    assertThat(people.statesDates(1)).isTrue();
    assertThat(people.shareFreeDay(1, 2)).isTrue();
    assertThat(read(AS_OF.plusDays(1)).people().statesDates(1)).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[2026-06-01,2026-06-05)                          | [2026-06-05,2026-06-09) | false",
        "[2026-06-01,2026-06-05]                          | [2026-06-05,2026-06-09) | true",
        "(,)                                              | [2030-01-01,2030-01-02) | true",
        "[2026-06-01,)                                    | (,2026-06-02)           | true",
        "[2026-06-01,)                                    | (,2026-06-01)           | false",
        "[-infinity,infinity)                             | [2030-01-01,2030-01-02) | true",
        "[2026-06-01,infinity]                            | [2030-01-01,2030-01-02) | true",
        "[2026-06-01,infinity)                            | [2026-05-22,2026-05-30) | false",
        "[-infinity,2026-05-25)                           | [2026-05-22,2026-05-30) | true",
        "[infinity,)                                      | [2026-05-22,2026-05-30) | false",
        "(,-infinity]                                     | [2026-05-22,2026-05-30) | false",
        "[4713-01-01 BC,5874897-12-31)                    | [2030-01-01,2030-01-02) | true",
        "[12026-06-01,12026-06-05)                        | [12026-06-04,)          | true",
        "[2026-06-01,2026-12-01);[2026-06-02,2026-06-03)  | [2026-11-01,2026-11-02) | true",
        "[2026-08-01,2026-08-02);[2026-06-02,2026-06-03)  | [2026-07-01,2026-08-02) | true"
      })
  void freeDays_ofTwoPeople_areCompared(String ann, String ben, boolean shared) {
    sql.person(ANN).person(BEN);
    preferences(ANN, "available_dates = " + ranges(ann));
    preferences(BEN, "available_dates = " + ranges(ben));
    ProfileTable people = read().people();
    assertThat(people.shareFreeDay(0, 1)).isEqualTo(shared);
    assertThat(people.shareFreeDay(1, 0)).isEqualTo(shared);
  }

  private static String ranges(String list) {
    return "array['" + list.replace(";", "','") + "']::daterange[]";
  }

  @Test
  void read_seesOneSnapshot() {
    sql.person(ANN).person(BEN);
    group(GROUP, ANN);
    String before = read().digest();
    Progress changing =
        new Progress() {
          @Override
          public void begin(String task, long total) {
            sql.person(CAT).block(ANN, BEN);
            sql.run("update public.personality_assessments set openness = 0.99");
          }

          @Override
          public void advance(long done) {}

          @Override
          public void end() {
            sql.run("update public.groups set max_members = 1");
          }
        };
    Population during = new PopulationReader(database.engine(), VOCABULARY, AS_OF, changing).read();
    assertThat(during.people().size()).isEqualTo(2);
    assertThat(during.people().trait(0, 0)).isEqualTo(50);
    assertThat(during.blocks().size()).isZero();
    assertThat(during.groups().getFirst().open()).isTrue();
    assertThat(during.digest()).isEqualTo(before);
    assertThat(read().people().size()).isEqualTo(3);
  }

  @Test
  void read_ofMoreRowsThanOneFetch_missesNobody() {
    sql.run(
        "insert into auth.users (id) select gen_random_uuid() from generate_series(1, 5001)",
        "update public.profiles set date_of_birth = '1990-06-15'",
        "insert into public.personality_assessments (user_id, openness, conscientiousness, extraversion, agreeableness, neuroticism) select id, 0, 0, 0, 0, 0 from public.profiles");
    assertThat(read().people().size()).isEqualTo(5001);
  }

  private Population read() {
    return read(AS_OF);
  }

  private Population read(LocalDate asOf) {
    return new PopulationReader(database.engine(), VOCABULARY, asOf, Progress.SILENT).read();
  }

  private void preferences(UUID person, String assignments) {
    sql.run(
        "insert into public.travel_preferences (user_id) values ('%s')".formatted(person),
        "update public.travel_preferences set %s where user_id = '%s'"
            .formatted(assignments, person));
  }

  private void group(UUID id, UUID owner, UUID... others) {
    sql.run(
        "insert into public.groups (id, name, owner_id) values ('%s', 'group', '%s')"
            .formatted(id, owner),
        // The application or a trigger may have entered the owner already.
        "insert into public.group_members (group_id, user_id) values ('%s', '%s') on conflict do nothing"
            .formatted(id, owner));
    for (UUID other : others) {
      sql.run(
          "insert into public.group_members (group_id, user_id) values ('%s', '%s')"
              .formatted(id, other));
    }
  }

  private static UUID id(String id) {
    return UUID.fromString(id);
  }
}
