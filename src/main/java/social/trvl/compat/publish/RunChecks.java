package social.trvl.compat.publish;

import static social.trvl.compat.jooq.compat.Tables.PAIR_SCORES;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.NightlySettings.Checks;
import social.trvl.compat.db.Database;

/**
 * Looks at a run's rows in the database before anybody else may: their number, their values, whom
 * they show how often, and how far the scores have shifted.
 */
public final class RunChecks {

  /** Width of a bin of the score histogram, in points. */
  private static final int BIN_POINTS = 5;

  private static final int BINS = 100 / BIN_POINTS;

  /**
   * Below this many people for each place of a list, everybody is listed or the share says nothing.
   */
  private static final int PEOPLE_PER_PLACE = 20;

  /** A list with less of the true one in it is no top K. */
  private static final double LEAST_RECALL = 0.95;

  /**
   * How listings are spread over people.
   *
   * @param neverListedShare people in nobody's list
   * @param longestReach lists that the most listed person is in
   * @param gini of the number of listings over all people: 0 all alike, 1 all to one
   */
  public record Exposure(double neverListedShare, long longestReach, double gini) {

    public String toJson() {
      return String.format(
          Locale.ROOT,
          "{\"never_listed_share\": %.4f, \"longest_reach\": %d, \"gini\": %.4f}",
          neverListedShare,
          longestReach,
          gini);
    }
  }

  private final DSLContext sql;

  public RunChecks(Database database) {
    this.sql = database.engineSql();
  }

  /** Counts rows, broken rows and listings with SQL, over the attached run. */
  public Counts count(long runId, int people) {
    Record totals =
        sql.fetchSingle(
            """
            select coalesce(sum(n), 0)::bigint as rows, coalesce(sum(broken), 0)::bigint as broken,
                   count(*)::int as lists, count(*) filter (where last_rank - n > erased)::bigint as gaps,
                   (select count(*) from compat.group_scores g where g.run_id = {0}) as group_rows
            from (select count(*) as n, max(rank) as last_rank,
                         count(*) filter (where rank < 1 or user_id = other_user_id or score not between 0 and 100
                           or personality_match not between 0 and 100 or preference_match not between 0 and 100
                           or interest_match not between 0 and 100 or completeness not between 0 and 1) as broken
                  from compat.pair_scores where run_id = {0} group by user_id) lists,
                 -- Each person deleted while the run was under way may be missing from a list.
                 (select count(*) as erased from compat.erasures e
                  where not exists (select from compat.profiles p where p.id = e.user_id)) gone
            """,
            DSL.inline(runId));
    long[] histogram = histogram(sql, runId);
    List<Long> listings =
        sql.select(DSL.count().cast(Long.class))
            .from(PAIR_SCORES)
            .where(PAIR_SCORES.RUN_ID.eq(DSL.inline(runId)))
            .groupBy(PAIR_SCORES.OTHER_USER_ID)
            .orderBy(DSL.one())
            .fetch(0, Long.class);
    return new Counts(
        totals.get("rows", Long.class),
        totals.get("broken", Long.class),
        totals.get("gaps", Long.class),
        people == 0 ? 0 : 1 - (double) totals.get("lists", Integer.class) / people,
        totals.get("group_rows", Long.class),
        histogram,
        exposure(listings, people));
  }

  /** Rows of a run by their score, in bins of {@value #BIN_POINTS} points, lowest first. */
  static long[] histogram(DSLContext sql, long runId) {
    long[] histogram = new long[BINS];
    for (Record bin :
        sql.fetch(
            "select least(floor(score / {1})::int, {2}) as bin, count(*) as n from compat.pair_scores where run_id = {0} group by 1",
            DSL.inline(runId), DSL.inline(BIN_POINTS), DSL.inline(BINS - 1))) {
      histogram[bin.get("bin", Integer.class)] = bin.get("n", Long.class);
    }
    return histogram;
  }

  /** What the rows of a run amount to. */
  public static final class Counts {
    private final long rows;
    private final long broken;
    private final long gaps;
    private final double withoutMatchesShare;
    private final long groupRows;
    private final long[] histogram;
    private final Exposure exposure;

    Counts(
        long rows,
        long broken,
        long gaps,
        double withoutMatchesShare,
        long groupRows,
        long[] histogram,
        Exposure exposure) {
      this.rows = rows;
      this.broken = broken;
      this.gaps = gaps;
      this.withoutMatchesShare = withoutMatchesShare;
      this.groupRows = groupRows;
      this.histogram = histogram;
      this.exposure = exposure;
    }

