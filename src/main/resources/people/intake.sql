-- The statements of package intake, each under its name. Staging tables live for one transaction.
--
-- An adopted database need not have the platform's unique keys and defaults: what exists is asked for, not left to
-- a conflict, and columns that may not be null are given a value.

-- name: auth_is_stand_in
select coalesce(obj_description(oid, 'pg_namespace'), '') like '%supabase-shim%'
from pg_catalog.pg_namespace
where nspname = 'auth';

-- name: stage_people
create temporary table incoming_people (
  user_id           uuid primary key,
  date_of_birth     date,
  openness          numeric(3,2),
  conscientiousness numeric(3,2),
  extraversion      numeric(3,2),
  agreeableness     numeric(3,2),
  neuroticism       numeric(3,2),
  adventure_style   text,
  budget_preference text,
  planning_style    text,
  group_preference  text,
  since             timestamptz
) on commit drop;

-- name: copy_people
copy incoming_people from stdin;

-- name: analyze_people
analyze incoming_people;

-- name: find_newcomers
create temporary table newcomers on commit drop as
select i.user_id
from incoming_people i
where not exists (select from public.profiles p where p.id = i.user_id);

-- name: count_newcomers
select count(*) from newcomers;

-- name: create_accounts
insert into auth.users (id, aud, role, email, raw_app_meta_data, raw_user_meta_data, created_at)
select n.user_id, 'authenticated', 'authenticated', n.user_id || '@people.invalid',
       jsonb_build_object('provider', ?), '{}', coalesce(i.since, now())
from newcomers n
join incoming_people i using (user_id)
order by n.user_id
on conflict do nothing;

-- The sign-up trigger makes profiles; it swallows its failures, and an account may have lost its profile.
-- name: create_missing_profiles
insert into public.profiles (id, role, created_at, updated_at)
select user_id, 'traveler', now(), now() from newcomers n
where not exists (select from public.profiles p where p.id = n.user_id)
on conflict do nothing;

-- name: set_birth_dates
update public.profiles p
set date_of_birth = i.date_of_birth
from incoming_people i
join newcomers n using (user_id)
where p.id = i.user_id and p.date_of_birth is distinct from i.date_of_birth;

-- Two imports at once would insert a person twice where no unique key stands.
-- name: one_at_a_time
select pg_advisory_xact_lock(hashtextextended('compat.import', 0));

-- The application may insert the same person meanwhile: then its row counts as there, and the update finds it.
-- name: insert_assessments
insert into public.personality_assessments
       (id, user_id, openness, conscientiousness, extraversion, agreeableness, neuroticism,
        adventure_style, budget_preference, planning_style, group_preference, completed_at, updated_at)
select gen_random_uuid(), i.user_id, i.openness, i.conscientiousness, i.extraversion, i.agreeableness, i.neuroticism,
       i.adventure_style, i.budget_preference, i.planning_style, i.group_preference, now(), now()
from incoming_people i
where not exists (select from public.personality_assessments a where a.user_id = i.user_id)
order by i.user_id
on conflict do nothing;

-- A file that lacks a column of words says nothing about them: what is stored stays.
-- name: update_assessments
with given (adventure, budget, planning, company) as (values (?::boolean, ?::boolean, ?::boolean, ?::boolean)),
updated as (
  update public.personality_assessments a
  set openness = i.openness,
      conscientiousness = i.conscientiousness,
      extraversion = i.extraversion,
      agreeableness = i.agreeableness,
      neuroticism = i.neuroticism,
      adventure_style = case when g.adventure then i.adventure_style else a.adventure_style end,
      budget_preference = case when g.budget then i.budget_preference else a.budget_preference end,
      planning_style = case when g.planning then i.planning_style else a.planning_style end,
      group_preference = case when g.company then i.group_preference else a.group_preference end,
      updated_at = now()
  from incoming_people i
  cross join given g
  where a.user_id = i.user_id
    and ((a.openness, a.conscientiousness, a.extraversion, a.agreeableness, a.neuroticism)
           is distinct from (i.openness, i.conscientiousness, i.extraversion, i.agreeableness, i.neuroticism)
         or g.adventure and a.adventure_style is distinct from i.adventure_style
         or g.budget and a.budget_preference is distinct from i.budget_preference
         or g.planning and a.planning_style is distinct from i.planning_style
         or g.company and a.group_preference is distinct from i.group_preference)
  returning a.user_id
)
select count(distinct user_id) from updated;

-- name: insert_generated_assessments
insert into public.personality_assessments
       (id, user_id, openness, conscientiousness, extraversion, agreeableness, neuroticism, completed_at, updated_at)
select gen_random_uuid(), user_id, openness, conscientiousness, extraversion, agreeableness, neuroticism, since, since
from incoming_people
join newcomers using (user_id)
on conflict do nothing;

-- name: stage_preferences
create temporary table incoming_preferences (like public.travel_preferences) on commit drop;

-- name: copy_preferences
copy incoming_preferences (user_id, adventure_style, budget_preference, planning_style, group_preference, interests, destinations,
                           daily_budget_min, daily_budget_max, budget_currency, available_dates, trip_days_min, trip_days_max,
                           experience_level, home_region, home_latitude, home_longitude, languages, companion_age_range,
                           companion_group_size, created_at, updated_at) from stdin;

