package social.trvl.compat.kernel;

import static jdk.incubator.vector.VectorOperators.AND_NOT;
import static jdk.incubator.vector.VectorOperators.LEADING_ZEROS_COUNT;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The trees of a {@link TreeEnsemble} as bit masks: which leaves each value of a column leaves
 * over.
 *
 * <p>A row falls into the leaf that all its columns leave over: an AND of masks, with nothing to
 * decide on the way. After QuickScorer (Lucchese and others, SIGIR 2015); as our columns are
 * integers of few values, a value's masks are made once, for all splits together.
 */
final class TreeMasks {
  /*
   * Layout. Each leaf is a bit of a word, the first one the highest; a tree's leaves stand side by
   * side. Small trees share a word, in which a row then has a bit for each of them; a tree of more
   * than 64 leaves has words of its own, and a row has a bit in one of them. A vector of words is a
   * group:
   *
   *     masks   [group][entry][lane]     an entry is a value of a table
   *     leaves  [group][lane][bit]       and a zero after the last bit, for words without a further one
   *
   * A table is a column, or several columns of few values (a preference's lower and higher code and
   * their distance: some 200 combinations), which saves a third of the masks that are read. Values
   * below a column's lowest threshold all turn the same way, and so do those above its highest: they
   * are clipped, so every int has an entry.
   *
   * A group is done for all rows of a tile before the next one, as its masks (some 200 kB) are
   * hardly more than the rows of a tile bring into the first cache. Masks are outside the heap, where
   * vectors can be aligned: in an array each would cross a cache line, which cost a tenth.
   */

  static final VectorSpecies<Long> LANES = LongVector.SPECIES_PREFERRED;
  static final int L = LANES.length();

  /** Bits of a word, and places of leaves for it: one more. */
  static final int BITS = Long.SIZE;

  static final int LEAVES = BITS + 1;

  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  private static final LongVector FIRST_BIT = LongVector.broadcast(LANES, Long.MIN_VALUE);
  private static final LongVector FIRST_LEAF = LongVector.zero(LANES).addIndex(LEAVES);
  private static final int TILE = TreeEnsemble.TILE_ROWS;

  /** Rows between finding leaves and adding them up: their places stay in the first cache. */
  private static final int BLOCK_ROWS = 32;

  /**
   * A column that some split asks.
   *
   * @param number in the rows
   * @param lowest threshold
   * @param highest first value above all thresholds
   * @param step entries of its table between a value and the next
   */
  record Column(int number, int lowest, int highest, int step) {

    int valueAt(int entry) {
      return lowest + entry / step % (highest - lowest + 1);
    }
  }

  /**
   * An entry for each combination of the columns' values.
   *
   * @param first its number in a group
   */
  record Table(List<Column> columns, int first, int entries) {}

  private final List<Table> tables;
  private final int entries;
  private final int[] bits;
  private final int[] leaves;
  private final MemorySegment masks;

  /**
   * @param bits for each group, how many a word has left at most when a row has been looked up
   */
  TreeMasks(List<Table> tables, int[] bits, int[] leaves, long[] masks) {
    this.tables = List.copyOf(tables);
    this.bits = bits;
    this.leaves = leaves;
    entries = tables.getLast().first + tables.getLast().entries;
    this.masks = Arena.ofAuto().allocate((long) Long.BYTES * masks.length, LANES.vectorByteSize());
    MemorySegment.copy(masks, 0, this.masks, ValueLayout.JAVA_LONG, 0, masks.length);
  }

  /** As {@link TreeEnsemble#sums}. */
  void sums(int[] tile, int count, int[] sums) {
    int[] found = findEntries(tile, count);
    long[] places = new long[BLOCK_ROWS * L * Arrays.stream(bits).max().orElse(0)];
    long groupBytes = (long) Long.BYTES * L * entries;
    Arrays.fill(sums, 0, count, 0);
    for (int group = 0; group < bits.length; group++) {
      MemorySegment masksOfGroup = masks.asSlice(group * groupBytes, groupBytes);
      LongVector leavesOfGroup = FIRST_LEAF.add((long) group * L * LEAVES);
      for (int from = 0; from < count; from += BLOCK_ROWS) {
        int to = Math.min(count, from + BLOCK_ROWS);
        findLeaves(masksOfGroup, leavesOfGroup, bits[group], found, from, to, places);
        addLeaves(bits[group] * L, places, from, to, sums);
      }
    }
  }

  /** For each table, each row's entry: {@code [table][row]}. */
  private int[] findEntries(int[] tile, int count) {
    int[] found = new int[tables.size() * TILE];
    for (int t = 0; t < tables.size(); t++) {
      Table table = tables.get(t);
      int to = t * TILE;
      Arrays.fill(found, to, to + TILE, table.first);
      for (Column column : table.columns) {
        int from = column.number * TILE;
        for (int row = 0; row < count; row += INTS.length()) {
          IntVector value =
              IntVector.fromArray(INTS, tile, from + row).max(column.lowest).min(column.highest);
          IntVector.fromArray(INTS, found, to + row)
              .add(value.sub(column.lowest).mul(column.step))
              .intoArray(found, to + row);
        }
      }
    }
    return found;
  }

  /** Writes the place of each row's leaves, {@code [row][bit][lane]}. */
  private static void findLeaves(
      MemorySegment masks,
      LongVector leaves,
      int bits,
      int[] found,
      int from,
      int to,
      long[] places) {
    int at = 0;
    for (int row = from; row < to; row++) {
      LongVector left = vector(masks, found[row]);
      for (int i = row + TILE; i < found.length; i += TILE) {
        left = left.and(vector(masks, found[i]));
      }
      for (int bit = 0; bit < bits; bit++) {
        LongVector zeros = left.lanewise(LEADING_ZEROS_COUNT);
        zeros.add(leaves).intoArray(places, at);
        left = left.lanewise(AND_NOT, FIRST_BIT.lanewise(LSHR, zeros));
        at += L;
      }
    }
  }

  private static LongVector vector(MemorySegment masks, int entry) {
    return LongVector.fromMemorySegment(
        LANES, masks, (long) Long.BYTES * L * entry, ByteOrder.nativeOrder());
  }

  private void addLeaves(int leavesPerRow, long[] places, int from, int to, int[] sums) {
    int[] leaves = this.leaves;
    int at = 0;
    for (int row = from; row < to; row++) {
      int sum = sums[row];
      for (int end = at + leavesPerRow; at < end; at++) {
        sum += leaves[(int) places[at]];
      }
      sums[row] = sum;
    }
  }
}
