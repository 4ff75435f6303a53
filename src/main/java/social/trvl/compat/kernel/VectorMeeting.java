package social.trvl.compat.kernel;

/** A group that candidates are held against, a vector of them after the other. For one thread. */
final class VectorMeeting {

  private final PeopleVectors candidates;
  private final int[] vectors;
  private final int columns;
  private final int lanes;
  private final int size;

  /** Of the group, each as {@link LoopShape#writeValues} makes it. */
  private final int[] rows;

  /** Of each of the group, where the entries of their category begin. */
  private final int[] entries;

  private final int[] pairing;

  /** The category of candidates whose entries these are; negative where they are of several. */
  private int filledFor = -1;

  private final int[] logOdds;

  /**
   * @param group positions in the candidates' columns
   */
  VectorMeeting(PeopleVectors candidates, int[] group) {
    this.candidates = candidates;
    vectors = candidates.forGroups();
    LoopShape shape = candidates.shape;
    columns = shape.values();
    lanes = shape.lanes();
    size = group.length;
    rows = new int[size * shape.values()];
    entries = new int[size];
    pairing = new int[size * lanes];
    logOdds = new int[size * lanes];
    PairColumns people = candidates.columns;
    for (int m = 0; m < size; m++) {
      shape.writeValues(people, group[m], rows, m * columns);
      entries[m] = people.category[group[m]] * people.categories;
    }
  }

  /** As {@link PairKernel#meet}. */
  int reaching(int from, int to, MeanAndLeast rule, int bound, int[] found, int[] foundLogOdds) {
    int count = 0;
    for (int first = from; first < to; first += lanes) {
      fillPairing(first);
      long reaching =
          candidates.loop.reaching(
                  vectors, first * columns, rows, size, pairing, logOdds, rule, bound)
              & -1L >>> (Long.SIZE - Math.min(lanes, to - first));
      while (reaching != 0) {
        int lane = Long.numberOfTrailingZeros(reaching);
        reaching &= reaching - 1;
        for (int m = 0; m < size; m++) {
          foundLogOdds[count * size + m] = logOdds[m * lanes + lane];
        }
        found[count++] = candidates.order[first + lane];
      }
    }
    return count;
  }

  private void fillPairing(int first) {
    int category = candidates.commonCategory(first, lanes);
    if (category >= 0 && category == filledFor) {
      return;
    }
    filledFor = category;
    for (int m = 0; m < size; m++) {
      candidates.writePairing(entries[m], first, pairing, m * lanes);
    }
  }
}
