-- People and their settings: profiles extend the accounts of auth.users, user_preferences hold how the application treats them.
--
-- How access works here and in every later file: row-level security decides about rows, grants by
-- column decide about columns. Supabase's default privileges hand every new table to the roles of the
-- API, therefore each table begins with a revoke. service_role has a policy on every table, because it
-- holds BYPASSRLS on Supabase only. Columns that nobody may set on himself (role, account status,
-- ratings, verification) carry no grant at all: the back end writes them as service_role.

create type public.user_role as enum ('traveler', 'vendor', 'admin');

-- Functions that policies and triggers call. It is no schema of the API, and nobody has USAGE on it:
-- a policy needs EXECUTE only.
create schema app_private;
comment on schema app_private is 'Functions behind policies and triggers of schema public; not exposed to any API';
revoke all on schema app_private from public;

create table public.profiles (
    id                  uuid           not null primary key references auth.users (id) on delete cascade,
    username            text,
    full_name           text,
    avatar_url          text,
    bio                 text,
    location            text,
    role                public.user_role not null default 'traveler',
    is_verified         boolean        default false,
    email_verified      boolean        default false,
    phone_verified      boolean        default false,
    phone_number        text,
    date_of_birth       date,
    account_status      varchar        default 'active',
    restriction_expires timestamptz,
    warning_count       integer        default 0,
    reputation_score    integer        default 0,
    created_at          timestamptz    not null default now(),
    updated_at          timestamptz    not null default now(),

    constraint profiles_username_length       check (char_length(username) between 2 and 50 and username = btrim(username)),
    constraint profiles_full_name_length      check (char_length(full_name) <= 200),
    constraint profiles_bio_length            check (char_length(bio) <= 5000),
    constraint profiles_location_length       check (char_length(location) <= 200),
    constraint profiles_phone_number_length   check (char_length(phone_number) <= 40),
    constraint profiles_date_of_birth_range   check (date_of_birth between date '1900-01-01' and date '2100-01-01'),
    constraint profiles_account_status_known  check (account_status in ('active', 'restricted', 'suspended', 'banned', 'deleted')),
    constraint profiles_warning_count_range   check (warning_count >= 0),
    constraint profiles_reputation_range      check (reputation_score between -1000000 and 1000000)
);
comment on table  public.profiles is 'One row for each person; role, status and counters are written by the back end only';
comment on column public.profiles.account_status is
    'active, restricted, suspended, banned or deleted; restricted and suspended end by themselves at restriction_expires';
comment on column public.profiles.restriction_expires is
    'When a restriction or suspension ends; null means until further notice. Readers compare it with the present, nothing needs to run';

-- The first serves `username = ?` and ON CONFLICT; the second keeps Anna from posing as anna.
create unique index idx_profiles_username       on public.profiles (username);
create unique index idx_profiles_username_lower on public.profiles (lower(username));
create index idx_profiles_role     on public.profiles (role);
create index idx_profiles_location on public.profiles (location);

create table public.user_preferences (
    id                          uuid        not null primary key default gen_random_uuid(),
    user_id                     uuid        not null references public.profiles (id) on delete cascade,
    email_notifications         boolean     default true,
    push_notifications          boolean     default true,
    sms_notifications           boolean     default false,
    whatsapp_notifications      boolean     default false,
    marketing_emails            boolean     default false,
    booking_notifications       boolean     default true,
    group_notifications         boolean     default true,
    vendor_offers_notifications boolean     default false,
    marketing_notifications     boolean     default false,
    notification_frequency      text        default 'immediate',
    whatsapp_preferences        jsonb       default '{}',
    privacy_level               text        default 'public',
    language                    text        default 'en',
    currency                    text        default 'USD',
    timezone                    text        default 'UTC',
    theme                       text        default 'system',
    created_at                  timestamptz not null default now(),
    updated_at                  timestamptz not null default now(),

    constraint user_preferences_user_id_key             unique (user_id),
    constraint user_preferences_frequency_known         check (notification_frequency in ('immediate', 'hourly', 'daily', 'weekly', 'never')),
    constraint user_preferences_privacy_level_known     check (privacy_level in ('public', 'friends', 'connections', 'private')),
    constraint user_preferences_currency_form           check (currency ~ '^[A-Z]{3}$'),
    constraint user_preferences_language_form           check (language ~ '^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$'),
    constraint user_preferences_timezone_length         check (char_length(timezone) between 1 and 64),
    constraint user_preferences_theme_known             check (theme in ('light', 'dark', 'system', 'auto')),
    constraint user_preferences_whatsapp_is_object      check (jsonb_typeof(whatsapp_preferences) = 'object')
);
comment on table public.user_preferences is 'How the application treats a person: notifications, language, currency; travel wishes are in travel_preferences';

