package social.trvl.compat.profile;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/**
 * The scorable population by column: one row a person, ordered by user id bytewise (as PostgreSQL
 * orders uuid), hence "lower row" and "lower user id" mean the same. Immutable; below 200 bytes a
 * person.
 *
 * <p>Values are what people stated: unknown is kept as unknown, and each model decides what it
 * makes of it.
 */
public final class ProfileTable {

  /** In the order of {@link #trait}. */
  public static final List<String> TRAITS =
      List.of("openness", "conscientiousness", "extraversion", "agreeableness", "neuroticism");

  public static final int TRAIT_COUNT = 5;
  public static final int PREFERENCE_COUNT = 4;

  /** Stands for an unknown age, experience or budget level. */
  public static final int UNKNOWN = -1;

  /** Stands for an unknown latitude or longitude. */
  public static final int NOWHERE = Integer.MIN_VALUE;

  /** Places of a person's small values; a power of two, so that no person straddles two lines. */
  static final int SMALL_COLUMNS = 16;

  static final int AGE = TRAIT_COUNT;
  static final int EXPERIENCE = AGE + 1;
  static final int FIRST_CODE = EXPERIENCE + 1;
  static final int COMPANION_FROM = FIRST_CODE + PREFERENCE_COUNT;
  static final int COMPANION_TO = COMPANION_FROM + 1;

  private final int size;
  private final int interestWords;
  private final long[] idHigh;
  private final long[] idLow;

  /**
   * Side by side for each person, {@value #SMALL_COLUMNS} bytes each: pairs are described in no
   * order, and what stands together costs one miss of the cache.
   */
  private final byte[] small;

  private final long[] interests;
  private final short[] budgetLow;
  private final short[] budgetHigh;
  private final int[] region;
  private final int destinationCount;
  private final int[] destinationOffsets;
  private final int[] destinations;
  private final int[] latitude;
  private final int[] longitude;
  private final int[] dateOffsets;
  private final int[] dates;

  ProfileTable(ProfileTableBuilder b) {
    size = b.size;
    interestWords = b.interestWords;
    idHigh = Arrays.copyOf(b.idHigh, size);
    idLow = Arrays.copyOf(b.idLow, size);
    small = Arrays.copyOf(b.small, size * SMALL_COLUMNS);
    interests = Arrays.copyOf(b.interests, size * interestWords);
    budgetLow = Arrays.copyOf(b.budgetLow, size);
    budgetHigh = Arrays.copyOf(b.budgetHigh, size);
    region = Arrays.copyOf(b.region, size);
    destinationOffsets = Arrays.copyOf(b.destinationOffsets, size + 1);
    destinations = Arrays.copyOf(b.destinationCodes, destinationOffsets[size]);
    destinationCount = b.destinationCount();
    latitude = Arrays.copyOf(b.latitude, size);
    longitude = Arrays.copyOf(b.longitude, size);
    dateOffsets = Arrays.copyOf(b.dateOffsets, size + 1);
    dates = Arrays.copyOf(b.dates, dateOffsets[size]);
  }

  public int size() {
    return size;
  }

  public UUID userId(int row) {
    return new UUID(idHigh[row], idLow[row]);
  }

  /** Row of a person, or −1 if the person is not in the table. */
  public int rowOf(UUID userId) {
    long high = userId.getMostSignificantBits();
    long low = userId.getLeastSignificantBits();
    int from = 0;
    int to = size - 1;
    while (from <= to) {
      int middle = (from + to) >>> 1;
      int order = Long.compareUnsigned(idHigh[middle], high);
      if (order == 0) {
        order = Long.compareUnsigned(idLow[middle], low);
      }
      if (order == 0) {
        return middle;
      } else if (order < 0) {
        from = middle + 1;
      } else {
        to = middle - 1;
      }
    }
    return -1;
  }

  /** Hundredths, 0–100. */
  public int trait(int trait, int row) {
    return small[row * SMALL_COLUMNS + trait];
  }

  /** Whole years at the run's asOf date, or {@link #UNKNOWN}. */
  public int age(int row) {
    return small[row * SMALL_COLUMNS + AGE];
  }

