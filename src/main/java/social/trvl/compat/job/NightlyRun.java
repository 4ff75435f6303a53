package social.trvl.compat.job;

import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.configuration.support.MapJobRegistry;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.job.JobExecutionException;
import org.springframework.batch.core.job.JobInstance;
import org.springframework.batch.core.job.UnexpectedJobExecutionException;
import org.springframework.batch.core.job.parameters.JobParameters;
import org.springframework.batch.core.job.parameters.JobParametersBuilder;
import org.springframework.batch.core.launch.support.TaskExecutorJobOperator;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.repository.dao.JacksonExecutionContextStringSerializer;
import org.springframework.batch.core.repository.support.JdbcJobRepositoryFactoryBean;
import org.springframework.batch.core.step.StepExecution;
import org.springframework.core.task.SyncTaskExecutor;
import org.springframework.jdbc.support.JdbcTransactionManager;
import social.trvl.compat.candidate.CandidateBlocks;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.config.NightlySettings;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Database;
import social.trvl.compat.model.ModelRegistry;
import social.trvl.compat.model.ModelState;
import social.trvl.compat.profile.Population;
import social.trvl.compat.profile.PopulationReader;
import social.trvl.compat.publish.Claim;
import social.trvl.compat.publish.RunTables;
import social.trvl.compat.publish.Runs;
import social.trvl.compat.publish.Runs.Run;

/**
 * Starts the nightly run, or resumes the one that was interrupted.
 *
 * <p>Under the job's claim nobody else can be running it, so whatever is still marked as running
 * was interrupted: by a kill, a lost connection, a restart of the database. It goes on if model and
 * parameters are the same and, once the inputs are read, their digest is; otherwise it is
 * superseded by a new run.
 */
public final class NightlyRun {

  /** An older interrupted run would publish yesterday's ages as today's. */
  private static final Duration RESUMABLE = Duration.ofDays(2);

  private final Database database;
  private final NightlySettings settings;
  private final Clock clock;
  private final Progress progress;

  public NightlyRun(Database database, NightlySettings settings, Clock clock, Progress progress) {
    this.database = database;
    this.settings = settings;
    this.clock = clock;
    this.progress = progress;
  }

  /**
   * Runs to the end.
   *
   * @param asOf date at which ages are counted
   * @param full computes even if nothing changed, and does not resume
   * @return the run as it ended: published, unchanged or withheld
   * @throws CompatException with BUSY if the job is claimed by another process; any other failure
   *     leaves the run to be resumed by the next start
   */
  public Run start(LocalDate asOf, boolean full) {
    return start(NightlyScoring.NAME, () -> new ModelRegistry(database).champion(), asOf, full);
  }

  /**
   * Scores with a version in state shadow, unpublished, and keeps what would change against the
   * published run. The nightly run may be under way meanwhile.
   *
   * @param reference of the version, its id or its name and version
   * @param full does not resume
   * @return the run as it ended, in state shadow; its rows are gone
   * @throws CompatException with USAGE if the version is in another state, or if the published run
   *     was made with other parameters; with NOT_FOUND if the champion has published nothing
   */
  public Run shadow(String reference, LocalDate asOf, boolean full) {
    ModelRegistry registry = new ModelRegistry(database);
    ModelRegistry.Entry version = registry.require(reference);
    if (version.state() != ModelState.SHADOW) {
      throw new CompatException(
          ExitCode.USAGE,
          "Version %d (%s) is %s, not shadow. Run 'compat model shadow %d' first."
              .formatted(version.id(), version.label(), version.state().label(), version.id()));
    }
    requireComparable(registry.champion());
    return start(NightlyScoring.SHADOW_NAME, () -> registry.load(version.id()), asOf, full);
  }

  private void requireComparable(ModelRegistry.Version champion) {
    Runs runs = new Runs(database);
    Run published = runs.requirePublished();
    if (published.modelVersionId() != champion.id()) {
      throw new CompatException(
          ExitCode.NOT_FOUND,
          "The champion, version %d (%s), has not published a run to compare with. Run 'compat score run' first."
              .formatted(champion.id(), champion.label()));
    }
    if (!runs.sameParameters(published.runId(), settings.scoring().toJson())) {
      throw new CompatException(
          ExitCode.USAGE,
          "The published run %d was made with other parameters (%s): the lists could not be compared. Give the same ones."
              .formatted(published.runId(), published.parameters()));
    }
  }

