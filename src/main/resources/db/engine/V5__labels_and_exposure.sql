-- What models learn from: outcomes of pairs, the labels harvested from them, and who had been shown to whom when they met.

alter table public.model_training_data add column trip_id uuid;
comment on column public.model_training_data.trip_id is
  'The booking, group or trip in which the two travelled; pairs of one trip are no independent evidence';
grant select, insert, update, delete on public.model_training_data to compat_engine;
create policy "The engine keeps the training data" on public.model_training_data for all to compat_engine
  using (true) with check (true);

-- People who reported others. Reports came to the platform later than what the engine rests on, and go with an earlier
-- rollback than the engine: so they are looked for whenever they are asked for.
create function compat.reports() returns table (said_by uuid, said_of uuid, observed_at timestamptz)
language plpgsql stable security definer set search_path = '' as $$
begin
  if 5 = (select count(*) from pg_catalog.pg_attribute
          where attrelid = to_regclass('public.content_reports') and not attisdropped
            and attname in ('content_type', 'content_id', 'reporter_id', 'status', 'created_at')) then
    return query
      select r.reporter_id::uuid,
             -- A case, for the order of conditions is the planner's: the cast must not meet the key of another kind of content.
             case when r.content_id::text ~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' then r.content_id::text::uuid end,
             r.created_at::timestamptz
      from public.content_reports r
      where r.content_type::text in ('profile', 'user') and coalesce(r.status::text, '') <> 'dismissed';
  end if;
end
$$;
revoke all on function compat.reports() from public;
grant execute on function compat.reports() to compat_engine;

-- Every outcome of two people that the platform knows, one row for each source and statement. Like the other inputs it
-- is a view of the migrating login, so that the engine reads outcomes and nothing else of bookings, reviews or reports.
-- Parts whose columns an adopted database lacks, or has of another type, are left out.
--
-- statement  what one side or the platform says: true content, false not
-- mutual     whether it speaks for both sides; a rating speaks for the one who gave it
do $$
declare
  part   record;
  needed text;
  parts  text[] := '{}';
  whole  boolean;
