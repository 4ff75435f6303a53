package social.trvl.compat.model.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import social.trvl.compat.profile.Vocabulary;

class SplitTest {

  private static final Vocabulary WORDS =
      new Vocabulary(
          List.of(), Map.of(), List.of(List.of(), List.of(), List.of(), List.of()), Map.of());

  private static final long DAY = Duration.ofDays(1).toMillis();

  /** Random pairs of random people; every third pair is unsatisfied, pair i happened on day i. */
  private static TrainingSet random(int people, int pairs) {
    Random random = new Random(20_261_124);
    UUID[] ids =
        Stream.generate(() -> new UUID(random.nextLong(), random.nextLong()))
            .limit(people)
            .toArray(UUID[]::new);
    int[][] drawn =
        Stream.generate(() -> random.ints(0, people).distinct().limit(2).sorted().toArray())
            .filter(distinctPairs())
            .limit(pairs)
            .toArray(int[][]::new);
    TrainingSet.Builder builder = new TrainingSet.Builder(WORDS);
    for (int i = 0; i < pairs; i++) {
      builder.add(
          i,
          ids[drawn[i][0]],
          ids[drawn[i][1]],
          TrainingSetTest.PLAIN,
          TrainingSetTest.PLAIN,
          i % 3 > 0,
          1,
          null,
          i * DAY);
    }
    return builder.build();
  }

  private static Predicate<int[]> distinctPairs() {
    Set<Long> seen = new HashSet<>();
    return pair -> seen.add(((long) pair[0] << 32) | pair[1]);
  }

  /** Pairs of five people: 0–1, 2–3, 1–4, and 1–0, the first one mirrored. */
  private static TrainingSet planted() {
    TrainingSet.Builder builder = new TrainingSet.Builder(WORDS);
    int[][] pairs = {{0, 1}, {2, 3}, {1, 4}, {1, 0}};
    for (int[] pair : pairs) {
      builder.add(
          0,
          new UUID(9, pair[0]),
          new UUID(9, pair[1]),
          TrainingSetTest.PLAIN,
          TrainingSetTest.PLAIN,
          true,
          1,
          null,
          0);
    }
    return builder.build();
  }

  @Test
  void split_ofDisjointPeople_isAccepted() {
    Split split = new Split(planted(), new int[] {0, 2}, new int[] {1}, null);
    assertThat(split.holdout()).containsExactly(1);
  }

