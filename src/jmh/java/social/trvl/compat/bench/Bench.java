package social.trvl.compat.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.DatabaseSettings;
import social.trvl.compat.config.NightlySettings;
import social.trvl.compat.config.Progress;
import social.trvl.compat.job.GroupRescoring;
import social.trvl.compat.kernel.KernelBenchmark;
import social.trvl.compat.kernel.PairKernel;
import social.trvl.compat.model.ModelRegistry;
import social.trvl.compat.model.training.LabelHarvest;
import social.trvl.compat.model.training.Training;
import social.trvl.compat.model.training.TreeBenchmark;
import social.trvl.compat.profile.PopulationReader;

/**
 * Measures the product, section by section.
 *
 * <p>The order of the work is that of growing: people are only ever added, so each size is measured
 * when the database has it.
 */
public final class Bench {

  public static final int LEAST_PEOPLE = 100;
  public static final int MOST_PEOPLE = 1_000_000;
  public static final int MOST_ROUNDS = 99;

  /** More people meet in regions only: everybody against everybody is for one country. */
  public static final int MOST_EVERYONE = 200_000;

  /** Goals are meant for so many people. */
  static final int JUDGED_PEOPLE = 100_000;

  private static final int GROUP_MEMBERS = 12;

  /** Until the compiler has had its turn. */
  private static final int GROUP_WARM_UP = 1_500;

  private static final int GROUP_REQUESTS_PER_ROUND = 100;
  private static final Duration TRAINING_TIME = Duration.ofSeconds(10);

  /** Of the people whose outcomes are learnt from; more only take longer to judge. */
  private static final int TRAINING_PEOPLE = 10_000;

  private static final int START_ROUNDS = 5;
  private static final Set<Section> WITHOUT_DATABASE = Set.of(Section.KERNEL);

  /**
   * What to measure.
   *
   * @param sizes numbers of people who can be scored, {@value #LEAST_PEOPLE} to {@value
   *     #MOST_PEOPLE}
   * @param rounds that count, 1 to {@value #MOST_ROUNDS}
   * @param database to generate people in; null for an embedded one that goes afterwards
   * @param useExisting whether people may be in that database already
   * @param program version of the program, for the report
   */
  public record Options(
      Set<Section> sections,
      SortedSet<Integer> sizes,
      int rounds,
      @Nullable DatabaseSettings database,
      boolean useExisting,
      String program) {

    public Options {
      sections = Collections.unmodifiableSet(new TreeSet<>(sections));
      sizes = Collections.unmodifiableSortedSet(new TreeSet<>(sizes));
    }
  }

  private final Options options;
  private final Progress progress;
  private final Clock clock;
  private final int threads = NightlySettings.standard().execution().effectiveThreads();

  private final Findings findings;

  public Bench(Options options, Progress progress, Clock clock) {
    this.options = options;
    this.progress = progress;
    this.clock = clock;
    findings = new Findings(progress);
  }

  /**
   * Measures.
   *
   * @param finished is told the figures of each section as soon as they are known
   * @throws CompatException if the database can't be used or a measured process fails
   * @throws IllegalStateException if an answer is wrong
   */
  public Report run(Consumer<List<Figure>> finished) {
    Instant start = clock.instant();
    @Nullable String postgres = null;
    if (options.sections().contains(Section.KERNEL)) {
      tell(finished, this::kernel);
    }
    if (!WITHOUT_DATABASE.containsAll(options.sections())) {
      try (ScratchDatabase scratch =
          ScratchDatabase.open(options.database(), options.useExisting(), progress, clock)) {
        postgres = scratch.version();
        inDatabase(scratch, finished);
      }
    }
    return new Report(
        Machine.here(PairKernel.chosen(), postgres, options.program()),
        start,
        clock.instant(),
        findings.figures,
        findings.growth,
        findings.nights,
        findings.missing);
  }

  /**
   * What {@link #run} would do.
   *
   * @param minutes on a machine like the one that these estimates were made on, two cores
   * @param place where the disk is needed
   * @param freeBytes there; null if that is the database's to know
   */
  public record Plan(
      List<String> parts, long minutes, long diskBytes, String place, @Nullable Long freeBytes) {

    public Plan {
      parts = List.copyOf(parts);
    }
  }

  /** Says what would be done, without doing anything. */
  public Plan plan() {
    return Estimate.plan(options);
  }

  private interface Work {
    void run() throws IOException, SQLException;
  }

