package social.trvl.compat.profile;

import static social.trvl.compat.jooq.compat.Tables.BLOCKS;
import static social.trvl.compat.jooq.compat.Tables.GROUPS;
import static social.trvl.compat.jooq.compat.Tables.GROUP_MEMBERS;
import static social.trvl.compat.jooq.compat.Tables.PERSONALITY_ASSESSMENTS;
import static social.trvl.compat.jooq.compat.Tables.PROFILES;
import static social.trvl.compat.jooq.compat.Tables.TRAVEL_PREFERENCES;

import java.math.BigDecimal;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Period;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import javax.sql.DataSource;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.TableField;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.CopyReader;
import social.trvl.compat.db.Database;
import social.trvl.compat.profile.Population.Quarantined;

/**
 * Reads the {@link Population} in one REPEATABLE READ snapshot.
 *
 * <p>Eligible is who has the role traveler, an unrestricted account, a known birth date that makes
 * an adult at {@code asOf}, and all five traits. Every other traveller is quarantined with the
 * first of these reasons that holds. Vendors and administrators are nobody's companions and are
 * passed over.
 */
public final class PopulationReader {

  private static final int ADULT_YEARS = 18;
  private static final int ROWS_BETWEEN_PROGRESS = 5_000;
  private static final String TRAVELER = "traveler";

  private static final List<TableField<Record, BigDecimal>> TRAITS =
      List.of(
          PERSONALITY_ASSESSMENTS.OPENNESS,
          PERSONALITY_ASSESSMENTS.CONSCIENTIOUSNESS,
          PERSONALITY_ASSESSMENTS.EXTRAVERSION,
          PERSONALITY_ASSESSMENTS.AGREEABLENESS,
          PERSONALITY_ASSESSMENTS.NEUROTICISM);

  /**
   * The running application keeps these four with the assessment; a row of travel preferences wins.
   */
  private static final List<Field<String>> PREFERENCES =
      List.of(
          DSL.coalesce(TRAVEL_PREFERENCES.ADVENTURE_STYLE, PERSONALITY_ASSESSMENTS.ADVENTURE_STYLE)
              .as("adventure"),
          DSL.coalesce(
                  TRAVEL_PREFERENCES.BUDGET_PREFERENCE, PERSONALITY_ASSESSMENTS.BUDGET_PREFERENCE)
              .as("budget"),
          DSL.coalesce(TRAVEL_PREFERENCES.PLANNING_STYLE, PERSONALITY_ASSESSMENTS.PLANNING_STYLE)
              .as("planning"),
          DSL.coalesce(
                  TRAVEL_PREFERENCES.GROUP_PREFERENCE, PERSONALITY_ASSESSMENTS.GROUP_PREFERENCE)
              .as("company"));

  private static final Field<Boolean> UNRESTRICTED =
      DSL.field(
              "compat.is_unrestricted({0}, {1}, transaction_timestamp())",
              Boolean.class, PROFILES.ACCOUNT_STATUS, PROFILES.RESTRICTION_EXPIRES)
          .as("unrestricted");

  private static final Field<LocalDate> DATE_OF_BIRTH =
      PROFILES.DATE_OF_BIRTH.cast(LocalDate.class);

  private static final Field<Object> AVAILABLE_DATES =
      DSL.field("{0}::daterange[]", Object.class, TRAVEL_PREFERENCES.AVAILABLE_DATES);

  private static final Field<Integer> COMPANION_FROM =
      DSL.field("lower({0})::integer", Integer.class, TRAVEL_PREFERENCES.COMPANION_AGE_RANGE)
          .as("companion_from");

  private static final Field<Integer> COMPANION_TO =
      DSL.field("upper({0})::integer", Integer.class, TRAVEL_PREFERENCES.COMPANION_AGE_RANGE)
          .as("companion_to");

  private final DataSource source;
  private final Vocabulary vocabulary;
  private final LocalDate asOf;
  private final Progress progress;

