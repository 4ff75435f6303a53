-- Undoes version 2: every run and its scores, the history of profiles, the quarantine.

-- An adopted database may have had relations of these names before: then they are no views of ours.
do $$
declare
  result name;
begin
  foreach result in array array['group_compatibility_scores', 'compatibility_scores']::name[] loop
    if exists (select from pg_catalog.pg_class c
               join pg_catalog.pg_rewrite r on r.ev_class = c.oid
               join pg_catalog.pg_depend d on d.objid = r.oid and d.refobjid = to_regclass('compat.' || result)
               where c.oid = to_regclass('public.' || result) and c.relkind = 'v') then
      execute format('drop view public.%I', result);
    end if;
  end loop;
end
$$;
drop view compat.group_compatibility_scores;
drop view compat.compatibility_scores;
drop function compat.is_blocked_in_group(uuid, uuid);
drop function compat.is_active_member(uuid, uuid);
drop function compat.is_blocked(uuid, uuid);
drop function compat.is_listed(uuid);
drop function compat.is_unrestricted(text, timestamptz, timestamptz);

drop trigger profile_history on public.travel_preferences;
drop trigger profile_history on public.personality_assessments;
drop function compat.record_profile_change();
drop table compat.profile_history;

drop view compat.blocks;
drop view compat.group_members;
drop view compat.groups;
drop view compat.travel_preferences;
drop view compat.personality_assessments;
drop view compat.profiles;

drop table compat.erasures;
drop table compat.quarantine;
drop table compat.group_requests;
drop table compat.group_cohesion;
-- With their partitions, the rows of each run.
drop table compat.group_scores;
drop table compat.pair_scores;
drop table compat.publications;
drop table compat.published;
drop table compat.runs;
drop table compat.claims;

-- Slices of interrupted runs hang on nothing yet; a run's own table goes with its slices.
do $$
declare
  leftover text;
begin
  for leftover in
    select format('drop table compat.%I', c.relname)
    from pg_catalog.pg_class c
    where c.relnamespace = 'compat'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and c.relname ~ '^(pair|group)_scores_r[0-9]+(_s[0-9]+)?$'
  loop
    execute leftover;
  end loop;
end
$$;
