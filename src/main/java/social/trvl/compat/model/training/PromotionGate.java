package social.trvl.compat.model.training;

import com.google.errorprone.annotations.FormatMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Database;
import social.trvl.compat.model.ModelRegistry;
import social.trvl.compat.model.ModelRegistry.Entry;
import social.trvl.compat.model.ModelRegistry.Version;
import social.trvl.compat.model.ShadowReport;
import social.trvl.compat.model.training.Report.Improvement;
import social.trvl.compat.model.training.Report.Interval;
import social.trvl.compat.model.training.Report.Scores;

/**
 * Decides whether a version may become champion, on held-out pairs as they are now and against the
 * champion as it is now.
 *
 * <p>Every condition is looked at, and each that fails says by how much. An operator may override
 * all of them with a reason, which is recorded; not, however, an artefact that can't be proven: the
 * engine would not load it.
 */
public final class PromotionGate {

  /** Furthest that predicted and observed shares may be apart, on average over the bins. */
  static final double MOST_CALIBRATION_ERROR = 0.03;

  /**
   * One condition.
   *
   * @param detail the figure and the bound, and by how much it fails
   */
  public record Condition(String name, boolean ok, String detail) {}

  /**
   * What was decided.
   *
   * @param promoted whether the version is champion now
   * @param overridden whether it is although a condition failed
   */
  public record Decision(
      int id,
      String model,
      int championId,
      String champion,
      boolean promoted,
      boolean overridden,
      List<Condition> conditions,
      Report report) {

    public List<Condition> failed() {
      return conditions.stream().filter(condition -> !condition.ok()).toList();
    }
  }

  private final Database database;
  private final Progress progress;
  private final ModelRegistry registry;

  public PromotionGate(Database database, Progress progress) {
    this.database = database;
    this.progress = progress;
    this.registry = new ModelRegistry(database);
  }

  /**
   * Promotes a version if every condition holds, or if they are overridden.
   *
   * @param reason for the record
   * @param override why it is promoted even if a condition fails; null if it is not
   * @return the decision; nothing was changed if it says so
   * @throws CompatException with BAD_INPUT if its artefact is refused, with BUSY if another version
   *     became champion meanwhile, with USAGE if it is champion or rejected
   */
  public Decision promote(String reference, String reason, @Nullable String override) {
    Entry entry = registry.require(reference);
    registry.requirePromotable(entry);
    Version version = registry.load(entry.id());
    Version champion = registry.champion();
    Report report = new HeldOutTrial(database, progress).judge(version, champion, "promotion");
    List<Condition> conditions =
        conditions(
            report,
            champion.id() == ModelRegistry.BASELINE_ID,
            registry.shadowReport(version.id(), champion.id()));
    boolean holds = conditions.stream().allMatch(Condition::ok);
    boolean promoted = holds || override != null;
    if (promoted) {
      registry.promote(version.id(), champion.id(), reason, holds ? null : override);
    }
    return new Decision(
        version.id(),
        version.label(),
        champion.id(),
        champion.label(),
        promoted,
        promoted && !holds,
        conditions,
        report);
  }

  /**
   * All conditions, in a fixed order; those on scores are left out where held-out pairs are
   * missing.
   */
  static List<Condition> conditions(
      Report report, boolean championIsBaseline, Optional<ShadowReport> shadow) {
    List<Condition> conditions = new ArrayList<>();
    Report.Holdout holdout = report.holdout();
    conditions.add(
        new Condition(
            "enough held-out pairs",
            holdout.sufficient(),
            holdout.sufficient()
                ? "%d satisfied, %d not".formatted(holdout.positives(), holdout.negatives())
                : "insufficient, not promotable: %d satisfied, %d not; %d more of the rarer outcome are needed"
                    .formatted(holdout.positives(), holdout.negatives(), holdout.missing())));
    addScores(conditions, report, championIsBaseline);
    // It was loaded: its SHA-256, format, overflow proof and golden pairs were held.
    conditions.add(new Condition("golden pairs", true, "reproduced"));
    conditions.add(
        new Condition(
            "shadow report",
            shadow.isPresent(),
            shadow
                .map(s -> "of run %d".formatted(s.runId()))
                .orElse(
                    "none against this champion: 'compat model shadow V', then 'compat score run --shadow V'")));
    shadow.ifPresent(s ->
        conditions.add(
            new Condition(
                "exposure and rows within the job's bounds",
                s.failedChecks().isEmpty(),
                s.failedChecks().isEmpty()
                    ? format(
                        "%.1f %% never listed, Gini %.3f",
                        100 * s.shadow().neverListedShare(), s.shadow().gini())
                    : String.join("; ", s.failedChecks()))));
    return conditions;
  }

  private static void addScores(
      List<Condition> conditions, Report report, boolean championIsBaseline) {
    @Nullable Scores model = report.scores().get(Evaluation.MODEL);
    @Nullable Scores baseRate = report.scores().get(Evaluation.BASE_RATE);
    if (model == null || baseRate == null) {
      return;
    }
    conditions.add(above("AUC", model.auc(), 0.5));
    if (!championIsBaseline) {
      addImprovement(conditions, report, Evaluation.CHAMPION);
    }
    addImprovement(conditions, report, Evaluation.BASELINE);
    double gain = baseRate.logLoss().value() - model.logLoss().value();
    conditions.add(
        new Condition(
            "log loss better than the base rate",
            gain > 0,
            format(
                "%.4f against %.4f: %s",
                model.logLoss().value(),
                baseRate.logLoss().value(),
                gain > 0 ? format("better by %.4f", gain) : format("worse by %.4f", -gain))));
    double error = model.calibrationError().value();
    conditions.add(
        new Condition(
            "calibration error",
            error <= MOST_CALIBRATION_ERROR,
            format("%.4f, at most %.2f is allowed", error, MOST_CALIBRATION_ERROR)
                + (error <= MOST_CALIBRATION_ERROR
                    ? ""
                    : format(": %.4f too much", error - MOST_CALIBRATION_ERROR))));
  }

  private static void addImprovement(List<Condition> conditions, Report report, String opponent) {
    @Nullable Improvement improvement = report.improvement().get(opponent);
    if (improvement != null) {
      conditions.add(above("AUC over the " + opponent, improvement.auc(), 0));
      conditions.add(above("log loss over the " + opponent, improvement.logLoss(), 0));
    }
  }

  /** Whether all of an interval is beyond a bound. */
  private static Condition above(String name, Interval interval, double bound) {
    boolean ok = interval.low() > bound;
    return new Condition(
        name,
        ok,
        format(
                "%.4f (%.4f to %.4f), the lower bound must be above %s",
                interval.value(), interval.low(), interval.high(), bound == 0 ? "0" : "0.5")
            + (ok ? "" : format(": %.4f short", bound - interval.low())));
  }

  @FormatMethod
  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