  /** 1–5, or {@link #UNKNOWN}. */
  public int experience(int row) {
    return small[row * SMALL_COLUMNS + EXPERIENCE];
  }

  /** Code of a stated preference in the vocabulary, 0 = unknown. */
  public int code(int preference, int row) {
    return small[row * SMALL_COLUMNS + FIRST_CODE + preference];
  }

  public int interestWords() {
    return interestWords;
  }

  public long interests(int row, int word) {
    return interests[row * interestWords + word];
  }

  public boolean statesInterests(int row) {
    for (int word = 0; word < interestWords; word++) {
      if (interests(row, word) != 0) {
        return true;
      }
    }
    return false;
  }

  /** Level of the lowest daily budget, or {@link #UNKNOWN}. */
  public int budgetLow(int row) {
    return budgetLow[row];
  }

  /** Level of the highest daily budget, or {@link #UNKNOWN}. */
  public int budgetHigh(int row) {
    return budgetHigh[row];
  }

  /**
   * Code of the home region in this table, 0 = unknown; equal codes mean equal regions, and nothing
   * else.
   */
  public int region(int row) {
    return region[row];
  }

  /** How many different destinations the people of this table wish. */
  public int destinationCount() {
    return destinationCount;
  }

  /** How many destinations the person wishes. */
  public int destinations(int row) {
    return destinationOffsets[row + 1] - destinationOffsets[row];
  }

  /** Code of the i-th wished destination in this table, 0 ≤ code &lt; {@link #destinationCount}. */
  public int destination(int row, int i) {
    return destinations[destinationOffsets[row] + i];
  }

  /** Millionths of a degree, or {@link #NOWHERE}. */
  public int latitude(int row) {
    return latitude[row];
  }

  public int longitude(int row) {
    return longitude[row];
  }

  /** Youngest companion that the person seeks, or {@link #UNKNOWN} for no limit. */
  public int companionAgeFrom(int row) {
    return small[row * SMALL_COLUMNS + COMPANION_FROM];
  }

  /** Oldest companion that the person seeks, inclusive, or {@link #UNKNOWN} for no limit. */
  public int companionAgeTo(int row) {
    return small[row * SMALL_COLUMNS + COMPANION_TO];
  }

  public boolean statesDates(int row) {
    return dateOffsets[row + 1] > dateOffsets[row];
  }

  /**
   * Whether two people share a free day. Both lists are ordered, so one walk over both suffices.
   */
  public boolean shareFreeDay(int a, int b) {
    int i = dateOffsets[a];
    int j = dateOffsets[b];
    while (i < dateOffsets[a + 1] && j < dateOffsets[b + 1]) {
      if (dates[i + 1] <= dates[j]) {
        i += 2;
      } else if (dates[j + 1] <= dates[i]) {
        j += 2;
      } else {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether a person stands in two tables alike, as far as the score of a pair or the age for a
   * group goes; also if they stand in neither.
   *
   * @param other made with the same vocabulary and at the same date
   */
  public boolean agreesWith(ProfileTable other, UUID person) {
    int row = rowOf(person);
    int otherRow = other.rowOf(person);
    if (row < 0 || otherRow < 0) {
      return row == otherRow;
    }
    boolean same =
        budgetLow[row] == other.budgetLow[otherRow]
            && budgetHigh[row] == other.budgetHigh[otherRow];
    for (int column = 0; column < SMALL_COLUMNS; column++) {
      same &= small[row * SMALL_COLUMNS + column] == other.small[otherRow * SMALL_COLUMNS + column];
    }
    for (int word = 0; word < interestWords; word++) {
      same &= interests(row, word) == other.interests(otherRow, word);
    }
    return same;
  }

  /** Adds every value of every row to the digest. */
  void digest(MessageDigest digest) {
    DigestFeed feed = new DigestFeed(digest);
    feed.add(size).add(interestWords);
    feed.add(idHigh).add(idLow);
    feed.add(small);
    feed.add(interests)
        .add(budgetLow)
        .add(budgetHigh)
        .add(region)
        .add(destinationOffsets)
        .add(destinations);
    feed.add(latitude).add(longitude);
    feed.add(dateOffsets).add(dates);
    feed.flush();
  }
}