begin
  for part in select * from (values
    ('report', array[]::text[], 'select ''report'', said_by, said_of, null::uuid, false, true, observed_at from compat.reports()'),
    ('block', array['user_connections.requester_id:uuid', 'user_connections.addressee_id:uuid', 'user_connections.status', 'user_connections.updated_at'],
     $sql$select 'block', c.requester_id, c.addressee_id, null::uuid, false, true, c.updated_at::timestamptz
          from public.user_connections c where c.status::text = 'blocked'$sql$),
    -- The other spelling that adopted databases have.
    ('block', array['user_connections.user_id:uuid', 'user_connections.connected_user_id:uuid', 'user_connections.status', 'user_connections.updated_at'],
     $sql$select 'block', c.user_id, c.connected_user_id, null::uuid, false, true, c.updated_at::timestamptz
          from public.user_connections c where c.status::text = 'blocked'$sql$),
    -- What one traveller says of another: {"satisfied": true|false} or {"rating": 1-5}, and {"trip": uuid}.
    ('rating', array['user_behavior_data.user_id:uuid', 'user_behavior_data.event_type', 'user_behavior_data.target_type', 'user_behavior_data.target_id:uuid', 'user_behavior_data.metadata:jsonb', 'user_behavior_data.occurred_at'],
     $sql$select case when b.metadata -> 'generated' = 'true' then 'generated' else 'rating' end, b.user_id, b.target_id,
                 case when b.metadata ->> 'trip' ~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' then (b.metadata ->> 'trip')::uuid end,
                 case when b.metadata -> 'satisfied' = 'true' or b.metadata ->> 'rating' in ('4', '5') then true
                      when b.metadata -> 'satisfied' = 'false' or b.metadata ->> 'rating' in ('1', '2') then false end,
                 false, b.occurred_at::timestamptz
          from public.user_behavior_data b
          where b.event_type::text = 'trip_feedback' and b.target_type::text = 'profile'$sql$),
    ('review', array['reviews.booking_id:uuid', 'reviews.user_id:uuid', 'reviews.rating', 'reviews.created_at', 'booking_participants.user_id:uuid', 'booking_participants.booking_id:uuid'],
     $sql$select 'review', r.user_id, p.user_id, r.booking_id,
                 case when r.rating::numeric >= 4 then true when r.rating::numeric <= 2 then false end, false, r.created_at::timestamptz
          from public.reviews r join public.booking_participants p on p.booking_id = r.booking_id and p.user_id <> r.user_id$sql$),
    ('early_leave', array['bookings.id:uuid', 'bookings.group_id:uuid', 'bookings.status', 'bookings.created_at', 'bookings.completed_at', 'group_members.invited_by:uuid', 'group_members.invitation_accepted_at'],
     $sql$select distinct 'early_leave', l.user_id, m.user_id, b.id, false, true, b.completed_at::timestamptz
          from public.bookings b
          join public.group_members l on l.group_id = b.group_id and l.is_active is false and l.joined_at < b.created_at
          join public.group_members m on m.group_id = b.group_id and m.is_active is not false and m.user_id <> l.user_id
          where b.status::text = 'completed' and b.completed_at is not null
            -- An invitation that was never accepted is no membership that ended.
            and (l.invited_by is null or l.invitation_accepted_at is not null)$sql$),
    ('trip_completed', array['bookings.id:uuid', 'bookings.status', 'bookings.completed_at', 'booking_participants.user_id:uuid', 'booking_participants.booking_id:uuid'],
     $sql$select 'trip_completed', a.user_id, o.user_id, b.id, true, true, b.completed_at::timestamptz
          from public.bookings b
          join public.booking_participants a on a.booking_id = b.id
          join public.booking_participants o on o.booking_id = b.id and a.user_id < o.user_id
          where b.status::text = 'completed' and b.completed_at is not null$sql$),
    ('invitation', array['group_members.invited_by:uuid', 'group_members.invitation_accepted_at'],
     $sql$select 'invitation', m.invited_by, m.user_id, m.group_id, true, true, m.invitation_accepted_at::timestamptz
          from public.group_members m where m.invited_by is not null and m.invitation_accepted_at is not null$sql$),
    ('connection', array['user_connections.requester_id:uuid', 'user_connections.addressee_id:uuid', 'user_connections.status', 'user_connections.updated_at'],
     $sql$select 'invitation', c.requester_id, c.addressee_id, null::uuid, c.status::text = 'accepted', true, c.updated_at::timestamptz
          from public.user_connections c where c.status::text in ('accepted', 'declined')$sql$),
    ('connection', array['user_connections.user_id:uuid', 'user_connections.connected_user_id:uuid', 'user_connections.status', 'user_connections.updated_at'],
     $sql$select 'invitation', c.user_id, c.connected_user_id, null::uuid, c.status::text = 'accepted', true, c.updated_at::timestamptz
          from public.user_connections c where c.status::text in ('accepted', 'declined')$sql$))
    as p (source, needs, query)
  loop
    whole := true;
    foreach needed in array part.needs loop
      whole := whole and exists (
        select from pg_catalog.pg_attribute a
        where a.attrelid = to_regclass('public.' || split_part(needed, '.', 1))
          and a.attname = split_part(split_part(needed, '.', 2), ':', 1) and not a.attisdropped
          and split_part(needed, ':', 2) in ('', format_type(a.atttypid, null)));
    end loop;
    if whole then
      parts := parts || part.query;
    end if;
  end loop;
  execute 'create view compat.outcomes (source, said_by, said_of, trip_id, statement, mutual, observed_at) as '
    || array_to_string(parts, E'\nunion all\n');
end
$$;
comment on view compat.outcomes is 'What is known of how two people got on, by source; the precedence of sources stands with label harvest';
grant select on compat.outcomes to compat_engine;

-- A trait of a recorded assessment in hundredths; null where it is missing or out of range. This function and the next
-- one have no settings of their own, so that the planner can put them into the harvest's query.
create function compat.trait(recorded jsonb, name text) returns numeric
language sql immutable as $$
  select case when jsonb_typeof(recorded -> name) = 'number' and (recorded ->> name)::numeric between 0 and 1
              then round((recorded ->> name)::numeric, 2) end
