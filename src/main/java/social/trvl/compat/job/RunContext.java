package social.trvl.compat.job;

import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.NightlySettings;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Database;
import social.trvl.compat.model.ModelRegistry;
import social.trvl.compat.profile.Population;
import social.trvl.compat.profile.ProfileTable;
import social.trvl.compat.publish.Claim;
import social.trvl.compat.publish.RunTally;
import social.trvl.compat.publish.Runs;
import social.trvl.compat.score.PairScorer;

/** What the steps of one run share. Lives in memory only: a resumed run makes a new one. */
final class RunContext {

  /** Of a slice, which is in memory until it is written: some 40 MB. */
  private static final int MOST_ROWS = 2_000_000;

  final Database database;
  final NightlySettings settings;
  final ModelRegistry.Version model;
  final Clock clock;
  final Progress progress;
  final Claim claim;
  final long runId;
  final LocalDate asOf;

  /** The scoring parameters as stored with the run. */
  final String parameters;

  private final int slices;

  /** Whether to compute even if nothing changed. */
  final boolean full;

  /** Whether the run is only compared with the published one. */
  final boolean shadow;

  /** One time for all rows of the run: when it was first started. */
  final Instant calculatedAt;

  private @Nullable Population population;
  private @Nullable PairScorer scorer;
  private @Nullable RunTally tally;

  RunContext(
      Database database,
      NightlySettings settings,
      ModelRegistry.Version model,
      Clock clock,
      Progress progress,
      Claim claim,
      Runs.Run run,
      int slices,
      boolean full) {
    this.database = database;
    this.settings = settings;
    this.model = model;
    this.clock = clock;
    this.progress = progress;
    this.claim = claim;
    this.runId = run.runId();
    this.asOf = run.asOf();
    this.calculatedAt = run.startedAt();
    this.parameters = run.parameters();
    this.slices = slices;
    this.full = full;
    this.shadow = run.job().equals(NightlyScoring.SHADOW_NAME);
  }

  DataSource source() {
    return database.engine();
  }

  void loaded(Population loadedPopulation, PairScorer pairScorer) {
    population = loadedPopulation;
    scorer = pairScorer;
    tally = new RunTally(loadedPopulation.people().size());
  }

  Population population() {
    if (population == null) {
      throw new IllegalStateException(
          "run %d: the step 'load' has not read the population".formatted(runId));
    }
    return population;
  }

  PairScorer scorer() {
    if (scorer == null) {
      throw new IllegalStateException(
          "run %d: the step 'load' has not prepared the scorer".formatted(runId));
    }
    return scorer;
  }

  RunTally tally() {
    if (tally == null) {
      throw new IllegalStateException(
          "run %d: the step 'load' has not read the population".formatted(runId));
    }
    return tally;
  }

  /**
   * As many slices as are set, or as it takes for the rows of one to be {@value #MOST_ROWS} at
   * most; never more than people: each has at least one, so that bounds are distinct.
   */
  int slices() {
    int people = population().people().size();
    long rows = (long) people * settings.scoring().topK();
    return Math.clamp(Math.ceilDiv(rows, MOST_ROWS), Math.min(slices, people), people);
  }

  /**
   * First row of a slice; {@code firstRow(slices())} is one past the last. Slices are quantiles of
   * user ids.
   */
  int firstRow(int slice) {
    return (int) ((long) population().people().size() * slice / slices());
  }

  /** Lower bound of a slice's user ids; null for the first slice, whose range is open. */
  @Nullable UUID firstUserId(int slice) {
    ProfileTable people = population().people();
    return slice == 0 || slice >= slices() ? null : people.userId(firstRow(slice));
  }
}
