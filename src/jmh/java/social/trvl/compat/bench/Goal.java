package social.trvl.compat.bench;

import org.jspecify.annotations.Nullable;

/**
 * What a figure is held against.
 *
 * @param reach what it has to be; null if there is only more to be wished
 * @param beyond what would be better still; null if nothing is asked
 * @param moreIsBetter whether it shall be at least so, rather than at most
 */
public record Goal(@Nullable Double reach, @Nullable Double beyond, boolean moreIsBetter) {

  static Goal atLeast(double reach, @Nullable Double beyond) {
    return new Goal(reach, beyond, true);
  }

  static Goal atMost(@Nullable Double reach, @Nullable Double beyond) {
    return new Goal(reach, beyond, false);
  }

  /** Whether a value is as good as one of the bounds; null if that is null. */
  @Nullable Boolean meets(double value, @Nullable Double bound) {
    if (bound == null) {
      return null;
    }
    return moreIsBetter ? value >= bound : value <= bound;
  }
}
