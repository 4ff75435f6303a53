-- Bookings and money: bookings, who takes part, payments and how a group splits them, changes to a booking, and reviews.
--
-- Money is written by the back end only. A booking that money has moved for cannot be deleted, not even
-- with its person (NO ACTION, checked at the end of the statement): such a person leaves by
-- account_status 'deleted', which empties the profile.

create type public.booking_status as enum ('pending', 'confirmed', 'in_progress', 'completed', 'cancelled', 'no_show', 'refunded');
create type public.payment_status as enum ('pending', 'processing', 'completed', 'failed', 'cancelled', 'refunded', 'partially_refunded', 'disputed');
create type public.payment_method as enum ('credit_card', 'debit_card', 'paypal', 'apple_pay', 'google_pay', 'bank_transfer', 'stripe', 'other');
create type public.payout_status  as enum ('pending', 'scheduled', 'in_transit', 'paid', 'failed', 'cancelled', 'on_hold');

create table public.bookings (
    id                        uuid           not null primary key default gen_random_uuid(),
    adventure_id              uuid           not null references public.adventures (id),
    availability_id           uuid           references public.adventure_availability (id) on delete set null,
    user_id                   uuid           not null references public.profiles (id) on delete cascade,
    vendor_id                 uuid           not null references public.vendors (id),
    booking_code              text           default upper(substr(replace(gen_random_uuid()::text, '-', ''), 1, 12)),
    status                    public.booking_status not null default 'pending',
    booking_date              date           not null,
    start_time                time           not null,
    end_time                  time           not null,
    total_participants        integer        not null default 1,
    total_amount              numeric(10,2)  not null,
    currency                  text           default 'USD',
    commission_amount         numeric(10,2),
    vendor_payout             numeric(10,2),
    is_group_booking          boolean        default false,
    group_id                  uuid,
    special_requests          text,
    cancellation_reason       text,
    cancelled_at              timestamptz,
    cancelled_by              uuid           references public.profiles (id) on delete set null,
    confirmed_at              timestamptz,
    completed_at              timestamptz,
    custom_itinerary          jsonb,
    accommodation_preferences jsonb,
    meal_preferences          jsonb,
    participant_details       jsonb,
    created_at                timestamptz    not null default now(),
    updated_at                timestamptz    not null default now(),

    constraint bookings_booking_code_key     unique (booking_code),
    constraint bookings_participants_range   check (total_participants between 1 and 1000),
    constraint bookings_total_amount_range   check (total_amount >= 0),
    constraint bookings_currency_form        check (currency ~ '^[A-Z]{3}$'),
    constraint bookings_commission_range     check (commission_amount between 0 and total_amount),
    constraint bookings_vendor_payout_range  check (vendor_payout between 0 and total_amount)
);
comment on table  public.bookings is 'One booking of an adventure by one person, for himself or a group';
comment on column public.bookings.group_id is 'The travel group; its foreign key follows with table groups';

create index idx_bookings_user_id         on public.bookings (user_id);
create index idx_bookings_adventure_id    on public.bookings (adventure_id);
create index idx_bookings_booking_date    on public.bookings (booking_date);
create index idx_bookings_vendor_id       on public.bookings (vendor_id);
create index idx_bookings_availability_id on public.bookings (availability_id);
create index idx_bookings_group_id        on public.bookings (group_id) where group_id is not null;
create index idx_bookings_cancelled_by    on public.bookings (cancelled_by) where cancelled_by is not null;
create index idx_bookings_status          on public.bookings (status);

create table public.booking_payments (
    id                       uuid           not null primary key default gen_random_uuid(),
    booking_id               uuid           not null references public.bookings (id),
    user_id                  uuid           not null references public.profiles (id),
    amount                   numeric(10,2)  not null,
    currency                 text           default 'USD',
    status                   public.payment_status not null default 'pending',
    payment_method           public.payment_method,
    stripe_payment_intent_id text,
    stripe_charge_id         text,
    paypal_transaction_id    text,
    transaction_reference    text,
    paid_at                  timestamptz,
    refunded_amount          numeric(10,2)  default 0,
    refunded_at              timestamptz,
    refund_reason            text,
    failure_reason           text,
    dispute_status           text,
    vendor_stripe_account_id uuid,
    payout_status            public.payout_status default 'pending',
    payout_id                uuid,
    payout_date              timestamptz,
    metadata                 jsonb          default '{}',
    created_at               timestamptz    not null default now(),
    updated_at               timestamptz    not null default now(),

    constraint booking_payments_amount_range        check (amount >= 0),
    constraint booking_payments_currency_form       check (currency ~ '^[A-Z]{3}$'),
    constraint booking_payments_refund_range        check (refunded_amount between 0 and amount),
    constraint booking_payments_dispute_known       check (dispute_status in ('needs_response', 'under_review', 'won', 'lost', 'closed',
                                                           'warning_needs_response', 'warning_under_review', 'warning_closed'))
);
comment on table  public.booking_payments is 'Payment transactions of a booking; written by the back end only';
comment on column public.booking_payments.vendor_stripe_account_id is 'The Stripe account paid to; its foreign key follows with table stripe_accounts';
comment on column public.booking_payments.payout_id is 'The payout that contains this payment; its foreign key follows with the payout tables';

