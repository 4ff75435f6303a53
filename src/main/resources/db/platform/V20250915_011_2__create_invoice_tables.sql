-- Invoices and their lines.
--
-- An invoice outlives whom it names, because the law wants it kept: its references become null, and
-- customer_info and vendor_info hold who they were. Amounts are in the smallest unit of the currency, as
-- the running application writes them. Written by the back end only.

create sequence public.invoices_invoice_number_seq as bigint;

create table public.invoices (
    id                       uuid           not null primary key default gen_random_uuid(),
    invoice_number           varchar        not null
        default 'INV-' || to_char(now() at time zone 'UTC', 'YYYY') || '-'
                || to_char(nextval('public.invoices_invoice_number_seq'), 'FM0000000000'),
    booking_id               uuid           references public.bookings (id) on delete set null,
    user_id                  uuid           references public.profiles (id) on delete set null,
    vendor_id                uuid           references public.vendors (id) on delete set null,
    vendor_account_id        varchar,
    status                   varchar        default 'draft',
    currency                 varchar        not null default 'USD',
    subtotal                 bigint         not null default 0,
    tax_rate                 numeric(5,4)   default 0,
    tax_amount               bigint         default 0,
    total                    bigint         not null default 0,
    template                 varchar        default 'standard',
    customer_info            jsonb          default '{}',
    vendor_info              jsonb          default '{}',
    line_items               jsonb          default '[]',
    stripe_payment_intent_id varchar,
    paid_at                  timestamptz,
    sent_at                  timestamptz,
    due_date                 date,
    notes                    text,
    cancellation_reason      text,
    cancelled_at             timestamptz,
    created_at               timestamptz    default now(),
    updated_at               timestamptz    default now(),

    constraint invoices_invoice_number_key    unique (invoice_number),
    constraint invoices_invoice_number_length check (char_length(invoice_number) between 1 and 50),
    constraint invoices_status_known          check (status in ('draft', 'sent', 'overdue', 'paid', 'cancelled', 'refunded')),
    constraint invoices_currency_form         check (currency ~ '^[A-Z]{3}$'),
    constraint invoices_subtotal_range        check (subtotal >= 0),
    constraint invoices_tax_rate_range        check (tax_rate between 0 and 1),
    constraint invoices_tax_amount_range      check (tax_amount >= 0),
    constraint invoices_total_is_sum          check (total = subtotal + coalesce(tax_amount, 0)),
    constraint invoices_info_objects          check (jsonb_typeof(customer_info) = 'object' and jsonb_typeof(vendor_info) = 'object'),
    constraint invoices_line_items_array      check (jsonb_typeof(line_items) = 'array'),
    constraint invoices_paid_dated            check (status not in ('paid', 'refunded') or paid_at is not null),
    constraint invoices_cancelled_dated       check (status <> 'cancelled' or cancelled_at is not null)
);
comment on table  public.invoices is 'Invoices for bookings; once sent, what they say about money does not change';
comment on column public.invoices.subtotal is 'Net, in the smallest unit of the currency';
comment on column public.invoices.tax_rate is 'A fraction: 0.19 is 19 %';
comment on column public.invoices.tax_amount is 'In the smallest unit of the currency';
comment on column public.invoices.total is 'subtotal and tax_amount, in the smallest unit of the currency';
comment on column public.invoices.vendor_account_id is 'The processor''s account that receives the money, as it was then';
comment on column public.invoices.customer_info is 'Name and address of the customer as invoiced';
comment on column public.invoices.vendor_info is 'Name and address of the vendor as invoiced';
comment on column public.invoices.line_items is 'The lines as printed; written by a trigger where invoice_items has lines';
alter sequence public.invoices_invoice_number_seq owned by public.invoices.invoice_number;

