package social.trvl.compat.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import social.trvl.compat.bench.Bench;
import social.trvl.compat.bench.Figure;
import social.trvl.compat.bench.Goal;
import social.trvl.compat.bench.Growth;
import social.trvl.compat.bench.Report;
import social.trvl.compat.bench.Section;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.DatabaseSettings;
import social.trvl.compat.config.ExitCode;

/** {@code compat bench}: how fast this program is on this machine, beside its peers. */
@Command(
    name = "bench",
    description =
        "Measures this program on this machine beside its peers, with generated people in an embedded database that goes afterwards.",
    mixinStandardHelpOptions = true)
final class BenchCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "SECTION",
      description =
          "Some of kernel, run, publication, group, trees, training, peers, start (default: all).")
  private @Nullable Set<Section> only;

  @Option(
      names = "--sizes",
      split = ",",
      paramLabel = "N",
      defaultValue = "1k,10k,100k",
      converter = Size.class,
      description =
          "Numbers of people, 100 to 1m; above 200k they meet in regions of 10,000 (default: 1k,10k,100k).")
  private List<Integer> sizes;

  @Option(
      names = "--rounds",
      defaultValue = "3",
      description = "Rounds that count, 1-99; medians are reported (default: 3).")
  private int rounds;

  @Option(
      names = "--db-url",
      paramLabel = "URL",
      description =
          "JDBC address of an empty database to generate people in, instead of an embedded one; user and password from COMPAT_DB_USER and COMPAT_DB_PASSWORD.")
  private @Nullable String url;

  @Option(
      names = "--use-existing",
      description =
          "Lets people be in the database already: it is a scratch database, people are added to it and moved.")
  private boolean useExisting;

  @Option(names = "--out", paramLabel = "FILE", description = "Writes the report as JSON, too.")
  private @Nullable Path file;

  @Option(
      names = "--dry-run",
      description = "Says what would be measured, and the time and disk that it needs.")
  private boolean dryRun;

  @Option(names = "--json", description = "Prints JSON.")
  private boolean json;

  /** A number of people, with k or m for thousands and millions. */
  static final class Size implements ITypeConverter<Integer> {
    private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,6})([kKmM]?)");

    @Override
    public Integer convert(String value) {
      Matcher matcher = FORM.matcher(value);
      if (matcher.matches()) {
        long people =
            Long.parseLong(matcher.group(1))
                * switch (matcher.group(2).toLowerCase(Locale.ROOT)) {
                  case "k" -> 1_000;
                  case "m" -> 1_000_000;
                  default -> 1;
                };
        if (people >= Bench.LEAST_PEOPLE && people <= Bench.MOST_PEOPLE) {
          return (int) people;
        }
      }
      throw new TypeConversionException(
          "'%s' is no number of people from 100 to 1m, e.g. 500, 10k or 1m".formatted(value));
    }
  }

  @Override
  public Integer call() {
    Output out = new Output(spec);
    Bench bench = new Bench(options(), TerminalProgress.ofThisTerminal(), Clock.systemUTC());
    if (dryRun) {
      print(out, bench.plan());
      return ExitCode.OK.number();
    }
    Report report =
        bench.run(figures -> {
          if (!json) {
            table(out, figures);
          }
        });
    if (file != null) {
      write(file, report);
    }
    if (json) {
      out.json(report);
    } else {
      print(out, report);
    }
    return ExitCode.OK.number();
  }

  private Bench.Options options() {
    if (rounds < 1 || rounds > Bench.MOST_ROUNDS) {
      throw new CompatException(
          ExitCode.USAGE, "--rounds (%d) is not within 1-%d.".formatted(rounds, Bench.MOST_ROUNDS));
    }
    if (useExisting && url == null) {
      throw new CompatException(
          ExitCode.USAGE,
          "--use-existing is about a database that is named: add --db-url, or leave it out.");
    }
    SortedSet<Integer> people = new TreeSet<>(sizes);
    return new Bench.Options(
        only == null ? EnumSet.allOf(Section.class) : only,
        people,
        rounds,
        url == null ? null : DatabaseSettings.of(url, null, System.getenv()),
        useExisting,
        CommandLineApp.programVersion());
  }

  private static void write(Path file, Report report) {
    try {
      Files.writeString(file, Output.toJson(report));
    } catch (IOException e) {
      throw new CompatException(
          ExitCode.STORAGE,
          "The report can't be written to %s: %s. Everything was measured; name a folder that can be written."
              .formatted(file, e),
          e);
    }
  }

  private void print(Output out, Bench.Plan plan) {
    if (json) {
      out.json(plan);
      return;
    }
    plan.parts().forEach(part -> out.line("%s", part));
    out.line(
        "About %,d minute(s), and %,.1f GB of disk in %s%s. Dry run: nothing was measured.",
        plan.minutes(),
        plan.diskBytes() / 1e9,
        plan.place(),
        plan.freeBytes() == null
            ? ""
            : String.format(Locale.ROOT, ", where %,.1f GB are free", plan.freeBytes() / 1e9));
  }

  private static void table(Output out, List<Figure> figures) {
    for (Section section : Section.values()) {
      List<List<String>> rows =
          figures.stream()
              .filter(figure -> figure.section() == section)
              .map(BenchCommand::row)
              .toList();
      if (!rows.isEmpty()) {
        out.line("");
        out.line("%s", section);
        out.table(List.of("WHAT", "MEDIAN", "LEAST - MOST", "REACH", "BEYOND", "NOTE"), rows);
      }
    }
  }

  private static List<String> row(Figure figure) {
    Goal goal = figure.goal();
    List<String> row = new ArrayList<>();
    row.add(figure.name());
    row.add(Figure.scaled(figure.value().median(), figure.unit()));
    row.add(
        figure.value().rounds() == 1
            ? ""
            : "%s - %s"
                .formatted(
                    Figure.scaled(figure.value().least(), figure.unit()),
                    Figure.scaled(figure.value().most(), figure.unit())));
    row.add(held(goal, goal == null ? null : goal.reach(), figure.reached(), figure.unit()));
    row.add(held(goal, goal == null ? null : goal.beyond(), figure.beyond(), figure.unit()));
    row.add(figure.note());
    return row;
  }

  private static String held(
      @Nullable Goal goal, @Nullable Double bound, @Nullable Boolean met, String unit) {
    if (goal == null || bound == null || met == null) {
      return "";
    }
    return "%s %s %s"
        .formatted(met ? "✅" : "❌", goal.moreIsBetter() ? "≥" : "≤", Figure.scaled(bound, unit));
  }

  private static void print(Output out, Report report) {
    if (!report.growth().isEmpty()) {
      out.line("");
      out.line("GROWTH");
      out.table(
          List.of("WHAT", "GROWS AS", "BY NUMBER OF PEOPLE"),
          report.growth().stream()
              .map(grown ->
                  List.of(
                      grown.quantity(),
                      String.format(Locale.ROOT, "N^%.2f", grown.exponent()),
                      points(grown)))
              .toList());
    }
    List<Figure> judged =
        report.figures().stream().filter(figure -> figure.goal() != null).toList();
    if (!judged.isEmpty()) {
      out.line("");
      out.line("GOALS");
      out.table(
          List.of("WHAT", "MEDIAN", "REACH", "BEYOND"),
          judged.stream()
              .map(BenchCommand::row)
              .map(row -> List.of(row.get(0), row.get(1), row.get(3), row.get(4)))
              .toList());
    }
    out.line("");
    report.missing().forEach(what -> out.line("Not measured: %s", what));
    out.line(
        "%s, %d processors, %.0f GB; %s; PostgreSQL %s; compat %s%s; kernel: %s; heap %s; %s",
        report.machine().processor(),
        report.machine().processors(),
        report.machine().memoryBytes() / 1e9,
        report.machine().java(),
        report.machine().postgres() == null ? "not used" : report.machine().postgres(),
        report.machine().program(),
        report.machine().commit() == null ? "" : " of commit " + report.machine().commit(),
        report.machine().kernel(),
        Figure.scaled((double) report.machine().heapBytes(), "B"),
        report.startedAt());
  }

  private static String points(Growth grown) {
    return String.join(
        ", ",
        grown.points().entrySet().stream()
            .map(point ->
                String.format(
                    Locale.ROOT,
                    "%,d: %s",
                    point.getKey(),
                    Figure.scaled(point.getValue(), grown.unit())))
            .toList());
  }
}