create index idx_booking_payments_booking_id on public.booking_payments (booking_id);
create index idx_booking_payments_user_id    on public.booking_payments (user_id);
create index idx_booking_payments_status     on public.booking_payments (status);
create index idx_booking_payments_vendor_stripe_account_id on public.booking_payments (vendor_stripe_account_id) where vendor_stripe_account_id is not null;
create index idx_booking_payments_payout_id  on public.booking_payments (payout_id) where payout_id is not null;
-- A webhook delivered twice must not record a second payment.
create unique index idx_booking_payments_stripe_payment_intent_id on public.booking_payments (stripe_payment_intent_id);

create table public.booking_participants (
    id                      uuid           not null primary key default gen_random_uuid(),
    booking_id              uuid           not null references public.bookings (id) on delete cascade,
    user_id                 uuid           references public.profiles (id) on delete set null,
    payment_id              uuid           references public.booking_payments (id) on delete set null,
    full_name               text           not null,
    email                   text,
    phone                   text,
    age                     integer,
    emergency_contact_name  text,
    emergency_contact_phone text,
    dietary_restrictions    text,
    medical_conditions      text,
    is_primary_contact      boolean        default false,
    has_paid                boolean        default false,
    payment_amount          numeric(10,2),
    created_at              timestamptz    not null default now(),

    -- A guest without an account has no user_id, and a booking may have several guests.
    constraint booking_participants_person_key    unique (booking_id, user_id),
    constraint booking_participants_name_length   check (char_length(full_name) between 1 and 200),
    constraint booking_participants_age_range     check (age between 0 and 150),
    constraint booking_participants_amount_range  check (payment_amount >= 0)
);
comment on table public.booking_participants is 'Who takes part in a booking, with or without an account';
create index idx_booking_participants_user_id    on public.booking_participants (user_id);
create index idx_booking_participants_payment_id on public.booking_participants (payment_id) where payment_id is not null;

create table public.payment_splits (
    id                 uuid           not null primary key default gen_random_uuid(),
    booking_id         uuid           not null references public.bookings (id) on delete cascade,
    user_id            uuid           not null references public.profiles (id) on delete cascade,
    amount_owed        numeric(10,2)  not null,
    amount_paid        numeric(10,2)  default 0,
    payment_status     public.payment_status default 'pending',
    payment_deadline   timestamptz,
    last_reminder_sent timestamptz,
    reminder_count     integer        default 0,
    payment_id         uuid           references public.booking_payments (id),
    created_at         timestamptz    not null default now(),
    updated_at         timestamptz    not null default now(),

    constraint payment_splits_person_key      unique (booking_id, user_id),
    constraint payment_splits_owed_range      check (amount_owed >= 0),
    constraint payment_splits_paid_range      check (amount_paid >= 0),
    constraint payment_splits_reminder_range  check (reminder_count >= 0)
);
comment on table public.payment_splits is 'What each person of a group owes for a booking, in the booking''s currency';
create index idx_payment_splits_user_id    on public.payment_splits (user_id);
create index idx_payment_splits_payment_id on public.payment_splits (payment_id) where payment_id is not null;
create index idx_payment_splits_deadline   on public.payment_splits (payment_deadline) where payment_status = 'pending';