$$;
revoke all on function compat.trait(jsonb, text) from public;
grant execute on function compat.trait(jsonb, text) to compat_engine;

-- A person as they were, in the application's words; no row where the history does not reach back. What is not in the
-- form that the program documents at StatedProfile counts as not stated.
create function compat.stated_profile(person uuid, born date, at timestamptz)
returns table (stated jsonb, is_scorable boolean)
language sql stable as $$
  select jsonb_strip_nulls(jsonb_build_object(
           'openness', compat.trait(a.recorded, 'openness'),
           'conscientiousness', compat.trait(a.recorded, 'conscientiousness'),
           'extraversion', compat.trait(a.recorded, 'extraversion'),
           'agreeableness', compat.trait(a.recorded, 'agreeableness'),
           'neuroticism', compat.trait(a.recorded, 'neuroticism'),
           'age', case when then_aged.years between 0 and 150 then then_aged.years end,
           'adventure_style', coalesce(t.recorded ->> 'adventure_style', a.recorded ->> 'adventure_style'),
           'budget_preference', coalesce(t.recorded ->> 'budget_preference', a.recorded ->> 'budget_preference'),
           'planning_style', coalesce(t.recorded ->> 'planning_style', a.recorded ->> 'planning_style'),
           'group_preference', coalesce(t.recorded ->> 'group_preference', a.recorded ->> 'group_preference'),
           'interests', case when jsonb_typeof(t.recorded -> 'interests') = 'array'
                             then jsonb_path_query_array(t.recorded -> 'interests', '$[*] ? (@.type() == "string")') end,
           'daily_budget_min', case when jsonb_typeof(t.recorded -> 'daily_budget_min') = 'number' then t.recorded -> 'daily_budget_min' end,
           'daily_budget_max', case when jsonb_typeof(t.recorded -> 'daily_budget_max') = 'number' then t.recorded -> 'daily_budget_max' end,
           'budget_currency', t.recorded ->> 'budget_currency',
           'experience_level', case when t.recorded ->> 'experience_level' ~ '^[1-5]$' then (t.recorded ->> 'experience_level')::integer end)),
         coalesce(then_aged.years between 18 and 150, false)
           and compat.trait(a.recorded, 'openness') is not null and compat.trait(a.recorded, 'conscientiousness') is not null
           and compat.trait(a.recorded, 'extraversion') is not null and compat.trait(a.recorded, 'agreeableness') is not null
           and compat.trait(a.recorded, 'neuroticism') is not null
  from (select extract(year from age((at at time zone 'UTC')::date, born))::integer as years) then_aged
  cross join lateral (
    select h.recorded from compat.profile_history h
    where h.user_id = person and h.source = 'personality_assessments' and h.changed_at <= at
    order by h.changed_at desc, h.history_id desc limit 1) a
  left join lateral (
    select h.recorded from compat.profile_history h
    where h.user_id = person and h.source = 'travel_preferences' and h.changed_at <= at
    order by h.changed_at desc, h.history_id desc limit 1) t on true
$$;
revoke all on function compat.stated_profile(uuid, date, timestamptz) from public;
grant execute on function compat.stated_profile(uuid, date, timestamptz) to compat_engine;

-- Who had been shown to whom when they met. Runs are dropped after some nights, so the rank is kept here at that moment.
create table compat.exposures (
  user_a           uuid        not null,
  user_b           uuid        not null,
  rank             integer     not null check (rank >= 1),
  model_version_id integer     not null,
  run_id           bigint      not null,
  met_at           timestamptz not null default clock_timestamp(),
  primary key (user_a, user_b),
  check (user_a < user_b)
);
comment on table compat.exposures is 'Pairs that stood in a published list when the two first met: in a group, a booking, or as a connection';
comment on column compat.exposures.rank is 'The better of the two ranks, 1 is best';
create index exposures_user_b on compat.exposures (user_b);
alter table compat.exposures enable row level security;
create policy "The engine keeps exposures" on compat.exposures for all to compat_engine using (true) with check (true);
grant select, insert, update, delete on compat.exposures to compat_engine;

