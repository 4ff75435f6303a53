package social.trvl.compat.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.LongSummaryStatistics;
import social.trvl.compat.kernel.TreeEnsemble;
import social.trvl.compat.profile.ProfileTable;

/**
 * The boosted family: the sum of integer-threshold trees over the columns of {@link FeatureSchema},
 * with an additive surrogate that was distilled from it.
 *
 * <pre>
 * log-odds · 2^20 = intercept + Σ over trees  leaf of the pair        (x ≤ threshold goes to yes)
 * </pre>
 *
 * <p>Trees are too slow for all pairs of a large population: there the surrogate retrieves, and
 * people's levels are the surrogate's.
 *
 * <p>Contributions. A row's path through a tree moves from the mean of the root, node by node, to
 * the leaf; each step is put down to the feature that the split asked. In integers (means rounded
 * once) the steps add up to the log-odds exactly. {@link #attributions} costs a thousand times as
 * much, and is for people to read.
 */
public final class BoostedModel extends PairModel {

  private final AdditiveModel surrogate;
  private final Trees trees;
  private final TreeEnsemble ensemble;
  private final double base;

  /** The artefact's intercept, which does not yet hold the means of the roots. */
  private final int treesIntercept;

  private final int intercept;

  /** What the step from a node's parent to it adds, fixed point. */
  private final int[] step;

  /**
   * @throws IllegalArgumentException if a sum of leaves, less a handicap, or a contribution could
   *     leave int32
   */
  BoostedModel(AdditiveModel surrogate, int treesIntercept, Trees trees) {
    this(surrogate, treesIntercept, trees, new Extremes());
  }

  private BoostedModel(
      AdditiveModel surrogate, int treesIntercept, Trees trees, Extremes extremes) {
    super(surrogate.about(), surrogate.sha256(), surrogate.schema(), extremes);
    this.surrogate = surrogate;
    this.treesIntercept = treesIntercept;
    this.trees = trees;
    step = steps(trees);
    ScoreScale.requireFits(
        Math.abs((long) treesIntercept) + trees.bound + surrogate.largestHandicap());
    ensemble = trees.compiled();
    base = (treesIntercept + trees.expected()) / ScoreScale.ONE;
    int sum = treesIntercept;
    for (int root : trees.roots) {
      sum += step[root];
    }
    intercept = sum;
    findExtremes(extremes);
    // A contribution is summed in int; what it passes on its way there may wrap, its end may not.
    ScoreScale.requireFits(extremes.largest());
  }

  /** Steps to the rounded means; that of a root is its own mean. */
  private static int[] steps(Trees trees) {
    int[] step = new int[trees.column.length];
    for (int node = 0; node < step.length; node++) {
      int mean = trees.mean(node);
      step[node] += mean;
      if (!trees.isLeaf(node)) {
        step[trees.yes[node]] -= mean;
        step[trees.no[node]] -= mean;
      }
    }
    return step;
  }

  @Override
  public AdditiveModel additive() {
    return surrogate;
  }

  /** Holds the means of the roots. */
  @Override
  public int intercept() {
    return intercept;
  }

  @Override
  public double base() {
    return base;
  }

  /** How many trees there are. */
  public int trees() {
    return trees.count;
  }

  @Override
  public int[] contributions(ProfileTable people, int a, int b) {
    int[] row = row(people, a, b);
    int[] result = new int[Feature.COUNT];
    for (int root : trees.roots) {
      int node = root;
      while (!trees.isLeaf(node)) {
        int child = trees.child(node, row);
        result[FeatureSchema.featureOf(trees.column[node])] += step[child];
        node = child;
      }
    }
    return result;
  }

  @Override
  public void sums(ProfileTable people, int a, int b, int logOdds, int[] sums) {
    Arrays.fill(sums, 0);
    int[] contributions = contributions(people, a, b);
    for (Feature feature : Feature.values()) {
      sums[feature.block().index()] += contributions[feature.index()];
    }
  }

  @Override
  public double[] attributions(ProfileTable people, int a, int b) {
    double[] result = new double[Feature.COUNT];
    double[] ofColumns = TreeShap.values(trees, row(people, a, b));
    for (int column = 0; column < ofColumns.length; column++) {
      result[FeatureSchema.featureOf(column)] += ofColumns[column] / ScoreScale.ONE;
    }
    return result;
  }

  /**
   * Log-odds of one person with many others, fixed point.
   *
   * @param a row of the person in {@code people}
   * @param others rows of the others, from 0 to {@code count} (exclusive)
   * @param out receives the log-odds of (a, others[i]) at i; higher is more compatible
   * @throws IllegalArgumentException if an array is shorter than {@code count}
   */
  public void logOdds(ProfileTable people, int a, int[] others, int count, int[] out) {
    if (others.length < count || out.length < count) {
      throw new IllegalArgumentException(
          "%d others, but %d rows and %d places".formatted(count, others.length, out.length));
    }
    int tileRows = TreeEnsemble.TILE_ROWS;
    int[] tile = new int[tileRows * FeatureSchema.COLUMNS];
    int[] sums = new int[tileRows];
    for (int from = 0; from < count; from += tileRows) {
      int length = Math.min(tileRows, count - from);
      schema().fill(people, a, others, from, length, tile, 0, tileRows);
      ensemble.sums(tile, length, sums);
      for (int i = 0; i < length; i++) {
        out[from + i] = treesIntercept + sums[i];
      }
    }
  }

  private int[] row(ProfileTable people, int a, int b) {
    int[] row = new int[FeatureSchema.COLUMNS];
    schema().fill(people, a, b, row, 0);
    return row;
  }

  private void findExtremes(Extremes extremes) {
    for (int root : trees.roots) {
      List<long[]> paths = new ArrayList<>();
      addPaths(root, new long[Feature.COUNT], paths);
      for (Feature feature : Feature.values()) {
        LongSummaryStatistics sums =
            paths.stream().mapToLong(path -> path[feature.index()]).summaryStatistics();
        extremes.add(feature, sums.getMin(), sums.getMax());
      }
      for (Feature.Block block : Feature.Block.values()) {
        LongSummaryStatistics sums =
            paths.stream().mapToLong(path -> sum(path, block)).summaryStatistics();
        extremes.add(block, sums.getMin(), sums.getMax());
      }
    }
  }

  /** Adds the sum of each feature's steps to every leaf below a node. */
  private void addPaths(int node, long[] soFar, List<long[]> paths) {
    if (trees.isLeaf(node)) {
      paths.add(soFar);
      return;
    }
    for (int child : new int[] {trees.yes[node], trees.no[node]}) {
      long[] further = soFar.clone();
      further[FeatureSchema.featureOf(trees.column[node])] += step[child];
      addPaths(child, further, paths);
    }
  }

  private static long sum(long[] path, Feature.Block block) {
    long sum = 0;
    for (Feature feature : Feature.values()) {
      sum += feature.block() == block ? path[feature.index()] : 0;
    }
    return sum;
  }
}
