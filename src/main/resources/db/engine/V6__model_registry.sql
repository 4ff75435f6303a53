-- What became of each model version and why, how often held-out pairs were used, and what a candidate would change.

-- Which version was what, when, and by whose decision. Written by a trigger on the registry, so that no change of a
-- state, whoever makes it, goes unrecorded; nobody may change it. No foreign key: it outlives the version.
create table compat.model_events (
  event_id         bigint      generated always as identity primary key,
  model_version_id integer     not null,
  model            text        not null,
  action           text        not null check (action in ('register', 'shadow', 'promote', 'retire', 'reject', 'rollback', 'change', 'delete')),
  from_state       text        check (from_state in ('candidate', 'shadow', 'champion', 'retired', 'rejected')),
  to_state         text        check (to_state in ('candidate', 'shadow', 'champion', 'retired', 'rejected')),
  why              text        not null,
  override         text,
  happened_at      timestamptz not null default clock_timestamp(),
  who              text        not null default session_user
);
comment on table compat.model_events is 'Append-only: every registration and change of state of a model version';
comment on column compat.model_events.override is 'Why the promotion gate''s refusal was overridden; null if it agreed';
create index model_events_model_version_id on compat.model_events (model_version_id, event_id);

create function compat.refuse_change() returns trigger
language plpgsql set search_path = '' as $$
begin
  raise exception '%.% is append-only: what was recorded stays', tg_table_schema, tg_table_name
    using errcode = 'insufficient_privilege';
end
$$;
revoke all on function compat.refuse_change() from public;
create trigger append_only before update or delete or truncate on compat.model_events
  for each statement execute function compat.refuse_change();

-- The engine says what it does and why in settings of its transaction.
create function compat.record_model_event() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  why constant text := coalesce(nullif(current_setting('compat.why', true), ''),
                                 case tg_op when 'INSERT' then 'registered' else 'no reason was given' end);
begin
  if tg_op = 'INSERT' then
    insert into compat.model_events (model_version_id, model, action, to_state, why)
    values (new.id, new.name || ' ' || new.version, 'register', new.state, why);
  elsif tg_op = 'DELETE' then
    insert into compat.model_events (model_version_id, model, action, from_state, why)
    values (old.id, old.name || ' ' || old.version, 'delete', old.state, why);
  elsif new.state is distinct from old.state then
    insert into compat.model_events (model_version_id, model, action, from_state, to_state, why, override)
    values (new.id, new.name || ' ' || new.version, coalesce(nullif(current_setting('compat.action', true), ''), 'change'),
            old.state, new.state, why, nullif(current_setting('compat.override', true), ''));
  end if;
  return null;
end
$$;
revoke all on function compat.record_model_event() from public;
create trigger record_model_event after insert or update of state or delete on public.compatibility_model_versions
  for each row execute function compat.record_model_event();

-- Those that were there before.
insert into compat.model_events (model_version_id, model, action, to_state, why, happened_at, who)
  select id, name || ' ' || version, 'register', state, 'registered before events were recorded', state_changed_at, created_by
  from public.compatibility_model_versions order by created_at, id;

-- Pairs that have judged many models say less of the next one.
create table compat.holdout_uses (
  holdout_use_id   bigint      generated always as identity primary key,
  holdout_sha256   text        not null check (holdout_sha256 ~ '^[0-9a-f]{64}$'),
  model_version_id integer     not null references public.compatibility_model_versions (id) on delete cascade,
  used_at          timestamptz not null default clock_timestamp(),
  purpose          text        not null check (purpose in ('training', 'comparison', 'promotion'))
);
comment on table compat.holdout_uses is 'Which held-out pairs judged which model version, and what for';
create index holdout_uses_holdout_sha256 on compat.holdout_uses (holdout_sha256);
create index holdout_uses_model_version_id on compat.holdout_uses (model_version_id);

-- What the lists of a candidate would be, against those of the champion.
create table compat.shadow_reports (
  shadow_report_id    bigint      generated always as identity primary key,
  model_version_id    integer     not null references public.compatibility_model_versions (id) on delete cascade,
  champion_version_id integer     not null references public.compatibility_model_versions (id) on delete cascade,
  run_id              bigint      not null references compat.runs (run_id),
  report              jsonb       not null check (jsonb_typeof(report) = 'object'),
  created_at          timestamptz not null default clock_timestamp()
);
create index shadow_reports_model_version_id on compat.shadow_reports (model_version_id, champion_version_id, shadow_report_id);
create index shadow_reports_champion_version_id on compat.shadow_reports (champion_version_id);
create index shadow_reports_run_id on compat.shadow_reports (run_id);

-- A report names the few people whose matches would change most; who is gone is not named any more.
create function compat.forget_in_shadow_reports() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'UPDATE' and (new.account_status::text <> 'deleted' or old.account_status::text is not distinct from 'deleted') then
    return null;
  end if;
  update compat.shadow_reports r
    set report = jsonb_set(r.report, '{most_changed}', coalesce(
      (select jsonb_agg(c) from jsonb_array_elements(r.report -> 'most_changed') c where c ->> 'user_id' <> old.id::text), '[]'))
    where r.report -> 'most_changed' @> jsonb_build_array(jsonb_build_object('user_id', old.id));
  return null;
end
$$;
revoke all on function compat.forget_in_shadow_reports() from public;
create trigger forget_in_shadow_reports after delete or update of account_status on public.profiles
  for each row execute function compat.forget_in_shadow_reports();

-- A shadow run is never published.
alter table compat.runs drop constraint runs_state_check;
alter table compat.runs add constraint runs_state_check check (state in
  ('running', 'unchanged', 'withheld', 'published', 'expired', 'superseded', 'failed',
   'shadow'));   -- complete, of a model that is not champion: compared with the published run; its rows are dropped then

alter table compat.model_events enable row level security;
alter table compat.holdout_uses enable row level security;
alter table compat.shadow_reports enable row level security;
grant select on compat.model_events to compat_engine, service_role;
grant select, insert on compat.holdout_uses, compat.shadow_reports to compat_engine;
create policy "Events can be read" on compat.model_events for select to compat_engine, service_role using (true);
create policy "The engine reads uses" on compat.holdout_uses for select to compat_engine using (true);
create policy "The engine counts uses" on compat.holdout_uses for insert to compat_engine with check (true);
create policy "The engine reads shadow reports" on compat.shadow_reports for select to compat_engine using (true);
create policy "The engine keeps shadow reports" on compat.shadow_reports for insert to compat_engine with check (true);

-- Which version made a score, and what it was trained on, for everybody who may read scores. Not the artefact, and
-- nobody's training pairs: therefore a view of the registry's owner, for the registry itself is closed to the signed in.
create view compat.compatibility_models as
select id, name, version, state, algorithm, training_from, training_to, training_rows, training_sha256, created_at
from public.compatibility_model_versions;
comment on view compat.compatibility_models is
  'What a model_version_id of a score stands for: which model, and the labelled pairs it was trained on (null: none)';
revoke all on compat.compatibility_models from public, anon, authenticated, service_role;
grant select on compat.compatibility_models to authenticated, service_role;
do $$
begin
  -- As with the scores: what a running application has of that name stays.
  if to_regclass('public.compatibility_models') is null then
    create view public.compatibility_models with (security_invoker = true) as select * from compat.compatibility_models;
    comment on view public.compatibility_models is 'The API''s name for compat.compatibility_models';
    revoke all on public.compatibility_models from public, anon, authenticated, service_role;
    grant select on public.compatibility_models to authenticated, service_role;
  end if;
end
$$;
