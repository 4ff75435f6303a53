package social.trvl.compat.model;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import social.trvl.compat.profile.ProfileTable;
import social.trvl.compat.profile.ProfileTableBuilder;

/** Models other than the baseline, and random people for any model. */
final class ModelFixtures {

  private ModelFixtures() {}

  static PairModel baseline() {
    return read(Baseline.artefact());
  }

  static PairModel read(byte[] artefact) {
    return Artefact.read(artefact, Artefact.sha256(artefact));
  }

  /** An artefact of random weights of both signs; few codes, so that it is read quickly. */
  static byte[] randomArtefact(long seed, int interests) {
    Random random = new Random(seed);
    ArtefactBuilder builder = new ArtefactBuilder("random " + seed, true, weight(random, 2));
    for (int i = 0; i < ProfileTable.TRAIT_COUNT; i++) {
      builder.numeric(5 * i, 100 - 3 * i, 50, weight(random, 0.02), weight(random, 0.02), "random");
    }
    builder.numeric(18, 80, 33, weight(random, 0.02), weight(random, 0.02), "random");
    builder.numeric(1, 5, 2, weight(random, 0.2), weight(random, 0.2), "random");
    for (int i = 0; i < ProfileTable.PREFERENCE_COUNT; i++) {
      builder.preference(
          List.of("low", "middle", "high"),
          new double[] {weight(random, 1), weight(random, 1), weight(random, 1)},
          "random");
    }
    return builder.build(
        IntStream.range(0, interests).mapToObj(i -> "interest " + i).toList(),
        Map.of("other", "interest 0"),
        weight(random, 0.2),
        4,
        "random",
        Map.of("USD", 10_000),
        90,
        100,
        weight(random, 0.1),
        12,
        "random");
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
