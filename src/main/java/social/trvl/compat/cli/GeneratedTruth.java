package social.trvl.compat.cli;

import java.util.List;
import java.util.Objects;
import social.trvl.compat.db.Database;
import social.trvl.compat.intake.Traits;
import social.trvl.compat.intake.TravelPreferences;
import social.trvl.compat.intake.TrueModel;
import social.trvl.compat.model.training.StatedProfile;
import social.trvl.compat.model.training.TrueProbabilities;

/** Tells the evaluation by which probabilities the generator drew outcomes. */
final class GeneratedTruth {

  private GeneratedTruth() {}

  /**
   * True probabilities of the generated pairs.
   *
   * @param truth what {@code data generate --truth} said
   */
  static TrueProbabilities of(Database database, TrueModel truth) {
    return TrueProbabilities.of(
        database, (a, b) -> truth.probability(traits(a), wishes(a), traits(b), wishes(b)));
  }

  private static Traits traits(StatedProfile person) {
    return new Traits(
        trait(person, "openness"),
        trait(person, "conscientiousness"),
        trait(person, "extraversion"),
        trait(person, "agreeableness"),
        trait(person, "neuroticism"));
  }

  private static double trait(StatedProfile person, String name) {
    return Objects.requireNonNull(person.number(name), name).doubleValue();
  }

  /** As far as outcomes depend on it. */
  private static TravelPreferences wishes(StatedProfile person) {
    return new TravelPreferences(
        person.text("adventure_style"),
        person.text("budget_preference"),
        person.text("planning_style"),
        person.text("group_preference"),
        person.interests(),
        List.of(),
        null,
        List.of(),
        null,
        null,
        null,
        List.of(),
        null,
        null);
  }
}
