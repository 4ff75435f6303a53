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

  /** More than any age that a profile holds. */
  private static final int ANY_AGE = 127;

  private final ProfileTable people;
  private final BlockedPairs blocks;
  private final Filters filters;
  private final int[] offered;
  private final int[] sought;

  public MeetingFilter(ProfileTable people, BlockedPairs blocks, Filters filters) {
    this.people = people;
    this.blocks = blocks;
    this.filters = filters;
    offered = new int[people.size()];
    sought = new int[people.size()];
    if (filters.ageRange()) {
      for (int row = 0; row < offered.length; row++) {
        placeAges(row);
      }
    }
  }

  /**
   * Old enough for the other, young enough for the other, and the other young enough and old enough
   * in turn: each a byte offered that is not below the one sought.
   */
  private void placeAges(int row) {
    int age = people.age(row);
    int from = Math.max(0, people.companionAgeFrom(row));
    int to =
        people.companionAgeTo(row) == ProfileTable.UNKNOWN ? ANY_AGE : people.companionAgeTo(row);
    boolean unknown = age == ProfileTable.UNKNOWN;
    offered[row] =
        PairFilter.bytes(
            unknown ? ANY_AGE : age, unknown ? ANY_AGE : ANY_AGE - age, to, ANY_AGE - from);
    sought[row] =
        PairFilter.bytes(from, ANY_AGE - to, unknown ? 0 : age, unknown ? 0 : ANY_AGE - age);
  }

  @Override
  public int offered(int row) {
    return offered[row];
  }

  @Override
  public int sought(int row) {
    return sought[row];
  }

  @Override
  public boolean admits(int person, int candidate) {
    return PairFilter.fits(offered[person], sought[candidate])
        && !blocks.contains(person, candidate)
        && (!filters.dates() || datesMeet(person, candidate))
        && (!filters.budget() || budgetsMeet(person, candidate))
        && (filters.maxDistanceKm() == 0
            || distanceKm(person, candidate) <= filters.maxDistanceKm());
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
