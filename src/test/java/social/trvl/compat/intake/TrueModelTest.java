package social.trvl.compat.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import smile.classification.LogisticRegression;

final class TrueModelTest {

  private static final long SEED = 7;
  private static final List<Person> PEOPLE =
      IntStream.range(0, 8_000).mapToObj(new Population(SEED, Rows.CLOCK)::person).toList();

  @Test
  void interactions_areBeyondALearnerThatAdds() {
    Learnt learnt = learn(TrueModel.INTERACTIONS);
    assertThat(learnt.auc).isBetween(.5, learnt.best - .05);
  }

  @Test
  void noise_teachesNothing() {
    Learnt learnt = learn(TrueModel.NOISE);
    assertThat(learnt.best).isEqualTo(.5);
    assertThat(learnt.auc).isCloseTo(.5, within(4 * learnt.chanceDeviation));
    assertThat(learnt.share()).isCloseTo(.61, within(.02));
  }

  /** The numbers in the model's Javadoc. */
  @Test
  void probability_randomPairsOfAdultsHaveTheDocumentedBaseRateAndAuc() {
    List<Person> adults = PEOPLE.stream().filter(p -> p.age() >= 20).toList();
    Dice dice = Dice.of(SEED, "test", 0);
    int pairs = 40_000;
    double[] all = new double[pairs];
    double[] traits = new double[pairs];
    double[] wishes = new double[pairs];
    boolean[] outcome = new boolean[pairs];
    double sum = 0;
    for (int i = 0; i < pairs; i++) {
      Person a = dice.oneOf(adults);
      Person b = dice.oneOf(adults);
      all[i] =
          TrueModel.LINEAR.probability(a.traits(), a.preferences(), b.traits(), b.preferences());
      traits[i] = TrueModel.ofTraits(a.traits(), b.traits());
      wishes[i] = TrueModel.ofPreferences(a.preferences(), b.preferences());
      outcome[i] = dice.chance(all[i]);
      sum += all[i];
    }
    assertThat(sum / pairs).isCloseTo(.61, within(.01));
    assertThat(auc(all, outcome)).isCloseTo(.74, within(.01));
    assertThat(auc(traits, outcome)).isCloseTo(.70, within(.01));
    assertThat(auc(wishes, outcome)).isCloseTo(.63, within(.01));
  }

  @Test
  void interactions_haveTheDocumentedBaseRateAndAuc() {
    List<Person> adults = PEOPLE.stream().filter(p -> p.age() >= 20).toList();
    Dice dice = Dice.of(SEED, "test", 1);
    double[] probability = new double[40_000];
    boolean[] outcome = new boolean[probability.length];
    for (int i = 0; i < probability.length; i++) {
      Person a = dice.oneOf(adults);
      Person b = dice.oneOf(adults);
      probability[i] =
          TrueModel.INTERACTIONS.probability(
              a.traits(), a.preferences(), b.traits(), b.preferences());
      outcome[i] = dice.chance(probability[i]);
    }
    assertThat(Arrays.stream(probability).average().orElseThrow()).isCloseTo(.57, within(.01));
    assertThat(auc(probability, outcome)).isCloseTo(.79, within(.01));
  }

  @Test
  void probability_isSymmetric() {
    for (TrueModel truth : TrueModel.values()) {
      for (int i = 1; i < 200; i++) {
        Person a = PEOPLE.get(i - 1);
        Person b = PEOPLE.get(i);
        assertThat(truth.logOdds(a.traits(), a.preferences(), b.traits(), b.preferences()))
            .isEqualTo(truth.logOdds(b.traits(), b.preferences(), a.traits(), a.preferences()));
      }
    }
  }

  @Test
  void outcomes_logisticRegressionLearnsThemForPeopleItNeverSaw() {
    Learnt learnt = learn(TrueModel.LINEAR);
    assertThat((learnt.auc - .5) / learnt.chanceDeviation).isGreaterThan(5);
    assertThat(learnt.auc).isBetween(learnt.best - .03, learnt.best + .02);
  }

  /**
   * What a logistic regression makes of people whom it never saw.
   *
   * @param best AUC of an observer who knows the truth, on the same pairs
   * @param chanceDeviation of an AUC, when scores mean nothing
   */
  private record Learnt(double auc, double best, double chanceDeviation, int positives, int pairs) {
    double share() {
      return (double) positives / pairs;
    }
  }

