-- Undoes version 2: every run and its scores, the history of profiles, the quarantine.

drop view public.group_compatibility_scores;
drop view public.compatibility_scores;
drop function compat.is_blocked_in_group(uuid, uuid);
drop function compat.is_active_member(uuid, uuid);
drop function compat.is_blocked(uuid, uuid);
drop function compat.is_listed(uuid);
drop function compat.is_unrestricted(text, timestamptz, timestamptz);

drop trigger profile_history on public.travel_preferences;
drop trigger profile_history on public.personality_assessments;
drop function compat.record_profile_change();
drop table compat.profile_history;

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
