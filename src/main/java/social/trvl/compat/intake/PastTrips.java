package social.trvl.compat.intake;

import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.IntFunction;

/**
 * Past trips of generated people, and who was satisfied with whom.
 *
 * <p>One trip for every four people: trip t exists once person 4t + 3 does, and its three to five
 * travellers, all adult then, are drawn from the last {@link #WINDOW} people up to that one. So
 * more people add trips and change none. Whether a pair was satisfied is drawn by a {@link
 * TrueModel}, each pair by itself; of an unsatisfied pair both, or only one, say so.
 */
final class PastTrips {

  static final int PEOPLE_PER_TRIP = 4;
  static final int WINDOW = 1_000;

  /** Adult today and two years ago. */
  private static final int AGE_MIN = 20;

  private static final int PARTY_MIN = 3;
  private static final int DRAWS_MAX = 40;

  /** What one traveller says of another. */
  record Feedback(
      UUID id, UUID person, UUID other, UUID trip, boolean satisfied, Instant occurredAt) {

    void write(CopyRows copy) throws SQLException {
      write(copy, occurredAt.toString());
    }

    /** As said at another time. */
    void write(CopyRows copy, String at) throws SQLException {
      copy.add(id).add(person).add(other).add(trip).add(satisfied);
      copy.add(at).endRow();
    }
  }

  private final long seed;
  private final LocalDate today;
  private final TrueModel truth;
  private final IntFunction<Person> people;

  /**
   * @param people by index; those before the ones asked for must be known
   */
  PastTrips(long seed, Clock clock, TrueModel truth, IntFunction<Person> people) {
    this.seed = seed;
    this.today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    this.truth = truth;
    this.people = people;
  }

  /** Feedback of all trips that exist because of people from..to−1. */
  List<Feedback> feedback(int from, int to) {
    List<Feedback> all = new ArrayList<>();
    for (int trip = from / PEOPLE_PER_TRIP; lastPerson(trip) < to; trip++) {
      if (lastPerson(trip) >= from) {
        addTrip(trip, all);
      }
    }
    return all;
  }

  private static int lastPerson(int trip) {
    return PEOPLE_PER_TRIP * trip + PEOPLE_PER_TRIP - 1;
  }

  private void addTrip(int trip, List<Feedback> all) {
    Dice dice = Dice.of(seed, "trip", trip);
    UUID id = Dice.id(seed, "trip", Integer.toString(trip));
    int size = dice.between(PARTY_MIN, 5);
    Instant ended =
        today
            .minusDays(dice.between(1, Population.TRIP_DAYS_MAX))
            .atStartOfDay(ZoneOffset.UTC)
            .toInstant()
            .plusSeconds(dice.between(0, 86_399));
    List<Person> party = party(dice, lastPerson(trip), size);
    if (party.size() < PARTY_MIN) {
      return;
    }
    for (int i = 0; i < party.size(); i++) {
      for (int j = i + 1; j < party.size(); j++) {
        addPair(dice, id, ended, party.get(i), party.get(j), all);
      }
    }
  }

  private List<Person> party(Dice dice, int last, int size) {
    List<Person> party = new ArrayList<>();
    for (int draw = 0; draw < DRAWS_MAX && party.size() < size; draw++) {
      Person person = people.apply(dice.between(Math.max(0, last + 1 - WINDOW), last));
      if (person.age() >= AGE_MIN && !party.contains(person)) {
        party.add(person);
      }
    }
    return party;
  }

  private void addPair(
      Dice dice, UUID trip, Instant ended, Person a, Person b, List<Feedback> all) {
    double probability =
        truth.probability(a.traits(), a.preferences(), b.traits(), b.preferences());
    boolean both = dice.chance(probability);
    // Of the unsatisfied pairs two fifths agree on that; else one of the two, drawn by lot, was
    // content.
    int content = dice.weighted(.4, .3, .3);
    all.add(one(trip, a, b, both || content == 1, ended));
    all.add(one(trip, b, a, both || content == 2, ended));
  }

  private Feedback one(UUID trip, Person person, Person other, boolean satisfied, Instant at) {
    UUID id = Dice.id(seed, "feedback", trip + ":" + person.id() + ":" + other.id());
    return new Feedback(id, person.id(), other.id(), trip, satisfied, at);
  }
}
