package social.trvl.compat.model.training;

import java.util.ArrayList;
import java.util.List;
import smile.classification.GradientTreeBoost;
import smile.data.DataFrame;
import smile.data.Tuple;
import smile.data.formula.Formula;
import smile.data.type.StructType;
import smile.data.vector.IntVector;
import smile.data.vector.ValueVector;
import smile.math.MathEx;
import smile.model.cart.InternalNode;
import smile.model.cart.Node;
import smile.model.cart.RegressionNode;
import smile.regression.RegressionTree;
import social.trvl.compat.model.BoostedTrees;
import social.trvl.compat.model.FeatureSchema;

/**
 * Boosted trees that Smile has learnt, read out into flat arrays: splits with integer thresholds,
 * leaves in log-odds.
 *
 * <p>Smile keeps a split's value to itself, so the threshold is found by asking the split: columns
 * are integers, and the largest one that goes to the true child is the threshold. Smile's sum is
 * half the log-odds.
 */
final class SmileTrees {

  /**
   * How trees are grown.
   *
   * @param depth largest depth of a tree
   * @param nodeSize a node with fewer pairs is not split
   * @param shrinkage learning rate
   * @param subsample share of the pairs that a tree sees
   */
  record Growth(int trees, int depth, int nodeSize, double shrinkage, double subsample) {}

  private static final String LABEL = "label";

  /** One tree: entries as in {@link BoostedTrees#add}. */
  private static final class Tree {
    int[] column;
    double[] value;
    int[] yes;
    int[] no;
    int[] cover;

    Tree(int size) {
      column = new int[size];
      value = new double[size];
      yes = new int[size];
      no = new int[size];
      cover = new int[size];
    }
  }

  private final double intercept;
  private final List<Tree> trees = new ArrayList<>();

  /** What was read out; tests hold the two against each other. */
  private final GradientTreeBoost learnt;

  private final FeatureSchema schema;

  private SmileTrees(
      GradientTreeBoost learnt, double intercept, double shrinkage, FeatureSchema schema) {
    this.learnt = learnt;
    this.intercept = intercept;
    this.schema = schema;
    StructType columns = learnt.schema();
    for (RegressionTree tree : learnt.trees()[0]) {
      List<Node> nodes = new ArrayList<>();
      nodes.add(tree.root());
      for (int i = 0; i < nodes.size(); i++) {
        if (nodes.get(i) instanceof InternalNode split) {
          nodes.add(split.trueChild());
          nodes.add(split.falseChild());
        }
      }
      trees.add(read(nodes, 2 * shrinkage, columns));
    }
  }

  /**
   * Learns; repeatable by seed if called on a pool of a fixed size.
   *
   * @param columns of the pairs, {@link FeatureSchema#COLUMNS} each
   * @param starts where the columns of each pair begin
   */
  static SmileTrees learn(
      FeatureSchema schema, int[] columns, int[] starts, int[] labels, Growth growth, long seed) {
    MathEx.setSeed(seed);
    GradientTreeBoost learnt =
        GradientTreeBoost.fit(
            Formula.lhs(LABEL),
            frame(columns, starts, labels),
            new GradientTreeBoost.Options(
                growth.trees(),
                growth.depth(),
                1 << growth.depth(),
                growth.nodeSize(),
                growth.shrinkage(),
                growth.subsample(),
                null,
                null));
    int positives = 0;
    for (int label : labels) {
      positives += label;
    }
    double intercept = StrictMath.log((double) positives / (labels.length - positives));
    return new SmileTrees(learnt, intercept, growth.shrinkage(), schema);
  }

  private static DataFrame frame(int[] columns, int[] starts, int[] labels) {
    List<String> names = FeatureSchema.columnNames();
    ValueVector[] vectors = new ValueVector[names.size() + 1];
    for (int column = 0; column < names.size(); column++) {
      int[] values = new int[starts.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = columns[starts[i] + column];
      }
      vectors[column] = new IntVector(names.get(column), values);
    }
    vectors[names.size()] = new IntVector(LABEL, labels);
    return new DataFrame(vectors);
  }

  private Tree read(List<Node> nodes, double leafScale, StructType columns) {
    Tree tree = new Tree(nodes.size());
    int child = 1;
    for (int i = 0; i < nodes.size(); i++) {
      switch (nodes.get(i)) {
        case InternalNode split -> {
          tree.column[i] = split.feature();
          tree.value[i] = threshold(split, columns);
          tree.yes[i] = child++;
          tree.no[i] = child++;
        }
        case RegressionNode leaf -> {
          tree.column[i] = -1;
          tree.value[i] = leafScale * leaf.output();
          tree.cover[i] = leaf.size();
        }
        default ->
            throw new IllegalStateException("a node of Smile is neither split nor regression leaf");
      }
    }
    for (int i = nodes.size() - 1; i >= 0; i--) {
      if (tree.column[i] >= 0) {
        tree.cover[i] = tree.cover[tree.yes[i]] + tree.cover[tree.no[i]];
      }
    }
    return tree;
  }

  private int threshold(InternalNode split, StructType columns) {
    int yes = schema.lowest(split.feature());
    int no = schema.highest(split.feature());
    while (no - yes > 1) {
      int middle = yes + (no - yes) / 2;
      int[] row = new int[columns.length()];
      row[split.feature()] = middle;
      if (split.branch(Tuple.of(columns, row))) {
        yes = middle;
      } else {
        no = middle;
      }
    }
    return yes;
  }

  int count() {
    return trees.size();
  }

  double intercept() {
    return intercept;
  }

  /** What a tree adds to a pair's log-odds. */
  double leaf(int number, int[] columns, int start) {
    Tree tree = trees.get(number);
    int node = 0;
    while (tree.column[node] >= 0) {
      node =
          columns[start + tree.column[node]] <= tree.value[node] ? tree.yes[node] : tree.no[node];
    }
    return tree.value[node];
  }

  double logOdds(int[] columns, int start) {
    double sum = intercept;
    for (int i = 0; i < trees.size(); i++) {
      sum += leaf(i, columns, start);
    }
    return sum;
  }

  /** What was read out. */
  GradientTreeBoost learnt() {
    return learnt;
  }

  /** Smile's own probability of a pair. */
  double smileProbability(int[] columns, int start) {
    int[] row = new int[FeatureSchema.COLUMNS + 1];
    System.arraycopy(columns, start, row, 0, FeatureSchema.COLUMNS);
    double[] probabilities = new double[2];
    learnt.predict(frame(row, new int[] {0}, new int[1]).get(0), probabilities);
    return probabilities[1];
  }

  /** For an artefact. */
  BoostedTrees boosted() {
    BoostedTrees boosted = new BoostedTrees(intercept);
    for (Tree tree : trees) {
      boosted.add(tree.column, tree.value, tree.yes, tree.no, tree.cover);
    }
    return boosted;
  }
}