  private Run start(
      String job, Supplier<ModelRegistry.Version> version, LocalDate asOf, boolean full) {
    try (Claim claim = Claim.acquire(database, job)) {
      ModelRegistry.Version model = version.get();
      Optional<Run> interrupted = resumable(new Runs(database), job, model, asOf, full);
      if (interrupted.isPresent()) {
        try {
          // It had inputs, so it was decided that there is something to compute.
          return execute(interrupted.get(), model, claim, interrupted.get().digest() != null);
        } catch (InputsChangedException e) {
          new Runs(database)
              .finished(interrupted.get().runId(), "superseded", clock.instant(), e.getMessage());
        }
      }
      Runs runs = new Runs(database);
      long runId = runs.create(job, asOf, settings.scoring().toJson(), model.id(), clock.instant());
      return execute(runs.require(runId), model, claim, full);
    }
  }

  /**
   * What a run would do, from the people as they are now; writes nothing.
   *
   * @param rows most rows that the lists can have; filters may leave fewer
   * @param bytes of those rows with their indexes
   */
  public record Estimate(
      int people,
      Map<String, Integer> quarantined,
      long unknownWords,
      long pairs,
      long rows,
      long bytes,
      int groups) {}

  public Estimate estimate(LocalDate asOf) {
    ModelRegistry.Version model = new ModelRegistry(database).champion();
    Population population =
        new PopulationReader(database.engine(), model.model().vocabulary(), asOf, progress).read();
    CandidateBlocks blocks = new CandidateBlocks(population.people(), settings.scoring().blockBy());
    Map<String, Integer> quarantined = new TreeMap<>();
    population.quarantine().forEach(person -> quarantined.merge(person.reason(), 1, Integer::sum));
    long rows = blocks.mostRows(settings.scoring().topK());
    return new Estimate(
        population.people().size(),
        quarantined,
        population.unknownWords(),
        blocks.pairs(),
        rows,
        rows * RunTables.STORED_BYTES_PER_ROW,
        population.groups().size());
  }

  private Optional<Run> resumable(
      Runs runs, String job, ModelRegistry.Version model, LocalDate asOf, boolean full) {
    Optional<Run> resumable = Optional.empty();
    for (Run run : runs.interrupted(job)) {
      boolean same =
          !full
              && resumable.isEmpty()
              && run.modelVersionId() == model.id()
              && runs.sameParameters(run.runId(), settings.scoring().toJson())
              && !run.asOf().isAfter(asOf)
              && Duration.between(run.startedAt(), clock.instant()).compareTo(RESUMABLE) < 0;
      if (same) {
        resumable = Optional.of(run);
      } else {
        runs.finished(
            run.runId(),
            "superseded",
            clock.instant(),
            "interrupted; a run with another model, other parameters or --full, or a much later one, took over");
      }
    }
    return resumable;
  }

  private Run execute(Run run, ModelRegistry.Version model, Claim claim, boolean full) {
    JdbcTransactionManager transactions = new JdbcTransactionManager(database.engine());
    JobRepository repository = repository(transactions);
    JobParameters parameters = parameters(repository, run.runId());
    int slices = Math.toIntExact(Objects.requireNonNull(parameters.getLong("slices")));
    RunContext context =
        new RunContext(database, settings, model, clock, progress, claim, run, slices, full);
    JobExecution execution;
    try {
      TaskExecutorJobOperator operator = new TaskExecutorJobOperator();
      operator.setJobRepository(repository);
      operator.setJobRegistry(new MapJobRegistry());
      operator.setTaskExecutor(new SyncTaskExecutor());
      operator.afterPropertiesSet();
      makeRestartable(repository, operator, run.runId());
      execution =
          operator.start(new NightlyScoring(repository, transactions, context).job(), parameters);
    } catch (CompatException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("starting run %d".formatted(run.runId()), e);
    }
    return conclude(run.runId(), execution);
  }

  private Run conclude(long runId, JobExecution execution) {
    Runs runs = new Runs(database);
    if (execution.getStatus() != BatchStatus.COMPLETED) {
      throw failure(runs, runId, execution.getAllFailureExceptions());
    }
    runs.stepMillis(runId, stepMillis(execution));
    switch (execution.getExitStatus().getExitCode()) {
      case NightlyScoring.UNCHANGED -> runs.finished(runId, "unchanged", clock.instant(), null);
      case NightlyScoring.WITHHELD -> runs.finished(runId, "withheld", clock.instant(), null);
      default -> {
        // The step 'publish' has said so, in the transaction that moved the pointer; or 'compare'.
      }
    }
    return runs.require(runId);
  }

