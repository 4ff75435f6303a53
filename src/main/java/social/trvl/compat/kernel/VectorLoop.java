package social.trvl.compat.kernel;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.BIT_COUNT;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.GE;

import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The hot loops. A template: {@link LoopShape#loop} defines it anew, as a hidden class, for each
 * shape, whose numbers are then static finals, that is constants to the compiler. So there is one
 * species, no branch on signs and no array of vectors in a compiled loop, and each loop is written
 * once.
 */
final class VectorLoop implements PairLoop {
  /*
   * The candidates' columns stay in registers while people go by: a person's values are broadcast
   * from memory, which, being two or four bytes, never crosses a cache line. The other way round (a
   * person in registers, candidates going by) each load of 64 bytes from a Java array crosses one,
   * and the loop ran at 60 % of this speed.
   *
   * Nothing in the loops branches or calls. Who hits is written down and looked at afterwards: a
   * call inside would have every register saved and loaded again.
   *
   * Vectors as arguments are harmless only while the method is inlined. After 18,000 nodes, to which
   * the first loop comes, C2 inlines none but the vectors' own, and it is not sure to inline others
   * in a loop that is compiled after some hundred calls, as both are. So neither calls any, and what
   * they have in common stands twice.
   */

  private static final LoopShape SHAPE = shape();
  private static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, VectorShape.forBitSize(SHAPE.bits()));
  private static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(short.class, VectorShape.forBitSize(SHAPE.bits()));
  private static final int LANES = SHAPE.lanes();
  private static final int S = SHAPE.shorts();
  private static final int TERMS = SHAPE.terms();
  private static final int NEGATIVES = SHAPE.negatives();
  private static final int HALF_WORDS = SHAPE.halfWords();
  private static final int LOW = SHAPE.low();
  private static final int HIGH = LOW + 1;
  private static final int OWN = SHAPE.own();
  private static final int CATEGORY = SHAPE.category();
  private static final int VALUES = SHAPE.values();
  private static final int WORDS = SHAPE.words();
  private static final int BOUND_LOW = SHAPE.boundLow();
  private static final int BOUND_HIGH = BOUND_LOW + 1;
  private static final int BOUND_LEVEL = SHAPE.boundLevel();
  private static final int BOUNDS = SHAPE.bounds();

  /** Words of interests that stay in registers. */
  private static final int KEPT_WORDS = 4;

  private static final short HIGH_BITS = (short) PairFilter.HIGH_BITS;

  /*
   * While one kind of vector is the only one that the machine has seen, compiled code relies on it,
   * and is thrown away when the other appears. So both are seen before anything is compiled.
   */
  static {
    IntVector none = IntVector.fromArray(INTS, new int[LANES], 0).lanewise(BIT_COUNT);
    if (none.compare(EQ, 0).toLong() != -1L >>> (Long.SIZE - LANES)) {
      throw new IllegalStateException("vectors of %d ints don't work".formatted(LANES));
    }
  }

  private final int interestWeight;
  private final int interestCap;
  private final int budgetWeight;
  private final int budgetCap;
  private final UpperBounds bounds;
  private final int[] pairing;
  private final int categories;

  VectorLoop(PairColumns c) {
    interestWeight = c.interestWeight;
    interestCap = c.interestCap;
    budgetWeight = c.budgetWeight;
    budgetCap = c.budgetCap;
    bounds = c.bounds;
    pairing = c.pairing;
    categories = c.categories;
  }

  @Override
  public int find(
      short[] candidates,
      int vector,
      short[] thresholds,
      short[] sought,
      int first,
      short[] rows,
      short[] lists,
      int from,
      int count,
      short[] pairing,
      int[] who,
      long[] hits,
      long allowed) {
    ShortVector t0 = bound(candidates, vector, 0, TERMS);
    ShortVector t1 = bound(candidates, vector, 1, TERMS);
    ShortVector t2 = bound(candidates, vector, 2, TERMS);
    ShortVector t3 = bound(candidates, vector, 3, TERMS);
    ShortVector t4 = bound(candidates, vector, 4, TERMS);
    ShortVector t5 = bound(candidates, vector, 5, TERMS);
    ShortVector t6 = bound(candidates, vector, 6, TERMS);
    ShortVector t7 = bound(candidates, vector, 7, TERMS);
    ShortVector w0 = bound(candidates, vector, TERMS, BOUND_LOW);
    ShortVector w1 = bound(candidates, vector, TERMS + 1, BOUND_LOW);
    ShortVector w2 = bound(candidates, vector, TERMS + 2, BOUND_LOW);
    ShortVector w3 = bound(candidates, vector, TERMS + 3, BOUND_LOW);
    ShortVector low = bound(candidates, vector, BOUND_LOW, BOUNDS);
    ShortVector high = bound(candidates, vector, BOUND_HIGH, BOUNDS);
    ShortVector level = bound(candidates, vector, BOUND_LEVEL, BOUNDS);
    ShortVector threshold = ShortVector.fromArray(SHORTS, thresholds, first);
    ShortVector wanted = ShortVector.fromArray(SHORTS, sought, 2 * first);
    ShortVector alsoWanted = ShortVector.fromArray(SHORTS, sought, 2 * first + S);
    short interestBound = bounds.up(interestWeight);
    short mostInterests = UpperBounds.cap(interestCap);
    short budgetBound = bounds.up(budgetWeight);
    short mostBudget = UpperBounds.cap(budgetCap);
    int found = 0;
    for (int i = 0; i < count; i++) {
      int row = (from + i) * BOUNDS;
      int list = (from + i) * LIST_LENGTH;
      ShortVector sum = ShortVector.fromArray(SHORTS, pairing, lists[list + PAIRING]);
      if (TERMS > 0) {
        sum = sum.add((NEGATIVES & 1) != 0 ? t0.max(rows[row]) : t0.min(rows[row]));
      }
      if (TERMS > 1) {
        sum = sum.add((NEGATIVES & 2) != 0 ? t1.max(rows[row + 1]) : t1.min(rows[row + 1]));
      }
      if (TERMS > 2) {
        sum = sum.add((NEGATIVES & 4) != 0 ? t2.max(rows[row + 2]) : t2.min(rows[row + 2]));
      }
      if (TERMS > 3) {
        sum = sum.add((NEGATIVES & 8) != 0 ? t3.max(rows[row + 3]) : t3.min(rows[row + 3]));
      }
      if (TERMS > 4) {
        sum = sum.add((NEGATIVES & 16) != 0 ? t4.max(rows[row + 4]) : t4.min(rows[row + 4]));
      }
      if (TERMS > 5) {
        sum = sum.add((NEGATIVES & 32) != 0 ? t5.max(rows[row + 5]) : t5.min(rows[row + 5]));
      }
      if (TERMS > 6) {
        sum = sum.add((NEGATIVES & 64) != 0 ? t6.max(rows[row + 6]) : t6.min(rows[row + 6]));
      }
      if (TERMS > 7) {
        sum = sum.add((NEGATIVES & 128) != 0 ? t7.max(rows[row + 7]) : t7.min(rows[row + 7]));
      }
      if (WORDS > 0) {
        ShortVector shared = w0.and(rows[row + TERMS]).lanewise(BIT_COUNT);
        if (WORDS > 1) {
          shared = shared.add(w1.and(rows[row + TERMS + 1]).lanewise(BIT_COUNT));
        }
        if (WORDS > 2) {
          shared = shared.add(w2.and(rows[row + TERMS + 2]).lanewise(BIT_COUNT));
        }
        if (WORDS > 3) {
          shared = shared.add(w3.and(rows[row + TERMS + 3]).lanewise(BIT_COUNT));
        }
        for (int word = KEPT_WORDS; word < WORDS; word++) {
          ShortVector theirs =
              ShortVector.fromArray(SHORTS, candidates, vector + (TERMS + word) * S);
          shared = shared.add(theirs.and(rows[row + TERMS + word]).lanewise(BIT_COUNT));
        }
        sum = sum.add(shared.min(mostInterests).mul(interestBound));
      }
      ShortVector overlap = high.min(rows[row + BOUND_HIGH]).sub(low.max(rows[row + BOUND_LOW]));
      sum = sum.add(overlap.max((short) 0).min(mostBudget).mul(budgetBound));
      // Ranges of ages keep half of the pairs of generated people apart.
      ShortVector rest =
          ShortVector.broadcast(SHORTS, lists[list + OFFERED])
              .sub(wanted)
              .and(ShortVector.broadcast(SHORTS, lists[list + OFFERED + 1]).sub(alsoWanted));
      VectorMask<Short> fit = rest.and(HIGH_BITS).compare(EQ, HIGH_BITS);
      VectorMask<Short> entersTheirs = sum.add(level).compare(GE, lists[list + THRESHOLD], fit);
      VectorMask<Short> listsThem = sum.add(rows[row + BOUND_LEVEL]).compare(GE, threshold, fit);
      long lanes = (entersTheirs.toLong() | (listsThem.toLong() << S)) & allowed;
      who[found] = i;
      hits[found] = lanes;
      found += (int) ((lanes | -lanes) >>> 63);
    }
    return found;
  }

  @Override
  public int score(int[] mine, int from, int[] theirs, int theirFrom) {
    int sum = pairing[mine[from + CATEGORY] * categories + theirs[theirFrom + CATEGORY]];
    for (int t = 0; t < TERMS; t++) {
      int x = mine[from + t];
      int y = theirs[theirFrom + t];
      sum += (NEGATIVES >>> t & 1) != 0 ? Math.max(x, y) : Math.min(x, y);
    }
    int shared = 0;
    for (int word = TERMS; word < LOW; word++) {
      shared += Integer.bitCount(mine[from + word] & theirs[theirFrom + word]);
    }
    int overlap =
        Math.min(mine[from + HIGH], theirs[theirFrom + HIGH])
            - Math.max(mine[from + LOW], theirs[theirFrom + LOW]);
    return sum
        + interestWeight * Math.min(interestCap, shared)
        + budgetWeight * Math.min(budgetCap, Math.max(0, overlap));
  }

  @Override
  public long reaching(
      int[] candidates,
      int vector,
      int[] group,
      int count,
      int[] pairing,
      int[] logOdds,
      MeanAndLeast rule,
      int bound) {
    IntVector t0 = column(candidates, vector, 0, TERMS);
    IntVector t1 = column(candidates, vector, 1, TERMS);
    IntVector t2 = column(candidates, vector, 2, TERMS);
    IntVector t3 = column(candidates, vector, 3, TERMS);
    IntVector t4 = column(candidates, vector, 4, TERMS);
    IntVector t5 = column(candidates, vector, 5, TERMS);
    IntVector t6 = column(candidates, vector, 6, TERMS);
    IntVector t7 = column(candidates, vector, 7, TERMS);
    IntVector w0 = column(candidates, vector, TERMS, LOW);
    IntVector w1 = column(candidates, vector, TERMS + 1, LOW);
    IntVector low = column(candidates, vector, LOW, VALUES);
    IntVector high = column(candidates, vector, HIGH, VALUES);
    IntVector own = column(candidates, vector, OWN, VALUES);
    IntVector total = IntVector.zero(INTS);
    IntVector least = IntVector.broadcast(INTS, Integer.MAX_VALUE);
    int floor = rule.floor();
    int limit = rule.limit();
    int lostBits = rule.lostBits();
    for (int m = 0; m < count; m++) {
      int row = m * VALUES;
      IntVector sum = IntVector.fromArray(INTS, pairing, m * LANES).add(own).add(group[row + OWN]);
      if (TERMS > 0) {
        sum = sum.add((NEGATIVES & 1) != 0 ? t0.max(group[row]) : t0.min(group[row]));
      }
      if (TERMS > 1) {
        sum = sum.add((NEGATIVES & 2) != 0 ? t1.max(group[row + 1]) : t1.min(group[row + 1]));
      }
      if (TERMS > 2) {
        sum = sum.add((NEGATIVES & 4) != 0 ? t2.max(group[row + 2]) : t2.min(group[row + 2]));
      }
      if (TERMS > 3) {
        sum = sum.add((NEGATIVES & 8) != 0 ? t3.max(group[row + 3]) : t3.min(group[row + 3]));
      }
      if (TERMS > 4) {
        sum = sum.add((NEGATIVES & 16) != 0 ? t4.max(group[row + 4]) : t4.min(group[row + 4]));
      }
      if (TERMS > 5) {
        sum = sum.add((NEGATIVES & 32) != 0 ? t5.max(group[row + 5]) : t5.min(group[row + 5]));
      }
      if (TERMS > 6) {
        sum = sum.add((NEGATIVES & 64) != 0 ? t6.max(group[row + 6]) : t6.min(group[row + 6]));
      }
      if (TERMS > 7) {
        sum = sum.add((NEGATIVES & 128) != 0 ? t7.max(group[row + 7]) : t7.min(group[row + 7]));
      }
      if (HALF_WORDS > 0) {
        IntVector shared = w0.and(group[row + TERMS]).lanewise(BIT_COUNT);
        if (HALF_WORDS > 1) {
          shared = shared.add(w1.and(group[row + TERMS + 1]).lanewise(BIT_COUNT));
        }
        for (int word = 2; word < HALF_WORDS; word++) {
          IntVector theirs = IntVector.fromArray(INTS, candidates, vector + (TERMS + word) * LANES);
          shared = shared.add(theirs.and(group[row + TERMS + word]).lanewise(BIT_COUNT));
        }
        sum = sum.add(shared.min(interestCap).mul(interestWeight));
      }
      IntVector overlap = high.min(group[row + HIGH]).sub(low.max(group[row + LOW]));
      sum = sum.add(overlap.max(0).min(budgetCap).mul(budgetWeight));
      sum.intoArray(logOdds, m * LANES);
      IntVector counted = sum.max(floor).min(limit).lanewise(ASHR, lostBits);
      // What the loop carries is the argument, not the receiver: the compiler can't tell its class,
      // and would leave a method of it a call, with objects, unless it has seen thousands before.
      total = counted.add(total);
      least = counted.min(least);
    }
    IntVector sums = IntVector.broadcast(INTS, rule.ofSum()).mul(total);
    IntVector leasts = IntVector.broadcast(INTS, rule.ofLeast()).mul(least);
    return sums.add(leasts).compare(GE, bound).toLong();
  }

  private static IntVector column(int[] candidates, int vector, int column, int columns) {
    return column < columns
        ? IntVector.fromArray(INTS, candidates, vector + column * LANES)
        : IntVector.zero(INTS);
  }

  private static ShortVector bound(short[] candidates, int vector, int column, int columns) {
    return column < columns
        ? ShortVector.fromArray(SHORTS, candidates, vector + column * S)
        : ShortVector.zero(SHORTS);
  }

  private static LoopShape shape() {
    try {
      return MethodHandles.classData(MethodHandles.lookup(), "_", LoopShape.class);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("the template was not given its shape", e);
    }
  }
}
