-- Undoes V20250915_010_3: covering indexes for compatibility.

drop index public.idx_group_members_membership;
drop index public.idx_user_connections_blocked_by;
drop index public.idx_user_connections_blocked;
drop index public.idx_personality_assessments_population;
drop index public.idx_profiles_travelers;
