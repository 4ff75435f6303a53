package social.trvl.compat.intake;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The models by which generated trips turn out: P(both satisfied | they travel together) = 1 / (1 +
 * e^−logOdds). A trained model can be judged against them, as nobody can against reality.
 *
 * <p>logOdds is a function of the pair a, b; traits from 0 to 1, stability = 1 − neuroticism:
 *
 * <pre>
 * LINEAR
 *   -6.55
 *   + 1.70 · mean(agreeableness)      + 1.90 · min(agreeableness)
 *   + 1.20 · mean(stability)          + 1.40 · min(stability)
 *   + 0.80 · mean(conscientiousness)  + 1.00 · min(conscientiousness)
 *   - 0.40 · |difference of extraversion|
 *   + 0.90 · closeness(adventure)     + 1.30 · closeness(budget)
 *   + 1.10 · closeness(planning)      + 0.70 · closeness(group)
 *   + 0.20 · min(4, shared interests)
 *
 * INTERACTIONS
 *   0.20 + 0.50 · LINEAR
 *   + 0.90 · side(mean(extraversion), 0.55)      · side(closeness(adventure), 0.70)
 *   + 0.90 · side(mean(conscientiousness), 0.60) · side(closeness(planning), 0.70)
 *
 * NOISE
 *   0.45
 * </pre>
 *
 * where closeness = 1 − |place of a's word − place of b's| / (number of words − 1), the words in
 * their natural order, and 0.6 if one of the two said nothing; side(x, m) = 1 if x ≥ m, else −1.
 *
 * <p>Of LINEAR levels, agreement and the least matched carry the outcome, similarity of traits
 * hardly, as public data of travel groups shows; all of it is linear in sums, minima, code tables
 * and counts: within reach of an additive model. Of INTERACTIONS half is beyond one: outgoing pairs
 * get on if they want the same adventure, quiet ones if they don't, and likewise with planning; a
 * learner of trees finds that. Of NOISE there is nothing to be learnt, and who learns something has
 * a leak.
 *
 * <p>On random pairs of generated adults, with AUC* that of an observer who knows the model, which
 * no trained model can beat on average; a test holds these numbers:
 *
 * <pre>
 *               mean probability   AUC*
 * LINEAR        0.61               0.74   (traits alone 0.70, preferences alone 0.63)
 * INTERACTIONS  0.57               0.79
 * NOISE         0.61               0.50
 * </pre>
 */
public enum TrueModel {
  LINEAR {
    @Override
    public double logOdds(
        Traits a, TravelPreferences wishesA, Traits b, TravelPreferences wishesB) {
      return INTERCEPT + ofTraits(a, b) + ofPreferences(wishesA, wishesB);
    }
  },
  INTERACTIONS {
    @Override
    public double logOdds(
        Traits a, TravelPreferences wishesA, Traits b, TravelPreferences wishesB) {
      return 0.20
          + 0.50 * LINEAR.logOdds(a, wishesA, b, wishesB)
          + 0.90
              * side((a.extraversion() + b.extraversion()) / 2, 0.55)
              * side(closeness(ADVENTURE, wishesA.adventureStyle(), wishesB.adventureStyle()), 0.70)
          + 0.90
              * side((a.conscientiousness() + b.conscientiousness()) / 2, 0.60)
              * side(closeness(PLANNING, wishesA.planningStyle(), wishesB.planningStyle()), 0.70);
    }
  },
  NOISE {
    @Override
    public double logOdds(
        Traits a, TravelPreferences wishesA, Traits b, TravelPreferences wishesB) {
      return 0.45;
    }
  };

  private static final double INTERCEPT = -6.55;
  private static final double UNKNOWN_CLOSENESS = 0.6;
  private static final int INTERESTS_MAX = 4;

  private static final List<String> ADVENTURE =
      List.of("relaxed", "cultural", "moderate", "active", "extreme");
  private static final List<String> BUDGET = List.of("budget", "moderate", "comfort", "luxury");
  private static final List<String> PLANNING =
      List.of("spontaneous", "flexible", "planned", "structured");
  private static final List<String> COMPANY = List.of("solo", "couple", "small", "large");

  /** Symmetric in the two people, in (0, 1). */
  public double probability(
      Traits a, TravelPreferences wishesA, Traits b, TravelPreferences wishesB) {
    return 1 / (1 + StrictMath.exp(-logOdds(a, wishesA, b, wishesB)));
  }

  /** Symmetric in the two people; higher is more compatible; finite. */
  public abstract double logOdds(
      Traits a, TravelPreferences wishesA, Traits b, TravelPreferences wishesB);

  private static int side(double value, double middle) {
    return value >= middle ? 1 : -1;
  }

  static double ofTraits(Traits a, Traits b) {
    return level(1.70, 1.90, a.agreeableness(), b.agreeableness())
        + level(1.20, 1.40, a.stability(), b.stability())
        + level(0.80, 1.00, a.conscientiousness(), b.conscientiousness())
        - 0.40 * Math.abs(a.extraversion() - b.extraversion());
  }

  static double ofPreferences(TravelPreferences a, TravelPreferences b) {
    Set<String> shared = new HashSet<>(a.interests());
    shared.retainAll(b.interests());
    return 0.90 * closeness(ADVENTURE, a.adventureStyle(), b.adventureStyle())
        + 1.30 * closeness(BUDGET, a.budgetPreference(), b.budgetPreference())
        + 1.10 * closeness(PLANNING, a.planningStyle(), b.planningStyle())
        + 0.70 * closeness(COMPANY, a.groupPreference(), b.groupPreference())
        + 0.20 * Math.min(INTERESTS_MAX, shared.size());
  }

  private static double level(double ofMean, double ofLeast, double a, double b) {
    return ofMean * (a + b) / 2 + ofLeast * Math.min(a, b);
  }

  private static double closeness(List<String> words, @Nullable String a, @Nullable String b) {
    int placeA = a == null ? -1 : words.indexOf(a);
    int placeB = b == null ? -1 : words.indexOf(b);
    if (placeA < 0 || placeB < 0) {
      return UNKNOWN_CLOSENESS;
    }
    return 1 - Math.abs(placeA - placeB) / (words.size() - 1.0);
  }
}
