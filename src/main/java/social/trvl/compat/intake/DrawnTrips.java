package social.trvl.compat.intake;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Database;

/**
 * Draws trips of people who are already there, and how they turned out.
 *
 * <p>They end now: what is known of imported people does not reach back before their import.
 */
final class DrawnTrips {

  /** Each has one trip for every four people. */
  private static final int ROUNDS = 9;

  private final Database database;
  private final Progress progress;
  private final Clock clock;

  DrawnTrips(Database database, Progress progress, Clock clock) {
    this.database = database;
    this.progress = progress;
    this.clock = clock;
  }

  private record Travellers(List<Person> people, Instant now) {}

  long draw(long seed, TrueModel truth) {
    return Transaction.run(
        database,
        "The drawing of trips",
        connection ->
            Transaction.holds(connection, "has_feedback") ? 0L : draw(connection, seed, truth));
  }

  private long draw(Connection connection, long seed, TrueModel truth) throws SQLException {
    Travellers travellers = read(connection);
    List<Person> people = travellers.people();
    String now = travellers.now().toString();
    long stored = 0;
    progress.begin("drawing trips", ROUNDS);
    try {
      Transaction.execute(connection, "stage_feedback");
      try (CopyRows copy = new CopyRows(connection, "copy_feedback")) {
        for (int round = 0; round < ROUNDS; round++) {
          PastTrips trips = new PastTrips(seed + round, clock, truth, people::get);
          for (PastTrips.Feedback one : trips.feedback(0, people.size())) {
            one.write(copy, now);
          }
          progress.advance(1);
        }
        copy.finish();
      }
      stored = Transaction.update(connection, "insert_feedback");
    } finally {
      progress.end();
    }
    return stored;
  }

  private Travellers read(Connection connection) throws SQLException {
    LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    Instant now = clock.instant();
    List<Person> people = new ArrayList<>();
    try (PreparedStatement query = connection.prepareStatement(Sql.named("travellers"))) {
      query.setObject(1, today);
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          people.add(
              new Person(
                  row.getObject(1, UUID.class),
                  row.getInt(3),
                  row.getObject(2, LocalDate.class),
                  today,
                  new Traits(
                      row.getDouble(4),
                      row.getDouble(5),
                      row.getDouble(6),
                      row.getDouble(7),
                      row.getDouble(8)),
                  wishes(row)));
          // By the database's clock, like the history that it has to follow.
          now = row.getObject(14, OffsetDateTime.class).toInstant();
        }
      }
    }
    return new Travellers(people, now);
  }

  /** As far as outcomes depend on it. */
  private static TravelPreferences wishes(ResultSet row) throws SQLException {
    Array interests = row.getArray(13);
    return new TravelPreferences(
        row.getString(9),
        row.getString(10),
        row.getString(11),
        row.getString(12),
        interests == null ? List.of() : Arrays.asList((String[]) interests.getArray()),
        List.of(),
        null,
        List.of(),
        null,
        null,
        null,
        List.of(),
        null,
        null);
  }
}