  private static RuntimeException failure(Runs runs, long runId, List<Throwable> failures) {
    Throwable first = mostTelling(failures);
    for (Throwable failure : failures) {
      for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
        if (cause instanceof InputsChangedException changed) {
          return changed;
        }
        if (cause instanceof CompatException understood) {
          return understood;
        }
      }
    }
    RuntimeException thrown =
        new IllegalStateException(
            "run %d stopped and will be resumed by the next start".formatted(runId), first);
    try {
      runs.interruptedBy(runId, String.valueOf(told(first).getMessage()));
    } catch (RuntimeException e) {
      // The database may be what failed; the run is resumed all the same.
      thrown.addSuppressed(e);
    }
    return thrown;
  }

  /**
   * Several steps may have failed by one cause: a slice by the lost connection, its partition step
   * by the slice. The database's own words tell most, the framework's least.
   */
  private static Throwable mostTelling(List<Throwable> failures) {
    return failures.stream()
        .filter(failure -> rootOf(failure) instanceof SQLException)
        .findFirst()
        .or(() ->
            failures.stream()
                .filter(failure ->
                    !(rootOf(failure) instanceof JobExecutionException)
                        && !(rootOf(failure) instanceof UnexpectedJobExecutionException))
                .findFirst())
        .or(() -> failures.stream().findFirst())
        .orElseGet(() -> new IllegalStateException("no reason was given"));
  }

  /** What happened to the connection tells more than what did to its socket, a broken pipe. */
  private static Throwable told(Throwable failure) {
    Throwable told = rootOf(failure);
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException) {
        told = cause;
      }
    }
    return told;
  }

  private static Throwable rootOf(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  private static Map<String, Long> stepMillis(JobExecution execution) {
    Map<String, Long> millis = new TreeMap<>();
    for (StepExecution step : execution.getStepExecutions()) {
      if (!step.getStepName().contains(":")
          && step.getStartTime() != null
          && step.getEndTime() != null) {
        millis.put(
            step.getStepName(),
            Duration.between(step.getStartTime(), step.getEndTime()).toMillis());
      }
    }
    return millis;
  }

  /** The number of slices is part of what a resumed run has to keep. */
  private JobParameters parameters(JobRepository repository, long runId) {
    @Nullable JobExecution last = lastExecution(repository, runId);
    if (last != null) {
      return last.getJobParameters();
    }
    return identifying(runId)
        .addLong("slices", (long) settings.execution().slices(), false)
        .toJobParameters();
  }

  private static JobParametersBuilder identifying(long runId) {
    return new JobParametersBuilder().addLong("run", runId);
  }

  private static @Nullable JobExecution lastExecution(JobRepository repository, long runId) {
    @Nullable JobInstance instance =
        repository.getJobInstance(NightlyScoring.NAME, identifying(runId).toJobParameters());
    return instance == null ? null : repository.getLastJobExecution(instance);
  }

  /**
   * Marks the dead execution as failed, so that Spring Batch starts it again. Only under the claim:
   * on a live execution this would destroy it. A step whose last commit is in doubt may be
   * restarted too, for the slices' rows, not Spring Batch's position, say how far it came; and so
   * may one that could not even note its end, because its connection was lost.
   */
  private static void makeRestartable(
      JobRepository repository, TaskExecutorJobOperator operator, long runId) {
    @Nullable JobExecution last = lastExecution(repository, runId);
    if (last == null) {
      return;
    }
    for (StepExecution step : last.getStepExecutions()) {
      if (step.getStatus() == BatchStatus.UNKNOWN || step.getStatus().isRunning()) {
        step.setStatus(BatchStatus.FAILED);
        repository.update(step);
      }
    }
    if (last.getStatus() == BatchStatus.UNKNOWN) {
      last.setStatus(BatchStatus.FAILED);
      repository.update(last);
    } else if (last.getStatus().isRunning()) {
      operator.recover(last);
    }
  }

  private JobRepository repository(JdbcTransactionManager transactions) {
    JdbcJobRepositoryFactoryBean factory = new JdbcJobRepositoryFactoryBean();
    factory.setDataSource(database.engine());
    factory.setTransactionManager(transactions);
    factory.setTablePrefix("batch.BATCH_");
    // Execution contexts as JSON: nothing is ever deserialised from Java's own format.
    factory.setSerializer(new JacksonExecutionContextStringSerializer());
    try {
      factory.afterPropertiesSet();
      return Objects.requireNonNull(factory.getObject());
    } catch (Exception e) {
      throw new CompatException(
          ExitCode.DATABASE_UNFIT,
          "Spring Batch's tables in %s can't be used: %s. Run 'compat db migrate'."
              .formatted(database.label(), e.getMessage()),
          e);
    }
  }
}
