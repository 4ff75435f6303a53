-- Travel groups and what decides who travels well together: groups, members, personality assessments, travel preferences.
--
-- The guide's compatibility_scores, and group_compatibility_scores of the running application, are no
-- tables here: they are views of the published scoring run, made by the engine layer, which also owns
-- the rows beneath them. A table of that name would have to be copied to at every publication.

create type public.group_privacy     as enum ('public', 'private', 'invite_only');
create type public.group_member_role as enum ('owner', 'admin', 'member');

create table public.groups (
    id              uuid        not null primary key default gen_random_uuid(),
    name            text        not null,
    description     text,
    owner_id        uuid        not null references public.profiles (id) on delete cascade,
    privacy         public.group_privacy default 'public',
    max_members     integer     default 10,
    current_members integer     default 0,
    avatar_url      text,
    cover_image_url text,
    location        text,
    interests       text[],
    age_range       int4range,
    is_active       boolean     default true,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),

    constraint groups_name_length           check (char_length(name) between 1 and 200),
    constraint groups_description_length    check (char_length(description) <= 10000),
    constraint groups_max_members_range     check (max_members between 1 and 1000),
    constraint groups_current_members_range check (current_members >= 0 and current_members <= max_members),
    constraint groups_interests_limit       check (cardinality(interests) <= 64 and array_position(interests, null) is null),
    constraint groups_age_range_plausible   check (not isempty(age_range)
                                                   and (lower_inf(age_range) or lower(age_range) >= 0)
                                                   and (upper_inf(age_range) or upper(age_range) <= 151))
);
comment on table  public.groups is 'Travel groups; private ones are visible to their members only, invite_only ones to everyone signed in';
comment on column public.groups.current_members is 'Active members; kept by a trigger, and the check makes overfilling impossible';
create index idx_groups_owner_id  on public.groups (owner_id);
create index idx_groups_open      on public.groups (privacy) where is_active;
create index idx_groups_interests on public.groups using gin (interests);

create table public.group_members (
    id                     uuid        not null primary key default gen_random_uuid(),
    group_id               uuid        not null references public.groups (id) on delete cascade,
    user_id                uuid        not null references public.profiles (id) on delete cascade,
    role                   public.group_member_role default 'member',
    joined_at              timestamptz not null default now(),
    invited_by             uuid        references public.profiles (id) on delete set null,
    invitation_accepted_at timestamptz,
    is_active              boolean     default true,

    constraint group_members_person_key unique (group_id, user_id)
);
comment on table  public.group_members is 'Who belongs to a group; a pending invitation is a row that is not active';
comment on column public.group_members.is_active is 'False: left, or invited and not yet accepted';
create index idx_group_members_user_id    on public.group_members (user_id);
create index idx_group_members_invited_by on public.group_members (invited_by) where invited_by is not null;

alter table public.bookings
    add constraint bookings_group_id_fkey foreign key (group_id) references public.groups (id) on delete set null;

create table public.personality_assessments (
    id                uuid        not null primary key default gen_random_uuid(),
    user_id           uuid        not null references public.profiles (id) on delete cascade,
    openness          numeric(3,2),
    conscientiousness numeric(3,2),
    extraversion      numeric(3,2),
    agreeableness     numeric(3,2),
    neuroticism       numeric(3,2),
    -- No vocabulary: the running application writes its own words, and readers map them.
    adventure_style   text,
    budget_preference text,
    planning_style    text,
    group_preference  text,
    completed_at      timestamptz not null default now(),
    updated_at        timestamptz not null default now(),

    constraint personality_assessments_user_id_key             unique (user_id),
    constraint personality_assessments_openness_range          check (openness between 0 and 1),
    constraint personality_assessments_conscientiousness_range check (conscientiousness between 0 and 1),
    constraint personality_assessments_extraversion_range      check (extraversion between 0 and 1),
    constraint personality_assessments_agreeableness_range     check (agreeableness between 0 and 1),
    constraint personality_assessments_neuroticism_range       check (neuroticism between 0 and 1)
);
comment on table public.personality_assessments is 'The Big Five of a person, each 0 to 1; nobody but that person reads it';

