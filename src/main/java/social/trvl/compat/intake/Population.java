package social.trvl.compat.intake;

import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.UUID;

/**
 * An endless row of generated people: the i-th one depends on seed, i and today, on no other person
 * and not on how many are wanted.
 *
 * <p>Ages are as in the facts, from 13: a fifth of these people are minors, as were those who
 * answered. They have accounts and assessments, never trips or groups, and the engine quarantines
 * them.
 */
final class Population {

  /** Nobody's past trips are older; people joined before. */
  static final int TRIP_DAYS_MAX = 730;

  private final long seed;
  private final LocalDate today;
  private final PeopleFacts facts = PeopleFacts.shipped();
  private final TravelPreferenceRules rules;

  Population(long seed, Clock clock) {
    this.seed = seed;
    this.today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    this.rules = new TravelPreferenceRules(clock);
  }

  long seed() {
    return seed;
  }

  Person person(int index) {
    UUID id = Dice.id(seed, "person", Integer.toString(index));
    Dice dice = Dice.of(seed, "person", index);
    int age = facts.drawAge(dice);
    int country = facts.drawCountry(dice);
    Traits traits = facts.drawTraits(dice, age, country);
    LocalDate birth = today.minusYears(age).minusDays(dice.between(0, 364));
    LocalDate since = today.minusDays(TRIP_DAYS_MAX + dice.between(1, 365));
    TravelPreferences preferences =
        rules.draw(Dice.of(seed, "preferences", id), facts.country(country), traits, age);
    return new Person(id, age, birth, since, traits, preferences);
  }
}
