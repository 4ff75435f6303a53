package social.trvl.compat.publish;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.db.Database;
import social.trvl.compat.model.ShadowReport;
import social.trvl.compat.model.ShadowReport.Change;
import social.trvl.compat.model.ShadowReport.Exposure;
import social.trvl.compat.model.ShadowReport.Spread;
import social.trvl.compat.publish.Runs.Run;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Holds the rows of a shadow run against those of the published run, in the database.
 *
 * <p>Overlap at k: matches that are among the first k of both lists, of the longer one's first k. A
 * person who has a list in one run only has an overlap of 0.
 */
public final class ShadowComparison {

  private static final int PEOPLE_NAMED = 10;

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Database database;

  public ShadowComparison(Database database) {
    this.database = database;
  }

  /** Compares two runs whose rows are there. */
  public ShadowReport compare(Run shadow, Run published) {
    return database
        .engineSql()
        .transactionResult(configuration -> {
          DSLContext sql = configuration.dsl();
          Long[] before =
              Arrays.stream(RunChecks.histogram(sql, published.runId()))
                  .boxed()
                  .toArray(Long[]::new);
          sql.execute("drop table if exists pg_temp.changes");
          sql.execute(
              """
              create temporary table changes on commit drop as
              select user_id,
                     (count(*) filter (where p.rank <= 10 and s.rank <= 10))::float8
                       / greatest(count(*) filter (where p.rank <= 10), count(*) filter (where s.rank <= 10)) as overlap10,
                     (count(*) filter (where p.rank <= 50 and s.rank <= 50))::float8
                       / greatest(count(*) filter (where p.rank <= 50), count(*) filter (where s.rank <= 50)) as overlap50,
                     case when count(*) filter (where p.rank is not null and s.rank is not null) >= 3
                          then corr(p.rank, s.rank) end as correlation
              from (select user_id, other_user_id, rank from compat.pair_scores where run_id = {0}) p
              full join (select user_id, other_user_id, rank from compat.pair_scores where run_id = {1}) s
                using (user_id, other_user_id)
              group by user_id
              """,
              DSL.inline(published.runId()), DSL.inline(shadow.runId()));
          long people = sql.fetchSingle("select count(*) from changes").get(0, Long.class);
          return new ShadowReport(
              shadow.runId(),
              published.runId(),
              shadow.digest() != null && shadow.digest().equals(published.digest()),
              people,
              orZero(spread(sql, "overlap10")),
              orZero(spread(sql, "overlap50")),
              spread(sql, "correlation"),
              bands(sql, shadow.runId(), published.runId()),
              RunChecks.stabilityIndex(before, RunChecks.histogram(sql, shadow.runId())),
              exposure(published),
              exposure(shadow),
              shadow.failedChecks(),
              mostChanged(sql));
        });
  }

  private static @Nullable Spread spread(DSLContext sql, String column) {
    Record row =
        sql.fetchSingle(
            """
            select avg({0}) as mean, percentile_cont(array[0.1, 0.5, 0.9]) within group (order by {0}) as quantiles from changes
            """,
            DSL.field(DSL.name(column)));
    @Nullable Double mean = row.get("mean", Double.class);
    Double @Nullable [] quantiles = row.get("quantiles", Double[].class);
    return mean == null || quantiles == null
        ? null
        : new Spread(mean, quantiles[0], quantiles[1], quantiles[2]);
  }

  private static Spread orZero(@Nullable Spread spread) {
    return spread == null ? new Spread(0, 0, 0, 0) : spread;
  }

  private static List<List<Long>> bands(DSLContext sql, long shadow, long published) {
    long[][] counts = new long[ShadowReport.BANDS][ShadowReport.BANDS];
    for (Record row :
        sql.fetch(
            """
            select least(floor(p.score / 20)::int, 4) as now, least(floor(s.score / 20)::int, 4) as then, count(*) as n
            from (select user_id, other_user_id, score from compat.pair_scores where run_id = {0}) p
            join (select user_id, other_user_id, score from compat.pair_scores where run_id = {1}) s
              using (user_id, other_user_id)
            group by 1, 2
            """,
            DSL.inline(published), DSL.inline(shadow))) {
      counts[row.get(0, Integer.class)][row.get(1, Integer.class)] = row.get(2, Long.class);
    }
    List<List<Long>> bands = new ArrayList<>();
    for (long[] now : counts) {
      bands.add(Arrays.stream(now).boxed().toList());
    }
    return bands;
  }

  private static Exposure exposure(Run run) {
    JsonNode json = JSON.readTree(run.exposure() == null ? "{}" : run.exposure());
    return new Exposure(
        json.path("never_listed_share").asDouble(0),
        json.path("longest_reach").asLong(0),
        json.path("gini").asDouble(0));
  }

  private static List<Change> mostChanged(DSLContext sql) {
    return sql.fetch(
            """
            select user_id, overlap10, overlap50, correlation from changes
            order by overlap10, overlap50, correlation nulls last, user_id limit {0}
            """,
            DSL.inline(PEOPLE_NAMED))
        .map(row ->
            new Change(
                row.get(0, UUID.class),
                row.get(1, Double.class),
                row.get(2, Double.class),
                row.get(3, Double.class)));
  }
}
