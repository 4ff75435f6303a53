-- Reconciliation: what the platform recorded compared with what the payment processor did, and where the two differ.
--
-- The back end reconciles; administrators read the result and settle the differences.

create table public.payment_reconciliations (
    id                     uuid         not null primary key default gen_random_uuid(),
    start_date             timestamptz  not null,
    end_date               timestamptz  not null,
    vendor_account_id      uuid,
    total_transactions     integer      not null default 0,
    matched_transactions   integer      not null default 0,
    unmatched_transactions integer      not null default 0,
    discrepancy_count      integer      not null default 0,
    reconciliation_rate    numeric(5,2) not null default 0,
    health_score           numeric(5,2) not null default 0,
    amount_variance        bigint       not null default 0,
    status                 varchar      not null default 'pending',
    metadata               jsonb        default '{}',
    created_at             timestamptz  default now(),
    updated_at             timestamptz  default now(),

    constraint payment_reconciliations_period            check (start_date <= end_date),
    constraint payment_reconciliations_counts_range      check (total_transactions >= 0 and matched_transactions >= 0 and unmatched_transactions >= 0
                                                                and discrepancy_count >= 0),
    constraint payment_reconciliations_matched_range     check (matched_transactions <= total_transactions),
    constraint payment_reconciliations_rate_range        check (reconciliation_rate between 0 and 100),
    constraint payment_reconciliations_health_range      check (health_score between 0 and 100),
    constraint payment_reconciliations_status_known      check (status in ('pending', 'in_progress', 'completed', 'needs_review', 'failed')),
    constraint payment_reconciliations_metadata_object   check (jsonb_typeof(metadata) = 'object')
);
comment on table  public.payment_reconciliations is 'One comparison of the platform''s payments with the processor''s, over a period';
comment on column public.payment_reconciliations.vendor_account_id is 'The processor''s account compared, null for all; no foreign key, since the record outlives the account';
comment on column public.payment_reconciliations.reconciliation_rate is 'Percentage of the transactions that matched';
comment on column public.payment_reconciliations.health_score is '0 to 100; weighs differences by what they are worth';
comment on column public.payment_reconciliations.amount_variance is 'Processor less platform, in the smallest unit of the currency';
create index idx_payment_reconciliations_period            on public.payment_reconciliations (end_date desc, start_date);
create index idx_payment_reconciliations_vendor_account_id on public.payment_reconciliations (vendor_account_id, end_date desc) where vendor_account_id is not null;
create index idx_payment_reconciliations_open              on public.payment_reconciliations (created_at) where status in ('pending', 'in_progress', 'needs_review');

create table public.payment_discrepancies (
    id                  uuid          not null primary key default gen_random_uuid(),
    reconciliation_id   uuid          not null references public.payment_reconciliations (id) on delete cascade,
    booking_payment_id  uuid          references public.booking_payments (id) on delete set null,
    processor_reference text,
    kind                text          not null,
    platform_amount     numeric(12,2),
    processor_amount    numeric(12,2),
    currency            text,
    status              text          not null default 'open',
    resolution          text,
    resolved_by         uuid          references public.profiles (id) on delete set null,
    resolved_at         timestamptz,
    created_at          timestamptz   not null default now(),
    updated_at          timestamptz   not null default now(),

    constraint payment_discrepancies_kind_known        check (kind in ('missing_on_platform', 'missing_at_processor', 'amount_mismatch', 'currency_mismatch',
                                                                       'status_mismatch', 'duplicate')),
    constraint payment_discrepancies_amounts_complete  check (currency is not null or platform_amount is null and processor_amount is null),
    constraint payment_discrepancies_platform_range    check (platform_amount >= 0),
    constraint payment_discrepancies_processor_range   check (processor_amount >= 0),
    constraint payment_discrepancies_currency_form     check (currency ~ '^[A-Z]{3}$'),
    constraint payment_discrepancies_status_known      check (status in ('open', 'investigating', 'resolved', 'ignored')),
    constraint payment_discrepancies_resolution_length check (char_length(resolution) <= 5000),
    constraint payment_discrepancies_resolved_why      check (status not in ('resolved', 'ignored') or resolution is not null and resolved_at is not null)
);
comment on table  public.payment_discrepancies is 'Each transaction in which platform and processor differ, and how it was settled';
comment on column public.payment_discrepancies.processor_reference is 'The processor''s identifier of the transaction';
comment on column public.payment_discrepancies.resolved_by is 'Written by a trigger, as resolved_at: whoever settles it signs it';
create index idx_payment_discrepancies_reconciliation_id  on public.payment_discrepancies (reconciliation_id);
create index idx_payment_discrepancies_booking_payment_id on public.payment_discrepancies (booking_payment_id) where booking_payment_id is not null;
create index idx_payment_discrepancies_resolved_by        on public.payment_discrepancies (resolved_by) where resolved_by is not null;
create index idx_payment_discrepancies_open               on public.payment_discrepancies (created_at) where status in ('open', 'investigating');

