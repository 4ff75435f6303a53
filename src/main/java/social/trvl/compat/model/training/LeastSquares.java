package social.trvl.compat.model.training;

import java.util.Arrays;

/**
 * Linear least squares with an L2 penalty, by Cholesky's decomposition of the normal equations.
 * (Smile's needs a native library.)
 */
final class LeastSquares {

  private LeastSquares() {}

  /**
   * Minimises Σ (y − x·w − intercept)² + penalty · |w|².
   *
   * @param x n × d
   * @param y n values
   * @param penalty above 0, so that a solution exists; the intercept is not penalised
   * @return d coefficients, then the intercept
   */
  static double[] fit(double[][] x, double[] y, double penalty) {
    int d = x[0].length;
    double[] means = new double[d];
    for (double[] row : x) {
      for (int i = 0; i < d; i++) {
        means[i] += row[i] / x.length;
      }
    }
    double meanY = Arrays.stream(y).average().orElse(0);
    double[][] a = new double[d][d];
    double[] b = new double[d];
    for (int r = 0; r < x.length; r++) {
      for (int i = 0; i < d; i++) {
        double xi = x[r][i] - means[i];
        b[i] += xi * (y[r] - meanY);
        for (int j = 0; j <= i; j++) {
          a[i][j] += xi * (x[r][j] - means[j]);
        }
      }
    }
    for (int i = 0; i < d; i++) {
      a[i][i] += penalty;
    }
    double[] solution = solve(a, b);
    double[] result = Arrays.copyOf(solution, d + 1);
    result[d] = meanY;
    for (int i = 0; i < d; i++) {
      result[d] -= solution[i] * means[i];
    }
    return result;
  }

  /** Solves in place; the lower triangle of a holds a positive definite matrix. */
  private static double[] solve(double[][] a, double[] b) {
    int d = b.length;
    for (int i = 0; i < d; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = a[i][j];
        for (int k = 0; k < j; k++) {
          sum -= a[i][k] * a[j][k];
        }
        a[i][j] = i == j ? Math.sqrt(sum) : sum / a[j][j];
      }
    }
    for (int i = 0; i < d; i++) {
      for (int k = 0; k < i; k++) {
        b[i] -= a[i][k] * b[k];
      }
      b[i] /= a[i][i];
    }
    for (int i = d - 1; i >= 0; i--) {
      for (int k = i + 1; k < d; k++) {
        b[i] -= a[k][i] * b[k];
      }
      b[i] /= a[i][i];
    }
    return b;
  }
}
