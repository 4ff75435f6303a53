-- Payouts: when each vendor is paid, and each payment to a vendor with the bookings' payments it consists of.
--
-- Money is written by the back end only; a vendor chooses how often he is paid.

create table public.payout_schedules (
    id             uuid          not null primary key default gen_random_uuid(),
    vendor_id      uuid          not null references public.vendors (id) on delete cascade,
    currency       text          not null default 'USD',
    frequency      text          not null default 'weekly',
    weekday        smallint      default 1,
    day_of_month   smallint,
    delay_days     integer       not null default 7,
    minimum_amount numeric(12,2) not null default 0,
    is_active      boolean       not null default true,
    last_payout_at timestamptz,
    next_payout_at timestamptz,
    created_at     timestamptz   not null default now(),
    updated_at     timestamptz   not null default now(),

    constraint payout_schedules_currency_key       unique (vendor_id, currency),
    constraint payout_schedules_currency_form      check (currency ~ '^[A-Z]{3}$'),
    constraint payout_schedules_frequency_known    check (frequency in ('daily', 'weekly', 'biweekly', 'monthly', 'manual')),
    constraint payout_schedules_weekday_range      check (weekday between 1 and 7),
    constraint payout_schedules_day_of_month_range check (day_of_month between 1 and 31),
    constraint payout_schedules_day_given          check (case when frequency in ('weekly', 'biweekly') then weekday is not null
                                                               when frequency = 'monthly' then day_of_month is not null else true end),
    constraint payout_schedules_delay_range        check (delay_days between 0 and 90),
    constraint payout_schedules_minimum_range      check (minimum_amount >= 0)
);
comment on table  public.payout_schedules is 'How often a vendor is paid, one schedule for each currency';
comment on column public.payout_schedules.weekday is 'ISO: 1 is Monday; for weekly and biweekly';
comment on column public.payout_schedules.day_of_month is 'For monthly; in shorter months the last day';
comment on column public.payout_schedules.delay_days is 'How long money is kept after an adventure, for refunds and disputes';
comment on column public.payout_schedules.minimum_amount is 'Less than this waits for the next payout';
comment on column public.payout_schedules.next_payout_at is 'Written by a trigger: midnight UTC of the next day that the schedule names; null for manual or inactive';
create index idx_payout_schedules_due on public.payout_schedules (next_payout_at) where next_payout_at is not null;

create table public.payout_transactions (
    id                  uuid          not null primary key default gen_random_uuid(),
    vendor_id           uuid          not null references public.vendors (id),
    schedule_id         uuid          references public.payout_schedules (id) on delete set null,
    status              public.payout_status not null default 'pending',
    gross_amount        numeric(12,2) not null,
    fee_amount          numeric(12,2) not null default 0,
    net_amount          numeric(12,2) not null generated always as (gross_amount - fee_amount) stored,
    currency            text          not null default 'USD',
    period_start        timestamptz,
    period_end          timestamptz,
    scheduled_for       timestamptz,
    processor           text          not null default 'stripe',
    processor_payout_id text,
    paid_at             timestamptz,
    failed_at           timestamptz,
    failure_reason      text,
    metadata            jsonb         not null default '{}',
    created_at          timestamptz   not null default now(),
    updated_at          timestamptz   not null default now(),

    constraint payout_transactions_processor_payout_key unique (processor, processor_payout_id),
    constraint payout_transactions_gross_range          check (gross_amount >= 0),
    constraint payout_transactions_fee_range            check (fee_amount between 0 and gross_amount),
    constraint payout_transactions_currency_form        check (currency ~ '^[A-Z]{3}$'),
    constraint payout_transactions_period               check (period_start <= period_end),
    constraint payout_transactions_processor_known      check (processor in ('stripe', 'paypal', 'bank_transfer')),
    constraint payout_transactions_paid_dated           check (status <> 'paid' or paid_at is not null),
    constraint payout_transactions_metadata_object      check (jsonb_typeof(metadata) = 'object')
);
comment on table  public.payout_transactions is 'Each payment to a vendor; the bookings'' payments in it name it as their payout_id';
comment on column public.payout_transactions.gross_amount is 'What the payments in it leave the vendor after commission';
comment on column public.payout_transactions.fee_amount is 'What the processor keeps for paying out';
comment on column public.payout_transactions.period_start is 'The payments in it were made from here to period_end';
create index idx_payout_transactions_vendor_id   on public.payout_transactions (vendor_id, created_at desc);
create index idx_payout_transactions_schedule_id on public.payout_transactions (schedule_id) where schedule_id is not null;
create index idx_payout_transactions_open        on public.payout_transactions (scheduled_for) where status in ('pending', 'scheduled', 'in_transit', 'on_hold');

