package social.trvl.compat.profile;

import static social.trvl.compat.jooq.compat.Tables.BLOCKS;
import static social.trvl.compat.jooq.compat.Tables.GROUPS;
import static social.trvl.compat.jooq.compat.Tables.GROUP_MEMBERS;
import static social.trvl.compat.jooq.compat.Tables.PERSONALITY_ASSESSMENTS;
import static social.trvl.compat.jooq.compat.Tables.PROFILES;
import static social.trvl.compat.jooq.compat.Tables.TRAVEL_PREFERENCES;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
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
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import javax.sql.DataSource;
import org.jooq.Condition;
import org.jooq.Cursor;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.TableField;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.Progress;
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
  private static final int FETCH_ROWS = 5_000;
  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);
  private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);

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

  private static final Field<Integer[]> FREE_FROM = epochDays("lower", "free_from");

  private static final Field<Integer[]> FREE_TO = epochDays("upper", "free_to");

  private static final Field<Integer> COMPANION_FROM =
      DSL.field("lower({0})", Integer.class, TRAVEL_PREFERENCES.COMPANION_AGE_RANGE)
          .as("companion_from");

  private static final Field<Integer> COMPANION_TO =
      DSL.field("upper({0})", Integer.class, TRAVEL_PREFERENCES.COMPANION_AGE_RANGE)
          .as("companion_to");

  private final DataSource source;
  private final Vocabulary vocabulary;
  private final LocalDate asOf;
  private final Progress progress;

  private final List<Quarantined> quarantine = new ArrayList<>();
  private final ProfileTableBuilder people;
  private long unknownWords;
  private Condition only = DSL.noCondition();

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
    return read();
  }

  /** Reads once; an instance serves one read. */
  public Population read() {
    try (Connection connection = source.getConnection()) {
      connection.setAutoCommit(false);
      connection.setReadOnly(true);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      try {
        return read(Database.sql(connection));
      } finally {
        connection.rollback();
      }
    } catch (SQLException e) {
      throw new IllegalStateException("reading the population", e);
    }
  }

  private Population read(DSLContext sql) {
    Instant snapshotAt =
        sql.select(DSL.field("transaction_timestamp()", SQLDataType.INSTANT))
            .fetchSingle()
            .value1();
    readPeople(sql);
    ProfileTable table = people.build();
    BlockedPairs blocks = readBlocks(sql, table);
    List<TravelGroup> groups = readGroups(sql);
    return new Population(
        table,
        List.copyOf(quarantine),
        blocks,
        groups,
        unknownWords,
        snapshotAt,
        digest(table, blocks, groups));
  }

  private void readPeople(DSLContext sql) {
    progress.begin("reading people", 0);
    List<Field<?>> fields = new ArrayList<>();
    fields.add(PROFILES.ID);
    fields.add(UNRESTRICTED);
    fields.add(PROFILES.DATE_OF_BIRTH);
    fields.add(PERSONALITY_ASSESSMENTS.USER_ID);
    fields.addAll(TRAITS);
    fields.addAll(PREFERENCES);
    fields.addAll(
        List.of(
            TRAVEL_PREFERENCES.INTERESTS,
            TRAVEL_PREFERENCES.DESTINATIONS,
            TRAVEL_PREFERENCES.DAILY_BUDGET_MIN,
            TRAVEL_PREFERENCES.DAILY_BUDGET_MAX,
            TRAVEL_PREFERENCES.BUDGET_CURRENCY,
            TRAVEL_PREFERENCES.EXPERIENCE_LEVEL,
            TRAVEL_PREFERENCES.HOME_REGION,
            TRAVEL_PREFERENCES.HOME_LATITUDE,
            TRAVEL_PREFERENCES.HOME_LONGITUDE));
    fields.addAll(List.of(FREE_FROM, FREE_TO, COMPANION_FROM, COMPANION_TO));
    try (Cursor<Record> cursor =
        sql.select(fields)
            .from(PROFILES)
            .leftJoin(PERSONALITY_ASSESSMENTS)
            .on(PERSONALITY_ASSESSMENTS.USER_ID.eq(PROFILES.ID))
            .leftJoin(TRAVEL_PREFERENCES)
            .on(TRAVEL_PREFERENCES.USER_ID.eq(PROFILES.ID))
            .where(PROFILES.ROLE.eq(DSL.inline("traveler")))
            .and(only)
            .orderBy(PROFILES.ID)
            .fetchSize(FETCH_ROWS)
            .fetchLazy()) {
      while (cursor.hasNext()) {
        List<Record> rows = cursor.fetchNext(FETCH_ROWS);
        rows.forEach(this::readPerson);
        progress.advance(rows.size());
      }
    }
    progress.end();
  }

  private void readPerson(Record row) {
    UUID id = row.get(PROFILES.ID);
    @Nullable LocalDate birthDate = row.get(PROFILES.DATE_OF_BIRTH);
    if (!Boolean.TRUE.equals(row.get(UNRESTRICTED))) {
      quarantine.add(
          new Quarantined(
              id, "account_restricted", "the account is restricted, suspended, banned or deleted"));
      return;
    }
    if (birthDate == null) {
      quarantine.add(new Quarantined(id, "birth_date_unknown", "the profile has no birth date"));
      return;
    }
    int age = Period.between(birthDate, asOf).getYears();
    if (age < ADULT_YEARS) {
      quarantine.add(
          new Quarantined(id, "under_age", "not yet %d on the run's date".formatted(ADULT_YEARS)));
      return;
    }
    if (row.get(PERSONALITY_ASSESSMENTS.USER_ID) == null) {
      quarantine.add(new Quarantined(id, "assessment_missing", "no personality assessment"));
      return;
    }
    int[] traits = new int[ProfileTable.TRAIT_COUNT];
    Set<String> missing = new TreeSet<>();
    Set<String> invalid = new TreeSet<>();
    for (int i = 0; i < traits.length; i++) {
      String name = TRAITS.get(i).getName();
      @Nullable BigDecimal value = row.get(TRAITS.get(i));
      if (value == null) {
        missing.add(name);
      } else if (value.signum() < 0 || value.compareTo(BigDecimal.ONE) > 0) {
        invalid.add(name + " is " + value);
      } else {
        traits[i] = value.multiply(HUNDRED).intValueExact();
      }
    }
    if (!missing.isEmpty()) {
      quarantine.add(
          new Quarantined(id, "assessment_incomplete", "missing: " + String.join(", ", missing)));
      return;
    }
    if (!invalid.isEmpty()) {
      // Only an adopted database lets such values in.
      quarantine.add(
          new Quarantined(
              id, "assessment_invalid", "not from 0 to 1: " + String.join(", ", invalid)));
      return;
    }
    people.person(id, traits).age(age);
    readPreferences(row);
  }

  private void readPreferences(Record row) {
    for (int i = 0; i < PREFERENCES.size(); i++) {
      @Nullable String value = row.get(PREFERENCES.get(i));
      int code = vocabulary.preferenceCode(i, value);
      unknownWords += value != null && code == Vocabulary.UNKNOWN ? 1 : 0;
      people.code(i, code);
    }
    @Nullable Short experience = row.get(TRAVEL_PREFERENCES.EXPERIENCE_LEVEL);
    if (experience != null) {
      people.experience(experience);
    }
    for (String interest : orEmpty(row.get(TRAVEL_PREFERENCES.INTERESTS))) {
      int bit = vocabulary.interestBit(interest);
      if (bit < 0) {
        unknownWords++;
      } else {
        people.interest(bit);
      }
    }
    for (String destination :
        new TreeSet<>(Arrays.asList(orEmpty(row.get(TRAVEL_PREFERENCES.DESTINATIONS))))) {
      people.destination(destination);
    }
    readBudget(row);
    people.region(row.get(TRAVEL_PREFERENCES.HOME_REGION));
    @Nullable BigDecimal latitude = row.get(TRAVEL_PREFERENCES.HOME_LATITUDE);
    @Nullable BigDecimal longitude = row.get(TRAVEL_PREFERENCES.HOME_LONGITUDE);
    if (latitude != null && longitude != null) {
      people.home(latitude.multiply(MILLION).intValue(), longitude.multiply(MILLION).intValue());
    }
    @Nullable Integer from = row.get(COMPANION_FROM);
    @Nullable Integer to = row.get(COMPANION_TO);
    people.companionAges(
        from == null ? ProfileTable.UNKNOWN : from, to == null ? ProfileTable.UNKNOWN : to - 1);
    readFreeDays(row);
  }

  private void readBudget(Record row) {
    @Nullable BigDecimal low = row.get(TRAVEL_PREFERENCES.DAILY_BUDGET_MIN);
    @Nullable BigDecimal high = row.get(TRAVEL_PREFERENCES.DAILY_BUDGET_MAX);
    @Nullable String currency = row.get(TRAVEL_PREFERENCES.BUDGET_CURRENCY);
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
  private void readFreeDays(Record row) {
    @Nullable Integer @Nullable [] from = row.get(FREE_FROM);
    @Nullable Integer @Nullable [] to = row.get(FREE_TO);
    if (from == null || to == null) {
      return;
    }
    int today = Math.toIntExact(asOf.toEpochDay());
    for (int i = 0; i < from.length; i++) {
      @Nullable Integer first = from[i];
      @Nullable Integer end = to[i];
      int firstDay = first == null ? today : Math.max(today, first);
      int endDay = end == null ? Integer.MAX_VALUE : end;
      if (endDay > firstDay) {
        people.freeDays(firstDay, endDay);
      }
    }
  }

  private static BlockedPairs readBlocks(DSLContext sql, ProfileTable table) {
    BlockedPairs.Collector blocks = new BlockedPairs.Collector(table);
    try (Cursor<? extends Record> cursor =
        sql.select(BLOCKS.BLOCKER_ID, BLOCKS.BLOCKED_ID)
            .from(BLOCKS)
            .fetchSize(FETCH_ROWS)
            .fetchLazy()) {
      for (Record row : cursor) {
        blocks.add(row.get(BLOCKS.BLOCKER_ID), row.get(BLOCKS.BLOCKED_ID));
      }
    }
    return blocks.collected();
  }

  private static List<TravelGroup> readGroups(DSLContext sql) {
    Field<UUID[]> members =
        DSL.field(
            DSL.select(DSL.arrayAgg(GROUP_MEMBERS.USER_ID).orderBy(GROUP_MEMBERS.USER_ID))
                .from(GROUP_MEMBERS)
                .where(GROUP_MEMBERS.GROUP_ID.eq(GROUPS.ID))
                .and(DSL.coalesce(GROUP_MEMBERS.IS_ACTIVE, true)));
    Field<Integer> ageFrom = DSL.field("lower({0})", Integer.class, GROUPS.AGE_RANGE);
    Field<Integer> ageTo = DSL.field("upper({0})", Integer.class, GROUPS.AGE_RANGE);
    List<TravelGroup> groups = new ArrayList<>();
    for (var row :
        sql.select(GROUPS.ID, GROUPS.MAX_MEMBERS, members, ageFrom, ageTo)
            .from(GROUPS)
            .where(DSL.coalesce(GROUPS.IS_ACTIVE, true))
            .orderBy(GROUPS.ID)
            .fetch()) {
      UUID @Nullable [] ids = row.value3();
      List<UUID> list = ids == null ? List.of() : List.of(ids);
      @Nullable Integer most = row.value2();
      @Nullable Integer from = row.value4();
      @Nullable Integer to = row.value5();
      groups.add(
          new TravelGroup(
              row.value1(),
              list,
              from == null ? ProfileTable.UNKNOWN : from,
              to == null ? ProfileTable.UNKNOWN : to - 1,
              most == null || list.size() < most));
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
    feed.flush();
    for (TravelGroup group : groups) {
      digest.update(group.toString().getBytes(StandardCharsets.UTF_8));
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * One bound of each free range, ordered by the range's start; null where it is open. Days are
   * counted by the database, whose dates reach further than a driver's text of them does.
   */
  private static Field<Integer[]> epochDays(String bound, String alias) {
    return DSL.field(
            """
            array(select case when isfinite({0}(d)) then {0}(d) - date 'epoch' end
                  from unnest({1}) d
                  where not isempty(d) and lower(d) is distinct from 'infinity'
                    and upper(d) is distinct from '-infinity'
                  order by lower(d) nulls first, upper(d))
            """,
            SQLDataType.INTEGER.array(), DSL.keyword(bound), TRAVEL_PREFERENCES.AVAILABLE_DATES)
        .as(alias);
  }

  private static String[] orEmpty(String @Nullable [] values) {
    return values == null ? new String[0] : values;
  }
}
