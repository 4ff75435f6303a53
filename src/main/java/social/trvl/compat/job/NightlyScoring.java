package social.trvl.compat.job;

import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Gatherers;
import java.util.stream.IntStream;
import org.springframework.batch.core.ExitStatus;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.builder.FlowBuilder;
import org.springframework.batch.core.job.builder.JobBuilder;
import org.springframework.batch.core.job.flow.support.SimpleFlow;
import org.springframework.batch.core.partition.StepExecutionSplitter;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.Step;
import org.springframework.batch.core.step.StepExecution;
import org.springframework.batch.core.step.builder.StepBuilder;
import org.springframework.batch.infrastructure.item.ExecutionContext;
import org.springframework.batch.infrastructure.item.support.IteratorItemReader;
import org.springframework.batch.infrastructure.repeat.RepeatStatus;
import org.springframework.transaction.PlatformTransactionManager;
import social.trvl.compat.model.ModelRegistry;
import social.trvl.compat.profile.Population;
import social.trvl.compat.profile.PopulationReader;
import social.trvl.compat.profile.ProfileTable;
import social.trvl.compat.profile.TravelGroup;
import social.trvl.compat.publish.BatchMetadata;
import social.trvl.compat.publish.GroupRequests;
import social.trvl.compat.publish.GroupTable;
import social.trvl.compat.publish.Publication;
import social.trvl.compat.publish.QuarantineTable;
import social.trvl.compat.publish.Retention;
import social.trvl.compat.publish.RunChecks;
import social.trvl.compat.publish.RunTables;
import social.trvl.compat.publish.Runs;
import social.trvl.compat.publish.ShadowComparison;
import social.trvl.compat.score.GroupFit;
import social.trvl.compat.score.GroupScorer;
import social.trvl.compat.score.PairScorer;
import social.trvl.compat.score.PeopleLists;
import social.trvl.compat.score.ScoredPeople;

/**
 * The job {@code nightly-scoring}: everyone against everyone they could travel with, every open
 * group, published whole.
 *
 * <p>Read {@link #job()} first. Each step can be run again after an interruption: {@code claim},
 * {@code load} and the later ones always are, of {@code score} only the slices and of {@code
 * groups} only the groups that are not there yet.
 */
final class NightlyScoring {

  static final String NAME = "nightly-scoring";

  /** What a shadow run is claimed and recorded as; the steps are the same, except the last. */
  static final String SHADOW_NAME = "shadow-scoring";

  /** Of the groups; each share is scored by one thread. */
  private static final int GROUP_SHARES = 8;

  /** Groups that go through everybody together. */
  private static final int BATCH_GROUPS = 25;

  /** Batches in a transaction: some 60 rows a group. */
  private static final int CHUNK_BATCHES = 10;

  /** Each needs a connection of the pool, some for a moment two. */
  private static final int MOST_WRITERS = 8;

  static final String UNCHANGED = "UNCHANGED";
  static final String WITHHELD = "WITHHELD";

  private final JobRepository repository;
  private final PlatformTransactionManager transactions;
  private final RunContext run;
  private final RunTables tables;
  private final Runs runs;

  NightlyScoring(
      JobRepository repository, PlatformTransactionManager transactions, RunContext run) {
    this.repository = repository;
    this.transactions = transactions;
    this.run = run;
    tables = new RunTables(run.runId);
    runs = new Runs(run.database);
  }

  /** The eight steps, in order; a shadow run is compared in place of being published. */
  Job job() {
    return new JobBuilder(NAME, repository)
        .start(run.shadow ? shadowSteps() : steps())
        .end()
        .build();
  }

  private SimpleFlow shadowSteps() {
    return new FlowBuilder<SimpleFlow>("steps")
        .start(claim())
        .next(load())
        .next(score())
        .next(groups())
        .next(attach())
        .next(check())
        // Out of bounds or not: the report says so.
        .on("*")
        .to(compare())
        .next(retain("retain"))
        .end();
  }

  private SimpleFlow steps() {
    Step load = load();
    Step check = check();
    return new FlowBuilder<SimpleFlow>("steps")
        .start(claim())
        .next(load)
        .on(UNCHANGED)
        .end(UNCHANGED)
        .from(load)
        .on("COMPLETED")
        .to(score())
        .next(groups())
        .next(attach())
        .next(check)
        .on(WITHHELD)
        .to(retain("retain withheld"))
        .on("*")
        .end(WITHHELD)
        .from(check)
        .on("COMPLETED")
        .to(publish())
        .next(retain("retain"))
        .end();
  }

