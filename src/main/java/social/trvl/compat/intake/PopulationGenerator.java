package social.trvl.compat.intake;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Database;

/**
 * Fills a database with realistic people, what they want, whom they know, their groups, and how
 * their past trips went.
 *
 * <p>Traits, ages and countries follow {@code people/big5_facts.json}; preferences {@link
 * TravelPreferenceRules}; outcomes {@link TrueModel}. The same seed gives the same people: again,
 * it changes nothing; with more people, it adds to those there are. Whoever exists is left as he
 * is. A few thousand people are one transaction, so an interrupted call is continued by the same
 * call.
 */
public final class PopulationGenerator {

  /** More people would need ids and windows of another kind; the engine's limit is lower. */
  public static final int USERS_MAX = 10_000_000;

  /**
   * What {@link #generate} added; zero where everything was there.
   *
   * @param connections blocked pairs and accepted connections
   * @param feedback statements of one traveller about another, two for each pair
   */
  public record Generated(long people, long connections, long feedback, long groups) {}

  private static final int CHUNK_PEOPLE = 5_000;

  private final Database database;
  private final Progress progress;
  private final Clock clock;

  /**
   * @param clock says which day today is, in UTC; ages, trips and free dates count from it
   */
  public PopulationGenerator(Database database, Progress progress, Clock clock) {
    this.database = database;
    this.progress = progress;
    this.clock = clock;
  }

  /** Generates people and groups; trips turn out by {@link TrueModel#LINEAR}. */
  public Generated generate(int users, int groups, long seed) {
    return generate(users, groups, seed, TrueModel.LINEAR);
  }

  /**
   * Generates people and groups.
   *
   * @param users how many people of this seed there shall be, at most {@link #USERS_MAX}
   * @param groups how many groups of this seed there shall be, at most one for each person
   * @param truth by which trips of new people turn out; those there already stay
   * @throws CompatException if a number is out of range, accounts belong to a real Supabase, or the
   *     database fails
   */
  public Generated generate(int users, int groups, long seed, TrueModel truth) {
    if (users < 1 || users > USERS_MAX || groups < 0 || groups > users) {
      throw new CompatException(
          ExitCode.USAGE,
          "%d people and %d groups can't be generated. Allowed: 1 to %d people, 0 groups to as many as people."
              .formatted(users, groups, USERS_MAX));
    }
    requireStandIn(users);
    Population population = new Population(seed, clock);
    Generated done = new Generated(0, 0, 0, 0);
    progress.begin("generating people", users);
    try {
      for (int from = 0; from < users; from += CHUNK_PEOPLE) {
        int start = from;
        int end = Math.min(users, from + CHUNK_PEOPLE);
        Generated chunk =
            Transaction.run(
                database,
                "The generation of people %d to %d".formatted(start, end - 1),
                connection -> addPeople(connection, population, truth, start, end));
        done = plus(done, chunk);
        progress.advance(end - start);
      }
    } finally {
      progress.end();
    }
    GroupPlan plan = new GroupPlan(seed, users, i -> GroupPlan.Companion.of(population.person(i)));
    long added = new GroupStore(database, progress).store(plan, groups);
    return plus(done, new Generated(0, 0, 0, added));
  }

  /**
   * Gives people who are already there what an import does not bring: preferences for everyone who
   * has none; blocked pairs if nobody knows anybody; groups if there are none. All of it is
   * generated. Calling it again changes nothing.
   */
  public Furnishing.Furnished furnish(long seed, int groups) {
    return new Furnishing(database, progress, clock).furnish(seed, groups);
  }

  /**
   * Lets people who are already there travel, unless some have, and draws how that turned out; all
   * of it is generated.
   *
   * @return statements of one traveller about another, two for each pair
   */
  public long travel(long seed, TrueModel truth) {
    return new DrawnTrips(database, progress, clock).draw(seed, truth);
  }

  private void requireStandIn(int users) {
    boolean standIn =
        Transaction.run(
            database,
            "Looking for schema auth",
            connection -> Transaction.holds(connection, "auth_is_stand_in"));
    if (!standIn) {
      throw new CompatException(
          ExitCode.DATABASE_UNFIT,
          "%d people can't be generated in %s: schema auth is a real Supabase's, whose accounts come from its own sign-up. Use a database of your own or the embedded one; nothing was written."
              .formatted(users, database.label()));
    }
  }

  private Generated addPeople(
      Connection connection, Population population, TrueModel truth, int from, int to)
      throws SQLException {
    int first = Math.max(0, from - PastTrips.WINDOW);
    List<Person> people = new ArrayList<>(to - first);
    for (int i = first; i < to; i++) {
      people.add(population.person(i));
    }
    List<Person> own = people.subList(from - first, to - first);
    stagePeople(connection, own);
    long created = Accounts.createMissing(connection, "generated");
    if (created == 0) {
      return new Generated(0, 0, 0, 0);
    }
    Transaction.update(connection, "insert_generated_assessments");
    stagePreferences(connection, own);
    Transaction.update(connection, "insert_preferences_of_newcomers");
    Transaction.update(connection, "backdate_history");
    Acquaintances acquaintances =
        new Acquaintances(population.seed(), i -> people.get(i - first).id());
    long connections = AcquaintanceStore.store(connection, acquaintances.connections(from, to));
    PastTrips trips = new PastTrips(population.seed(), clock, truth, i -> people.get(i - first));
    long feedback = storeFeedback(connection, trips.feedback(from, to));
    return new Generated(created, connections, feedback, 0);
  }

  private static void stagePeople(Connection connection, List<Person> people) throws SQLException {
    Transaction.execute(connection, "stage_people");
    try (CopyRows copy = new CopyRows(connection, "copy_people")) {
      for (Person person : people) {
        copy.add(person.id()).add(person.dateOfBirth());
        for (Trait trait : Trait.values()) {
          copy.addHundredths((int) Math.round(100 * person.traits().of(trait)));
        }
        for (int i = 0; i < RowReader.WORD_COLUMNS.size(); i++) {
          copy.add((String) null);
        }
        copy.add(since(person)).endRow();
      }
      copy.finish();
    }
  }

  private static void stagePreferences(Connection connection, List<Person> people)
      throws SQLException {
    Transaction.execute(connection, "stage_preferences");
    try (CopyRows copy = new CopyRows(connection, "copy_preferences")) {
      for (Person person : people) {
        PreferenceRow.write(copy, person.id(), person.preferences(), since(person));
      }
      copy.finish();
    }
  }

  private static long storeFeedback(Connection connection, List<PastTrips.Feedback> feedback)
      throws SQLException {
    Transaction.execute(connection, "stage_feedback");
    try (CopyRows copy = new CopyRows(connection, "copy_feedback")) {
      for (PastTrips.Feedback one : feedback) {
        one.write(copy);
      }
      copy.finish();
    }
    return Transaction.update(connection, "insert_feedback");
  }

  private static String since(Person person) {
    return person.since() + "T12:00:00Z";
  }

  private static Generated plus(Generated a, Generated b) {
    return new Generated(
        a.people() + b.people(),
        a.connections() + b.connections(),
        a.feedback() + b.feedback(),
        a.groups() + b.groups());
  }
}
