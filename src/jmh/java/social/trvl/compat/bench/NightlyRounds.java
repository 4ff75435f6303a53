package social.trvl.compat.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.NightlySettings;
import social.trvl.compat.config.Progress;
import social.trvl.compat.model.ModelRegistry;
import social.trvl.compat.profile.PopulationReader;
import social.trvl.compat.profile.ProfileTable;
import social.trvl.compat.profile.ProfileWeight;
import social.trvl.compat.publish.WriteBenchmark;

/** Nightly runs, each a process of its own, and their rows on the way to readers. */
final class NightlyRounds {

  private static final long JUDGED_ROWS = 4_500_000;
  private static final int REGION_PEOPLE = 10_000;
  private static final String REGION_TOP_K = "20";
  private static final String REGION_HEAP = "2g";
  private static final double REGION_HEAP_BYTES = 2.0 * (1 << 30);

  private final ScratchDatabase scratch;
  private final Path folder;
  private final Program program;
  private final Bench.Options options;
  private final Findings findings;
  private final Clock clock;
  private final Map<Integer, Double> commandSeconds = new TreeMap<>();
  private final Map<Integer, Double> survivingBytes = new TreeMap<>();

  /**
   * @param folder for what processes read and write
   */
  NightlyRounds(
      ScratchDatabase scratch, Path folder, Bench.Options options, Findings findings, Clock clock) {
    this.scratch = scratch;
    this.folder = folder;
    this.options = options;
    this.findings = findings;
    this.clock = clock;
    program = new Program(folder);
  }

  /** A run that readers see, by what is in the database now. */
  void publish() {
    findings.progress.begin("nightly run", 0);
    night(null, run());
  }

  /** Adds how time and memory grew over the sizes. */
  void growth() {
    findings.grows("nightly run, whole command", "s", commandSeconds);
    findings.grows("nightly run, heap after collections", "B", survivingBytes);
  }

  /**
   * Nightly runs of everybody against everybody; for the largest size beside the product's and the
   * bare write of the same rows.
   */
  void everyone(int size, boolean withWrites) throws IOException, SQLException {
    List<String> command = run("--full");
    String what = Figure.count(size) + " people";
    findings.progress.begin("nightly run, " + what + ", a first one", 0);
    Night first = night(null, command);
    @Nullable WriteBenchmark writes = null;
    Path rows = folder.resolve("rows.bin");
    long exported = 0;
    if (withWrites) {
      findings.progress.begin("keeping the rows", 0);
      exported = WriteBenchmark.export(scratch.database(), rows);
      if (exported != first.rows()) {
        throw new IllegalStateException(
            "%d rows are published, the run wrote %d".formatted(exported, first.rows()));
      }
      if (options.sections().contains(Section.PUBLICATION)) {
        writes =
            new WriteBenchmark(
                scratch.database(), NightlySettings.standard(), clock, findings.progress);
      }
    }
    List<Night> ran = new ArrayList<>();
    List<WriteBenchmark.Ours> ours = new ArrayList<>();
    List<Double> bare = new ArrayList<>();
    findings.progress.begin("nightly run, " + what, options.rounds());
    for (int round = 0; round < options.rounds(); round++) {
      if (writes != null) {
        scratch.checkpoint();
        ours.add(writes.round());
      }
      if (withWrites) {
        scratch.checkpoint();
        bare.add(WriteBenchmark.bareRound(scratch.database(), rows));
      }
      if (options.sections().contains(Section.RUN)) {
        ran.add(night(null, command));
      } else {
        WriteBenchmark.clean(scratch.database());
      }
      findings.progress.advance(1);
    }
    findings.nights.addAll(ran);
    if (options.sections().contains(Section.RUN)) {
      addNights(what, ran, size >= Bench.JUDGED_PEOPLE);
      findings.progress.begin("nothing to do, " + what, 0);
      Night unchanged = night(null, run());
      if (unchanged.state().equals("unchanged")) {
        findings.add(
            Section.RUN,
            what + ", nothing changed",
            Spread.once(unchanged.runSeconds() - unchanged.step("load")),
            "s",
            Goal.atMost(1.0, null),
            String.format(
                Locale.ROOT, "beyond reading, which takes %.2f s", unchanged.step("load")));
      } else {
        findings.missing.add(what + ", nothing changed: the run was " + unchanged.state());
      }
      if (size >= Bench.JUDGED_PEOPLE) {
        profileBytes(what);
      }
    }
    if (withWrites) {
      addWrites(what, exported, ran, ours, bare);
    }
    if (!ran.isEmpty()) {
      commandSeconds.put(size, Spread.of(ran, Night::commandSeconds).median());
      survivingBytes.put(size, Spread.of(ran, n -> n.survivingBytes()).median());
    }
  }

