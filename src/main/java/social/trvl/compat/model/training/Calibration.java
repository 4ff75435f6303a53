package social.trvl.compat.model.training;

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
  static Calibration fit(double[] logOdds, boolean[] labels) {
    double mean = 0;
    for (double x : logOdds) {
      mean += x / logOdds.length;
    }
    double variance = 0;
    for (double x : logOdds) {
      variance += (x - mean) * (x - mean) / logOdds.length;
    }
    double deviation = Math.sqrt(variance);
    if (!(deviation > CLOSE)) {
      return new Calibration(0, shift(new double[labels.length], labels));
    }
    double[] x = new double[logOdds.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = (logOdds[i] - mean) / deviation;
    }
    double[] fitted = newton(x, labels, true, 0);
    double slope = fitted[0] / deviation;
    return slope <= 0
        ? new Calibration(0, shift(new double[labels.length], labels))
        : new Calibration(slope, fitted[1] - slope * mean);
  }

  /** What is to be added to log-odds so that their mean probability is the base rate. */
  static double shift(double[] logOdds, boolean[] labels) {
    return newton(logOdds, labels, false, 1)[1];
  }

  double apply(double logOdds) {
    return slope * logOdds + offset;
  }

  private static double[] newton(double[] x, boolean[] labels, boolean slopeToo, double slope) {
    int positives = 0;
    for (boolean label : labels) {
      positives += label ? 1 : 0;
    }
    double high = (positives + 1.0) / (positives + 2.0);
    double low = 1.0 / (labels.length - positives + 2.0);
    double offset = 0;
    for (int step = 0; step < MOST_STEPS; step++) {
      double gradientSlope = 0;
      double gradientOffset = 0;
      double curveSlope = CLOSE;
      double curveOffset = CLOSE;
      double curveBoth = 0;
      for (int i = 0; i < x.length; i++) {
        double p = Scored.probability(slope * x[i] + offset);
        double error = (labels[i] ? high : low) - p;
        double curve = p * (1 - p);
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
