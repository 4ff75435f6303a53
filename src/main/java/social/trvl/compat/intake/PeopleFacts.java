package social.trvl.compat.intake;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * How real people are distributed, from {@code people/big5_facts.json}: 19,718 complete answers to
 * a Big Five questionnaire. Traits stand in the order of {@link Trait}.
 */
final class PeopleFacts {

  /** Standard normal quantiles of the table's probabilities .01 .05 .1 .25 .5 .75 .9 .95 .99. */
  private static final double[] NORMAL_QUANTILES = {
    -2.3263479, -1.6448536, -1.2815516, -0.6744898, 0, 0.6744898, 1.2815516, 1.6448536, 2.3263479
  };

  private static final String[] PROBABILITIES = {
    "0.01", "0.05", "0.1", "0.25", "0.5", "0.75", "0.9", "0.95", "0.99"
  };

  private static final List<Trait> TRAITS = List.of(Trait.values());
  private static final PeopleFacts SHIPPED = new PeopleFacts();

  private final JsonNode facts;
  private final Map<Trait, Double> means = new EnumMap<>(Trait.class);
  private final Map<Trait, Double> sds = new EnumMap<>(Trait.class);
  private final double[][] quantiles = new double[TRAITS.size()][];
  private final double[][] factor;
  private final int[] ages;
  private final double[] ageWeights;
  private final List<@Nullable Country> countries = new ArrayList<>();
  private final double[] countryWeights;
  private final double[][] countryShifts;

  private PeopleFacts() {
    try (InputStream in = PeopleFacts.class.getResourceAsStream("/people/big5_facts.json")) {
      facts = JsonMapper.shared().readTree(in);
    } catch (IOException e) {
      throw new IllegalStateException("resource /people/big5_facts.json can't be read", e);
    }
    for (int t = 0; t < TRAITS.size(); t++) {
      String letter = TRAITS.get(t).letter();
      means.put(TRAITS.get(t), facts.at("/mean/" + letter).asDouble());
      sds.put(TRAITS.get(t), facts.at("/sd/" + letter).asDouble());
      quantiles[t] = new double[PROBABILITIES.length];
      for (int i = 0; i < PROBABILITIES.length; i++) {
        quantiles[t][i] = facts.at("/quantiles/" + PROBABILITIES[i] + "/" + letter).asDouble();
      }
    }
    factor = cholesky(correlationsWithAge());
    List<String> years = List.copyOf(facts.at("/age/single_year").propertyNames());
    ages = years.stream().mapToInt(Integer::parseInt).sorted().toArray();
    ageWeights = new double[ages.length];
    for (int i = 0; i < ages.length; i++) {
      ageWeights[i] = facts.at("/age/single_year/" + ages[i]).asDouble();
    }
    List<String> codes = facts.at("/country_top30").propertyNames().stream().sorted().toList();
    countryWeights = new double[codes.size()];
    for (int i = 0; i < codes.size(); i++) {
      String code = codes.get(i);
      countries.add(code.equals("(null)") ? null : Country.of(code));
      countryWeights[i] = facts.at("/country_top30/" + code).asDouble();
    }
    countryShifts = shifts(codes);
  }

  static PeopleFacts shipped() {
    return SHIPPED;
  }

  double mean(Trait trait) {
    return means.getOrDefault(trait, Double.NaN);
  }

  double sd(Trait trait) {
    return sds.getOrDefault(trait, Double.NaN);
  }

  double correlation(Trait a, Trait b) {
    return facts.at("/corr/" + a.letter() + "/" + b.letter()).asDouble();
  }

  double correlationWithAge(Trait trait) {
    return facts.at("/age_corr/" + trait.letter()).asDouble();
  }

  double ageMean() {
    return facts.at("/age/mean").asDouble();
  }

  double ageSd() {
    return facts.at("/age/sd").asDouble();
  }

  int drawAge(Dice dice) {
    return ages[dice.weighted(ageWeights)];
  }

  /** An index for {@link #country}. */
  int drawCountry(Dice dice) {
    return dice.weighted(countryWeights);
  }

