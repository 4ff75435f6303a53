-- Refunds and disputes: who asks for money back, what the vendor and the platform decide, and what the processor or an arbiter rules.
--
-- Deciding goes through functions: the traveller, the vendor and an administrator write different
-- columns of one row under the same role. Which status may follow which is a trigger's matter.

create table public.refund_requests (
    id                    uuid        not null primary key default gen_random_uuid(),
    -- A booking that can be deleted has moved no money, so there is nothing to refund.
    booking_id            uuid        references public.bookings (id) on delete cascade,
    split_payment_id      uuid        references public.payment_splits (id) on delete set null,
    user_id               uuid        references public.profiles (id) on delete set null,
    reason_category       text        not null,
    reason_description    text        not null,
    additional_details    text,
    requested_amount_type text        not null default 'full',
    custom_amount         integer,
    status                text        not null default 'pending',
    vendor_notes          text,
    admin_notes           text,
    reviewed_at           timestamptz,
    reviewed_by           uuid        references public.profiles (id) on delete set null,
    approval_notes        text,
    rejection_reason      text,
    refund_amount         integer,
    refund_processed_at   timestamptz,
    metadata              jsonb       default '{}',
    created_at            timestamptz default now(),
    updated_at            timestamptz default now(),

    constraint refund_requests_category_form          check (reason_category ~ '^[a-z][a-z0-9_]{0,49}$'),
    constraint refund_requests_description_length     check (char_length(reason_description) between 1 and 5000),
    constraint refund_requests_details_length         check (char_length(additional_details) <= 10000),
    constraint refund_requests_amount_type_known      check (requested_amount_type in ('full', 'partial', 'custom')),
    constraint refund_requests_custom_amount_range    check (custom_amount > 0),
    constraint refund_requests_custom_amount_given    check (requested_amount_type <> 'custom' or custom_amount is not null),
    constraint refund_requests_status_known           check (status in ('pending', 'under_review', 'approved', 'rejected', 'processing', 'processed',
                                                                        'failed', 'cancelled')),
    constraint refund_requests_refund_amount_range    check (refund_amount >= 0),
    constraint refund_requests_rejected_why           check (status <> 'rejected' or rejection_reason is not null),
    constraint refund_requests_metadata_object        check (jsonb_typeof(metadata) = 'object')
);
comment on table  public.refund_requests is 'Requests for money back; seen by the one who asks, by the vendor and by administrators';
comment on column public.refund_requests.split_payment_id is 'The share of a group''s payment that is meant; null means the whole booking';
comment on column public.refund_requests.custom_amount is 'In the smallest unit of the booking''s currency';
comment on column public.refund_requests.refund_amount is 'What was granted, in the smallest unit of the booking''s currency';
comment on column public.refund_requests.admin_notes is 'For administrators only, as metadata: no grant, refund_requests_for_review() shows it to them';
create index idx_refund_requests_booking_id       on public.refund_requests (booking_id);
create index idx_refund_requests_split_payment_id on public.refund_requests (split_payment_id) where split_payment_id is not null;
create index idx_refund_requests_user_id          on public.refund_requests (user_id, created_at desc);
create index idx_refund_requests_reviewed_by      on public.refund_requests (reviewed_by) where reviewed_by is not null;
create index idx_refund_requests_open             on public.refund_requests (created_at) where status in ('pending', 'under_review', 'approved', 'processing');
-- The same money is not asked for twice at a time.
create unique index idx_refund_requests_one_open  on public.refund_requests (booking_id, split_payment_id, user_id) nulls not distinct
    where status in ('pending', 'under_review', 'approved', 'processing') and user_id is not null;

