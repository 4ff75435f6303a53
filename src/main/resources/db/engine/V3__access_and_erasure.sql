-- Who may read what, and what happens when a person is deleted.

alter table compat.claims enable row level security;
alter table compat.runs enable row level security;
alter table compat.published enable row level security;
alter table compat.publications enable row level security;
alter table compat.pair_scores enable row level security;
alter table compat.group_scores enable row level security;
alter table compat.group_cohesion enable row level security;
alter table compat.group_requests enable row level security;
alter table compat.quarantine enable row level security;
alter table compat.erasures enable row level security;
alter table compat.profile_history enable row level security;

grant select on compat.published, compat.pair_scores, compat.group_scores to authenticated, service_role;
grant select on compat.compatibility_scores, compat.group_compatibility_scores to authenticated, service_role, compat_engine;

create policy "Everyone signed in may know which run is published"
  on compat.published for select to authenticated, service_role using (true);
-- The view hides blocked and restricted people from everyone; the policy repeats it for the table itself.
create policy "People read their own matches"
  on compat.pair_scores for select to authenticated
  using (user_id = (select auth.uid()) and compat.is_listed(other_user_id)
         and not compat.is_blocked(user_id, other_user_id));
create policy "The service reads all matches"
  on compat.pair_scores for select to service_role using (true);
create policy "People read their own fit, members that of their group"
  on compat.group_scores for select to authenticated
  using (user_id = (select auth.uid()) or compat.is_active_member(group_id, (select auth.uid())));
create policy "The service reads all fits"
  on compat.group_scores for select to service_role using (true);

-- What the engine reads: the views of its inputs, and the registry. Nothing else of the platform.
grant select on compat.profiles, compat.personality_assessments, compat.travel_preferences, compat.groups,
  compat.group_members, compat.blocks to compat_engine;
grant select, insert, update on public.compatibility_model_versions to compat_engine;

create policy "The engine reads the registry" on public.compatibility_model_versions for select to compat_engine using (true);
create policy "The engine registers versions" on public.compatibility_model_versions for insert to compat_engine with check (true);
create policy "The engine moves versions" on public.compatibility_model_versions for update to compat_engine using (true) with check (true);
grant select on compat.profile_history to compat_engine;
create policy "The engine reads its inputs" on compat.profile_history for select to compat_engine using (true);

-- No foreign key hangs on the bulk-loaded slices (each would cost a look-up a row): this trigger is their ON DELETE
-- CASCADE. It runs as compat_engine, who owns them.
create function compat.erase_people() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  -- Shared with other erasures, exclusive with a publication: see the purge before the pointer moves.
  perform pg_advisory_xact_lock_shared(hashtextextended('compat.erasure', 0));
  insert into compat.erasures (user_id) select id from erased
    on conflict (user_id) do update set erased_at = excluded.erased_at;
  delete from compat.pair_scores where user_id in (select id from erased);
  delete from compat.pair_scores where other_user_id in (select id from erased);
  delete from compat.group_scores where user_id in (select id from erased);
  delete from compat.quarantine where user_id in (select id from erased);
  return null;
end
$$;
alter function compat.erase_people() owner to compat_engine;
revoke all on function compat.erase_people() from public;

create trigger erase_scores after delete on public.profiles
  referencing old table as erased
  for each statement execute function compat.erase_people();

-- What was learnt of a person is not the engine's to delete: this one runs as the owner. An adopted database need not
-- have the foreign keys that would do the same.
create function compat.forget_people() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  delete from compat.profile_history where user_id in (select id from erased);
  delete from public.model_training_data where user_a in (select id from erased);
  delete from public.model_training_data where user_b in (select id from erased);
  delete from public.user_behavior_data where user_id in (select id from erased);
  return null;
end
$$;
revoke all on function compat.forget_people() from public;

create trigger forget_people after delete on public.profiles
  referencing old table as erased
  for each statement execute function compat.forget_people();

-- An account marked deleted keeps its row where money has moved; nothing that was learnt of the person stays.
create function compat.erase_account() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform pg_advisory_xact_lock_shared(hashtextextended('compat.erasure', 0));
  insert into compat.erasures (user_id) values (new.id)
    on conflict (user_id) do update set erased_at = excluded.erased_at;
  delete from compat.pair_scores where user_id = new.id;
  delete from compat.pair_scores where other_user_id = new.id;
  delete from compat.group_scores where user_id = new.id;
  delete from compat.quarantine where user_id = new.id;
  return null;
end
$$;
alter function compat.erase_account() owner to compat_engine;

create function compat.forget_account() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  delete from compat.profile_history where user_id = new.id;
  delete from public.model_training_data where user_a = new.id;
  delete from public.model_training_data where user_b = new.id;
  delete from public.user_behavior_data where user_id = new.id;
  return null;
end
$$;
revoke all on function compat.erase_account(), compat.forget_account() from public;

create trigger scores_of_deleted_account after update of account_status on public.profiles
  for each row when (new.account_status::text = 'deleted' and old.account_status::text is distinct from 'deleted')
  execute function compat.erase_account();
-- Triggers fire in the order of their names: this one after the platform's remove_personal_data, whose deletions
-- are recorded in the history.
create trigger the_history_of_deleted_account after update of account_status on public.profiles
  for each row when (new.account_status::text = 'deleted' and old.account_status::text is distinct from 'deleted')
  execute function compat.forget_account();

-- The same for a deleted group. The runs are named so that the primary key (run_id, group_id, ...) serves.
create function compat.erase_groups() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform pg_advisory_xact_lock_shared(hashtextextended('compat.erasure', 0));
  delete from compat.group_scores
    where run_id in (select run_id from compat.runs where state <> 'expired')
      and group_id in (select id from erased);
  delete from compat.group_cohesion where group_id in (select id from erased);
  delete from compat.group_requests where group_id in (select id from erased);
  return null;
end
$$;
alter function compat.erase_groups() owner to compat_engine;
revoke all on function compat.erase_groups() from public;

create trigger erase_scores after delete on public.groups
  referencing old table as erased
  for each statement execute function compat.erase_groups();
