-- Vendors and what they offer: adventures with their dates and media, and the papers that show a vendor is qualified and insured.

create type public.vendor_status      as enum ('pending', 'active', 'suspended', 'inactive');
create type public.adventure_category as enum ('hiking', 'climbing', 'cycling', 'water_sports', 'winter_sports', 'air_sports', 'camping',
                                               'wildlife', 'cultural', 'food_wine', 'wellness', 'photography', 'city_tour', 'road_trip', 'other');
create type public.difficulty_level   as enum ('easy', 'moderate', 'challenging', 'difficult', 'extreme');

create table public.vendors (
    id                         uuid           not null primary key default gen_random_uuid(),
    user_id                    uuid           not null references public.profiles (id) on delete cascade,
    business_name              text           not null,
    business_description       text,
    business_email             text,
    business_phone             text,
    website                    text,
    address                    text,
    city                       text,
    state_province             text,
    country                    text,
    postal_code                text,
    latitude                   numeric(10,8),
    longitude                  numeric(11,8),
    status                     public.vendor_status not null default 'pending',
    verification_status        text           default 'unverified',
    verification_date          timestamptz,
    stripe_account_id          text,
    stripe_onboarding_complete boolean        default false,
    commission_rate            numeric(5,2)   default 15.00,
    rating                     numeric(3,2)   default 0,
    total_reviews              integer        default 0,
    total_bookings             integer        default 0,
    refund_policy              jsonb,
    modification_settings      jsonb,
    cancellation_policy        jsonb,
    created_at                 timestamptz    not null default now(),
    updated_at                 timestamptz    not null default now(),

    -- One business for each account; its index also serves the foreign key and every "is this my vendor".
    constraint vendors_user_id_key               unique (user_id),
    constraint vendors_stripe_account_id_key     unique (stripe_account_id),
    constraint vendors_business_name_length      check (char_length(business_name) between 1 and 200),
    constraint vendors_coordinates               check ((latitude is null) = (longitude is null) and latitude between -90 and 90 and longitude between -180 and 180),
    constraint vendors_verification_status_known check (verification_status in ('unverified', 'pending', 'verified', 'rejected')),
    constraint vendors_commission_rate_range     check (commission_rate between 0 and 100),
    constraint vendors_rating_range              check (rating between 0 and 5),
    constraint vendors_total_reviews_range       check (total_reviews >= 0),
    constraint vendors_total_bookings_range      check (total_bookings >= 0)
);
comment on table  public.vendors is 'One business for each vendor account; status, rating and verification are written by the back end only';
comment on column public.vendors.commission_rate is 'Percentage of a booking that the platform keeps';

create index idx_vendors_status   on public.vendors (status);
create index idx_vendors_location on public.vendors (latitude, longitude);

create table public.adventures (
    id                  uuid           not null primary key default gen_random_uuid(),
    vendor_id           uuid           not null references public.vendors (id) on delete cascade,
    title               text           not null,
    description         text           not null,
    short_description   text,
    category            public.adventure_category not null,
    difficulty          public.difficulty_level default 'moderate',
    price               numeric(10,2)  not null,
    currency            text           default 'USD',
    duration_hours      numeric(5,2),
    min_capacity        integer        default 1,
    max_capacity        integer        not null,
    location_name       text,
    meeting_point       text,
    latitude            numeric(10,8),
    longitude           numeric(11,8),
    what_to_bring       text[],
    included            text[],
    not_included        text[],
    restrictions        text[],
    min_age             integer,
    max_age             integer,
    fitness_level       text,
    is_active           boolean        default true,
    is_featured         boolean        default false,
    rating              numeric(3,2)   default 0,
    total_reviews       integer        default 0,
    total_bookings      integer        default 0,
    cancellation_policy jsonb,
    modification_policy jsonb,
    created_at          timestamptz    not null default now(),
    updated_at          timestamptz    not null default now(),

    constraint adventures_title_length         check (char_length(title) between 1 and 300),
    constraint adventures_price_range          check (price >= 0),
    constraint adventures_currency_form        check (currency ~ '^[A-Z]{3}$'),
    constraint adventures_duration_range       check (duration_hours > 0),
    constraint adventures_capacity_range       check (max_capacity >= 1 and min_capacity between 1 and max_capacity),
    constraint adventures_coordinates          check ((latitude is null) = (longitude is null) and latitude between -90 and 90 and longitude between -180 and 180),
    constraint adventures_age_range            check (min_age between 0 and 150 and max_age between 0 and 150 and min_age <= max_age),
    constraint adventures_rating_range         check (rating between 0 and 5),
    constraint adventures_total_reviews_range  check (total_reviews >= 0),
    constraint adventures_total_bookings_range check (total_bookings >= 0)
);
comment on table public.adventures is 'What a vendor offers; visible to everyone while it and its vendor are active';
comment on column public.adventures.rating is 'Mean of its reviews, 0 without any: a null would sort before every rated adventure';

