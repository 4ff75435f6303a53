package social.trvl.compat.bench;

import com.google.errorprone.annotations.FormatMethod;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ref.Reference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
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
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.config.NightlySettings;
import social.trvl.compat.config.Progress;
import social.trvl.compat.job.GroupRescoring;
import social.trvl.compat.kernel.KernelBenchmark;
import social.trvl.compat.kernel.PairKernel;
import social.trvl.compat.kernel.PostgresPeer;
import social.trvl.compat.model.ModelRegistry;
import social.trvl.compat.model.training.LabelHarvest;
import social.trvl.compat.model.training.Training;
import social.trvl.compat.model.training.TreeBenchmark;
import social.trvl.compat.profile.PopulationReader;
import social.trvl.compat.profile.ProfileTable;
import social.trvl.compat.publish.WriteBenchmark;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

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
  private static final int JUDGED_PEOPLE = 100_000;

  private static final long JUDGED_ROWS = 4_500_000;
  private static final int REGION_PEOPLE = 10_000;
  private static final String REGION_TOP_K = "20";
  private static final String REGION_HEAP = "2g";
  private static final int GROUP_MEMBERS = 12;
  private static final int GROUP_WARM_UP = 3;
  private static final int GROUP_ROUNDS = 300;
  private static final Duration GROUP_TIME = Duration.ofSeconds(20);
  private static final Duration TRAINING_TIME = Duration.ofSeconds(10);

  /** Of the people whose outcomes are learnt from; more only take longer to judge. */
  private static final int TRAINING_PEOPLE = 10_000;

  private static final int POSTGRES_SAMPLE = 40;
  private static final int PYTHON_SAMPLE = 1_000;
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

  private final List<Figure> figures = new ArrayList<>();
  private final List<Night> nights = new ArrayList<>();
  private final List<Growth> growth = new ArrayList<>();
  private final List<String> missing = new ArrayList<>();

  public Bench(Options options, Progress progress, Clock clock) {
    this.options = options;
    this.progress = progress;
    this.clock = clock;
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
        figures,
        growth,
        nights,
        missing);
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
    int before = figures.size();
    try {
      work.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (SQLException e) {
      throw new IllegalStateException("the database failed while it was being measured", e);
    } finally {
      progress.end();
    }
    finished.accept(List.copyOf(figures.subList(before, figures.size())));
  }

  private void add(
      Section section, String name, Spread value, String unit, @Nullable Goal goal, String note) {
    figures.add(Figure.of(section, name, value, unit, goal, note));
  }

  private void kernel() {
    Map<Integer, Double> seconds = new TreeMap<>();
    for (int size : options.sizes().headSet(MOST_EVERYONE + 1)) {
      for (int used : threads > 1 ? new int[] {1, 2} : new int[] {1}) {
        KernelBenchmark benchmark = new KernelBenchmark(size, used);
        List<KernelBenchmark.Round> rounds =
            rounds(
                "kernel, %s people, %d thread(s)".formatted(count(size), used),
                KernelBenchmark.WARM_UP_ROUNDS,
                options.rounds(),
                benchmark::round);
        boolean judged = size >= JUDGED_PEOPLE && used == 2;
        String what = "%s people, %d thread%s".formatted(count(size), used, used == 1 ? "" : "s");
        Spread rate = Spread.of(rounds, KernelBenchmark.Round::pairsPerSecond);
        add(
            Section.KERNEL,
            what,
            rate,
            "pairs/s",
            judged ? Goal.atLeast(3e9, 7e9) : null,
            "ordered pairs, exact top " + KernelBenchmark.K);
        add(
            Section.KERNEL,
            what + " / scalar twin",
            Spread.of(rounds, r -> r.pairsPerSecond() / r.twinPairsPerSecond()),
            "",
            judged ? Goal.atLeast(30, null) : null,
            "");
        add(
            Section.KERNEL,
            what + " / integer peak",
            Spread.of(rounds, KernelBenchmark.Round::formulaShare),
            "",
            judged ? Goal.atLeast(0.5, null) : null,
            format(
                "by the formula's operations; executed %.2f, as a pair is scored once for both",
                Spread.of(rounds, KernelBenchmark.Round::executedShare).median()));
        if (used == 1) {
          seconds.put(size, (double) size * size / rate.median());
        }
      }
    }
    grows("kernel, 1 thread", "s", seconds);
  }

  private void inDatabase(ScratchDatabase scratch, Consumer<List<Figure>> finished) {
    Path folder = temporaryFolder();
    try {
      Program program = new Program(folder);
      if (asked(Section.START)) {
        tell(finished, () -> start(scratch, program));
      }
      SortedSet<Integer> everyone = options.sizes().headSet(MOST_EVERYONE + 1);
      int peersAt = everyone.isEmpty() ? MOST_EVERYONE : Math.min(JUDGED_PEOPLE, everyone.last());
      if (asked(Section.PEERS)) {
        tell(finished, () -> peers(scratch, folder, peersAt));
      }
      boolean learnt = false;
      Map<Integer, Double> commandSeconds = new TreeMap<>();
      Map<Integer, Double> surviving = new TreeMap<>();
      for (int size : everyone) {
        if (!scratch.fits(size)) {
          missing.add("%s people: there are more in the database already".formatted(count(size)));
          continue;
        }
        scratch.grow(size);
        if (!learnt && (size >= TRAINING_PEOPLE || size == everyone.last())) {
          learnt = true;
          learning(scratch, finished);
        }
        boolean last = size == everyone.last();
        if (asked(Section.RUN) || (last && asked(Section.PUBLICATION))) {
          tell(
              finished,
              () -> {
                List<Night> ran = everyone(scratch, program, folder, size, last);
                if (!ran.isEmpty()) {
                  commandSeconds.put(size, Spread.of(ran, Night::commandSeconds).median());
                  surviving.put(size, Spread.of(ran, n -> n.survivingBytes()).median());
                }
              });
        }
      }
      grows("nightly run, whole command", "s", commandSeconds);
      grows("nightly run, heap after collections", "B", surviving);
      if (asked(Section.GROUP) && !everyone.isEmpty()) {
        tell(finished, () -> group(scratch, program));
      }
      if (asked(Section.RUN) && options.sizes().last() > MOST_EVERYONE) {
        tell(finished, () -> regions(scratch, program));
      }
    } finally {
      ScratchDatabase.delete(folder);
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

  /**
   * Nightly runs of everybody against everybody; for the largest size beside the product's and the
   * bare write of the same rows.
   *
   * @return the nightly runs that counted; none if they are not asked for
   */
  private List<Night> everyone(
      ScratchDatabase scratch, Program program, Path folder, int size, boolean withWrites)
      throws IOException, SQLException {
    List<String> command = run(scratch, "--full");
    String what = count(size) + " people";
    progress.begin("nightly run, " + what + ", a first one", 0);
    night(scratch, program, null, command);
    @Nullable WriteBenchmark writes = null;
    Path rows = folder.resolve("rows.bin");
    long exported = 0;
    if (withWrites) {
      progress.begin("keeping the rows", 0);
      exported = WriteBenchmark.export(scratch.database(), rows);
      if (asked(Section.PUBLICATION)) {
        writes =
            new WriteBenchmark(scratch.database(), NightlySettings.standard(), clock, progress);
      }
    }
    List<Night> ran = new ArrayList<>();
    List<WriteBenchmark.Ours> ours = new ArrayList<>();
    List<Double> bare = new ArrayList<>();
    progress.begin("nightly run, " + what, options.rounds());
    for (int round = 0; round < options.rounds(); round++) {
      if (writes != null) {
        ours.add(writes.round());
      }
      if (withWrites) {
        bare.add(WriteBenchmark.bareRound(scratch.database(), rows));
      }
      if (asked(Section.RUN)) {
        ran.add(night(scratch, program, null, command));
      } else {
        WriteBenchmark.clean(scratch.database());
      }
      progress.advance(1);
    }
    nights.addAll(ran);
    if (asked(Section.RUN)) {
      addNights(what, ran, size >= JUDGED_PEOPLE);
      progress.begin("nothing to do, " + what, 0);
      Night unchanged = night(scratch, program, null, run(scratch));
      if (unchanged.state().equals("unchanged")) {
        add(
            Section.RUN,
            what + ", nothing changed",
            Spread.once(unchanged.runSeconds() - unchanged.step("load")),
            "s",
            Goal.atMost(1.0, null),
            format("beyond reading, which takes %.2f s", unchanged.step("load")));
      } else {
        missing.add(what + ", nothing changed: the run was " + unchanged.state());
      }
      if (size >= JUDGED_PEOPLE) {
        profileBytes(scratch, what);
      }
    }
    if (withWrites) {
      addWrites(what, exported, ran, ours, bare);
    }
    return ran;
  }

  private void addNights(String what, List<Night> ran, boolean judged) {
    add(
        Section.RUN,
        what + ", whole command",
        Spread.of(ran, Night::commandSeconds),
        "s",
        null,
        "%s pairs, %s rows".formatted(count(ran.getLast().pairs()), count(ran.getLast().rows())));
    for (String step : ran.getLast().stepSeconds().keySet()) {
      add(Section.RUN, what + ", step " + step, Spread.of(ran, n -> n.step(step)), "s", null, "");
    }
    add(
        Section.RUN,
        what + ", heap after collections",
        Spread.of(ran, n -> n.survivingBytes()),
        "B",
        null,
        "most that survived one; most in use before one: "
            + scaled(Spread.of(ran, n -> n.heapBytes()).median(), "B"));
    add(
        Section.RUN,
        what + ", longest pause in step score",
        Spread.of(ran, Night::longestScoringPauseSeconds),
        "s",
        judged ? Goal.atMost(0.05, null) : null,
        format(
            "of a garbage collection; in the whole run %.3f s",
            Spread.of(ran, Night::longestPauseSeconds).median()));
  }

  private void addWrites(
      String what, long rows, List<Night> ran, List<WriteBenchmark.Ours> ours, List<Double> bare) {
    boolean judged = rows >= JUDGED_ROWS;
    List<Integer> numbers = new ArrayList<>();
    for (int round = 0; round < bare.size(); round++) {
      numbers.add(round);
    }
    add(
        Section.PUBLICATION,
        what + ", bare COPY and the same indexes",
        Spread.of(bare, seconds -> seconds),
        "s",
        null,
        "peer: %s rows, binary, serial, bytes ready-made".formatted(count(rows)));
    if (!ours.isEmpty()) {
      add(
          Section.PUBLICATION,
          what + ", written, indexed, attached, published",
          Spread.of(ours, WriteBenchmark.Ours::written),
          "s",
          null,
          "encoding included");
      add(
          Section.PUBLICATION,
          what + ", published / bare",
          Spread.of(numbers, i -> ours.get(i).written() / bare.get(i)),
          "",
          judged ? Goal.atMost(0.6, 0.5) : null,
          "");
      add(
          Section.PUBLICATION,
          what + ", the pointer's transaction",
          Spread.of(ours, WriteBenchmark.Ours::pointer),
          "s",
          null,
          "what readers could notice, and don't");
    }
    if (!ran.isEmpty()) {
      add(
          Section.PUBLICATION,
          what + ", whole nightly run / bare",
          Spread.of(numbers, i -> ran.get(i).runSeconds() / bare.get(i)),
          "",
          judged ? Goal.atMost(0.95, 0.65) : null,
          "by the run's own record");
      add(
          Section.PUBLICATION,
          what + ", whole command / bare",
          Spread.of(numbers, i -> ran.get(i).commandSeconds() / bare.get(i)),
          "",
          judged ? Goal.atMost(0.95, 0.65) : null,
          "start and end of Java included");
    }
  }

  private void profileBytes(ScratchDatabase scratch, String what) {
    progress.begin("weighing profiles", 0);
    ProfileTable people =
        new PopulationReader(
                scratch.database().engine(),
                new ModelRegistry(scratch.database()).champion().model().vocabulary(),
                today(),
                Progress.SILENT)
            .read()
            .people();
    int size = people.size();
    long with;
    try {
      with = usedBytes();
    } finally {
      Reference.reachabilityFence(people);
    }
    people = null;
    long without = usedBytes();
    add(
        Section.RUN,
        what + ", profile of a person",
        Spread.once((double) (with - without) / size),
        "B",
        Goal.atMost(200.0, null),
        "heap that a collection frees with the table");
  }

  private static long usedBytes() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  /** A million people in regions, beside a tenth of them in regions of the same size. */
  private void regions(ScratchDatabase scratch, Program program) {
    Map<Integer, List<Night>> ran = new TreeMap<>();
    for (int size : new TreeSet<>(List.of(JUDGED_PEOPLE, options.sizes().last()))) {
      if (!scratch.fits(size)) {
        missing.add("%s people in regions: there are more already".formatted(count(size)));
        continue;
      }
      scratch.grow(size);
      scratch.settle(REGION_PEOPLE);
      List<Night> nightsOfSize = new ArrayList<>();
      progress.begin("nightly run, %s people in regions".formatted(count(size)), options.rounds());
      for (int round = 0; round < options.rounds(); round++) {
        nightsOfSize.add(
            night(
                scratch,
                program,
                REGION_HEAP,
                run(scratch, "--full", "--block-by", "region", "--top-k", REGION_TOP_K)));
        progress.advance(1);
      }
      nights.addAll(nightsOfSize);
      ran.put(size, nightsOfSize);
      addNights(count(size) + " people in regions", nightsOfSize, false);
    }
    List<Night> fewer = ran.get(JUDGED_PEOPLE);
    List<Night> more = ran.get(options.sizes().last());
    if (fewer != null && more != null) {
      double base = Spread.of(fewer, Night::commandSeconds).median();
      add(
          Section.RUN,
          "%s in regions of %s / %s in such regions"
              .formatted(count(options.sizes().last()), count(REGION_PEOPLE), count(JUDGED_PEOPLE)),
          Spread.of(more, night -> night.commandSeconds() / base),
          "",
          options.sizes().last() == MOST_PEOPLE ? Goal.atMost(12.0, 10.0) : null,
          "whole commands, heap of " + REGION_HEAP + ", top " + REGION_TOP_K);
    }
  }

  private static List<String> run(ScratchDatabase scratch, String... more) {
    return Stream.of(
            Stream.of("score", "run", "--json"), scratch.options().stream(), Stream.of(more))
        .flatMap(words -> words)
        .toList();
  }

  private static Night night(
      ScratchDatabase scratch, Program program, @Nullable String heap, List<String> command) {
    Night night = Night.of(program.run(heap, command));
    WriteBenchmark.clean(scratch.database());
    return night;
  }

  private void group(ScratchDatabase scratch, Program program) {
    progress.begin("nightly run before a group", 0);
    night(scratch, program, null, run(scratch));
    UUID group = scratch.group(GROUP_MEMBERS);
    GroupRescoring rescoring = new GroupRescoring(scratch.database(), clock);
    progress.begin("group of %d on demand".formatted(GROUP_MEMBERS), GROUP_ROUNDS);
    double[] seconds = new double[GROUP_ROUNDS];
    int done = 0;
    long end = System.nanoTime() + GROUP_TIME.toNanos();
    for (int i = -GROUP_WARM_UP; i < GROUP_ROUNDS && (done < 1 || System.nanoTime() < end); i++) {
      long start = System.nanoTime();
      rescoring.rescore(List.of(group));
      if (i >= 0) {
        seconds[done++] = (System.nanoTime() - start) / 1e9;
        progress.advance(1);
      }
    }
    double[] measured = Arrays.copyOf(seconds, done);
    String what =
        "group of %d among %s people"
            .formatted(GROUP_MEMBERS, count(options.sizes().headSet(MOST_EVERYONE + 1).last()));
    boolean judged = options.sizes().headSet(MOST_EVERYONE + 1).last() >= JUDGED_PEOPLE;
    add(
        Section.GROUP,
        what + ", half of the requests within",
        Spread.quantile(measured, 0.5),
        "s",
        judged ? Goal.atMost(0.015, null) : null,
        "scored and committed durably, warm");
    add(
        Section.GROUP,
        what + ", 99 of 100 within",
        Spread.quantile(measured, 0.99),
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
    List<TreeBenchmark.Round> rounds = rounds("trees", 2, options.rounds(), benchmark::round);
    String what = "%d trees".formatted(benchmark.trees());
    add(
        Section.TREES,
        what + ", compiled",
        Spread.of(rounds, TreeBenchmark.Round::rowsPerSecond),
        "rows/s",
        null,
        "of CPU, columns ready-made");
    add(
        Section.TREES,
        what + ", Smile's predict",
        Spread.of(rounds, TreeBenchmark.Round::smileRowsPerSecond),
        "rows/s",
        null,
        "peer: of CPU, columns ready-made");
    add(
        Section.TREES,
        what + ", from profiles to log-odds",
        Spread.of(rounds, TreeBenchmark.Round::pairsPerSecond),
        "pairs/s",
        null,
        "of CPU, what a run does");
    add(
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
      add(
          Section.TRAINING,
          "%s, %s pairs".formatted(candidate.family(), count(candidate.trainingRows())),
          Spread.once((System.nanoTime() - start) / 1e9),
          "s",
          null,
          "search of %d s at most, then fit, judgement and registration; %s trials"
              .formatted(TRAINING_TIME.toSeconds(), candidate.hyperparameters().get("trials")));
    }
  }

  private void peers(ScratchDatabase scratch, Path folder, int size)
      throws IOException, SQLException {
    progress.begin("peers: PostgreSQL", 0);
    double allPairs = (double) size * (size - 1);
    try (Connection connection = scratch.database().directConnection()) {
      PostgresPeer peer = new PostgresPeer(connection, size, Math.min(POSTGRES_SAMPLE, size));
      List<Double> rounds = rounds("peers: PostgreSQL", 1, options.rounds(), peer::round);
      Spread rate = Spread.of(rounds, r -> r);
      add(
          Section.PEERS,
          "PostgreSQL, cross join of the same formula, %s people".formatted(count(size)),
          rate,
          "pairs/s",
          null,
          format(
              "%d people against all; all of them would take %.0f s (extrapolated)",
              Math.min(POSTGRES_SAMPLE, size), allPairs / rate.median()));
    }
    progress.begin("peers: NumPy and FAISS", options.rounds());
    Path script = folder.resolve("peers.py");
    try (InputStream in = Bench.class.getResourceAsStream("/bench/peers.py")) {
      if (in == null) {
        throw new IllegalStateException("resource /bench/peers.py is missing from the program");
      }
      Files.copy(in, script);
    }
    Map<String, List<Double>> rates = new TreeMap<>();
    for (int round = 0; round < options.rounds(); round++) {
      for (JsonNode answer : python(script, folder, size)) {
        if (answer.has("missing")) {
          if (round == 0) {
            missing.add(answer.get("name").asString() + ": python3 does not have it");
          }
        } else {
          rates
              .computeIfAbsent(
                  answer.get("name").asString() + " " + answer.get("version").asString(),
                  name -> new ArrayList<>())
              .add(answer.get("pairs_per_second").asDouble());
        }
      }
      progress.advance(1);
    }
    rates.forEach((name, values) ->
        add(
            Section.PEERS,
            "%s, inner products of 32 floats, %s people".formatted(name, count(size)),
            Spread.of(values, r -> r),
            "pairs/s",
            null,
            "for information: another formula; 2 threads"));
  }

  private List<JsonNode> python(Path script, Path folder, int size) throws IOException {
    Path out = folder.resolve("peers.out");
    Path err = folder.resolve("peers.err");
    int exitCode;
    try {
      exitCode =
          Program.execute(
              List.of(
                  "python3",
                  script.toString(),
                  Integer.toString(size),
                  Integer.toString(Math.min(size, PYTHON_SAMPLE)),
                  Integer.toString(Math.min(2, threads))),
              Map.of(),
              out,
              err);
    } catch (IOException e) {
      missing.add("NumPy and FAISS: there is no python3");
      return List.of();
    }
    if (exitCode != 0) {
      missing.add("NumPy and FAISS: python3 failed: " + Files.readString(err).strip());
      return List.of();
    }
    return Files.readAllLines(out).stream().map(JsonMapper.shared()::readTree).toList();
  }

  private void start(ScratchDatabase scratch, Program program) {
    String how =
        Program.launcher() == null ? "by java, no launcher is beside the jar" : "by ./compat";
    List<String> status =
        Stream.concat(Stream.of("score", "status"), scratch.options().stream()).toList();
    List<Double> help = rounds("start", 1, START_ROUNDS, () -> program.start(List.of("--help")));
    List<Double> database = rounds("start", 1, START_ROUNDS, () -> program.start(status));
    add(Section.START, "compat --help", Spread.of(help, s -> s), "s", Goal.atMost(0.4, 0.2), how);
    add(
        Section.START,
        "compat score status",
        Spread.of(database, s -> s),
        "s",
        Goal.atMost(2.5, 1.2),
        how + "; the server runs already");
  }

  private interface Round<T> {
    T measure() throws SQLException;
  }

  /** Rounds that count, after some that don't. */
  private <T> List<T> rounds(String task, int warmUp, int count, Round<T> round) {
    progress.begin(task, warmUp + count);
    List<T> measured = new ArrayList<>();
    try {
      for (int i = -warmUp; i < count; i++) {
        T one = round.measure();
        if (i >= 0) {
          measured.add(one);
        }
        progress.advance(1);
      }
    } catch (SQLException e) {
      throw new IllegalStateException("the database failed in: " + task, e);
    }
    return measured;
  }

  private void grows(String quantity, String unit, Map<Integer, Double> points) {
    // A run without a collection has no heap to tell of.
    points.values().removeIf(value -> value <= 0);
    @Nullable Growth fitted = Growth.fit(quantity, unit, points);
    if (fitted != null) {
      growth.add(fitted);
    }
  }

  private boolean asked(Section section) {
    return options.sections().contains(section);
  }

  private LocalDate today() {
    return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
  }

  private static Path temporaryFolder() {
    try {
      return Files.createTempDirectory("compat-bench-files");
    } catch (IOException e) {
      throw new CompatException(
          ExitCode.STORAGE, "No temporary folder can be made: %s.".formatted(e), e);
    }
  }

  private static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** With three digits and a prefix of SI. */
  public static String scaled(double value, String unit) {
    String[] prefixes = {"µ", "m", "", "k", "M", "G", "T"};
    int step = 2;
    double shown = value;
    while (Math.abs(shown) >= 999.5 && step < prefixes.length - 1) {
      shown /= 1000;
      step++;
    }
    while (shown != 0 && Math.abs(shown) < 0.9995 && step > 0 && unit.equals("s")) {
      shown *= 1000;
      step--;
    }
    int digits = Math.abs(shown) >= 99.95 ? 0 : Math.abs(shown) >= 9.995 ? 1 : 2;
    String prefixed = prefixes[step] + (unit.contains("/") ? " " : "") + unit;
    return (String.format(Locale.ROOT, "%." + digits + "f", shown) + " " + prefixed.strip())
        .strip();
  }

  @FormatMethod
  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