create table public.assessment_responses (
    id             uuid        not null primary key default gen_random_uuid(),
    user_id        uuid        not null references public.profiles (id) on delete cascade,
    question_id    integer     not null,
    question_text  text        not null,
    response_value integer,
    response_text  text,
    created_at     timestamptz not null default now(),

    constraint assessment_responses_question_range  check (question_id >= 0),
    constraint assessment_responses_value_range     check (response_value between 0 and 100),
    constraint assessment_responses_text_length     check (char_length(response_text) <= 10000)
);
comment on table public.assessment_responses is 'The answers behind an assessment; taking it again adds rows';
create index idx_assessment_responses_user_id on public.assessment_responses (user_id, question_id, created_at);

create table public.travel_preferences (
    user_id              uuid          not null primary key references public.profiles (id) on delete cascade,
    adventure_style      text,
    budget_preference    text,
    planning_style       text,
    group_preference     text,
    interests            text[],
    destinations         text[],
    daily_budget_min     numeric(10,2),
    daily_budget_max     numeric(10,2),
    budget_currency      text,
    available_dates      daterange[],
    trip_days_min        integer,
    trip_days_max        integer,
    experience_level     smallint,
    home_region          text,
    home_latitude        numeric(10,8),
    home_longitude       numeric(11,8),
    languages            text[],
    companion_age_range  int4range,
    companion_group_size int4range,
    created_at           timestamptz   not null default now(),
    updated_at           timestamptz   not null default now(),

    constraint travel_preferences_adventure_style_known   check (adventure_style in ('relaxed', 'cultural', 'moderate', 'active', 'extreme')),
    constraint travel_preferences_budget_preference_known check (budget_preference in ('budget', 'moderate', 'comfort', 'luxury')),
    constraint travel_preferences_planning_style_known    check (planning_style in ('spontaneous', 'flexible', 'planned', 'structured')),
    constraint travel_preferences_group_preference_known  check (group_preference in ('solo', 'couple', 'small', 'large')),
    -- 64 entries are more than anybody types and little enough to load for everyone.
    constraint travel_preferences_interests_limit    check (cardinality(interests) <= 64 and array_position(interests, null) is null
                                                            and char_length(array_to_string(interests, '')) <= 4096),
    constraint travel_preferences_destinations_limit check (cardinality(destinations) <= 64 and array_position(destinations, null) is null
                                                            and char_length(array_to_string(destinations, '')) <= 4096),
    constraint travel_preferences_languages_limit    check (cardinality(languages) <= 64 and array_position(languages, null) is null
                                                            and char_length(array_to_string(languages, '')) <= 4096),
    constraint travel_preferences_dates_limit        check (cardinality(available_dates) <= 64 and array_position(available_dates, null) is null
                                                            and array_position(available_dates, daterange 'empty') is null),
    -- An amount without its currency means nothing, and half a range cannot overlap another.
    constraint travel_preferences_budget_complete    check (num_nulls(daily_budget_min, daily_budget_max, budget_currency) in (0, 3)),
    constraint travel_preferences_budget_range       check (daily_budget_min >= 0 and daily_budget_min <= daily_budget_max),
    constraint travel_preferences_currency_form      check (budget_currency ~ '^[A-Z]{3}$'),
    constraint travel_preferences_trip_days_range    check (trip_days_min between 1 and 365 and trip_days_max between 1 and 365
                                                            and trip_days_min <= trip_days_max),
    constraint travel_preferences_experience_range   check (experience_level between 1 and 5),
    constraint travel_preferences_region_length      check (char_length(home_region) between 1 and 100),
    constraint travel_preferences_coordinates        check ((home_latitude is null) = (home_longitude is null)
                                                            and home_latitude between -90 and 90 and home_longitude between -180 and 180),
    constraint travel_preferences_companion_age      check (not isempty(companion_age_range)
                                                            and (lower_inf(companion_age_range) or lower(companion_age_range) >= 18)
                                                            and (upper_inf(companion_age_range) or upper(companion_age_range) <= 151)),
    constraint travel_preferences_companion_size     check (not isempty(companion_group_size)
                                                            and (lower_inf(companion_group_size) or lower(companion_group_size) >= 1)
                                                            and (upper_inf(companion_group_size) or upper(companion_group_size) <= 1001))
);
comment on table  public.travel_preferences is 'What a person wants of a trip, all of it optional; nobody but that person reads it';
comment on column public.travel_preferences.experience_level is '1 (first trip) to 5 (expert)';
comment on column public.travel_preferences.available_dates is 'When the person could travel; null means not said';

