package social.trvl.compat.kernel;

import java.util.Arrays;
import java.util.stream.IntStream;

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
  final PairLoop loop;
  final int[] order;
  final int[] category;
  final int[] data;

  CandidateVectors(PairColumns columns, int lanes) {
    this.columns = columns;
    shape = LoopShape.of(columns, lanes);
    loop = shape.loop(columns);
    order = byCategory(columns, IntStream.range(0, columns.size).toArray());
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
    // Nobody is of the last one's category, so that the whole is sorted.
    Arrays.fill(category, order.length, places, places == 0 ? 0 : category[order.length - 1]);
  }

  /** Where the value of the person at a place is in {@link #data}. */
  int at(int place, int column) {
    int lanes = shape.lanes();
    return (place / lanes * shape.columns() + column) * lanes + place % lanes;
  }

  /**
   * The category of all of a vector, for they are sorted by it; negative where there are several.
   */
  int commonCategory(int first) {
    return category[first] == category[first + shape.lanes() - 1] ? category[first] : -1;
  }

  /**
   * Writes a vector of pairing entries.
   *
   * @param entries where those of a person's category begin
   * @param first place of the first candidate of the vector
   * @param from place of the vector in {@code pairing}
   */
  void writePairing(int entries, int first, int[] pairing, int from) {
    int lanes = shape.lanes();
    int common = commonCategory(first);
    if (common >= 0) {
      Arrays.fill(pairing, from, from + lanes, columns.pairing[entries + common]);
    } else {
      for (int lane = 0; lane < lanes; lane++) {
        pairing[from + lane] = columns.pairing[entries + category[first + lane]];
      }
    }
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