  /** Runs a part and tells what it added. */
  private void tell(Consumer<List<Figure>> finished, Work work) {
    int before = findings.figures.size();
    try {
      work.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (SQLException e) {
      throw new IllegalStateException("the database failed while it was being measured", e);
    } finally {
      progress.end();
    }
    finished.accept(List.copyOf(findings.figures.subList(before, findings.figures.size())));
  }

  private void kernel() {
    Map<Integer, Double> seconds = new TreeMap<>();
    for (int size : options.sizes().headSet(MOST_EVERYONE + 1)) {
      for (int used : threads > 1 ? new int[] {1, 2} : new int[] {1}) {
        KernelBenchmark benchmark = new KernelBenchmark(size, used);
        List<KernelBenchmark.Round> rounds =
            findings.rounds(
                "kernel, %s people, %d thread(s)".formatted(Figure.count(size), used),
                KernelBenchmark.WARM_UP_ROUNDS,
                options.rounds(),
                benchmark::round);
        boolean judged = size >= JUDGED_PEOPLE && used == 2;
        String what =
            "%s people, %d thread%s".formatted(Figure.count(size), used, used == 1 ? "" : "s");
        Spread rate = Spread.of(rounds, KernelBenchmark.Round::pairsPerSecond);
        findings.add(
            Section.KERNEL,
            what,
            rate,
            "pairs/s",
            judged ? Goal.atLeast(3e9, 7e9) : null,
            "ordered pairs, exact top " + KernelBenchmark.K);
        findings.add(
            Section.KERNEL,
            what + " / scalar twin",
            Spread.of(rounds, r -> r.pairsPerSecond() / r.twinPairsPerSecond()),
            "",
            judged ? Goal.atLeast(30, null) : null,
            "");
        findings.add(
            Section.KERNEL,
            what + " / integer peak",
            Spread.of(rounds, KernelBenchmark.Round::formulaShare),
            "",
            judged ? Goal.atLeast(0.5, null) : null,
            String.format(
                Locale.ROOT,
                "by the formula's operations; executed %.2f, as a pair is scored once for both, in shorts",
                Spread.of(rounds, KernelBenchmark.Round::executedShare).median()));
        if (used == 1) {
          seconds.put(size, (double) size * size / rate.median());
        }
      }
    }
    findings.grows("kernel, 1 thread", "s", seconds);
  }

  private void inDatabase(ScratchDatabase scratch, Consumer<List<Figure>> finished) {
    Path folder = scratch.folder();
    NightlyRounds nightly = new NightlyRounds(scratch, folder, options, findings, clock);
    SortedSet<Integer> everyone = options.sizes().headSet(MOST_EVERYONE + 1);
    if (asked(Section.START)) {
      tell(finished, () -> start(scratch, new Program(folder)));
    }
    if (asked(Section.PEERS)) {
      int size = everyone.isEmpty() ? JUDGED_PEOPLE : Math.min(JUDGED_PEOPLE, everyone.last());
      tell(finished, new Peers(scratch, folder, size, options.rounds(), findings)::measure);
    }
    if (everyone.isEmpty()) {
      findings.missing.add(
          "publication, group, trees, training: they need a size of at most "
              + Figure.count(MOST_EVERYONE));
    }
    boolean learnt = false;
    for (int size : everyone) {
      if (!scratch.fits(size)) {
        findings.missing.add(
            "%s people: there are more in the database already".formatted(Figure.count(size)));
        continue;
      }
      boolean last = size == everyone.last();
      scratch.grow(size);
      if (!learnt && (last || size >= TRAINING_PEOPLE)) {
        learnt = true;
        learning(scratch, finished);
      }
      if (asked(Section.RUN) || (last && asked(Section.PUBLICATION))) {
        tell(finished, () -> nightly.everyone(size, last));
      }
      if (last && asked(Section.GROUP)) {
        nightly.publish();
        tell(finished, () -> group(scratch, size));
      }
    }
    nightly.growth();
    if (asked(Section.RUN) && options.sizes().last() > MOST_EVERYONE) {
      tell(finished, nightly::regions);
    }
  }

  /** Trees and training, by what people who are there said of their trips. */
  private void learning(ScratchDatabase scratch, Consumer<List<Figure>> finished) {
    if (asked(Section.TREES)) {
      tell(finished, () -> trees(scratch));
    }
    if (asked(Section.TRAINING)) {
      tell(finished, () -> training(scratch));
    }
  }

  private void group(ScratchDatabase scratch, int size) {
    UUID group = scratch.group(GROUP_MEMBERS);
    GroupRescoring rescoring = new GroupRescoring(scratch.database(), clock);
    int requests = GROUP_REQUESTS_PER_ROUND * options.rounds();
    progress.begin("group of %d on demand".formatted(GROUP_MEMBERS), GROUP_WARM_UP + requests);
    double[] seconds = new double[requests];
    for (int i = -GROUP_WARM_UP; i < requests; i++) {
      long start = System.nanoTime();
      rescoring.rescore(List.of(group));
      if (i >= 0) {
        seconds[i] = (System.nanoTime() - start) / 1e9;
      }
      progress.advance(1);
    }
    String what = "group of %d among %s people".formatted(GROUP_MEMBERS, Figure.count(size));
    boolean judged = size >= JUDGED_PEOPLE;
    findings.add(
        Section.GROUP,
        what + ", p50",
        Spread.quantile(seconds, 0.5),
        "s",
        judged ? Goal.atMost(0.015, null) : null,
        "scored and committed durably, warm");
    findings.add(
        Section.GROUP,
        what + ", p99",
        Spread.quantile(seconds, 0.99),
        "s",
        judged ? Goal.atMost(null, 0.015) : null,
        "");
  }

  private void trees(ScratchDatabase scratch) {
    progress.begin("learning trees", 0);
    ModelRegistry.Version champion = new ModelRegistry(scratch.database()).champion();
    TreeBenchmark benchmark =
        new TreeBenchmark(
            new PopulationReader(
                    scratch.database().engine(),
                    champion.model().vocabulary(),
                    today(),
                    Progress.SILENT)
                .read()
                .people(),
            champion.model());
    List<TreeBenchmark.Round> rounds =
        findings.rounds("trees", 2, options.rounds(), benchmark::round);
    String what = "%d trees".formatted(benchmark.trees());
    findings.add(
        Section.TREES,
        what + ", compiled",
        Spread.of(rounds, TreeBenchmark.Round::rowsPerSecond),
        "rows/s",
        "of CPU, columns ready-made");
    findings.add(
        Section.TREES,
        what + ", Smile's predict",
        Spread.of(rounds, TreeBenchmark.Round::smileRowsPerSecond),
        "rows/s",
        "peer: of CPU, columns ready-made");
    findings.add(
        Section.TREES,
        what + ", from profiles to log-odds",
        Spread.of(rounds, TreeBenchmark.Round::pairsPerSecond),
        "pairs/s",
        "of CPU, what a run does");
    findings.add(
        Section.TREES,
        what + ", compiled / Smile's predict",
        Spread.of(rounds, r -> r.rowsPerSecond() / r.smileRowsPerSecond()),
        "",
        Goal.atLeast(10, 30.0),
        "");
  }

  private void training(ScratchDatabase scratch) {
    progress.begin("harvesting labels", 0);
    new LabelHarvest(scratch.database()).harvest(null);
    for (Training.Family family : List.of(Training.Family.ADDITIVE, Training.Family.BOOSTED)) {
      progress.begin("training, " + family, 0);
      long start = System.nanoTime();
      Training.Candidate candidate =
          new Training(scratch.database(), Progress.SILENT, clock)
              .train(new Training.Options(family, 1, null, TRAINING_TIME), null);
      findings.add(
          Section.TRAINING,
          "%s, %s pairs".formatted(candidate.family(), Figure.count(candidate.trainingRows())),
          Spread.once((System.nanoTime() - start) / 1e9),
          "s",
          "search of %d s at most, then fit, judgement and registration; %s trials"
              .formatted(TRAINING_TIME.toSeconds(), candidate.hyperparameters().get("trials")));
    }
  }

  private void start(ScratchDatabase scratch, Program program) {
    String how =
        Program.launcher() == null ? "by java, no launcher is beside the jar" : "by ./compat";
    List<String> status =
        Stream.concat(Stream.of("score", "status"), scratch.options().stream()).toList();
    List<Double> help =
        findings.rounds("start", 1, START_ROUNDS, () -> program.start(List.of("--help")));
    List<Double> database = findings.rounds("start", 1, START_ROUNDS, () -> program.start(status));
    findings.add(
        Section.START, "compat --help", Spread.of(help, s -> s), "s", Goal.atMost(0.4, 0.2), how);
    findings.add(
        Section.START,
        "compat score status",
        Spread.of(database, s -> s),
        "s",
        Goal.atMost(2.5, 1.2),
        how + "; the server runs already");
  }

  private boolean asked(Section section) {
    return options.sections().contains(section);
  }

  private LocalDate today() {
    return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
  }
}