  @Test
  void sharedPerson_isRefused() {
    assertThatThrownBy(() -> new Split(planted(), new int[] {0, 1}, new int[] {2}, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(new UUID(9, 1).toString())
        .hasMessageContaining("on both sides");
  }

  @Test
  void mirroredPair_isRefused_acrossTheSplitAndWithinASide() {
    assertThatThrownBy(() -> new Split(planted(), new int[] {0}, new int[] {3}, null))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Split(planted(), new int[] {0, 3}, new int[] {1}, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("stand twice");
    assertThatThrownBy(() -> new Split(planted(), new int[] {1}, new int[] {0, 3}, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("stand twice");
  }

  /** Changing who is held out would judge models on people that they were trained on. */
  @Test
  void heldOutPeople_areTheSameForEver() {
    assertThat(IntStream.range(0, 24).filter(i -> Split.isHeldOut(new UUID(0, i))))
        .containsExactly(1, 2, 3, 5, 10, 11, 13, 17);
    Random random = new Random(1);
    long held =
        IntStream.range(0, 100_000)
            .filter(i -> Split.isHeldOut(new UUID(random.nextLong(), random.nextLong())))
            .count();
    assertThat(held / 100_000.0).isCloseTo(Split.HELD_OUT_SHARE, within(.005));
  }

  @Test
  void split_trainsOnNobodyHeldOut_andCountsWhatItDrops() {
    TrainingSet set = random(300, 2_000);
    Split split = Split.of(set, Instant.EPOCH);
    assertThat(split.train()).isEmpty();
    Split whole = Split.of(set, null);
    assertThat(whole.laterInTime()).as("too few held-out pairs for that").isFalse();
    for (int pair : whole.train()) {
      assertThat(Split.isHeldOut(set.userId(set.personA(pair)))).isFalse();
      assertThat(Split.isHeldOut(set.userId(set.personB(pair)))).isFalse();
    }
    for (int pair : whole.holdout()) {
      assertThat(Split.isHeldOut(set.userId(set.personA(pair)))).isTrue();
      assertThat(Split.isHeldOut(set.userId(set.personB(pair)))).isTrue();
    }
    assertThat(whole.train().length + whole.holdout().length + whole.crossing()).isEqualTo(2_000);
    assertThat(whole.outOfTime()).isZero();
    assertThat(whole.missing())
        .isEqualTo(Split.FEWEST_OF_AN_OUTCOME - whole.heldOut(false))
        .isPositive();
  }

  @Test
  void split_withEnoughPairs_judgesOnTheLatestThird() {
    TrainingSet set = random(2_000, 30_000);
    Split split = Split.of(set, null);
    assertThat(split.laterInTime()).isTrue();
    assertThat(split.missing()).isZero();
    long latestTrained = latest(set, split.train());
    for (int pair : split.holdout()) {
      assertThat(set.observedAtMillis(pair)).isGreaterThan(latestTrained);
    }
    assertThat(split.outOfTime()).isPositive();
    int inside = Split.of(set, Instant.EPOCH).holdout().length;
    assertThat(split.holdout().length / (double) inside).isCloseTo(1 / 3.0, within(.01));
  }

  @Test
  void split_fromADate_judgesOnWhatCameThen() {
    TrainingSet set = random(300, 2_000);
    Instant from = Instant.ofEpochMilli(1_500 * DAY);
    Split split = Split.of(set, from);
    assertThat(split.holdoutFrom()).isEqualTo(from);
    assertThat(latest(set, split.train())).isLessThan(1_500 * DAY);
    assertThat(split.holdout()).isNotEmpty();
    assertThat(split.holdout()[0]).isGreaterThanOrEqualTo(1_500);
  }

  @Test
  void holdoutSha256_dependsOnPairsAndOutcomes() {
    String hash = Split.of(random(300, 2_000), null).holdoutSha256();
    assertThat(hash).matches("[0-9a-f]{64}");
    assertThat(Split.of(random(300, 2_000), null).holdoutSha256()).isEqualTo(hash);
    assertThat(Split.of(random(300, 1_900), null).holdoutSha256()).isNotEqualTo(hash);
  }

  @Test
  void folds_areOfDisjointPeopleOfTheTrainedOn() {
    TrainingSet set = random(300, 2_000);
    Split split = Split.of(set, null);
    BitSet trained = new BitSet();
    for (int pair : split.train()) {
      trained.set(pair);
    }
    List<Split.Fold> folds = split.folds(5, 7);
    assertThat(folds).hasSize(5);
    for (Split.Fold fold : folds) {
      BitSet people = new BitSet();
      for (int pair : fold.train()) {
        assertThat(trained.get(pair)).isTrue();
        people.set(set.personA(pair));
        people.set(set.personB(pair));
      }
      for (int pair : fold.validation()) {
        assertThat(trained.get(pair)).isTrue();
        assertThat(people.get(set.personA(pair)) || people.get(set.personB(pair))).isFalse();
      }
      assertThat(fold.train().length / (double) split.train().length)
          .isCloseTo(4 / 9.0, within(.12));
      assertThat(fold.validation().length).isGreaterThan(30);
    }
    assertThat(split.folds(5, 7).get(3).validation()).isEqualTo(folds.get(3).validation());
    assertThat(split.folds(5, 8).get(3).validation()).isNotEqualTo(folds.get(3).validation());
  }

  private static long latest(TrainingSet set, int[] pairs) {
    return IntStream.of(pairs).mapToLong(set::observedAtMillis).max().orElseThrow();
  }
}