create function app_private.sign_payment_discrepancy() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    if new.status in ('resolved', 'ignored') then
        new.resolved_at := now();
        new.resolved_by := auth.uid();
    else
        new.resolved_at := null;
        new.resolved_by := null;
    end if;
    return new;
end
$function$;

create function app_private.count_payment_discrepancies() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
declare
    touched uuid[];
begin
    if tg_op = 'INSERT' then
        touched := array(select distinct n.reconciliation_id from new_rows n);
    else
        touched := array(select distinct o.reconciliation_id from old_rows o);
    end if;
    perform from public.payment_reconciliations r where r.id = any (touched) order by r.id for no key update;
    update public.payment_reconciliations r
    set discrepancy_count = (select count(*) from public.payment_discrepancies d where d.reconciliation_id = r.id)
    where r.id = any (touched);
    return null;
end
$function$;
revoke execute on function app_private.sign_payment_discrepancy(), app_private.count_payment_discrepancies() from public;

create trigger sign_payment_discrepancy
    before update of status on public.payment_discrepancies
    for each row when (old.status is distinct from new.status) execute function app_private.sign_payment_discrepancy();
create trigger count_payment_discrepancies_insert
    after insert on public.payment_discrepancies referencing new table as new_rows
    for each statement execute function app_private.count_payment_discrepancies();
create trigger count_payment_discrepancies_delete
    after delete on public.payment_discrepancies referencing old table as old_rows
    for each statement execute function app_private.count_payment_discrepancies();
create trigger update_payment_reconciliations_updated_at
    before update on public.payment_reconciliations
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();
create trigger update_payment_discrepancies_updated_at
    before update on public.payment_discrepancies
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();

alter table public.payment_reconciliations enable row level security;
revoke all on table public.payment_reconciliations from public, anon, authenticated;
grant all on table public.payment_reconciliations to service_role;
grant select on table public.payment_reconciliations to authenticated;

create policy "Admins can view reconciliations"
    on public.payment_reconciliations for select to authenticated using ((select app_private.is_admin()));
create policy "Service role manages reconciliations"
    on public.payment_reconciliations for all to service_role using (true) with check (true);

alter table public.payment_discrepancies enable row level security;
revoke all on table public.payment_discrepancies from public, anon, authenticated;
grant all on table public.payment_discrepancies to service_role;
grant select on table public.payment_discrepancies to authenticated;
grant update (status, resolution) on table public.payment_discrepancies to authenticated;

create policy "Admins can view discrepancies"
    on public.payment_discrepancies for select to authenticated using ((select app_private.is_admin()));
create policy "Admins can settle discrepancies"
    on public.payment_discrepancies for update to authenticated
    using ((select app_private.is_admin())) with check ((select app_private.is_admin()));
create policy "Service role manages discrepancies"
    on public.payment_discrepancies for all to service_role using (true) with check (true);
