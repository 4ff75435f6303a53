package social.trvl.compat.kernel;

import static social.trvl.compat.kernel.TreeMasks.BITS;
import static social.trvl.compat.kernel.TreeMasks.L;
import static social.trvl.compat.kernel.TreeMasks.LEAVES;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.kernel.TreeMasks.Column;
import social.trvl.compat.kernel.TreeMasks.Table;

/** Makes {@link TreeMasks} of trees given as flat arrays. */
final class TreeMasksBuilder {

  /** Combinations of values in a table of several columns. */
  private static final int MOST_COMBINATIONS = 256;

  /** 64 MB; two hundred trees of 64 leaves over pair-v1 take 5. */
  private static final long MOST_MASKS = 1L << 23;

  private final int[] roots;
  private final int[] column;
  private final int[] value;
  private final int[] yes;
  private final int[] no;

  /** First bit of the leaves below each node, counted through all words. */
  private final int[] first;

  /** The bit after the last one. */
  private final int[] end;

  /** Arrays as {@link TreeEnsemble} has them. */
  TreeMasksBuilder(int[] roots, int[] column, int[] value, int[] yes, int[] no) {
    this.roots = roots;
    this.column = column;
    this.value = value;
    this.yes = yes;
    this.no = no;
    first = new int[column.length];
    end = new int[column.length];
  }

  /** Null if the masks would take too much memory. */
  @Nullable TreeMasks build() {
    int groups = Math.ceilDiv(placeTrees(), L * BITS);
    List<Table> tables = tables(MOST_MASKS / L / Math.max(1, groups));
    if (tables.isEmpty()) {
      return null;
    }
    int[] leaves = new int[groups * L * LEAVES];
    long[] all = new long[groups * L];
    for (int node = 0; node < column.length; node++) {
      if (column[node] < 0) {
        int word = first[node] / BITS;
        int bit = first[node] % BITS;
        leaves[word * LEAVES + bit] = value[node];
        all[word] |= Long.MIN_VALUE >>> bit;
      }
    }
    return new TreeMasks(tables, treesOfWords(groups), leaves, masks(tables, all));
  }

  /**
   * Gives each leaf a bit. Trees, the largest first, go to the first word with room for them.
   *
   * @return bits of all words
   */
  private int placeTrees() {
    for (int root : roots) {
      place(root, 0);
    }
    List<List<Integer>> words = new ArrayList<>();
    List<Integer> room = new ArrayList<>();
    IntStream.of(roots)
        .boxed()
        .sorted(Comparator.comparingInt(root -> -end[root]))
        .forEach(root -> {
          int size = end[root];
          int word = 0;
          while (word < words.size() && room.get(word) < size) {
            word++;
          }
          if (word == words.size()) {
            words.add(new ArrayList<>());
            room.add(Math.ceilDiv(size, BITS) * BITS);
          }
          words.get(word).add(root);
          room.set(word, room.get(word) - size);
        });
    // Words of like many trees side by side: all of a vector are searched for as many bits.
    words.sort(Comparator.comparingInt(List::size));
    int next = 0;
    for (List<Integer> trees : words) {
      for (int root : trees) {
        next = place(root, next);
      }
      next = Math.ceilDiv(next, BITS) * BITS;
    }
    return next;
  }

  /** Places the leaves below a node from a bit on and returns the bit after them. */
  private int place(int node, int bit) {
    first[node] = bit;
    end[node] = column[node] < 0 ? bit + 1 : place(no[node], place(yes[node], bit));
    return end[node];
  }

  /** Tables of all columns that are asked; none if they have more entries than allowed. */
  private List<Table> tables(long mostEntries) {
    int columns = IntStream.of(column).max().orElse(-1) + 1;
    int[] lowest = new int[columns];
    int[] highest = new int[columns];
    Arrays.fill(lowest, Integer.MAX_VALUE);
    Arrays.fill(highest, Integer.MIN_VALUE);
    for (int node = 0; node < column.length; node++) {
      if (column[node] >= 0) {
        lowest[column[node]] = Math.min(lowest[column[node]], value[node]);
        highest[column[node]] = Math.max(highest[column[node]], value[node]);
      }
    }
    int[] asked =
        IntStream.range(0, columns)
            .filter(number -> lowest[number] <= highest[number])
            .boxed()
            .sorted(Comparator.comparingLong(number -> (long) highest[number] - lowest[number]))
            .mapToInt(number -> number)
            .toArray();
    List<Table> tables = new ArrayList<>();
    Table last = new Table(List.of(), 0, 1);
    for (int number : asked) {
      // At the largest int, which is above no threshold, one value is enough.
      int above = Math.max(highest[number], highest[number] + 1);
      long values = 1L + above - lowest[number];
      if (last.first() + last.entries() + values > mostEntries) {
        return List.of();
      }
      if (last.entries() > 1 && last.entries() * values > MOST_COMBINATIONS) {
        tables.add(last);
        last = new Table(List.of(), last.first() + last.entries(), 1);
      }
      List<Column> together = new ArrayList<>(last.columns());
      together.add(new Column(number, lowest[number], above, last.entries()));
      last = new Table(together, last.first(), Math.toIntExact(last.entries() * values));
    }
    tables.add(last);
    return tables;
  }

  /** For each group the most trees of a word: so many bits are left in it. */
  private int[] treesOfWords(int groups) {
    int[] trees = new int[groups * L];
    int[] most = new int[groups];
    for (int root : roots) {
      for (int word = first[root] / BITS; word <= (end[root] - 1) / BITS; word++) {
        most[word / L] = Math.max(most[word / L], ++trees[word]);
      }
    }
    return most;
  }

  /**
   * The leaves left over by each entry: all but those on the other side of a split.
   *
   * @param all leaves of each word
   */
  private long[] masks(List<Table> tables, long[] all) {
    int entries = tables.getLast().first() + tables.getLast().entries();
    long[] masks = new long[entries * all.length];
    for (int at = 0; at < masks.length; at += L) {
      System.arraycopy(all, at / L / entries * L, masks, at, L);
    }
    for (Table table : tables) {
      for (Column asked : table.columns()) {
        for (int node = 0; node < column.length; node++) {
          for (int i = 0; column[node] == asked.number() && i < table.entries(); i++) {
            int lost = asked.valueAt(i) <= value[node] ? no[node] : yes[node];
            clear(masks, entries, table.first() + i, lost);
          }
        }
      }
    }
    return masks;
  }

  /** Takes the leaves below a node from an entry. */
  private void clear(long[] masks, int entries, int entry, int node) {
    int bit = first[node];
    while (bit < end[node]) {
      int word = bit / BITS;
      int next = Math.min(end[node], (word + 1) * BITS);
      long range = -1L >>> (BITS - (next - bit)) << ((word + 1) * BITS - next);
      masks[(word / L * entries + entry) * L + word % L] &= ~range;
      bit = next;
    }
  }
}
