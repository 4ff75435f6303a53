package social.trvl.compat.publish;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import social.trvl.compat.config.NightlySettings;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Database;
import social.trvl.compat.model.ModelRegistry;
import social.trvl.compat.profile.Population;
import social.trvl.compat.profile.PopulationReader;
import social.trvl.compat.profile.ProfileTable;
import social.trvl.compat.score.PairScorer;
import social.trvl.compat.score.ScoredPeople;

/**
 * Score rows on their way from memory to readers, beside the least that PostgreSQL needs for the
 * same rows: one binary COPY and the same indexes, one after the other, on one connection, into a
 * table that is no partition and has no checks.
 *
 * <p>The product's way is that of the nightly run, with lists that were made before the clock
 * starts: create slices, encode, COPY, index, attach, move the pointer. The peer gets its bytes
 * ready-made from a file.
 */
public final class WriteBenchmark {

  private static final String JOB = "bench-write";
  private static final int BUFFER_BYTES = 1 << 16;
  private static final int BLOCK_PEOPLE = 256;

  private static final String BARE_TABLE =
      """
      drop table if exists compat.bench_bare;
      create table compat.bench_bare (like compat.pair_scores including defaults)
      """;

  /** The same as for the product's slices, but that no worker helps. */
  private static final List<String> BARE_INDEXES =
      List.of(
          "set max_parallel_maintenance_workers = 0",
          "set maintenance_work_mem = '128MB'",
          "alter table compat.bench_bare add primary key (run_id, user_id, rank)",
          "create index on compat.bench_bare (other_user_id)");

  private static final String COPY_OUT =
      """
      copy (select run_id, user_id, rank, other_user_id, score, personality_match, preference_match, interest_match,
                   completeness, model_version_id, calculated_at
            from compat.pair_scores where run_id = (select run_id from compat.published) order by user_id, rank) to stdout (format binary)
      """;

  private static final String BARE_COPY =
      """
      copy compat.bench_bare (run_id, user_id, rank, other_user_id, score, personality_match, preference_match,
        interest_match, completeness, model_version_id, calculated_at) from stdin (format binary)
      """;

  private final Database database;
  private final Clock clock;
  private final NightlySettings settings;
  private final ModelRegistry.Version model;
  private final ProfileTable people;

  /** Of each slice. */
  private final List<List<ScoredPeople>> slices = new ArrayList<>();

  private long rows;

  /** Scores everybody, so that nothing but writing is left. */
  public WriteBenchmark(
      Database database, NightlySettings settings, Clock clock, Progress progress) {
    this.database = database;
    this.clock = clock;
    this.settings = settings;
    model = new ModelRegistry(database).champion();
    Population population =
        new PopulationReader(database.engine(), model.model().vocabulary(), today(), progress)
            .read();
    people = population.people();
    PairScorer scorer = new PairScorer(population, model.model(), settings.scoring());
    scorer.rank(settings.execution().effectiveThreads(), progress);
    progress.begin("making rows", people.size());
    for (int slice = 0; slice < settings.execution().slices(); slice++) {
      List<ScoredPeople> blocks = new ArrayList<>();
      int end = firstRow(slice + 1);
      for (int from = firstRow(slice); from < end; ) {
        int to = Math.min(end, from + BLOCK_PEOPLE);
        ScoredPeople scored = scorer.score(from, to);
        blocks.add(scored);
        rows += scored.rows();
        progress.advance(to - from);
        from = to;
      }
      slices.add(blocks);
    }
    progress.end();
  }

  /** How many rows each round writes. */
  public long rows() {
    return rows;
  }

  /**
   * Seconds of the product's way.
   *
   * @param written from nothing to published
   * @param pointer of these, the UPDATE that moves readers
   */
  public record Ours(double written, double pointer) {}

  /** Writes and publishes a run, whose rows go with the next {@link #clean}. */
  public Ours round() {
    int threads = settings.execution().effectiveThreads();
    try (Claim claim = Claim.acquire(database, JOB)) {
      long runId =
          new Runs(database)
              .create(JOB, today(), settings.scoring().toJson(), model.id(), clock.instant());
      long start = System.nanoTime();
      RunTables tables = new RunTables(runId);
      tables.createRun(database);
      forEachSlice(2 * threads, slice -> write(tables, slice));
      tables.attachRun(database);
      long pointer = System.nanoTime();
      new Publication(database).publish(runId, JOB, clock.instant(), claim);
      long end = System.nanoTime();
      return new Ours((end - start) / 1e9, (end - pointer) / 1e9);
    }
  }

  private void write(RunTables tables, int slice) throws SQLException {
    try (Connection connection = database.engine().getConnection()) {
      connection.setAutoCommit(false);
      tables.writeSlice(
          connection,
          slice,
          firstUserId(slice),
          firstUserId(slice + 1),
          model.id(),
          clock.instant(),
          people,
          slices.get(slice));
      connection.commit();
    }
  }

  /** Drops all rows but those of the run that readers see, which is the newest. */
  public static void clean(Database database) {
    new Retention(database).apply(1);
  }

  /** Keeps the published run's rows as COPY sends them; returns how many there are. */
  public static long export(Database database, Path file) throws SQLException, IOException {
    try (Connection connection = database.engine().getConnection();
        OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), BUFFER_BYTES)) {
      return connection.unwrap(PGConnection.class).getCopyAPI().copyOut(COPY_OUT, out);
    }
  }

  /**
   * The peer.
   *
   * @param file from {@link #export}
   * @return seconds until the rows are there with their indexes, each statement a transaction
   */
  public static double bareRound(Database database, Path file) throws SQLException, IOException {
    try (Connection connection = database.directConnection();
        Statement statement = connection.createStatement();
        InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES)) {
      statement.execute("set role compat_engine");
      statement.execute(BARE_TABLE);
      long start = System.nanoTime();
      connection.unwrap(PGConnection.class).getCopyAPI().copyIn(BARE_COPY, in, BUFFER_BYTES);
      for (String index : BARE_INDEXES) {
        statement.execute(index);
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      statement.execute("drop table compat.bench_bare");
      return seconds;
    }
  }

  private LocalDate today() {
    return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
  }

  private int firstRow(int slice) {
    return (int) ((long) people.size() * slice / settings.execution().slices());
  }

  private @Nullable UUID firstUserId(int slice) {
    return slice == 0 || slice == settings.execution().slices()
        ? null
        : people.userId(firstRow(slice));
  }

  private interface OfSlice {
    void run(int slice) throws SQLException;
  }

  private void forEachSlice(int threads, OfSlice work) {
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      List<Callable<Void>> tasks =
          IntStream.range(0, slices.size())
              .<Callable<Void>>mapToObj(slice ->
                  () -> {
                    work.run(slice);
                    return null;
                  })
              .toList();
      for (Future<Void> done : executor.invokeAll(tasks)) {
        done.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while slices were being written", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("a slice could not be written", e.getCause());
    }
  }
}
