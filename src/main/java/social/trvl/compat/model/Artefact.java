package social.trvl.compat.model;

import static social.trvl.compat.model.ArtefactJson.array;
import static social.trvl.compat.model.ArtefactJson.bool;
import static social.trvl.compat.model.ArtefactJson.bounded;
import static social.trvl.compat.model.ArtefactJson.fields;
import static social.trvl.compat.model.ArtefactJson.integer;
import static social.trvl.compat.model.ArtefactJson.integers;
import static social.trvl.compat.model.ArtefactJson.object;
import static social.trvl.compat.model.ArtefactJson.require;
import static social.trvl.compat.model.ArtefactJson.text;
import static social.trvl.compat.model.ArtefactJson.textMap;
import static social.trvl.compat.model.ArtefactJson.texts;
import static social.trvl.compat.model.ArtefactJson.weight;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.kernel.PairColumns;
import social.trvl.compat.kernel.PairKernel;
import social.trvl.compat.model.FeatureSchema.Budget;
import social.trvl.compat.model.FeatureSchema.Range;
import social.trvl.compat.model.PairModel.About;
import social.trvl.compat.model.PairModel.Training;
import social.trvl.compat.profile.ProfileTable;
import social.trvl.compat.profile.ProfileTableBuilder;
import social.trvl.compat.profile.Vocabulary;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads a model's artefact: UTF-8 JSON, every number an integer, no field beyond these.
 *
 * <pre>
 * format          "trvl-compat-model"         format_version  2
 * family          "additive" | "boosted"      features        "pair-v1"
 * name            text                        calibrated      true | false
 * calibration     text: how probabilities were held against outcomes, folded in already
 * training        {rows, sha256} of the training set | null
 * fraction_bits   20                          intercept       fixed point
 * numeric         [{name, lowest, highest, unknown, weight_sum, weight_min, reason}]   five traits, age, experience
 * preferences     [{name, values, table, reason}]   table: (values + 1)², code 0 = unknown, symmetric
 * interests       {values, synonyms, weight, cap, reason}
 * budget          {currency_rates_e4, levels_per_octave, unknown_low, unknown_high, weight, cap, reason}
 * boosted         {intercept, columns, trees: [{column, value, yes, no, cover}]}   of the boosted family only
 * golden          [{a, b, log_odds}] at least 100 pairs; a, b = {numeric: [7 × integer | null],
 *                   preferences: [4 × code], interests: [bit], budget: [low, high] | null};
 *                   of the boosted family also surrogate_log_odds
 * </pre>
 *
 * <p>In an artefact of the boosted family, {@code intercept} and all weights are those of the
 * additive surrogate, and {@code boosted} is the model. A tree is five lists, one entry a node, the
 * root first, children after their parent: {@code column} that a split asks (−1: a leaf), {@code
 * value} (threshold of a split; fixed-point log-odds of a leaf), {@code yes} (child for {@code
 * column ≤ value}; 0 for a leaf), {@code no} likewise, {@code cover} (training rows that came
 * through). {@code columns} names the columns of {@link FeatureSchema} in their order.
 *
 * <p>Format version 1 is the additive family without {@code calibration} and {@code training}, and
 * is still read.
 *
 * <p>What the numbers mean stands at {@link AdditiveModel}, {@link BoostedModel} and {@link
 * FeatureSchema}. An artefact is refused as a whole, with one message, if anything in it is not as
 * documented, if a sum of its terms could leave int32, or if a golden pair comes out differently.
 */
public final class Artefact {

  static final String FORMAT = "trvl-compat-model";
  static final int FORMAT_VERSION = 2;
  static final String FEATURES = "pair-v1";
  static final int FEWEST_GOLDEN_PAIRS = 100;

  /** An additive artefact has some 50 kB, 200 trees of 64 leaves 600 kB. */
  static final int LARGEST_BYTES = 4 << 20;

