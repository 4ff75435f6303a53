package social.trvl.compat.model;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import social.trvl.compat.model.FeatureSchema.Budget;
import social.trvl.compat.model.FeatureSchema.Range;
import social.trvl.compat.model.PairModel.About;
import social.trvl.compat.model.PairModel.Training;
import social.trvl.compat.profile.ProfileTable;
import social.trvl.compat.profile.ProfileTableBuilder;
import social.trvl.compat.profile.Vocabulary;

/** Models other than the baseline, and random people for any model. */
public final class ModelFixtures {

  private ModelFixtures() {}

  public static AdditiveModel baseline() {
    return additive(Baseline.artefact());
  }

  public static PairModel read(byte[] artefact) {
    return Artefact.read(artefact, Artefact.sha256(artefact));
  }

  static AdditiveModel additive(byte[] artefact) {
    return (AdditiveModel) read(artefact);
  }

  static BoostedModel boosted(byte[] artefact) {
    return (BoostedModel) read(artefact);
  }

  static About about(String name) {
    return new About(
        name, true, "none, random", new Training(12_345, Artefact.sha256(name.getBytes(UTF_8))));
  }

  /** An artefact over the baseline's features that ranks people otherwise. */
  public static byte[] challenger(String name) {
    AdditiveWeights weights =
        new AdditiveWeights(baseline().schema())
            .intercept(-0.7)
            .numeric(Feature.OPENNESS, 0.004, 0.006, "made up")
            .numeric(Feature.AGREEABLENESS, 0.006, 0.001, "made up")
            .preferenceByDistance(
                Feature.PLANNING_STYLE, new double[] {0.5, 0.1, -0.4, -0.7}, "made up")
            .counted(Feature.SHARED_INTERESTS, 0.15, "made up");
    return new ArtefactBuilder(about(name), weights).build();
  }

  /** Few codes, so that artefacts are read quickly; ranges narrower than what people have. */
  static FeatureSchema schema(int interests) {
    List<Range> ranges = new ArrayList<>();
    for (int i = 0; i < ProfileTable.TRAIT_COUNT; i++) {
      ranges.add(new Range(5 * i, 100 - 3 * i, 50));
    }
    ranges.add(new Range(18, 80, 33));
    ranges.add(new Range(1, 5, 2));
    return new FeatureSchema(
        new Vocabulary(
            IntStream.range(0, interests).mapToObj(i -> "interest " + i).toList(),
            Map.of("other", "interest 0"),
            Collections.nCopies(ProfileTable.PREFERENCE_COUNT, List.of("low", "middle", "high")),
            Map.of("USD", 10_000)),
        ranges,
        4,
        new Budget(90, 100, 12));
  }

  /** An additive artefact of random weights of both signs. */
  public static byte[] randomArtefact(long seed, int interests) {
    return new ArtefactBuilder(
            about("random " + seed), randomWeights(new Random(seed), schema(interests)))
        .build();
  }

  /** A boosted artefact of random trees; the surrogate is as random and knows nothing of them. */
  public static byte[] randomTrees(long seed, int trees, int depth) {
    Random random = new Random(seed);
    FeatureSchema schema = schema(70);
    return new ArtefactBuilder(about("trees " + seed), randomWeights(random, schema))
        .trees(randomTrees(random, schema, trees, depth))
        .build();
  }

  private static AdditiveWeights randomWeights(Random random, FeatureSchema schema) {
    AdditiveWeights weights = new AdditiveWeights(schema).intercept(weight(random, 2));
    for (int i = 0; i < ProfileTable.TRAIT_COUNT; i++) {
      weights.numeric(Feature.at(i), weight(random, 0.02), weight(random, 0.02), "random");
    }
    weights.numeric(Feature.AGE, weight(random, 0.02), weight(random, 0.02), "random");
    weights.numeric(Feature.EXPERIENCE, weight(random, 0.2), weight(random, 0.2), "random");
    for (int i = 0; i < ProfileTable.PREFERENCE_COUNT; i++) {
      weights.preferenceByDistance(
          Feature.at(Feature.FIRST_PREFERENCE + i),
          new double[] {weight(random, 1), weight(random, 1), weight(random, 1)},
          "random");
    }
    weights.counted(Feature.SHARED_INTERESTS, weight(random, 0.2), "random");
    return weights.counted(Feature.BUDGET_OVERLAP, weight(random, 0.1), "random");
  }

  /** Trees that split wherever a column still has values on both sides. */
  static BoostedTrees randomTrees(Random random, FeatureSchema schema, int trees, int depth) {
    BoostedTrees boosted = new BoostedTrees(weight(random, 0.5));
    for (int t = 0; t < trees; t++) {
      List<double[]> nodes = new ArrayList<>();
      grow(random, schema, nodes, depth);
      int size = nodes.size();
      boosted.add(
          nodes.stream().mapToInt(node -> (int) node[0]).toArray(),
          nodes.stream().mapToDouble(node -> node[1]).toArray(),
          nodes.stream().mapToInt(node -> (int) node[2]).toArray(),
          nodes.stream().mapToInt(node -> (int) node[3]).toArray(),
          IntStream.range(0, size).map(i -> (int) nodes.get(i)[4]).toArray());
    }
    return boosted;
  }

  /** Appends a subtree, its root first: column, value, yes, no, cover. */
  private static double[] grow(
      Random random, FeatureSchema schema, List<double[]> nodes, int depth) {
    double[] node = new double[5];
    nodes.add(node);
    if (depth == 0 || random.nextInt(8) == 0) {
      node[0] = -1;
      node[1] = weight(random, 0.3);
      node[4] = 1 + random.nextInt(100);
      return node;
    }
    int column = random.nextInt(FeatureSchema.COLUMNS);
    node[0] = column;
    node[1] = random.nextInt(schema.lowest(column), schema.highest(column)) + random.nextDouble();
    node[2] = nodes.size();
    node[4] = grow(random, schema, nodes, depth - 1)[4];
    node[3] = nodes.size();
    node[4] += grow(random, schema, nodes, depth - 1)[4];
    return node;
  }

  private static double weight(Random random, double largest) {
    return random.nextDouble(-largest, largest);
  }

  /** People over and beyond the model's ranges; each optional value is unknown at times. */
  static ProfileTable people(PairModel model, long seed, int count) {
    Random random = new Random(seed);
    ProfileTableBuilder people = new ProfileTableBuilder(model.vocabulary().interestWords());
    for (int i = 0; i < count; i++) {
      people.person(new UUID(0, i), random.ints(ProfileTable.TRAIT_COUNT, 0, 101).toArray());
      if (random.nextInt(4) > 0) {
        people.age(random.nextInt(18, 100));
      }
      if (random.nextInt(4) > 0) {
        people.experience(random.nextInt(1, 6));
      }
      for (int p = 0; p < ProfileTable.PREFERENCE_COUNT; p++) {
        people.code(p, random.nextInt(model.vocabulary().preferenceValues(p).size() + 1));
      }
      for (int bit = 0; bit < model.vocabulary().interests().size(); bit++) {
        if (i % 5 > 0 && random.nextInt(6) == 0) {
          people.interest(bit);
        }
      }
      if (random.nextInt(4) > 0) {
        int low = random.nextInt(60, 130);
        people.budget(low, low + random.nextInt(30));
      }
    }
    return people.build();
  }
}