create index idx_adventures_vendor_id on public.adventures (vendor_id);
create index idx_adventures_category  on public.adventures (category, is_active);
create index idx_adventures_location  on public.adventures (latitude, longitude);
create index idx_adventures_rating    on public.adventures (rating desc);

create table public.adventure_availability (
    id              uuid           not null primary key default gen_random_uuid(),
    adventure_id    uuid           not null references public.adventures (id) on delete cascade,
    date            date           not null,
    start_time      time           not null,
    end_time        time           not null,
    available_spots integer        not null,
    booked_spots    integer        default 0,
    price_override  numeric(10,2),
    is_available    boolean        default true,
    created_at      timestamptz    not null default now(),
    updated_at      timestamptz    not null default now(),

    -- The end may lie before the start: a night tour ends on the next day.
    constraint adventure_availability_slot_key     unique (adventure_id, date, start_time),
    constraint adventure_availability_spots_range  check (available_spots >= 0 and booked_spots between 0 and available_spots),
    constraint adventure_availability_price_range  check (price_override >= 0)
);
comment on table  public.adventure_availability is 'A departure of an adventure and how many places it has';
comment on column public.adventure_availability.booked_spots is 'Places taken by bookings in force; kept by a trigger, and the check makes overbooking impossible';
create index idx_adventure_availability_date on public.adventure_availability (date, is_available);

create table public.adventure_media (
    id            uuid        not null primary key default gen_random_uuid(),
    adventure_id  uuid        not null references public.adventures (id) on delete cascade,
    media_type    text        default 'image',
    media_url     text        not null,
    thumbnail_url text,
    caption       text,
    display_order integer     default 0,
    is_primary    boolean     default false,
    created_at    timestamptz not null default now(),

    constraint adventure_media_type_known    check (media_type in ('image', 'video', 'document')),
    constraint adventure_media_url_length    check (char_length(media_url) between 1 and 2048)
);
comment on table public.adventure_media is 'Pictures and films of an adventure, in display order';
create index idx_adventure_media_adventure_id on public.adventure_media (adventure_id, display_order);
create unique index idx_adventure_media_one_primary on public.adventure_media (adventure_id) where is_primary;

create table public.vendor_certifications (
    id                   uuid        not null primary key default gen_random_uuid(),
    vendor_id            uuid        not null references public.vendors (id) on delete cascade,
    certification_name   text        not null,
    issuing_organization text,
    issue_date           date,
    expiry_date          date,
    certificate_number   text,
    certificate_url      text,
    is_verified          boolean     default false,
    created_at           timestamptz not null default now(),

    constraint vendor_certifications_name_length check (char_length(certification_name) between 1 and 200),
    constraint vendor_certifications_dates       check (issue_date <= expiry_date)
);
comment on table public.vendor_certifications is 'Professional certificates of a vendor; seen by the vendor and by administrators';
create index idx_vendor_certifications_vendor_id on public.vendor_certifications (vendor_id);

create table public.vendor_insurance (
    id              uuid           not null primary key default gen_random_uuid(),
    vendor_id       uuid           not null references public.vendors (id) on delete cascade,
    insurance_type  text           not null,
    provider_name   text           not null,
    policy_number   text,
    coverage_amount numeric(12,2),
    start_date      date           not null,
    end_date        date           not null,
    document_url    text,
    is_verified     boolean        default false,
    created_at      timestamptz    not null default now(),

    constraint vendor_insurance_type_length    check (char_length(insurance_type) between 1 and 100),
    constraint vendor_insurance_coverage_range check (coverage_amount >= 0),
    constraint vendor_insurance_dates          check (start_date <= end_date)
);
comment on table public.vendor_insurance is 'Insurance policies of a vendor; seen by the vendor and by administrators';
create index idx_vendor_insurance_vendor_id on public.vendor_insurance (vendor_id);

