package social.trvl.compat.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the hot loop has to know when it is compiled.
 *
 * @param lanes ints in a vector: 4, 8 or 16
 * @param terms how many, at most {@link PairColumns#MOST_TERMS}
 * @param negatives a bit for each term whose weight is below zero
 * @param words half words of interests; none where they have no weight
 */
record LoopShape(int lanes, int terms, int negatives, int words) {

  private static final ConcurrentHashMap<LoopShape, MethodHandle> LOOPS = new ConcurrentHashMap<>();

  static LoopShape of(PairColumns c, int lanes) {
    int words = c.interestWeight == 0 ? 0 : c.interests.length;
    return new LoopShape(lanes, c.terms.length, c.negatives(), words);
  }

  /** Place of the budget's low end, among a candidate's columns and in a person's row. */
  int low() {
    return terms + words;
  }

  /** Place of own part − handicap. */
  int level() {
    return low() + 2;
  }

  /** Place of the own part. */
  int own() {
    return low() + 3;
  }

  /** Place of the caller's row. */
  int callersRow() {
    return low() + 4;
  }

  /** Columns of a candidate. */
  int columns() {
    return low() + 5;
  }

  /** Place in a person's row, after what candidates have too, of the list's threshold. */
  int threshold() {
    return columns();
  }

  /** Place in a person's row of the place of their vector of pairing entries. */
  int pairing() {
    return columns() + 1;
  }

  /** Place in a person's row of what the person offers, with the high bits of its bytes set. */
  int offered() {
    return columns() + 2;
  }

  int rowLength() {
    return columns() + 3;
  }

  /**
   * Writes a person's values one after the other, in the order of a candidate's columns.
   *
   * @param position in {@code whose}, whose model this is the shape of
   * @param from place of the first value in rows
   */
  void writeRow(PairColumns whose, int position, int[] rows, int from) {
    int at = from;
    for (int[] term : whose.terms) {
      rows[at++] = term[position];
    }
    for (int word = 0; word < words; word++) {
      rows[at++] = whose.interests[word][position];
    }
    rows[at++] = whose.budgetLow[position];
    rows[at++] = whose.budgetHigh[position];
    rows[at++] = whose.own[position] - whose.handicap[position];
    rows[at++] = whose.own[position];
    rows[at] = whose.people[position];
  }

  /** The loops of this shape, with a model's weights. */
  PairLoop loop(PairColumns c) {
    try {
      return (PairLoop) LOOPS.computeIfAbsent(this, LoopShape::define).invoke(c);
    } catch (Throwable e) {
      throw new IllegalStateException("no vector loop could be made for %s".formatted(this), e);
    }
  }

  /** The constructor of the template, defined anew for the shape. */
  private static MethodHandle define(LoopShape shape) {
    try (InputStream in = LoopShape.class.getResourceAsStream("VectorLoop.class")) {
      if (in == null) {
        throw new IllegalStateException("VectorLoop.class is missing from the program");
      }
      MethodHandles.Lookup loop =
          MethodHandles.lookup().defineHiddenClassWithClassData(in.readAllBytes(), shape, true);
      return loop.findConstructor(
          loop.lookupClass(), MethodType.methodType(void.class, PairColumns.class));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("the template can't be defined for " + shape, e);
    }
  }
}