  /**
   * The claim was taken before the job was started; from here on others are told which run it is
   * for, and whose requests it will have answered.
   */
  private Step claim() {
    return step(
        "claim",
        () -> {
          run.claim.names(run.runId);
          if (!run.shadow) {
            new GroupRequests(run.database).answeredBy(run.runId);
          }
        });
  }

  /** Reads everybody in one snapshot, and decides by its digest whether there is anything to do. */
  private Step load() {
    return new StepBuilder("load", repository)
        .tasklet((contribution, context) -> {
          Population population =
              new PopulationReader(
                      run.source(), run.model.model().vocabulary(), run.asOf, run.progress)
                  .read();
          requireSameInputs(population);
          if (!run.shadow) {
            new QuarantineTable(run.database).replace(population.quarantine(), run.clock.instant());
          }
          PairScorer scorer = new PairScorer(population, run.model.model(), run.settings.scoring());
          run.loaded(population, scorer);
          runs.loaded(
              run.runId,
              population.snapshotAt(),
              population.digest(),
              population.people().size(),
              population.quarantine().size(),
              scorer.blocks().pairs(),
              population.groups().size());
          if (!run.shadow && !run.full && equalsPublished(population)) {
            contribution.setExitStatus(new ExitStatus(UNCHANGED));
          }
          return RepeatStatus.FINISHED;
        })
        .allowStartIfComplete(true)
        .build();
  }

  /**
   * Each slice of people in a partition of its own, and a chunk: written, indexed and attached in
   * one transaction.
   */
  private Step score() {
    return new StepBuilder("score", repository)
        .partitioner("slice", gridSize -> partitions(run.slices()))
        .partitionHandler(this::rankThenWrite)
        .build();
  }

  /**
   * Additive lists are made at once, each pair scored for both; then the slices take theirs. As
   * many slices are on their way as there are processors: each has two processes at work, this one
   * and the server's. Twice as many took a twentieth more of the processors' time for the same
   * rows.
   */
  private Collection<StepExecution> rankThenWrite(
      StepExecutionSplitter splitter, StepExecution manager) throws Exception {
    run.scorer().rank(run.settings.execution().effectiveThreads(), run.progress);
    tables.createRun(run.database);
    run.progress.begin("writing lists", run.population().people().size());
    try {
      return new PartitionThreads(writers(), this::slice).handle(splitter, manager);
    } finally {
      run.progress.end();
      run.scorer().forget();
    }
  }

  private Step slice(int slice) {
    PeopleReader reader = new PeopleReader(run, tables, slice);
    return new StepBuilder("slice:%02d".formatted(slice), repository)
        .<PeopleReader.Block, PeopleLists>chunk(reader.blocks())
        .transactionManager(transactions)
        .reader(reader)
        .processor(block -> run.scorer().lists(block.from(), block.to()))
        .writer(new SliceWriter(run, tables, slice))
        .build();
  }

  /**
   * Every active group: its members' fit, and its best candidates if it is open. Each partition
   * takes a share of the groups, so that while the server takes the rows of one, others are scored.
   */
  private Step groups() {
    return new StepBuilder("groups", repository)
        .partitioner("share", gridSize -> partitions(GROUP_SHARES))
        .partitionHandler(this::scoreGroups)
        .build();
  }

  private Collection<StepExecution> scoreGroups(
      StepExecutionSplitter splitter, StepExecution manager) throws Exception {
    GroupScorer scorer = run.scorer().groups(run.settings.scoring().groups());
    Set<UUID> done = GroupTable.scoredGroups(run.database, run.runId);
    run.progress.begin("scoring groups", run.population().groups().size());
    run.progress.advance(done.size());
    try {
      return new PartitionThreads(writers(), share -> groups(share, scorer, done))
          .handle(splitter, manager);
    } finally {
      run.progress.end();
    }
  }

  private Step groups(int share, GroupScorer scorer, Set<UUID> done) {
    List<TravelGroup> groups = run.population().groups();
    Iterator<List<TravelGroup>> batches =
        IntStream.iterate(share, i -> i < groups.size(), i -> i + GROUP_SHARES)
            .mapToObj(groups::get)
            .filter(group -> !done.contains(group.groupId()))
            .gather(Gatherers.windowFixed(BATCH_GROUPS))
            .iterator();
    return new StepBuilder("share:%02d".formatted(share), repository)
        .<List<TravelGroup>, List<GroupFit>>chunk(CHUNK_BATCHES)
        .transactionManager(transactions)
        .reader(new IteratorItemReader<>(batches))
        .processor(scorer::score)
        .writer(new GroupWriter(run))
        .build();
  }

