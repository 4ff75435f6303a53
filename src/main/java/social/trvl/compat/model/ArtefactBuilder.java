package social.trvl.compat.model;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import social.trvl.compat.model.PairModel.Counted;
import social.trvl.compat.model.PairModel.Numeric;
import social.trvl.compat.model.PairModel.PreferenceTable;
import social.trvl.compat.profile.ProfileTable;
import social.trvl.compat.profile.ProfileTableBuilder;
import social.trvl.compat.profile.Vocabulary;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes an artefact from weights in log-odds: rounds them to fixed point, once, and adds golden
 * pairs.
 *
 * <p>The same calls give the same bytes.
 */
final class ArtefactBuilder {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final ObjectNode root = JSON.createObjectNode();
  private final ArrayNode numericNodes;
  private final ArrayNode preferenceNodes;
  private final List<Numeric> numeric = new ArrayList<>();
  private final List<PreferenceTable> tables = new ArrayList<>();
  private final List<List<String>> values = new ArrayList<>();
  private final int intercept;

  ArtefactBuilder(String name, boolean calibrated, double intercept) {
    this.intercept = fixed(intercept);
    root.put("format", Artefact.FORMAT).put("format_version", Artefact.FORMAT_VERSION);
    root.put("family", "additive").put("features", "pair-v1");
    root.put("name", name).put("calibrated", calibrated);
    root.put("fraction_bits", ScoreScale.FRACTION_BITS).put("intercept", this.intercept);
    numericNodes = root.putArray("numeric");
    preferenceNodes = root.putArray("preferences");
  }

  /**
   * Weights in log-odds for each unit of the sum and of the minimum; in the order of {@link
   * Feature}.
   */
  ArtefactBuilder numeric(
      int lowest, int highest, int unknown, double weightSum, double weightMin, String reason) {
    Numeric feature = new Numeric(lowest, highest, unknown, fixed(weightSum), fixed(weightMin));
    numericNodes
        .addObject()
        .put("name", Feature.at(numeric.size()).label())
        .put("lowest", lowest)
        .put("highest", highest)
        .put("unknown", unknown)
        .put("weight_sum", feature.weightSum())
        .put("weight_min", feature.weightMin())
        .put("reason", reason);
    numeric.add(feature);
    return this;
  }

  /**
   * A preference whose values have an order.
   *
   * @param byDistance log-odds when two values are 0, 1, 2, … places apart; an unknown value has 0
   *     with every other
   */
  ArtefactBuilder preference(List<String> orderedValues, double[] byDistance, String reason) {
    int codes = orderedValues.size() + 1;
    int[] weights = new int[codes * codes];
    for (int a = 1; a < codes; a++) {
      for (int b = 1; b < codes; b++) {
        weights[a * codes + b] = fixed(byDistance[Math.abs(a - b)]);
      }
    }
    ObjectNode node = preferenceNodes.addObject();
    node.put("name", Vocabulary.PREFERENCES.get(tables.size()));
    ArrayNode names = node.putArray("values");
    orderedValues.forEach(names::add);
    ArrayNode table = node.putArray("table");
    for (int weight : weights) {
      table.add(weight);
    }
    node.put("reason", reason);
    tables.add(new PreferenceTable(codes, weights));
    values.add(orderedValues);
    return this;
  }

