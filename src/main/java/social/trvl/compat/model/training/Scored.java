package social.trvl.compat.model.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * One scorer's log-odds for labelled pairs, sorted once, so that its figures for any weights of the
 * pairs cost one pass each.
 *
 * <p>Ties are neither won nor lost: tied pairs share whatever they are worth.
 */
final class Scored {

  /** In the order of {@link #figures}. */
  static final int AUC = 0;

  static final int LOG_LOSS = 1;
  static final int BRIER = 2;
  static final int CALIBRATION_ERROR = 3;
  static final int LIFT_10 = 4;
  static final int NDCG_10 = 5;
  static final int FIGURES = 6;

  /** Fewer pairs in a bin say more about chance than about calibration. */
  private static final int BIN_ROWS = 200;

  private static final int MOST_BINS = 10;
  private static final int NDCG_RANKS = 10;
  private static final double LIFT_SHARE = 0.1;

  private final double[] logOdds;
  private final boolean[] labels;

  /** Rows by log-odds, highest first. */
  private final int[] order;

  private final double[] probability;
  private final double[] logLoss;
  private final int[] bin;
  private final int bins;
  private final List<int[]> rankings;
  private final double[] ndcg;

  /**
   * @param logOdds of each row, finite
   * @param rankings for each person with enough labels, the rows they are in
   */
  Scored(double[] logOdds, boolean[] labels, List<int[]> rankings) {
    this.logOdds = logOdds;
    this.labels = labels;
    this.rankings = rankings;
    int n = logOdds.length;
    order = sorted(IntStream.range(0, n).toArray());
    probability = new double[n];
    logLoss = new double[n];
    for (int row = 0; row < n; row++) {
      probability[row] = probability(logOdds[row]);
      logLoss[row] = logLoss(logOdds[row], labels[row]);
    }
    bins = Math.clamp(n / BIN_ROWS, 2, MOST_BINS);
    bin = new int[n];
    for (int i = 0, first = 0; i < n; i++) {
      first = tied(order, i, first) ? first : i;
      bin[order[i]] = bins - 1 - (int) ((long) first * bins / n);
    }
    ndcg = rankings.stream().mapToDouble(this::ndcg).toArray();
  }

  static double probability(double logOdds) {
    return 1 / (1 + StrictMath.exp(-logOdds));
  }

