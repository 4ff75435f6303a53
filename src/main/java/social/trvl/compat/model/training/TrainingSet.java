package social.trvl.compat.model.training;

import static social.trvl.compat.jooq.public_.Tables.MODEL_TRAINING_DATA;

import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jooq.Cursor;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.db.Database;
import social.trvl.compat.profile.ProfileTable;
import social.trvl.compat.profile.ProfileTableBuilder;
import social.trvl.compat.profile.Vocabulary;

/**
 * The labelled pairs of {@code model_training_data} by column, read through one model's vocabulary.
 *
 * <p>A pair's two people stand in {@link #people()} as they were when they travelled: rows {@code 2
 * i} and {@code 2 i + 1} of pair i. The same person in several pairs has several rows there and one
 * number in {@link #personA} and {@link #personB}. Pairs are in the order of (user_a, user_b), so
 * the same table gives the same set.
 */
public final class TrainingSet {

  private static final int FETCH_ROWS = 10_000;

  private final ProfileTable people;
  private final UUID[] userIds;
  private final int[] personA;
  private final int[] personB;
  private final int[] trips;
  private final boolean[] labels;
  private final double[] weights;
  private final long[] observedAtMillis;
  private final long[] rowIds;
  private final int tripCount;

  private TrainingSet(Builder from) {
    int n = from.size;
    people = from.states.build();
    userIds = from.userIds();
    personA = Arrays.copyOf(from.personA, n);
    personB = Arrays.copyOf(from.personB, n);
    trips = Arrays.copyOf(from.trips, n);
    labels = Arrays.copyOf(from.labels, n);
    weights = Arrays.copyOf(from.weights, n);
    observedAtMillis = Arrays.copyOf(from.observedAtMillis, n);
    rowIds = Arrays.copyOf(from.rowIds, n);
    tripCount = from.tripCount;
  }

  /**
   * Reads the whole table.
   *
   * @throws CompatException with BAD_INPUT if a row's features are not in the documented form
   */
  public static TrainingSet load(Database database, Vocabulary vocabulary) {
    return database
        .engineSql()
        .transactionResult(configuration -> load(configuration.dsl(), vocabulary));
  }

  /** Reads it within a transaction. */
  static TrainingSet load(DSLContext sql, Vocabulary vocabulary) {
    Builder builder = new Builder(vocabulary);
    try (Cursor<? extends Record> cursor =
        sql.select(
                MODEL_TRAINING_DATA.ID,
                MODEL_TRAINING_DATA.USER_A,
                MODEL_TRAINING_DATA.USER_B,
                MODEL_TRAINING_DATA.FEATURES_A,
                MODEL_TRAINING_DATA.FEATURES_B,
                MODEL_TRAINING_DATA.LABEL,
                MODEL_TRAINING_DATA.WEIGHT,
                MODEL_TRAINING_DATA.TRIP_ID,
                MODEL_TRAINING_DATA.OBSERVED_AT)
            .from(MODEL_TRAINING_DATA)
            .orderBy(MODEL_TRAINING_DATA.USER_A, MODEL_TRAINING_DATA.USER_B)
            .fetchSize(FETCH_ROWS)
            .fetchLazy()) {
      for (Record row : cursor) {
        OffsetDateTime at = row.get(MODEL_TRAINING_DATA.OBSERVED_AT);
        builder.add(
            row.get(MODEL_TRAINING_DATA.ID),
            row.get(MODEL_TRAINING_DATA.USER_A),
            row.get(MODEL_TRAINING_DATA.USER_B),
            row.get(MODEL_TRAINING_DATA.FEATURES_A).data(),
            row.get(MODEL_TRAINING_DATA.FEATURES_B).data(),
            row.get(MODEL_TRAINING_DATA.LABEL),
            row.get(MODEL_TRAINING_DATA.WEIGHT).doubleValue(),
            row.get(MODEL_TRAINING_DATA.TRIP_ID),
            at.toInstant().toEpochMilli());
      }
    }
    return builder.build();
  }

  /** Number of pairs. */
  public int size() {
    return labels.length;
  }

  /** People as they were: rows {@code 2 i} and {@code 2 i + 1} are those of pair i. */
  public ProfileTable people() {
    return people;
  }

  public int rowA(int pair) {
    return 2 * pair;
  }