-- The time of the last change. The triggers that call it skip updates that change nothing, so that a
-- repeated write does not look like new data.
create function public.update_updated_at_column() returns trigger
    language plpgsql
    set search_path = ''
as $function$
begin
    new.updated_at := now();
    return new;
end
$function$;
revoke execute on function public.update_updated_at_column() from public, anon, authenticated;

create trigger update_profiles_updated_at
    before update on public.profiles
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();
create trigger update_user_preferences_updated_at
    before update on public.user_preferences
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();

-- Security definer, since a policy on profiles that read profiles through its own policies would recurse.
create function app_private.is_admin() returns boolean
    language sql stable security definer
    set search_path = ''
as $function$
    select exists (
        select
        from public.profiles p
        where p.id = auth.uid()
          and p.role = 'admin'
          and (coalesce(p.account_status, 'active') = 'active' or p.restriction_expires <= now() and p.account_status in ('restricted', 'suspended')))
$function$;
comment on function app_private.is_admin() is 'Whether the person asking is an administrator whose account is in force';
revoke execute on function app_private.is_admin() from public;
grant execute on function app_private.is_admin() to anon, authenticated, service_role;

-- The columns of one's own row that strangers must not read carry no SELECT grant; this is the way to them.
create function public.my_profile() returns setof public.profiles
    language sql stable security definer
    set search_path = ''
as $function$
    select p.* from public.profiles p where p.id = auth.uid()
$function$;
comment on function public.my_profile() is 'The whole profile of the person asking, private columns included';
revoke execute on function public.my_profile() from public, anon, authenticated;
grant execute on function public.my_profile() to authenticated, service_role;

alter table public.profiles enable row level security;
revoke all on table public.profiles from public, anon, authenticated;
grant all on table public.profiles to service_role;
grant select (id, username, full_name, avatar_url, bio, location, role, is_verified, email_verified, phone_verified,
              reputation_score, created_at, updated_at)
    on table public.profiles to anon, authenticated;
grant insert (id, username, full_name, avatar_url, bio, location, role, phone_number, date_of_birth)
    on table public.profiles to authenticated;
grant update (username, full_name, avatar_url, bio, location, phone_number, date_of_birth)
    on table public.profiles to authenticated;

create policy "Public profiles are viewable by everyone"
    on public.profiles for select using (true);
create policy "Users can insert own profile"
    on public.profiles for insert to authenticated
    with check ((select auth.uid()) = id and role in ('traveler', 'vendor'));
create policy "Users can update own profile"
    on public.profiles for update to authenticated
    using ((select auth.uid()) = id) with check ((select auth.uid()) = id);
create policy "Admins can update profiles"
    on public.profiles for update to authenticated
    using ((select app_private.is_admin())) with check ((select app_private.is_admin()));
create policy "Service role manages profiles"
    on public.profiles for all to service_role using (true) with check (true);

alter table public.user_preferences enable row level security;
revoke all on table public.user_preferences from public, anon, authenticated;
grant all on table public.user_preferences to service_role;
grant select, insert, update, delete on table public.user_preferences to authenticated;

create policy "Users can manage own preferences"
    on public.user_preferences for all to authenticated
    using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
create policy "Service role manages user preferences"
    on public.user_preferences for all to service_role using (true) with check (true);
