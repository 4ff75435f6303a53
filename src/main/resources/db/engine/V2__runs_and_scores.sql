-- Runs, the scores they publish, and everything that hides rows the moment a person asks for it.

-- Who holds a job now. The epoch grows with each claim: a chunk and the publication check theirs in their own
-- transaction, so that an owner that lost its claim can't write.
create table compat.claims (
  job     text primary key,
  epoch   bigint not null,
  run_id  bigint,
  holder  text not null,
  since   timestamptz not null
);

create table compat.runs (
  run_id            bigint generated always as identity primary key,
  job               text not null,
  state             text not null check (state in
                      ('running',      -- under way, or interrupted and waiting to be resumed
                       'unchanged',    -- inputs, model and parameters equal those of the published run
                       'withheld',     -- complete, but a check was out of bounds: not published
                       'published',    -- was published, and its rows are kept
                       'expired',      -- was published or withheld; its rows are gone
                       'superseded',   -- interrupted, and the inputs had changed since: a new run took over
                       'failed')),
  as_of             date not null,
  parameters        jsonb not null,
  model_version_id  integer not null references public.compatibility_model_versions (id),
  started_at        timestamptz not null,
  finished_at       timestamptz,
  snapshot_at       timestamptz,
  digest            text,
  people            integer,
  quarantined       integer,
  pairs             bigint,
  pair_rows         bigint,
  group_count       integer,
  group_rows        bigint,
  step_millis       jsonb,
  exposure          jsonb,
  score_histogram   bigint[],
  failed_checks     text[],
  failure           text,
  published_at      timestamptz
);
comment on column compat.runs.digest is
  'SHA-256 of everything the scores depend on besides model and parameters: people, blocks, groups, ages at as_of';
create index runs_state on compat.runs (job, state, run_id desc);
create index runs_model_version_id on compat.runs (model_version_id);

-- One row: which run readers see. Publishing and rolling back are one UPDATE of it.
create table compat.published (
  singleton  boolean primary key default true check (singleton),
  run_id     bigint not null references compat.runs (run_id)
);
create index published_run_id on compat.published (run_id);

create table compat.publications (
  publication_id  bigint generated always as identity primary key,
  run_id          bigint not null references compat.runs (run_id),
  previous_run_id bigint references compat.runs (run_id),
  published_at    timestamptz not null default clock_timestamp(),
  published_by    text not null default session_user,
  reason          text not null
);
create index publications_run_id on compat.publications (run_id);
create index publications_previous_run_id on compat.publications (previous_run_id);

-- Top K of each person. Each run is one LIST partition, cut into RANGE slices of user_id; a slice is written and
-- indexed alone and then attached, which locks no reader. Slices carry no grants, so that nobody reads past the
-- policies of this table.
create table compat.pair_scores (
  run_id            bigint        not null,
  user_id           uuid          not null,
  rank              integer       not null,
  other_user_id     uuid          not null,
  score             numeric(5, 2) not null,
  personality_match numeric(5, 2) not null,
  preference_match  numeric(5, 2) not null,
  interest_match    numeric(5, 2) not null,
  completeness      numeric(3, 2) not null,
  model_version_id  integer       not null,
  calculated_at     timestamptz   not null,
  -- Readers: "my matches" (user_id, rank) and "this pair" (user_id, then at most K rows).
  primary key (run_id, user_id, rank)
) partition by list (run_id);
-- Reader: the erasure of a person from everybody else's list.
create index pair_scores_other_user_id on compat.pair_scores (other_user_id);

create table compat.group_scores (
  run_id              bigint        not null,
  group_id            uuid          not null,
  user_id             uuid          not null,
  is_member           boolean       not null,
  rank                integer,
  compatibility_score numeric(5, 2) not null,
  personality_match   numeric(5, 2) not null,
  interest_match      numeric(5, 2) not null,
  style_match         numeric(5, 2) not null,
  least_match         numeric(5, 2) not null,
  completeness        numeric(3, 2) not null,
  model_version_id    integer       not null,
  calculated_at       timestamptz   not null,
  check (is_member = (rank is null)),
  primary key (run_id, group_id, user_id)
) partition by list (run_id);
-- Readers: "which groups fit me", and erasure.
create index group_scores_user_id on compat.group_scores (user_id);

-- How well the members of a group fit each other, by the same formula as a candidate's fit.
create table compat.group_cohesion (
  run_id           bigint      not null references compat.runs (run_id) on delete cascade,
  group_id         uuid        not null,
  cohesion         numeric(5, 2),
  least_match      numeric(5, 2),
  members          integer     not null,
  scorable_members integer     not null,
  candidates       integer     not null,
  model_version_id integer     not null,
  calculated_at    timestamptz not null,
  primary key (run_id, group_id)
);
comment on column compat.group_cohesion.cohesion is 'null while fewer than two members can be scored';
create index group_cohesion_group_id on compat.group_cohesion (group_id);