create index idx_invoices_booking_id on public.invoices (booking_id) where booking_id is not null;
create index idx_invoices_user_id    on public.invoices (user_id, created_at desc);
create index idx_invoices_vendor_id  on public.invoices (vendor_id, created_at desc);
create index idx_invoices_unpaid     on public.invoices (due_date) where status in ('sent', 'overdue');
create index idx_invoices_stripe_payment_intent_id on public.invoices (stripe_payment_intent_id) where stripe_payment_intent_id is not null;

create table public.invoice_items (
    id           uuid           not null primary key default gen_random_uuid(),
    invoice_id   uuid           not null references public.invoices (id) on delete cascade,
    adventure_id uuid           references public.adventures (id) on delete set null,
    position     integer        not null,
    kind         text           not null default 'adventure',
    description  text           not null,
    quantity     numeric(10,3)  not null default 1,
    unit_amount  bigint         not null,
    amount       bigint         not null generated always as (round(quantity * unit_amount)::bigint) stored,
    created_at   timestamptz    not null default now(),

    constraint invoice_items_position_key       unique (invoice_id, position),
    constraint invoice_items_position_range     check (position >= 1),
    constraint invoice_items_kind_known         check (kind in ('adventure', 'add_on', 'fee', 'discount', 'other')),
    constraint invoice_items_description_length check (char_length(description) between 1 and 500),
    constraint invoice_items_quantity_range     check (quantity > 0),
    constraint invoice_items_unit_amount_range  check (case kind when 'discount' then unit_amount <= 0 else unit_amount >= 0 end)
);
comment on table  public.invoice_items is 'The lines of an invoice, in the order of position; the invoice''s amounts follow from them';
comment on column public.invoice_items.unit_amount is 'Net price of one, in the smallest unit of the invoice''s currency; a discount''s is negative';
comment on column public.invoice_items.amount is 'quantity times unit_amount, rounded to the smallest unit';
create index idx_invoice_items_adventure_id on public.invoice_items (adventure_id) where adventure_id is not null;

create function app_private.validate_invoice() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
declare
    before constant text := coalesce(old.status, 'draft');
    after  constant text := coalesce(new.status, 'draft');
begin
    if before <> after and not (case before
                                    when 'draft'   then after in ('sent', 'paid', 'cancelled')
                                    when 'sent'    then after in ('overdue', 'paid', 'cancelled')
                                    when 'overdue' then after in ('paid', 'cancelled')
                                    when 'paid'    then after = 'refunded'
                                    else false
                                end) then
        raise exception 'Invoice % cannot go from % to %.', old.invoice_number, before, after
            using errcode = 'check_violation', hint = 'A wrong invoice is cancelled and written anew.';
    end if;
    if before <> 'draft'
       and (old.invoice_number, old.currency, old.subtotal, old.tax_rate, old.tax_amount, old.total, old.customer_info, old.vendor_info, old.line_items)
           is distinct from
           (new.invoice_number, new.currency, new.subtotal, new.tax_rate, new.tax_amount, new.total, new.customer_info, new.vendor_info, new.line_items) then
        raise exception 'Invoice % is %, so its number, parties, lines and amounts cannot change.', old.invoice_number, before
            using errcode = 'check_violation', hint = 'Cancel it and write a new one.';
    end if;

    if before = 'draft' and old.tax_rate is distinct from new.tax_rate and exists (select from public.invoice_items x where x.invoice_id = new.id) then
        new.tax_amount := round(new.subtotal * coalesce(new.tax_rate, 0))::bigint;
        new.total      := new.subtotal + new.tax_amount;
    end if;
    if before <> after then
        new.sent_at      := case when after = 'sent' then coalesce(new.sent_at, now()) else new.sent_at end;
        new.paid_at      := case when after = 'paid' then coalesce(new.paid_at, now()) else new.paid_at end;
        new.cancelled_at := case when after = 'cancelled' then coalesce(new.cancelled_at, now()) else new.cancelled_at end;
    end if;
    return new;
end
$function$;

-- Once for a statement, locking the invoices in the order of their ids, as the counting triggers do.
create function app_private.total_invoices() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
declare
    touched uuid[];
    sent    text;
