package social.trvl.compat.model;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.model.PairModel.About;
import social.trvl.compat.model.PairModel.Training;
import social.trvl.compat.profile.ProfileTable;
import social.trvl.compat.profile.ProfileTableBuilder;
import social.trvl.compat.profile.Vocabulary;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes an artefact from what was trained: rounds it to fixed point, once, and adds golden pairs.
 *
 * <pre>
 * byte[] additive = new ArtefactBuilder(about, weights).build();
 * byte[] boosted = new ArtefactBuilder(about, surrogate).trees(trees).build();
 * </pre>
 *
 * <p>The same input gives the same bytes.
 */
public final class ArtefactBuilder {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final About about;
  private final FeatureSchema schema;
  private final AdditiveWeights weights;
  private final AdditiveModel.Weights fixed;
  private final ObjectNode root = JSON.createObjectNode();
  private @Nullable BoostedTrees trees;

  /**
   * @param weights of the model, or of the surrogate if {@link #trees} are added
   * @throws IllegalArgumentException if a weight is beyond fixed point
   */
  public ArtefactBuilder(About about, AdditiveWeights weights) {
    this.about = about;
    this.weights = weights;
    schema = weights.schema();
    fixed = weights.fixed();
  }

  /** Makes it a boosted model. */
  public ArtefactBuilder trees(BoostedTrees boosted) {
    trees = boosted;
    return this;
  }

  /**
   * Completes the artefact, and reads it as whoever loads it will.
   *
   * @return the artefact; {@link Artefact#sha256} of it goes to the registry
   * @throws IllegalArgumentException if a sum could leave int32, or the trees are none
   * @throws social.trvl.compat.config.CompatException with BAD_INPUT if it is beyond another limit
   *     of the format
   */
  public byte[] build() {
    root.removeAll();
    root.put("format", Artefact.FORMAT).put("format_version", Artefact.FORMAT_VERSION);
    root.put("family", trees == null ? "additive" : "boosted").put("features", Artefact.FEATURES);
    root.put("name", about.name()).put("calibrated", about.calibrated());
    root.put("calibration", about.calibration());
    Training training = about.training();
    if (training == null) {
      root.putNull("training");
    } else {
      root.putObject("training").put("rows", training.rows()).put("sha256", training.sha256());
    }
    root.put("fraction_bits", ScoreScale.FRACTION_BITS).put("intercept", fixed.intercept);
    putNumeric();
    putPreferences();
    putCounted();
    AdditiveModel additive = new AdditiveModel(about, "", schema, fixed);
    PairModel model = trees == null ? additive : putTrees(additive, trees);
    putGolden(model);
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));
    byte[] artefact =
        (JSON.writer().with(printer).writeValueAsString(root) + "\n")
            .getBytes(StandardCharsets.UTF_8);
    Artefact.read(artefact, Artefact.sha256(artefact));
    return artefact;
  }

  private void putNumeric() {
    ArrayNode nodes = root.putArray("numeric");
    for (int i = 0; i < Feature.NUMERIC_COUNT; i++) {
      nodes
          .addObject()
          .put("name", Feature.at(i).label())
          .put("lowest", schema.numeric(i).lowest())
          .put("highest", schema.numeric(i).highest())
          .put("unknown", schema.numeric(i).unknown())
          .put("weight_sum", fixed.sum[i])
          .put("weight_min", fixed.min[i])
          .put("reason", weights.reason(Feature.at(i)));
    }
  }

  private void putPreferences() {
    ArrayNode nodes = root.putArray("preferences");
    for (int i = 0; i < ProfileTable.PREFERENCE_COUNT; i++) {
      ObjectNode node = nodes.addObject().put("name", Vocabulary.PREFERENCES.get(i));
      schema.vocabulary().preferenceValues(i).forEach(node.putArray("values")::add);
      put(node, "table", fixed.tables[i]);
      node.put("reason", weights.reason(Feature.at(Feature.FIRST_PREFERENCE + i)));
    }
  }

  private void putCounted() {
    Vocabulary vocabulary = schema.vocabulary();
    ObjectNode interests = root.putObject("interests");
    vocabulary.interests().forEach(interests.putArray("values")::add);
    ObjectNode synonyms = interests.putObject("synonyms");
    new TreeMap<>(vocabulary.synonyms()).forEach(synonyms::put);
    interests
        .put("weight", fixed.interest)
        .put("cap", schema.interestCap())
        .put("reason", weights.reason(Feature.SHARED_INTERESTS));
    ObjectNode budget = root.putObject("budget");
    ObjectNode rates = budget.putObject("currency_rates_e4");
    new TreeMap<>(vocabulary.currencyRates()).forEach(rates::put);
    budget
        .put("levels_per_octave", Vocabulary.LEVELS_PER_OCTAVE)
        .put("unknown_low", schema.budget().unknownLow())
        .put("unknown_high", schema.budget().unknownHigh())
        .put("weight", fixed.budget)
        .put("cap", schema.budget().cap())
        .put("reason", weights.reason(Feature.BUDGET_OVERLAP));
  }

  private BoostedModel putTrees(AdditiveModel surrogate, BoostedTrees boosted) {
    ObjectNode node = root.putObject("boosted").put("intercept", boosted.fixedIntercept());
    FeatureSchema.columnNames().forEach(node.putArray("columns")::add);
    ArrayNode nodes = node.putArray("trees");
    List<Trees.Tree> fixedTrees = boosted.fixed();
    for (Trees.Tree tree : fixedTrees) {
      ObjectNode one = nodes.addObject();
      put(one, "column", tree.column);
      put(one, "value", tree.value);
      put(one, "yes", tree.yes);
      put(one, "no", tree.no);
      put(one, "cover", tree.cover);
    }
    return new BoostedModel(surrogate, boosted.fixedIntercept(), new Trees(fixedTrees, schema));
  }

  private static void put(ObjectNode node, String field, int[] numbers) {
    ArrayNode list = node.putArray(field);
    for (int number : numbers) {
      list.add(number);
    }
  }

  /** Pairs of random people over the whole range of every feature, unknown values included. */
  private void putGolden(PairModel model) {
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
      ObjectNode pair = (ObjectNode) golden.get(i);
      pair.put("log_odds", model.logOdds(table, 2 * i, 2 * i + 1));
      if (model != model.additive()) {
        pair.put("surrogate_log_odds", model.additive().logOdds(table, 2 * i, 2 * i + 1));
      }
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
}