    public long rows() {
      return rows;
    }

    public long groupRows() {
      return groupRows;
    }

    public Exposure exposure() {
      return exposure;
    }

    public Long[] histogram() {
      Long[] boxed = new Long[histogram.length];
      for (int i = 0; i < boxed.length; i++) {
        boxed[i] = histogram[i];
      }
      return boxed;
    }

    /**
     * Holds the run against its bounds.
     *
     * @param last histogram of the last run of the same model version, or null
     * @param recall of the exact lists of a sample; empty where all lists are exact
     * @return one sentence for each bound that was broken
     */
    public List<String> failures(
        Checks bounds, int people, int topK, Long @Nullable [] last, OptionalDouble recall) {
      List<String> failures = new ArrayList<>();
      if (gaps > 0) {
        failures.add("%d lists have a gap in their ranks".formatted(gaps));
      }
      if (broken > 0) {
        failures.add("%d rows have a value out of range".formatted(broken));
      }
      if (recall.isPresent() && recall.getAsDouble() < LEAST_RECALL) {
        failures.add(
            String.format(
                Locale.ROOT,
                "the lists hold %.1f %% of what ranking every candidate by trees would list (a sample), at least %.1f %% is needed: the model's surrogate is too far from it, distil it anew",
                100 * recall.getAsDouble(),
                100 * LEAST_RECALL));
      }
      if (people >= (long) PEOPLE_PER_PLACE * topK) {
        if (withoutMatchesShare > bounds.maxWithoutMatchesShare()) {
          failures.add(
              String.format(
                  Locale.ROOT,
                  "%.1f %% of people have an empty list, at most %.1f %% are allowed (checks.maxWithoutMatchesShare)",
                  100 * withoutMatchesShare,
                  100 * bounds.maxWithoutMatchesShare()));
        }
        if (exposure.neverListedShare() > bounds.maxNeverListedShare()) {
          failures.add(
              String.format(
                  Locale.ROOT,
                  "%.1f %% of people are in nobody's list, at most %.1f %% are allowed (checks.maxNeverListedShare)",
                  100 * exposure.neverListedShare(),
                  100 * bounds.maxNeverListedShare()));
        }
        if (exposure.gini() > bounds.maxGini()) {
          failures.add(
              String.format(
                  Locale.ROOT,
                  "the Gini coefficient of listings is %.3f, at most %.3f is allowed (checks.maxGini)",
                  exposure.gini(),
                  bounds.maxGini()));
        }
      }
      if (last != null) {
        double index = stabilityIndex(last, histogram);
        if (index > bounds.maxStabilityIndex()) {
          failures.add(
              String.format(
                  Locale.ROOT,
                  "the scores have shifted since the last run of this model (of a new champion: its shadow run): stability index %.3f, at most %.3f is allowed (checks.maxStabilityIndex)",
                  index,
                  bounds.maxStabilityIndex()));
        }
      }
      return failures;
    }
  }

  /**
   * Exposure from the number of listings of everybody who has any.
   *
   * @param listings ascending
   * @param people everybody, listed or not
   */
  static Exposure exposure(List<Long> listings, int people) {
    if (people == 0) {
      return new Exposure(0, 0, 0);
    }
    long total = 0;
    double ranked = 0;
    int never = Math.max(0, people - listings.size());
    for (int i = 0; i < listings.size(); i++) {
      total += listings.get(i);
      ranked += (double) (never + i + 1) * listings.get(i);
    }
    double gini = total == 0 ? 0 : 2 * ranked / ((double) people * total) - (people + 1.0) / people;
    return new Exposure((double) never / people, listings.isEmpty() ? 0 : listings.getLast(), gini);
  }

  /**
   * Population stability index, Σ (p − q) ln(p / q) over the bins; a bin without rows counts as
   * half a row.
   */
  static double stabilityIndex(Long[] before, long[] now) {
    double totalBefore = 0;
    double totalNow = 0;
    for (int i = 0; i < now.length; i++) {
      totalBefore += Math.max(0.5, before[i]);
      totalNow += Math.max(0.5, (double) now[i]);
    }
    double index = 0;
    for (int i = 0; i < now.length; i++) {
      double p = Math.max(0.5, before[i]) / totalBefore;
      double q = Math.max(0.5, (double) now[i]) / totalNow;
      index += (q - p) * StrictMath.log(q / p);
    }
    return index;
  }
}