-- The better rank of each pair of which one has just come. One look-up by primary key for each person; the run is a
-- subquery, so that only its partition is opened.
create function compat.record_exposure(newcomers uuid[], others uuid[]) returns void
language plpgsql security definer set search_path = '' as $$
begin
  insert into compat.exposures (user_a, user_b, rank, model_version_id, run_id)
  select least(s.user_id, s.other_user_id), greatest(s.user_id, s.other_user_id), min(s.rank), min(s.model_version_id), min(s.run_id)
  from compat.pair_scores s
  where s.run_id = (select run_id from compat.published)
    and s.user_id = any (newcomers || others) and s.other_user_id = any (newcomers || others)
    and (s.user_id = any (newcomers) or s.other_user_id = any (newcomers))
  group by 1, 2
  on conflict (user_a, user_b) do nothing;
end
$$;
alter function compat.record_exposure(uuid[], uuid[]) owner to compat_engine;
revoke all on function compat.record_exposure(uuid[], uuid[]) from public;

-- Once for a statement, however many it adds. Who was added by an earlier statement of the same group is met again,
-- and stays as first recorded.
create function compat.meet_in_group() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  met record;
begin
  if exists (select from compat.published) then
    for met in select group_id, array_agg(user_id) as people from arrived where is_active is not false group by group_id loop
      perform compat.record_exposure(met.people, array(
        select m.user_id from compat.group_members m where m.group_id = met.group_id and m.is_active is not false));
    end loop;
  end if;
  return null;
end
$$;
create trigger meet_in_group after insert on public.group_members
  referencing new table as arrived for each statement execute function compat.meet_in_group();

-- An invitation accepted, or a member who comes back.
create function compat.meet_in_group_again() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform compat.record_exposure(array[new.user_id], array(
    select m.user_id from compat.group_members m where m.group_id = new.group_id and m.is_active is not false));
  return null;
end
$$;
create trigger meet_in_group_again after update of is_active on public.group_members
  for each row when (old.is_active is false and new.is_active is not false) execute function compat.meet_in_group_again();
revoke all on function compat.meet_in_group(), compat.meet_in_group_again() from public;

do $$
begin
  if to_regclass('public.booking_participants') is not null then
    create function compat.meet_in_booking() returns trigger
    language plpgsql security definer set search_path = '' as $function$
    declare
      met record;
    begin
      if exists (select from compat.published) then
        for met in select booking_id, array_agg(user_id) as people from arrived where user_id is not null group by booking_id loop
          perform compat.record_exposure(met.people, array(
            select p.user_id from public.booking_participants p where p.booking_id = met.booking_id and p.user_id is not null));
        end loop;
      end if;
      return null;
    end
    $function$;
    revoke all on function compat.meet_in_booking() from public;
    create trigger meet_in_booking after insert on public.booking_participants
      referencing new table as arrived for each statement execute function compat.meet_in_booking();
  end if;
end
$$;

create function compat.meet_as_connection() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  -- By the other spelling that adopted databases have, too.
  one   constant uuid := coalesce(to_jsonb(new) ->> 'requester_id', to_jsonb(new) ->> 'user_id');
  other constant uuid := coalesce(to_jsonb(new) ->> 'addressee_id', to_jsonb(new) ->> 'connected_user_id');
begin
  if exists (select from compat.published) then
    perform compat.record_exposure(array[one], array[other]);
  end if;
  return null;
end
$$;
revoke all on function compat.meet_as_connection() from public;
create trigger meet_as_connection after insert or update of status on public.user_connections
  for each row when (new.status::text = 'accepted') execute function compat.meet_as_connection();

-- Exposures go with the person, like everything learnt of them.
create function compat.forget_exposures() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'UPDATE' and (new.account_status::text <> 'deleted' or old.account_status::text is not distinct from 'deleted') then
    return null;
  end if;
  delete from compat.exposures where user_a = old.id;
  delete from compat.exposures where user_b = old.id;
  return null;
end
$$;
revoke all on function compat.forget_exposures() from public;
create trigger forget_exposures after delete or update of account_status on public.profiles
  for each row execute function compat.forget_exposures();
