package social.trvl.compat.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.trvl.compat.kernel.PairColumns;
import social.trvl.compat.kernel.PairKernel;
import social.trvl.compat.kernel.TopK;
import social.trvl.compat.model.Feature.Block;
import social.trvl.compat.profile.ProfileTable;
import social.trvl.compat.profile.ProfileTableBuilder;
import social.trvl.compat.profile.Vocabulary;

class AdditiveModelTest {

  private static final int PEOPLE = 120;

  static Stream<AdditiveModel> models() {
    return Stream.concat(
        Stream.of(ModelFixtures.baseline()),
        IntStream.range(1, 9)
            .mapToObj(i -> ModelFixtures.additive(ModelFixtures.randomArtefact(i, 30 * i))));
  }

  @ParameterizedTest
  @MethodSource("models")
  void contributions_withTheIntercept_sumToLogOddsAndTheKernelsScore(AdditiveModel model) {
    ProfileTable people = ModelFixtures.people(model, 21, PEOPLE);
    PairColumns columns = model.columns(people, 0);
    for (int a = 0; a < PEOPLE; a++) {
      for (int b = 0; b < PEOPLE; b++) {
        int[] contributions = model.contributions(people, a, b);
        assertThat(contributions).hasSize(Feature.COUNT);
        assertThat(model.intercept() + Arrays.stream(contributions).asLongStream().sum())
            .isEqualTo(model.logOdds(people, a, b))
            .isEqualTo(PairKernel.score(columns, a, b));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void everything_isSymmetric(AdditiveModel model) {
    ProfileTable people = ModelFixtures.people(model, 22, PEOPLE);
    for (int a = 0; a < PEOPLE; a++) {
      for (int b = 0; b < a; b++) {
        assertThat(model.contributions(people, a, b)).isEqualTo(model.contributions(people, b, a));
        assertThat(model.completeness(people, a, b)).isEqualTo(model.completeness(people, b, a));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void matches_areBetweenWorstAndBest(AdditiveModel model) {
    ProfileTable people = ModelFixtures.people(model, 23, PEOPLE);
    for (int a = 0; a < PEOPLE; a++) {
      for (int b = 0; b < a; b++) {
        int[] contributions = model.contributions(people, a, b);
        for (Block block : Block.values()) {
          assertThat(model.match(block, contributions)).isBetween(0, 10_000);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void numericMatches_hitBothEnds(AdditiveModel model) {
    // Each feature's extremes lie at the corners of its range: among all pairs of people at corners
    // are the worst and the best in personality.
    List<int[]> corners = new ArrayList<>();
    for (int bits = 0; bits < 1 << ProfileTable.TRAIT_COUNT; bits++) {
      int[] traits = new int[ProfileTable.TRAIT_COUNT];
      for (int i = 0; i < traits.length; i++) {
        traits[i] = 100 * (bits >> i & 1);
      }
      corners.add(traits);
    }
    ProfileTableBuilder builder = new ProfileTableBuilder(model.vocabulary().interestWords());
    for (int i = 0; i < corners.size(); i++) {
      builder.person(new UUID(0, i), corners.get(i));
    }
    ProfileTable people = builder.build();
    int worst = 10_000;
    int best = 0;
    for (int a = 0; a < people.size(); a++) {
      for (int b = 0; b < people.size(); b++) {
        int match = model.match(Block.PERSONALITY, model.contributions(people, a, b));
        worst = Math.min(worst, match);
        best = Math.max(best, match);
      }
    }
    assertThat(worst).isZero();
    assertThat(best).isEqualTo(10_000);
  }

  @Test
  void baselinesMatches_ofTheWorstAndTheBestPair_are0And10000() {
    AdditiveModel model = ModelFixtures.baseline();
    ProfileTableBuilder builder = new ProfileTableBuilder(1);
    // Openness and extraversion have no weight.
    person(builder, 0, new int[] {10, 100, 20, 100, 0}, 40, 3, 0b111_1111L, 100, 140, 1, 1, 1, 1);
    person(builder, 1, new int[] {90, 100, 80, 100, 0}, 40, 3, 0b111_1111L, 90, 130, 1, 1, 1, 1);
    person(builder, 2, new int[] {10, 0, 20, 0, 100}, 18, 1, 0b1L, 60, 70, 1, 1, 1, 1);
    person(builder, 3, new int[] {90, 0, 80, 0, 100}, 85, 5, 0b10L, 100, 110, 5, 4, 4, 4);
    ProfileTable people = builder.build();
    int[] best = model.contributions(people, 0, 1);
    int[] worst = model.contributions(people, 2, 3);
    for (Block block : Block.values()) {
      assertThat(model.match(block, best)).as("best %s", block).isEqualTo(10_000);
      assertThat(model.match(block, worst)).as("worst %s", block).isZero();
    }
  }

  @Test
  void match_ofABlockWithoutWeight_isTheMiddle() {
    AdditiveModel model =
        ModelFixtures.additive(
            new ArtefactBuilder(
                    ModelFixtures.about("indifferent"),
                    new AdditiveWeights(ModelFixtures.schema(3)).intercept(0.5))
                .build());
    ProfileTable people = ModelFixtures.people(model, 24, 2);
    for (Block block : Block.values()) {
      assertThat(model.match(block, model.contributions(people, 0, 1))).isEqualTo(5_000);
    }
    assertThat(model.completeness(people, 0, 1)).isEqualTo(100);
  }

  @Test
  void completeness_fallsWithEachUnknownValueOfWeight() {
    AdditiveModel model = ModelFixtures.baseline();
    int before = 101;
    List<Integer> falling = new ArrayList<>();
    for (int known = 8; known >= 1; known--) {
      ProfileTable people = knowing(known);
      int completeness = model.completeness(people, 0, 1);
      assertThat(completeness).as("%d of 8 known", known).isLessThan(before).isBetween(0, 100);
      before = completeness;
      falling.add(completeness);
    }
    assertThat(falling.getFirst()).isEqualTo(100);
  }

  @Test
  void completeness_ofAKnownAndAnUnknownPerson_isThatOfTheUnknownOne() {
    AdditiveModel model = ModelFixtures.baseline();
    ProfileTableBuilder builder = new ProfileTableBuilder(1);
    person(builder, 0, new int[] {50, 50, 50, 50, 50}, 40, 3, 1, 90, 100, 1, 1, 1, 1);
    builder.person(new UUID(0, 1), 50, 50, 50, 50, 50);
    builder.person(new UUID(0, 2), 50, 50, 50, 50, 50);
    ProfileTable people = builder.build();
    assertThat(model.completeness(people, 0, 1)).isEqualTo(model.completeness(people, 1, 2));
    assertThat(model.completeness(people, 1, 2)).isBetween(1, 99);
  }

  @Test
  void unknownValues_countAsTheTrainingMedian() {
    AdditiveModel model = ModelFixtures.baseline();
    ProfileTableBuilder builder = new ProfileTableBuilder(1);
    builder.person(new UUID(0, 0), 50, 50, 50, 50, 50);
    builder.person(new UUID(0, 1), 50, 50, 50, 50, 50).age(30).experience(3).budget(96, 112);
    builder.person(new UUID(0, 2), 50, 50, 50, 50, 50).age(44).experience(5).budget(80, 100);
    ProfileTable people = builder.build();
    assertThat(model.contributions(people, 0, 2)).isEqualTo(model.contributions(people, 1, 2));
  }

  @Test
  void values_beyondTheTrainingRange_countAsItsEnd() {
    AdditiveModel model = ModelFixtures.baseline();
    ProfileTableBuilder builder = new ProfileTableBuilder(1);
    builder.person(new UUID(0, 0), 50, 50, 50, 50, 50).age(80);
    builder.person(new UUID(0, 1), 50, 50, 50, 50, 50).age(119);
    builder.person(new UUID(0, 2), 50, 50, 50, 50, 50).age(30);
    ProfileTable people = builder.build();
    assertThat(model.contributions(people, 0, 2)).isEqualTo(model.contributions(people, 1, 2));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 50, 99, 100, AdditiveModel.LARGEST_GAMMA_PERCENT})
  void handicap_isGammaTimesTheOwnLevelRoundedDown(int gammaPercent) {
    models()
        .forEach(model -> {
          ProfileTable people = ModelFixtures.people(model, 25, PEOPLE);
          for (int row = 0; row < PEOPLE; row++) {
            assertThat(model.handicap(people, row, gammaPercent))
                .isEqualTo(level(model, people, row, gammaPercent));
          }
        });
  }

  @Test
  void ranking_subtractsTheCandidatesHandicap() {
    AdditiveModel model = ModelFixtures.additive(ModelFixtures.randomArtefact(3, 70));
    ProfileTable people = ModelFixtures.people(model, 26, PEOPLE);
    TopK top = new TopK(PEOPLE);
    PairKernel.rank(
        model.columns(people, 70), new int[] {5}, new TopK[] {top}, false, (a, b) -> true);
    int[] rows = new int[PEOPLE];
    int[] keys = new int[PEOPLE];
    assertThat(top.best(rows, keys, 0)).isEqualTo(PEOPLE - 1);
    for (int i = 0; i < PEOPLE - 1; i++) {
      assertThat(keys[i])
          .isEqualTo(model.logOdds(people, 5, rows[i]) - model.handicap(people, rows[i], 70));
    }
  }

  @Test
  void weights_thatCouldLeaveInt32_areRefused() {
    AdditiveWeights weights = new AdditiveWeights(ModelFixtures.schema(3));
    for (int i = 0; i < Feature.NUMERIC_COUNT; i++) {
      weights.numeric(Feature.at(i), 2, 2, "heavy");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ArtefactBuilder(ModelFixtures.about("heavy"), weights).build())
        .withMessageContaining("beyond 2147483647");
  }

  /**
   * The level from contributions alone: a pair with oneself has {@code min = value}, so the numeric
   * terms are {@code (2 · weight_sum + weight_min) · value}, twice the level.
   */
  private static int level(AdditiveModel model, ProfileTable people, int row, int gammaPercent) {
    int[] withSelf = model.contributions(people, row, row);
    BigDecimal level =
        BigDecimal.valueOf(Arrays.stream(withSelf, 0, Feature.NUMERIC_COUNT).asLongStream().sum())
            .divide(BigDecimal.TWO);
    return level
        .multiply(BigDecimal.valueOf(gammaPercent, 2))
        .setScale(0, RoundingMode.FLOOR)
        .intValueExact();
  }

  /** Two equal people who state the first few of eight things. */
  private static ProfileTable knowing(int count) {
    ProfileTableBuilder builder = new ProfileTableBuilder(1);
    for (int i = 0; i < 2; i++) {
      builder.person(new UUID(0, i), 50, 50, 50, 50, 50);
      for (int preference = 0; preference < Math.min(count, 4); preference++) {
        builder.code(preference, 2);
      }
      if (count > 4) {
        builder.age(30);
      }
      if (count > 5) {
        builder.experience(3);
      }
      if (count > 6) {
        builder.budget(90, 100);
      }
      if (count > 7) {
        builder.interest(3);
      }
    }
    return builder.build();
  }

  private static void person(
      ProfileTableBuilder builder,
      int id,
      int[] traits,
      int age,
      int experience,
      long interests,
      int low,
      int high,
      int... codes) {
    builder.person(new UUID(0, id), traits).age(age).experience(experience).budget(low, high);
    for (int bit = 0; bit < Long.SIZE; bit++) {
      if ((interests >>> bit & 1) == 1) {
        builder.interest(bit);
      }
    }
    for (int i = 0; i < Vocabulary.PREFERENCES.size(); i++) {
      builder.code(i, codes[i]);
    }
  }
}
