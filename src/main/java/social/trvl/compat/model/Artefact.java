package social.trvl.compat.model;

import com.google.errorprone.annotations.FormatMethod;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.kernel.PairColumns;
import social.trvl.compat.kernel.PairKernel;
import social.trvl.compat.model.PairModel.Counted;
import social.trvl.compat.model.PairModel.Numeric;
import social.trvl.compat.model.PairModel.PreferenceTable;
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
 * format          "trvl-compat-model"         format_version  1
 * family          "additive"                  features        "pair-v1"
 * name            text                        calibrated      true | false
 * fraction_bits   20                          intercept       fixed point
 * numeric         [{name, lowest, highest, unknown, weight_sum, weight_min, reason}]   five traits, age, experience
 * preferences     [{name, values, table, reason}]   table: (values + 1)², code 0 = unknown, symmetric
 * interests       {values, synonyms, weight, cap, reason}
 * budget          {currency_rates_e4, levels_per_octave, unknown_low, unknown_high, weight, cap, reason}
 * golden          [{a, b, log_odds}] at least 100 pairs; a, b = {numeric: [7 × integer | null],
 *                   preferences: [4 × code], interests: [bit], budget: [low, high] | null}
 * </pre>
 *
 * <p>What the numbers mean stands at {@link PairModel}. An artefact is refused as a whole, with one
 * message, if anything in it is not as documented, if a sum of its terms could leave int32, or if a
 * golden pair comes out differently.
 */
public final class Artefact {

  static final String FORMAT = "trvl-compat-model";
  static final int FORMAT_VERSION = 1;
  static final int FEWEST_GOLDEN_PAIRS = 100;

  /** An additive artefact has some 50 kB; a larger file is something else. */
  static final int LARGEST_BYTES = 4 << 20;

  /** Bounds the pairing table over all combinations of codes: 2048² ints are 16 MB. */
  static final int MOST_CATEGORIES = 2048;

