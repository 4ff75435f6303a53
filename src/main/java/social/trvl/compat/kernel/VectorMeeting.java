package social.trvl.compat.kernel;

/** A group that candidates are held against, a vector of them after the other. For one thread. */
final class VectorMeeting {

  private final CandidateVectors candidates;
  private final LoopShape shape;
  private final int lanes;
  private final int size;

  /** Of the group, each as {@link LoopShape#writeRow} makes it. */
  private final int[] rows;

  /** Of each of the group, where the entries of their category begin. */
  private final int[] entries;

  private final int[] pairing;

  /** The category of candidates whose entries these are; negative where they are of several. */
  private int filledFor = -1;

  private final int[] sums;

  /** Nobody of the group has a list, nor has any candidate, and nobody is filtered. */
  private final int[] none;

  private final long[] hits;

  /**
   * @param group positions in the candidates' columns
   */
  VectorMeeting(CandidateVectors candidates, int[] group) {
    this.candidates = candidates;
    shape = candidates.shape;
    lanes = shape.lanes();
    size = group.length;
    rows = new int[size * shape.rowLength()];
    entries = new int[size];
    pairing = new int[size * lanes];
    sums = new int[size * lanes];
    none = new int[lanes];
    hits = new long[size + 1];
    PairColumns columns = candidates.columns;
    for (int m = 0; m < size; m++) {
      int row = m * shape.rowLength();
      shape.writeRow(columns, group[m], rows, row);
      rows[row + shape.pairing()] = m * lanes;
      entries[m] = columns.category[group[m]] * columns.categories;
    }
  }

  /** As {@link PairKernel#meet}. */
  int reaching(int from, int to, MeanAndLeast rule, int bound, int[] found, int[] logOdds) {
    int count = 0;
    for (int first = from; first < to; first += lanes) {
      int vector = candidates.at(first, 0);
      fillPairing(first);
      candidates.loop.find(
          candidates.data, vector, none, none, 0, rows, 0, size, pairing, sums, hits, 0);
      long reaching =
          candidates.loop.reaching(candidates.data, vector, rows, size, sums, rule, bound)
              & -1L >>> (Long.SIZE - Math.min(lanes, to - first));
      while (reaching != 0) {
        int lane = Long.numberOfTrailingZeros(reaching);
        reaching &= reaching - 1;
        found[count] = candidates.order[first + lane];
        writeLogOdds(first + lane, lane, logOdds, count++ * size);
      }
    }
    return count;
  }

  private void writeLogOdds(int place, int lane, int[] logOdds, int at) {
    int own = candidates.data[candidates.at(place, shape.own())];
    for (int m = 0; m < size; m++) {
      logOdds[at + m] = sums[m * lanes + lane] + own + rows[m * shape.rowLength() + shape.own()];
    }
  }

  private void fillPairing(int first) {
    int category = candidates.commonCategory(first);
    if (category >= 0 && category == filledFor) {
      return;
    }
    filledFor = category;
    for (int m = 0; m < size; m++) {
      candidates.writePairing(entries[m], first, pairing, m * lanes);
    }
  }
}
