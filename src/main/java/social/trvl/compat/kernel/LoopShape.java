package social.trvl.compat.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
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

  private static final ConcurrentHashMap<LoopShape, MethodHandles.Lookup> LOOPS =
      new ConcurrentHashMap<>();

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

  int rowLength() {
    return columns() + 2;
  }

  /** The hot loop of this shape, with a model's weights. */
  PairLoop loop(PairColumns c) {
    try {
      MethodHandles.Lookup loop = LOOPS.computeIfAbsent(this, LoopShape::define);
      MethodType signature = MethodType.methodType(void.class, PairColumns.class);
      return (PairLoop) loop.findConstructor(loop.lookupClass(), signature).invoke(c);
    } catch (Throwable e) {
      throw new IllegalStateException("the hot loop of %s can't be made".formatted(this), e);
    }
  }

  private static MethodHandles.Lookup define(LoopShape shape) {
    try (InputStream in = LoopShape.class.getResourceAsStream("VectorLoop.class")) {
      if (in == null) {
        throw new IllegalStateException("VectorLoop.class is missing from the program");
      }
      return MethodHandles.lookup().defineHiddenClassWithClassData(in.readAllBytes(), shape, true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("VectorLoop can't be defined", e);
    }
  }
}