  /** Null for those of whom no country is known. */
  @Nullable Country country(int index) {
    return countries.get(index);
  }

  /*
   * A Gaussian copula with age in it. Let z be the standardised age and g five independent normals. The lower triangular factor
   * of the 6×6 correlation matrix (age first) makes of (z, g) five latent normals with the file's correlations among each other
   * and with age. Each latent value is mapped through the trait's quantile table: straight lines between the table's points on
   * the normal scale, the outermost lines prolonged, clipped to 0..1. So the marginal distribution keeps the skew of real
   * answers (agreeableness and openness crowd near 1), which clipping a normal distribution would not. Then the country's
   * deviation from the mean is added, less the average deviation so that the whole population keeps the file's means, and the
   * value is clipped again and rounded to hundredths. A test holds means and standard deviations within 0.01 and correlations
   * within 0.04 of the file on 5,000 people.
   */

  /** Five traits of a person of this age from the country of this index. */
  Traits drawTraits(Dice dice, int age, int country) {
    int traits = TRAITS.size();
    double[] source = new double[traits + 1];
    source[0] = (age - ageMean()) / ageSd();
    for (int i = 1; i <= traits; i++) {
      source[i] = dice.normal();
    }
    double[] values = new double[traits];
    for (int t = 0; t < traits; t++) {
      double latent = 0;
      for (int k = 0; k <= t + 1; k++) {
        latent += factor[t + 1][k] * source[k];
      }
      double value = quantile(quantiles[t], latent) + countryShifts[country][t];
      values[t] = Math.round(100 * Math.clamp(value, 0.0, 1.0)) / 100.0;
    }
    return new Traits(values[0], values[1], values[2], values[3], values[4]);
  }

  private static double quantile(double[] table, double normal) {
    int upper = 1;
    while (upper < table.length - 1 && NORMAL_QUANTILES[upper] < normal) {
      upper++;
    }
    double width = NORMAL_QUANTILES[upper] - NORMAL_QUANTILES[upper - 1];
    double share = (normal - NORMAL_QUANTILES[upper - 1]) / width;
    double value = table[upper - 1] + share * (table[upper] - table[upper - 1]);
    return Math.clamp(value, 0.0, 1.0);
  }

  private double[][] correlationsWithAge() {
    int n = TRAITS.size();
    double[][] matrix = new double[n + 1][n + 1];
    matrix[0][0] = 1;
    for (int a = 0; a < n; a++) {
      matrix[0][a + 1] = correlationWithAge(TRAITS.get(a));
      matrix[a + 1][0] = matrix[0][a + 1];
      for (int b = 0; b < n; b++) {
        matrix[a + 1][b + 1] = correlation(TRAITS.get(a), TRAITS.get(b));
      }
    }
    return matrix;
  }

  private double[][] shifts(List<String> codes) {
    double[][] shifts = new double[codes.size()][TRAITS.size()];
    for (int t = 0; t < TRAITS.size(); t++) {
      double weighted = 0;
      double total = 0;
      for (int i = 0; i < codes.size(); i++) {
        JsonNode own = facts.at("/country_mean/" + codes.get(i) + "/" + TRAITS.get(t).letter());
        shifts[i][t] = own.isMissingNode() ? 0 : own.asDouble() - mean(TRAITS.get(t));
        weighted += countryWeights[i] * shifts[i][t];
        total += countryWeights[i];
      }
      for (double[] shift : shifts) {
        shift[t] -= weighted / total;
      }
    }
    return shifts;
  }

  /** The lower triangular L with L·Lᵀ = the matrix, which must be positive definite. */
  private static double[][] cholesky(double[][] matrix) {
    int n = matrix.length;
    double[][] lower = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        double rest = matrix[i][j];
        for (int k = 0; k < j; k++) {
          rest -= lower[i][k] * lower[j][k];
        }
        lower[i][j] = i == j ? StrictMath.sqrt(rest) : rest / lower[j][j];
      }
    }
    return lower;
  }
}
