package social.trvl.compat.kernel;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.BIT_COUNT;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.GE;

import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The hot loop. A template: {@link LoopShape#loop} defines it anew, as a hidden class, for each
 * shape, whose numbers are then static finals, that is constants to the compiler. So there is one
 * species, no branch on signs and no array of vectors in the compiled loop, and the loop is written
 * once.
 */
final class VectorLoop implements PairLoop {
  /*
   * The candidates' columns stay in registers while people go by: a person's values are broadcast
   * from memory, which costs no arithmetic and, being four bytes, never crosses a cache line. The
   * other way round (a person in registers, candidates going by) each load of 64 bytes from a Java
   * array crosses one, and the loop ran at 60 % of this speed.
   *
   * Nothing in the loop branches or calls. Who hits is written down, with the scores, and looked at
   * afterwards: a call inside would have every register saved and loaded again.
   *
   * Vectors as arguments are harmless only while the method is inlined. These are too small not to
   * be. Watch the benchmark when you add one.
   */

  private static final LoopShape SHAPE = shape();
  private static final VectorSpecies<Integer> LANES =
      VectorSpecies.of(int.class, VectorShape.forBitSize(32 * SHAPE.lanes()));
  private static final int L = SHAPE.lanes();
  private static final int TERMS = SHAPE.terms();
  private static final int NEGATIVES = SHAPE.negatives();
  private static final int WORDS = SHAPE.words();
  private static final int LOW = SHAPE.low();
  private static final int HIGH = LOW + 1;
  private static final int LEVEL = SHAPE.level();
  private static final int OWN = SHAPE.own();
  private static final int THRESHOLD = SHAPE.threshold();
  private static final int PAIRING = SHAPE.pairing();
  private static final int ROW = SHAPE.rowLength();

  /** Interest words that stay in registers. */
  private static final int KEPT_WORDS = 2;

  private final int interestWeight;
  private final int interestCap;
  private final int budgetWeight;
  private final int budgetCap;

  VectorLoop(PairColumns c) {
    interestWeight = c.interestWeight;
    interestCap = c.interestCap;
    budgetWeight = c.budgetWeight;
    budgetCap = c.budgetCap;
  }

  @Override
  public int find(
      int[] candidates,
      int vector,
      int[] thresholds,
      int first,
      int[] people,
      int from,
      int count,
      int[] pairing,
      int[] sums,
      long[] hits,
      long allowed) {
    IntVector t0 = column(candidates, vector, 0, TERMS);
    IntVector t1 = column(candidates, vector, 1, TERMS);
    IntVector t2 = column(candidates, vector, 2, TERMS);
    IntVector t3 = column(candidates, vector, 3, TERMS);
    IntVector t4 = column(candidates, vector, 4, TERMS);
    IntVector t5 = column(candidates, vector, 5, TERMS);
    IntVector t6 = column(candidates, vector, 6, TERMS);
    IntVector t7 = column(candidates, vector, 7, TERMS);
    IntVector w0 = column(candidates, vector, TERMS, TERMS + WORDS);
    IntVector w1 = column(candidates, vector, TERMS + 1, TERMS + WORDS);
    IntVector low = column(candidates, vector, LOW, ROW);
    IntVector high = column(candidates, vector, HIGH, ROW);
    IntVector level = column(candidates, vector, LEVEL, ROW);
    IntVector threshold = IntVector.fromArray(LANES, thresholds, first);
    int found = 0;
    for (int i = 0; i < count; i++) {
      int row = (from + i) * ROW;
      IntVector sum = IntVector.fromArray(LANES, pairing, people[row + PAIRING]);
      sum = plusTerm(sum, 0, t0, people, row);
      sum = plusTerm(sum, 1, t1, people, row);
      sum = plusTerm(sum, 2, t2, people, row);
      sum = plusTerm(sum, 3, t3, people, row);
      sum = plusTerm(sum, 4, t4, people, row);
      sum = plusTerm(sum, 5, t5, people, row);
      sum = plusTerm(sum, 6, t6, people, row);
      sum = plusTerm(sum, 7, t7, people, row);
      if (WORDS > 0) {
        IntVector shared = w0.and(people[row + TERMS]).lanewise(BIT_COUNT);
        if (WORDS > 1) {
          shared = shared.add(w1.and(people[row + TERMS + 1]).lanewise(BIT_COUNT));
        }
        for (int word = KEPT_WORDS; word < WORDS; word++) {
          IntVector theirs = column(candidates, vector, TERMS + word, ROW);
          shared = shared.add(theirs.and(people[row + TERMS + word]).lanewise(BIT_COUNT));
        }
        sum = sum.add(shared.min(interestCap).mul(interestWeight));
      }
      IntVector overlap = high.min(people[row + HIGH]).sub(low.max(people[row + LOW]));
      sum = sum.add(overlap.max(0).min(budgetCap).mul(budgetWeight));
      sum.intoArray(sums, i * L);
      VectorMask<Integer> entersTheirs = sum.add(level).compare(GE, people[row + THRESHOLD]);
      VectorMask<Integer> listsThem = sum.add(people[row + LEVEL]).compare(GE, threshold);
      long lanes = (entersTheirs.toLong() | (listsThem.toLong() << L)) & allowed;
      hits[found] = ((long) i << 32) | lanes;
      found += (int) (-lanes >>> 63);
    }
    return found;
  }

  @Override
  public void meet(
      PairColumns c, int[] rows, int[] entries, int from, int to, MeanAndLeast rule, int[] out) {
    int[] pairing = new int[entries.length * L];
    for (int b = from; b < to; b += L) {
      int at = Math.min(b, to - L);
      fillPairing(c, entries, at, pairing);
      meetVector(c, rows, pairing, at, rule, out, at - from);
    }
  }

  /** Compiled by itself: called so often that no loop around it has to be replaced as it runs. */
  private void meetVector(
      PairColumns c, int[] rows, int[] pairing, int at, MeanAndLeast rule, int[] out, int place) {
    IntVector t0 = term(c, 0, at);
    IntVector t1 = term(c, 1, at);
    IntVector t2 = term(c, 2, at);
    IntVector t3 = term(c, 3, at);
    IntVector t4 = term(c, 4, at);
    IntVector t5 = term(c, 5, at);
    IntVector t6 = term(c, 6, at);
    IntVector t7 = term(c, 7, at);
    IntVector own = IntVector.fromArray(LANES, c.own, at);
    IntVector low = IntVector.fromArray(LANES, c.budgetLow, at);
    IntVector high = IntVector.fromArray(LANES, c.budgetHigh, at);
    IntVector total = IntVector.zero(LANES);
    IntVector least = IntVector.broadcast(LANES, Integer.MAX_VALUE);
    int floor = rule.floor();
    int limit = rule.limit();
    int lostBits = rule.lostBits();
    for (int m = 0; m < pairing.length; m += L) {
      int row = m / L * ROW;
      IntVector sum = IntVector.fromArray(LANES, pairing, m).add(own).add(rows[row + OWN]);
      sum = plusTerm(sum, 0, t0, rows, row);
      sum = plusTerm(sum, 1, t1, rows, row);
      sum = plusTerm(sum, 2, t2, rows, row);
      sum = plusTerm(sum, 3, t3, rows, row);
      sum = plusTerm(sum, 4, t4, rows, row);
      sum = plusTerm(sum, 5, t5, rows, row);
      sum = plusTerm(sum, 6, t6, rows, row);
      sum = plusTerm(sum, 7, t7, rows, row);
      if (WORDS > 0) {
        IntVector shared = IntVector.zero(LANES);
        for (int word = 0; word < WORDS; word++) {
          IntVector theirs = IntVector.fromArray(LANES, c.interests[word], at);
          shared = shared.add(theirs.and(rows[row + TERMS + word]).lanewise(BIT_COUNT));
        }
        sum = sum.add(shared.min(interestCap).mul(interestWeight));
      }
      IntVector overlap = high.min(rows[row + HIGH]).sub(low.max(rows[row + LOW]));
      sum = sum.add(overlap.max(0).min(budgetCap).mul(budgetWeight));
      IntVector counted = sum.max(floor).min(limit).lanewise(ASHR, lostBits);
      total = total.add(counted);
      least = least.min(counted);
    }
    total.mul(rule.ofSum()).add(least.mul(rule.ofLeast())).intoArray(out, place);
  }

  /** One vector of entries for each of the group; candidates of one category, mostly, go by. */
  private static void fillPairing(PairColumns c, int[] entries, int at, int[] pairing) {
    int category = c.category[at];
    boolean one = IntVector.fromArray(LANES, c.category, at).compare(EQ, category).allTrue();
    for (int m = 0; m < entries.length; m++) {
      if (one) {
        IntVector.broadcast(LANES, c.pairing[entries[m] + category]).intoArray(pairing, m * L);
      } else {
        for (int lane = 0; lane < L; lane++) {
          pairing[m * L + lane] = c.pairing[entries[m] + c.category[at + lane]];
        }
      }
    }
  }

  private static IntVector term(PairColumns c, int t, int at) {
    return t < TERMS ? IntVector.fromArray(LANES, c.terms[t], at) : IntVector.zero(LANES);
  }

  private static IntVector column(int[] candidates, int vector, int column, int columns) {
    return column < columns
        ? IntVector.fromArray(LANES, candidates, vector + column * L)
        : IntVector.zero(LANES);
  }

  private static IntVector plusTerm(IntVector sum, int t, IntVector theirs, int[] people, int row) {
    if (t >= TERMS) {
      return sum;
    }
    int mine = people[row + t];
    return sum.add((NEGATIVES >>> t & 1) != 0 ? theirs.max(mine) : theirs.min(mine));
  }

  private static LoopShape shape() {
    try {
      return MethodHandles.classData(MethodHandles.lookup(), "_", LoopShape.class);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("the template was not given its shape", e);
    }
  }
}
