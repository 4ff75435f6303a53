package social.trvl.compat.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TreeEnsembleTest {

  private static final int COLUMNS = 35;

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 8, 9, 63, 64, 65, 72, 127, 130, 1000})
  void sums_equalTheScalarTwinAndAWalkOverTheTrees(int count) {
    for (int depth : new int[] {0, 1, 2, 6, 13}) {
      Random random = new Random(31L * count + depth);
      Forest forest = new Forest(random, 1 + random.nextInt(20), depth, COLUMNS);
      int[] rows = random.ints((long) count * COLUMNS, -40, 220).toArray();
      int[] sums = new int[count];
      Arrays.fill(sums, 77);
      TreeEnsemble ensemble = forest.ensemble();
      ensemble.sums(rows, count, sums);
      for (int row = 0; row < count; row++) {
        assertThat(sums[row])
            .isEqualTo(ensemble.sum(rows, row * COLUMNS))
            .isEqualTo(forest.walk(rows, row * COLUMNS));
      }
    }
  }

  @Test
  void sums_atTheEndsOfInt_takeTheRightTurn() {
    int[] ends = {Integer.MIN_VALUE, Integer.MIN_VALUE + 1, -1, 0, 1, Integer.MAX_VALUE};
    for (int threshold : ends) {
      TreeEnsemble stump =
          new TreeEnsemble(
              1,
              new int[] {0},
              new int[] {0, -1, -1},
              new int[] {threshold, 10, 20},
              new int[] {1, 0, 0},
              new int[] {2, 0, 0});
      int[] rows = new int[48];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = ends[i % ends.length];
      }
      int[] sums = new int[48];
      stump.sums(rows, 48, sums);
      for (int i = 0; i < rows.length; i++) {
        assertThat(sums[i])
            .as("%d against %d", rows[i], threshold)
            .isEqualTo(rows[i] <= threshold ? 10 : 20)
            .isEqualTo(stump.sum(rows, i));
      }
    }
  }

  @Test
  void sums_withTheLastColumnThatCanBeNumbered() {
    Forest forest = new Forest(new Random(5), 9, 5, TreeEnsemble.MOST_COLUMNS);
    int[] rows = new Random(6).ints(20L * TreeEnsemble.MOST_COLUMNS, -40, 220).toArray();
    int[] sums = new int[20];
    forest.ensemble().sums(rows, 20, sums);
    for (int row = 0; row < 20; row++) {
      assertThat(sums[row]).isEqualTo(forest.walk(rows, row * TreeEnsemble.MOST_COLUMNS));
    }
  }

  @Test
  void arraysOfAWrongSize_areRefusedWithTheSizes() {
    Forest forest = new Forest(new Random(7), 2, 2, COLUMNS);
    TreeEnsemble ensemble = forest.ensemble();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ensemble.sums(new int[2 * COLUMNS - 1], 2, new int[2]))
        .withMessageContaining("2 rows of 35 columns, but 69 values");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ensemble.sums(new int[2 * COLUMNS], 2, new int[1]))
        .withMessageContaining("1 places");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ensemble.sums(new int[COLUMNS], -1, new int[1]))
        .withMessageContaining("-1 rows");
    for (int columns : new int[] {0, TreeEnsemble.MOST_COLUMNS + 1}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() ->
              new TreeEnsemble(columns, new int[0], new int[0], new int[0], new int[0], new int[0]))
          .withMessageContaining(columns + " columns");
    }
  }

  /** Random trees, some branches shorter than others. */
  private static final class Forest {
    private final List<int[]> nodes = new ArrayList<>();
    private final int[] roots;
    private final int columns;

    Forest(Random random, int trees, int depth, int columns) {
      this.columns = columns;
      roots = new int[trees];
      for (int tree = 0; tree < trees; tree++) {
        roots[tree] = nodes.size();
        grow(random, depth);
      }
    }

    private void grow(Random random, int depth) {
      int[] node = {-1, random.nextInt(-5_000_000, 5_000_000), 0, 0};
      nodes.add(node);
      if (depth > 0 && random.nextInt(6) > 0) {
        node[0] = random.nextInt(columns);
        node[1] = random.nextInt(-40, 220);
        // The other child first at times: nothing is said of the order of the two.
        int first = 2 + random.nextInt(2);
        node[first] = nodes.size();
        grow(random, depth - 1);
        node[5 - first] = nodes.size();
        grow(random, depth - 1);
      }
    }

    int walk(int[] rows, int at) {
      int sum = 0;
      for (int root : roots) {
        int[] node = nodes.get(root);
        while (node[0] >= 0) {
          node = nodes.get(rows[at + node[0]] <= node[1] ? node[2] : node[3]);
        }
        sum += node[1];
      }
      return sum;
    }

    TreeEnsemble ensemble() {
      return new TreeEnsemble(columns, roots, field(0), field(1), field(2), field(3));
    }

    private int[] field(int field) {
      return nodes.stream().mapToInt(node -> node[field]).toArray();
    }
  }
}
