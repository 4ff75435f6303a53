package social.trvl.compat.publish;

import static social.trvl.compat.jooq.compat.Tables.GROUP_SCORES;
import static social.trvl.compat.jooq.compat.Tables.PAIR_SCORES;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.NightlySettings.Checks;
import social.trvl.compat.db.Database;
import social.trvl.compat.profile.ProfileTable;
import social.trvl.compat.score.ScoredPeople;

/**
 * Looks at a run before anybody else may: whether the rows in the database are what was computed,
 * whom they show how often, and how far the scores have shifted.
 */
public final class RunChecks {

  /** Width of a bin of the score histogram, in points. */
  static final int BIN_POINTS = 5;

  static final int BINS = 100 / BIN_POINTS;

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

  /** Lists that are read back and compared; enough to notice what is wrong with every list. */
  public static final int LISTS_READ_BACK = 100;

  private final DSLContext sql;

  public RunChecks(Database database) {
    this.sql = database.engineSql();
  }

  /** A row as people read it; values in hundredths. */
  private record Row(
      UUID user,
      int rank,
      UUID other,
      int score,
      int personality,
      int preference,
      int interest,
      int completeness,
      int modelVersion) {}

  /**
   * Compares lists in the database, column by column, with the same lists computed again. People
   * deleted since the run's snapshot are looked past: their rows may be gone, or may go when the
   * run is published.
   *
   * @param computed anybody's lists, rows of {@code people}
   * @return how many people's rows differ
   */
  public int differingLists(
      long runId, int modelVersion, ProfileTable people, List<ScoredPeople> computed) {
    Set<UUID> erased =
        new HashSet<>(
            sql.fetch(
                    "select e.user_id from compat.erasures e where not exists (select from compat.profiles p where p.id = e.user_id)")
                .getValues(0, UUID.class));
    Map<UUID, List<Row>> expected = new HashMap<>();
    for (ScoredPeople scored : computed) {
      for (int i = 0; i < scored.people(); i++) {
        UUID user = people.userId(scored.person(i));
        if (!erased.contains(user)) {
          expected.put(user, rows(scored, i, people, modelVersion));
        }
      }
    }
    Map<UUID, List<Row>> stored =
        sql
            .selectFrom(PAIR_SCORES)
            .where(PAIR_SCORES.RUN_ID.eq(DSL.inline(runId)))
            .and(PAIR_SCORES.USER_ID.eq(DSL.any(expected.keySet().toArray(UUID[]::new))))
            .orderBy(PAIR_SCORES.USER_ID, PAIR_SCORES.RANK)
            .stream()
            .map(RunChecks::row)
            .filter(row -> !erased.contains(row.other))
            .collect(Collectors.groupingBy(Row::user));
    int differing = 0;
    for (Map.Entry<UUID, List<Row>> list : expected.entrySet()) {
      list.getValue().removeIf(row -> erased.contains(row.other));
      differing += list.getValue().equals(stored.getOrDefault(list.getKey(), List.of())) ? 0 : 1;
    }
    return differing;
  }

  private static List<Row> rows(ScoredPeople scored, int i, ProfileTable people, int modelVersion) {
    List<Row> rows = new ArrayList<>();
    for (int row = scored.first(i); row < scored.first(i + 1); row++) {
      rows.add(
          new Row(
              people.userId(scored.person(i)),
              row - scored.first(i) + 1,
              people.userId(scored.other(row)),
              scored.score(row),
              scored.personality(row),
              scored.preference(row),
              scored.interest(row),
              scored.completeness(row),
              modelVersion));
    }
    return rows;
  }

  private static Row row(Record row) {
    return new Row(
        row.get(PAIR_SCORES.USER_ID),
        row.get(PAIR_SCORES.RANK),
        row.get(PAIR_SCORES.OTHER_USER_ID),
        hundredths(row.get(PAIR_SCORES.SCORE)),
        hundredths(row.get(PAIR_SCORES.PERSONALITY_MATCH)),
        hundredths(row.get(PAIR_SCORES.PREFERENCE_MATCH)),
        hundredths(row.get(PAIR_SCORES.INTEREST_MATCH)),
        hundredths(row.get(PAIR_SCORES.COMPLETENESS)),
        row.get(PAIR_SCORES.MODEL_VERSION_ID));
  }

  private static int hundredths(BigDecimal value) {
    return value.movePointRight(2).intValueExact();
  }

  /** How many rows the run's groups have. */
  public long groupRows(long runId) {
    return sql.fetchCount(GROUP_SCORES, GROUP_SCORES.RUN_ID.eq(DSL.inline(runId)));
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

  /** What was found of a run. */
  public static final class Counts {
    private final int differing;
    private final double withoutMatchesShare;
    private final long[] histogram;
    private final Exposure exposure;

    /**
     * @param differing how many of the lists that were read back differ from what was computed
     */
    public Counts(RunTally tally, int differing) {
      this(differing, tally.withoutMatchesShare(), tally.histogram(), tally.exposure());
    }

    Counts(int differing, double withoutMatchesShare, long[] histogram, Exposure exposure) {
      this.differing = differing;
      this.withoutMatchesShare = withoutMatchesShare;
      this.histogram = histogram;
      this.exposure = exposure;
    }

    public Exposure exposure() {
      return exposure;
    }

    public Long[] histogram() {
      return Arrays.stream(histogram).boxed().toArray(Long[]::new);
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
      if (differing > 0) {
        failures.add(
            "%d of %d lists read back from the database differ from what was computed"
                .formatted(differing, Math.min(LISTS_READ_BACK, people)));
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
   * Exposure from how often each person is listed.
   *
   * @param listings of everybody, ascending
   */
  static Exposure exposure(int[] listings) {
    int people = listings.length;
    if (people == 0) {
      return new Exposure(0, 0, 0);
    }
    long total = 0;
    double ranked = 0;
    int never = 0;
    for (int i = 0; i < people; i++) {
      total += listings[i];
      ranked += (i + 1.0) * listings[i];
      never += listings[i] == 0 ? 1 : 0;
    }
    double gini = total == 0 ? 0 : 2 * ranked / ((double) people * total) - (people + 1.0) / people;
    return new Exposure((double) never / people, listings[people - 1], gini);
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
