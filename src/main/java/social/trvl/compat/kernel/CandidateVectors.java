package social.trvl.compat.kernel;

/**
 * People in the order and layout that the hot loop reads. Immutable.
 *
 * <pre>
 * order     [place]                   position in the columns: by category, then by position
 * category  [place]                   combination of category codes
 * data      [vector][column][lane]    columns: terms, interest words, budget low and high,
 *                                     own − handicap, own, the caller's row
 * </pre>
 *
 * <p>Sorted so, the people of a tile have few different categories, and one vector of pairing
 * entries serves all people of a category. The last vector is filled up with places of nobody.
 */
final class CandidateVectors {

  final PairColumns columns;
  final LoopShape shape;
  final int[] order;
  final int[] category;
  final int[] data;

  CandidateVectors(PairColumns columns, int lanes) {
    this.columns = columns;
    shape = LoopShape.of(columns, lanes);
    order = columns.byCategory();
    int places = Math.ceilDiv(order.length, lanes) * lanes;
    category = new int[places];
    data = new int[places * shape.columns()];
    int[] row = new int[shape.rowLength()];
    for (int place = 0; place < order.length; place++) {
      category[place] = columns.category[order[place]];
      shape.writeRow(columns, order[place], row, 0);
      for (int column = 0; column < shape.columns(); column++) {
        data[at(place, column)] = row[column];
      }
    }
  }

  /** Where the value of the person at a place is in {@link #data}. */
  int at(int place, int column) {
    int lanes = shape.lanes();
    return (place / lanes * shape.columns() + column) * lanes + place % lanes;
  }

  /** Indices of the positions, sorted by category; those of one category in the order given. */
  static int[] byCategory(PairColumns columns, int[] positions) {
    int[] next = new int[columns.categories + 1];
    for (int position : positions) {
      next[columns.category[position] + 1]++;
    }
    for (int category = 1; category <= columns.categories; category++) {
      next[category] += next[category - 1];
    }
    int[] sorted = new int[positions.length];
    for (int i = 0; i < positions.length; i++) {
      sorted[next[columns.category[positions[i]]]++] = i;
    }
    return sorted;
  }
}
