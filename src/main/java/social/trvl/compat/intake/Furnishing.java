package social.trvl.compat.intake;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.LocalDate;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Database;

/** Draws preferences, blocked pairs and groups for people who came without them. */
public final class Furnishing {

  /** What was added; zero where it was there. */
  public record Furnished(long preferences, long blockedPairs, long groups) {}

  /** Somebody without preferences; unknown traits are the population's mean. */
  private record Bare(UUID id, int age, Traits traits) {}

  private static final int CHUNK_PEOPLE = 5_000;

  private final Database database;
  private final Progress progress;
  private final Clock clock;
  private final LocalDate today;
  private final PeopleFacts facts = PeopleFacts.shipped();

  Furnishing(Database database, Progress progress, Clock clock) {
    this.database = database;
    this.progress = progress;
    this.clock = clock;
    this.today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
  }

  Furnished furnish(long seed, int groups) {
    long preferences = drawPreferences(seed);
    List<GroupPlan.Companion> companions =
        Transaction.run(database, "Reading people", this::companions);
    long blocked =
        Transaction.run(
            database,
            "The drawing of blocked pairs",
            connection ->
                Transaction.holds(connection, "has_connections")
                    ? 0L
                    : AcquaintanceStore.store(
                        connection,
                        new Acquaintances(seed, i -> companions.get(i).id())
                            .blocks(0, companions.size())));
    boolean hasGroups =
        Transaction.run(
            database,
            "Looking for groups",
            connection -> Transaction.holds(connection, "has_groups"));
    GroupPlan plan = new GroupPlan(seed, companions.size(), companions::get);
    long formed = hasGroups ? 0 : new GroupStore(database, progress).store(plan, groups);
    return new Furnished(preferences, blocked, formed);
  }

  private long drawPreferences(long seed) {
    List<Bare> people = Transaction.run(database, "Reading people", this::withoutPreferences);
    TravelPreferenceRules rules = new TravelPreferenceRules(clock);
    long drawn = 0;
    progress.begin("drawing preferences", people.size());
    try {
      for (int from = 0; from < people.size(); from += CHUNK_PEOPLE) {
        List<Bare> chunk = people.subList(from, Math.min(people.size(), from + CHUNK_PEOPLE));
        drawn +=
            Transaction.run(
                database,
                "The drawing of %d people's preferences".formatted(chunk.size()),
                connection -> store(connection, chunk, rules, seed));
        progress.advance(chunk.size());
      }
    } finally {
      progress.end();
    }
    return drawn;
  }

  private Long store(
      Connection connection, List<Bare> people, TravelPreferenceRules rules, long seed)
      throws SQLException {
    String now = clock.instant().toString();
    Transaction.execute(connection, "stage_preferences");
    try (CopyRows copy = new CopyRows(connection, "copy_preferences")) {
      for (Bare person : people) {
        PreferenceRow.write(
            copy,
            person.id(),
            rules.drawPreferences(seed, person.id(), person.traits(), person.age()),
            now);
      }
      copy.finish();
    }
    return (long) Transaction.update(connection, "insert_preferences");
  }

  private List<Bare> withoutPreferences(Connection connection) throws SQLException {
    try (PreparedStatement query =
            connection.prepareStatement(Sql.named("people_without_preferences"));
        ResultSet row = query.executeQuery()) {
      List<Bare> people = new ArrayList<>();
      while (row.next()) {
        people.add(
            new Bare(
                row.getObject(1, UUID.class),
                age(row.getObject(2, LocalDate.class)),
                new Traits(
                    trait(row, 3, Trait.OPENNESS),
                    trait(row, 4, Trait.CONSCIENTIOUSNESS),
                    trait(row, 5, Trait.EXTRAVERSION),
                    trait(row, 6, Trait.AGREEABLENESS),
                    trait(row, 7, Trait.NEUROTICISM))));
      }
      return people;
    }
  }

  private List<GroupPlan.Companion> companions(Connection connection) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(Sql.named("companions"))) {
      query.setObject(1, today);
      try (ResultSet row = query.executeQuery()) {
        List<GroupPlan.Companion> people = new ArrayList<>();
        while (row.next()) {
          people.add(
              new GroupPlan.Companion(
                  row.getObject(1, UUID.class),
                  row.getInt(2),
                  words(row.getArray(3)),
                  words(row.getArray(4))));
        }
        return people;
      }
    }
  }

  private int age(@Nullable LocalDate dateOfBirth) {
    return dateOfBirth == null
        ? (int) Math.round(facts.ageMean())
        : Period.between(dateOfBirth, today).getYears();
  }

  private double trait(ResultSet row, int column, Trait trait) throws SQLException {
    double value = row.getDouble(column);
    return row.wasNull() ? facts.mean(trait) : value;
  }

  private static List<String> words(@Nullable Array array) throws SQLException {
    return array == null ? List.of() : Arrays.asList((String[]) array.getArray());
  }
}
