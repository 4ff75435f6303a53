package social.trvl.compat.model.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.trvl.compat.model.training.Travellers.ANN;
import static social.trvl.compat.model.training.Travellers.BEN;
import static social.trvl.compat.model.training.Travellers.CAT;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.db.Database;
import social.trvl.compat.db.TestDatabase;
import social.trvl.compat.db.TestSql;
import social.trvl.compat.profile.ProfileTable;
import social.trvl.compat.profile.Vocabulary;

class TrainingSetTest {

  private static final Vocabulary WORDS =
      new Vocabulary(
          List.of("hiking", "wine"),
          Map.of("trekking", "hiking"),
          List.of(
              List.of("calm", "wild"), List.of("low"), List.of("open", "planned"), List.of("few")),
          Map.of("EUR", 10_900));

  static final String PLAIN =
      "{\"openness\": 0.5, \"conscientiousness\": 0.5, \"extraversion\": 0.5, \"agreeableness\": 0.5, \"neuroticism\": 0.5}";

  @Test
  void load_readsLabelsOfTheDatabaseInOrder() {
    UUID trip = new UUID(5, 5);
    try (Database database = TestDatabase.migrated();
        TestSql sql = TestSql.superuser(database)) {
      Travellers.join(sql, ANN, BEN, CAT);
      sql.run(
          "insert into public.travel_preferences (user_id, interests, planning_style, experience_level, daily_budget_min, daily_budget_max, budget_currency) values ('%s', '{Trekking,golf}', 'planned', 3, 50, 90, 'EUR')"
              .formatted(BEN),
          "update compat.profile_history set changed_at = '%s'".formatted(Travellers.JOINED));
      Travellers.travel(sql, trip, ANN, BEN, CAT);
      Travellers.say(sql, CAT, ANN, new UUID(5, 6), "\"rating\": 1");
      new LabelHarvest(database).harvest(null);

      TrainingSet set = TrainingSet.load(database, WORDS);
      assertThat(set.size()).isEqualTo(3);
      assertThat(set.personCount()).isEqualTo(3);
      assertThat(List.of(set.label(0), set.label(1), set.label(2)))
          .containsExactly(true, false, true);
      assertThat(set.weight(0)).isEqualTo(0.3);
      assertThat(set.userId(set.personA(2))).isEqualTo(BEN);
      assertThat(set.userId(set.personB(2))).isEqualTo(CAT);
      assertThat(set.personB(0)).isEqualTo(set.personA(2));
      assertThat(set.trip(0)).isEqualTo(set.trip(2)).isNotEqualTo(set.trip(1));
      assertThat(set.tripCount()).isEqualTo(2);
      assertThat(set.observedAtMillis(0))
          .isEqualTo(Instant.parse(Travellers.TRIP_END).toEpochMilli());
      ProfileTable people = set.people();
      int ben = set.rowB(0);
      assertThat(people.trait(2, ben)).isEqualTo(7);
      assertThat(people.age(ben)).isEqualTo(35);
      assertThat(people.experience(ben)).isEqualTo(3);
      assertThat(people.code(2, ben)).isEqualTo(2);
      assertThat(people.interests(ben, 0)).isOne();
      assertThat(people.budgetLow(ben)).isPositive().isLessThan(people.budgetHigh(ben));
      assertThat(people.experience(set.rowA(0))).isEqualTo(ProfileTable.UNKNOWN);
    }
  }

  @Test
  void pairWithoutATrip_isATripOfItsOwn() {
    TrainingSet.Builder builder = new TrainingSet.Builder(WORDS);
    UUID trip = new UUID(7, 7);
    builder.add(1, ANN, BEN, PLAIN, PLAIN, true, 1, null, 0);
    builder.add(2, ANN, CAT, PLAIN, PLAIN, true, 1, trip, 0);
    builder.add(3, BEN, CAT, PLAIN, PLAIN, true, 1, trip, 0);
    TrainingSet set = builder.build();
    assertThat(set.trip(0)).isNotEqualTo(set.trip(1));
    assertThat(set.trip(1)).isEqualTo(set.trip(2));
    assertThat(set.tripCount()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[]                                     | it is no object",
        "{                                      | it is no JSON",
        "{\"openness\": 0.5}                    | conscientiousness is missing",
        "{\"openness\": 1.5}                    | openness is not within 0–1 (1.5)",
        "{\"shoe_size\": 42}                    | unknown field (shoe_size)"
      })
  void features_inAnotherForm_areRefusedWithTheirRow(String features, String reason) {
    assertThatThrownBy(() ->
            new TrainingSet.Builder(WORDS).add(17, ANN, BEN, PLAIN, features, true, 1, null, 0))
        .isInstanceOf(CompatException.class)
        .hasMessageContaining("Row 17 of model_training_data")
        .hasMessageContaining(reason);
  }
}