create table public.booking_modifications (
    id                       uuid        not null primary key default gen_random_uuid(),
    booking_id               uuid        not null references public.bookings (id) on delete cascade,
    -- Not null and no cascade: the trail must say who. With one's own booking the trail goes anyway.
    modified_by              uuid        not null references public.profiles (id),
    modification_type        text        not null,
    old_value                jsonb,
    new_value                jsonb,
    reason                   text,
    requested_changes        jsonb,
    urgency                  text        default 'normal',
    status                   text        default 'pending',
    estimated_fees           integer     default 0,
    fee_breakdown            jsonb,
    auto_approval_eligible   boolean     default false,
    auto_approval_reason     text,
    vendor_response_deadline timestamptz,
    approved_by              uuid        references public.profiles (id) on delete set null,
    approved_at              timestamptz,
    rejected_at              timestamptz,
    processed_at             timestamptz,
    approval_notes           text,
    rejection_reason         text,
    metadata                 jsonb       default '{}',
    created_at               timestamptz not null default now(),
    updated_at               timestamptz default now(),

    constraint booking_modifications_type_length   check (char_length(modification_type) between 1 and 100),
    constraint booking_modifications_urgency_known check (urgency in ('low', 'normal', 'high', 'urgent')),
    constraint booking_modifications_status_known  check (status in ('pending', 'approved', 'auto_approved', 'rejected', 'processing', 'processed',
                                                                     'completed', 'cancelled', 'expired')),
    constraint booking_modifications_fees_range    check (estimated_fees >= 0)
);
comment on table  public.booking_modifications is 'Every change asked for or made to a booking, and what became of it';
comment on column public.booking_modifications.estimated_fees is 'In the smallest unit of the booking''s currency';
create index idx_booking_modifications_booking_id  on public.booking_modifications (booking_id, created_at);
create index idx_booking_modifications_modified_by on public.booking_modifications (modified_by);
create index idx_booking_modifications_approved_by on public.booking_modifications (approved_by) where approved_by is not null;

create table public.reviews (
    id                  uuid        not null primary key default gen_random_uuid(),
    booking_id          uuid        not null references public.bookings (id) on delete cascade,
    adventure_id        uuid        not null references public.adventures (id) on delete cascade,
    vendor_id           uuid        not null references public.vendors (id) on delete cascade,
    user_id             uuid        not null references public.profiles (id) on delete cascade,
    rating              integer     not null,
    title               text,
    comment             text,
    is_verified_booking boolean     default false,
    vendor_response     text,
    vendor_response_at  timestamptz,
    helpful_count       integer     default 0,
    photos              text[],
    created_at          timestamptz not null default now(),
    updated_at          timestamptz not null default now(),

    constraint reviews_person_key           unique (booking_id, user_id),
    constraint reviews_rating_range         check (rating between 1 and 5),
    constraint reviews_title_length         check (char_length(title) <= 300),
    constraint reviews_comment_length       check (char_length(comment) <= 10000),
    constraint reviews_helpful_count_range  check (helpful_count >= 0),
    constraint reviews_photos_limit         check (cardinality(photos) <= 64 and array_position(photos, null) is null)
);
comment on table public.reviews is 'What a person says about a booked adventure; public';
create index idx_reviews_adventure_id on public.reviews (adventure_id, created_at desc);
create index idx_reviews_vendor_id    on public.reviews (vendor_id);
create index idx_reviews_user_id      on public.reviews (user_id);

create trigger update_bookings_updated_at
    before update on public.bookings
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();
create trigger update_booking_payments_updated_at
    before update on public.booking_payments
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();
create trigger update_payment_splits_updated_at
    before update on public.payment_splits
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();
create trigger update_booking_modifications_updated_at
    before update on public.booking_modifications
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();
create trigger update_reviews_updated_at
    before update on public.reviews
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();

-- Status changes go through one function, because a grant on the column would let travellers confirm
-- their own bookings. Which status may follow which is a trigger's matter, for every writer.
create function public.set_booking_status(booking uuid, new_status public.booking_status, reason text default null) returns void
    language plpgsql security definer
    set search_path = ''
as $function$
declare
    asking     constant uuid := auth.uid();
    the_booking public.bookings;
    is_vendor  boolean;
