-- Tracking of modifications: each step of a change to a booking with what its parties are to be told, and a log of changes to what decides about money and rights.
--
-- All rows are written by triggers, so that no writer can leave them out; nobody changes them.

create table public.booking_modification_history (
    id              bigint      generated always as identity primary key,
    modification_id uuid        not null references public.booking_modifications (id) on delete cascade,
    old_status      text,
    new_status      text        not null,
    changed_by      uuid        references public.profiles (id) on delete set null,
    note            text,
    changed_at      timestamptz not null default clock_timestamp(),

    constraint booking_modification_history_old_known check (old_status in ('pending', 'approved', 'auto_approved', 'rejected', 'processing', 'processed',
                                                                            'completed', 'cancelled', 'expired')),
    constraint booking_modification_history_new_known check (new_status in ('pending', 'approved', 'auto_approved', 'rejected', 'processing', 'processed',
                                                                            'completed', 'cancelled', 'expired'))
);
comment on table  public.booking_modification_history is 'Each step of a change to a booking, from the request to its end; seen by the booking''s parties';
comment on column public.booking_modification_history.old_status is 'Null for the request itself';
comment on column public.booking_modification_history.changed_by is 'Null for the platform, e.g. when a deadline passed';
comment on column public.booking_modification_history.note is 'The reason, approval note or refusal that came with the step';
create index idx_booking_modification_history_modification_id on public.booking_modification_history (modification_id, id);
create index idx_booking_modification_history_changed_by      on public.booking_modification_history (changed_by) where changed_by is not null;

create table public.booking_modification_notices (
    id           bigint      generated always as identity primary key,
    history_id   bigint      not null references public.booking_modification_history (id) on delete cascade,
    recipient_id uuid        not null references public.profiles (id) on delete cascade,
    sent_at      timestamptz,
    read_at      timestamptz,
    created_at   timestamptz not null default clock_timestamp(),

    constraint booking_modification_notices_once       unique (history_id, recipient_id),
    constraint booking_modification_notices_sent_range check (sent_at >= created_at),
    constraint booking_modification_notices_read_range check (read_at >= created_at)
);
comment on table  public.booking_modification_notices is 'Who is to be told of which step: traveller and vendor, but whoever took it himself; the back end sends what has no sent_at';
create index idx_booking_modification_notices_recipient_id on public.booking_modification_notices (recipient_id, created_at desc);
create index idx_booking_modification_notices_unsent       on public.booking_modification_notices (created_at) where sent_at is null;

create table public.system_change_log (
    id         bigint      generated always as identity primary key,
    table_name text        not null,
    row_id     uuid        not null,
    operation  text        not null,
    old_values jsonb       not null,
    new_values jsonb,
    changed_by uuid        references public.profiles (id) on delete set null,
    api_role   text,
    db_role    text        not null default session_user,
    changed_at timestamptz not null default clock_timestamp(),

    constraint system_change_log_operation_known check (operation in ('UPDATE', 'DELETE')),
    constraint system_change_log_values_objects  check (jsonb_typeof(old_values) = 'object' and jsonb_typeof(new_values) = 'object'),
    constraint system_change_log_new_values      check ((operation = 'UPDATE') = (new_values is not null))
);
comment on table  public.system_change_log is 'Changes to what decides about money and rights; for administrators, and changed by nobody';
comment on column public.system_change_log.row_id is 'Key of the changed row; no foreign key, since the log outlives the row';
comment on column public.system_change_log.old_values is 'The watched columns that changed, as they were; none of them is personal';
comment on column public.system_change_log.new_values is 'The same columns as they became; null for a deletion';
comment on column public.system_change_log.api_role is 'The role of the request''s token; null outside a request';
create index idx_system_change_log_row        on public.system_change_log (table_name, row_id, id);
create index idx_system_change_log_changed_by on public.system_change_log (changed_by) where changed_by is not null;
create index idx_system_change_log_changed_at on public.system_change_log using brin (changed_at);

