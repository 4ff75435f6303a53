package social.trvl.compat.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import social.trvl.compat.model.AdditiveModel;
import social.trvl.compat.model.Feature;
import social.trvl.compat.model.PairModel;
import social.trvl.compat.profile.ProfileTable;
import social.trvl.compat.profile.Vocabulary;

/**
 * Why two people match, in words that may be shown to them: what both stated as preferences and
 * interests and what speaks for the pair, most telling first.
 *
 * <p>Never traits: nobody learns another's assessment from a reason, nor from its absence or place.
 * Hence what speaks for a pair is asked of the additive model (of a boosted one, its surrogate),
 * where the contribution of a stated preference depends on that preference alone; a tree's also
 * depends on the traits beside it.
 */
final class Reasons {

  private static final int MOST_INTERESTS = 5;

  private static final List<Feature> PREFERENCES =
      List.of(
          Feature.ADVENTURE_STYLE,
          Feature.BUDGET_PREFERENCE,
          Feature.PLANNING_STYLE,
          Feature.GROUP_PREFERENCE);

  private static final List<String> PHRASES =
      List.of(
          "same pace (%s)",
          "same budget class (%s)", "same way of planning (%s)", "same kind of company (%s)");

  private record Reason(int gain, String words) {}

  private Reasons() {}

  static List<String> of(PairModel model, ProfileTable people, int a, int b) {
    AdditiveModel additive = model.additive();
    int[] contributions = additive.contributions(people, a, b);
    List<Reason> reasons = new ArrayList<>();
    List<String> shared = sharedInterests(model.vocabulary(), people, a, b);
    if (!shared.isEmpty()) {
      int more = shared.size() - MOST_INTERESTS;
      reasons.add(
          new Reason(
              gain(additive, Feature.SHARED_INTERESTS, contributions),
              "both like "
                  + String.join(", ", shared.subList(0, Math.min(shared.size(), MOST_INTERESTS)))
                  + (more > 0 ? " and %d more".formatted(more) : "")));
    }
    for (int preference = 0; preference < ProfileTable.PREFERENCE_COUNT; preference++) {
      int code = people.code(preference, a);
      if (code != Vocabulary.UNKNOWN && code == people.code(preference, b)) {
        reasons.add(
            new Reason(
                gain(additive, PREFERENCES.get(preference), contributions),
                PHRASES
                    .get(preference)
                    .formatted(model.vocabulary().preferenceValues(preference).get(code - 1))));
      }
    }
    if (people.budgetLow(a) != ProfileTable.UNKNOWN
        && people.budgetLow(b) != ProfileTable.UNKNOWN) {
      reasons.add(
          new Reason(
              gain(additive, Feature.BUDGET_OVERLAP, contributions), "daily budgets overlap"));
    }
    return reasons.stream()
        .filter(reason -> reason.gain > 0)
        .sorted(Comparator.comparingInt(Reason::gain).reversed())
        .map(Reason::words)
        .toList();
  }

  /** What a feature speaks for the pair, beyond what it would if neither had stated anything. */
  private static int gain(AdditiveModel additive, Feature feature, int[] contributions) {
    return contributions[feature.index()] - additive.neutral(feature);
  }

  private static List<String> sharedInterests(
      Vocabulary vocabulary, ProfileTable people, int a, int b) {
    return IntStream.range(0, vocabulary.interests().size())
        .filter(bit ->
            (people.interests(a, bit / Long.SIZE)
                    & people.interests(b, bit / Long.SIZE)
                    & 1L << bit)
                != 0)
        .mapToObj(vocabulary.interests()::get)
        .toList();
  }
}
