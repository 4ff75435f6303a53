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
  private static final int OFFERED = SHAPE.offered();
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
      int[] sought,
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
    IntVector wanted = IntVector.fromArray(LANES, sought, first);
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
      // Ranges of ages keep half of the pairs of generated people apart.
      IntVector rest = IntVector.broadcast(LANES, people[row + OFFERED]).sub(wanted);
      VectorMask<Integer> fit = rest.and(PairFilter.HIGH_BITS).compare(EQ, PairFilter.HIGH_BITS);
      VectorMask<Integer> entersTheirs = sum.add(level).compare(GE, people[row + THRESHOLD], fit);
      VectorMask<Integer> listsThem = sum.add(people[row + LEVEL]).compare(GE, threshold, fit);
      long lanes = (entersTheirs.toLong() | (listsThem.toLong() << L)) & allowed;
      hits[found] = ((long) i << 32) | lanes;
      found += (int) (-lanes >>> 63);
    }
    return found;
  }

  @Override
  public long reaching(
      int[] candidates,
      int vector,
      int[] group,
      int count,
      int[] sums,
      MeanAndLeast rule,
      int bound) {
    IntVector own = column(candidates, vector, OWN, ROW);
    IntVector total = IntVector.zero(LANES);
    IntVector least = IntVector.broadcast(LANES, Integer.MAX_VALUE);
    int floor = rule.floor();
    int limit = rule.limit();
    int lostBits = rule.lostBits();
    for (int m = 0; m < count; m++) {
      IntVector logOdds =
          IntVector.fromArray(LANES, sums, m * L).add(own).add(group[m * ROW + OWN]);
      IntVector counted = logOdds.max(floor).min(limit).lanewise(ASHR, lostBits);
      total = total.add(counted);
      least = least.min(counted);
    }
    return total.mul(rule.ofSum()).add(least.mul(rule.ofLeast())).compare(GE, bound).toLong();
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