-- A payment that is in a payout keeps the payout.
alter table public.booking_payments
    add constraint booking_payments_payout_id_fkey foreign key (payout_id) references public.payout_transactions (id);

create function app_private.schedule_next_payout() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
declare
    today      constant date := (now() at time zone 'UTC')::date;
    last_day   constant date := (new.last_payout_at at time zone 'UTC')::date;
    next_day   date;
    month      date;
begin
    if new.is_active and new.frequency <> 'manual' then
        next_day := greatest(today, last_day) + 1;
        if new.frequency = 'biweekly' and last_day is not null then
            next_day := greatest(today + 1, last_day + 8);
        end if;
        if new.frequency in ('weekly', 'biweekly') then
            next_day := next_day + (new.weekday - extract(isodow from next_day)::integer + 7) % 7;
        elsif new.frequency = 'monthly' then
            month := next_day - (extract(day from next_day)::integer - 1);
            loop
                next_day := least(month + (new.day_of_month - 1), (month + interval '1 month')::date - 1);
                exit when next_day > greatest(today, last_day);
                month := (month + interval '1 month')::date;
            end loop;
        end if;
    end if;
    new.next_payout_at := next_day::timestamp at time zone 'UTC';
    return new;
end
$function$;

create function app_private.validate_payout() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    if not (case old.status
               when 'pending'    then new.status in ('scheduled', 'in_transit', 'paid', 'failed', 'cancelled', 'on_hold')
               when 'scheduled'  then new.status in ('in_transit', 'paid', 'failed', 'cancelled', 'on_hold')
               when 'on_hold'    then new.status in ('pending', 'scheduled', 'cancelled')
               when 'in_transit' then new.status in ('paid', 'failed')
               -- A bank may send back what the processor had reported as paid.
               when 'paid'       then new.status = 'failed'
               when 'failed'     then new.status in ('pending', 'scheduled', 'in_transit', 'cancelled')
               else false
           end) then
        raise exception 'Payout % cannot go from % to %.', old.id, old.status, new.status
            using errcode = 'check_violation', hint = 'What is cancelled does not begin again: make a new payout.';
    end if;
    new.paid_at        := case new.status when 'paid' then coalesce(new.paid_at, now()) end;
    new.failed_at      := case new.status when 'failed' then now() end;
    new.failure_reason := case new.status when 'failed' then new.failure_reason end;
    return new;
end
$function$;

create function app_private.carry_payout_status() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    if tg_op = 'INSERT' then
        update public.payout_schedules s set last_payout_at = greatest(s.last_payout_at, new.created_at) where s.id = new.schedule_id;
    else
        update public.booking_payments p
        set payout_status = new.status, payout_date = new.paid_at
        where p.payout_id = new.id;
    end if;
    return null;
end
$function$;

create function app_private.validate_payment_payout() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
declare
    payout    public.payout_transactions;
    vendor    uuid;