-- Groups to be scored again in the published run.
create table compat.group_requests (
  group_id     uuid primary key,
  requested_at timestamptz not null default clock_timestamp(),
  reason       text not null
);

create table compat.quarantine (
  user_id  uuid primary key,
  reason   text not null check (reason in
             ('account_restricted', 'birth_date_unknown', 'under_age',
              'assessment_missing', 'assessment_incomplete', 'assessment_invalid')),
  detail   text not null,
  since    timestamptz not null
);

-- People deleted lately: a run that read them before their deletion removes them again before it publishes.
create table compat.erasures (
  user_id   uuid primary key,
  erased_at timestamptz not null default clock_timestamp()
);

-- What the engine reads of the platform, and nothing else. The views belong to the login that migrates, who owns the
-- tables, and so look past the policies on them: those are the application's, know no engine, and may ask tables that
-- the engine has no business with. The casts are for an adopted database, whose columns need not have the platform's types.
create view compat.profiles as
select id, role::text, account_status::text, restriction_expires::timestamptz, date_of_birth, updated_at::timestamptz as changed_at
from public.profiles;
comment on view compat.profiles is 'People, as far as it decides whether they are scored and shown';

create view compat.personality_assessments as
select user_id,
       nullif(round(openness::numeric, 2), 'NaN') as openness,
       nullif(round(conscientiousness::numeric, 2), 'NaN') as conscientiousness,
       nullif(round(extraversion::numeric, 2), 'NaN') as extraversion,
       nullif(round(agreeableness::numeric, 2), 'NaN') as agreeableness,
       nullif(round(neuroticism::numeric, 2), 'NaN') as neuroticism,
       adventure_style::text, budget_preference::text, planning_style::text, group_preference::text,
       updated_at::timestamptz as changed_at
from public.personality_assessments;
comment on view compat.personality_assessments is 'Traits from 0 to 1 in hundredths, and four words of preference';

create view compat.travel_preferences as
select user_id, adventure_style::text, budget_preference::text, planning_style::text, group_preference::text,
       interests::text[], destinations::text[], daily_budget_min::numeric, daily_budget_max::numeric, budget_currency::text,
       available_dates, experience_level::smallint, home_region::text, home_latitude::numeric, home_longitude::numeric,
       companion_age_range, updated_at::timestamptz as changed_at
from public.travel_preferences;
comment on view compat.travel_preferences is 'What people want of a trip, as far as the scores know it';

create view compat.groups as
select id, max_members::integer, is_active, age_range, updated_at::timestamptz as changed_at from public.groups;
comment on view compat.groups is 'Groups, as far as it decides who fits';

create view compat.group_members as
select group_id, user_id, is_active, joined_at::timestamptz as changed_at from public.group_members;
comment on view compat.group_members is 'Who belongs to a group';

do $$
begin
  if exists (select from pg_catalog.pg_attribute
             where attrelid = 'public.user_connections'::regclass and attname = 'requester_id' and not attisdropped) then
    create view compat.blocks as
      select requester_id as blocker_id, addressee_id as blocked_id from public.user_connections where status::text = 'blocked';
  else
    -- The other spelling that adopted databases have.
    create view compat.blocks as
      select user_id as blocker_id, connected_user_id as blocked_id from public.user_connections where status::text = 'blocked';
  end if;
end
$$;
comment on view compat.blocks is 'Who blocks whom; of what else stands between two people the engine knows nothing';

-- Who people were, and when: outcomes are paired with the profile as it was then.
create table compat.profile_history (
  history_id bigint generated always as identity primary key,
  user_id    uuid not null,
  source     text not null check (source in ('personality_assessments', 'travel_preferences')),
  changed_at timestamptz not null default clock_timestamp(),
  recorded   jsonb
);
comment on column compat.profile_history.recorded is 'the row after the change; null when it was deleted';
create index profile_history_user_id on compat.profile_history (user_id, source, changed_at);

create function compat.record_profile_change() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  person constant uuid := case tg_op when 'DELETE' then old.user_id else new.user_id end;
begin
  if tg_op = 'UPDATE' and to_jsonb(new) - 'updated_at' is not distinct from to_jsonb(old) - 'updated_at' then
    return null;
  end if;
  -- A person's own deletion takes the history with it; nothing may be added then. The lock makes a deletion wait that
  -- would otherwise overlook this row.
  perform from public.profiles where id = person for key share;
  if found then
    insert into compat.profile_history (user_id, source, recorded)
    values (person, tg_table_name, case tg_op when 'DELETE' then null else to_jsonb(new) end);
  end if;
  return null;
end
$$;
revoke all on function compat.record_profile_change() from public;

create trigger profile_history after insert or update or delete on public.personality_assessments
  for each row execute function compat.record_profile_change();
create trigger profile_history after insert or update or delete on public.travel_preferences
  for each row execute function compat.record_profile_change();

