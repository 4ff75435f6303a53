package social.trvl.compat.report;

import static social.trvl.compat.jooq.compat.Tables.COMPATIBILITY_SCORES;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Database;
import social.trvl.compat.model.Feature;
import social.trvl.compat.model.ModelRegistry;
import social.trvl.compat.model.PairModel;
import social.trvl.compat.model.ScoreScale;
import social.trvl.compat.profile.Population;
import social.trvl.compat.profile.Population.Quarantined;
import social.trvl.compat.profile.PopulationReader;
import social.trvl.compat.profile.ProfileTable;
import social.trvl.compat.publish.QuarantineTable;
import social.trvl.compat.publish.Runs;

/** A person's matches in the published run, and what a pair's score is made of. */
public final class MatchReport {

  /**
   * One match.
   *
   * @param score 0–100, likewise the three matches
   * @param confidence share of the model's attainable range that rests on what both stated, 0–1
   * @param reasons in words that may be shown to the two; shared preferences and interests only
   */
  public record Match(
      int rank,
      UUID userId,
      BigDecimal score,
      BigDecimal personalityMatch,
      BigDecimal preferenceMatch,
      BigDecimal interestMatch,
      BigDecimal confidence,
      List<String> reasons) {}

  /** A person's matches. */
  public record Matches(
      UUID userId, long runId, String model, boolean calibrated, List<Match> matches) {}

  /**
   * One feature's part in the log-odds: of an additive model exact, for it has 20 binary places; of
   * a boosted one a Shapley value.
   */
  public record Contribution(String feature, String block, double logOdds) {}

  /**
   * What a pair's score is made of, from the profiles as they are now; ages at the published run's
   * date.
   *
   * @param contributions the intercept first: what is expected of any pair
   * @param fixedPoint the score's log-odds as the run computes them, times 2^20
   * @param logOdds the same as a number; the sum of the contributions, within 1e-9
   * @param score 100 times the probability, two decimals
   * @param publishedScore the score in the published run, if the one is in the other's list;
   *     differs if a profile changed
   */
  public record Explanation(
      UUID userId,
      UUID otherUserId,
      String model,
      boolean calibrated,
      List<Contribution> contributions,
      int fixedPoint,
      double logOdds,
      BigDecimal score,
      @Nullable BigDecimal publishedScore,
      List<String> reasons) {}

  private final Database database;
  private final DSLContext sql;

  public MatchReport(Database database) {
    this.database = database;
    sql = database.engineSql();
  }

  /**
   * The best matches of a person, as a reader of the view sees them now.
   *
   * @throws CompatException with NOT_FOUND if nothing is published or the person is unknown or in
   *     quarantine
   */
  public Matches matches(UUID userId, int limit) {
    Runs.Run run = new Runs(database).requirePublished();
    ModelRegistry.Version model = new ModelRegistry(database).load(run.modelVersionId());
    List<Record> rows =
        new ArrayList<>(
            sql.select(COMPATIBILITY_SCORES.fields())
                .from(COMPATIBILITY_SCORES)
                .where(COMPATIBILITY_SCORES.USER_ID.eq(userId))
                .orderBy(COMPATIBILITY_SCORES.RANK)
                .limit(limit)
                .fetch());
    Set<UUID> ids = new LinkedHashSet<>(Set.of(userId));
    rows.forEach(row -> ids.add(row.get(COMPATIBILITY_SCORES.OTHER_USER_ID)));
    ProfileTable people = read(model.model(), run.asOf(), ids).people();
    int person = people.rowOf(userId);
    if (person < 0) {
      throw notScored(userId);
    }
    List<Match> matches = new ArrayList<>();
    for (Record row : rows) {
      UUID otherId = row.get(COMPATIBILITY_SCORES.OTHER_USER_ID);
      int other = people.rowOf(otherId);
      matches.add(
          new Match(
              row.get(COMPATIBILITY_SCORES.RANK),
              otherId,
              row.get(COMPATIBILITY_SCORES.SCORE),
              row.get(COMPATIBILITY_SCORES.PERSONALITY_MATCH),
              row.get(COMPATIBILITY_SCORES.PREFERENCE_MATCH),
              row.get(COMPATIBILITY_SCORES.INTEREST_MATCH),
              row.get(COMPATIBILITY_SCORES.COMPLETENESS),
              other < 0 ? List.of() : Reasons.of(model.model(), people, person, other)));
    }
    return new Matches(userId, run.runId(), model.label(), model.model().calibrated(), matches);
  }

  /**
   * Explains a pair by the published run's model, or the champion while nothing is published.
   *
   * @throws CompatException with NOT_FOUND if either person is unknown or in quarantine
   */
  public Explanation explain(UUID userId, UUID otherUserId) {
    if (userId.equals(otherUserId)) {
      throw new CompatException(
          ExitCode.USAGE,
          "A person has no score with themselves (%s). Name two people.".formatted(userId));
    }
    Optional<Runs.Run> run = new Runs(database).published();
    ModelRegistry registry = new ModelRegistry(database);
    ModelRegistry.Version version =
        run.isPresent() ? registry.load(run.get().modelVersionId()) : registry.champion();
    PairModel model = version.model();
    LocalDate asOf = run.map(Runs.Run::asOf).orElse(LocalDate.now(ZoneOffset.UTC));
    ProfileTable people = read(model, asOf, Set.of(userId, otherUserId)).people();
    int a = people.rowOf(userId);
    int b = people.rowOf(otherUserId);
    if (a < 0 || b < 0) {
      throw notScored(a < 0 ? userId : otherUserId);
    }
    List<Contribution> contributions = new ArrayList<>();
    contributions.add(new Contribution("intercept", "", model.base()));
    double[] parts = model.attributions(people, a, b);
    for (Feature feature : Feature.values()) {
      contributions.add(
          new Contribution(
              feature.label(),
              feature.block().name().toLowerCase(Locale.ROOT),
              parts[feature.index()]));
    }
    int logOdds = model.logOdds(people, a, b);
    BigDecimal published =
        sql.select(COMPATIBILITY_SCORES.SCORE)
            .from(COMPATIBILITY_SCORES)
            .where(COMPATIBILITY_SCORES.USER_ID.eq(userId))
            .and(COMPATIBILITY_SCORES.OTHER_USER_ID.eq(otherUserId))
            .fetchOne(COMPATIBILITY_SCORES.SCORE);
    return new Explanation(
        userId,
        otherUserId,
        version.label(),
        model.calibrated(),
        contributions,
        logOdds,
        (double) logOdds / ScoreScale.ONE,
        BigDecimal.valueOf(ScoreScale.hundredths(logOdds), 2),
        published,
        Reasons.of(model, people, a, b));
  }

  private Population read(PairModel model, LocalDate asOf, Set<UUID> ids) {
    return new PopulationReader(database.engine(), model.vocabulary(), asOf, Progress.SILENT)
        .read(ids);
  }

  private CompatException notScored(UUID userId) {
    Optional<Quarantined> quarantined = new QuarantineTable(database).find(userId);
    return new CompatException(
        ExitCode.NOT_FOUND,
        quarantined
            .map(q ->
                "%s can't be scored: %s (%s). The next run scores them once that is mended."
                    .formatted(userId, q.reason(), q.detail()))
            .orElse(
                "There is no traveller %s who can be scored. Maybe the id is mistyped, or the person is new or restricted: see compat.quarantine after the next run."
                    .formatted(userId)));
  }
}
