package social.trvl.compat.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.profile.ProfileTable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The SHA-256 always matches, unless the test is about it: what is checked here is the content. */
class ArtefactTest {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Few codes and interests, so that thousands of mutations are read quickly. */
  private static final byte[] SMALL = ModelFixtures.randomArtefact(77, 5);

  private static final byte[] TREES = ModelFixtures.randomTrees(78, 4, 3);

  static Stream<byte[]> artefacts() {
    return Stream.of(SMALL, TREES);
  }

  @Test
  void read_givesWhatWasBuilt() {
    PairModel model = ModelFixtures.read(SMALL);
    assertThat(model.name()).isEqualTo("random 77");
    assertThat(model.calibrated()).isTrue();
    assertThat(model.sha256()).isEqualTo(Artefact.sha256(SMALL));
    assertThat(model.vocabulary().interests()).hasSize(5);
    assertThat(model.vocabulary().interestBit("Other")).isZero();
    assertThat(model.vocabulary().preferenceValues(3)).containsExactly("low", "middle", "high");
  }

  @Test
  void build_ofTheSameWeights_givesTheSameBytes() {
    assertThat(ModelFixtures.randomArtefact(77, 5)).isEqualTo(SMALL);
  }

  @Test
  void sha256_ofAnotherContent_isRefusedWithBoth() {
    String other = "0".repeat(64);
    assertThatThrownBy(() -> Artefact.read(SMALL, other))
        .isInstanceOfSatisfying(
            CompatException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
        .hasMessageContaining(other)
        .hasMessageContaining(Artefact.sha256(SMALL));
  }

  static List<Arguments> documentedFields() {
    List<Arguments> fields = new ArrayList<>();
    for (String object :
        List.of(
            "",
            "/numeric/0",
            "/numeric/6",
            "/preferences/0",
            "/preferences/3",
            "/interests",
            "/budget",
            "/training",
            "/golden/0",
            "/golden/0/a",
            "/golden/99/b")) {
      for (String field : tree().at(object).propertyNames()) {
        fields.add(arguments(object, field));
      }
    }
    return fields;
  }

  @ParameterizedTest
  @MethodSource("documentedFields")
  void field_missing_isRefusedByName(String object, String field) {
    ObjectNode root = tree();
    object(root, object).remove(field);
    assertThat(refusal(root)).contains(field);
  }

  @ParameterizedTest
  @MethodSource("documentedFields")
  void field_ofAWrongType_isRefused(String object, String field) {
    JsonNode before = tree().at(object).get(field);
    for (JsonNode wrong :
        List.of(
            JSON.createObjectNode(),
            JSON.createArrayNode(),
            JSON.getNodeFactory().stringNode("what"),
            JSON.getNodeFactory().numberNode(1.5),
            JSON.getNodeFactory().booleanNode(true),
            JSON.getNodeFactory().nullNode())) {
      if (wrong.getNodeType() == before.getNodeType() && !wrong.isNumber()) {
        continue;
      }
      // A golden person without a budget has null there, a model of opinions no training.
      boolean optional = (field.equals("budget") && !object.isEmpty()) || field.equals("training");
      if (optional && wrong.isNull()) {
        continue;
      }
      ObjectNode root = tree();
      object(root, object).set(field, wrong);
      assertThat(refusal(root)).as("%s/%s = %s", object, field, wrong).isNotEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("documentedFields")
  void field_unknown_isRefusedWithWhatIsAllowed(String object, String field) {
    ObjectNode root = tree();
    object(root, object).put(field + "_of_tomorrow", 1);
    assertThat(refusal(root)).contains("(" + field + "_of_tomorrow)", "allowed are", field);
  }

  @ParameterizedTest
  @MethodSource("documentedFields")
  void field_givenTwice_isRefused(String object, String field) {
    ObjectNode root = tree();
    object(root, object).put("twin_of_field", 1);
    String json = JSON.writeValueAsString(root);
    String twice = json.replace("\"twin_of_field\"", "\"" + field + "\"");
    assertThat(refusal(twice))
        .contains("no JSON")
        .containsIgnoringCase("duplicate")
        .contains(field);
  }

  static Stream<Arguments> wrongValues() {
    return Stream.of(
        change("another format", r -> r.put("format", "pmml"), "format is (pmml)"),
        change("newer format", r -> r.put("format_version", 3), "version is 3", "newer program"),
        change("version 0", r -> r.put("format_version", 0), "format version is 0"),
        change("forest", r -> r.put("family", "forest"), "family is (forest)"),
        change("trees announced", r -> r.put("family", "boosted"), "boosted is missing"),
        change("other features", r -> r.put("features", "pair-v2"), "(pair-v2)"),
        change("fraction bits", r -> r.put("fraction_bits", 16), "fraction_bits is 16"),
        change("long weight", r -> r.put("intercept", 1L << 31), "intercept", "2147483648"),
        change("lowest int", r -> r.put("intercept", Integer.MIN_VALUE), "intercept"),
        change(
            "overflowing intercept",
            r -> r.put("intercept", Integer.MAX_VALUE),
            "beyond 2147483647"),
        change("no numeric", r -> r.putArray("numeric"), "numeric has 0 entries, not 7"),
        change("one numeric less", r -> array(r, "/numeric").remove(6), "6 entries"),
        change(
            "numeric in another order",
            r -> object(r, "/numeric/0").put("name", "extraversion"),
            "numeric feature 0 is (extraversion), not (openness)"),
        change("numeric of text", r -> array(r, "/numeric").set(2, "x"), "numeric is no object"),
        change("lowest below 0", r -> object(r, "/numeric/1").put("lowest", -1), "lowest (-1)"),
        change("highest above 120", r -> object(r, "/numeric/5").put("highest", 121), "(121)"),
        change(
            "highest below lowest",
            r -> object(r, "/numeric/1").put("lowest", 60).put("highest", 59),
            "highest (59) is not within 60–120"),
        change(
            "unknown out of range",
            r -> object(r, "/numeric/5").put("unknown", 17),
            "unknown (17)"),
        change(
            "overflowing sum",
            r -> object(r, "/numeric/0").put("weight_sum", 20_000_000),
            "beyond 2147483647",
            "fraction bits"),
        change(
            "overflowing minimum",
            r -> object(r, "/numeric/0").put("weight_min", -30_000_000),
            "beyond 2147483647"),
        change("three preferences", r -> array(r, "/preferences").remove(0), "3 entries, not 4"),
        change(
            "preference in another order",
            r -> object(r, "/preferences/0").put("name", "planning_style"),
            "preference 0 is (planning_style), not (adventure_style)"),
        change("no values", r -> object(r, "/preferences/1").putArray("values"), "0 entries"),
        change("a value twice", r -> array(r, "/preferences/1/values").set(1, "low"), "twice"),
        change("a value of number", r -> array(r, "/preferences/1/values").set(1, 7), "no text"),
        change(
            "short table", r -> array(r, "/preferences/2/table").remove(3), "15 weights, not 4²"),
        change("long table", r -> array(r, "/preferences/2/table").add(0), "17 weights"),
        change(
            "asymmetric table",
            r -> array(r, "/preferences/2/table").set(6, 12_345),
            "table of planning_style is not symmetric at codes 2 and 1"),
        change("table of text", r -> array(r, "/preferences/2/table").set(0, "x"), "no integer"),
        change(
            "overflowing table",
            r -> array(r, "/preferences/2/table").set(0, Integer.MAX_VALUE),
            "beyond 2147483647"),
        change("too many categories", ArtefactTest::giveManyCodes, "over 2048 combinations"),
        change("no interests", r -> object(r, "/interests").putArray("values"), "values has 0"),
        change(
            "an interest twice", r -> array(r, "/interests/values").set(1, "interest 0"), "twice"),
        change(
            "synonym of nothing",
            r -> object(r, "/interests/synonyms").put("x", "nothing"),
            "synonym (x)",
            "(nothing)"),
        change("synonym of number", r -> object(r, "/interests/synonyms").put("x", 1), "no text"),
        change("negative cap", r -> object(r, "/interests").put("cap", -1), "cap (-1)"),
        change("large cap", r -> object(r, "/interests").put("cap", 1025), "cap (1025)"),
        change(
            "overflowing interests",
            r -> object(r, "/interests").put("weight", Integer.MAX_VALUE),
            "beyond 2147483647"),
        change(
            "levels", r -> object(r, "/budget").put("levels_per_octave", 4), "octave is 4, not 8"),
        change("unknown budget", r -> object(r, "/budget").put("unknown_low", 401), "unknown_low"),
        change(
            "unknown budget reversed",
            r -> object(r, "/budget").put("unknown_low", 101),
            "unknown_high (100) is not within 101–400"),
        change("budget cap", r -> object(r, "/budget").put("cap", 401), "cap (401)"),
        change(
            "currency in small letters",
            r -> object(r, "/budget/currency_rates_e4").put("eur", 1),
            "currency (eur)"),
        change(
            "rate of zero",
            r -> object(r, "/budget/currency_rates_e4").put("EUR", 0),
            "rate of EUR (0)"),
        change(
            "rate too large",
            r -> object(r, "/budget/currency_rates_e4").put("EUR", 1_000_001),
            "(1000001)"),
        change("99 golden pairs", r -> array(r, "/golden").remove(0), "99 golden pairs", "100"),
        change("too many golden pairs", ArtefactTest::giveManyGoldenPairs, "1001 golden pairs"),
        change("golden pair of text", r -> array(r, "/golden").set(3, "x"), "golden is no object"),
        change("golden person of null", r -> object(r, "/golden/3").putNull("a"), "a is missing"),
        change(
            "golden trait", r -> array(r, "/golden/3/a/numeric").set(0, 101), "golden trait (101)"),
        change(
            "golden trait unknown",
            r -> array(r, "/golden/3/a/numeric").setNull(0),
            "golden trait (null)"),
        change("golden age", r -> array(r, "/golden/3/a/numeric").set(5, 121), "golden age (121)"),
        change(
            "golden experience", r -> array(r, "/golden/3/b/numeric").set(6, 6), "experience (6)"),
        change("golden numeric", r -> array(r, "/golden/3/b/numeric").add(6), "8 numeric values"),
        change(
            "golden code", r -> array(r, "/golden/3/b/preferences").set(0, 4), "golden code (4)"),
        change("golden codes", r -> array(r, "/golden/3/b/preferences").add(0), "5 preferences"),
        change(
            "golden interest",
            r -> array(r, "/golden/3/b/interests").add(5),
            "golden interest (5)"),
        change(
            "golden budget short",
            r -> object(r, "/golden/3/b").putArray("budget").add(90),
            "golden",
            "budget"),
        change(
            "golden budget long",
            r -> object(r, "/golden/3/b").putArray("budget").add(90).add(95).add(100),
            "golden",
            "budget"),
        change(
            "golden budget reversed",
            r -> object(r, "/golden/3/b").putArray("budget").add(90).add(89),
            "golden budget (89)"),
        change(
            "golden log-odds",
            r ->
                object(r, "/golden/42").put("log_odds", r.at("/golden/42/log_odds").intValue() + 1),
            "golden pair 42",
            "contributions sum to",
            "kernel gives"),
        change(
            "changed weight",
            r -> r.put("intercept", r.get("intercept").intValue() - 1),
            "golden pair 0"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wrongValues")
  void value_thatIsWrong_isRefusedWithItsReason(
      String name, Consumer<ObjectNode> change, List<String> parts) {
    ObjectNode root = tree();
    change.accept(root);
    assertThat(refusal(root)).as(name).contains(parts);
  }

  @Test
  void text_afterTheArtefact_isRefused() {
    String json = new String(SMALL, StandardCharsets.UTF_8);
    assertThat(refusal(json + "{}")).contains("no JSON");
    assertThat(refusal(json + "x")).contains("no JSON");
    assertThat(refusal(json + json)).contains("no JSON");
  }

  @Test
  void artefact_thatIsNoObject_isRefused() {
    for (String json : List.of("", " ", "\u0000", "null", "1", "[]", "\"x\"", "true", "{}")) {
      assertThat(refusal(json)).as("(%s)", json).isNotEmpty();
    }
  }

  @Test
  void artefact_thatIsTooLarge_isRefusedWithBothSizes() {
    byte[] large = new byte[Artefact.LARGEST_BYTES + 1];
    Arrays.fill(large, (byte) ' ');
    System.arraycopy(SMALL, 0, large, 0, SMALL.length);
    assertThat(refusal(large)).contains("4194305 bytes").contains("at most 4194304");
    assertThat(ModelFixtures.read(Arrays.copyOf(large, Artefact.LARGEST_BYTES)).name())
        .isEqualTo("random 77");
  }

  @Test
  void artefact_ofEndlessDepthOrDigits_isRefused() {
    assertThat(refusal("[".repeat(1_000_000))).contains("no JSON");
    assertThat(refusal("{\"a\":".repeat(500_000))).contains("no JSON");
    assertThat(refusal("{\"format\":" + "9".repeat(1_000_000) + "}")).contains("no JSON");
    ObjectNode root = tree();
    String manyDigits = JSON.writeValueAsString(root.put("intercept", 123_454_321));
    assertThat(refusal(manyDigits.replace("123454321", "1e400000000"))).isNotEmpty();
    assertThat(refusal(manyDigits.replace("123454321", "9".repeat(900)))).contains("intercept");
  }

  @ParameterizedTest
  @MethodSource("artefacts")
  void artefact_truncatedAnywhere_isRefused(byte[] artefact) {
    Random random = new Random(31);
    for (int i = 0; i < 1000; i++) {
      // The artefact ends with a brace and a newline.
      int length = random.nextInt(artefact.length - 1);
      assertThat(refusal(Arrays.copyOf(artefact, length)))
          .as("first %d bytes", length)
          .isNotEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("artefacts")
  void artefact_withFlippedBits_isReadOrRefusedButNeverFailsOtherwise(byte[] artefact) {
    Random random = new Random(32);
    int refused = 0;
    for (int i = 0; i < 2000; i++) {
      byte[] bytes = artefact.clone();
      for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      }
      refused += readOrRefused(bytes) ? 0 : 1;
    }
    assertThat(refused).as("of 2000").isGreaterThan(1000);
  }

  @ParameterizedTest
  @MethodSource("artefacts")
  void artefact_withReplacedNodes_isReadOrRefusedButNeverFailsOtherwise(byte[] artefact) {
    Random random = new Random(33);
    int refused = 0;
    for (int i = 0; i < 2500; i++) {
      ObjectNode root = (ObjectNode) JSON.readTree(artefact);
      for (int changes = 1 + random.nextInt(2); changes > 0; changes--) {
        mutate(root, random);
      }
      byte[] bytes = JSON.writeValueAsBytes(root);
      refused += readOrRefused(bytes) ? 0 : 1;
    }
    assertThat(refused).as("of 2500").isGreaterThan(1250);
  }

  /** Each number of the trees by another of every size that matters. */
  @Test
  void trees_withReplacedNumbers_areReadOrRefusedButNeverFailOtherwise() {
    Random random = new Random(34);
    int refused = 0;
    for (int i = 0; i < 2500; i++) {
      ObjectNode root = (ObjectNode) JSON.readTree(TREES);
      ArrayNode trees = array(root, "/boosted/trees");
      ObjectNode tree = (ObjectNode) trees.get(random.nextInt(trees.size()));
      String field = List.of("column", "value", "yes", "no", "cover").get(random.nextInt(5));
      ArrayNode numbers = (ArrayNode) tree.get(field);
      int[] values = {-2, -1, 0, 1, 2, 34, 35, 100, Integer.MIN_VALUE, Integer.MAX_VALUE};
      numbers.set(
          random.nextInt(numbers.size()),
          JSON.getNodeFactory().numberNode(values[random.nextInt(values.length)]));
      refused += readOrRefused(JSON.writeValueAsBytes(root)) ? 0 : 1;
    }
    assertThat(refused).as("of 2500").isGreaterThan(1250);
  }

  static Stream<Arguments> wrongTrees() {
    return Stream.of(
        change("no trees", r -> object(r, "/boosted").putArray("trees"), "has 0 trees"),
        change("too many trees", ArtefactTest::giveManyTrees, "it has 1001 trees", "1 to 1000"),
        change("too many nodes", ArtefactTest::giveManyNodes, "nodes, at most 100000"),
        change("too deep", r -> giveChain(r, 17), "tree 0 is deeper than 16"),
        change("tree of text", r -> array(r, "/boosted/trees").set(0, "x"), "trees is no object"),
        change(
            "unknown field",
            r -> object(r, "/boosted/trees/0").put("gain", 1),
            "unknown field (gain)"),
        change(
            "columns of another order",
            r -> array(r, "/boosted/columns").set(0, "openness_min_"),
            "columns are",
            "openness_sum"),
        change("lists of two lengths", r -> array(r, "/boosted/trees/0/yes").add(0), "lengths"),
        change("empty tree", ArtefactTest::giveEmptyTree, "tree 0 are empty"),
        change("column 35", r -> node(r, "column", 0, 35), "asks column 35 of 35"),
        change("column -2", r -> node(r, "column", 0, -2), "asks column -2 of 35"),
        change(
            "long threshold",
            r -> array(r, "/boosted/trees/0/value").set(0, 1L << 31),
            "value (2147483648)"),
        change("threshold below", r -> node(r, "value", 0, -2), "threshold -2", "both sides"),
        change("threshold above", r -> node(r, "value", 0, 200), "threshold 200", "both sides"),
        change("cycle", r -> node(r, "yes", 0, 0), "child 0 of node 0", "no later node"),
        change("child beyond", r -> node(r, "no", 0, 3), "child 3 of node 0"),
        change("child below zero", r -> node(r, "no", 0, -1), "child -1 of node 0"),
        change("child of two", r -> node(r, "no", 0, 1), "child 1 of node 0"),
        change("leaf with a child", r -> node(r, "yes", 1, 2), "node 1 of tree 0 is a leaf"),
        change("unreachable node", ArtefactTest::giveLooseNode, "node 3 of tree 0 is no child"),
        change("no cover", ArtefactTest::giveLeafWithoutCover, "cover of node 1 of tree 0 is 0"),
        change("covers that differ", r -> node(r, "cover", 0, 9), "cover 9 of node 0", "sum"),
        change(
            "overflowing leaf", r -> node(r, "value", 1, Integer.MAX_VALUE), "beyond 2147483647"),
        change(
            "overflowing intercept",
            r -> object(r, "/boosted").put("intercept", Integer.MAX_VALUE),
            "beyond 2147483647"),
        change("another leaf", r -> node(r, "value", 1, 7), "golden pair"),
        change(
            "another surrogate",
            r -> r.put("intercept", r.get("intercept").intValue() + 1),
            "golden pair 0"),
        change(
            "golden pair without surrogate",
            r -> object(r, "/golden/5").remove("surrogate_log_odds"),
            "surrogate_log_odds is missing"),
        change("no training rows", r -> object(r, "/training").put("rows", 0), "rows (0)"),
        change(
            "training hash",
            r -> object(r, "/training").put("sha256", "abc"),
            "sha256 of training (abc)"),
        change("additive with trees", r -> r.put("family", "additive"), "unknown field (boosted)"),
        change(
            "trees in format 1",
            r -> r.put("format_version", 1),
            "from format version 2, (boosted)"));
  }

  /** On a stump: node 0 asks for openness_sum ≤ 90, nodes 1 and 2 are leaves. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("wrongTrees")
  void trees_thatAreWrong_areRefusedWithTheReason(
      String name, Consumer<ObjectNode> change, List<String> parts) {
    ObjectNode root = (ObjectNode) JSON.readTree(STUMP);
    change.accept(root);
    assertThat(refusal(root)).as(name).contains(parts);
  }

  private static final byte[] STUMP =
      new ArtefactBuilder(
              ModelFixtures.about("stump"), new AdditiveWeights(ModelFixtures.schema(5)))
          .trees(
              new BoostedTrees(0)
                  .add(
                      new int[] {0, -1, -1},
                      new double[] {90.9, -0.5, 0.25},
                      new int[] {1, 0, 0},
                      new int[] {2, 0, 0},
                      new int[] {5, 2, 3}))
          .build();

  private static void node(ObjectNode root, String field, int node, int value) {
    array(root, "/boosted/trees/0/" + field).set(node, value);
  }

  private static void giveLeafWithoutCover(ObjectNode root) {
    node(root, "cover", 0, 3);
    node(root, "cover", 1, 0);
  }

  private static void giveManyTrees(ObjectNode root) {
    ArrayNode trees = array(root, "/boosted/trees");
    while (trees.size() <= 1000) {
      trees.add(trees.get(0).deepCopy());
    }
  }

  private static void giveManyNodes(ObjectNode root) {
    ObjectNode tree = object(root, "/boosted/trees/0");
    for (String field : List.of("column", "value", "yes", "no", "cover")) {
      ArrayNode numbers = tree.putArray(field);
      for (int i = 0; i <= 100_000; i++) {
        numbers.add(0);
      }
    }
  }

  private static void giveEmptyTree(ObjectNode root) {
    ObjectNode tree = object(root, "/boosted/trees/0");
    for (String field : List.of("column", "value", "yes", "no", "cover")) {
      tree.putArray(field);
    }
  }

  private static void giveLooseNode(ObjectNode root) {
    ObjectNode tree = object(root, "/boosted/trees/0");
    for (String field : List.of("value", "yes", "no", "cover")) {
      ((ArrayNode) tree.get(field)).add(field.equals("cover") ? 1 : 0);
    }
    ((ArrayNode) tree.get("column")).add(-1);
  }

  /** Each split has a leaf on one side and the next split on the other. */
  private static void giveChain(ObjectNode root, int depth) {
    ObjectNode tree = object(root, "/boosted/trees/0");
    ArrayNode column = tree.putArray("column");
    ArrayNode value = tree.putArray("value");
    ArrayNode yes = tree.putArray("yes");
    ArrayNode no = tree.putArray("no");
    ArrayNode cover = tree.putArray("cover");
    for (int level = 0; level <= depth; level++) {
      boolean last = level == depth;
      column.add(last ? -1 : 0);
      value.add(last ? 1 : 100 - level);
      yes.add(last ? 0 : 2 * level + 2);
      no.add(last ? 0 : 2 * level + 1);
      cover.add(depth - level + 1);
      if (!last) {
        column.add(-1);
        value.add(1);
        yes.add(0);
        no.add(0);
        cover.add(1);
      }
    }
  }

  @Test
  void tree_ofTheGreatestDepth_isRefusedOnlyByItsGoldenPairs() {
    ObjectNode root = (ObjectNode) JSON.readTree(STUMP);
    giveChain(root, Trees.DEEPEST);
    assertThat(refusal(root)).contains("golden pair 0");
  }

  @Test
  void formatVersion1_isReadAsItWas() {
    ObjectNode root = tree();
    root.put("format_version", 1);
    assertThat(refusal(root)).contains("unknown field (calibration)");
    root.remove(List.of("calibration", "training"));
    PairModel old = ModelFixtures.read(JSON.writeValueAsBytes(root));
    PairModel now = ModelFixtures.read(SMALL);
    ProfileTable people = ModelFixtures.people(now, 35, 20);
    for (int b = 1; b < 20; b++) {
      assertThat(old.logOdds(people, 0, b)).isEqualTo(now.logOdds(people, 0, b));
    }
    assertThat(old.about()).isEqualTo(new PairModel.About("random 77", true, "", null));
    assertThat(now.about().training()).isEqualTo(ModelFixtures.about("random 77").training());
  }

  private static boolean readOrRefused(byte[] bytes) {
    try {
      ModelFixtures.read(bytes);
      return true;
    } catch (CompatException e) {
      assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
      assertThat(e).hasMessageStartingWith("The model's artefact is refused: ");
      return false;
    }
  }

  /** Replaces, removes or adds a child of a node found by a random walk from the root. */
  private static void mutate(ObjectNode root, Random random) {
    JsonNode node = root;
    while (true) {
      int children = node.size();
      int chosen = random.nextInt(children + 1);
      JsonNode child = chosen == children ? null : node.values().stream().toList().get(chosen);
      if (child != null && child.isContainer() && !child.isEmpty() && random.nextInt(5) > 0) {
        node = child;
        continue;
      }
      JsonNode value = value(random);
      if (node instanceof ArrayNode array) {
        if (child == null) {
          array.add(value);
        } else if (random.nextInt(4) == 0) {
          array.remove(chosen);
        } else {
          array.set(chosen, value);
        }
      } else if (node instanceof ObjectNode object) {
        String name = child == null ? "x" : List.copyOf(object.propertyNames()).get(chosen);
        if (child != null && random.nextInt(4) == 0) {
          object.remove(name);
        } else {
          object.set(name, value);
        }
      }
      return;
    }
  }

  private static JsonNode value(Random random) {
    var nodes = JSON.getNodeFactory();
    return switch (random.nextInt(12)) {
      case 0 -> nodes.nullNode();
      case 1 -> nodes.booleanNode(random.nextBoolean());
      case 2 -> nodes.stringNode("");
      case 3 -> nodes.stringNode("%s %d \u0000 \ud83d\ude00");
      case 4 -> nodes.numberNode(random.nextInt());
      case 5 -> nodes.numberNode(random.nextLong());
      case 6 -> nodes.numberNode(random.nextInt(-2, 130));
      case 7 -> nodes.numberNode(random.nextDouble());
      case 8 -> nodes.numberNode(Double.POSITIVE_INFINITY);
      case 9 -> nodes.objectNode();
      case 10 -> nodes.arrayNode();
      default -> nodes.arrayNode().add(random.nextInt(5)).addNull().add("x");
    };
  }

  private static void giveManyCodes(ObjectNode root) {
    for (int i = 0; i < 4; i++) {
      ObjectNode preference = object(root, "/preferences/" + i);
      ArrayNode values = preference.putArray("values");
      for (int v = 0; v < 9; v++) {
        values.add("value " + v);
      }
      ArrayNode table = preference.putArray("table");
      for (int w = 0; w < 100; w++) {
        table.add(0);
      }
    }
  }

  private static void giveManyGoldenPairs(ObjectNode root) {
    ArrayNode golden = array(root, "/golden");
    while (golden.size() <= 1000) {
      golden.add(golden.get(0).deepCopy());
    }
  }

  private static Arguments change(String name, Consumer<ObjectNode> change, String... parts) {
    return arguments(name, change, List.of(parts));
  }

  private static ObjectNode tree() {
    return (ObjectNode) JSON.readTree(SMALL);
  }

  private static ObjectNode object(ObjectNode root, String path) {
    return path.isEmpty() ? root : (ObjectNode) root.at(path);
  }

  private static ArrayNode array(ObjectNode root, String path) {
    return (ArrayNode) root.at(path);
  }

  private static String refusal(ObjectNode root) {
    return refusal(JSON.writeValueAsBytes(root));
  }

  private static String refusal(String json) {
    return refusal(json.getBytes(StandardCharsets.UTF_8));
  }

  /** The message of the refusal; anything else than one is a failure. */
  private static String refusal(byte[] bytes) {
    try {
      ModelFixtures.read(bytes);
    } catch (CompatException e) {
      assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
      assertThat(e)
          .hasMessageStartingWith("The model's artefact is refused: ")
          .hasMessageEndingWith("or choose another version.");
      return String.valueOf(e.getMessage());
    }
    throw new AssertionError("the artefact was accepted");
  }
}
