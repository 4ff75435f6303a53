package social.trvl.compat.model.training;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.model.ModelFixtures;
import social.trvl.compat.model.PairModel;
import social.trvl.compat.profile.ProfileTable;
import social.trvl.compat.profile.Vocabulary;

/**
 * Labelled pairs of random people who travelled in fours; how pairs turn out is drawn from a truth
 * that the test chooses.
 */
final class Outcomes {

  static final PairModel BASELINE = ModelFixtures.baseline();

  /** In reach of an additive model: levels of traits and agreement of preferences. */
  static final Evaluation.Truth LINEAR =
      (set, pair) -> {
        ProfileTable people = set.people();
        int a = set.rowA(pair);
        int b = set.rowB(pair);
        double agreeable = people.trait(3, a) + people.trait(3, b) - 100;
        double neurotic = Math.max(people.trait(4, a), people.trait(4, b)) - 67;
        double agreement = people.code(1, a) == people.code(1, b) ? 1 : 0;
        return Scored.probability(
            0.025 * agreeable - 0.02 * neurotic + agreement - 0.3 + 0.1 * shared(set, pair));
      };

  /** Out of its reach: what is good with one partner is bad with another. */
  static final Evaluation.Truth INTERACTIONS =
      (set, pair) -> {
        ProfileTable people = set.people();
        boolean open = people.trait(0, set.rowA(pair)) + people.trait(0, set.rowB(pair)) > 100;
        boolean stable = people.trait(4, set.rowA(pair)) + people.trait(4, set.rowB(pair)) < 100;
        return open == stable ? 0.8 : 0.3;
      };

  static final Evaluation.Truth NOISE = (set, pair) -> 0.6;

  /** Who travels; what is not wished for is unknown of everybody. */
  record People(int count, boolean alike, boolean preferences) {
    static People varied(int count) {
      return new People(count, false, true);
    }
  }

  private Outcomes() {}

  /** Trips of four drawn from the people, six pairs each; a pair stands once. */
  static TrainingSet of(People people, int trips, Evaluation.Truth truth, long seed) {
    TrainingSet undecided = build(people, trips, seed, null);
    Random random = new Random(seed);
    boolean[] labels = new boolean[undecided.size()];
    for (int pair = 0; pair < labels.length; pair++) {
      labels[pair] = random.nextDouble() < truth.probability(undecided, pair);
    }
    return build(people, trips, seed, labels);
  }

  private static TrainingSet build(
      People people, int trips, long seed, boolean @Nullable [] labels) {
    Random random = new Random(seed);
    List<String> stated = new ArrayList<>();
    for (int i = 0; i < people.count(); i++) {
      stated.add(person(people.alike() ? new Random(1) : random, people.preferences()));
    }
    TrainingSet.Builder builder = new TrainingSet.Builder(BASELINE.vocabulary());
    Set<Long> seen = new HashSet<>();
    int pair = 0;
    for (int trip = 0; trip < trips; trip++) {
      int[] party = random.ints(0, people.count()).distinct().limit(4).toArray();
      for (int i = 0; i < party.length; i++) {
        for (int j = i + 1; j < party.length; j++) {
          int a = Math.min(party[i], party[j]);
          int b = Math.max(party[i], party[j]);
          if (seen.add(((long) a << 32) | b)) {
            builder.add(
                pair,
                id(seed, a),
                id(seed, b),
                stated.get(a),
                stated.get(b),
                labels == null || labels[pair],
                1,
                new UUID(seed, trip),
                1_000_000_000L * trip);
            pair++;
          }
        }
      }
    }
    return builder.build();
  }

  private static UUID id(long seed, int person) {
    return new UUID(new Random(seed * 1_000_003 + person).nextLong(), person);
  }

  private static int shared(TrainingSet set, int pair) {
    return Long.bitCount(
        set.people().interests(set.rowA(pair), 0) & set.people().interests(set.rowB(pair), 0));
  }

  private static String person(Random random, boolean preferences) {
    StringBuilder json = new StringBuilder("{");
    for (String trait : ProfileTable.TRAITS) {
      json.append(
          String.format(
              Locale.ROOT,
              "\"%s\": %.2f, ",
              trait,
              Math.clamp(0.5 + 0.2 * random.nextGaussian(), 0, 1)));
    }
    if (preferences) {
      Vocabulary words = BASELINE.vocabulary();
      for (int i = 0; i < Vocabulary.PREFERENCES.size(); i++) {
        List<String> values = words.preferenceValues(i);
        if (random.nextInt(5) > 0) {
          json.append(
              "\"%s\": \"%s\", "
                  .formatted(
                      Vocabulary.PREFERENCES.get(i), values.get(random.nextInt(values.size()))));
        }
      }
      List<String> interests = new ArrayList<>();
      for (String interest : words.interests()) {
        if (random.nextInt(6) == 0) {
          interests.add("\"" + interest + "\"");
        }
      }
      json.append("\"interests\": ").append(interests).append(", ");
      json.append("\"experience_level\": %d, ".formatted(random.nextInt(1, 6)));
      int least = random.nextInt(20, 200);
      json.append(
          "\"daily_budget_min\": %d, \"daily_budget_max\": %d, \"budget_currency\": \"EUR\", "
              .formatted(least, least * random.nextInt(1, 4)));
    }
    return json.append("\"age\": %d}".formatted(random.nextInt(20, 70))).toString();
  }
}
