package social.trvl.compat.model;

import social.trvl.compat.kernel.TreeEnsemble;

/** Boosted trees as a model runs them, for who has a pair's columns already. */
public final class CompiledTrees {

  private final TreeEnsemble ensemble;

  public CompiledTrees(BoostedTrees trees, FeatureSchema schema) {
    ensemble = new Trees(trees.fixed(), schema).compiled();
  }

  /**
   * Rows as the trees want them, see {@link TreeEnsemble#TILE_ROWS}.
   *
   * @param rows row-major, count × {@link FeatureSchema#COLUMNS}
   */
  public static int[][] tiles(int[] rows, int count) {
    int[][] tiles =
        new int[Math.ceilDiv(count, TreeEnsemble.TILE_ROWS)]
            [TreeEnsemble.TILE_ROWS * FeatureSchema.COLUMNS];
    for (int row = 0; row < count; row++) {
      for (int column = 0; column < FeatureSchema.COLUMNS; column++) {
        tiles[row / TreeEnsemble.TILE_ROWS][
                column * TreeEnsemble.TILE_ROWS + row % TreeEnsemble.TILE_ROWS] =
            rows[row * FeatureSchema.COLUMNS + column];
      }
    }
    return tiles;
  }

  /**
   * Sums of leaves, fixed point.
   *
   * @param tiles all of them full
   * @param sums receives those of each tile in turn, which nobody looks at
   */
  public void sums(int[][] tiles, int[] sums) {
    for (int[] tile : tiles) {
      ensemble.sums(tile, TreeEnsemble.TILE_ROWS, sums);
    }
  }
}