create trigger update_vendors_updated_at
    before update on public.vendors
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();
create trigger update_adventures_updated_at
    before update on public.adventures
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();
create trigger update_adventure_availability_updated_at
    before update on public.adventure_availability
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();

-- As my_profile(): a vendor's own contact data, Stripe account and commission.
create function public.my_vendor() returns setof public.vendors
    language sql stable security definer
    set search_path = ''
as $function$
    select v.* from public.vendors v where v.user_id = auth.uid()
$function$;
comment on function public.my_vendor() is 'The whole vendor record of the person asking, private columns included';
revoke execute on function public.my_vendor() from public, anon, authenticated;
grant execute on function public.my_vendor() to authenticated, service_role;

alter table public.vendors enable row level security;
revoke all on table public.vendors from public, anon, authenticated;
grant all on table public.vendors to service_role;
grant select (id, user_id, business_name, business_description, website, city, state_province, country, latitude, longitude, status,
              verification_status, verification_date, rating, total_reviews, total_bookings, refund_policy, modification_settings,
              cancellation_policy, created_at, updated_at)
    on table public.vendors to anon, authenticated;
grant insert (id, user_id, business_name, business_description, business_email, business_phone, website, address, city, state_province,
              country, postal_code, latitude, longitude, refund_policy, modification_settings, cancellation_policy)
    on table public.vendors to authenticated;
grant update (business_name, business_description, business_email, business_phone, website, address, city, state_province,
              country, postal_code, latitude, longitude, refund_policy, modification_settings, cancellation_policy)
    on table public.vendors to authenticated;

create policy "Active vendors are viewable by everyone"
    on public.vendors for select using (status = 'active');
create policy "Vendors can view own record"
    on public.vendors for select to authenticated using ((select auth.uid()) = user_id);
create policy "Users can become a vendor"
    on public.vendors for insert to authenticated with check ((select auth.uid()) = user_id);
create policy "Vendors can update own record"
    on public.vendors for update to authenticated
    using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
create policy "Admins can view all vendors"
    on public.vendors for select to authenticated using ((select app_private.is_admin()));
create policy "Service role manages vendors"
    on public.vendors for all to service_role using (true) with check (true);

alter table public.adventures enable row level security;
revoke all on table public.adventures from public, anon, authenticated;
grant all on table public.adventures to service_role;
grant select on table public.adventures to anon, authenticated;
grant delete on table public.adventures to authenticated;
grant insert (id, vendor_id, title, description, short_description, category, difficulty, price, currency, duration_hours, min_capacity,
              max_capacity, location_name, meeting_point, latitude, longitude, what_to_bring, included, not_included, restrictions,
              min_age, max_age, fitness_level, is_active, cancellation_policy, modification_policy)
    on table public.adventures to authenticated;
grant update (title, description, short_description, category, difficulty, price, currency, duration_hours, min_capacity,
              max_capacity, location_name, meeting_point, latitude, longitude, what_to_bring, included, not_included, restrictions,
              min_age, max_age, fitness_level, is_active, cancellation_policy, modification_policy)
    on table public.adventures to authenticated;

-- A suspended vendor could set is_active himself, hence the look at the vendor.
create policy "Active adventures are viewable by everyone"
    on public.adventures for select
    using (is_active and exists (select from public.vendors v where v.id = vendor_id and v.status = 'active'));
create policy "Vendors can manage own adventures"
    on public.adventures for all to authenticated
    using (vendor_id in (select v.id from public.vendors v where v.user_id = (select auth.uid())))
    with check (vendor_id in (select v.id from public.vendors v where v.user_id = (select auth.uid())));
create policy "Admins can manage adventures"
    on public.adventures for all to authenticated
    using ((select app_private.is_admin())) with check ((select app_private.is_admin()));
create policy "Service role manages adventures"
    on public.adventures for all to service_role using (true) with check (true);

alter table public.adventure_availability enable row level security;
revoke all on table public.adventure_availability from public, anon, authenticated;
grant all on table public.adventure_availability to service_role;
grant select on table public.adventure_availability to anon, authenticated;
grant delete on table public.adventure_availability to authenticated;
grant insert (id, adventure_id, date, start_time, end_time, available_spots, price_override, is_available)
    on table public.adventure_availability to authenticated;
