package social.trvl.compat.report;

import java.util.ArrayList;
import java.util.List;
import social.trvl.compat.profile.ProfileTable;
import social.trvl.compat.profile.Vocabulary;

/**
 * Why two people match, in words that may be shown to them: what both stated as preferences and
 * interests. Never traits: nobody learns another's assessment from a reason.
 */
final class Reasons {

  private static final int MOST_INTERESTS = 5;

  private static final List<String> PHRASES =
      List.of(
          "same pace (%s)",
          "same budget class (%s)", "same way of planning (%s)", "same kind of company (%s)");

  private Reasons() {}

  static List<String> of(Vocabulary vocabulary, ProfileTable people, int a, int b) {
    List<String> reasons = new ArrayList<>();
    List<String> shared = new ArrayList<>();
    for (int bit = 0; bit < vocabulary.interests().size(); bit++) {
      long mask = 1L << bit;
      if ((people.interests(a, bit / Long.SIZE) & people.interests(b, bit / Long.SIZE) & mask)
          != 0) {
        shared.add(vocabulary.interests().get(bit));
      }
    }
    if (!shared.isEmpty()) {
      int more = shared.size() - MOST_INTERESTS;
      reasons.add(
          "both like "
              + String.join(", ", shared.subList(0, Math.min(shared.size(), MOST_INTERESTS)))
              + (more > 0 ? " and %d more".formatted(more) : ""));
    }
    for (int preference = 0; preference < ProfileTable.PREFERENCE_COUNT; preference++) {
      int code = people.code(preference, a);
      if (code != Vocabulary.UNKNOWN && code == people.code(preference, b)) {
        reasons.add(
            PHRASES
                .get(preference)
                .formatted(vocabulary.preferenceValues(preference).get(code - 1)));
      }
    }
    if (people.budgetLow(a) != ProfileTable.UNKNOWN
        && people.budgetLow(b) != ProfileTable.UNKNOWN
        && Math.min(people.budgetHigh(a), people.budgetHigh(b))
            > Math.max(people.budgetLow(a), people.budgetLow(b))) {
      reasons.add("daily budgets overlap");
    }
    return reasons;
  }
}