  /** Completes the artefact; features come before this. */
  byte[] build(
      List<String> interests,
      Map<String, String> synonyms,
      double interestWeight,
      int interestCap,
      String interestReason,
      Map<String, Integer> currencyRates,
      int unknownLow,
      int unknownHigh,
      double budgetWeight,
      int budgetCap,
      String budgetReason) {
    ObjectNode interestNode = root.putObject("interests");
    ArrayNode names = interestNode.putArray("values");
    interests.forEach(names::add);
    ObjectNode synonymNode = interestNode.putObject("synonyms");
    new TreeMap<>(synonyms).forEach(synonymNode::put);
    Counted interestCount = new Counted(fixed(interestWeight), interestCap);
    interestNode
        .put("weight", interestCount.weight())
        .put("cap", interestCap)
        .put("reason", interestReason);

    ObjectNode budgetNode = root.putObject("budget");
    ObjectNode rates = budgetNode.putObject("currency_rates_e4");
    new TreeMap<>(currencyRates).forEach(rates::put);
    Counted budgetCount = new Counted(fixed(budgetWeight), budgetCap);
    budgetNode.put("levels_per_octave", Vocabulary.LEVELS_PER_OCTAVE);
    budgetNode.put("unknown_low", unknownLow).put("unknown_high", unknownHigh);
    budgetNode
        .put("weight", budgetCount.weight())
        .put("cap", budgetCap)
        .put("reason", budgetReason);

    Vocabulary vocabulary = new Vocabulary(interests, synonyms, values, currencyRates);
    PairModel model =
        new PairModel(
            "",
            false,
            "",
            vocabulary,
            intercept,
            numeric,
            tables,
            interestCount,
            budgetCount,
            unknownLow,
            unknownHigh);
    addGolden(model);
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));
    return (JSON.writer().with(printer).writeValueAsString(root) + "\n")
        .getBytes(StandardCharsets.UTF_8);
  }

  /** Pairs of random people over the whole range of every feature, unknown values included. */
  private void addGolden(PairModel model) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(20_260_923L);
    ArrayNode golden = root.putArray("golden");
    ProfileTableBuilder people = new ProfileTableBuilder(model.vocabulary().interestWords());
    for (int i = 0; i < Artefact.FEWEST_GOLDEN_PAIRS; i++) {
      ObjectNode pair = golden.addObject();
      addPerson(pair.putObject("a"), people, new UUID(i, 0), model.vocabulary(), random);
      addPerson(pair.putObject("b"), people, new UUID(i, 1), model.vocabulary(), random);
    }
    ProfileTable table = people.build();
    for (int i = 0; i < golden.size(); i++) {
      ((ObjectNode) golden.get(i)).put("log_odds", model.logOdds(table, 2 * i, 2 * i + 1));
    }
  }

  private static void addPerson(
      ObjectNode node,
      ProfileTableBuilder people,
      UUID id,
      Vocabulary vocabulary,
      RandomGenerator random) {
    int[] traits = random.ints(ProfileTable.TRAIT_COUNT, 0, 101).toArray();
    people.person(id, traits);
    ArrayNode numbers = node.putArray("numeric");
    for (int trait : traits) {
      numbers.add(trait);
    }
    if (random.nextInt(10) == 0) {
      numbers.addNull();
    } else {
      int age = random.nextInt(16, 95);
      people.age(age);
      numbers.add(age);
    }
    if (random.nextInt(4) == 0) {
      numbers.addNull();
    } else {
      int experience = random.nextInt(1, 6);
      people.experience(experience);
      numbers.add(experience);
    }
    ArrayNode codes = node.putArray("preferences");
    for (int i = 0; i < ProfileTable.PREFERENCE_COUNT; i++) {
      int code = random.nextInt(vocabulary.preferenceValues(i).size() + 1);
      people.code(i, code);
      codes.add(code);
    }
    ArrayNode bits = node.putArray("interests");
    for (int bit = 0; bit < vocabulary.interests().size(); bit++) {
      if (random.nextInt(4) == 0) {
        people.interest(bit);
        bits.add(bit);
      }
    }
    if (random.nextInt(5) == 0) {
      node.putNull("budget");
    } else {
      int low = random.nextInt(60, 120);
      int high = low + random.nextInt(0, 40);
      people.budget(low, high);
      node.putArray("budget").add(low).add(high);
    }
  }

  private static int fixed(double logOdds) {
    return Math.toIntExact(Math.round(logOdds * ScoreScale.ONE));
  }
}
