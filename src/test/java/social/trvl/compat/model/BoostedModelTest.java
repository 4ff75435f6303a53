package social.trvl.compat.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import social.trvl.compat.model.Feature.Block;
import social.trvl.compat.profile.ProfileTable;

class BoostedModelTest {

  private static final int PEOPLE = 80;

  static Stream<BoostedModel> models() {
    return Stream.of(
        ModelFixtures.boosted(ModelFixtures.randomTrees(1, 1, 0)),
        ModelFixtures.boosted(ModelFixtures.randomTrees(2, 1, 3)),
        ModelFixtures.boosted(ModelFixtures.randomTrees(3, 60, 6)),
        ModelFixtures.boosted(ModelFixtures.randomTrees(4, 3, Trees.DEEPEST)));
  }

  @ParameterizedTest
  @MethodSource("models")
  void contributions_withTheIntercept_sumToWhatTheTreesGive(BoostedModel model) {
    ProfileTable people = ModelFixtures.people(model, 51, PEOPLE);
    int[] everyone = IntStream.range(0, PEOPLE).toArray();
    int[] logOdds = new int[PEOPLE];
    for (int a = 0; a < PEOPLE; a++) {
      model.logOdds(people, a, everyone, PEOPLE, logOdds);
      for (int b = 0; b < PEOPLE; b++) {
        assertThat(model.logOdds(people, a, b)).isEqualTo(logOdds[b]);
        assertThat(model.contributions(people, a, b)).isEqualTo(model.contributions(people, b, a));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void attributions_withTheBase_sumToTheLogOdds(BoostedModel model) {
    ProfileTable people = ModelFixtures.people(model, 52, 40);
    for (int a = 0; a < people.size(); a += 9) {
      for (int b = 0; b < people.size(); b += 5) {
        double[] attributions = model.attributions(people, a, b);
        assertThat(attributions).hasSize(Feature.COUNT);
        assertThat(model.base() + Arrays.stream(attributions).sum())
            .isCloseTo((double) model.logOdds(people, a, b) / ScoreScale.ONE, within(1e-9));
        assertThat(model.attributions(people, b, a)).isEqualTo(attributions);
      }
    }
  }

  /** The definition: over all coalitions of the columns that the tree asks. */
  @Test
  void attributions_ofSmallTrees_areTheShapleyValues() {
    Random random = new Random(53);
    FeatureSchema schema = ModelFixtures.schema(5);
    for (int round = 0; round < 40; round++) {
      Trees trees =
          new Trees(
              ModelFixtures.randomTrees(random, schema, 1 + random.nextInt(2), 3).fixed(), schema);
      int[] row = new int[FeatureSchema.COLUMNS];
      for (int column = 0; column < row.length; column++) {
        row[column] = random.nextInt(schema.lowest(column), schema.highest(column) + 1);
      }
      int[] asked = Arrays.stream(trees.column).filter(column -> column >= 0).distinct().toArray();
      double[] values = TreeShap.values(trees, row);
      double[] expected = new double[FeatureSchema.COLUMNS];
      for (int i = 0; i < asked.length; i++) {
        expected[asked[i]] = shapleyValue(trees, row, asked, i);
      }
      for (int column = 0; column < row.length; column++) {
        assertThat(values[column] / ScoreScale.ONE)
            .as("round %d, column %d of %s", round, column, Arrays.toString(asked))
            .isCloseTo(expected[column] / ScoreScale.ONE, within(1e-9));
      }
    }
  }

  private static double shapleyValue(Trees trees, int[] row, int[] asked, int player) {
    double sum = 0;
    for (int coalition = 0; coalition < 1 << asked.length; coalition++) {
      if ((coalition >> player & 1) == 0) {
        int size = Integer.bitCount(coalition);
        double share =
            factorial(size) * factorial(asked.length - size - 1) / factorial(asked.length);
        sum +=
            share
                * (worth(trees, row, asked, coalition | 1 << player)
                    - worth(trees, row, asked, coalition));
      }
    }
    return sum;
  }

  private static double worth(Trees trees, int[] row, int[] asked, int coalition) {
    return Arrays.stream(trees.roots)
        .mapToDouble(root -> worth(trees, root, row, asked, coalition))
        .sum();
  }

  private static double worth(Trees trees, int node, int[] row, int[] asked, int coalition) {
    if (trees.column[node] < 0) {
      return trees.value[node];
    }
    double yes = worth(trees, trees.yes[node], row, asked, coalition);
    double no = worth(trees, trees.no[node], row, asked, coalition);
    int player = IntStream.of(asked).boxed().toList().indexOf(trees.column[node]);
    if ((coalition >> player & 1) == 1) {
      return row[trees.column[node]] <= trees.value[node] ? yes : no;
    }
    return (yes * trees.cover[trees.yes[node]] + no * trees.cover[trees.no[node]])
        / trees.cover[node];
  }

  private static double factorial(int n) {
    return n < 2 ? 1 : n * factorial(n - 1);
  }

  @ParameterizedTest
  @MethodSource("models")
  void matchesAndCompleteness_areWithinTheirBounds(BoostedModel model) {
    ProfileTable people = ModelFixtures.people(model, 54, PEOPLE);
    for (int a = 0; a < PEOPLE; a++) {
      for (int b = 0; b < a; b++) {
        int[] contributions = model.contributions(people, a, b);
        for (Block block : Block.values()) {
          assertThat(model.match(block, contributions)).isBetween(0, 10_000);
        }
        assertThat(model.completeness(people, a, b)).isBetween(0, 100);
      }
    }
  }

  /** One stump: its two leaves are the worst and the best that there is. */
  @Test
  void match_ofAStump_isZeroOrTheBest() {
    BoostedTrees stump =
        new BoostedTrees(0.25)
            .add(
                new int[] {FeatureSchema.columnNames().indexOf("agreeableness_min"), -1, -1},
                new double[] {50.5, -0.5, 1},
                new int[] {1, 0, 0},
                new int[] {2, 0, 0},
                new int[] {4, 3, 1});
    BoostedModel model = ModelFixtures.boosted(built(stump.calibrated(2, 1)));
    ProfileTable people = ModelFixtures.people(model, 55, PEOPLE);
    assertThat(model.base()).isEqualTo(2 * (0.25 - 0.125) + 1);
    int best = 0;
    for (int a = 0; a < PEOPLE; a++) {
      for (int b = 0; b < a; b++) {
        boolean low = Math.min(people.trait(3, a), people.trait(3, b)) <= 50;
        best += low ? 0 : 1;
        assertThat(model.logOdds(people, a, b)).isEqualTo((low ? 1 : 7) * ScoreScale.ONE / 2);
        assertThat(model.attributions(people, a, b)[Feature.AGREEABLENESS.index()])
            .isCloseTo(low ? -0.75 : 2.25, within(1e-12));
        int[] contributions = model.contributions(people, a, b);
        assertThat(model.match(Block.PERSONALITY, contributions)).isEqualTo(low ? 0 : 10_000);
        assertThat(model.match(Block.INTEREST, contributions)).isEqualTo(5_000);
        assertThat(model.completeness(people, a, b)).isEqualTo(100);
      }
    }
    assertThat(best).isPositive();
  }

  @Test
  void leaves_thatCouldLeaveInt32_areRefused() {
    BoostedTrees trees = new BoostedTrees(0);
    for (int i = 0; i < 3; i++) {
      trees.add(new int[] {-1}, new double[] {700}, new int[1], new int[1], new int[] {1});
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> built(trees))
        .withMessageContaining("beyond 2147483647");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> built(new BoostedTrees(3_000)))
        .withMessageContaining("a weight (3000.0)");
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            trees.add(
                new int[] {-1}, new double[] {Double.NaN}, new int[1], new int[1], new int[] {1}))
        .withMessageContaining("tree 3")
        .withMessageContaining("NaN");
  }

  @Test
  void additive_isTheSurrogate() {
    BoostedModel model = ModelFixtures.boosted(ModelFixtures.randomTrees(6, 5, 4));
    assertThat(model.additive()).isNotSameAs(model).isInstanceOf(AdditiveModel.class);
    assertThat(List.of(model.about(), model.sha256()))
        .isEqualTo(List.of(model.additive().about(), model.additive().sha256()));
    AdditiveModel additive = ModelFixtures.baseline();
    assertThat(additive.additive()).isSameAs(additive);
  }

  private static byte[] built(BoostedTrees trees) {
    return new ArtefactBuilder(
            ModelFixtures.about("built"), new AdditiveWeights(ModelFixtures.schema(3)))
        .trees(trees)
        .build();
  }
}