  /** −log of the probability given to what happened; of no rounding harm at either end. */
  static double logLoss(double logOdds, boolean label) {
    double against = label ? -logOdds : logOdds;
    return Math.max(against, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(against)));
  }

  /** All figures; NaN where the weights leave nothing to tell. */
  double[] figures(double[] weights) {
    double[] figures = new double[FIGURES];
    figures[AUC] = auc(weights);
    figures[LOG_LOSS] = mean(logLoss, weights);
    figures[BRIER] = brier(weights);
    figures[CALIBRATION_ERROR] = calibrationError(weights);
    figures[LIFT_10] = lift(weights);
    figures[NDCG_10] = ndcg(weights);
    return figures;
  }

  /** The share of (satisfied, unsatisfied) couples of pairs in the right order, ties half. */
  double auc(double[] weights) {
    double above = 0;
    double wins = 0;
    double negatives = 0;
    for (int i = 0; i < order.length; ) {
      double positive = 0;
      double negative = 0;
      int start = i;
      do {
        int row = order[i++];
        if (labels[row]) {
          positive += weights[row];
        } else {
          negative += weights[row];
        }
      } while (i < order.length && tied(order, i, start));
      wins += negative * (above + positive / 2);
      above += positive;
      negatives += negative;
    }
    return wins / (above * negatives);
  }

  private double brier(double[] weights) {
    double sum = 0;
    double all = 0;
    for (int row = 0; row < weights.length; row++) {
      double error = probability[row] - (labels[row] ? 1 : 0);
      sum += weights[row] * error * error;
      all += weights[row];
    }
    return sum / all;
  }

  /**
   * How far predictions are from outcomes: over the bins, the mean of |predicted − observed| beyond
   * what chance alone does to a bin, {@code sqrt(max(0, difference² − observed (1 − observed) /
   * rows))}. (The plain figure is .026 for a perfectly calibrated model and 900 pairs; the
   * correction is that of Kumar, Liang, Ma: Verified uncertainty calibration, 2019.)
   */
  private double calibrationError(double[] weights) {
    double[] weight = new double[bins];
    double[] squared = new double[bins];
    double[] predicted = new double[bins];
    double[] observed = new double[bins];
    double all = 0;
    for (int row = 0; row < weights.length; row++) {
      double w = weights[row];
      weight[bin[row]] += w;
      squared[bin[row]] += w * w;
      predicted[bin[row]] += w * probability[row];
      observed[bin[row]] += labels[row] ? w : 0;
      all += w;
    }
    double sum = 0;
    for (int b = 0; b < bins; b++) {
      if (weight[b] > 0) {
        double difference = (predicted[b] - observed[b]) / weight[b];
        double share = observed[b] / weight[b];
        double chance = share * (1 - share) * squared[b] / (weight[b] * weight[b]);
        sum += weight[b] * Math.sqrt(Math.max(0, difference * difference - chance));
      }
    }
    return sum / all;
  }

  private double lift(double[] weights) {
    double all = Arrays.stream(weights).sum();
    double wanted = LIFT_SHARE * all;
    double taken = 0;
    double hits = 0;
    double satisfied = 0;
    for (int i = 0; i < order.length; ) {
      double group = 0;
      double positive = 0;
      int start = i;
      do {
        int row = order[i++];
        group += weights[row];
        positive += labels[row] ? weights[row] : 0;
      } while (i < order.length && tied(order, i, start));
      if (taken < wanted && group > 0) {
        double share = Math.min(1, (wanted - taken) / group);
        taken += share * group;
        hits += share * positive;
      }
      satisfied += positive;
    }
    return hits / wanted / (satisfied / all);
  }

  private double ndcg(double[] weights) {
    double sum = 0;
    double all = 0;
    for (int person = 0; person < ndcg.length; person++) {
      double weight = 0;
      for (int row : rankings.get(person)) {
        weight += weights[row];
      }
      weight /= rankings.get(person).length;
      sum += weight * ndcg[person];
      all += weight;
    }
    return sum / all;
  }

  /** Of one person: what the ten best ranks gained, of what they could have. */
  private double ndcg(int[] rows) {
    int[] ranked = sorted(rows);
    double gained = 0;
    double attainable = 0;
    int satisfied = 0;
    for (int row : rows) {
      attainable += labels[row] && satisfied < NDCG_RANKS ? discount(satisfied++) : 0;
    }
    for (int i = 0; i < ranked.length; ) {
      int start = i;
      double hits = 0;
      do {
        hits += labels[ranked[i++]] ? 1 : 0;
      } while (i < ranked.length && tied(ranked, i, start));
      for (int rank = start; rank < Math.min(i, NDCG_RANKS); rank++) {
        gained += hits / (i - start) * discount(rank);
      }
    }
    return gained / attainable;
  }

  private static double discount(int rank) {
    return StrictMath.log(2) / StrictMath.log(rank + 2.0);
  }

  List<Report.Bin> bins(double[] weights) {
    List<Report.Bin> result = new ArrayList<>();
    for (int b = 0; b < bins; b++) {
      int wanted = b;
      int[] rows = IntStream.range(0, bin.length).filter(row -> bin[row] == wanted).toArray();
      if (rows.length > 0) {
        result.add(
            new Report.Bin(
                Arrays.stream(rows).mapToDouble(row -> probability[row]).min().orElseThrow(),
                Arrays.stream(rows).mapToDouble(row -> probability[row]).max().orElseThrow(),
                rows.length,
                predicted(rows, weights),
                observed(rows, weights)));
      }
    }
    return result;
  }

  /** The highest 1 % of the rows, at least one. */
  Report.Top top1(double[] weights) {
    int[] rows = Arrays.copyOf(order, Math.max(1, order.length / 100));
    return new Report.Top(rows.length, predicted(rows, weights), observed(rows, weights));
  }

  private double predicted(int[] rows, double[] weights) {
    return mean(rows, weights, row -> probability[row]);
  }

  private double observed(int[] rows, double[] weights) {
    return mean(rows, weights, row -> labels[row] ? 1 : 0);
  }

  private static double mean(int[] rows, double[] weights, IntToDoubleFunction value) {
    return Arrays.stream(rows).mapToDouble(row -> weights[row] * value.applyAsDouble(row)).sum()
        / Arrays.stream(rows).mapToDouble(row -> weights[row]).sum();
  }

  private static double mean(double[] values, double[] weights) {
    double sum = 0;
    double all = 0;
    for (int row = 0; row < weights.length; row++) {
      sum += weights[row] * values[row];
      all += weights[row];
    }
    return sum / all;
  }

  private boolean tied(int[] rows, int i, int j) {
    return logOdds[rows[i]] == logOdds[rows[j]];
  }

  /** By log-odds, highest first; ties by row. */
  private int[] sorted(int[] rows) {
    return Arrays.stream(rows)
        .boxed()
        .sorted(
            Comparator.<Integer>comparingDouble(row -> -logOdds[row])
                .thenComparing(Comparator.naturalOrder()))
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
