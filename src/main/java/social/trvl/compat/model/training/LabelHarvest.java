package social.trvl.compat.model.training;

import java.time.Instant;
import java.time.ZoneOffset;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.db.Database;

/**
 * Turns outcomes into labels: one row of {@code model_training_data} for each unordered pair with a
 * known outcome, with both people as they were then.
 *
 * <p>The label is whether both were satisfied with having travelled together. Where sources of a
 * pair disagree, the first of this table decides; of one source, one dissatisfied statement is
 * enough:
 *
 * <pre>
 * source           says                                                         label   weight
 * report           one reported the other's profile, and it was not dismissed   false   1
 * block            one blocks the other                                         false   1
 * rating           feedback on the companion; 4–5 content, 1–2 not, 3 neither   both    1
 * generated        the same, drawn by the generator                             both    1
 * review           review of a trip both were on, by the same scale             both    0.7
 * early_leave      one left the group before its trip was completed             false   0.5
 * trip_completed   both are participants of a completed booking                 true    0.3
 * invitation       an invitation or request was accepted, or declined           both    0.2
 * </pre>
 *
 * <p>Content by the word of one side only counts half. Reports and blocks count between people who
 * have met (any other source, or a common group): a stranger's report says nothing of travelling.
 *
 * <p>The same outcomes give the same rows: harvesting again changes nothing.
 */
public final class LabelHarvest {

  /**
   * What a harvest did, in pairs.
   *
   * @param found pairs with any statement
   * @param inserted labels that are new
   * @param updated labels that new outcomes changed
   * @param unchanged labels that stand as they were
   * @param disagreements pairs whose sources disagreed, decided by precedence; they have labels
   * @param undecided pairs of which only neither-nor ratings are known
   * @param neverMet pairs with nothing but a report or block between strangers
   * @param personGone pairs of which a profile is gone
   * @param withoutHistory pairs whose assessments do not reach back to the outcome, or were
   *     incomplete
   */
  public record Harvest(
      long found,
      long inserted,
      long updated,
      long unchanged,
      long disagreements,
      long undecided,
      long neverMet,
      long personGone,
      long withoutHistory) {}

  private static final String DECIDE =
      """
      create temporary table harvest on commit drop as
      with statements as (
        select least(o.said_by, o.said_of) as user_a, greatest(o.said_by, o.said_of) as user_b,
               o.source, o.said_by, o.trip_id, o.statement, o.mutual, o.observed_at
        from compat.outcomes o
        where o.said_by is not null and o.said_of is not null and o.said_by <> o.said_of and o.observed_at >= {0}),
      precedence (source, place, weight) as (values
        ('report', 1, 1.0), ('block', 2, 1.0), ('rating', 3, 1.0), ('generated', 4, 1.0), ('review', 5, 0.7),
        ('early_leave', 6, 0.5), ('trip_completed', 7, 0.3), ('invitation', 8, 0.2)),
      by_source as (
        select user_a, user_b, source,
               bool_and(statement) as label,
               bool_or(mutual) or count(distinct said_by) filter (where statement is not null) > 1 as by_both,
               (array_agg(trip_id order by observed_at desc, trip_id) filter (where trip_id is not null))[1] as trip_id,
               max(observed_at) as observed_at
        from statements group by user_a, user_b, source),
      by_pair as (
        select s.user_a, s.user_b,
               bool_or(s.source not in ('report', 'block'))
                 or exists (select from compat.group_members m join compat.group_members n using (group_id)
                            where m.user_id = s.user_a and n.user_id = s.user_b) as met,
               count(distinct s.label) > 1 as disagree,
               (array_agg(s.trip_id order by p.place) filter (where s.trip_id is not null))[1] as trip_id,
               min(p.place) filter (where s.label is not null) as place
        from by_source s join precedence p using (source) group by s.user_a, s.user_b)
      select q.user_a, q.user_b, q.met, q.disagree, q.trip_id, s.source, s.label, s.observed_at,
             case when s.label and not s.by_both then p.weight / 2 else p.weight end as weight,
             exists (select from compat.profiles where id = q.user_a) and exists (select from compat.profiles where id = q.user_b) as present,
             compat.stated_profile(q.user_a, s.observed_at) as features_a,
             compat.stated_profile(q.user_b, s.observed_at) as features_b
      from by_pair q
      left join precedence p on p.place = q.place
      left join by_source s on s.user_a = q.user_a and s.user_b = q.user_b and s.source = p.source
      """;

  private static final String COUNT =
      """
      select count(*) as found,
             count(*) filter (where label is null) as undecided,
             count(*) filter (where label is not null and not met) as never_met,
             count(*) filter (where label is not null and met and not present) as person_gone,
             count(*) filter (where label is not null and met and present and (features_a is null or features_b is null)) as without_history,
             count(*) filter (where label is not null and met and features_a is not null and features_b is not null and disagree) as disagreements,
             count(*) filter (where label is not null and met and features_a is not null and features_b is not null) as labelled
      from harvest
      """;

  private static final String STORE =
      """
      with stored as (
        insert into public.model_training_data as d
          (user_a, user_b, features_a, features_b, label, weight, source, observed_at, trip_id,
           exposed, exposure_rank, exposure_model_version_id)
        select h.user_a, h.user_b, h.features_a, h.features_b, h.label, h.weight, h.source, h.observed_at, h.trip_id,
               e.user_a is not null, e.rank, e.model_version_id
        from harvest h
        left join compat.exposures e on e.user_a = h.user_a and e.user_b = h.user_b and e.met_at <= h.observed_at
        where h.label is not null and h.met and h.features_a is not null and h.features_b is not null
        order by h.user_a, h.user_b
        on conflict (user_a, user_b) do update
          set features_a = excluded.features_a, features_b = excluded.features_b, label = excluded.label,
              weight = excluded.weight, source = excluded.source, observed_at = excluded.observed_at,
              trip_id = excluded.trip_id, exposed = excluded.exposed, exposure_rank = excluded.exposure_rank,
              exposure_model_version_id = excluded.exposure_model_version_id
          where (d.features_a, d.features_b, d.label, d.weight, d.source, d.observed_at, d.trip_id, d.exposed, d.exposure_rank)
             is distinct from (excluded.features_a, excluded.features_b, excluded.label, excluded.weight, excluded.source,
                               excluded.observed_at, excluded.trip_id, excluded.exposed, excluded.exposure_rank)
        returning xmax = 0 as inserted)
      select count(*) filter (where inserted) as inserted, count(*) filter (where not inserted) as updated from stored
      """;

  private final DSLContext sql;

  public LabelHarvest(Database database) {
    sql = database.engineSql();
  }

  /**
   * Harvests in one transaction.
   *
   * @param since only outcomes observed from then on are read; null reads all
   */
  public Harvest harvest(@Nullable Instant since) {
    return sql.transactionResult(configuration -> {
      DSLContext inside = configuration.dsl();
      inside.execute(
          DECIDE,
          since == null ? DSL.keyword("'-infinity'") : DSL.inline(since.atOffset(ZoneOffset.UTC)));
      Record counts = inside.fetchSingle(COUNT);
      Record stored = inside.fetchSingle(STORE);
      long inserted = stored.get("inserted", Long.class);
      long updated = stored.get("updated", Long.class);
      return new Harvest(
          counts.get("found", Long.class),
          inserted,
          updated,
          counts.get("labelled", Long.class) - inserted - updated,
          counts.get("disagreements", Long.class),
          counts.get("undecided", Long.class),
          counts.get("never_met", Long.class),
          counts.get("person_gone", Long.class),
          counts.get("without_history", Long.class));
    });
  }
}
