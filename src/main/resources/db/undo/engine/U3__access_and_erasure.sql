-- Undoes version 3: policies and grants of the engine, and what removes a deleted person's scores.

drop trigger erase_scores on public.groups;
drop trigger the_history_of_deleted_account on public.profiles;
drop trigger scores_of_deleted_account on public.profiles;
drop trigger forget_people on public.profiles;
drop trigger erase_scores on public.profiles;
drop function compat.erase_groups();
drop function compat.forget_account();
drop function compat.erase_account();
drop function compat.forget_people();
drop function compat.erase_people();

drop policy "The engine reads its inputs" on compat.profile_history;
drop policy "The engine moves versions" on public.compatibility_model_versions;
drop policy "The engine registers versions" on public.compatibility_model_versions;
drop policy "The engine reads the registry" on public.compatibility_model_versions;
drop policy "The service reads all fits" on compat.group_scores;
drop policy "People read their own fit, members that of their group" on compat.group_scores;
drop policy "The service reads all matches" on compat.pair_scores;
drop policy "People read their own matches" on compat.pair_scores;
drop policy "Everyone signed in may know which run is published" on compat.published;

revoke select on compat.profile_history from compat_engine;
revoke select, insert, update on public.compatibility_model_versions from compat_engine;
revoke select on compat.profiles, compat.personality_assessments, compat.travel_preferences, compat.groups,
  compat.group_members, compat.blocks from compat_engine;
revoke select on compat.compatibility_scores, compat.group_compatibility_scores from authenticated, service_role, compat_engine;
revoke select on compat.published, compat.pair_scores, compat.group_scores from authenticated, service_role;

alter table compat.claims disable row level security;
alter table compat.runs disable row level security;
alter table compat.published disable row level security;
alter table compat.publications disable row level security;
alter table compat.pair_scores disable row level security;
alter table compat.group_scores disable row level security;
alter table compat.group_cohesion disable row level security;
alter table compat.group_requests disable row level security;
alter table compat.quarantine disable row level security;
alter table compat.erasures disable row level security;
alter table compat.profile_history disable row level security;
