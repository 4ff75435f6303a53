package social.trvl.compat.model;

import social.trvl.compat.kernel.TreeEnsemble;

/** Boosted trees as a model runs them, for who has a pair's columns already. */
public final class CompiledTrees {

  private final TreeEnsemble ensemble;

  public CompiledTrees(BoostedTrees trees, FeatureSchema schema) {
    ensemble = new Trees(trees.fixed(), schema).compiled();
  }

  /**
   * Sums of leaves, fixed point.
   *
   * @param rows row-major, count × {@link FeatureSchema#COLUMNS}
   * @param sums receives the sum of row i at i
   */
  public void sums(int[] rows, int count, int[] sums) {
    ensemble.sums(rows, count, sums);
  }
}