create table public.dispute_cases (
    id                   uuid          not null primary key default gen_random_uuid(),
    booking_id           uuid          not null references public.bookings (id),
    booking_payment_id   uuid          references public.booking_payments (id),
    refund_request_id    uuid          references public.refund_requests (id) on delete set null,
    opened_by            uuid          references public.profiles (id) on delete set null,
    kind                 text          not null,
    status               text          not null default 'needs_response',
    reason               text          not null,
    description          text,
    amount               numeric(10,2) not null,
    currency             text          not null default 'USD',
    processor_dispute_id text,
    evidence             jsonb         not null default '{}',
    evidence_due_at      timestamptz,
    resolution           text,
    resolved_by          uuid          references public.profiles (id) on delete set null,
    resolved_at          timestamptz,
    created_at           timestamptz   not null default now(),
    updated_at           timestamptz   not null default now(),

    constraint dispute_cases_processor_dispute_key unique (processor_dispute_id),
    constraint dispute_cases_kind_known            check (kind in ('chargeback', 'service', 'refund_refused')),
    constraint dispute_cases_chargeback_complete   check (kind <> 'chargeback' or booking_payment_id is not null and processor_dispute_id is not null),
    constraint dispute_cases_status_known          check (status in ('needs_response', 'under_review', 'won', 'lost', 'closed',
                                                                     'warning_needs_response', 'warning_under_review', 'warning_closed')),
    constraint dispute_cases_reason_length         check (char_length(reason) between 1 and 500),
    constraint dispute_cases_description_length    check (char_length(description) <= 10000),
    constraint dispute_cases_amount_range          check (amount > 0),
    constraint dispute_cases_currency_form         check (currency ~ '^[A-Z]{3}$'),
    constraint dispute_cases_evidence_object       check (jsonb_typeof(evidence) = 'object'),
    constraint dispute_cases_resolved_dated        check ((status in ('won', 'lost', 'closed', 'warning_closed')) = (resolved_at is not null))
);
comment on table  public.dispute_cases is 'Disputes about a booking: chargebacks of the processor, and what traveller and vendor cannot settle';
comment on column public.dispute_cases.status is 'The processor''s words, from the vendor''s side: won means that the vendor keeps the money';
comment on column public.dispute_cases.opened_by is 'Null for a chargeback, which the bank opens';
comment on column public.dispute_cases.evidence is 'What is handed to the processor; no grant, since each side''s papers may concern the other';
create index idx_dispute_cases_booking_id         on public.dispute_cases (booking_id);
create index idx_dispute_cases_booking_payment_id on public.dispute_cases (booking_payment_id) where booking_payment_id is not null;
create index idx_dispute_cases_refund_request_id  on public.dispute_cases (refund_request_id) where refund_request_id is not null;
create index idx_dispute_cases_opened_by          on public.dispute_cases (opened_by) where opened_by is not null;
create index idx_dispute_cases_resolved_by        on public.dispute_cases (resolved_by) where resolved_by is not null;
create index idx_dispute_cases_due                on public.dispute_cases (evidence_due_at) where status in ('needs_response', 'warning_needs_response');

create function app_private.validate_refund_request() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    if not (case old.status
               when 'pending'      then new.status in ('under_review', 'approved', 'rejected', 'cancelled')
               when 'under_review' then new.status in ('approved', 'rejected', 'cancelled')
               when 'approved'     then new.status in ('processing', 'processed', 'failed', 'cancelled')
               when 'processing'   then new.status in ('processed', 'failed')
               when 'failed'       then new.status in ('processing', 'cancelled')
               else false
           end) then
        raise exception 'Refund request % cannot go from % to %.', old.id, old.status, new.status
            using errcode = 'check_violation', hint = 'What is rejected, processed or cancelled does not begin again: make a new request.';
    end if;
    new.refund_processed_at := case when new.status = 'processed' then coalesce(new.refund_processed_at, now()) else new.refund_processed_at end;
    return new;
end
$function$;

create function app_private.validate_dispute_case() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
declare
    actual_id uuid;