-- Those who were there before the engine start their history with what is known of them now.
insert into compat.profile_history (user_id, source, changed_at, recorded)
  select user_id, 'personality_assessments', updated_at, to_jsonb(a) from public.personality_assessments a
  where exists (select from public.profiles p where p.id = a.user_id);
insert into compat.profile_history (user_id, source, changed_at, recorded)
  select user_id, 'travel_preferences', updated_at, to_jsonb(t) from public.travel_preferences t
  where exists (select from public.profiles p where p.id = t.user_id);

-- The one definition of "may be scored and shown" as far as the account goes: the run's eligibility and every
-- read use it. A restriction or suspension ends by itself, as profiles.restriction_expires says.
create function compat.is_unrestricted(account_status text, restriction_expires timestamptz, at timestamptz)
returns boolean language sql immutable as $$
  select coalesce(account_status, 'active') = 'active'
      or (account_status in ('restricted', 'suspended') and restriction_expires <= at) is true
$$;

create function compat.is_listed(person uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from compat.profiles p
    where p.id = person and p.role = 'traveler'
      and compat.is_unrestricted(p.account_status, p.restriction_expires, now()))
$$;

create function compat.is_blocked(one uuid, other uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from compat.blocks b
    where (b.blocker_id = one and b.blocked_id = other) or (b.blocker_id = other and b.blocked_id = one))
$$;

create function compat.is_active_member(of_group uuid, person uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from compat.group_members m
    where m.group_id = of_group and m.user_id = person and m.is_active is not false)
$$;

create function compat.is_blocked_in_group(of_group uuid, person uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from compat.blocks b
    join compat.group_members m on m.user_id = case when b.blocker_id = person then b.blocked_id else b.blocker_id end
    where (b.blocker_id = person or b.blocked_id = person) and m.group_id = of_group and m.is_active is not false)
$$;

revoke all on function compat.is_listed(uuid), compat.is_blocked(uuid, uuid),
  compat.is_active_member(uuid, uuid), compat.is_blocked_in_group(uuid, uuid) from public;
grant execute on function compat.is_listed(uuid), compat.is_blocked(uuid, uuid),
  compat.is_active_member(uuid, uuid), compat.is_blocked_in_group(uuid, uuid)
  to authenticated, service_role, compat_engine;

create view compat.compatibility_scores with (security_invoker = true) as
select s.user_id, s.rank, s.other_user_id, s.score, s.personality_match, s.preference_match, s.interest_match,
       s.completeness, s.run_id, s.model_version_id, s.calculated_at
from compat.pair_scores s
where s.run_id = (select p.run_id from compat.published p)
  and compat.is_listed(s.user_id)
  and compat.is_listed(s.other_user_id)
  and not compat.is_blocked(s.user_id, s.other_user_id);
comment on view compat.compatibility_scores is
  'Each person''s best matches in the published run, without pairs that block each other and people who are gone or restricted now';

create view compat.group_compatibility_scores with (security_invoker = true) as
select md5(s.group_id::text || s.user_id::text)::uuid as id,
       s.group_id, s.user_id, s.compatibility_score, s.personality_match, s.interest_match, s.style_match,
       s.calculated_at, s.is_member, s.rank, s.least_match, s.completeness, s.run_id, s.model_version_id
from compat.group_scores s
where s.run_id = (select p.run_id from compat.published p)
  and compat.is_listed(s.user_id)
  and not compat.is_blocked_in_group(s.group_id, s.user_id);
comment on view compat.group_compatibility_scores is
  'Fit of members and best candidates of each open group in the published run; id is stable for a group and a person';

-- The API's names for the two. A running application may have a table of such a name: then that stays, and readers take
-- the view of schema compat.
do $$
declare
  result name;
begin
  foreach result in array array['compatibility_scores', 'group_compatibility_scores']::name[] loop
    continue when to_regclass('public.' || result) is not null;
    execute format('create view public.%1$I with (security_invoker = true) as select * from compat.%1$I', result);
    execute format('comment on view public.%I is %L', result, obj_description(('compat.' || result)::regclass, 'pg_class'));
    execute format('revoke all on public.%I from public, anon, authenticated, service_role', result);
    execute format('grant select on public.%I to authenticated, service_role, compat_engine', result);
  end loop;
end
$$;

-- The tables that hold outputs belong to the engine: COPY into a table with row-level security is the owner's
-- right alone, and attaching a slice is too.
alter table compat.claims owner to compat_engine;
alter table compat.runs owner to compat_engine;
alter table compat.published owner to compat_engine;
alter table compat.publications owner to compat_engine;
alter table compat.pair_scores owner to compat_engine;
alter table compat.group_scores owner to compat_engine;
alter table compat.group_cohesion owner to compat_engine;
alter table compat.group_requests owner to compat_engine;
alter table compat.quarantine owner to compat_engine;
alter table compat.erasures owner to compat_engine;
