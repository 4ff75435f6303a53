package social.trvl.compat.model.training;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;
import social.trvl.compat.model.training.Report.Interval;

/**
 * Intervals over people and trips: pairs of one trip are no independent evidence, nor are pairs
 * that share a person.
 *
 * <p>Trips are drawn with replacement, and a figure's 95 % percentile interval over {@value
 * #RESAMPLES} such draws is widened by what people do beyond their trips:
 *
 * <pre>
 * variance = V(trips) + 4 · (V(people) − V(people within trips)),   at least V(trips)
 * </pre>
 *
 * <p>where people are drawn with replacement and a pair weighs the mean of its two. This is the
 * inclusion-exclusion of multiway clustering (Cameron, Gelbach, Miller 2011), with dyads as in
 * Aronow, Samii, Assenova 2015: every couple of pairs that shares a trip or a person counts once.
 * (Weighing a pair by the product of its two people's and its trip's draws, as in Owen and Eckles
 * 2012, makes intervals up to √7 times too wide where, as here, most of the noise is a pair's own.)
 */
final class Bootstrap {

  static final int RESAMPLES = 1_000;

  private static final int TRIPS = 0;
  private static final int PEOPLE = 1;
  private static final int PEOPLE_IN_TRIPS = 2;

  private final double[] point;

  /** By way of drawing, then by resample. */
  private final double[][][] draws = new double[3][][];

  /**
   * @param pairs of the set, the rows
   * @param figures from weights of the rows to what is to be known; called from several threads
   */
  Bootstrap(TrainingSet set, int[] pairs, Function<double[], double[]> figures, long seed) {
    double[] ones = new double[pairs.length];
    Arrays.fill(ones, 1);
    point = figures.apply(ones);
    Units trips = new Units();
    Units people = new Units();
    Units peopleInTrips = new Units();
    for (int pair : pairs) {
      long trip = set.trip(pair);
      long a = set.personA(pair);
      long b = set.personB(pair);
      trips.add(trip, trip);
      people.add(a, b);
      peopleInTrips.add((trip << 32) | a, (trip << 32) | b);
    }
    draws[TRIPS] = trips.draw(pairs.length, figures, seed);
    draws[PEOPLE] = people.draw(pairs.length, figures, seed + 1);
    draws[PEOPLE_IN_TRIPS] = peopleInTrips.draw(pairs.length, figures, seed + 2);
  }

  /** What is drawn with replacement; each row belongs to two of them, which may be the same. */
  private static final class Units {
    private final Map<Long, Integer> numbers = new HashMap<>();
    private int[] first = new int[1024];
    private int[] second = new int[1024];
    private int rows;

    void add(long one, long other) {
      if (rows == first.length) {
        first = Arrays.copyOf(first, 2 * rows);
        second = Arrays.copyOf(second, 2 * rows);
      }
      first[rows] = numbers.computeIfAbsent(one, unit -> numbers.size());
      second[rows] = numbers.computeIfAbsent(other, unit -> numbers.size());
      rows++;
    }

    double[][] draw(int size, Function<double[], double[]> figures, long seed) {
      int count = numbers.size();
      return IntStream.range(0, RESAMPLES)
          .parallel()
          .mapToObj(resample -> {
            RandomGenerator random =
                RandomGeneratorFactory.of("L64X128MixRandom").create(seed * RESAMPLES + resample);
            int[] drawn = new int[count];
            for (int i = 0; i < count; i++) {
              drawn[random.nextInt(count)]++;
            }
            double[] weights = new double[size];
            for (int row = 0; row < size; row++) {
              weights[row] = (drawn[first[row]] + drawn[second[row]]) / 2.0;
            }
            return figures.apply(weights);
          })
          .toArray(double[][]::new);
    }
  }

  /** A figure as it is, with its interval; all NaN if the pairs tell nothing of it. */
  Interval interval(ToDoubleFunction<double[]> figure) {
    double value = figure.applyAsDouble(point);
    double[] drawn = drawn(TRIPS, figure);
    if (Double.isNaN(value) || drawn.length == 0) {
      return new Interval(value, value, value);
    }
    Arrays.sort(drawn);
    double ofTrips = variance(drawn);
    double widening = ofTrips == 0 ? 1 : standardError(figure) / Math.sqrt(ofTrips);
    return new Interval(
        value,
        value + widening * (quantile(drawn, .025) - value),
        value + widening * (quantile(drawn, .975) - value));
  }

  double standardError(ToDoubleFunction<double[]> figure) {
    double ofTrips = variance(drawn(TRIPS, figure));
    double beyond =
        4 * (variance(drawn(PEOPLE, figure)) - variance(drawn(PEOPLE_IN_TRIPS, figure)));
    return Math.sqrt(ofTrips + Math.max(0, beyond));
  }

  /** Without the draws that lack an outcome. */
  private double[] drawn(int way, ToDoubleFunction<double[]> figure) {
    return Arrays.stream(draws[way])
        .mapToDouble(figure)
        .filter(value -> !Double.isNaN(value))
        .toArray();
  }

  private static double variance(double[] values) {
    double mean = Arrays.stream(values).average().orElse(0);
    return Arrays.stream(values).map(value -> (value - mean) * (value - mean)).average().orElse(0);
  }

  private static double quantile(double[] sorted, double share) {
    double at = share * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }
}