begin
    select t.* into payout from public.payout_transactions t where t.id = new.payout_id;
    -- A payout that does not exist is the foreign key's matter.
    if payout.id is not null then
        select b.vendor_id into vendor from public.bookings b where b.id = new.booking_id;
        if (payout.vendor_id, payout.currency) is distinct from (vendor, new.currency) then
            raise exception 'Payment % is % for vendor %, but payout % is % for vendor %.',
                    new.id, new.currency, vendor, payout.id, payout.currency, payout.vendor_id
                using errcode = 'check_violation', hint = 'A payout holds payments of one vendor in one currency.';
        end if;
        new.payout_status := payout.status;
        new.payout_date   := payout.paid_at;
    end if;
    return new;
end
$function$;
revoke execute on function app_private.schedule_next_payout(), app_private.validate_payout(), app_private.carry_payout_status(),
    app_private.validate_payment_payout() from public;

create trigger schedule_next_payout
    before insert or update of frequency, weekday, day_of_month, is_active, last_payout_at on public.payout_schedules
    for each row execute function app_private.schedule_next_payout();
create trigger validate_payout
    before update of status on public.payout_transactions
    for each row when (old.status is distinct from new.status) execute function app_private.validate_payout();
create trigger carry_payout_insert
    after insert on public.payout_transactions
    for each row when (new.schedule_id is not null) execute function app_private.carry_payout_status();
create trigger carry_payout_status
    after update of status on public.payout_transactions
    for each row when (old.status is distinct from new.status) execute function app_private.carry_payout_status();
create trigger validate_payment_payout
    before insert or update of payout_id on public.booking_payments
    for each row when (new.payout_id is not null) execute function app_private.validate_payment_payout();
create trigger update_payout_schedules_updated_at
    before update on public.payout_schedules
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();
-- A condition on the whole row is not allowed here, because of the computed column.
create trigger update_payout_transactions_updated_at
    before update on public.payout_transactions
    for each row
    when ((old.status, old.schedule_id, old.gross_amount, old.fee_amount, old.currency, old.period_start, old.period_end, old.scheduled_for,
           old.processor_payout_id, old.paid_at, old.failed_at, old.failure_reason, old.metadata)
          is distinct from
          (new.status, new.schedule_id, new.gross_amount, new.fee_amount, new.currency, new.period_start, new.period_end, new.scheduled_for,
           new.processor_payout_id, new.paid_at, new.failed_at, new.failure_reason, new.metadata))
    execute function public.update_updated_at_column();

alter table public.payout_schedules enable row level security;
revoke all on table public.payout_schedules from public, anon, authenticated;
grant all on table public.payout_schedules to service_role;
grant select on table public.payout_schedules to authenticated;
grant update (frequency, weekday, day_of_month, minimum_amount) on table public.payout_schedules to authenticated;

create policy "Vendors can view own payout schedules"
    on public.payout_schedules for select to authenticated
    using (vendor_id in (select v.id from public.vendors v where v.user_id = (select auth.uid())));
create policy "Vendors can choose when they are paid"
    on public.payout_schedules for update to authenticated
    using (vendor_id in (select v.id from public.vendors v where v.user_id = (select auth.uid())))
    with check (vendor_id in (select v.id from public.vendors v where v.user_id = (select auth.uid())));
create policy "Admins can view all payout schedules"
    on public.payout_schedules for select to authenticated using ((select app_private.is_admin()));
create policy "Service role manages payout schedules"
    on public.payout_schedules for all to service_role using (true) with check (true);

alter table public.payout_transactions enable row level security;
revoke all on table public.payout_transactions from public, anon, authenticated;
grant all on table public.payout_transactions to service_role;
grant select on table public.payout_transactions to authenticated;

create policy "Vendors can view own payouts"
    on public.payout_transactions for select to authenticated
    using (vendor_id in (select v.id from public.vendors v where v.user_id = (select auth.uid())));
create policy "Admins can view all payouts"
    on public.payout_transactions for select to authenticated using ((select app_private.is_admin()));
create policy "Service role manages payouts"
    on public.payout_transactions for all to service_role using (true) with check (true);