create function app_private.validate_booking_modification() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    if not (case coalesce(old.status, 'pending')
               when 'pending'       then new.status in ('approved', 'auto_approved', 'rejected', 'cancelled', 'expired')
               when 'approved'      then new.status in ('processing', 'processed', 'completed', 'cancelled')
               when 'auto_approved' then new.status in ('processing', 'processed', 'completed', 'cancelled')
               when 'processing'    then new.status in ('processed', 'completed', 'cancelled')
               when 'processed'     then new.status = 'completed'
               else false
           end) then
        raise exception 'Modification % cannot go from % to %.', old.id, old.status, new.status
            using errcode = 'check_violation', hint = 'What was decided or expired does not begin again: ask for a new modification.';
    end if;
    new.approved_at  := case when new.status in ('approved', 'auto_approved') then coalesce(new.approved_at, now()) else new.approved_at end;
    new.rejected_at  := case when new.status = 'rejected' then coalesce(new.rejected_at, now()) else new.rejected_at end;
    new.processed_at := case when new.status in ('processed', 'completed') then coalesce(new.processed_at, now()) else new.processed_at end;
    return new;
end
$function$;

create function app_private.record_booking_modification() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
declare
    step  bigint;
    -- Null where the token names nobody, or somebody who is being deleted in this statement.
    actor constant uuid := (select p.id from public.profiles p where p.id = auth.uid());
begin
    insert into public.booking_modification_history (modification_id, old_status, new_status, changed_by, note)
    values (new.id,
            case tg_op when 'UPDATE' then coalesce(old.status, 'pending') end,
            coalesce(new.status, 'pending'),
            case tg_op when 'INSERT' then new.modified_by else actor end,
            case when tg_op = 'INSERT' then new.reason
                 when new.status = 'rejected' then new.rejection_reason
                 when new.status in ('approved', 'auto_approved') then coalesce(new.approval_notes, new.auto_approval_reason) end)
    returning id into step;

    insert into public.booking_modification_notices (history_id, recipient_id)
    select step, x.person
    from public.bookings b
    join public.vendors v on v.id = b.vendor_id
    cross join lateral (values (b.user_id), (v.user_id)) as x (person)
    where b.id = new.booking_id
      and x.person is distinct from case tg_op when 'INSERT' then new.modified_by else actor end
    on conflict do nothing;
    return null;
end
$function$;

-- The arguments name the columns watched: only they are logged, so that no name or address gets here.
create function app_private.log_system_change() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
declare
    before  constant jsonb := to_jsonb(old);
    after   constant jsonb := case tg_op when 'UPDATE' then to_jsonb(new) end;
    changed constant text[] := array(select c.name from unnest(tg_argv) as c (name) where tg_op = 'DELETE' or before -> c.name is distinct from after -> c.name);
begin
    if cardinality(changed) > 0 then
        insert into public.system_change_log (table_name, row_id, operation, old_values, new_values, changed_by, api_role)
        values (tg_table_name, old.id, tg_op,
                (select jsonb_object_agg(c.name, before -> c.name) from unnest(changed) as c (name)),
                case tg_op when 'UPDATE' then (select jsonb_object_agg(c.name, after -> c.name) from unnest(changed) as c (name)) end,
                (select p.id from public.profiles p where p.id = auth.uid()),
                auth.role());
    end if;
    return null;
end
$function$;
revoke execute on function app_private.validate_booking_modification(), app_private.record_booking_modification(), app_private.log_system_change()
    from public;

create trigger validate_booking_modification
    before update of status on public.booking_modifications
    for each row when (old.status is distinct from new.status) execute function app_private.validate_booking_modification();
create trigger record_booking_modification_insert
    after insert on public.booking_modifications
    for each row execute function app_private.record_booking_modification();
create trigger record_booking_modification_update
    after update of status on public.booking_modifications
    for each row when (old.status is distinct from new.status) execute function app_private.record_booking_modification();

create trigger log_system_change
    after update of role, account_status, is_verified, restriction_expires on public.profiles
    for each row execute function app_private.log_system_change('role', 'account_status', 'is_verified', 'restriction_expires');
create trigger log_system_change
    after delete or update of status, verification_status, stripe_account_id, commission_rate on public.vendors
    for each row execute function app_private.log_system_change('status', 'verification_status', 'stripe_account_id', 'commission_rate');