  private final List<Quarantined> quarantine = new ArrayList<>();
  private final ProfileTableBuilder people;
  private long unknownWords;
  private Condition only = DSL.noCondition();
  private boolean everybody = true;

  public PopulationReader(
      DataSource source, Vocabulary vocabulary, LocalDate asOf, Progress progress) {
    this.source = source;
    this.vocabulary = vocabulary;
    this.asOf = asOf;
    this.progress = progress;
    people = new ProfileTableBuilder(vocabulary.interestWords());
  }

  /** Reads only some people, without blocks and groups; for explaining single pairs. */
  public Population read(Collection<UUID> ids) {
    only = PROFILES.ID.in(ids);
    everybody = false;
    return read();
  }

  /** Reads once; an instance serves one read. */
  public Population read() {
    try (Connection connection = source.getConnection()) {
      connection.setAutoCommit(false);
      connection.setReadOnly(true);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      try {
        return read(connection);
      } finally {
        connection.rollback();
      }
    } catch (SQLException e) {
      throw new IllegalStateException("reading the population", e);
    }
  }

  private Population read(Connection connection) throws SQLException {
    Instant snapshotAt =
        Database.sql(connection)
            .select(DSL.field("transaction_timestamp()", SQLDataType.INSTANT))
            .fetchSingle()
            .value1();
    readPeople(connection);
    ProfileTable table = people.build();
    BlockedPairs blocks =
        everybody ? readBlocks(connection, table) : new BlockedPairs.Collector(table).collected();
    List<TravelGroup> groups = everybody ? readGroups(connection) : List.of();
    return new Population(
        table,
        List.copyOf(quarantine),
        blocks,
        groups,
        unknownWords,
        snapshotAt,
        digest(table, blocks, groups));
  }

  /**
   * The role is looked at here, not in the query: behind the view's cast the database has no idea
   * how many people are travelers, believes in a handful, and looks up the rest of them one by one.
   */
  private void readPeople(Connection connection) throws SQLException {
    progress.begin("reading people", 0);
    List<Field<?>> fields = new ArrayList<>(List.of(PROFILES.ROLE, PROFILES.ID, UNRESTRICTED));
    fields.addAll(List.of(DATE_OF_BIRTH, PERSONALITY_ASSESSMENTS.USER_ID));
    fields.addAll(TRAITS);
    fields.addAll(PREFERENCES);
    fields.addAll(
        List.of(
            TRAVEL_PREFERENCES.EXPERIENCE_LEVEL,
            TRAVEL_PREFERENCES.INTERESTS,
            TRAVEL_PREFERENCES.DESTINATIONS,
            TRAVEL_PREFERENCES.DAILY_BUDGET_MIN,
            TRAVEL_PREFERENCES.DAILY_BUDGET_MAX,
            TRAVEL_PREFERENCES.BUDGET_CURRENCY,
            TRAVEL_PREFERENCES.HOME_REGION,
            TRAVEL_PREFERENCES.HOME_LATITUDE,
            TRAVEL_PREFERENCES.HOME_LONGITUDE,
            COMPANION_FROM,
            COMPANION_TO,
            AVAILABLE_DATES));
    var query =
        DSL.select(fields)
            .from(PROFILES)
            .leftJoin(PERSONALITY_ASSESSMENTS)
            .on(PERSONALITY_ASSESSMENTS.USER_ID.eq(PROFILES.ID))
            .leftJoin(TRAVEL_PREFERENCES)
            .on(TRAVEL_PREFERENCES.USER_ID.eq(PROFILES.ID))
            .where(only)
            .orderBy(PROFILES.ID);
    try (CopyReader row = CopyReader.open(connection, query)) {
      int rows = 0;
      while (row.next()) {
        readPerson(row);
        if (++rows == ROWS_BETWEEN_PROGRESS) {
          progress.advance(rows);
          rows = 0;
        }
      }
      progress.advance(rows);
    }
    progress.end();
  }