create trigger update_groups_updated_at
    before update on public.groups
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();
create trigger update_personality_assessments_updated_at
    before update on public.personality_assessments
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();
create trigger update_travel_preferences_updated_at
    before update on public.travel_preferences
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();

-- The policies of groups ask for members and those of group_members for groups. These functions look
-- past the policies and so end the recursion. They return sets rather than answer for one group,
-- because a policy then evaluates them once for a statement instead of once for each row.
create function app_private.my_group_ids(active_only boolean) returns setof uuid
    language sql stable security definer
    set search_path = ''
as $function$
    select g.id from public.groups g where g.owner_id = auth.uid()
    union
    select m.group_id from public.group_members m where m.user_id = auth.uid() and (m.is_active or not active_only)
$function$;
comment on function app_private.my_group_ids(boolean) is 'Groups that the person asking owns or belongs to; with invitations and former groups unless active_only';

create function app_private.my_managed_group_ids() returns setof uuid
    language sql stable security definer
    set search_path = ''
as $function$
    select g.id from public.groups g where g.owner_id = auth.uid()
    union
    select m.group_id from public.group_members m where m.user_id = auth.uid() and m.is_active and m.role in ('owner', 'admin')
$function$;
comment on function app_private.my_managed_group_ids() is 'Groups that the person asking owns or administers';

revoke execute on function app_private.my_group_ids(boolean), app_private.my_managed_group_ids() from public;
grant execute on function app_private.my_group_ids(boolean), app_private.my_managed_group_ids() to anon, authenticated, service_role;

-- A grant on the column would let members promote themselves.
create function public.set_group_member_role(target_group uuid, member uuid, new_role public.group_member_role) returns void
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    if new_role = 'owner' or target_group not in (select app_private.my_managed_group_ids()) then
        raise exception 'User % may not make user % % of group %.', auth.uid(), member, new_role, target_group
            using errcode = 'insufficient_privilege',
                  hint = 'Owners and administrators of a group appoint administrators and members; ownership follows groups.owner_id.';
    end if;
    update public.group_members m set role = new_role
    where m.group_id = target_group and m.user_id = member and m.is_active and m.role <> 'owner';
    if not found then
        raise exception 'User % is no active member of group % whose role can change.', member, target_group using errcode = 'no_data_found';
    end if;
end
$function$;
comment on function public.set_group_member_role(uuid, uuid, public.group_member_role) is 'Appoints an administrator of a group, or ends the appointment';
revoke execute on function public.set_group_member_role(uuid, uuid, public.group_member_role) from public, anon, authenticated;
grant execute on function public.set_group_member_role(uuid, uuid, public.group_member_role) to authenticated, service_role;

alter table public.groups enable row level security;
revoke all on table public.groups from public, anon, authenticated;
grant all on table public.groups to service_role;
grant select on table public.groups to anon, authenticated;
grant delete on table public.groups to authenticated;
grant insert (id, name, description, owner_id, privacy, max_members, avatar_url, cover_image_url, location, interests, age_range, is_active)
    on table public.groups to authenticated;
grant update (name, description, privacy, max_members, avatar_url, cover_image_url, location, interests, age_range, is_active)
    on table public.groups to authenticated;

create policy "Public groups are viewable by everyone"
    on public.groups for select using (privacy = 'public');
create policy "Invite-only groups are viewable by signed-in users"
    on public.groups for select to authenticated using (privacy = 'invite_only');
create policy "Members and invited users can view their groups"
    on public.groups for select to authenticated
    using (owner_id = (select auth.uid()) or id in (select app_private.my_group_ids(false)));
create policy "Users can create groups"
    on public.groups for insert to authenticated with check ((select auth.uid()) = owner_id);
create policy "Owners and admins can update their groups"
    on public.groups for update to authenticated
    using (id in (select app_private.my_managed_group_ids())) with check (id in (select app_private.my_managed_group_ids()));
create policy "Owners can delete their groups"
    on public.groups for delete to authenticated using ((select auth.uid()) = owner_id);
