package social.trvl.compat.kernel;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The same lists by PostgreSQL itself: {@code INSERT … SELECT} over a cross join, for a sample of
 * people against everybody.
 *
 * <p>It gets what is dearest for SQL ready-made: one pre-scaled integer for each term of the
 * formula, interests as bits, the tables of preferences as one table of pairs of combinations. Its
 * lists must equal the scalar twin's.
 */
public final class PostgresPeer {

  private static final long SEED = 1;
  private static final int BATCH = 5_000;

  private static final String TABLES =
      """
      create temporary table bench_people (
        position int primary key, own int, handicap int,
        t0 int, t1 int, t2 int, t3 int, t4 int, t5 int, t6 int,
        category int, interests bit(64), low int, high int, age int, seeks_from int, seeks_to int);
      create temporary table bench_pairing (a int, b int, value int, primary key (a, b));
      create temporary table bench_lists (position int, other int, key int)
      """;

  private static final String PERSON =
      """
      insert into bench_people values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (?)::bigint::bit(64), ?, ?, ?, ?, ?)
      """;

  private static final String PAIRING =
      """
      insert into bench_pairing
      select (n - 1) / ?, (n - 1) % ?, value from unnest(?) with ordinality pairing (value, n)
      """;

  /** The first trait's weight is below zero in {@link BenchmarkPeople}, hence greatest. */
  private static final String LISTS =
      """
      insert into bench_lists
      select p.position, best.other, best.key
      from bench_people p cross join lateral (
        select c.position as other,
               p.own + c.own + w.value
               + greatest(p.t0, c.t0) + least(p.t1, c.t1) + least(p.t2, c.t2) + least(p.t3, c.t3)
               + least(p.t4, c.t4) + least(p.t5, c.t5) + least(p.t6, c.t6)
               + ? * least(?, bit_count(p.interests & c.interests)::int)
               + ? * least(?, greatest(0, least(p.high, c.high) - greatest(p.low, c.low)))
               - c.handicap as key
        from bench_people c join bench_pairing w on w.a = p.category and w.b = c.category
        where c.position <> p.position
          and c.age between p.seeks_from and p.seeks_to
          and p.age between c.seeks_from and c.seeks_to
        order by key desc, other limit ?) best
      where p.position = any (?)
      """;

  private final BenchmarkPeople people;
  private final Connection connection;
  private final int[] sample;

  /**
   * Stages the people in temporary tables.
   *
   * @param sample of how many people lists are made
   */
  public PostgresPeer(Connection connection, int size, int sample) throws SQLException {
    this.connection = connection;
    people = new BenchmarkPeople(size, SEED);
    this.sample = IntStream.range(0, sample).map(i -> (int) ((long) size * i / sample)).toArray();
    try (Statement statement = connection.createStatement()) {
      statement.execute(TABLES);
      stagePeople();
      stagePairing();
      statement.execute("analyze bench_people");
      statement.execute("analyze bench_pairing");
    }
  }

  private void stagePeople() throws SQLException {
    PairColumns columns = people.columns;
    try (PreparedStatement insert = connection.prepareStatement(PERSON)) {
      for (int i = 0; i < columns.size(); i++) {
        int place = 1;
        insert.setInt(place++, i);
        insert.setInt(place++, columns.own[i]);
        insert.setInt(place++, columns.handicap[i]);
        for (int[] term : columns.terms) {
          insert.setInt(place++, term[i]);
        }
        insert.setInt(place++, columns.category[i]);
        long bits = 0;
        for (int half = columns.interests.length - 1; half >= 0; half--) {
          bits = (bits << Integer.SIZE) | (columns.interests[half][i] & 0xFFFF_FFFFL);
        }
        insert.setLong(place++, bits);
        insert.setInt(place++, columns.budgetLow[i]);
        insert.setInt(place++, columns.budgetHigh[i]);
        insert.setInt(place++, people.age[i]);
        insert.setInt(place++, people.seeksFrom[i]);
        insert.setInt(place, people.seeksTo[i]);
        insert.addBatch();
        if (i % BATCH == BATCH - 1 || i == columns.size() - 1) {
          insert.executeBatch();
        }
      }
    }
  }

  private void stagePairing() throws SQLException {
    PairColumns columns = people.columns;
    Array values =
        connection.createArrayOf("int4", IntStream.of(columns.pairing).boxed().toArray());
    try (PreparedStatement insert = connection.prepareStatement(PAIRING)) {
      insert.setInt(1, columns.categories);
      insert.setInt(2, columns.categories);
      insert.setArray(3, values);
      insert.executeUpdate();
    }
  }

  /**
   * Makes the sample's lists.
   *
   * @return ordered pairs a second
   * @throws IllegalStateException if a list differs from the scalar twin's
   */
  public double round() throws SQLException {
    PairColumns columns = people.columns;
    try (Statement statement = connection.createStatement();
        PreparedStatement lists = connection.prepareStatement(LISTS)) {
      statement.execute("truncate bench_lists");
      lists.setInt(1, columns.interestWeight);
      lists.setInt(2, columns.interestCap);
      lists.setInt(3, columns.budgetWeight);
      lists.setInt(4, columns.budgetCap);
      lists.setInt(5, KernelBenchmark.K);
      lists.setArray(6, connection.createArrayOf("int4", IntStream.of(sample).boxed().toArray()));
      long start = System.nanoTime();
      lists.executeUpdate();
      double seconds = (System.nanoTime() - start) / 1e9;
      requireTwinsLists();
      return sample.length * (columns.size() - 1.0) / seconds;
    }
  }

  private void requireTwinsLists() throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(
            "select other, key from bench_lists where position = ? order by key desc, other")) {
      for (int person : sample) {
        int[] rows = new int[KernelBenchmark.K];
        int[] keys = new int[KernelBenchmark.K];
        int count = KernelBenchmark.twinList(people, person).best(rows, keys, 0);
        int[] foundRows = new int[KernelBenchmark.K];
        int[] foundKeys = new int[KernelBenchmark.K];
        int found = 0;
        query.setInt(1, person);
        try (ResultSet result = query.executeQuery()) {
          while (result.next()) {
            foundRows[found] = result.getInt(1);
            foundKeys[found++] = result.getInt(2);
          }
        }
        if (found != count || !Arrays.equals(rows, foundRows) || !Arrays.equals(keys, foundKeys)) {
          throw new IllegalStateException(
              "PostgreSQL's list of person %d differs from the scalar twin's".formatted(person));
        }
      }
    }
  }
}
