package social.trvl.compat.kernel;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Decision trees over integer columns, compiled: the sum of the leaves that a row falls into.
 *
 * <p>Leaves are integers, so sums don't depend on the order of trees or rows; the caller proves
 * that none leaves int32. Safe for several threads: nothing changes after construction.
 */
public final class TreeEnsemble {

  /*
   * Layout. A node is one long: target (24 bits) | column (8 bits) | threshold (32 bits). The two
   * children of a split stand side by side, the one for x ≤ threshold at the target, the other
   * after it, so a step is two loads, a comparison and an addition:
   *
   *     node = target + (x[column] > threshold ? 1 : 0)
   *
   * A leaf targets itself with the largest threshold. So every row takes as many steps as its tree
   * is deep, without a branch that a processor could mispredict, and the steps of one row are the
   * only thing that waits: eight rows go down the same tree at once and hide each other's loads.
   * A tile stays in the first cache while all trees pass over it; a tree (64 leaves: 1.5 kB with its
   * values) stays there for the whole tile.
   *
   * That is what runs without vectors; with them it is three times as fast by masks.
   */

  /** Columns are numbered in 8 bits. */
  public static final int MOST_COLUMNS = 256;

  /** Nodes are numbered in 24 bits. */
  public static final int MOST_NODES = 1 << 24;

  /**
   * Most rows of a tile. A tile is column-major: the value of column c of row i is at {@code c ·
   * TILE_ROWS + i}.
   */
  public static final int TILE_ROWS = 256;

  private static final int LANES = 8;
  private static final int TARGET_SHIFT = 40;

  private final int columns;
  private final int[] roots;
  private final int[] depths;
  private final long[] nodes;
  private final int[] leaves;
  private final @Nullable TreeMasks masks;

  /**
   * Compiles trees given as flat arrays, one entry a node; a tree's nodes are consecutive, its root
   * comes first, and children come after their parent.
   *
   * @param columns of a row, 1–{@value #MOST_COLUMNS}
   * @param roots first node of each tree
   * @param column that a node asks, −1 for a leaf
   * @param value threshold of a split, value of a leaf
   * @param yes child for {@code x ≤ value}; no the other one; numbers in these arrays
   * @throws IllegalArgumentException if there are too many columns or nodes
   */
  public TreeEnsemble(int columns, int[] roots, int[] column, int[] value, int[] yes, int[] no) {
    this(columns, roots, column, value, yes, no, PairKernel.usesVectors());
  }

  TreeEnsemble(
      int columns, int[] roots, int[] column, int[] value, int[] yes, int[] no, boolean vectors) {
    if (columns < 1 || columns > MOST_COLUMNS || column.length > MOST_NODES) {
      throw new IllegalArgumentException(
          "%d columns and %d nodes; at most %d and %d can be numbered"
              .formatted(columns, column.length, MOST_COLUMNS, MOST_NODES));
    }
    this.columns = columns;
    this.roots = roots.clone();
    depths = new int[roots.length];
    nodes = new long[column.length];
    leaves = new int[column.length];
    int[] given = new int[column.length];
    for (int tree = 0; tree < roots.length; tree++) {
      int root = roots[tree];
      int depth = -1;
      int levelStart = root;
      int levelEnd = root + 1;
      given[root] = root;
      while (levelStart < levelEnd) {
        depth++;
        int next = levelEnd;
        for (int place = levelStart; place < levelEnd; place++) {
          int node = given[place];
          if (column[node] < 0) {
            nodes[place] = node(place, 0, Integer.MAX_VALUE);
            leaves[place] = value[node];
          } else {
            nodes[place] = node(next, column[node], value[node]);
            given[next++] = yes[node];
            given[next++] = no[node];
          }
        }
        levelStart = levelEnd;
        levelEnd = next;
      }
      depths[tree] = depth;
    }
    masks = vectors ? new TreeMasksBuilder(roots, column, value, yes, no).build() : null;
  }

  private static long node(int target, int column, int threshold) {
    return (long) target << TARGET_SHIFT
        | (long) column << Integer.SIZE
        | (threshold & 0xFFFF_FFFFL);
  }

  /**
   * Sums of the rows of a tile.
   *
   * @param tile column-major, see {@link #TILE_ROWS}
   * @param count how many rows it has
   * @param sums receives the sum of row i at i
   * @throws IllegalArgumentException if there are more rows than a tile has, or an array is too
   *     short
   */
  public void sums(int[] tile, int count, int[] sums) {
    if (count < 0
        || count > TILE_ROWS
        || tile.length < columns * TILE_ROWS
        || sums.length < count) {
      throw new IllegalArgumentException(
          "%d rows of %d columns, but %d values (a tile of %d rows needs %d) and %d places for sums"
              .formatted(count, columns, tile.length, TILE_ROWS, columns * TILE_ROWS, sums.length));
    }
    if (masks != null) {
      masks.sums(tile, count, sums);
      return;
    }
    Arrays.fill(sums, 0, count, 0);
    int whole = count - count % LANES;
    for (int tree = 0; tree < roots.length; tree++) {
      for (int row = 0; row < whole; row += LANES) {
        descend(roots[tree], depths[tree], tile, row, sums);
      }
    }
    for (int row = whole; row < count; row++) {
      sums[row] = sum(tile, row);
    }
  }

  /** Eight rows down one tree. */
  private void descend(int root, int depth, int[] tile, int row, int[] sums) {
    long[] nodes = this.nodes;
    int n0 = root;
    int n1 = root;
    int n2 = root;
    int n3 = root;
    int n4 = root;
    int n5 = root;
    int n6 = root;
    int n7 = root;
    for (int level = 0; level < depth; level++) {
      n0 = step(nodes[n0], tile, row);
      n1 = step(nodes[n1], tile, row + 1);
      n2 = step(nodes[n2], tile, row + 2);
      n3 = step(nodes[n3], tile, row + 3);
      n4 = step(nodes[n4], tile, row + 4);
      n5 = step(nodes[n5], tile, row + 5);
      n6 = step(nodes[n6], tile, row + 6);
      n7 = step(nodes[n7], tile, row + 7);
    }
    sums[row] += leaves[n0];
    sums[row + 1] += leaves[n1];
    sums[row + 2] += leaves[n2];
    sums[row + 3] += leaves[n3];
    sums[row + 4] += leaves[n4];
    sums[row + 5] += leaves[n5];
    sums[row + 6] += leaves[n6];
    sums[row + 7] += leaves[n7];
  }

  private static int step(long node, int[] tile, int row) {
    int x = tile[((int) (node >>> Integer.SIZE) & 0xFF) * TILE_ROWS + row];
    return (int) (node >>> TARGET_SHIFT) + ((int) node < x ? 1 : 0);
  }

  /**
   * Sum of one row: the scalar twin.
   *
   * @param row of the tile
   */
  public int sum(int[] tile, int row) {
    int sum = 0;
    for (int root : roots) {
      int next = root;
      int node;
      do {
        node = next;
        next = step(nodes[node], tile, row);
      } while (next != node);
      sum += leaves[node];
    }
    return sum;
  }
}