  /** Attaches the run, whole; readers don't notice. */
  private Step attach() {
    return step("attach", () -> tables.attachRun(run.database));
  }

  /**
   * Holds the rows against the bounds; a run that breaks one stays unpublished, and nothing is
   * lost.
   */
  private Step check() {
    return new StepBuilder("check", repository)
        .tasklet((contribution, context) -> {
          ProfileTable people = run.population().people();
          OptionalDouble recall =
              run.scorer().recall(run.settings.execution().effectiveThreads(), run.progress);
          run.progress.begin("checking rows", 0);
          // Slices that an interrupted run had finished.
          IntStream.range(0, run.slices())
              .forEach(slice -> tables.recount(run.database, slice, people, run.tally()));
          RunChecks checks = new RunChecks(run.database);
          RunChecks.Counts counts =
              new RunChecks.Counts(
                  run.tally(),
                  checks.differingLists(
                      run.runId, run.model.id(), people, listsOf(RunChecks.LISTS_READ_BACK)));
          List<String> failures =
              counts.failures(
                  run.settings.checks(),
                  people.size(),
                  run.settings.scoring().topK(),
                  runs.lastHistogram(run.model.id(), run.runId),
                  recall);
          runs.checked(
              run.runId,
              run.tally().rows(),
              checks.groupRows(run.runId),
              counts.exposure().toJson(),
              counts.histogram(),
              recall,
              failures);
          run.progress.end();
          if (!failures.isEmpty()) {
            contribution.setExitStatus(new ExitStatus(WITHHELD));
          }
          return RepeatStatus.FINISHED;
        })
        .allowStartIfComplete(true)
        .build();
  }

  /** Lists of people from all over the table, made anew, each person by itself. */
  private List<ScoredPeople> listsOf(int most) {
    int people = run.population().people().size();
    int asked = Math.min(most, people);
    return IntStream.range(0, asked)
        .parallel()
        .map(i -> (int) ((long) people * i / asked))
        .mapToObj(person -> run.scorer().score(person, person + 1))
        .toList();
  }

  /**
   * One UPDATE moves every reader to this run; groups rescored meanwhile are then scored in it,
   * too.
   */
  private Step publish() {
    return step(
        "publish",
        () -> {
          new Publication(run.database)
              .publish(run.runId, "nightly run", run.clock.instant(), run.claim);
          new GroupRescoring(run.database, run.clock).rescoreRequested();
        });
  }

  /** Says what would change, and keeps that; the rows have served their purpose then. */
  private Step compare() {
    return step(
        "compare",
        () -> {
          run.progress.begin("comparing with the published run", 0);
          Runs.Run published = runs.requirePublished();
          new ModelRegistry(run.database)
              .keep(
                  run.model.id(),
                  published.modelVersionId(),
                  new ShadowComparison(run.database).compare(runs.require(run.runId), published));
          runs.finished(run.runId, "shadow", run.clock.instant(), null);
          run.progress.end();
        });
  }

  /** Drops what nobody can roll back to; whoever is reading goes first. */
  private Step retain(String name) {
    return step(
        name,
        () -> {
          new Retention(run.database).apply(run.settings.retention().publishedRuns());
          new BatchMetadata(run.database).purge(run.settings.retention().batchMetadataDays());
        });
  }

  private Step step(String name, Runnable work) {
    return new StepBuilder(name, repository)
        .tasklet((contribution, context) -> {
          work.run();
          return RepeatStatus.FINISHED;
        })
        .allowStartIfComplete(true)
        .build();
  }

  /**
   * An interrupted run goes on only with the very inputs that its finished chunks were made from.
   */
  private void requireSameInputs(Population population) {
    String before = runs.require(run.runId).digest();
    if (before != null && !before.equals(population.digest())) {
      throw new InputsChangedException(run.runId);
    }
  }

  private boolean equalsPublished(Population population) {
    return runs.published()
        .filter(published -> population.digest().equals(published.digest()))
        .filter(published -> published.modelVersionId() == run.model.id())
        .filter(published -> runs.sameParameters(published.runId(), run.parameters))
        .isPresent();
  }

  private int writers() {
    return Math.min(run.settings.execution().effectiveThreads(), MOST_WRITERS);
  }

  private static Map<String, ExecutionContext> partitions(int count) {
    return IntStream.range(0, count)
        .boxed()
        .collect(Collectors.toMap("%02d"::formatted, partition -> new ExecutionContext()));
  }
}