  private void readPerson(CopyReader row) {
    @Nullable String role = row.text();
    UUID id = Objects.requireNonNull(row.uuid(), "profiles.id");
    boolean unrestricted = row.bool();
    @Nullable LocalDate birthDate = row.date();
    boolean assessed = row.uuid() != null;
    @Nullable BigDecimal[] stated = new BigDecimal[ProfileTable.TRAIT_COUNT];
    for (int i = 0; i < stated.length; i++) {
      stated[i] = row.numeric();
    }
    if (!TRAVELER.equals(role)) {
      row.skipRest();
      return;
    }
    int age = birthDate == null ? ProfileTable.UNKNOWN : Period.between(birthDate, asOf).getYears();
    Quarantined reason = reasonAgainst(id, unrestricted, birthDate == null, age, assessed, stated);
    if (reason != null) {
      quarantine.add(reason);
      row.skipRest();
      return;
    }
    people.person(id, hundredths(stated)).age(age);
    readPreferences(row);
  }

  /** Why a traveller can't be scored; null if nothing speaks against it. */
  private static @Nullable Quarantined reasonAgainst(
      UUID id,
      boolean unrestricted,
      boolean birthDateUnknown,
      int age,
      boolean assessed,
      @Nullable BigDecimal[] traits) {
    if (!unrestricted) {
      return new Quarantined(
          id, "account_restricted", "the account is restricted, suspended, banned or deleted");
    }
    if (birthDateUnknown) {
      return new Quarantined(id, "birth_date_unknown", "the profile has no birth date");
    }
    if (age < ADULT_YEARS) {
      return new Quarantined(id, "under_age", "not yet " + ADULT_YEARS + " on the run's date");
    }
    if (!assessed) {
      return new Quarantined(id, "assessment_missing", "no personality assessment");
    }
    Set<String> missing = new TreeSet<>();
    Set<String> invalid = new TreeSet<>();
    for (int i = 0; i < traits.length; i++) {
      String name = TRAITS.get(i).getName();
      BigDecimal value = traits[i];
      if (value == null) {
        missing.add(name);
      } else if (value.signum() < 0 || value.compareTo(BigDecimal.ONE) > 0) {
        invalid.add(name + " is " + value);
      }
    }
    if (!missing.isEmpty()) {
      return new Quarantined(id, "assessment_incomplete", "missing: " + String.join(", ", missing));
    }
    if (!invalid.isEmpty()) {
      // Only an adopted database lets such values in.
      return new Quarantined(
          id, "assessment_invalid", "not from 0 to 1: " + String.join(", ", invalid));
    }
    return null;
  }

  private static int[] hundredths(@Nullable BigDecimal[] traits) {
    int[] hundredths = new int[traits.length];
    for (int i = 0; i < traits.length; i++) {
      hundredths[i] = Objects.requireNonNull(traits[i]).movePointRight(2).intValueExact();
    }
    return hundredths;
  }

  /** In the order of the query; loops have methods of their own, which are soon compiled. */
  private void readPreferences(CopyReader row) {
    for (int i = 0; i < PREFERENCES.size(); i++) {
      readCode(i, row.text());
    }
    people.experience(row.integer(ProfileTable.UNKNOWN));
    readInterests(row.texts());
    readDestinations(row.texts());
    readBudget(row);
    people.region(row.text());
    readHome(row);
    int from = row.integer(ProfileTable.UNKNOWN);
    int to = row.integer(ProfileTable.UNKNOWN);
    people.companionAges(from, to == ProfileTable.UNKNOWN ? to : Math.max(0, to - 1));
    readFreeDays(row.dayRanges());
  }

  private void readCode(int preference, @Nullable String value) {
    int code = vocabulary.preferenceCode(preference, value);
    unknownWords += value != null && code == Vocabulary.UNKNOWN ? 1 : 0;
    people.code(preference, code);
  }

  private void readInterests(String[] interests) {
    for (String interest : interests) {
      int bit = vocabulary.interestBit(interest);
      if (bit < 0) {
        unknownWords++;
      } else {
        people.interest(bit);
      }
    }
  }

  /** In order, each once. */
  private void readDestinations(String[] destinations) {
    for (String destination : new TreeSet<>(Arrays.asList(destinations))) {
      people.destination(destination);
    }
  }

