package social.trvl.compat.kernel;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * What this machine's vectors could do at most: additions and minima of ints, alternating as in the
 * kernel, in registers alone and independent of each other.
 */
final class IntegerPeak {

  private static final VectorSpecies<Integer> LANES = IntVector.SPECIES_PREFERRED;
  private static final int CHAINS = 12;
  private static final int OPERATIONS_PER_ROUND = 2 * CHAINS;

  private IntegerPeak() {}

  /** Operations on single ints in so many rounds. */
  static double operations(long rounds) {
    return (double) rounds * OPERATIONS_PER_ROUND * LANES.length();
  }

  /** Runs; the result is of no use but to keep the work alive. */
  static int run(int rounds, int seed) {
    IntVector x = IntVector.broadcast(LANES, seed);
    IntVector y = IntVector.broadcast(LANES, 3 * seed);
    IntVector a = x;
    IntVector b = x.add(1);
    IntVector c = x.add(2);
    IntVector d = x.add(3);
    IntVector e = x.add(4);
    IntVector f = x.add(5);
    IntVector g = x.add(6);
    IntVector h = x.add(7);
    IntVector i = x.add(8);
    IntVector j = x.add(9);
    IntVector k = x.add(10);
    IntVector l = x.add(11);
    for (int round = 0; round < rounds; round++) {
      a = a.add(y).min(x);
      b = b.min(x).add(y);
      c = c.add(y).min(x);
      d = d.min(x).add(y);
      e = e.add(y).min(x);
      f = f.min(x).add(y);
      g = g.add(y).min(x);
      h = h.min(x).add(y);
      i = i.add(y).min(x);
      j = j.min(x).add(y);
      k = k.add(y).min(x);
      l = l.min(x).add(y);
    }
    IntVector sum = a.add(b).add(c).add(d).add(e).add(f).add(g).add(h).add(i).add(j).add(k).add(l);
    return sum.reduceLanes(jdk.incubator.vector.VectorOperators.ADD);
  }
}
