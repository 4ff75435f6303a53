package social.trvl.compat.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Database;
import social.trvl.compat.db.TestDatabase;

final class PopulationGeneratorTest {

  private static final long SEED = 20_261_123;

  /** Everything that generation writes, times of the database's own clock aside. */
  private static final List<String> STATE =
      List.of(
          "select md5(string_agg(concat(id, date_of_birth, role, username), '' order by id)) from profiles",
          "select md5(string_agg(a::text, '' order by user_id)) from (select user_id, openness, conscientiousness, extraversion, agreeableness, neuroticism, completed_at, updated_at from personality_assessments) a",
          "select md5(string_agg(t::text, '' order by user_id)) from travel_preferences t",
          "select md5(string_agg(concat(id, requester_id, addressee_id, status), '' order by id)) from user_connections",
          "select md5(string_agg(b::text, '' order by id)) from user_behavior_data b",
          "select md5(string_agg(concat(id, name, owner_id, privacy, max_members, current_members, interests::text, age_range), '' order by id)) from groups",
          "select md5(string_agg(concat(id, group_id, user_id, role), '' order by id)) from group_members",
          "select count(*), md5(string_agg(concat(user_id, source, changed_at), '' order by user_id, source)) from compat.profile_history");

  @Test
  void person_followsThePublishedDistributions() {
    PeopleFacts facts = PeopleFacts.shipped();
    List<Person> people = people(5_000);
    double[] ages = people.stream().mapToDouble(Person::age).toArray();
    assertThat(mean(ages)).isCloseTo(facts.ageMean(), within(.5));
    assertThat(sd(ages)).isCloseTo(facts.ageSd(), within(.5));
    for (Trait a : Trait.values()) {
      double[] valuesA = column(people, a);
      assertThat(mean(valuesA)).as("mean of %s", a).isCloseTo(facts.mean(a), within(.01));
      assertThat(sd(valuesA)).as("sd of %s", a).isCloseTo(facts.sd(a), within(.01));
      assertThat(correlation(ages, valuesA))
          .as("age and %s", a)
          .isCloseTo(facts.correlationWithAge(a), within(.04));
      for (Trait b : Trait.values()) {
        assertThat(correlation(valuesA, column(people, b)))
            .as("%s and %s", a, b)
            .isCloseTo(facts.correlation(a, b), within(.04));
      }
    }
  }

  @Test
  void person_leavesSomeFieldsEmpty() {
    List<Person> people = people(2_000);
    long noStyle = people.stream().filter(p -> p.preferences().adventureStyle() == null).count();
    long noBudget = people.stream().filter(p -> p.preferences().dailyBudget() == null).count();
    assertThat(noStyle).isBetween(80L, 170L);
    assertThat(noBudget).isBetween(230L, 370L);
    assertThat(people.stream().flatMap(p -> p.preferences().interests().stream()).distinct())
        .hasSameSizeAs(TravelPreferenceRules.INTERESTS)
        .isSubsetOf(TravelPreferenceRules.INTERESTS);
  }

  @Test
  void drawPreferences_sameSeedAndPersonGivesTheSame() {
    TravelPreferenceRules rules = new TravelPreferenceRules(Rows.CLOCK);
    Person person = people(1).getFirst();
    TravelPreferences once = rules.drawPreferences(7, person.id(), person.traits(), 30);
    assertThat(rules.drawPreferences(7, person.id(), person.traits(), 30)).isEqualTo(once);
    assertThat(rules.drawPreferences(8, person.id(), person.traits(), 30)).isNotEqualTo(once);
  }

  @Test
  void drawPreferences_traitsShiftThemPlausibly() {
    List<Person> people = people(4_000);
    assertThat(share(people, "structured", true))
        .isGreaterThan(share(people, "structured", false) * 1.5);
    double[] museum = new double[people.size()];
    for (int i = 0; i < museum.length; i++) {
      museum[i] = people.get(i).preferences().interests().contains("museums") ? 1 : 0;
    }
    assertThat(correlation(museum, column(people, Trait.OPENNESS))).isGreaterThan(.05);
  }

  @Test
  void generate_fillsEveryTableAndIsTheSameAnywhere() {
    try (Database one = TestDatabase.migrated();
        Database two = TestDatabase.migrated()) {
      PopulationGenerator.Generated made = generator(one, Rows.CLOCK).generate(800, 60, SEED);
      assertThat(made.people()).isEqualTo(800);
      assertThat(made.groups()).isEqualTo(60);
      assertThat(Rows.count(one, "user_behavior_data"))
          .isEqualTo(made.feedback())
          .isBetween(1_500L, 3_200L);
      assertThat(Rows.count(one, "user_connections where status = 'blocked'")).isEqualTo(4);
      assertThat(Rows.count(one, "user_connections where status = 'accepted'"))
          .isBetween(390L, 400L);
      assertThat(Rows.count(one, "groups where current_members = max_members")).isBetween(1L, 15L);
      assertThat(Rows.count(one, "groups where current_members < 2 or current_members > 8"))
          .isZero();
      assertThat(Rows.count(one, "groups where age_range is not null")).isBetween(8L, 30L);
      assertThat(
              Rows.count(
                  one,
                  "group_members m join profiles p on p.id = m.user_id where age(date '2026-11-23', p.date_of_birth) < interval '18 years'"))
          .isZero();
      assertThat(
              Rows.count(
                  one,
                  "compat.profile_history h join user_behavior_data b using (user_id) where h.changed_at > b.occurred_at"))
          .isZero();
      assertThat(
              Rows.count(
                  one,
                  "user_behavior_data where (metadata ->> 'generated')::boolean and event_type = 'trip_feedback' and target_id <> user_id"))
          .isEqualTo(made.feedback());

      generator(two, Rows.CLOCK).generate(800, 60, SEED);
      assertThat(state(two)).isEqualTo(state(one));
      List<String> before = state(one);
      // Days later: nobody grows younger, no trip moves.
      Clock later = Clock.offset(Rows.CLOCK, Duration.ofDays(40));
      assertThat(generator(one, later).generate(800, 60, SEED))
          .isEqualTo(new PopulationGenerator.Generated(0, 0, 0, 0));
      assertThat(state(one)).isEqualTo(before);
    }
  }