-- name: insert_preferences_of_newcomers
insert into public.travel_preferences (user_id, adventure_style, budget_preference, planning_style, group_preference, interests,
    destinations, daily_budget_min, daily_budget_max, budget_currency, available_dates, trip_days_min, trip_days_max, experience_level,
    home_region, home_latitude, home_longitude, languages, companion_age_range, companion_group_size, created_at, updated_at)
select user_id, adventure_style, budget_preference, planning_style, group_preference, interests,
    destinations, daily_budget_min, daily_budget_max, budget_currency, available_dates, trip_days_min, trip_days_max, experience_level,
    home_region, home_latitude, home_longitude, languages, companion_age_range, companion_group_size, created_at, updated_at
from incoming_preferences
join newcomers using (user_id)
on conflict do nothing;

-- name: insert_preferences
insert into public.travel_preferences (user_id, adventure_style, budget_preference, planning_style, group_preference, interests,
    destinations, daily_budget_min, daily_budget_max, budget_currency, available_dates, trip_days_min, trip_days_max, experience_level,
    home_region, home_latitude, home_longitude, languages, companion_age_range, companion_group_size, created_at, updated_at)
select user_id, adventure_style, budget_preference, planning_style, group_preference, interests,
    destinations, daily_budget_min, daily_budget_max, budget_currency, available_dates, trip_days_min, trip_days_max, experience_level,
    home_region, home_latitude, home_longitude, languages, companion_age_range, companion_group_size, created_at, updated_at
from incoming_preferences
on conflict do nothing;

-- Outcomes are paired with who people were at the time: generated people were so before their trips.
-- name: backdate_history
update compat.profile_history h
set changed_at = i.since
from incoming_people i
join newcomers n using (user_id)
where h.user_id = i.user_id;

-- name: stage_feedback
create temporary table incoming_feedback (
  id uuid, user_id uuid, other_id uuid, trip uuid, satisfied boolean, occurred_at timestamptz
) on commit drop;

-- name: copy_feedback
copy incoming_feedback from stdin;

-- name: insert_feedback
insert into public.user_behavior_data (id, user_id, event_type, target_type, target_id, metadata, occurred_at)
select id, user_id, 'trip_feedback', 'profile', other_id,
       jsonb_build_object('trip', trip, 'satisfied', satisfied, 'generated', true), occurred_at
from incoming_feedback
on conflict do nothing;

-- name: stage_connections
create temporary table incoming_connections (
  id uuid, requester_id uuid, addressee_id uuid, status text
) on commit drop;

-- name: copy_connections
copy incoming_connections from stdin;

-- name: insert_connections
insert into public.user_connections (id, requester_id, addressee_id, status)
select id, requester_id, addressee_id, status::public.connection_status
from incoming_connections
on conflict do nothing;

-- name: stage_groups
create temporary table incoming_groups (
  id uuid, name text, description text, owner_id uuid, privacy text, max_members integer, location text,
  interests text[], age_range int4range
) on commit drop;

-- name: copy_groups
copy incoming_groups from stdin;

-- name: stage_members
create temporary table incoming_members (id uuid, group_id uuid, user_id uuid, role text) on commit drop;

-- name: copy_members
copy incoming_members from stdin;

-- name: forget_known_groups
delete from incoming_groups i using public.groups g where g.id = i.id;

-- name: insert_groups
insert into public.groups (id, name, description, owner_id, privacy, max_members, location, interests, age_range, created_at, updated_at)
select id, name, description, owner_id, privacy::public.group_privacy, max_members, location, interests, age_range, now(), now()
from incoming_groups;

-- name: insert_members
insert into public.group_members (id, group_id, user_id, role, joined_at)
select m.id, m.group_id, m.user_id, m.role::public.group_member_role, now()
from incoming_members m
join incoming_groups g on g.id = m.group_id
on conflict do nothing;

-- name: people_without_preferences
select p.id, p.date_of_birth, a.openness, a.conscientiousness, a.extraversion, a.agreeableness, a.neuroticism
from public.profiles p
left join public.personality_assessments a on a.user_id = p.id
where p.role = 'traveler'
  and not exists (select from public.travel_preferences t where t.user_id = p.id)
order by p.id;

-- name: companions
select p.id, extract(year from age(?::date, p.date_of_birth))::integer, t.interests, t.destinations
from public.profiles p
join public.travel_preferences t on t.user_id = p.id
where p.role = 'traveler' and p.date_of_birth is not null
order by p.id;

-- name: has_feedback
select exists (select from public.user_behavior_data where event_type = 'trip_feedback');

-- name: travellers
select p.id, p.date_of_birth, extract(year from age(?::date, p.date_of_birth))::integer,
       a.openness, a.conscientiousness, a.extraversion, a.agreeableness, a.neuroticism,
       t.adventure_style, t.budget_preference, t.planning_style, t.group_preference, t.interests, clock_timestamp()
from public.profiles p
join public.personality_assessments a on a.user_id = p.id
join public.travel_preferences t on t.user_id = p.id
where p.role = 'traveler' and p.date_of_birth is not null
  and num_nonnulls(a.openness, a.conscientiousness, a.extraversion, a.agreeableness, a.neuroticism) = 5
order by p.id;

-- name: has_connections
select exists (select from public.user_connections);

-- name: has_groups
select exists (select from public.groups);