begin
    if tg_op = 'UPDATE' and old.status is distinct from new.status then
        if old.status in ('won', 'lost', 'closed', 'warning_closed') then
            raise exception 'Dispute % is % and cannot become %.', old.id, old.status, new.status
                using errcode = 'check_violation', hint = 'A dispute that begins again is a new one.';
        end if;
        new.resolved_at := case when new.status in ('won', 'lost', 'closed', 'warning_closed') then coalesce(new.resolved_at, now()) end;
    end if;

    select p.booking_id into actual_id from public.booking_payments p where p.id = new.booking_payment_id;
    if actual_id <> new.booking_id then
        raise exception 'Dispute % names booking %, but payment % is of booking %.', new.id, new.booking_id, new.booking_payment_id, actual_id
            using errcode = 'check_violation', hint = 'booking_payment_id is a payment of the booking.';
    end if;
    select r.booking_id into actual_id from public.refund_requests r where r.id = new.refund_request_id;
    if actual_id <> new.booking_id then
        raise exception 'Dispute % names booking %, but refund request % is of booking %.', new.id, new.booking_id, new.refund_request_id, actual_id
            using errcode = 'check_violation', hint = 'refund_request_id is a request about the booking.';
    end if;
    return new;
end
$function$;

-- The payment shows its chargeback, so that it is neither refunded nor paid out meanwhile.
create function app_private.carry_dispute_status() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    update public.booking_payments p set dispute_status = new.status where p.id = new.booking_payment_id;
    return null;
end
$function$;
revoke execute on function app_private.validate_refund_request(), app_private.validate_dispute_case(), app_private.carry_dispute_status() from public;

create trigger validate_refund_request
    before update of status on public.refund_requests
    for each row when (old.status is distinct from new.status) execute function app_private.validate_refund_request();
create trigger validate_dispute_case
    before insert or update of status, booking_id, booking_payment_id, refund_request_id on public.dispute_cases
    for each row execute function app_private.validate_dispute_case();
create trigger carry_dispute_status
    after insert or update of status on public.dispute_cases
    for each row when (new.kind = 'chargeback') execute function app_private.carry_dispute_status();
create trigger update_refund_requests_updated_at
    before update on public.refund_requests
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();
create trigger update_dispute_cases_updated_at
    before update on public.dispute_cases
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();

create function public.decide_refund_request(request uuid, approve boolean, notes text, amount integer default null) returns void
    language plpgsql security definer
    set search_path = ''
as $function$
declare
    asking      constant uuid := auth.uid();
    the_request public.refund_requests;
    is_vendor   boolean;
    is_admin    constant boolean := app_private.is_admin();
begin
    select r.* into the_request from public.refund_requests r where r.id = request for no key update;
    is_vendor := exists (select
                         from public.bookings b join public.vendors v on v.id = b.vendor_id
                         where b.id = the_request.booking_id and v.user_id = asking);
    -- Nobody grants himself money.
    if (the_request.user_id is distinct from asking and (is_vendor or is_admin)) is not true then
        -- The same words whether it exists or not: strangers learn nothing from the message.
        raise exception 'Refund request % cannot be decided by user %.', request, asking
            using errcode = 'insufficient_privilege', hint = 'The vendor of the booking or an administrator decides, and nobody about himself.';
    end if;
    if approve is null or the_request.status not in ('pending', 'under_review') then
        raise exception 'Refund request % is % and cannot be decided as %.', request, the_request.status, approve
            using errcode = 'check_violation', hint = 'A request that is pending or under review is approved (true) or rejected (false).';
    end if;

    update public.refund_requests r
    set status           = case when approve then 'approved' else 'rejected' end,
        reviewed_at      = now(),
        reviewed_by      = asking,
        approval_notes   = case when approve then notes end,
        rejection_reason = case when not approve then notes end,
        vendor_notes     = case when is_vendor then notes else r.vendor_notes end,
        refund_amount    = case when approve then coalesce(amount, r.custom_amount) end
    where r.id = request;
end
$function$;
comment on function public.decide_refund_request(uuid, boolean, text, integer) is
    'Approves or rejects a request, as the booking''s vendor or an administrator; amount in the smallest unit of the currency, null for all that was asked for';

create function public.withdraw_refund_request(request uuid) returns void
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    update public.refund_requests r
    set status = 'cancelled'
    where r.id = request and r.user_id = auth.uid() and r.status in ('pending', 'under_review');
    if not found then
        raise exception 'User % has no undecided refund request %.', auth.uid(), request using errcode = 'insufficient_privilege';
    end if;
