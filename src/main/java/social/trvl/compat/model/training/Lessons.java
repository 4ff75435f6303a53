package social.trvl.compat.model.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.model.Feature;
import social.trvl.compat.model.FeatureSchema;
import social.trvl.compat.model.FeatureSchema.Budget;
import social.trvl.compat.model.FeatureSchema.Range;
import social.trvl.compat.profile.ProfileTable;

/**
 * What is learnt from: the columns of the pairs trained on, and the folds on which candidates are
 * chosen and calibrated.
 *
 * <p>Learners know no weights, so a pair stands as often as its weight says, in quarters; what
 * remains is decided by lot. If all weigh the same, each stands once.
 */
final class Lessons {

  /** With fewer of an outcome a model would learn these pairs by heart. */
  static final int FEWEST_OF_AN_OUTCOME = 20;

  /** Beyond these, more in common has counted for nothing yet; learners may cap lower. */
  static final int INTEREST_CAP = 10;

  static final int BUDGET_CAP = 32;

  /** A fold validates on a ninth of the pairs: few pairs need more folds. */
  private static final int MANY_PAIRS = 10_000;

  private static final int FOLDS_OF_MANY = 3;
  private static final int FOLDS_OF_FEW = 8;

  private static final int WEIGHT_STEPS = 4;
  private static final int MOST_COPIES = 16;

  /** Pairs by number, each as often as it weighs. */
  static final class Fold {
    private final int[] train;
    private final int[] validation;

    Fold(int[] train, int[] validation) {
      this.train = train;
      this.validation = validation;
    }

    int[] train() {
      return train;
    }

    int[] validation() {
      return validation;
    }
  }

  private final TrainingSet set;
  private final FeatureSchema schema;
  private final int[] columns;
  private final int[] copies;
  private final int[] train;
  private final List<Fold> folds = new ArrayList<>();

  /**
   * @param prior knows the words, and what stands in for what nobody stated
   * @throws CompatException with BAD_INPUT if there is too little to learn from
   */
  Lessons(TrainingSet set, Split split, FeatureSchema prior, long seed) {
    this.set = set;
    int[] pairs = split.train();
    requireOutcomes(set, split);
    schema = schema(set, pairs, prior);
    columns = new int[set.size() * FeatureSchema.COLUMNS];
    for (int pair = 0; pair < set.size(); pair++) {
      schema.fill(
          set.people(), set.rowA(pair), set.rowB(pair), columns, pair * FeatureSchema.COLUMNS);
    }
    requireVariety(pairs);
    copies = copies(set, pairs, seed);
    train = repeated(pairs);
    int count = pairs.length < MANY_PAIRS ? FOLDS_OF_FEW : FOLDS_OF_MANY;
    for (Split.Fold fold : split.folds(count, seed)) {
      int[] learning = repeated(fold.train());
      int[] validation = repeated(fold.validation());
      if (hasBoth(learning) && hasBoth(validation)) {
        folds.add(new Fold(learning, validation));
      }
    }
    if (folds.isEmpty()) {
      throw tooFew(split, "no random third of the people has pairs of both outcomes");
    }
  }

  FeatureSchema schema() {
    return schema;
  }

  /** Pairs to train on, each as often as it weighs. */
  int[] train() {
    return train;
  }

  List<Fold> folds() {
    return folds;
  }

  /** Columns of all pairs, {@link FeatureSchema#COLUMNS} each; not to be changed. */
  int[] columns() {
    return columns;
  }

  /** Where a pair's columns begin. */
  int at(int pair) {
    return pair * FeatureSchema.COLUMNS;
  }

  boolean[] labels(int[] pairs) {
    return Evaluation.labels(set, pairs);
  }

  TrainingSet set() {
    return set;
  }

  private static void requireOutcomes(TrainingSet set, Split split) {
    long satisfied = Arrays.stream(split.train()).filter(set::label).count();
    long unsatisfied = split.train().length - satisfied;
    if (Math.min(satisfied, unsatisfied) < FEWEST_OF_AN_OUTCOME) {
      throw tooFew(
          split,
          "there are %d satisfied and %d unsatisfied pairs to train on, at least %d of either are needed"
              .formatted(satisfied, unsatisfied, FEWEST_OF_AN_OUTCOME));
    }
  }

  private static CompatException tooFew(Split split, String why) {
    return new CompatException(
        ExitCode.BAD_INPUT,
        "Nothing can be learnt yet: %s (%d pairs are held out for judging, %d cross and are dropped). Run 'compat label harvest' when more trips have ended."
            .formatted(why, split.holdout().length, split.crossing()));
  }

  private void requireVariety(int[] pairs) {
    boolean varies =
        IntStream.range(0, FeatureSchema.COLUMNS)
            .anyMatch(column ->
                Arrays.stream(pairs).map(pair -> columns[at(pair) + column]).distinct().count()
                    > 1);
    if (!varies) {
      throw new CompatException(
          ExitCode.BAD_INPUT,
          "Nothing can be learnt: all %d pairs to train on are alike in every feature. Check how assessments and preferences get into the database."
              .formatted(pairs.length));
    }
  }

  private boolean hasBoth(int[] pairs) {
    return Arrays.stream(pairs).anyMatch(set::label) && !Arrays.stream(pairs).allMatch(set::label);
  }

  /** How often each pair stands, by its number. */
  private static int[] copies(TrainingSet set, int[] pairs, long seed) {
    RandomGenerator lots = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    int[] copies = new int[set.size()];
    boolean alike = Arrays.stream(pairs).mapToDouble(set::weight).distinct().count() == 1;
    for (int pair : pairs) {
      double wanted = alike ? 1 : WEIGHT_STEPS * set.weight(pair) + lots.nextDouble();
      copies[pair] = (int) Math.min(wanted, MOST_COPIES);
    }
    return copies;
  }

  private int[] repeated(int[] pairs) {
    return Arrays.stream(pairs)
        .flatMap(pair -> IntStream.generate(() -> pair).limit(copies[pair]))
        .toArray();
  }

  /** Ranges and medians as the people trained on had them; of what nobody stated, the prior's. */
  private static FeatureSchema schema(TrainingSet set, int[] pairs, FeatureSchema prior) {
    int[] rows =
        Arrays.stream(pairs)
            .flatMap(pair -> IntStream.of(set.rowA(pair), set.rowB(pair)))
            .toArray();
    ProfileTable people = set.people();
    List<Range> ranges = new ArrayList<>();
    for (int i = 0; i < Feature.NUMERIC_COUNT; i++) {
      int feature = i;
      int[] known =
          known(
              rows,
              row ->
                  feature < ProfileTable.TRAIT_COUNT
                      ? people.trait(feature, row)
                      : feature == Feature.AGE.index() ? people.age(row) : people.experience(row));
      ranges.add(
          known.length == 0
              ? prior.numeric(feature)
              : new Range(known[0], known[known.length - 1], known[known.length / 2]));
    }
    int[] low = known(rows, people::budgetLow);
    int[] high = known(rows, people::budgetHigh);
    return new FeatureSchema(
        prior.vocabulary(),
        ranges,
        INTEREST_CAP,
        low.length == 0
            ? new Budget(prior.budget().unknownLow(), prior.budget().unknownHigh(), BUDGET_CAP)
            : new Budget(low[low.length / 2], high[high.length / 2], BUDGET_CAP));
  }

  /** What was stated, ascending. */
  private static int[] known(int[] rows, IntUnaryOperator value) {
    return Arrays.stream(rows)
        .map(value)
        .filter(stated -> stated != ProfileTable.UNKNOWN)
        .sorted()
        .toArray();
  }
}
