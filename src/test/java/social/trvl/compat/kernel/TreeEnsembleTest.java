package social.trvl.compat.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TreeEnsembleTest {

  private static final int COLUMNS = 35;

  private static final int TILE = TreeEnsemble.TILE_ROWS;

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 8, 9, 31, 32, 33, 63, 130, TILE - 1, TILE})
  void sums_equalTheScalarTwinAndAWalkOverTheTrees(int count) {
    for (int depth : new int[] {0, 1, 2, 4, 6, 9, 13}) {
      Random random = new Random(31L * count + depth);
      Forest forest = new Forest(random, 1 + random.nextInt(40), depth, COLUMNS);
      requireEqual(forest, random.ints((long) TILE * COLUMNS, -40, 220).toArray(), count);
    }
  }

  @Test
  void sums_ofColumnsWithFewValues_equalAWalk() {
    Random random = new Random(8);
    Forest forest = new Forest(random, 50, 6, COLUMNS, 3);
    requireEqual(forest, random.ints((long) TILE * COLUMNS, -3, 7).toArray(), TILE);
  }

  @Test
  void sums_atTheEndsOfInt_takeTheRightTurn() {
    int[] ends = {Integer.MIN_VALUE, Integer.MIN_VALUE + 1, -1, 0, 1, Integer.MAX_VALUE};
    int[] tile = IntStream.range(0, TILE).map(i -> ends[i % ends.length]).toArray();
    for (int threshold : ends) {
      for (boolean vectors : new boolean[] {false, true}) {
        TreeEnsemble stump =
            new TreeEnsemble(
                1,
                new int[] {0},
                new int[] {0, -1, -1},
                new int[] {threshold, 10, 20},
                new int[] {1, 0, 0},
                new int[] {2, 0, 0},
                vectors);
        int[] sums = new int[TILE];
        stump.sums(tile, TILE, sums);
        for (int i = 0; i < TILE; i++) {
          assertThat(sums[i])
              .as("%d against %d", tile[i], threshold)
              .isEqualTo(tile[i] <= threshold ? 10 : 20)
              .isEqualTo(stump.sum(tile, i));
        }
      }
    }
  }

  @Test
  void sums_withTheLastColumnThatCanBeNumbered() {
    int columns = TreeEnsemble.MOST_COLUMNS;
    Forest forest = new Forest(new Random(5), 9, 5, columns);
    requireEqual(forest, new Random(6).ints((long) TILE * columns, -40, 220).toArray(), 20);
  }

  @Test
  void masks_ofColumnsWithTooManyValues_areNotMade() {
    int[] threshold = {-2_000_000_000, 2_000_000_000, 1, 2, 3};
    int[] columns = {0, 0, -1, -1, -1};
    int[] yes = {2, 3, 0, 0, 0};
    int[] no = {1, 4, 0, 0, 0};
    assertThat(new TreeMasksBuilder(new int[] {0}, columns, threshold, yes, no).build()).isNull();
    threshold[0] = 1_999_999_000;
    assertThat(new TreeMasksBuilder(new int[] {0}, columns, threshold, yes, no).build())
        .isNotNull();
  }

  @Test
  void arraysOfAWrongSize_areRefusedWithTheSizes() {
    Forest forest = new Forest(new Random(7), 2, 2, COLUMNS);
    TreeEnsemble ensemble = forest.ensemble(true);
    int whole = TILE * COLUMNS;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ensemble.sums(new int[whole - 1], 2, new int[2]))
        .withMessageContaining("2 rows of 35 columns, but %d values".formatted(whole - 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ensemble.sums(new int[whole], 2, new int[1]))
        .withMessageContaining("1 places");
    for (int count : new int[] {-1, TILE + 1}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ensemble.sums(new int[whole], count, new int[TILE + 1]))
          .withMessageContaining(count + " rows");
    }
    for (int columns : new int[] {0, TreeEnsemble.MOST_COLUMNS + 1}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() ->
              new TreeEnsemble(columns, new int[0], new int[0], new int[0], new int[0], new int[0]))
          .withMessageContaining(columns + " columns");
    }
  }

  private static void requireEqual(Forest forest, int[] tile, int count) {
    for (boolean vectors : new boolean[] {false, true}) {
      TreeEnsemble ensemble = forest.ensemble(vectors);
      int[] sums = new int[TILE];
      Arrays.fill(sums, 77);
      ensemble.sums(tile, count, sums);
      for (int row = 0; row < count; row++) {
        assertThat(sums[row])
            .as("row %d of %d, vectors: %s", row, count, vectors)
            .isEqualTo(ensemble.sum(tile, row))
            .isEqualTo(forest.walk(tile, row));
      }
      for (int row = count; row < TILE; row++) {
        assertThat(sums[row]).isEqualTo(77);
      }
    }
  }

  /** Random trees, some branches shorter than others. */
  private static final class Forest {
    private final List<int[]> nodes = new ArrayList<>();
    private final int[] roots;
    private final int columns;

    /** Thresholds lie within this of zero; 0: as rows in general do. */
    private final int within;

    Forest(Random random, int trees, int depth, int columns) {
      this(random, trees, depth, columns, 0);
    }

    Forest(Random random, int trees, int depth, int columns, int within) {
      this.columns = columns;
      this.within = within;
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
        node[1] = within == 0 ? random.nextInt(-40, 220) : random.nextInt(-within, within);
        // The other child first at times: nothing is said of the order of the two.
        int first = 2 + random.nextInt(2);
        node[first] = nodes.size();
        grow(random, depth - 1);
        node[5 - first] = nodes.size();
        grow(random, depth - 1);
      }
    }

    int walk(int[] tile, int row) {
      int sum = 0;
      for (int root : roots) {
        int[] node = nodes.get(root);
        while (node[0] >= 0) {
          node = nodes.get(tile[node[0] * TILE + row] <= node[1] ? node[2] : node[3]);
        }
        sum += node[1];
      }
      return sum;
    }

    TreeEnsemble ensemble(boolean vectors) {
      return new TreeEnsemble(columns, roots, field(0), field(1), field(2), field(3), vectors);
    }

    private int[] field(int field) {
      return nodes.stream().mapToInt(node -> node[field]).toArray();
    }
  }
}