create trigger log_system_change
    after update of status, total_amount, currency, commission_amount, vendor_payout on public.bookings
    for each row execute function app_private.log_system_change('status', 'total_amount', 'currency', 'commission_amount', 'vendor_payout');
create trigger log_system_change
    after delete or update of status, amount, currency, refunded_amount, dispute_status, payout_id, payout_status on public.booking_payments
    for each row execute function app_private.log_system_change('status', 'amount', 'currency', 'refunded_amount', 'dispute_status',
                                                                'payout_id', 'payout_status');
create trigger log_system_change
    after delete or update on public.invoices
    for each row execute function app_private.log_system_change('invoice_number', 'status', 'currency', 'subtotal', 'tax_amount', 'total');
create trigger log_system_change
    after delete or update on public.payout_transactions
    for each row execute function app_private.log_system_change('status', 'gross_amount', 'fee_amount', 'currency', 'processor_payout_id');
create trigger log_system_change
    after delete or update on public.refund_requests
    for each row execute function app_private.log_system_change('status', 'custom_amount', 'refund_amount');
create trigger log_system_change
    after delete or update on public.dispute_cases
    for each row execute function app_private.log_system_change('status', 'amount', 'currency');
create trigger log_system_change
    after delete or update on public.automated_moderation_rules
    for each row execute function app_private.log_system_change('rule_type', 'definition', 'action_type', 'threshold', 'is_active');

create function public.expire_booking_modifications() returns integer
    language plpgsql security definer
    set search_path = ''
as $function$
declare
    expired integer;
begin
    update public.booking_modifications m
    set status = 'expired'
    where coalesce(m.status, 'pending') = 'pending' and m.vendor_response_deadline <= now();
    get diagnostics expired = row_count;
    return expired;
end
$function$;
comment on function public.expire_booking_modifications() is 'Ends requests whose vendor did not answer in time, and returns how many; run it hourly';
revoke execute on function public.expire_booking_modifications() from public, anon, authenticated;
grant execute on function public.expire_booking_modifications() to service_role;
create index idx_booking_modifications_deadline on public.booking_modifications (vendor_response_deadline) where status = 'pending';

alter table public.booking_modification_history enable row level security;
alter table public.booking_modification_notices enable row level security;
alter table public.system_change_log            enable row level security;

revoke all on table public.booking_modification_history, public.booking_modification_notices, public.system_change_log
    from public, anon, authenticated, service_role;
revoke all on sequence public.booking_modification_history_id_seq, public.booking_modification_notices_id_seq, public.system_change_log_id_seq
    from public, anon, authenticated, service_role;
grant select on table public.booking_modification_history, public.booking_modification_notices, public.system_change_log
    to authenticated, service_role;
grant update (read_at) on table public.booking_modification_notices to authenticated;
grant update (sent_at, read_at) on table public.booking_modification_notices to service_role;

-- The sub-select is under the modifications' own policies.
create policy "History of visible modifications is viewable"
    on public.booking_modification_history for select to authenticated
    using (exists (select from public.booking_modifications m where m.id = modification_id));
create policy "Admins can view all modification history"
    on public.booking_modification_history for select to authenticated using ((select app_private.is_admin()));
create policy "Service role reads modification history"
    on public.booking_modification_history for select to service_role using (true);

create policy "Users can view own modification notices"
    on public.booking_modification_notices for select to authenticated using ((select auth.uid()) = recipient_id);
create policy "Users can mark own modification notices as read"
    on public.booking_modification_notices for update to authenticated
    using ((select auth.uid()) = recipient_id) with check ((select auth.uid()) = recipient_id);
create policy "Service role reads modification notices"
    on public.booking_modification_notices for select to service_role using (true);
create policy "Service role marks modification notices as sent"
    on public.booking_modification_notices for update to service_role using (true) with check (true);

create policy "Admins can view the change log"
    on public.system_change_log for select to authenticated using ((select app_private.is_admin()));
create policy "Service role reads the change log"
    on public.system_change_log for select to service_role using (true);
