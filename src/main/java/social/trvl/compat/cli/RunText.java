package social.trvl.compat.cli;

import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.report.RunReport.Summary;

/** Runs on a terminal. */
final class RunText {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

  private RunText() {}

  static void print(Output out, Summary run, Map<String, Integer> quarantine) {
    switch (run.state()) {
      case "unchanged" ->
          out.line(
              "Run %d: unchanged. People, groups, model and parameters are those of the published run; nothing was written.",
              run.runId());
      case "withheld" ->
          out.line(
              "Run %d: complete, but withheld by its checks; readers still see the run before.",
              run.runId());
      case "shadow" ->
          out.line(
              "Run %d: shadow, compared with the published run; readers saw nothing of it.",
              run.runId());
      default -> out.line("Run %d: published.", run.runId());
    }
    out.line("Model       %s, ages at %s", run.model(), run.asOf());
    out.line("People      %s scored, %s", number(run.people()), quarantine(quarantine));
    if (run.rows() != null) {
      out.line("Pairs       %s looked at, %s rows", number(run.pairs()), number(run.rows()));
      out.line("Groups      %s scored, %s rows", number(run.groups()), number(run.groupRows()));
      out.line(
          "Exposure    %.1f %% of people in nobody's list, longest reach %s lists, Gini %.3f",
          100 * orZero(run.neverListedShare()), number(run.longestReach()), orZero(run.gini()));
    }
    if (run.recall() != null) {
      out.line(
          "Recall      %.1f %% of the exact lists of a sample of people is in their lists",
          100 * run.recall());
    }
    out.line(
        "Seconds     %s; %.1f in all",
        run.stepSeconds().entrySet().stream()
            .map(step -> String.format(Locale.ROOT, "%s %.1f", step.getKey(), step.getValue()))
            .collect(Collectors.joining(", ")),
        orZero(run.seconds()));
    for (String failure : run.failedChecks()) {
      out.line("Check       %s", failure);
    }
    if (run.state().equals("withheld")) {
      out.line("To publish it all the same: compat score publish %d --reason '…'", run.runId());
    }
  }

  static void table(Output out, List<Summary> runs) {
    out.table(
        List.of(
            "RUN",
            "STATE",
            "MODEL",
            "STARTED (UTC)",
            "PEOPLE",
            "QUARANTINED",
            "PAIRS",
            "ROWS",
            "GROUPS",
            "SECONDS",
            ""),
        runs.stream()
            .map(run ->
                List.of(
                    Long.toString(run.runId()),
                    run.state() + (run.current() ? ", current" : ""),
                    run.model(),
                    TIME.format(run.startedAt()),
                    number(run.people()),
                    number(run.quarantined()),
                    number(run.pairs()),
                    number(run.rows()),
                    number(run.groups()),
                    run.seconds() == null ? "" : String.format(Locale.ROOT, "%.1f", run.seconds()),
                    remark(run)))
            .toList());
  }

  static String quarantine(Map<String, Integer> counts) {
    int total = counts.values().stream().mapToInt(Integer::intValue).sum();
    return String.format(Locale.ROOT, "%,d in quarantine", total)
        + (total == 0
            ? ""
            : counts.entrySet().stream()
                .map(reason ->
                    String.format(
                        Locale.ROOT,
                        "%,d %s",
                        reason.getValue(),
                        reason.getKey().replace('_', ' ')))
                .collect(Collectors.joining(", ", ": ", "")));
  }

  private static String remark(Summary run) {
    if (!run.failedChecks().isEmpty()) {
      return String.join("; ", run.failedChecks());
    }
    return run.failure() == null ? "" : run.failure();
  }

  private static double orZero(@Nullable Double value) {
    return value == null ? 0 : value;
  }

  private static String number(@Nullable Number value) {
    return value == null ? "" : String.format(Locale.ROOT, "%,d", value.longValue());
  }
}