end
$function$;
comment on function public.withdraw_refund_request(uuid) is 'Takes back an own request that is not decided yet';

create function public.refund_requests_for_review() returns setof public.refund_requests
    language sql stable security definer
    set search_path = ''
as $function$
    select r.* from public.refund_requests r where (select app_private.is_admin()) order by r.created_at desc, r.id
$function$;
comment on function public.refund_requests_for_review() is 'All requests with the administrators'' notes; no row for anybody else';

revoke execute on function public.decide_refund_request(uuid, boolean, text, integer), public.withdraw_refund_request(uuid),
    public.refund_requests_for_review() from public, anon, authenticated;
grant execute on function public.decide_refund_request(uuid, boolean, text, integer), public.withdraw_refund_request(uuid),
    public.refund_requests_for_review() to authenticated, service_role;

alter table public.refund_requests enable row level security;
revoke all on table public.refund_requests from public, anon, authenticated;
grant all on table public.refund_requests to service_role;
grant select (id, booking_id, split_payment_id, user_id, reason_category, reason_description, additional_details, requested_amount_type,
              custom_amount, status, vendor_notes, reviewed_at, reviewed_by, approval_notes, rejection_reason, refund_amount,
              refund_processed_at, created_at, updated_at)
    on table public.refund_requests to authenticated;
grant insert (id, booking_id, split_payment_id, user_id, reason_category, reason_description, additional_details, requested_amount_type,
              custom_amount)
    on table public.refund_requests to authenticated;

create policy "Users can view own refund requests"
    on public.refund_requests for select to authenticated using ((select auth.uid()) = user_id);
create policy "Vendors can view refund requests about their bookings"
    on public.refund_requests for select to authenticated
    using (exists (select from public.bookings b join public.vendors v on v.id = b.vendor_id
                   where b.id = booking_id and v.user_id = (select auth.uid())));
create policy "Admins can view all refund requests"
    on public.refund_requests for select to authenticated using ((select app_private.is_admin()));
-- For one's own booking, or one's own share of another's. A vendor asks for no refund of what was paid to him.
create policy "Users can ask for refunds of what they paid"
    on public.refund_requests for insert to authenticated
    with check ((select auth.uid()) = user_id
                and booking_id is not null
                and (split_payment_id is null
                     and exists (select from public.bookings b where b.id = booking_id and b.user_id = (select auth.uid()))
                     or exists (select from public.payment_splits s
                                where s.id = split_payment_id and s.booking_id = refund_requests.booking_id and s.user_id = (select auth.uid()))));
create policy "Service role manages refund requests"
    on public.refund_requests for all to service_role using (true) with check (true);

alter table public.dispute_cases enable row level security;
revoke all on table public.dispute_cases from public, anon, authenticated;
grant all on table public.dispute_cases to service_role;
grant select (id, booking_id, booking_payment_id, refund_request_id, opened_by, kind, status, reason, description, amount, currency,
              processor_dispute_id, evidence_due_at, resolution, resolved_at, created_at, updated_at)
    on table public.dispute_cases to authenticated;
grant insert (id, booking_id, refund_request_id, opened_by, kind, reason, description, amount, currency)
    on table public.dispute_cases to authenticated;

-- The sub-select is under the bookings' own policies: travellers, vendors and administrators.
create policy "Parties and admins can view disputes of visible bookings"
    on public.dispute_cases for select to authenticated
    using ((select auth.uid()) = opened_by or exists (select from public.bookings b where b.id = booking_id));
create policy "Users can dispute own bookings"
    on public.dispute_cases for insert to authenticated
    with check ((select auth.uid()) = opened_by and kind in ('service', 'refund_refused')
                and exists (select from public.bookings b where b.id = booking_id and b.user_id = (select auth.uid()))
                and (refund_request_id is null
                     or exists (select from public.refund_requests r where r.id = refund_request_id and r.user_id = (select auth.uid()))));
create policy "Service role manages disputes"
    on public.dispute_cases for all to service_role using (true) with check (true);
