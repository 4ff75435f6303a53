package social.trvl.compat.intake;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;

/**
 * Random draws for one purpose, the same for the same seed on every machine: the bits are a {@link
 * SplittableRandom}'s, everything made of them uses exact arithmetic or {@link StrictMath}.
 */
final class Dice {

  private final SplittableRandom random;

  private Dice(long seed) {
    random = new SplittableRandom(seed);
  }

  /**
   * Dice of their own for each purpose and thing, so that drawing more for one changes no other.
   *
   * @param purpose what is drawn, e.g. {@code trip}
   */
  static Dice of(long seed, String purpose, long index) {
    long mixed = mix(seed);
    for (int i = 0; i < purpose.length(); i++) {
      mixed = mix(mixed ^ purpose.charAt(i));
    }
    return new Dice(mix(mixed ^ index));
  }

  static Dice of(long seed, String purpose, UUID person) {
    return of(
        seed ^ mix(person.getMostSignificantBits()), purpose, person.getLeastSignificantBits());
  }

  /** An id that belongs to a thing made from a seed. */
  static UUID id(long seed, String purpose, String thing) {
    return UUID.nameUUIDFromBytes(
        "generated:%s:%s:%s"
            .formatted(purpose, Long.toString(seed), thing)
            .getBytes(StandardCharsets.UTF_8));
  }

  /** Uniform in [0, 1). */
  double uniform() {
    return (random.nextLong() >>> 11) * 0x1p-53;
  }

  boolean chance(double probability) {
    return uniform() < probability;
  }

  /** Uniform in min..max, both included. */
  int between(int min, int max) {
    return min + (int) (uniform() * (max - min + 1));
  }

  <T> T oneOf(List<T> values) {
    return values.get(between(0, values.size() - 1));
  }

  /** Standard normal, by Marsaglia's polar method. */
  double normal() {
    while (true) {
      double x = 2 * uniform() - 1;
      double y = 2 * uniform() - 1;
      double square = x * x + y * y;
      if (square > 0 && square < 1) {
        return x * StrictMath.sqrt(-2 * StrictMath.log(square) / square);
      }
    }
  }

  /**
   * Draws an index with probability proportional to its weight.
   *
   * @param weights not negative, one of them positive
   */
  int weighted(double... weights) {
    double total = 0;
    for (double weight : weights) {
      total += weight;
    }
    double left = uniform() * total;
    int last = 0;
    for (int i = 0; i < weights.length; i++) {
      if (weights[i] > 0) {
        last = i;
        left -= weights[i];
        if (left < 0) {
          return i;
        }
      }
    }
    return last;
  }

  /** MurmurHash3's finaliser: each bit of the argument changes half of the result's. */
  private static long mix(long value) {
    long z = value + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 33)) * 0xFF51AFD7ED558CCDL;
    z = (z ^ (z >>> 33)) * 0xC4CEB9FE1A85EC53L;
    return z ^ (z >>> 33);
  }
}
