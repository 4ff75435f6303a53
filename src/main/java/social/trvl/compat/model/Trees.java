package social.trvl.compat.model;

import static social.trvl.compat.model.ArtefactJson.require;

import java.util.Arrays;
import java.util.List;
import social.trvl.compat.kernel.TreeEnsemble;

/**
 * Boosted trees in fixed point, as an artefact holds them and proven to be trees: flat arrays, one
 * entry a node, tree after tree.
 *
 * <p>Each node has the number of training rows that came through it, its cover. The mean of a node
 * is that of the leaves below it, weighted by cover: what the tree expects of a pair of which only
 * the splits above are known.
 */
final class Trees {

  static final int MOST_TREES = 1_000;

  /** Bounds an artefact to its largest size, and the compiled trees to the second cache. */
  static final int MOST_NODES = 100_000;

  /** Deeper trees are no weak learners, and Shapley values over them would lose their precision. */
  static final int DEEPEST = 16;

  /** One tree of an artefact; node 0 is its root. */
  static final class Tree {

    /** That a split asks; −1 for a leaf. */
    final int[] column;

    /** Threshold of a split, fixed-point log-odds of a leaf. */
    final int[] value;

    /** Child for {@code x ≤ value}; 0 for a leaf. */
    final int[] yes;

    final int[] no;

    final int[] cover;

    Tree(int[] column, int[] value, int[] yes, int[] no, int[] cover) {
      this.column = column;
      this.value = value;
      this.yes = yes;
      this.no = no;
      this.cover = cover;
    }
  }

  final int count;
  final int[] roots;
  final int[] column;
  final int[] value;
  final int[] yes;
  final int[] no;
  final int[] cover;

  /** Sum of the leaves below a node, each times its cover. */
  private final long[] weighed;

  /** Sum over the trees of the largest absolute leaf. */
  final long bound;

  /**
   * @throws IllegalArgumentException if anything is out of range or no tree
   */
  Trees(List<Tree> trees, FeatureSchema schema) {
    count = trees.size();
    require(
        count >= 1 && count <= MOST_TREES, "it has %d trees, 1 to %d are read", count, MOST_TREES);
    long nodes = trees.stream().mapToLong(tree -> tree.column.length).sum();
    require(nodes <= MOST_NODES, "its trees have %d nodes, at most %d are read", nodes, MOST_NODES);
    int size = Math.toIntExact(nodes);
    roots = new int[count];
    column = new int[size];
    value = new int[size];
    yes = new int[size];
    no = new int[size];
    cover = new int[size];
    weighed = new long[size];
    long sum = 0;
    int next = 0;
    for (int t = 0; t < count; t++) {
      roots[t] = next;
      sum += append(t, trees.get(t), schema);
      next += trees.get(t).column.length;
    }
    bound = sum;
  }

  /** Returns the largest absolute leaf. */
  private long append(int t, Tree tree, FeatureSchema schema) {
    int size = tree.column.length;
    require(
        size >= 1
            && tree.value.length == size
            && tree.yes.length == size
            && tree.no.length == size
            && tree.cover.length == size,
        "the lists of tree %d are empty or of different lengths (column has %d)",
        t,
        size);
    int[] depth = new int[size];
    Arrays.fill(depth, 1, size, -1);
    long largest = 0;
    for (int i = 0; i < size; i++) {
      require(depth[i] >= 0, "node %d of tree %d is no child of a node before it", i, t);
      require(depth[i] <= DEEPEST, "tree %d is deeper than %d", t, DEEPEST);
      require(tree.cover[i] >= 1, "cover of node %d of tree %d is %d", i, t, tree.cover[i]);
      if (tree.column[i] == -1) {
        require(
            tree.yes[i] == 0 && tree.no[i] == 0,
            "node %d of tree %d is a leaf with children",
            i,
            t);
        largest = Math.max(largest, Math.abs((long) tree.value[i]));
      } else {
        checkSplit(t, tree, i, schema);
        for (int child : new int[] {tree.yes[i], tree.no[i]}) {
          require(
              child > i && child < size && depth[child] == -1,
              "child %d of node %d of tree %d is no later node of its own",
              child,
              i,
              t);
          depth[child] = depth[i] + 1;
        }
        require(
            (long) tree.cover[tree.yes[i]] + tree.cover[tree.no[i]] == tree.cover[i],
            "cover %d of node %d of tree %d is not the sum of its children's",
            tree.cover[i],
            i,
            t);
      }
    }
    int root = roots[t];
    for (int i = size - 1; i >= 0; i--) {
      int node = root + i;
      column[node] = tree.column[i];
      value[node] = tree.value[i];
      cover[node] = tree.cover[i];
      yes[node] = root + tree.yes[i];
      no[node] = root + tree.no[i];
      weighed[node] =
          isLeaf(node) ? (long) value[node] * cover[node] : weighed[yes[node]] + weighed[no[node]];
    }
    return largest;
  }

  private static void checkSplit(int t, Tree tree, int i, FeatureSchema schema) {
    int asked = tree.column[i];
    require(
        asked >= 0 && asked < FeatureSchema.COLUMNS,
        "node %d of tree %d asks column %d of %d",
        i,
        t,
        asked,
        FeatureSchema.COLUMNS);
    require(
        tree.value[i] >= schema.lowest(asked) && tree.value[i] < schema.highest(asked),
        "threshold %d of node %d of tree %d is not within %d–%d, where column %d has values on both sides",
        tree.value[i],
        i,
        t,
        schema.lowest(asked),
        schema.highest(asked) - 1,
        asked);
  }

  boolean isLeaf(int node) {
    return column[node] < 0;
  }

  /** The child that a row goes to. */
  int child(int node, int[] row) {
    return row[column[node]] <= value[node] ? yes[node] : no[node];
  }

  /** Mean of a node, rounded half up. */
  int mean(int node) {
    return (int) Math.floorDiv(weighed[node] + cover[node] / 2, cover[node]);
  }

  /** What all trees together expect of a pair of which nothing is known. */
  double expected() {
    double sum = 0;
    for (int root : roots) {
      sum += (double) weighed[root] / cover[root];
    }
    return sum;
  }

  TreeEnsemble compiled() {
    return new TreeEnsemble(FeatureSchema.COLUMNS, roots, column, value, yes, no);
  }
}
