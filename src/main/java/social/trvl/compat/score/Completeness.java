package social.trvl.compat.score;

import social.trvl.compat.model.Feature;
import social.trvl.compat.model.FeatureSchema;
import social.trvl.compat.model.PairModel;
import social.trvl.compat.profile.ProfileTable;

/** {@link PairModel#completeness} of pairs, looked up: a few people's knowledge makes all of it. */
final class Completeness {

  /** By row, see {@link FeatureSchema#knownFeatures}. */
  private final short[] known;

  /** For each set of features that are known of two people, what that makes. */
  private final byte[] percent = new byte[1 << Feature.COUNT];

  Completeness(PairModel model, ProfileTable people) {
    known = new short[people.size()];
    for (int row = 0; row < known.length; row++) {
      known[row] = (short) FeatureSchema.knownFeatures(people, row);
    }
    for (int set = 0; set < percent.length; set++) {
      percent[set] = (byte) model.completeness(set);
    }
  }

  /** Percent, of two rows. */
  int of(int a, int b) {
    return percent[known[a] & known[b]];
  }
}
