package social.trvl.compat.profile;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Collects people row by row, in order of user id, and grows the columns.
 *
 * <p>Regions and destinations get codes in the order in which they first appear; rows come in order
 * of user id, so the codes are the same for the same people.
 */
public final class ProfileTableBuilder {

  private static final int FIRST_CAPACITY = 1024;
  private static final int LARGEST_AGE = 120;

  final int interestWords;
  int size;
  long[] idHigh = new long[FIRST_CAPACITY];
  long[] idLow = new long[FIRST_CAPACITY];
  byte[] small = new byte[FIRST_CAPACITY * ProfileTable.SMALL_COLUMNS];
  long[] interests;
  short[] budgetLow = new short[FIRST_CAPACITY];
  short[] budgetHigh = new short[FIRST_CAPACITY];
  int[] region = new int[FIRST_CAPACITY];
  int[] latitude = new int[FIRST_CAPACITY];
  int[] longitude = new int[FIRST_CAPACITY];
  int[] dateOffsets = new int[FIRST_CAPACITY + 1];
  int[] dates = new int[FIRST_CAPACITY];

  int[] destinationOffsets = new int[FIRST_CAPACITY + 1];
  int[] destinationCodes = new int[FIRST_CAPACITY];
  private final Map<String, Integer> regionDictionary = new HashMap<>();
  private final Map<String, Integer> destinationDictionary = new HashMap<>();

  public ProfileTableBuilder(int interestWords) {
    this.interestWords = interestWords;
    interests = new long[FIRST_CAPACITY * interestWords];
  }

  /**
   * Starts a row; what is not set afterwards is unknown.
   *
   * @param traitValues hundredths, 0–100, in the order of {@link ProfileTable#TRAITS}
   * @throws IllegalArgumentException if a trait is out of range or the id is not above the one
   *     before
   */
  public ProfileTableBuilder person(UUID userId, int... traitValues) {
    long high = userId.getMostSignificantBits();
    long low = userId.getLeastSignificantBits();
    if (size > 0) {
      int order = Long.compareUnsigned(idHigh[size - 1], high);
      if (order > 0 || (order == 0 && Long.compareUnsigned(idLow[size - 1], low) >= 0)) {
        throw new IllegalArgumentException(
            "user id (%s) is not above the one before".formatted(userId));
      }
    }
    if (size == region.length) {
      grow(size * 2);
    }
    idHigh[size] = high;
    idLow[size] = low;
    for (int trait = 0; trait < ProfileTable.TRAIT_COUNT; trait++) {
      if (traitValues[trait] < 0 || traitValues[trait] > 100) {
        throw new IllegalArgumentException(
            "%s (%d) of user %s is not within 0–100"
                .formatted(ProfileTable.TRAITS.get(trait), traitValues[trait], userId));
      }
      small[size * ProfileTable.SMALL_COLUMNS + trait] = (byte) traitValues[trait];
    }
    budgetLow[size] = ProfileTable.UNKNOWN;
    budgetHigh[size] = ProfileTable.UNKNOWN;
    latitude[size] = ProfileTable.NOWHERE;
    longitude[size] = ProfileTable.NOWHERE;
    size++;
    set(ProfileTable.AGE, ProfileTable.UNKNOWN);
    set(ProfileTable.EXPERIENCE, ProfileTable.UNKNOWN);
    companionAges(ProfileTable.UNKNOWN, ProfileTable.UNKNOWN);
    dateOffsets[size] = dateOffsets[size - 1];
    destinationOffsets[size] = destinationOffsets[size - 1];
    return this;
  }

  public ProfileTableBuilder age(int years) {
    set(ProfileTable.AGE, Math.min(years, LARGEST_AGE));
    return this;
  }

  public ProfileTableBuilder experience(int level) {
    set(ProfileTable.EXPERIENCE, level);
    return this;
  }

  public ProfileTableBuilder code(int preference, int code) {
    set(ProfileTable.FIRST_CODE + preference, code);
    return this;
  }

  public ProfileTableBuilder interest(int bit) {
    interests[(size - 1) * interestWords + bit / Long.SIZE] |= 1L << bit;
    return this;
  }

  public ProfileTableBuilder budget(int lowLevel, int highLevel) {
    budgetLow[size - 1] = (short) lowLevel;
    budgetHigh[size - 1] = (short) highLevel;
    return this;
  }

  public ProfileTableBuilder region(@Nullable String name) {
    if (name != null) {
      region[size - 1] = regionDictionary.computeIfAbsent(name, n -> regionDictionary.size() + 1);
    }
    return this;
  }

  public ProfileTableBuilder destination(String name) {
    int end = destinationOffsets[size];
    if (end == destinationCodes.length) {
      destinationCodes = Arrays.copyOf(destinationCodes, end * 2);
    }
    destinationCodes[end] =
        destinationDictionary.computeIfAbsent(name, n -> destinationDictionary.size());
    destinationOffsets[size] = end + 1;
    return this;
  }

  public ProfileTableBuilder home(int latitudeMillionths, int longitudeMillionths) {
    latitude[size - 1] = latitudeMillionths;
    longitude[size - 1] = longitudeMillionths;
    return this;
  }

  /**
   * Ages that the person seeks, both inclusive; {@link ProfileTable#UNKNOWN} leaves an end open.
   */
  public ProfileTableBuilder companionAges(int from, int to) {
    set(ProfileTable.COMPANION_FROM, Math.min(from, LARGEST_AGE));
    set(ProfileTable.COMPANION_TO, Math.min(to, LARGEST_AGE));
    return this;
  }

  /** Adds free days, epoch days, the end exclusive; ranges of one person come in order. */
  public ProfileTableBuilder freeDays(int from, int to) {
    int end = dateOffsets[size];
    if (end + 2 > dates.length) {
      dates = Arrays.copyOf(dates, dates.length * 2);
    }
    dates[end] = from;
    dates[end + 1] = to;
    dateOffsets[size] = end + 2;
    return this;
  }

  private void set(int column, int value) {
    small[(size - 1) * ProfileTable.SMALL_COLUMNS + column] = (byte) value;
  }

  public ProfileTable build() {
    return new ProfileTable(this);
  }

  int destinationCount() {
    return destinationDictionary.size();
  }

  private void grow(int capacity) {
    idHigh = Arrays.copyOf(idHigh, capacity);
    idLow = Arrays.copyOf(idLow, capacity);
    small = Arrays.copyOf(small, capacity * ProfileTable.SMALL_COLUMNS);
    interests = Arrays.copyOf(interests, capacity * interestWords);
    budgetLow = Arrays.copyOf(budgetLow, capacity);
    budgetHigh = Arrays.copyOf(budgetHigh, capacity);
    region = Arrays.copyOf(region, capacity);
    latitude = Arrays.copyOf(latitude, capacity);
    longitude = Arrays.copyOf(longitude, capacity);
    dateOffsets = Arrays.copyOf(dateOffsets, capacity + 1);
    destinationOffsets = Arrays.copyOf(destinationOffsets, capacity + 1);
  }
}
