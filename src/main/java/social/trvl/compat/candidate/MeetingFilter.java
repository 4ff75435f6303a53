package social.trvl.compat.candidate;

import social.trvl.compat.config.NightlySettings.Filters;
import social.trvl.compat.kernel.PairFilter;
import social.trvl.compat.profile.BlockedPairs;
import social.trvl.compat.profile.ProfileTable;

/**
 * Keeps apart who must not or could not meet: blocked pairs always; the rest as the job's filters
 * say. What a person did not state never excludes anybody.
 */
public final class MeetingFilter implements PairFilter {

  private static final double EARTH_RADIUS_KM = 6371.0088;

  private final ProfileTable people;
  private final BlockedPairs blocks;
  private final Filters filters;

  public MeetingFilter(ProfileTable people, BlockedPairs blocks, Filters filters) {
    this.people = people;
    this.blocks = blocks;
    this.filters = filters;
  }

  @Override
  public boolean admits(int person, int candidate) {
    // Ages first: they keep most apart, and lie closer together than the blocks.
    return (!filters.ageRange() || (seeks(person, candidate) && seeks(candidate, person)))
        && !blocks.contains(person, candidate)
        && (!filters.dates() || datesMeet(person, candidate))
        && (!filters.budget() || budgetsMeet(person, candidate))
        && (filters.maxDistanceKm() == 0
            || distanceKm(person, candidate) <= filters.maxDistanceKm());
  }

  private boolean seeks(int person, int companion) {
    int age = people.age(companion);
    int from = people.companionAgeFrom(person);
    int to = people.companionAgeTo(person);
    return age == ProfileTable.UNKNOWN
        || ((from == ProfileTable.UNKNOWN || age >= from)
            && (to == ProfileTable.UNKNOWN || age <= to));
  }

  private boolean datesMeet(int a, int b) {
    return !people.statesDates(a) || !people.statesDates(b) || people.shareFreeDay(a, b);
  }

  private boolean budgetsMeet(int a, int b) {
    return people.budgetLow(a) == ProfileTable.UNKNOWN
        || people.budgetLow(b) == ProfileTable.UNKNOWN
        || Math.max(people.budgetLow(a), people.budgetLow(b))
            <= Math.min(people.budgetHigh(a), people.budgetHigh(b));
  }

  /** Great-circle distance (haversine, by StrictMath); 0 where a home is unknown. */
  private double distanceKm(int a, int b) {
    if (people.latitude(a) == ProfileTable.NOWHERE || people.latitude(b) == ProfileTable.NOWHERE) {
      return 0;
    }
    double latitudeA = StrictMath.toRadians(people.latitude(a) / 1e6);
    double latitudeB = StrictMath.toRadians(people.latitude(b) / 1e6);
    double dLatitude = latitudeB - latitudeA;
    double dLongitude =
        StrictMath.toRadians((people.longitude(b) - (double) people.longitude(a)) / 1e6);
    double h =
        square(StrictMath.sin(dLatitude / 2))
            + StrictMath.cos(latitudeA)
                * StrictMath.cos(latitudeB)
                * square(StrictMath.sin(dLongitude / 2));
    return 2 * EARTH_RADIUS_KM * StrictMath.asin(Math.min(1, StrictMath.sqrt(h)));
  }

  private static double square(double x) {
    return x * x;
  }
}