grant update (date, start_time, end_time, available_spots, price_override, is_available)
    on table public.adventure_availability to authenticated;

-- The sub-select is under the adventures' own policies: what cannot be seen has no dates either.
create policy "Availability of visible adventures is viewable by everyone"
    on public.adventure_availability for select
    using (exists (select from public.adventures a where a.id = adventure_id));
create policy "Vendors can manage own availability"
    on public.adventure_availability for all to authenticated
    using (exists (select from public.adventures a join public.vendors v on v.id = a.vendor_id
                   where a.id = adventure_id and v.user_id = (select auth.uid())))
    with check (exists (select from public.adventures a join public.vendors v on v.id = a.vendor_id
                        where a.id = adventure_id and v.user_id = (select auth.uid())));
create policy "Service role manages availability"
    on public.adventure_availability for all to service_role using (true) with check (true);

alter table public.adventure_media enable row level security;
revoke all on table public.adventure_media from public, anon, authenticated;
grant all on table public.adventure_media to service_role;
grant select on table public.adventure_media to anon, authenticated;
grant insert, update, delete on table public.adventure_media to authenticated;

create policy "Media of visible adventures are viewable by everyone"
    on public.adventure_media for select
    using (exists (select from public.adventures a where a.id = adventure_id));
create policy "Vendors can manage own media"
    on public.adventure_media for all to authenticated
    using (exists (select from public.adventures a join public.vendors v on v.id = a.vendor_id
                   where a.id = adventure_id and v.user_id = (select auth.uid())))
    with check (exists (select from public.adventures a join public.vendors v on v.id = a.vendor_id
                        where a.id = adventure_id and v.user_id = (select auth.uid())));
create policy "Admins can manage media"
    on public.adventure_media for all to authenticated
    using ((select app_private.is_admin())) with check ((select app_private.is_admin()));
create policy "Service role manages media"
    on public.adventure_media for all to service_role using (true) with check (true);

alter table public.vendor_certifications enable row level security;
revoke all on table public.vendor_certifications from public, anon, authenticated;
grant all on table public.vendor_certifications to service_role;
grant select, delete on table public.vendor_certifications to authenticated;
grant insert (id, vendor_id, certification_name, issuing_organization, issue_date, expiry_date, certificate_number, certificate_url)
    on table public.vendor_certifications to authenticated;

-- No UPDATE: a verified certificate must not change its text afterwards; one deletes it and hands in another.
create policy "Vendors can view own certifications"
    on public.vendor_certifications for select to authenticated
    using (vendor_id in (select v.id from public.vendors v where v.user_id = (select auth.uid())));
create policy "Vendors can add own certifications"
    on public.vendor_certifications for insert to authenticated
    with check (vendor_id in (select v.id from public.vendors v where v.user_id = (select auth.uid())));
create policy "Vendors can delete own certifications"
    on public.vendor_certifications for delete to authenticated
    using (vendor_id in (select v.id from public.vendors v where v.user_id = (select auth.uid())));
create policy "Admins can view all certifications"
    on public.vendor_certifications for select to authenticated using ((select app_private.is_admin()));
create policy "Service role manages certifications"
    on public.vendor_certifications for all to service_role using (true) with check (true);

alter table public.vendor_insurance enable row level security;
revoke all on table public.vendor_insurance from public, anon, authenticated;
grant all on table public.vendor_insurance to service_role;
grant select, delete on table public.vendor_insurance to authenticated;
grant insert (id, vendor_id, insurance_type, provider_name, policy_number, coverage_amount, start_date, end_date, document_url)
    on table public.vendor_insurance to authenticated;

create policy "Vendors can view own insurance"
    on public.vendor_insurance for select to authenticated
    using (vendor_id in (select v.id from public.vendors v where v.user_id = (select auth.uid())));
create policy "Vendors can add own insurance"
    on public.vendor_insurance for insert to authenticated
    with check (vendor_id in (select v.id from public.vendors v where v.user_id = (select auth.uid())));
create policy "Vendors can delete own insurance"
    on public.vendor_insurance for delete to authenticated
    using (vendor_id in (select v.id from public.vendors v where v.user_id = (select auth.uid())));
create policy "Admins can view all insurance"
    on public.vendor_insurance for select to authenticated using ((select app_private.is_admin()));
create policy "Service role manages insurance"
    on public.vendor_insurance for all to service_role using (true) with check (true);