begin
    select b.* into the_booking from public.bookings b where b.id = booking for no key update;
    is_vendor := exists (select from public.vendors v where v.id = the_booking.vendor_id and v.user_id = asking);

    if (the_booking.user_id = asking and new_status = 'cancelled' and the_booking.status in ('pending', 'confirmed')
        or is_vendor and new_status in ('confirmed', 'in_progress', 'completed', 'cancelled', 'no_show')
        or app_private.is_admin()) is not true then
        -- The same words whether it exists or not: strangers learn nothing from the message.
        raise exception 'Booking % cannot be set to % by user %.', booking, new_status, asking
            using errcode = 'insufficient_privilege',
                  hint = 'A traveller may cancel a booking that has not begun; its vendor confirms, starts, completes or cancels it.';
    end if;

    update public.bookings b
    set status              = new_status,
        confirmed_at        = case when new_status = 'confirmed' then now() else b.confirmed_at end,
        completed_at        = case when new_status = 'completed' then now() else b.completed_at end,
        cancelled_at        = case when new_status = 'cancelled' then now() else b.cancelled_at end,
        cancelled_by        = case when new_status = 'cancelled' then asking else b.cancelled_by end,
        cancellation_reason = case when new_status = 'cancelled' then reason else b.cancellation_reason end
    where b.id = booking;
end
$function$;
comment on function public.set_booking_status(uuid, public.booking_status, text) is 'Moves a booking on: travellers cancel, vendors confirm, start, complete or cancel';
revoke execute on function public.set_booking_status(uuid, public.booking_status, text) from public, anon, authenticated;
grant execute on function public.set_booking_status(uuid, public.booking_status, text) to authenticated, service_role;

-- The author and the vendor write different columns of one row under the same role; hence a function.
create function public.respond_to_review(review uuid, response text) returns void
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    update public.reviews r
    set vendor_response = response, vendor_response_at = now()
    where r.id = review
      and r.vendor_id in (select v.id from public.vendors v where v.user_id = auth.uid());
    if not found then
        raise exception 'Review % is not about a vendor of user %.', review, auth.uid() using errcode = 'insufficient_privilege';
    end if;
end
$function$;
comment on function public.respond_to_review(uuid, text) is 'The vendor''s public answer to a review';
revoke execute on function public.respond_to_review(uuid, text) from public, anon, authenticated;
grant execute on function public.respond_to_review(uuid, text) to authenticated, service_role;

alter table public.bookings enable row level security;
revoke all on table public.bookings from public, anon, authenticated;
grant all on table public.bookings to service_role;
grant select on table public.bookings to authenticated;
grant insert (id, adventure_id, availability_id, user_id, vendor_id, booking_date, start_time, end_time, total_participants, total_amount,
              currency, is_group_booking, group_id, special_requests, custom_itinerary, accommodation_preferences, meal_preferences,
              participant_details)
    on table public.bookings to authenticated;
grant update (special_requests, custom_itinerary, accommodation_preferences, meal_preferences, participant_details)
    on table public.bookings to authenticated;

create policy "Users can view own bookings"
    on public.bookings for select to authenticated
    using ((select auth.uid()) = user_id or exists (
        select from public.vendors where vendors.id = bookings.vendor_id and vendors.user_id = (select auth.uid())));
create policy "Users can create own bookings"
    on public.bookings for insert to authenticated
    with check ((select auth.uid()) = user_id);
create policy "Users can update own bookings"
    on public.bookings for update to authenticated
    using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
create policy "Admins can view all bookings"
    on public.bookings for select to authenticated using ((select app_private.is_admin()));
create policy "Service role manages bookings"
    on public.bookings for all to service_role using (true) with check (true);

alter table public.booking_payments enable row level security;
revoke all on table public.booking_payments from public, anon, authenticated;
grant all on table public.booking_payments to service_role;
grant select on table public.booking_payments to authenticated;

create policy "Users can view own payments"
    on public.booking_payments for select to authenticated using ((select auth.uid()) = user_id);
create policy "Vendors can view payments of their bookings"
    on public.booking_payments for select to authenticated
    using (exists (select from public.bookings b join public.vendors v on v.id = b.vendor_id
                   where b.id = booking_id and v.user_id = (select auth.uid())));
create policy "Admins can view all payments"
    on public.booking_payments for select to authenticated using ((select app_private.is_admin()));
create policy "Service role manages payments"
    on public.booking_payments for all to service_role using (true) with check (true);

alter table public.booking_participants enable row level security;
revoke all on table public.booking_participants from public, anon, authenticated;
grant all on table public.booking_participants to service_role;
grant select, delete on table public.booking_participants to authenticated;
grant insert (id, booking_id, user_id, full_name, email, phone, age, emergency_contact_name, emergency_contact_phone,
              dietary_restrictions, medical_conditions, is_primary_contact)
    on table public.booking_participants to authenticated;
