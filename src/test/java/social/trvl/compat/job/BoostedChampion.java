package social.trvl.compat.job;

import java.util.HexFormat;
import social.trvl.compat.model.AdditiveWeights;
import social.trvl.compat.model.Artefact;
import social.trvl.compat.model.ArtefactBuilder;
import social.trvl.compat.model.BoostedTrees;
import social.trvl.compat.model.Feature;
import social.trvl.compat.model.FeatureSchema;
import social.trvl.compat.model.ModelRegistry;
import social.trvl.compat.model.PairModel;

/**
 * A boosted champion: stumps that climb an additive function step by step, and trees that bend it.
 */
final class BoostedChampion {

  /** Units of a numeric column between two stumps. */
  private static final int STEP = 8;

  private final FeatureSchema schema;
  private final BoostedTrees trees = new BoostedTrees(-0.5);
  private final AdditiveWeights surrogate;

  private BoostedChampion(FeatureSchema schema) {
    this.schema = schema;
    surrogate = new AdditiveWeights(schema).intercept(-0.5);
  }

  /** Registers it over the baseline's features, with a surrogate that follows it. */
  static void register(Night night) {
    BoostedChampion champion = of(night);
    champion.register(night, champion.surrogate);
  }

  /** Registers the same trees with a surrogate that knows nothing of them. */
  static void registerWithIgnorantSurrogate(Night night) {
    BoostedChampion champion = of(night);
    champion.register(night, new AdditiveWeights(champion.schema));
  }

  /** Registers the same trees with a surrogate that knows nothing of preferences. */
  static void registerWithVagueSurrogate(Night night) {
    BoostedChampion champion = of(night);
    champion.register(
        night,
        new AdditiveWeights(champion.schema)
            .numeric(Feature.CONSCIENTIOUSNESS, 0.004, 0.004, "")
            .numeric(Feature.AGREEABLENESS, 0.006, 0.009, "")
            .numeric(Feature.NEUROTICISM, -0.008, 0.004, "")
            .numeric(Feature.AGE, -0.008, 0.016, "")
            .counted(Feature.SHARED_INTERESTS, 0.1, "")
            .counted(Feature.BUDGET_OVERLAP, 0.02, ""));
  }

  private static BoostedChampion of(Night night) {
    BoostedChampion champion =
        new BoostedChampion(new ModelRegistry(night.database).champion().model().schema());
    champion.numeric(Feature.CONSCIENTIOUSNESS, 0.004, 0.004);
    champion.numeric(Feature.AGREEABLENESS, 0.006, 0.009);
    champion.numeric(Feature.NEUROTICISM, -0.008, 0.004);
    champion.numeric(Feature.AGE, -0.008, 0.016);
    champion.preference(Feature.ADVENTURE_STYLE, 0.3, 0.1, -0.1, -0.2, -0.4);
    champion.preference(Feature.BUDGET_PREFERENCE, 0.4, 0.1, -0.3, -0.5);
    champion.counted(Feature.SHARED_INTERESTS, 0.1);
    champion.counted(Feature.BUDGET_OVERLAP, 0.02);
    champion.bend();
    return champion;
  }

  private void numeric(Feature feature, double sum, double min) {
    surrogate.numeric(feature, sum, min, "");
    climb(feature.label() + "_sum", STEP, STEP * sum);
    climb(feature.label() + "_min", STEP, STEP * min);
  }

  private void counted(Feature feature, double weight) {
    surrogate.counted(feature, weight, "");
    climb(feature.label(), 1, weight);
  }

  private void preference(Feature feature, double... byDistance) {
    surrogate.preferenceByDistance(feature, byDistance, "");
    double before = 0;
    for (int distance = 0; distance < byDistance.length; distance++) {
      stump(feature.label() + "_distance", distance - 1, byDistance[distance] - before);
      before = byDistance[distance];
    }
  }

  private void climb(String column, int step, double up) {
    int number = number(column);
    for (int t = schema.lowest(number); t < schema.highest(number); t += step) {
      stump(column, t, up);
    }
  }

  private void stump(String column, int threshold, double above) {
    trees.add(
        new int[] {number(column), -1, -1},
        new double[] {threshold, 0, above},
        new int[] {1, 0, 0},
        new int[] {2, 0, 0},
        new int[] {30, 10 + Math.floorMod(threshold, 7), 20 - Math.floorMod(threshold, 7)});
  }

  /** What no additive model can follow. */
  private void bend() {
    trees.add(
        new int[] {
          number("openness_difference"),
          number("extraversion_min"),
          -1,
          -1,
          number("planning_style_low"),
          -1,
          -1
        },
        new double[] {20, 40, 0.06, -0.02, 1, -0.05, 0.03},
        new int[] {1, 2, 0, 0, 5, 0, 0},
        new int[] {4, 3, 0, 0, 6, 0, 0},
        new int[] {17, 8, 3, 5, 9, 4, 5});
  }

  private static int number(String column) {
    return FeatureSchema.columnNames().indexOf(column);
  }

  private void register(Night night, AdditiveWeights with) {
    byte[] artefact =
        new ArtefactBuilder(new PairModel.About("stumps", true, "none, a test", null), with)
            .trees(trees)
            .build();
    night.execute(
        """
        update public.compatibility_model_versions set state = 'retired' where state = 'champion';
        insert into public.compatibility_model_versions (name, version, state, algorithm, artefact, artefact_sha256)
          values ('stumps', '%d', 'champion', 'by hand', decode('%s', 'hex'), '%s');
        """
            .formatted(
                with == surrogate ? 1 : 2,
                HexFormat.of().formatHex(artefact),
                Artefact.sha256(artefact)));
  }
}
