package social.trvl.compat.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import social.trvl.compat.model.ModelFixtures;
import social.trvl.compat.model.PairModel;
import social.trvl.compat.profile.ProfileTable;
import social.trvl.compat.profile.ProfileTableBuilder;

class ReasonsTest {

  static Stream<PairModel> models() {
    return Stream.of(
        ModelFixtures.baseline(),
        ModelFixtures.read(ModelFixtures.randomArtefact(61, 70)),
        ModelFixtures.read(ModelFixtures.randomTrees(62, 40, 6)));
  }

  @ParameterizedTest
  @MethodSource("models")
  void of_othersTraitsChanged_saysTheSame(PairModel model) {
    Random random = new Random(63);
    int words = 0;
    for (int round = 0; round < 2_000; round++) {
      long seed = random.nextLong();
      ProfileTable before = pair(model, seed, random.nextLong());
      ProfileTable after = pair(model, seed, random.nextLong());
      List<String> reasons = Reasons.of(model, before, 0, 1);
      assertThat(Reasons.of(model, after, 0, 1)).isEqualTo(reasons);
      assertThat(Reasons.of(model, before, 1, 0)).isEqualTo(reasons);
      words += reasons.size();
    }
    assertThat(words).isPositive();
  }

  @ParameterizedTest
  @MethodSource("models")
  void of_anyPair_namesSharedPreferencesAndInterestsOnly(PairModel model) {
    Random random = new Random(64);
    List<String> words = new ArrayList<>(model.vocabulary().interests());
    for (int i = 0; i < ProfileTable.PREFERENCE_COUNT; i++) {
      words.addAll(model.vocabulary().preferenceValues(i));
    }
    for (int round = 0; round < 500; round++) {
      for (String reason :
          Reasons.of(model, pair(model, random.nextLong(), random.nextLong()), 0, 1)) {
        assertThat(reason)
            .matches(
                "both like .+|same (pace|budget class|way of planning|kind of company) \\(.+\\)|daily budgets overlap");
        assertThat(ProfileTable.TRAITS).noneMatch(reason::contains);
        if (reason.contains("(")) {
          assertThat(words).contains(reason.replaceAll(".*\\(|\\)", ""));
        }
      }
    }
  }

  @Test
  void of_severalReasons_startsWithWhatContributesMost() {
    PairModel model = ModelFixtures.baseline();
    ProfileTableBuilder builder = new ProfileTableBuilder(1);
    for (int i = 0; i < 2; i++) {
      builder.person(new UUID(0, i), 50, 50, 50, 50, 50).code(0, 1).code(1, 4).interest(2 + i);
      builder.interest(20).interest(21).budget(90, 95);
    }
    // Budget class 0.35, pace 0.30, two shared interests 0.16, five eighths of a doubling 0.10.
    assertThat(Reasons.of(model, builder.build(), 0, 1))
        .containsExactly(
            "same budget class (luxury)",
            "same pace (relaxed)",
            "both like fishing, food",
            "daily budgets overlap");
  }

  @Test
  void of_twoWhoStateNothing_isSilent() {
    PairModel model = ModelFixtures.baseline();
    ProfileTableBuilder builder = new ProfileTableBuilder(1);
    builder.person(new UUID(0, 0), 90, 90, 90, 90, 10);
    builder.person(new UUID(0, 1), 90, 90, 90, 90, 10);
    assertThat(Reasons.of(model, builder.build(), 0, 1)).isEmpty();
  }

  /** Two people whose statements come from one seed and whose second's traits from another. */
  private static ProfileTable pair(PairModel model, long seed, long traitsOfOther) {
    Random random = new Random(seed);
    Random others = new Random(traitsOfOther);
    ProfileTableBuilder builder = new ProfileTableBuilder(model.vocabulary().interestWords());
    for (int i = 0; i < 2; i++) {
      int[] traits = random.ints(ProfileTable.TRAIT_COUNT, 0, 101).toArray();
      builder.person(
          new UUID(0, i),
          i == 0 ? traits : others.ints(ProfileTable.TRAIT_COUNT, 0, 101).toArray());
      builder.age(random.nextInt(18, 90)).experience(random.nextInt(1, 6));
      for (int preference = 0; preference < ProfileTable.PREFERENCE_COUNT; preference++) {
        int values = model.vocabulary().preferenceValues(preference).size();
        builder.code(preference, random.nextInt(values + 1));
      }
      for (int bit = 0; bit < model.vocabulary().interests().size(); bit++) {
        if (random.nextInt(5) == 0) {
          builder.interest(bit);
        }
      }
      if (random.nextInt(4) > 0) {
        int low = random.nextInt(70, 120);
        builder.budget(low, low + random.nextInt(30));
      }
    }
    return builder.build();
  }
}