  /** People are split in two halves, and pairs across them dropped: folds are person-disjoint. */
  private static Learnt learn(TrueModel model) {
    List<double[]> trainX = new ArrayList<>();
    List<Integer> trainY = new ArrayList<>();
    List<double[]> testX = new ArrayList<>();
    List<Boolean> testY = new ArrayList<>();
    List<Double> best = new ArrayList<>();
    for (Outcome outcome : outcomes(model)) {
      Person a = outcome.a();
      Person b = outcome.b();
      boolean halfA = (a.id().hashCode() & 1) == 0;
      boolean halfB = (b.id().hashCode() & 1) == 0;
      if (halfA && halfB) {
        trainX.add(features(a, b));
        trainY.add(outcome.both() ? 1 : 0);
      } else if (!halfA && !halfB) {
        testX.add(features(a, b));
        testY.add(outcome.both());
        best.add(model.logOdds(a.traits(), a.preferences(), b.traits(), b.preferences()));
      }
    }
    LogisticRegression.Binomial learner =
        LogisticRegression.binomial(
            trainX.toArray(double[][]::new),
            trainY.stream().mapToInt(Integer::intValue).toArray(),
            new LogisticRegression.Options(.1, 1e-6, 500));
    double[] predicted = testX.stream().mapToDouble(learner::score).toArray();
    double[] ideal = best.stream().mapToDouble(Double::doubleValue).toArray();
    boolean[] truth = new boolean[predicted.length];
    for (int i = 0; i < truth.length; i++) {
      truth[i] = testY.get(i);
    }
    double positives = count(truth);
    // Of the Mann-Whitney statistic, scaled to 0..1, when scores mean nothing.
    double chanceDeviation =
        Math.sqrt((truth.length + 1) / (12 * positives * (truth.length - positives)));
    return new Learnt(
        auc(predicted, truth), auc(ideal, truth), chanceDeviation, count(truth), truth.length);
  }

  private record Outcome(Person a, Person b, boolean both) {}

  private static List<Outcome> outcomes(TrueModel model) {
    Map<UUID, Person> byId = new HashMap<>();
    PEOPLE.forEach(p -> byId.put(p.id(), p));
    List<PastTrips.Feedback> rows =
        new PastTrips(SEED, Rows.CLOCK, model, PEOPLE::get).feedback(0, PEOPLE.size());
    List<Outcome> outcomes = new ArrayList<>();
    for (int i = 0; i < rows.size(); i += 2) {
      PastTrips.Feedback one = rows.get(i);
      PastTrips.Feedback other = rows.get(i + 1);
      assertThat(one.person()).isEqualTo(other.other());
      Person a = byId.get(one.person());
      Person b = byId.get(one.other());
      if (a != null && b != null) {
        outcomes.add(new Outcome(a, b, one.satisfied() && other.satisfied()));
      }
    }
    return outcomes;
  }

  private static double[] features(Person a, Person b) {
    List<Double> x = new ArrayList<>();
    for (Trait trait : Trait.values()) {
      x.add(a.traits().of(trait) + b.traits().of(trait));
      x.add(Math.min(a.traits().of(trait), b.traits().of(trait)));
    }
    TravelPreferences p = a.preferences();
    TravelPreferences q = b.preferences();
    same(x, p.adventureStyle(), q.adventureStyle());
    same(x, p.budgetPreference(), q.budgetPreference());
    same(x, p.planningStyle(), q.planningStyle());
    same(x, p.groupPreference(), q.groupPreference());
    Set<String> shared = new HashSet<>(p.interests());
    shared.retainAll(q.interests());
    x.add((double) shared.size());
    return x.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static void same(List<Double> x, @Nullable String a, @Nullable String b) {
    x.add(a == null || b == null ? 1.0 : 0.0);
    x.add(a != null && a.equals(b) ? 1.0 : 0.0);
  }

  private static int count(boolean[] values) {
    int count = 0;
    for (boolean value : values) {
      count += value ? 1 : 0;
    }
    return count;
  }

  /** The share of (positive, negative) pairs in the right order, ties half. */
  private static double auc(double[] scores, boolean[] positive) {
    Integer[] order = new Integer[scores.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble(i -> scores[i]));
    double ranks = 0;
    for (int i = 0; i < order.length; ) {
      int end = i;
      while (end < order.length && scores[order[end]] == scores[order[i]]) {
        end++;
      }
      for (int k = i; k < end; k++) {
        ranks += positive[order[k]] ? (i + end + 1) / 2.0 : 0;
      }
      i = end;
    }
    double p = count(positive);
    return (ranks - p * (p + 1) / 2) / (p * (scores.length - p));
  }
}
