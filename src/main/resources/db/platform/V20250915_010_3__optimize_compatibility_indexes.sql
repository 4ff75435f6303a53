-- Covering indexes for what compatibility reads most: each answers its reader without touching the table.
--
-- The tables are ordered by nothing, the readers go by user id: a page fetched for each person is what a
-- read of a million people otherwise costs. No index stands here without a reader; its comment names it.

-- The engine's population reader (all travellers by id), and compat.is_listed() for each row of the views of scores.
create index idx_profiles_travelers on public.profiles (id) include (account_status, restriction_expires, date_of_birth)
    where role = 'traveler';
comment on index public.idx_profiles_travelers is
    'Readers: the nightly population read, in order of id; compat.is_listed(), which the views of scores call for each row';

-- The engine's population reader, joined by user id.
create index idx_personality_assessments_population on public.personality_assessments (user_id)
    include (openness, conscientiousness, extraversion, agreeableness, neuroticism,
             adventure_style, budget_preference, planning_style, group_preference);
comment on index public.idx_personality_assessments_population is
    'Reader: the nightly population read, which joins everybody''s traits and styles in order of user id';

-- A block is one connection in thousands; without this all connections are read for them.
create index idx_user_connections_blocked on public.user_connections (requester_id, addressee_id) where status = 'blocked';
comment on index public.idx_user_connections_blocked is
    'Readers: the nightly read of all blocks; compat.is_blocked_in_group() for the blocks somebody made';
create index idx_user_connections_blocked_by on public.user_connections (addressee_id, requester_id) where status = 'blocked';
comment on index public.idx_user_connections_blocked_by is
    'Reader: compat.is_blocked_in_group() and app_private.my_block_ids() for the blocks made against somebody';

create index idx_group_members_membership on public.group_members (group_id, user_id) include (is_active);
comment on index public.idx_group_members_membership is
    'Readers: the engine''s list of each group''s members, nightly and on demand; compat.is_active_member() for each row of group scores';
