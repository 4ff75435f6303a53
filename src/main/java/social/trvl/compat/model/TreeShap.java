package social.trvl.compat.model;

import java.util.Arrays;

/**
 * Path-dependent Shapley values of trees: how much each column of a row moves the sum of the leaves
 * away from what is expected while no column is known (Lundberg, Erion, Lee: Consistent
 * individualized feature attribution for tree ensembles, 2018, algorithm 2).
 *
 * <p>A coalition of columns is worth the mean of the tree over the training rows as its covers tell
 * it: a split on a known column goes the row's way, one on an unknown column goes both ways,
 * weighted by cover. The walk visits each leaf once and carries, for the distinct columns on the
 * path, what share of all coalitions of each size comes through: polynomial instead of exponential.
 */
final class TreeShap {

  /** One entry for each distinct column on the path, the root's empty one first. */
  private static final int LONGEST_PATH = Trees.DEEPEST + 2;

  private final Trees trees;
  private final int[] row;
  private final double[] values = new double[FeatureSchema.COLUMNS];

  private TreeShap(Trees trees, int[] row) {
    this.trees = trees;
    this.row = row;
  }

  /**
   * Shapley value of each column, in the unit of the leaves; they sum to the sum of the leaves less
   * {@link Trees#expected}.
   *
   * @param row one value for each column
   */
  static double[] values(Trees trees, int[] row) {
    TreeShap shap = new TreeShap(trees, row);
    for (int root : trees.roots) {
      shap.visit(root, new Path(), 1, true, -1);
    }
    return shap.values;
  }

  private void visit(int node, Path path, double unknownShare, boolean known, int column) {
    path.extend(unknownShare, known, column);
    if (trees.isLeaf(node)) {
      for (int i = 1; i < path.length; i++) {
        values[path.column[i]] +=
            path.without(i) * ((path.known[i] ? 1 : 0) - path.unknownShare[i]) * trees.value[node];
      }
      return;
    }
    int asked = trees.column[node];
    double shareSoFar = 1;
    boolean knownSoFar = true;
    int earlier = path.indexOf(asked);
    if (earlier > 0) {
      shareSoFar = path.unknownShare[earlier];
      knownSoFar = path.known[earlier];
      path.remove(earlier);
    }
    int taken = trees.child(node, row);
    for (int child : new int[] {trees.yes[node], trees.no[node]}) {
      double share = shareSoFar * trees.cover[child] / trees.cover[node];
      visit(child, new Path(path), share, knownSoFar && child == taken, asked);
    }
  }

  /**
   * The distinct columns on the way to a node.
   *
   * <p>{@code weight[i]} is the share of coalitions with i of these columns, of all orders in which
   * columns become known, that come through to the node.
   */
  private static final class Path {
    int length;
    final int[] column;

    /** Share of the training rows that go this way where the column is unknown. */
    final double[] unknownShare;

    /** Whether the row goes this way where the column is known. */
    final boolean[] known;

    final double[] weight;

    Path() {
      column = new int[LONGEST_PATH];
      unknownShare = new double[LONGEST_PATH];
      known = new boolean[LONGEST_PATH];
      weight = new double[LONGEST_PATH];
    }

    Path(Path other) {
      length = other.length;
      column = Arrays.copyOf(other.column, LONGEST_PATH);
      unknownShare = Arrays.copyOf(other.unknownShare, LONGEST_PATH);
      known = Arrays.copyOf(other.known, LONGEST_PATH);
      weight = Arrays.copyOf(other.weight, LONGEST_PATH);
    }

    /** Place of a column, or −1; the root's entry belongs to none. */
    int indexOf(int wanted) {
      for (int i = 1; i < length; i++) {
        if (column[i] == wanted) {
          return i;
        }
      }
      return -1;
    }

    void extend(double share, boolean isKnown, int newColumn) {
      int last = length++;
      column[last] = newColumn;
      unknownShare[last] = share;
      known[last] = isKnown;
      weight[last] = last == 0 ? 1 : 0;
      for (int i = last - 1; i >= 0; i--) {
        if (isKnown) {
          weight[i + 1] += weight[i] * (i + 1) / length;
        }
        weight[i] *= share * (last - i) / length;
      }
    }

    /** Undoes the extension by an entry. */
    void remove(int entry) {
      int last = length - 1;
      double carried = weight[last];
      for (int i = last - 1; i >= 0; i--) {
        if (known[entry]) {
          double before = weight[i];
          weight[i] = carried * length / (i + 1);
          carried = before - weight[i] * unknownShare[entry] * (last - i) / length;
        } else {
          weight[i] = weight[i] * length / (unknownShare[entry] * (last - i));
        }
      }
      for (int i = entry; i < last; i++) {
        column[i] = column[i + 1];
        unknownShare[i] = unknownShare[i + 1];
        known[i] = known[i + 1];
      }
      length = last;
    }

    /** Sum of the weights as they were without an entry. */
    double without(int entry) {
      int last = length - 1;
      double carried = weight[last];
      double sum = 0;
      for (int i = last - 1; i >= 0; i--) {
        if (known[entry]) {
          double before = carried * length / (i + 1);
          sum += before;
          carried = weight[i] - before * unknownShare[entry] * (last - i) / length;
        } else {
          sum += weight[i] * length / (unknownShare[entry] * (last - i));
        }
      }
      return sum;
    }
  }
}
