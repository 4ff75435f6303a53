package social.trvl.compat.kernel;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * People in the order and layouts that the vector loops read, those of lists and of groups each
 * made when first asked for.
 *
 * <pre>
 * order     [place]                  position in the columns: by category, then by position
 * category  [place]                  combination of category codes
 * </pre>
 *
 * <p>{@link LoopShape} says which columns. Sorted so, the people of a tile have few different
 * categories, and one vector of pairing entries serves all people of a category. The last vector is
 * filled up with places of nobody.
 */
final class PeopleVectors {

  final PairColumns columns;
  final LoopShape shape;
  final PairLoop loop;
  final int[] order;
  final int[] category;

  private @Nullable ForLists forLists;
  private int @Nullable [] forGroups;
  private short @Nullable [] sought;
  private @Nullable PairFilter soughtBy;

  /** What lists are made by. */
  static final class ForLists {
    /** {@code [place][column]}, exact, by which hits are scored. */
    final int[] values;

    /** {@code [place][column]}, rounded up, of people whose lists are made. */
    final short[] rows;

    /** {@code [vector][column][lane]}, the same of candidates. */
    final short[] bounds;

    private ForLists(PeopleVectors people) {
      LoopShape shape = people.shape;
      int size = people.size();
      values = new int[size * shape.values()];
      rows = new short[size * shape.bounds()];
      bounds = new short[people.category.length * shape.bounds()];
      for (int place = 0; place < size; place++) {
        int position = people.order[place];
        shape.writeValues(people.columns, position, values, place * shape.values());
        int from = place * shape.bounds();
        shape.writeBounds(people.columns, position, rows, from);
        int to = first(place, shape.bounds(), shape.shorts());
        for (int column = 0; column < shape.bounds(); column++) {
          bounds[to + column * shape.shorts()] = rows[from + column];
        }
      }
    }
  }

  PeopleVectors(PairColumns columns, int bits) {
    this.columns = columns;
    shape = LoopShape.of(columns, bits);
    loop = shape.loop(columns);
    order = byCategory(columns);
    category = new int[Math.ceilDiv(order.length, shape.shorts()) * shape.shorts()];
    for (int place = 0; place < order.length; place++) {
      category[place] = columns.category[order[place]];
    }
    if (order.length > 0) {
      // Nobody is of the last one's category, so that the whole is sorted.
      Arrays.fill(category, order.length, category.length, category[order.length - 1]);
    }
  }

  synchronized ForLists forLists() {
    ForLists made = forLists;
    if (made == null) {
      made = new ForLists(this);
      forLists = made;
    }
    return made;
  }

  /** What groups meet: {@code [vector][column][lane]}, exact. */
  synchronized int[] forGroups() {
    int[] made = forGroups;
    if (made == null) {
      made = makeForGroups();
      forGroups = made;
    }
    return made;
  }

  private int[] makeForGroups() {
    int[] vectors = new int[category.length * shape.values()];
    int[] values = new int[shape.values()];
    for (int place = 0; place < order.length; place++) {
      shape.writeValues(columns, order[place], values, 0);
      int to = first(place, shape.values(), shape.lanes());
      for (int column = 0; column < values.length; column++) {
        vectors[to + column * shape.lanes()] = values[column];
      }
    }
    return vectors;
  }

  /** By each candidate, see {@link PairLoop#find}; kept for the filter that was last asked for. */
  synchronized short[] sought(PairFilter filter) {
    short[] made = sought;
    if (made == null || !filter.equals(soughtBy)) {
      made = new short[2 * category.length];
      int shorts = shape.shorts();
      for (int place = 0; place < size(); place++) {
        int wanted = filter.sought(callersRow(place));
        int at = place + (place & -shorts);
        made[at] = (short) (wanted >> Short.SIZE);
        made[at + shorts] = (short) wanted;
      }
      sought = made;
      soughtBy = filter;
    }
    return made;
  }

  int size() {
    return order.length;
  }

  /** What the caller knows the person at a place by. */
  int callersRow(int place) {
    return columns.people[order[place]];
  }

  /** What is given by position, by place. */
  TopK[] inPlace(TopK[] tops) {
    return IntStream.of(order).mapToObj(position -> tops[position]).toArray(TopK[]::new);
  }

  /** Where a person's first value is among vectors; the lanes, a power of two, apart the next. */
  private static int first(int place, int columns, int lanes) {
    int lane = place & (lanes - 1);
    return (place - lane) * columns + lane;
  }

  /**
   * The category of all of some candidates, for they are sorted by it; negative where of several.
   */
  int commonCategory(int first, int lanes) {
    return category[first] == category[first + lanes - 1] ? category[first] : -1;
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
    int common = commonCategory(first, lanes);
    if (common >= 0) {
      Arrays.fill(pairing, from, from + lanes, columns.pairing[entries + common]);
    } else {
      for (int lane = 0; lane < lanes; lane++) {
        pairing[from + lane] = columns.pairing[entries + category[first + lane]];
      }
    }
  }

  /** Likewise, rounded up. */
  void writePairing(int entries, int first, short[] pairing, int from) {
    int shorts = shape.shorts();
    int common = commonCategory(first, shorts);
    if (common >= 0) {
      short entry = columns.bounds.up(columns.pairing[entries + common]);
      Arrays.fill(pairing, from, from + shorts, entry);
    } else {
      for (int lane = 0; lane < shorts; lane++) {
        pairing[from + lane] = columns.bounds.up(columns.pairing[entries + category[first + lane]]);
      }
    }
  }

  /** All positions, sorted by category; those of one category in their order. */
  private static int[] byCategory(PairColumns columns) {
    int[] next = new int[columns.categories + 1];
    for (int category : columns.category) {
      next[category + 1]++;
    }
    for (int category = 1; category <= columns.categories; category++) {
      next[category] += next[category - 1];
    }
    int[] order = new int[columns.size];
    for (int position = 0; position < order.length; position++) {
      order[next[columns.category[position]]++] = position;
    }
    return order;
  }
}