create policy "Admins can view all groups"
    on public.groups for select to authenticated using ((select app_private.is_admin()));
create policy "Service role manages groups"
    on public.groups for all to service_role using (true) with check (true);

alter table public.group_members enable row level security;
revoke all on table public.group_members from public, anon, authenticated;
grant all on table public.group_members to service_role;
grant select, delete on table public.group_members to authenticated;
grant insert (id, group_id, user_id, role, invited_by, is_active) on table public.group_members to authenticated;
grant update (is_active, invitation_accepted_at) on table public.group_members to authenticated;

create policy "Users can view members of their own and public groups"
    on public.group_members for select to authenticated
    using (user_id = (select auth.uid())
           or group_id in (select app_private.my_group_ids(true))
           or exists (select from public.groups g where g.id = group_id and g.privacy = 'public'));
create policy "Users can join public groups and own groups"
    on public.group_members for insert to authenticated
    with check (user_id = (select auth.uid()) and invited_by is null
                and (role = 'member' and exists (select from public.groups g where g.id = group_id and g.privacy = 'public' and g.is_active)
                     or exists (select from public.groups g where g.id = group_id and g.owner_id = (select auth.uid()))));
-- An invitation is not active: nobody becomes a member without a deed of his own.
create policy "Owners and admins can invite"
    on public.group_members for insert to authenticated
    with check (group_id in (select app_private.my_managed_group_ids())
                and user_id <> (select auth.uid()) and invited_by = (select auth.uid()) and role = 'member' and is_active = false);
create policy "Users can accept invitations and leave"
    on public.group_members for update to authenticated
    using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy "Users can leave, owners and admins can remove"
    on public.group_members for delete to authenticated
    using (user_id = (select auth.uid()) or role <> 'owner' and group_id in (select app_private.my_managed_group_ids()));
create policy "Admins can view all group members"
    on public.group_members for select to authenticated using ((select app_private.is_admin()));
create policy "Service role manages group members"
    on public.group_members for all to service_role using (true) with check (true);

-- Shared trips teach the models who travels well together; nobody may book in the name of strangers.
create policy "Group bookings are for groups of one's own"
    on public.bookings as restrictive for insert to authenticated
    with check (group_id is null or group_id in (select app_private.my_group_ids(true)));

alter table public.personality_assessments enable row level security;
revoke all on table public.personality_assessments from public, anon, authenticated;
grant all on table public.personality_assessments to service_role;
grant select, insert, update, delete on table public.personality_assessments to authenticated;

create policy "Users can view own assessment"
    on public.personality_assessments for select to authenticated using ((select auth.uid()) = user_id);
create policy "Users can insert own assessment"
    on public.personality_assessments for insert to authenticated with check ((select auth.uid()) = user_id);
create policy "Users can update own assessment"
    on public.personality_assessments for update to authenticated
    using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
create policy "Users can delete own assessment"
    on public.personality_assessments for delete to authenticated using ((select auth.uid()) = user_id);
create policy "Service role manages assessments"
    on public.personality_assessments for all to service_role using (true) with check (true);

alter table public.assessment_responses enable row level security;
revoke all on table public.assessment_responses from public, anon, authenticated;
grant all on table public.assessment_responses to service_role;
grant select, insert, delete on table public.assessment_responses to authenticated;

create policy "Users can view own responses"
    on public.assessment_responses for select to authenticated using ((select auth.uid()) = user_id);
create policy "Users can insert own responses"
    on public.assessment_responses for insert to authenticated with check ((select auth.uid()) = user_id);
create policy "Users can delete own responses"
    on public.assessment_responses for delete to authenticated using ((select auth.uid()) = user_id);
create policy "Service role manages responses"
    on public.assessment_responses for all to service_role using (true) with check (true);

alter table public.travel_preferences enable row level security;
revoke all on table public.travel_preferences from public, anon, authenticated;
grant all on table public.travel_preferences to service_role;
grant select, insert, update, delete on table public.travel_preferences to authenticated;

create policy "Users can manage own travel preferences"
    on public.travel_preferences for all to authenticated
    using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
create policy "Service role manages travel preferences"
    on public.travel_preferences for all to service_role using (true) with check (true);