  public int rowB(int pair) {
    return 2 * pair + 1;
  }

  /** Whether both were satisfied. */
  public boolean label(int pair) {
    return labels[pair];
  }

  /** How much the outcome counts, above 0. */
  public double weight(int pair) {
    return weights[pair];
  }

  /** Number of the person with the lower user id, 0 ≤ number &lt; {@link #personCount()}. */
  public int personA(int pair) {
    return personA[pair];
  }

  public int personB(int pair) {
    return personB[pair];
  }

  public int personCount() {
    return userIds.length;
  }

  public UUID userId(int person) {
    return userIds[person];
  }

  /** Number of the trip, 0 ≤ number &lt; {@link #tripCount()}; a pair without one has its own. */
  public int trip(int pair) {
    return trips[pair];
  }

  public int tripCount() {
    return tripCount;
  }

  public long observedAtMillis(int pair) {
    return observedAtMillis[pair];
  }

  /** Key of the pair in {@code model_training_data}. */
  public long rowId(int pair) {
    return rowIds[pair];
  }

  /** Collects pairs, in the order in which they are to stand. */
  public static final class Builder {

    private static final int FIRST_CAPACITY = 1024;

    private final Vocabulary vocabulary;
    private final ProfileTableBuilder states;
    private final Map<UUID, Integer> numbers = new HashMap<>();
    private final Map<UUID, Integer> tripNumbers = new HashMap<>();
    private int size;
    private int tripCount;
    private int[] personA = new int[FIRST_CAPACITY];
    private int[] personB = new int[FIRST_CAPACITY];
    private int[] trips = new int[FIRST_CAPACITY];
    private boolean[] labels = new boolean[FIRST_CAPACITY];
    private double[] weights = new double[FIRST_CAPACITY];
    private long[] observedAtMillis = new long[FIRST_CAPACITY];
    private long[] rowIds = new long[FIRST_CAPACITY];

    public Builder(Vocabulary vocabulary) {
      this.vocabulary = vocabulary;
      states = new ProfileTableBuilder(vocabulary.interestWords());
    }

    /**
     * Adds a pair.
     *
     * @param featuresA what {@link StatedProfile} documents, as JSON
     * @throws CompatException with BAD_INPUT, naming the row, if features are not in that form
     */
    public void add(
        long rowId,
        UUID userA,
        UUID userB,
        String featuresA,
        String featuresB,
        boolean label,
        double weight,
        @Nullable UUID trip,
        long atMillis) {
      if (size == labels.length) {
        grow(size * 2);
      }
      addState(rowId, new UUID(size, 0), featuresA);
      addState(rowId, new UUID(size, 1), featuresB);
      personA[size] = number(userA);
      personB[size] = number(userB);
      int newTrip = tripCount;
      trips[size] = trip == null ? newTrip : tripNumbers.computeIfAbsent(trip, t -> newTrip);
      tripCount = Math.max(tripCount, trips[size] + 1);
      labels[size] = label;
      weights[size] = weight;
      observedAtMillis[size] = atMillis;
      rowIds[size] = rowId;
      size++;
    }

    public TrainingSet build() {
      return new TrainingSet(this);
    }

    private void addState(long rowId, UUID state, String features) {
      try {
        StatedProfile.parse(features).addTo(states, state, vocabulary);
      } catch (IllegalArgumentException e) {
        throw new CompatException(
            ExitCode.BAD_INPUT,
            "Row %d of model_training_data has features that can't be read: %s. Delete the row and run 'compat label harvest'."
                .formatted(rowId, e.getMessage()),
            e);
      }
    }

    private int number(UUID user) {
      return numbers.computeIfAbsent(user, id -> numbers.size());
    }

    private UUID[] userIds() {
      UUID[] ids = new UUID[numbers.size()];
      numbers.forEach((id, number) -> ids[number] = id);
      return ids;
    }

    private void grow(int capacity) {
      personA = Arrays.copyOf(personA, capacity);
      personB = Arrays.copyOf(personB, capacity);
      trips = Arrays.copyOf(trips, capacity);
      labels = Arrays.copyOf(labels, capacity);
      weights = Arrays.copyOf(weights, capacity);
      observedAtMillis = Arrays.copyOf(observedAtMillis, capacity);
      rowIds = Arrays.copyOf(rowIds, capacity);
    }
  }
}