  /** Bounds the pairing table over all combinations of codes: 2048² ints are 16 MB. */
  static final int MOST_CATEGORIES = 2048;

  private static final int MOST_INTERESTS = 1024;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** Of format version 1. */
  private static final Set<String> FIELDS =
      Set.of(
          "format",
          "format_version",
          "family",
          "features",
          "name",
          "calibrated",
          "fraction_bits",
          "intercept",
          "numeric",
          "preferences",
          "interests",
          "budget",
          "golden");

  private final JsonNode root;
  private final String sha256;

  private Artefact(JsonNode root, String sha256) {
    this.root = root;
    this.sha256 = sha256;
  }

  /**
   * Reads, validates and proves an artefact.
   *
   * @param bytes the artefact
   * @param expectedSha256 what its registry entry says, lower-case hexadecimal
   * @throws CompatException with BAD_INPUT if the artefact is damaged or not of this format
   */
  public static PairModel read(byte[] bytes, String expectedSha256) {
    try {
      require(
          bytes.length <= LARGEST_BYTES,
          "it has %d bytes, at most %d are read",
          bytes.length,
          LARGEST_BYTES);
      String actual = sha256(bytes);
      require(
          actual.equals(expectedSha256),
          "its SHA-256 is %s, registered is %s: it was changed or damaged",
          actual,
          expectedSha256);
      Artefact artefact = new Artefact(parse(bytes), actual);
      PairModel model = artefact.model();
      artefact.checkGolden(model);
      return model;
    } catch (JacksonException e) {
      throw refused("it is no JSON: " + e.getOriginalMessage(), e);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw refused(String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * One of the things that make an artefact usable.
   *
   * @param detail what is wrong; empty if nothing is
   */
  public record Check(String name, boolean ok, String detail) {}

  /**
   * Looks at what {@link #read} looks at, each by its name; what can't be tried because of the one
   * before fails, too.
   */
  public static List<Check> verify(byte[] bytes, String expectedSha256) {
    List<Check> checks = new ArrayList<>();
    String actual = sha256(bytes);
    boolean same = actual.equals(expectedSha256);
    checks.add(
        new Check(
            "SHA-256",
            same,
            same
                ? ""
                : "it is %s, registered is %s: the artefact was changed or damaged"
                    .formatted(actual, expectedSha256)));
    List<String> names = List.of("format", "no overflow", "golden pairs");
    String why = "";
    try {
      require(
          bytes.length <= LARGEST_BYTES,
          "it has %d bytes, at most %d are read",
          bytes.length,
          LARGEST_BYTES);
      Artefact artefact = new Artefact(parse(bytes), actual);
      PairModel model = artefact.model();
      checks.add(new Check(names.get(0), true, ""));
      checks.add(new Check(names.get(1), true, ""));
      artefact.checkGolden(model);
      checks.add(new Check(names.get(2), true, ""));
    } catch (ScoreScale.Overflow e) {
      checks.add(new Check(names.getFirst(), true, ""));
      why = String.valueOf(e.getMessage());
    } catch (JacksonException e) {
      why = "it is no JSON: " + e.getOriginalMessage();
    } catch (IllegalArgumentException | ArithmeticException e) {
      why = String.valueOf(e.getMessage());
    }
    for (int i = checks.size() - 1; i < names.size(); i++) {
      checks.add(new Check(names.get(i), false, why));
      why = "not tried";
    }
    return checks;
  }

  private static JsonNode parse(byte[] bytes) {
    return JSON.readTree(new String(bytes, StandardCharsets.UTF_8));
  }

  public static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static CompatException refused(String why, Exception cause) {
    return new CompatException(
        ExitCode.BAD_INPUT,
        "The model's artefact is refused: %s. Register it again from its source, or choose another version."
            .formatted(why),
        cause);
  }

  private PairModel model() {
    require(
        text(root, "format").equals(FORMAT),
        "format is (%s), not (%s)",
        text(root, "format"),
        FORMAT);
    int version = integer(root, "format_version", 0, Integer.MAX_VALUE);
    require(
        version >= 1 && version <= FORMAT_VERSION,
        "its format version is %d, this program reads 1 to %d; a newer program may read it",
        version,
        FORMAT_VERSION);
    String family = text(root, "family");
    boolean boosted = version > 1 && family.equals("boosted");
    require(
        boosted || family.equals("additive"),
        "family is (%s), this program reads (additive) and, from format version 2, (boosted)",
        family);
    fields("artefact", root, fieldsOf(version, boosted));
    require(
        text(root, "features").equals(FEATURES),
        "features are (%s), this program reads (%s)",
        text(root, "features"),
        FEATURES);
    int bits = integer(root, "fraction_bits", 0, 31);
    require(
        bits == ScoreScale.FRACTION_BITS,
        "fraction_bits is %d, not %d",
        bits,
        ScoreScale.FRACTION_BITS);
    AdditiveModel additive = additive(about(version));
    return boosted ? boosted(additive) : additive;
  }

  private static Set<String> fieldsOf(int version, boolean boosted) {
    Set<String> allowed = new HashSet<>(FIELDS);
    if (version > 1) {
      allowed.addAll(Set.of("calibration", "training"));
    }
    if (boosted) {
      allowed.add("boosted");
    }
    return allowed;
  }

  private About about(int version) {
    boolean calibrated = bool(root, "calibrated");
    if (version == 1) {
      return new About(text(root, "name"), calibrated, "", null);
    }
    return new About(text(root, "name"), calibrated, text(root, "calibration"), training());
  }

  private @Nullable Training training() {
    JsonNode training = root.get("training");
    require(training != null, "training is missing");
    if (training.isNull()) {
      return null;
    }
    fields("training", training, Set.of("rows", "sha256"));
    String hash = text(training, "sha256");
    require(hash.matches("[0-9a-f]{64}"), "sha256 of training (%s) is no SHA-256", hash);
    return new Training(integer(training, "rows", 1, Integer.MAX_VALUE), hash);
  }

  private AdditiveModel additive(About about) {
    AdditiveModel.Weights weights = new AdditiveModel.Weights();
    weights.intercept = weight(root, "intercept");
    List<Range> numeric = numeric(weights);
    List<List<String>> values = new ArrayList<>();
    readPreferences(values, weights);
    JsonNode interests = object(root, "interests");
    fields("interests", interests, Set.of("values", "synonyms", "weight", "cap", "reason"));
    weights.interest = weight(interests, "weight");
    JsonNode budget = object(root, "budget");
    fields(
        "budget",
        budget,
        Set.of(
            "currency_rates_e4",
            "levels_per_octave",
            "unknown_low",
            "unknown_high",
            "weight",
            "cap",
            "reason"));
    weights.budget = weight(budget, "weight");
    int perOctave = integer(budget, "levels_per_octave", 1, 64);
    require(
        perOctave == Vocabulary.LEVELS_PER_OCTAVE,
        "levels_per_octave is %d, not %d",
        perOctave,
        Vocabulary.LEVELS_PER_OCTAVE);
    Vocabulary vocabulary =
        new Vocabulary(
            texts(interests, "values", MOST_INTERESTS),
            textMap(interests, "synonyms"),
            values,
            rates(budget));
    int unknownLow = integer(budget, "unknown_low", 0, 400);
    FeatureSchema schema =
        new FeatureSchema(
            vocabulary,
            numeric,
            integer(interests, "cap", 0, MOST_INTERESTS),
            new Budget(
                unknownLow,
                integer(budget, "unknown_high", unknownLow, 400),
                integer(budget, "cap", 0, 400)));
    return new AdditiveModel(about, sha256, schema, weights);
  }

  private List<Range> numeric(AdditiveModel.Weights weights) {
    JsonNode list = array(root, "numeric");
    require(
        list.size() == Feature.NUMERIC_COUNT,
        "numeric has %d entries, not %d",
        list.size(),
        Feature.NUMERIC_COUNT);
    List<Range> result = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      JsonNode entry = list.get(i);
      fields(
          "numeric",
          entry,
          Set.of("name", "lowest", "highest", "unknown", "weight_sum", "weight_min", "reason"));
      String expected = Feature.at(i).label();
      require(
          text(entry, "name").equals(expected),
          "numeric feature %d is (%s), not (%s)",
          i,
          text(entry, "name"),
          expected);
      int lowest = integer(entry, "lowest", 0, 120);
      int highest = integer(entry, "highest", lowest, 120);
      result.add(new Range(lowest, highest, integer(entry, "unknown", lowest, highest)));
      weights.sum[i] = weight(entry, "weight_sum");
      weights.min[i] = weight(entry, "weight_min");
    }
    return result;
  }

  private void readPreferences(List<List<String>> values, AdditiveModel.Weights weights) {
    JsonNode list = array(root, "preferences");
    require(
        list.size() == ProfileTable.PREFERENCE_COUNT,
        "preferences has %d entries, not %d",
        list.size(),
        ProfileTable.PREFERENCE_COUNT);
    int categories = 1;
    for (int i = 0; i < list.size(); i++) {
      JsonNode entry = list.get(i);
      fields("preferences", entry, Set.of("name", "values", "table", "reason"));
      String expected = Vocabulary.PREFERENCES.get(i);
      require(
          text(entry, "name").equals(expected),
          "preference %d is (%s), not (%s)",
          i,
          text(entry, "name"),
          expected);
      values.add(texts(entry, "values", 100));
      int codes = values.getLast().size() + 1;
      categories *= codes;
      require(
          categories <= MOST_CATEGORIES,
          "the preferences have over %d combinations of codes",
          MOST_CATEGORIES);
      int[] table = integers(entry, "table");
      require(
          table.length == codes * codes,
          "table of %s has %d weights, not %d²",
          expected,
          table.length,
          codes);
      for (int a = 0; a < codes; a++) {
        for (int b = 0; b < a; b++) {
          require(
              table[a * codes + b] == table[b * codes + a],
              "table of %s is not symmetric at codes %d and %d",
              expected,
              a,
              b);
        }
      }
      weights.tables[i] = table;
    }
  }

  private BoostedModel boosted(AdditiveModel surrogate) {
    JsonNode boosted = object(root, "boosted");
    fields("boosted", boosted, Set.of("intercept", "columns", "trees"));
    List<String> columns = texts(boosted, "columns", FeatureSchema.COLUMNS);
    require(
        columns.equals(FeatureSchema.columnNames()),
        "columns are %s, not %s",
        columns,
        FeatureSchema.columnNames());
    JsonNode list = array(boosted, "trees");
    require(
        list.size() <= Trees.MOST_TREES,
        "it has %d trees, 1 to %d are read",
        list.size(),
        Trees.MOST_TREES);
    List<Trees.Tree> trees = new ArrayList<>();
    for (JsonNode tree : list) {
      fields("trees", tree, Set.of("column", "value", "yes", "no", "cover"));
      trees.add(
          new Trees.Tree(
              integers(tree, "column"),
              integers(tree, "value"),
              integers(tree, "yes"),
              integers(tree, "no"),
              integers(tree, "cover")));
    }
    return new BoostedModel(
        surrogate, weight(boosted, "intercept"), new Trees(trees, surrogate.schema()));
  }

  private void checkGolden(PairModel model) {
    JsonNode golden = array(root, "golden");
    require(
        golden.size() >= FEWEST_GOLDEN_PAIRS && golden.size() <= 1000,
        "it has %d golden pairs, %d to 1000 are needed",
        golden.size(),
        FEWEST_GOLDEN_PAIRS);
    Set<String> allowed =
        model instanceof BoostedModel
            ? Set.of("a", "b", "log_odds", "surrogate_log_odds")
            : Set.of("a", "b", "log_odds");
    ProfileTableBuilder builder = new ProfileTableBuilder(model.vocabulary().interestWords());
    for (int i = 0; i < golden.size(); i++) {
      fields("golden", golden.get(i), allowed);
      addPerson(builder, new UUID(i, 0), object(golden.get(i), "a"), model.vocabulary());
      addPerson(builder, new UUID(i, 1), object(golden.get(i), "b"), model.vocabulary());
    }
    ProfileTable people = builder.build();
    PairColumns columns = model.additive().columns(people, 0);
    for (int i = 0; i < golden.size(); i++) {
      int a = 2 * i;
      int expected = weight(golden.get(i), "log_odds");
      int additive = PairKernel.score(columns, a, a + 1);
      if (model instanceof BoostedModel boosted) {
        int[] compiled = new int[1];
        boosted.logOdds(people, a, new int[] {a + 1}, 1, compiled);
        checkPair(i, expected, boosted.logOdds(people, a, a + 1), compiled[0]);
        expected = weight(golden.get(i), "surrogate_log_odds");
      }
      checkPair(i, expected, model.additive().logOdds(people, a, a + 1), additive);
    }
  }

  private static void checkPair(int pair, int expected, int explained, int scored) {
    require(
        explained == expected && scored == expected,
        "golden pair %d should have log-odds %d, but its contributions sum to %d and the kernel gives %d",
        pair,
        expected,
        explained,
        scored);
  }

  private static void addPerson(
      ProfileTableBuilder builder, UUID id, JsonNode person, Vocabulary vocabulary) {
    fields("golden person", person, Set.of("numeric", "preferences", "interests", "budget"));
    JsonNode values = array(person, "numeric");
    require(
        values.size() == Feature.NUMERIC_COUNT,
        "a golden person has %d numeric values, not %d",
        values.size(),
        Feature.NUMERIC_COUNT);
    int[] traits = new int[ProfileTable.TRAIT_COUNT];
    for (int i = 0; i < traits.length; i++) {
      traits[i] = bounded(values.get(i), "a golden trait", 0, 100);
    }
    builder.person(id, traits);
    if (!values.get(Feature.AGE.index()).isNull()) {
      builder.age(bounded(values.get(Feature.AGE.index()), "a golden age", 0, 120));
    }
    if (!values.get(Feature.EXPERIENCE.index()).isNull()) {
      builder.experience(
          bounded(values.get(Feature.EXPERIENCE.index()), "a golden experience", 1, 5));
    }
    JsonNode codes = array(person, "preferences");
    require(
        codes.size() == ProfileTable.PREFERENCE_COUNT,
        "a golden person has %d preferences",
        codes.size());
    for (int i = 0; i < codes.size(); i++) {
      builder.code(
          i, bounded(codes.get(i), "a golden code", 0, vocabulary.preferenceValues(i).size()));
    }
    for (JsonNode bit : array(person, "interests")) {
      builder.interest(bounded(bit, "a golden interest", 0, vocabulary.interests().size() - 1));
    }
    JsonNode budget = person.get("budget");
    require(
        budget != null && (budget.isNull() || (budget.isArray() && budget.size() == 2)),
        "budget of a golden person is neither null nor two levels");
    if (!budget.isNull()) {
      int low = bounded(budget.get(0), "a golden budget", 0, 400);
      builder.budget(low, bounded(budget.get(1), "a golden budget", low, 400));
    }
  }

  private static Map<String, Integer> rates(JsonNode budget) {
    Map<String, Integer> rates = new LinkedHashMap<>();
    JsonNode object = object(budget, "currency_rates_e4");
    for (Map.Entry<String, JsonNode> rate : object.properties()) {
      require(
          rate.getKey().matches("[A-Z]{3}"),
          "currency (%s) is no three-letter code",
          rate.getKey());
      rates.put(rate.getKey(), bounded(rate.getValue(), "rate of " + rate.getKey(), 1, 1_000_000));
    }
    return rates;
  }
}