begin
    if tg_op = 'INSERT' then
        touched := array(select distinct n.invoice_id from new_rows n);
    elsif tg_op = 'DELETE' then
        touched := array(select distinct o.invoice_id from old_rows o);
    else
        -- A line that only loses its deleted adventure is the line it was.
        touched := array(
            select distinct i.id
            from old_rows o
            join new_rows n on n.id = o.id
            cross join lateral (values (o.invoice_id), (n.invoice_id)) as i (id)
            where (o.invoice_id, o.position, o.kind, o.description, o.quantity, o.unit_amount)
                  is distinct from (n.invoice_id, n.position, n.kind, n.description, n.quantity, n.unit_amount));
    end if;

    perform from public.invoices i where i.id = any (touched) order by i.id for no key update;
    select i.invoice_number into sent from public.invoices i where i.id = any (touched) and i.status <> 'draft' limit 1;
    if found then
        raise exception 'Invoice % is no draft any more, so its lines cannot change.', sent
            using errcode = 'check_violation', hint = 'Cancel it and write a new one.';
    end if;

    update public.invoices i
    set subtotal   = s.net,
        tax_amount = round(s.net * coalesce(i.tax_rate, 0))::bigint,
        total      = s.net + round(s.net * coalesce(i.tax_rate, 0))::bigint,
        line_items = s.printed
    from unnest(touched) as t (id)
    cross join lateral (
        select coalesce(sum(x.amount), 0)::bigint as net,
               coalesce(jsonb_agg(jsonb_build_object('kind', x.kind, 'description', x.description, 'quantity', x.quantity,
                                                     'unit_amount', x.unit_amount, 'amount', x.amount) order by x.position), '[]') as printed
        from public.invoice_items x
        where x.invoice_id = t.id) s
    where i.id = t.id;
    return null;
end
$function$;
revoke execute on function app_private.validate_invoice(), app_private.total_invoices() from public;

create trigger validate_invoice
    before update on public.invoices
    for each row when (old.* is distinct from new.*) execute function app_private.validate_invoice();
create trigger update_invoices_updated_at
    before update on public.invoices
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();
create trigger total_invoices_insert
    after insert on public.invoice_items referencing new table as new_rows
    for each statement execute function app_private.total_invoices();
create trigger total_invoices_update
    after update on public.invoice_items referencing old table as old_rows new table as new_rows
    for each statement execute function app_private.total_invoices();
create trigger total_invoices_delete
    after delete on public.invoice_items referencing old table as old_rows
    for each statement execute function app_private.total_invoices();

alter table public.invoices enable row level security;
revoke all on table public.invoices from public, anon, authenticated;
revoke all on sequence public.invoices_invoice_number_seq from public, anon, authenticated;
grant all on table public.invoices to service_role;
grant usage, select on sequence public.invoices_invoice_number_seq to service_role;
grant select on table public.invoices to authenticated;

-- A draft is the vendor's until it is sent.
create policy "Users can view invoices sent to them"
    on public.invoices for select to authenticated using ((select auth.uid()) = user_id and status <> 'draft');
create policy "Vendors can view own invoices"
    on public.invoices for select to authenticated
    using (vendor_id in (select v.id from public.vendors v where v.user_id = (select auth.uid())));
create policy "Admins can view all invoices"
    on public.invoices for select to authenticated using ((select app_private.is_admin()));
create policy "Service role manages invoices"
    on public.invoices for all to service_role using (true) with check (true);

alter table public.invoice_items enable row level security;
revoke all on table public.invoice_items from public, anon, authenticated;
grant all on table public.invoice_items to service_role;
grant select on table public.invoice_items to authenticated;

-- The sub-select is under the invoices' own policies.
create policy "Lines of visible invoices are viewable"
    on public.invoice_items for select to authenticated
    using (exists (select from public.invoices i where i.id = invoice_id));
create policy "Service role manages invoice items"
    on public.invoice_items for all to service_role using (true) with check (true);