grant update (full_name, email, phone, age, emergency_contact_name, emergency_contact_phone,
              dietary_restrictions, medical_conditions, is_primary_contact)
    on table public.booking_participants to authenticated;

create policy "Participants and vendors can view participants"
    on public.booking_participants for select to authenticated
    using ((select auth.uid()) = user_id or exists (select from public.bookings b where b.id = booking_id));
create policy "Users can manage participants of own bookings"
    on public.booking_participants for all to authenticated
    using (exists (select from public.bookings b where b.id = booking_id and b.user_id = (select auth.uid())))
    with check (exists (select from public.bookings b where b.id = booking_id and b.user_id = (select auth.uid())));
create policy "Service role manages participants"
    on public.booking_participants for all to service_role using (true) with check (true);

alter table public.payment_splits enable row level security;
revoke all on table public.payment_splits from public, anon, authenticated;
grant all on table public.payment_splits to service_role;
grant select on table public.payment_splits to authenticated;
grant insert (id, booking_id, user_id, amount_owed, payment_deadline) on table public.payment_splits to authenticated;

create policy "Users can view own payment splits"
    on public.payment_splits for select to authenticated
    using ((select auth.uid()) = user_id
           or exists (select from public.bookings b where b.id = booking_id and b.user_id = (select auth.uid())));
create policy "Users can split payments of own bookings"
    on public.payment_splits for insert to authenticated
    with check (exists (select from public.bookings b where b.id = booking_id and b.user_id = (select auth.uid())));
create policy "Admins can view all payment splits"
    on public.payment_splits for select to authenticated using ((select app_private.is_admin()));
create policy "Service role manages payment splits"
    on public.payment_splits for all to service_role using (true) with check (true);

alter table public.booking_modifications enable row level security;
revoke all on table public.booking_modifications from public, anon, authenticated;
grant all on table public.booking_modifications to service_role;
grant select on table public.booking_modifications to authenticated;
grant insert (id, booking_id, modified_by, modification_type, old_value, new_value, reason, requested_changes, urgency)
    on table public.booking_modifications to authenticated;
grant update (status, approved_by, approved_at, rejected_at, approval_notes, rejection_reason)
    on table public.booking_modifications to authenticated;

create policy "Users and vendors can view modifications of their bookings"
    on public.booking_modifications for select to authenticated
    using (exists (select from public.bookings b where b.id = booking_id));
create policy "Users and vendors can ask for modifications"
    on public.booking_modifications for insert to authenticated
    with check ((select auth.uid()) = modified_by and exists (select from public.bookings b where b.id = booking_id));
-- Only the vendor answers, and not a request of his own.
create policy "Vendors can answer modifications"
    on public.booking_modifications for update to authenticated
    using (modified_by <> (select auth.uid())
           and exists (select from public.bookings b join public.vendors v on v.id = b.vendor_id
                       where b.id = booking_id and v.user_id = (select auth.uid())))
    with check (status in ('pending', 'approved', 'rejected') and (approved_by is null or approved_by = (select auth.uid())));
create policy "Service role manages modifications"
    on public.booking_modifications for all to service_role using (true) with check (true);

alter table public.reviews enable row level security;
revoke all on table public.reviews from public, anon, authenticated;
grant all on table public.reviews to service_role;
grant select on table public.reviews to anon, authenticated;
grant delete on table public.reviews to authenticated;
grant insert (id, booking_id, adventure_id, vendor_id, user_id, rating, title, comment, photos) on table public.reviews to authenticated;
grant update (rating, title, comment, photos) on table public.reviews to authenticated;

create policy "Reviews are viewable by everyone"
    on public.reviews for select using (true);
create policy "Users can review own completed bookings"
    on public.reviews for insert to authenticated
    with check ((select auth.uid()) = user_id
                and exists (select from public.bookings b
                            where b.id = booking_id and b.user_id = (select auth.uid()) and b.status = 'completed'
                              and b.adventure_id = reviews.adventure_id and b.vendor_id = reviews.vendor_id));
create policy "Users can update own reviews"
    on public.reviews for update to authenticated
    using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
create policy "Users can delete own reviews"
    on public.reviews for delete to authenticated using ((select auth.uid()) = user_id);
create policy "Admins can delete reviews"
    on public.reviews for delete to authenticated using ((select app_private.is_admin()));
create policy "Service role manages reviews"
    on public.reviews for all to service_role using (true) with check (true);
