package social.trvl.compat.model.training;

import java.time.Instant;
import java.time.ZoneOffset;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;
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
 * have met (any other source but a declined request, or a common group): a stranger's report says
 * nothing of travelling.
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
   * @param withdrawn labels whose report was dismissed or block lifted since; deleted, or decided
   *     anew and counted there too
   * @param disagreements pairs whose sources disagreed, decided by precedence; they have labels
   * @param undecided pairs of which only neither-nor ratings are known
   * @param neverMet pairs with nothing but a report or block between strangers
   * @param withThemselves statements of people about themselves
   * @param personGone pairs of which a profile is gone
   * @param withoutHistory pairs whose assessments do not reach back to the outcome
   * @param unscorable pairs of which one was under age then, had no birth date or an incomplete
   *     assessment
   */
  public record Harvest(
      long found,
      long inserted,
      long updated,
      long unchanged,
      long withdrawn,
      long disagreements,
      long undecided,
      long neverMet,
      long withThemselves,
      long personGone,
      long withoutHistory,
      long unscorable) {}

  /** Other labels outlive what they were read from, which is not kept for ever. */
  private static final String WITHDRAW =
      """
      delete from public.model_training_data d
      where d.source in ('report', 'block')
        and not exists (
          select from compat.outcomes o
          where o.source in ('report', 'block') and o.source = d.source
            and (o.said_by, o.said_of) in ((d.user_a, d.user_b), (d.user_b, d.user_a)))
      """;

  /**
   * People are looked up by index, one by one: the planner can't know how many statements there
   * are, and whatever it joins by loops over a list of them would take hours.
   */
  private static final String HARVEST =
      """
      with precedence (source, place, weight) as (values
        ('report', 1, 1.0), ('block', 2, 1.0), ('rating', 3, 1.0), ('generated', 4, 1.0), ('review', 5, 0.7),
        ('early_leave', 6, 0.5), ('trip_completed', 7, 0.3), ('invitation', 8, 0.2)),
      by_source as (
        select least(o.said_by, o.said_of) as user_a, greatest(o.said_by, o.said_of) as user_b, p.source, p.place,
               bool_and(o.statement) as label,
               case when bool_and(o.statement) and not bool_or(o.mutual)
                         and count(distinct o.said_by) filter (where o.statement is not null) = 1
                    then p.weight / 2 else p.weight end as weight,
               (array_agg(o.trip_id order by o.observed_at desc, o.trip_id) filter (where o.trip_id is not null))[1] as trip_id,
               max(o.observed_at) as observed_at
        from compat.outcomes o join precedence p on p.source = o.source
        where o.said_by is not null and o.said_of is not null and o.observed_at is not null
        group by 1, 2, p.source, p.place, p.weight),
      by_pair as (
        select user_a, user_b,
               (array_agg(source order by place) filter (where label is not null))[1] as source,
               (array_agg(label order by place) filter (where label is not null))[1] as label,
               (array_agg(weight order by place) filter (where label is not null))[1] as weight,
               (array_agg(observed_at order by place) filter (where label is not null))[1] as observed_at,
               (array_agg(trip_id order by place) filter (where trip_id is not null))[1] as trip_id,
               bool_or(label) and not bool_and(label) as disagree,
               bool_or(source not in ('report', 'block', 'invitation') or source = 'invitation' and label) as travelled
        from by_source group by user_a, user_b having max(observed_at) >= coalesce({0}, '-infinity')),
      decided as materialized (
        select q.user_a, q.user_b, q.source, q.label, q.weight, q.observed_at, q.trip_id, q.disagree,
               was_a.stated as features_a, was_b.stated as features_b,
               case
                 when q.user_a = q.user_b then 'with_themselves'
                 when q.label is null then 'undecided'
                 when q.source in ('report', 'block') and q.travelled is not true and not exists (
                        select from compat.group_members m join compat.group_members n on n.group_id = m.group_id
                        where m.user_id = q.user_a and n.user_id = q.user_b) then 'never_met'
                 when a.id is null or b.id is null then 'person_gone'
                 when was_a.stated is null or was_b.stated is null then 'without_history'
                 when not (was_a.is_scorable and was_b.is_scorable) then 'unscorable'
                 else 'labelled'
               end as fate
        from by_pair q
        left join compat.profiles a on a.id = q.user_a and a.account_status is distinct from 'deleted'
        left join compat.profiles b on b.id = q.user_b and b.account_status is distinct from 'deleted'
        left join lateral compat.stated_profile(a.id, a.date_of_birth, q.observed_at) was_a on true
        left join lateral compat.stated_profile(b.id, b.date_of_birth, q.observed_at) was_b on true),
      stored as (
        insert into public.model_training_data as d
          (user_a, user_b, features_a, features_b, label, weight, source, observed_at, trip_id,
           exposed, exposure_rank, exposure_model_version_id)
        select h.user_a, h.user_b, h.features_a, h.features_b, h.label, h.weight, h.source, h.observed_at, h.trip_id,
               e.user_a is not null, e.rank, e.model_version_id
        from decided h
        left join compat.exposures e on e.user_a = h.user_a and e.user_b = h.user_b and e.met_at <= h.observed_at
        where h.fate = 'labelled'
        order by h.user_a, h.user_b
        on conflict (user_a, user_b) do update
          set features_a = excluded.features_a, features_b = excluded.features_b, label = excluded.label,
              weight = excluded.weight, source = excluded.source, observed_at = excluded.observed_at,
              trip_id = excluded.trip_id, exposed = excluded.exposed, exposure_rank = excluded.exposure_rank,
              exposure_model_version_id = excluded.exposure_model_version_id
          where (d.features_a, d.features_b, d.label, d.weight, d.source, d.observed_at, d.trip_id, d.exposed, d.exposure_rank)
             is distinct from (excluded.features_a, excluded.features_b, excluded.label, excluded.weight, excluded.source,
                               excluded.observed_at, excluded.trip_id, excluded.exposed, excluded.exposure_rank)
        returning xmax = 0 as is_new)
      select count(*) as found,
             (select count(*) from stored where is_new) as inserted,
             (select count(*) from stored where not is_new) as updated,
             count(*) filter (where fate = 'labelled') - (select count(*) from stored) as unchanged,
             count(*) filter (where fate = 'labelled' and disagree) as disagreements,
             count(*) filter (where fate = 'undecided') as undecided,
             count(*) filter (where fate = 'never_met') as never_met,
             count(*) filter (where fate = 'with_themselves') as with_themselves,
             count(*) filter (where fate = 'person_gone') as person_gone,
             count(*) filter (where fate = 'without_history') as without_history,
             count(*) filter (where fate = 'unscorable') as unscorable
      from decided
      """;

  private final DSLContext sql;

  public LabelHarvest(Database database) {
    sql = database.engineSql();
  }

  /**
   * Harvests in one transaction.
   *
   * @param since only pairs with an outcome observed from then on are harvested, each by all of its
   *     outcomes; null harvests all, and withdraws what no longer holds
   */
  public Harvest harvest(@Nullable Instant since) {
    return sql.transactionResult(configuration -> {
      DSLContext inside = configuration.dsl();
      int withdrawn = since == null ? inside.execute(WITHDRAW) : 0;
      Record done =
          inside.fetchSingle(
              HARVEST,
              DSL.val(
                  since == null ? null : since.atOffset(ZoneOffset.UTC),
                  SQLDataType.TIMESTAMPWITHTIMEZONE));
      return new Harvest(
          count(done, "found"),
          count(done, "inserted"),
          count(done, "updated"),
          count(done, "unchanged"),
          withdrawn,
          count(done, "disagreements"),
          count(done, "undecided"),
          count(done, "never_met"),
          count(done, "with_themselves"),
          count(done, "person_gone"),
          count(done, "without_history"),
          count(done, "unscorable"));
    });
  }

  private static long count(Record counts, String name) {
    return counts.get(name, Long.class);
  }
}
