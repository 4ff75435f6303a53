package social.trvl.compat.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.db.Database;
import social.trvl.compat.intake.Traits;
import social.trvl.compat.intake.TravelPreferences;
import social.trvl.compat.intake.TrueModel;
import social.trvl.compat.model.ModelRegistry;
import social.trvl.compat.model.training.Evaluation;
import social.trvl.compat.model.training.TrainingSet;
import social.trvl.compat.profile.ProfileTable;
import social.trvl.compat.profile.Vocabulary;

/** The probability by which the generator drew a pair's outcome, from what the two had stated. */
final class GeneratedTruth implements Evaluation.Truth {

  private final Vocabulary words;

  /** The training set is in the champion's words. */
  GeneratedTruth(Database database) {
    words = new ModelRegistry(database).champion().model().vocabulary();
  }

  @Override
  public double probability(TrainingSet set, int pair) {
    ProfileTable people = set.people();
    int a = set.rowA(pair);
    int b = set.rowB(pair);
    return TrueModel.probability(
        traits(people, a), wishes(people, a), traits(people, b), wishes(people, b));
  }

  private static Traits traits(ProfileTable people, int row) {
    return new Traits(
        people.trait(0, row) / 100.0,
        people.trait(1, row) / 100.0,
        people.trait(2, row) / 100.0,
        people.trait(3, row) / 100.0,
        people.trait(4, row) / 100.0);
  }

  private TravelPreferences wishes(ProfileTable people, int row) {
    List<String> interests = new ArrayList<>();
    for (int bit = 0; bit < words.interests().size(); bit++) {
      if ((people.interests(row, bit / Long.SIZE) >>> bit & 1) != 0) {
        interests.add(words.interests().get(bit));
      }
    }
    return new TravelPreferences(
        word(people, 0, row),
        word(people, 1, row),
        word(people, 2, row),
        word(people, 3, row),
        interests,
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

  private @Nullable String word(ProfileTable people, int preference, int row) {
    int code = people.code(preference, row);
    return code == Vocabulary.UNKNOWN ? null : words.preferenceValues(preference).get(code - 1);
  }
}