  @Test
  void generate_morePeopleOfTheSameSeedExtendThem() {
    try (Database grown = TestDatabase.migrated();
        Database atOnce = TestDatabase.migrated()) {
      generator(grown, Rows.CLOCK).generate(301, 0, SEED);
      assertThat(generator(grown, Rows.CLOCK).generate(700, 0, SEED).people()).isEqualTo(399);
      generator(atOnce, Rows.CLOCK).generate(700, 0, SEED);
      assertThat(state(grown)).isEqualTo(state(atOnce));
      assertThat(generator(grown, Rows.CLOCK).generate(100, 10, SEED + 1).people()).isEqualTo(100);
    }
  }

  @Test
  void generate_realSupabaseIsRefused() {
    try (Database real = TestDatabase.migrated()) {
      TestDatabase.asSuperuser(Rows.name(real), "comment on schema auth is 'Supabase Auth'");
      assertThatThrownBy(() -> generator(real, Rows.CLOCK).generate(10, 2, SEED))
          .isInstanceOfSatisfying(
              CompatException.class,
              e -> assertThat(e.exitCode()).isEqualTo(ExitCode.DATABASE_UNFIT))
          .hasMessageContaining("10 people can't be generated");
      assertThat(Rows.count(real, "auth.users")).isZero();
    }
  }

  @Test
  void generate_numbersOutOfRangeAreRefused() {
    try (Database any = TestDatabase.migrated()) {
      assertThatThrownBy(() -> generator(any, Rows.CLOCK).generate(0, 0, SEED))
          .hasMessageContaining("Allowed: 1 to");
      assertThatThrownBy(() -> generator(any, Rows.CLOCK).generate(2, 3, SEED))
          .hasMessageContaining("3 groups");
      assertThatThrownBy(
              () -> generator(any, Rows.CLOCK).generate(PopulationGenerator.USERS_MAX + 1, 0, SEED))
          .isInstanceOf(CompatException.class);
    }
  }

  @Test
  void furnish_importedPeopleGetPreferencesAndGroupsOnce() {
    try (Database database = TestDatabase.migrated()) {
      new AssessmentImport(database, Progress.SILENT, Rows.CLOCK).importShipped();
      Furnishing.Furnished made = generator(database, Rows.CLOCK).furnish(SEED, 40);
      assertThat(made).isEqualTo(new Furnishing.Furnished(2_800, 14, 40));
      List<String> before = state(database);
      assertThat(
              generator(database, Clock.offset(Rows.CLOCK, Duration.ofDays(3))).furnish(SEED, 40))
          .isEqualTo(new Furnishing.Furnished(0, 0, 0));
      assertThat(state(database)).isEqualTo(before);
    }
  }

  private static double share(List<Person> people, String planning, boolean conscientious) {
    List<Person> some =
        people.stream()
            .filter(p -> (p.traits().conscientiousness() > .58) == conscientious)
            .toList();
    return some.stream().filter(p -> planning.equals(p.preferences().planningStyle())).count()
        / (double) some.size();
  }

  private static PopulationGenerator generator(Database database, Clock clock) {
    return new PopulationGenerator(database, Progress.SILENT, clock);
  }

  private static List<String> state(Database database) {
    List<String> all = new ArrayList<>();
    STATE.forEach(sql -> all.addAll(Rows.of(database, sql)));
    return all;
  }

  private static List<Person> people(int count) {
    Population population = new Population(SEED, Rows.CLOCK);
    return IntStream.range(0, count).mapToObj(population::person).toList();
  }

  private static double[] column(List<Person> people, Trait trait) {
    return people.stream().mapToDouble(p -> p.traits().of(trait)).toArray();
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  private static double sd(double[] values) {
    return Math.sqrt(covariance(values, values));
  }

  private static double covariance(double[] a, double[] b) {
    double meanA = mean(a);
    double meanB = mean(b);
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (a[i] - meanA) * (b[i] - meanB);
    }
    return sum / (a.length - 1);
  }

  private static double correlation(double[] a, double[] b) {
    return covariance(a, b) / (sd(a) * sd(b));
  }
}