  private void readHome(CopyReader row) {
    @Nullable BigDecimal latitude = row.numeric();
    @Nullable BigDecimal longitude = row.numeric();
    if (latitude != null && longitude != null) {
      people.home(millionths(latitude), millionths(longitude));
    }
  }

  private static int millionths(BigDecimal degrees) {
    return degrees.movePointRight(6).intValue();
  }

  private void readBudget(CopyReader row) {
    @Nullable BigDecimal low = row.numeric();
    @Nullable BigDecimal high = row.numeric();
    @Nullable String currency = row.text();
    if (low == null || high == null || currency == null) {
      return;
    }
    int lowLevel = vocabulary.budgetLevel(low, currency);
    if (lowLevel < 0) {
      unknownWords++;
      return;
    }
    people.budget(lowLevel, vocabulary.budgetLevel(high, currency));
  }

  /** Days before asOf are over: keeping them would change the digest every night for nothing. */
  private void readFreeDays(int[] days) {
    int today = Math.toIntExact(asOf.toEpochDay());
    for (int i = 0; i < days.length; i += 2) {
      int firstDay = Math.max(today, days[i]);
      if (days[i + 1] > firstDay) {
        people.freeDays(firstDay, days[i + 1]);
      }
    }
  }

  private static BlockedPairs readBlocks(Connection connection, ProfileTable table)
      throws SQLException {
    BlockedPairs.Collector blocks = new BlockedPairs.Collector(table);
    try (CopyReader row =
        CopyReader.open(
            connection, DSL.select(BLOCKS.BLOCKER_ID, BLOCKS.BLOCKED_ID).from(BLOCKS))) {
      while (row.next()) {
        UUID blocker = row.uuid();
        UUID blocked = row.uuid();
        if (blocker != null && blocked != null) {
          blocks.add(blocker, blocked);
        }
      }
    }
    return blocks.collected();
  }

  private static List<TravelGroup> readGroups(Connection connection) throws SQLException {
    Field<UUID[]> members =
        DSL.field(
            DSL.select(DSL.arrayAgg(GROUP_MEMBERS.USER_ID).orderBy(GROUP_MEMBERS.USER_ID))
                .from(GROUP_MEMBERS)
                .where(GROUP_MEMBERS.GROUP_ID.eq(GROUPS.ID))
                .and(DSL.coalesce(GROUP_MEMBERS.IS_ACTIVE, true)));
    Field<Integer> ageFrom = DSL.field("lower({0})", Integer.class, GROUPS.AGE_RANGE);
    Field<Integer> ageTo = DSL.field("upper({0})", Integer.class, GROUPS.AGE_RANGE);
    List<TravelGroup> groups = new ArrayList<>();
    try (CopyReader row =
        CopyReader.open(
            connection,
            DSL.select(GROUPS.ID, members, GROUPS.MAX_MEMBERS, ageFrom, ageTo)
                .from(GROUPS)
                .where(DSL.coalesce(GROUPS.IS_ACTIVE, true))
                .orderBy(GROUPS.ID))) {
      while (row.next()) {
        UUID id = Objects.requireNonNull(row.uuid(), "groups.id");
        List<UUID> ids = List.copyOf(row.uuids());
        boolean open = ids.size() < row.integer(Integer.MAX_VALUE);
        int from = row.integer(ProfileTable.UNKNOWN);
        int to = row.integer(ProfileTable.UNKNOWN);
        groups.add(new TravelGroup(id, ids, from, to == ProfileTable.UNKNOWN ? to : to - 1, open));
      }
    }
    return groups;
  }

  private static String digest(ProfileTable table, BlockedPairs blocks, List<TravelGroup> groups) {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
    table.digest(digest);
    DigestFeed feed = new DigestFeed(digest);
    blocks.digest(feed);
    for (TravelGroup group : groups) {
      group.digest(feed);
    }
    feed.flush();
    return HexFormat.of().formatHex(digest.digest());
  }
}
