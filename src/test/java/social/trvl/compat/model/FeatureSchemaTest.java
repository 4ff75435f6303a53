package social.trvl.compat.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import social.trvl.compat.profile.ProfileTable;
import social.trvl.compat.profile.ProfileTableBuilder;

class FeatureSchemaTest {

  private static final FeatureSchema SCHEMA = ModelFixtures.schema(70);

  @Test
  void fill_ofTwoPeople_isAsDocumented() {
    ProfileTableBuilder builder = new ProfileTableBuilder(2);
    builder.person(new UUID(0, 0), 0, 40, 50, 60, 100).age(90).experience(4).budget(80, 120);
    builder.code(0, 3).code(1, 2).code(3, 1).interest(0).interest(64).interest(69);
    builder.person(new UUID(0, 1), 30, 10, 50, 20, 100).experience(1).budget(110, 130);
    builder.code(0, 1).code(1, 2).interest(64).interest(69).interest(5);
    ProfileTable people = builder.build();
    int[] columns = new int[FeatureSchema.COLUMNS + 1];
    SCHEMA.fill(people, 0, 1, columns, 1);
    // Ranges: openness 0–100, conscientiousness 5–97, …, neuroticism 20–88, age 18–80, unknown 33.
    assertThat(columns)
        .containsExactly(
            0, 30, 0, 30, 50, 10, 30, 100, 50, 0, 80, 20, 40, 176, 88, 0, 113, 33, 47, 5, 1, 3, 1,
            3, 2, 2, 2, 0, 0, 0, -1, 0, 1, -1, 10, 2);
  }

  @Test
  void fill_ofAnyTwo_isSymmetricAndWithinTheRanges() {
    PairModel model = ModelFixtures.read(ModelFixtures.randomArtefact(5, 70));
    ProfileTable people = ModelFixtures.people(model, 41, 100);
    int[] columns = new int[FeatureSchema.COLUMNS];
    int[] swapped = new int[FeatureSchema.COLUMNS];
    for (int a = 0; a < people.size(); a++) {
      for (int b = 0; b <= a; b++) {
        SCHEMA.fill(people, a, b, columns, 0);
        SCHEMA.fill(people, b, a, swapped, 0);
        assertThat(swapped).isEqualTo(columns);
        for (int column = 0; column < columns.length; column++) {
          assertThat(columns[column])
              .as(FeatureSchema.columnNames().get(column))
              .isBetween(SCHEMA.lowest(column), SCHEMA.highest(column));
        }
      }
    }
  }

  @Test
  void columnNames_startWithTheirFeature() {
    List<String> names = FeatureSchema.columnNames();
    assertThat(names).hasSize(FeatureSchema.COLUMNS).doesNotHaveDuplicates();
    for (int column = 0; column < names.size(); column++) {
      assertThat(names.get(column)).startsWith(Feature.at(FeatureSchema.featureOf(column)).label());
    }
    assertThat(names)
        .startsWith("openness_sum", "openness_min", "openness_difference")
        .endsWith("group_preference_distance", "budget_overlap", "shared_interests");
  }
}