  private void addNights(String what, List<Night> ran, boolean judged) {
    findings.add(
        Section.RUN,
        what + ", whole command",
        Spread.of(ran, Night::commandSeconds),
        "s",
        "%s pairs, %s rows"
            .formatted(Figure.count(ran.getLast().pairs()), Figure.count(ran.getLast().rows())));
    for (String step : ran.getLast().stepSeconds().keySet()) {
      findings.add(
          Section.RUN, what + ", step " + step, Spread.of(ran, n -> n.step(step)), "s", "");
    }
    findings.add(
        Section.RUN,
        what + ", heap after collections",
        Spread.of(ran, n -> n.survivingBytes()),
        "B",
        "most that survived one; most in use before one: "
            + Figure.scaled(Spread.of(ran, n -> n.heapBytes()).median(), "B"));
    findings.add(
        Section.RUN,
        what + ", longest pause in step score",
        Spread.of(ran, Night::longestScoringPauseSeconds),
        "s",
        judged ? Goal.atMost(0.05, null) : null,
        String.format(
            Locale.ROOT,
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
    findings.add(
        Section.PUBLICATION,
        what + ", bare COPY and the same indexes",
        Spread.of(bare, seconds -> seconds),
        "s",
        "peer: %s rows, binary, serial, bytes ready-made".formatted(Figure.count(rows)));
    if (!ours.isEmpty()) {
      findings.add(
          Section.PUBLICATION,
          what + ", written, indexed, attached, published",
          Spread.of(ours, WriteBenchmark.Ours::written),
          "s",
          "encoding included");
      findings.add(
          Section.PUBLICATION,
          what + ", published / bare",
          Spread.of(numbers, i -> ours.get(i).written() / bare.get(i)),
          "",
          judged ? Goal.atMost(0.6, 0.5) : null,
          "");
      findings.add(
          Section.PUBLICATION,
          what + ", the pointer's transaction",
          Spread.of(ours, WriteBenchmark.Ours::pointer),
          "s",
          "what readers could notice, and don't");
    }
    if (!ran.isEmpty()) {
      findings.add(
          Section.PUBLICATION,
          what + ", whole nightly run / bare",
          Spread.of(numbers, i -> ran.get(i).runSeconds() / bare.get(i)),
          "",
          judged ? Goal.atMost(0.95, 0.65) : null,
          "by the run's own record");
      findings.add(
          Section.PUBLICATION,
          what + ", whole command / bare",
          Spread.of(numbers, i -> ran.get(i).commandSeconds() / bare.get(i)),
          "",
          judged ? Goal.atMost(0.95, 0.65) : null,
          "start and end of Java included");
    }
  }

  private void profileBytes(String what) {
    findings.progress.begin("weighing profiles", 0);
    ProfileTable people =
        new PopulationReader(
                scratch.database().engine(),
                new ModelRegistry(scratch.database()).champion().model().vocabulary(),
                LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC),
                Progress.SILENT)
            .read()
            .people();
    findings.add(
        Section.RUN,
        what + ", profile of a person",
        Spread.once((double) ProfileWeight.bytes(people) / people.size()),
        "B",
        Goal.atMost(200.0, null),
        "of the columns in memory");
  }

  /** A million people in regions, beside a tenth of them in regions of the same size. */
  void regions() {
    Map<Integer, List<Night>> ran = new TreeMap<>();
    for (int size : new TreeSet<>(List.of(Bench.JUDGED_PEOPLE, options.sizes().last()))) {
      if (!scratch.fits(size)) {
        findings.missing.add(
            "%s people in regions: there are more already".formatted(Figure.count(size)));
        continue;
      }
      scratch.grow(size);
      scratch.settle(REGION_PEOPLE);
      List<Night> nightsOfSize = new ArrayList<>();
      findings.progress.begin(
          "nightly run, %s people in regions".formatted(Figure.count(size)), options.rounds());
      for (int round = 0; round < options.rounds(); round++) {
        nightsOfSize.add(
            night(REGION_HEAP, run("--full", "--block-by", "region", "--top-k", REGION_TOP_K)));
        findings.progress.advance(1);
      }
      findings.nights.addAll(nightsOfSize);
      ran.put(size, nightsOfSize);
      addNights(Figure.count(size) + " people in regions", nightsOfSize, false);
    }
    List<Night> fewer = ran.get(Bench.JUDGED_PEOPLE);
    List<Night> more = ran.get(options.sizes().last());
    if (fewer != null && more != null) {
      double base = Spread.of(fewer, Night::commandSeconds).median();
      findings.add(
          Section.RUN,
          "%s in regions of %s / %s in such regions"
              .formatted(
                  Figure.count(options.sizes().last()),
                  Figure.count(REGION_PEOPLE),
                  Figure.count(Bench.JUDGED_PEOPLE)),
          Spread.of(more, night -> night.commandSeconds() / base),
          "",
          options.sizes().last() == Bench.MOST_PEOPLE ? Goal.atMost(12.0, 10.0) : null,
          "whole commands, heap of " + REGION_HEAP + ", top " + REGION_TOP_K);
      findings.add(
          Section.RUN,
          "%s in regions, most heap in use".formatted(Figure.count(options.sizes().last())),
          Spread.of(more, night -> night.heapBytes()),
          "B",
          Goal.atMost(REGION_HEAP_BYTES, null),
          "");
    }
  }

  private List<String> run(String... more) {
    return command(
        Stream.concat(Stream.of("score", "run", "--json"), Stream.of(more)).toArray(String[]::new));
  }

  private List<String> command(String... words) {
    return Stream.concat(Stream.of(words), scratch.options().stream()).toList();
  }

  /**
   * A run that readers see. When more people have come or other parameters were given the checks
   * withhold it, for the scores are distributed otherwise; an operator who knows why publishes it.
   */
  private Night night(@Nullable String heap, List<String> command) {
    scratch.checkpoint();
    Night night = Night.of(program.run(heap, command));
    if (night.state().equals("withheld")) {
      program.run(
          null,
          command(
              "score",
              "publish",
              Long.toString(night.runId()),
              "--reason",
              "other people or parameters"));
    }
    WriteBenchmark.clean(scratch.database());
    return night;
  }
}
