package social.trvl.compat.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Trained trees before their leaves are rounded, over the columns of {@link FeatureSchema}. */
public final class BoostedTrees {

  private double intercept;

  /** Their values are still to be filled in. */
  private final List<Trees.Tree> trees = new ArrayList<>();

  private final List<double[]> values = new ArrayList<>();

  /**
   * @param intercept log-odds that every pair has
   */
  public BoostedTrees(double intercept) {
    this.intercept = intercept;
  }

  /**
   * Adds a tree: five arrays of one length, one entry a node, the root first, children after their
   * parent.
   *
   * @param column that a split asks, 0 ≤ column &lt; {@link FeatureSchema#COLUMNS}; −1 for a leaf
   * @param value threshold of a split (rounded down, which changes nothing for integers), log-odds
   *     of a leaf, learning rate included
   * @param yes child for {@code x ≤ value}, 0 for a leaf
   * @param no the other child, 0 for a leaf
   * @param cover training rows that came through, 1 or more; a split's is the sum of its children's
   * @throws IllegalArgumentException if a value is not finite, or there is not one for each node;
   *     what else can be wrong is found by {@link ArtefactBuilder#build}
   */
  public BoostedTrees add(int[] column, double[] value, int[] yes, int[] no, int[] cover) {
    if (value.length != column.length || !Arrays.stream(value).allMatch(Double::isFinite)) {
      throw new IllegalArgumentException(
          "tree %d has %d nodes and the values %s: one finite value for each node is needed"
              .formatted(trees.size(), column.length, Arrays.toString(value)));
    }
    trees.add(
        new Trees.Tree(
            column.clone(), new int[value.length], yes.clone(), no.clone(), cover.clone()));
    values.add(value.clone());
    return this;
  }

  /** Folds a Platt calibration in: the log-odds become {@code slope · log-odds + offset}. */
  public BoostedTrees calibrated(double slope, double offset) {
    intercept = slope * intercept + offset;
    for (int t = 0; t < trees.size(); t++) {
      double[] value = values.get(t);
      for (int node = 0; node < value.length; node++) {
        value[node] *= trees.get(t).column[node] < 0 ? slope : 1;
      }
    }
    return this;
  }

  int fixedIntercept() {
    return ScoreScale.fixed(intercept);
  }

  /** Rounded to fixed point. */
  List<Trees.Tree> fixed() {
    for (int t = 0; t < trees.size(); t++) {
      Trees.Tree tree = trees.get(t);
      double[] value = values.get(t);
      for (int node = 0; node < value.length; node++) {
        tree.value[node] =
            tree.column[node] < 0
                ? ScoreScale.fixed(value[node])
                : Math.toIntExact((long) Math.floor(value[node]));
      }
    }
    return trees;
  }
}
