package social.trvl.compat.model;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import social.trvl.compat.model.FeatureSchema.Budget;
import social.trvl.compat.model.FeatureSchema.Range;
import social.trvl.compat.model.PairModel.About;
import social.trvl.compat.profile.Vocabulary;

/**
 * The weights of version 0: the cold start, and the opponent that every trained model has to beat.
 *
 * <p>No outcome has been seen when it scores, so its weights are opinions, each with its reason in
 * the artefact; it is marked uncalibrated. What stands behind them, measured on public data of real
 * pairs and groups with whole groups held out: trait differences alone tell nothing (AUC .47–.50),
 * trait means .63, agreement of travel preferences .60, both together .66, and the worst pairwise
 * agreement in a group goes with its satisfaction at r = .45. Hence levels, more of the lower of
 * two levels, and agreement; a difference only of age.
 *
 * <p>The committed artefact {@code models/baseline.json} is what runs; a test makes it anew from
 * here and compares.
 */
final class Baseline {

  private static final String RESOURCE = "/models/baseline.json";

  private Baseline() {}

  /** The committed artefact. */
  static byte[] artefact() {
    try (InputStream in = Baseline.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException("resource " + RESOURCE + " is missing from the program");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The artefact, made from the weights in this class. */
  static byte[] build() {
    AdditiveWeights weights = new AdditiveWeights(SCHEMA).intercept(INTERCEPT);
    addTraits(weights);
    weights.numeric(
        Feature.AGE,
        -1 / 128.0,
        1 / 64.0,
        "Only the difference: -1/128 a year. Travel companions and friends are mostly of one age.");
    weights.numeric(
        Feature.EXPERIENCE,
        -3 / 64.0,
        3 / 32.0,
        "Only the difference: -3/64 a level. A novice and a veteran want different paces.");
    addPreferences(weights);
    weights.counted(
        Feature.SHARED_INTERESTS,
        0.08,
        "+0.08 for each shared interest up to six: something to do together; small, for interests alone told nothing on speed dates (AUC .50).");
    weights.counted(
        Feature.BUDGET_OVERLAP,
        0.02,
        "+0.02 for each eighth of a doubling in which the daily budgets overlap, up to two doublings. Unknown: 40 to 160 US dollars.");
    return new ArtefactBuilder(
            new About(
                "baseline",
                false,
                "None: documented opinions, held against public data of real pairs and groups, not against outcomes.",
                null),
            weights)
        .build();
  }

  /** Makes an average pair of people a little better than even, as group travel is mostly liked. */
  private static final double INTERCEPT = -0.9;

  private static void addTraits(AdditiveWeights weights) {
    weights.numeric(
        Feature.OPENNESS,
        0,
        0,
        "No weight: neither its level nor its difference is known to matter.");
    weights.numeric(
        Feature.CONSCIENTIOUSNESS,
        0.003,
        0.005,
        "Level: reliable people make plans hold. The less reliable of two counts more.");
    weights.numeric(
        Feature.EXTRAVERSION,
        0,
        0,
        "No weight: differences in extraversion told nothing (AUC .47-.50).");
    weights.numeric(
        Feature.AGREEABLENESS,
        0.004,
        0.008,
        "Level: the strongest trait in satisfaction with companions. The less agreeable of two counts more.");
    weights.numeric(
        Feature.NEUROTICISM,
        -0.010,
        0.006,
        "Level, negative: emotional stability. The less stable of two counts more: -0.004 on the sum, -0.006 on the maximum.");
  }

  private static void addPreferences(AdditiveWeights weights) {
    weights.preferenceByDistance(
        Feature.ADVENTURE_STYLE,
        new double[] {0.30, 0.12, -0.10, -0.25, -0.40},
        "Agreement, by distance from relaxed to extreme: what a day looks like.");
    weights.preferenceByDistance(
        Feature.BUDGET_PREFERENCE,
        new double[] {0.35, 0.05, -0.30, -0.50},
        "Agreement: money is the commonest quarrel on a trip.");
    weights.preferenceByDistance(
        Feature.PLANNING_STYLE,
        new double[] {0.25, 0.08, -0.15, -0.35},
        "Agreement, by distance from spontaneous to structured.");
    weights.preferenceByDistance(
        Feature.GROUP_PREFERENCE,
        new double[] {0.20, 0.05, -0.10, -0.20},
        "Agreement on how many travel together.");
  }

  static final List<String> INTERESTS =
      List.of(
          "adventure sports",
          "archaeology",
          "architecture",
          "art",
          "astronomy",
          "backpacking",
          "beaches",
          "birdwatching",
          "boating",
          "camping",
          "city life",
          "climbing",
          "coffee",
          "cooking",
          "craft beer",
          "culture",
          "cycling",
          "dancing",
          "diving",
          "festivals",
          "fishing",
          "food",
          "gardens",
          "golf",
          "hiking",
          "history",
          "horse riding",
          "kayaking",
          "languages",
          "literature",
          "local markets",
          "luxury stays",
          "meditation",
          "motorsport",
          "museums",
          "music",
          "nature",
          "nightlife",
          "photography",
          "road trips",
          "running",
          "sailing",
          "shopping",
          "skiing",
          "snorkeling",
          "spa",
          "sports",
          "sunbathing",
          "surfing",
          "swimming",
          "theatre",
          "trains",
          "volunteering",
          "wildlife",
          "wine",
          "yoga");

  private static final Map<String, String> SYNONYMS =
      Map.ofEntries(
          Map.entry("beach", "beaches"),
          Map.entry("bicycling", "cycling"),
          Map.entry("biking", "cycling"),
          Map.entry("birding", "birdwatching"),
          Map.entry("cuisine", "food"),
          Map.entry("food tours", "food"),
          Map.entry("foodie", "food"),
          Map.entry("local culture", "culture"),
          Map.entry("market", "local markets"),
          Map.entry("markets", "local markets"),
          Map.entry("museum", "museums"),
          Map.entry("photo", "photography"),
          Map.entry("road trip", "road trips"),
          Map.entry("rock climbing", "climbing"),
          Map.entry("scuba", "diving"),
          Map.entry("scuba diving", "diving"),
          Map.entry("snorkelling", "snorkeling"),
          Map.entry("theater", "theatre"),
          Map.entry("trekking", "hiking"),
          Map.entry("wellness", "spa"),
          Map.entry("wines", "wine"));

  /**
   * Ten-thousandths of a US dollar, rounded: levels are eighths of a doubling, so a few percent
   * don't matter.
   */
  private static final Map<String, Integer> CURRENCY_RATES =
      Map.ofEntries(
          Map.entry("AED", 2723),
          Map.entry("AUD", 6500),
          Map.entry("BRL", 1850),
          Map.entry("CAD", 7200),
          Map.entry("CHF", 12400),
          Map.entry("DKK", 1550),
          Map.entry("EUR", 11600),
          Map.entry("GBP", 13200),
          Map.entry("IDR", 1),
          Map.entry("INR", 113),
          Map.entry("JPY", 66),
          Map.entry("MXN", 540),
          Map.entry("MYR", 2400),
          Map.entry("NOK", 990),
          Map.entry("NZD", 5700),
          Map.entry("PHP", 170),
          Map.entry("PKR", 36),
          Map.entry("RON", 2280),
          Map.entry("RSD", 99),
          Map.entry("SEK", 1050),
          Map.entry("SGD", 7700),
          Map.entry("USD", 10000),
          Map.entry("ZAR", 580));

  private static final FeatureSchema SCHEMA =
      new FeatureSchema(
          new Vocabulary(
              INTERESTS,
              SYNONYMS,
              List.of(
                  List.of("relaxed", "cultural", "moderate", "active", "extreme"),
                  List.of("budget", "moderate", "comfort", "luxury"),
                  List.of("spontaneous", "flexible", "planned", "structured"),
                  List.of("solo", "couple", "small", "large")),
              CURRENCY_RATES),
          List.of(
              new Range(0, 100, 73),
              new Range(0, 100, 60),
              new Range(0, 100, 51),
              new Range(0, 100, 72),
              new Range(0, 100, 51),
              new Range(18, 80, 30),
              new Range(1, 5, 3)),
          6,
          new Budget(96, 112, 16));
}
