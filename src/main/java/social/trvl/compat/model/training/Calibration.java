package social.trvl.compat.model.training;

import java.util.Arrays;

/**
 * Platt's calibration: probabilities from log-odds that are right in order but not in size, {@code
 * slope · log-odds + offset}, fitted to outcomes by maximum likelihood.
 *
 * <p>Outcomes count as (n + 1) / (n + 2) and 1 / (m + 2), as Platt proposed, so that a fit exists
 * for any outcomes.
 */
record Calibration(double slope, double offset) {

  private static final int MOST_STEPS = 50;
  private static final double CLOSE = 1e-10;

  /**
   * Fits both numbers. Where the order is wrong the slope is 0: a model that knows nothing says the
   * base rate.
   */
  static Calibration fit(double[] logOdds, boolean[] labels, double[] weights) {
    double all = Arrays.stream(weights).sum();
    double mean = 0;
    for (int i = 0; i < logOdds.length; i++) {
      mean += weights[i] * logOdds[i] / all;
    }
    double variance = 0;
    for (int i = 0; i < logOdds.length; i++) {
      variance += weights[i] * (logOdds[i] - mean) * (logOdds[i] - mean) / all;
    }
    double deviation = Math.sqrt(variance);
    if (!(deviation > CLOSE)) {
      return new Calibration(0, shift(new double[labels.length], labels, weights));
    }
    double[] x = new double[logOdds.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = (logOdds[i] - mean) / deviation;
    }
    double[] fitted = newton(x, labels, weights, true, 0);
    double slope = fitted[0] / deviation;
    return slope <= 0
        ? new Calibration(0, shift(new double[labels.length], labels, weights))
        : new Calibration(slope, fitted[1] - slope * mean);
  }

  /** What is to be added to log-odds so that their mean probability is the base rate. */
  static double shift(double[] logOdds, boolean[] labels, double[] weights) {
    return newton(logOdds, labels, weights, false, 1)[1];
  }

  double apply(double logOdds) {
    return slope * logOdds + offset;
  }

  private static double[] newton(
      double[] x, boolean[] labels, double[] weights, boolean slopeToo, double slope) {
    double positives = 0;
    double negatives = 0;
    for (int i = 0; i < labels.length; i++) {
      positives += labels[i] ? weights[i] : 0;
      negatives += labels[i] ? 0 : weights[i];
    }
    double high = (positives + 1) / (positives + 2);
    double low = 1 / (negatives + 2);
    double offset = 0;
    for (int step = 0; step < MOST_STEPS; step++) {
      double gradientSlope = 0;
      double gradientOffset = 0;
      double curveSlope = CLOSE;
      double curveOffset = CLOSE;
      double curveBoth = 0;
      for (int i = 0; i < x.length; i++) {
        double p = Scored.probability(slope * x[i] + offset);
        double error = weights[i] * ((labels[i] ? high : low) - p);
        double curve = weights[i] * p * (1 - p);
        gradientSlope += error * x[i];
        gradientOffset += error;
        curveSlope += curve * x[i] * x[i];
        curveBoth += curve * x[i];
        curveOffset += curve;
      }
      double determinant = curveSlope * curveOffset - curveBoth * curveBoth;
      double moveSlope =
          slopeToo ? (curveOffset * gradientSlope - curveBoth * gradientOffset) / determinant : 0;
      double moveOffset =
          slopeToo
              ? (curveSlope * gradientOffset - curveBoth * gradientSlope) / determinant
              : gradientOffset / curveOffset;
      // Far from the optimum the curve is flat, and a full step would overshoot.
      slope += Math.clamp(moveSlope, -1, 1);
      offset += Math.clamp(moveOffset, -1, 1);
      if (Math.abs(moveSlope) + Math.abs(moveOffset) < CLOSE) {
        break;
      }
    }
    return new double[] {slope, offset};
  }
}