  private static final int MOST_INTERESTS = 1024;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

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
      JsonNode root = JSON.readTree(new String(bytes, StandardCharsets.UTF_8));
      return new Artefact(root, actual).model();
    } catch (JacksonException e) {
      throw refused("it is no JSON: " + e.getOriginalMessage(), e);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw refused(String.valueOf(e.getMessage()), e);
    }
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
    fields("artefact", root, FIELDS);
    require(
        text(root, "format").equals(FORMAT),
        "format is (%s), not (%s)",
        text(root, "format"),
        FORMAT);
    int version = integer(root, "format_version", 0, Integer.MAX_VALUE);
    require(
        version == FORMAT_VERSION,
        "its format version is %d, this program reads %d; a newer program may read it",
        version,
        FORMAT_VERSION);
    require(
        text(root, "family").equals("additive"),
        "family is (%s), this program reads (additive)",
        text(root, "family"));
    require(
        text(root, "features").equals("pair-v1"),
        "features are (%s), this program reads (pair-v1)",
        text(root, "features"));
    int bits = integer(root, "fraction_bits", 0, 31);
    require(
        bits == ScoreScale.FRACTION_BITS,
        "fraction_bits is %d, not %d",
        bits,
        ScoreScale.FRACTION_BITS);
    List<Numeric> numeric = numeric();
    List<List<String>> values = new ArrayList<>();
    List<PreferenceTable> tables = preferences(values);
    JsonNode interests = object(root, "interests");
    fields("interests", interests, Set.of("values", "synonyms", "weight", "cap", "reason"));
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
    PairModel model =
        new PairModel(
            text(root, "name"),
            bool(root, "calibrated"),
            sha256,
            vocabulary,
            weight(root, "intercept"),
            numeric,
            tables,
            counted(interests, MOST_INTERESTS),
            counted(budget, 400),
            unknownLow,
            integer(budget, "unknown_high", unknownLow, 400));
    checkGolden(model, numeric);
    return model;
  }

  private List<Numeric> numeric() {
    JsonNode list = array(root, "numeric");
    require(
        list.size() == Feature.NUMERIC_COUNT,
        "numeric has %d entries, not %d",
        list.size(),
        Feature.NUMERIC_COUNT);
    List<Numeric> result = new ArrayList<>();
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
      int unknown = integer(entry, "unknown", lowest, highest);
      result.add(
          new Numeric(
              lowest, highest, unknown, weight(entry, "weight_sum"), weight(entry, "weight_min")));
    }
    return result;
  }

  private List<PreferenceTable> preferences(List<List<String>> values) {
    JsonNode list = array(root, "preferences");
    require(
        list.size() == ProfileTable.PREFERENCE_COUNT,
        "preferences has %d entries, not %d",
        list.size(),
        ProfileTable.PREFERENCE_COUNT);
    List<PreferenceTable> result = new ArrayList<>();
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
      JsonNode table = array(entry, "table");
      require(
          table.size() == codes * codes,
          "table of %s has %d weights, not %d²",
          expected,
          table.size(),
          codes);
      int[] weights = new int[codes * codes];
      for (int k = 0; k < weights.length; k++) {
        weights[k] =
            bounded(table.get(k), "table of " + expected, Integer.MIN_VALUE + 1, Integer.MAX_VALUE);
      }
      for (int a = 0; a < codes; a++) {
        for (int b = 0; b < a; b++) {
          require(
              weights[a * codes + b] == weights[b * codes + a],
              "table of %s is not symmetric at codes %d and %d",
              expected,
              a,
              b);
        }
      }
      result.add(new PreferenceTable(codes, weights));
    }
    return result;
  }

  private void checkGolden(PairModel model, List<Numeric> numeric) {
    JsonNode golden = array(root, "golden");
    require(
        golden.size() >= FEWEST_GOLDEN_PAIRS && golden.size() <= 1000,
        "it has %d golden pairs, %d to 1000 are needed",
        golden.size(),
        FEWEST_GOLDEN_PAIRS);
    ProfileTableBuilder builder = new ProfileTableBuilder(model.vocabulary().interestWords());
    for (int i = 0; i < golden.size(); i++) {
      fields("golden", golden.get(i), Set.of("a", "b", "log_odds"));
      addPerson(builder, new UUID(i, 0), object(golden.get(i), "a"), model.vocabulary(), numeric);
      addPerson(builder, new UUID(i, 1), object(golden.get(i), "b"), model.vocabulary(), numeric);
    }
    ProfileTable people = builder.build();
    PairColumns columns = model.columns(people, 0);
    for (int i = 0; i < golden.size(); i++) {
      int expected = weight(golden.get(i), "log_odds");
      int explained = model.logOdds(people, 2 * i, 2 * i + 1);
      int scored = PairKernel.score(columns, 2 * i, 2 * i + 1);
      require(
          explained == expected && scored == expected,
          "golden pair %d should have log-odds %d, but its contributions sum to %d and the kernel gives %d",
          i,
          expected,
          explained,
          scored);
    }
  }

  private static void addPerson(
      ProfileTableBuilder builder,
      UUID id,
      JsonNode person,
      Vocabulary vocabulary,
      List<Numeric> numeric) {
    fields("golden person", person, Set.of("numeric", "preferences", "interests", "budget"));
    JsonNode values = array(person, "numeric");
    require(
        values.size() == numeric.size(),
        "a golden person has %d numeric values, not %d",
        values.size(),
        numeric.size());
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

  private static Counted counted(JsonNode node, int mostCounted) {
    return new Counted(weight(node, "weight"), integer(node, "cap", 0, mostCounted));
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

  private static Map<String, String> textMap(JsonNode node, String field) {
    Map<String, String> result = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : object(node, field).properties()) {
      require(entry.getValue().isString(), "%s of %s is no text", entry.getKey(), field);
      result.put(entry.getKey(), entry.getValue().stringValue());
    }
    return result;
  }

  private static List<String> texts(JsonNode node, String field, int most) {
    JsonNode list = array(node, field);
    require(
        list.size() >= 1 && list.size() <= most,
        "%s has %d entries, 1 to %d are allowed",
        field,
        list.size(),
        most);
    Set<String> distinct = new TreeSet<>();
    List<String> result = new ArrayList<>();
    for (JsonNode entry : list) {
      require(
          entry.isString() && distinct.add(entry.stringValue()),
          "%s has an entry that is no text or stands twice",
          field);
      result.add(entry.stringValue());
    }
    return result;
  }

  private static JsonNode object(JsonNode node, String field) {
    JsonNode value = node.get(field);
    require(value != null && value.isObject(), "%s is missing or no object", field);
    return value;
  }

  private static JsonNode array(JsonNode node, String field) {
    JsonNode value = node.get(field);
    require(value != null && value.isArray(), "%s is missing or no list", field);
    return value;
  }

  private static String text(JsonNode node, String field) {
    JsonNode value = node.get(field);
    require(value != null && value.isString(), "%s is missing or no text", field);
    return value.stringValue();
  }

  private static boolean bool(JsonNode node, String field) {
    JsonNode value = node.get(field);
    require(value != null && value.isBoolean(), "%s is missing or neither true nor false", field);
    return value.booleanValue();
  }

  private static int weight(JsonNode node, String field) {
    return integer(node, field, Integer.MIN_VALUE + 1, Integer.MAX_VALUE);
  }

  private static int integer(JsonNode node, String field, int lowest, int highest) {
    JsonNode value = node.get(field);
    require(value != null, "%s is missing", field);
    return bounded(value, field, lowest, highest);
  }

  private static int bounded(JsonNode value, String what, int lowest, int highest) {
    require(
        value != null && value.isIntegralNumber() && value.canConvertToInt(),
        "%s (%s) is no integer of 32 bits",
        what,
        value);
    int number = value.intValue();
    require(
        number >= lowest && number <= highest,
        "%s (%d) is not within %d–%d",
        what,
        number,
        lowest,
        highest);
    return number;
  }

  private static void fields(String what, JsonNode node, Set<String> allowed) {
    require(node.isObject(), "%s is no object", what);
    for (String name : node.propertyNames()) {
      require(
          allowed.contains(name),
          "%s has an unknown field (%s); allowed are %s",
          what,
          name,
          new TreeSet<>(allowed));
    }
    if (allowed.contains("reason")) {
      text(node, "reason");
    }
  }

  @FormatMethod
  private static void require(boolean condition, String message, Object... values) {
    if (!condition) {
      throw new IllegalArgumentException(message.formatted(values));
    }
  }
}
