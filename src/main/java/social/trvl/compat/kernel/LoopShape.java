package social.trvl.compat.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the vector loops have to know when they are compiled, and where a person's values stand.
 *
 * <pre>
 * exact values   terms, interests in half words, budget low and high, own − handicap, own,
 *                category, caller's row
 * upper bounds   terms, interests in words of 16, budget low and high, own − handicap
 * </pre>
 *
 * @param bits of a vector: 128, 256 or 512
 * @param terms how many, at most {@link PairColumns#MOST_TERMS}
 * @param negatives a bit for each term whose weight is below zero
 * @param halfWords of interests, none where they have no weight
 * @param words of 16 interests, likewise
 */
record LoopShape(int bits, int terms, int negatives, int halfWords, int words) {

  private static final ConcurrentHashMap<LoopShape, MethodHandle> LOOPS = new ConcurrentHashMap<>();

  static LoopShape of(PairColumns c, int bits) {
    boolean weighted = c.interestWeight != 0;
    return new LoopShape(
        bits,
        c.terms.length,
        c.negatives(),
        weighted ? c.interests.length : 0,
        weighted ? c.bounds.words() : 0);
  }

  /** Ints in a vector: candidates whose exact scores are made at a time. */
  int lanes() {
    return bits / Integer.SIZE;
  }

  /** Shorts in a vector: candidates whose upper bounds are made at a time. */
  int shorts() {
    return bits / Short.SIZE;
  }

  /** Place of the budget's low end among the exact values; the high end comes after it. */
  int low() {
    return terms + halfWords;
  }

  /** Place of own − handicap. */
  int level() {
    return low() + 2;
  }

  int own() {
    return low() + 3;
  }

  int category() {
    return low() + 4;
  }

  int callersRow() {
    return low() + 5;
  }

  /** Exact values of a person. */
  int values() {
    return low() + 6;
  }

  /** Place of the budget's low end among the upper bounds; the high end comes after it. */
  int boundLow() {
    return terms + words;
  }

  /** Place of own − handicap among the upper bounds. */
  int boundLevel() {
    return boundLow() + 2;
  }

  /** Upper bounds of a person. */
  int bounds() {
    return boundLow() + 3;
  }

  /**
   * Writes a person's exact values one after the other.
   *
   * @param position in {@code whose}, whose model this is the shape of
   * @param from place of the first value in rows
   */
  void writeValues(PairColumns whose, int position, int[] rows, int from) {
    int at = from;
    for (int[] term : whose.terms) {
      rows[at++] = term[position];
    }
    for (int word = 0; word < halfWords; word++) {
      rows[at++] = whose.interests[word][position];
    }
    rows[at++] = whose.budgetLow[position];
    rows[at++] = whose.budgetHigh[position];
    rows[at++] = whose.own[position] - whose.handicap[position];
    rows[at++] = whose.own[position];
    rows[at++] = whose.category[position];
    rows[at] = whose.people[position];
  }

  /** Writes a person's upper bounds, as {@link #writeValues}. */
  void writeBounds(PairColumns whose, int position, short[] rows, int from) {
    UpperBounds bounds = whose.bounds;
    int at = from;
    for (int[] term : whose.terms) {
      rows[at++] = bounds.up(term[position]);
    }
    for (int word = 0; word < words; word++) {
      int shift = word % 2 * Short.SIZE;
      rows[at++] = (short) (whose.interests[word / 2][position] >>> shift);
    }
    rows[at++] = (short) whose.budgetLow[position];
    rows[at++] = (short) whose.budgetHigh[position];
    rows[at] = bounds.up(whose.own[position] - whose.handicap[position]);
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
