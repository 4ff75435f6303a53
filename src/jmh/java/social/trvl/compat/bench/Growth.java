package social.trvl.compat.bench;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/**
 * How a quantity grows with the number of people: {@code quantity ≈ factor · people^exponent}, by
 * least squares over the logarithms.
 *
 * @param points the quantity by number of people
 */
public record Growth(
    String quantity, String unit, double exponent, double factor, Map<Integer, Double> points) {

  public Growth {
    points = Collections.unmodifiableMap(new TreeMap<>(points));
  }

  /** Null if there are fewer than two sizes. */
  static @Nullable Growth fit(String quantity, String unit, Map<Integer, Double> points) {
    if (points.size() < 2) {
      return null;
    }
    double[] x = points.keySet().stream().mapToDouble(Math::log).toArray();
    double[] y = points.values().stream().mapToDouble(Math::log).toArray();
    double meanX = DoubleStream.of(x).average().orElseThrow();
    double meanY = DoubleStream.of(y).average().orElseThrow();
    double products = 0;
    double squares = 0;
    for (int i = 0; i < x.length; i++) {
      products += (x[i] - meanX) * (y[i] - meanY);
      squares += (x[i] - meanX) * (x[i] - meanX);
    }
    double exponent = products / squares;
    return new Growth(quantity, unit, exponent, Math.exp(meanY - exponent * meanX), points);
  }
}
