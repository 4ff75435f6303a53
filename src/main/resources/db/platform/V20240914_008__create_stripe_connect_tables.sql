-- Stripe Connect: the accounts that vendors are paid to, how far their onboarding is, the catalogue that Stripe knows, and payment intents.
--
-- All of it mirrors what Stripe says and is written by the back end only. No secret of Stripe's is kept:
-- neither keys, nor client secrets of intents (whoever has one can complete the payment), nor onboarding
-- links (whoever has one enters the vendor's bank account).

create table public.stripe_accounts (
    id                uuid        not null primary key default gen_random_uuid(),
    vendor_id         uuid        not null references public.vendors (id) on delete cascade,
    stripe_account_id text        not null,
    account_type      text        not null default 'express',
    country           text,
    default_currency  text,
    status            text        not null default 'pending',
    details_submitted boolean     not null default false,
    charges_enabled   boolean     not null default false,
    payouts_enabled   boolean     not null default false,
    disabled_reason   text,
    deauthorized_at   timestamptz,
    created_at        timestamptz not null default now(),
    updated_at        timestamptz not null default now(),

    constraint stripe_accounts_stripe_account_id_key  unique (stripe_account_id),
    constraint stripe_accounts_stripe_account_id_form check (stripe_account_id ~ '^acct_[A-Za-z0-9]{1,100}$'),
    constraint stripe_accounts_type_known             check (account_type in ('express', 'standard', 'custom')),
    constraint stripe_accounts_country_form           check (country ~ '^[A-Z]{2}$'),
    constraint stripe_accounts_currency_form          check (default_currency ~ '^[A-Z]{3}$'),
    constraint stripe_accounts_status_known           check (status in ('pending', 'active', 'restricted', 'disabled', 'rejected', 'deauthorized')),
    constraint stripe_accounts_deauthorized           check ((status = 'deauthorized') = (deauthorized_at is not null))
);
comment on table  public.stripe_accounts is 'The connected Stripe account of a vendor, as Stripe last described it; seen by the vendor and by administrators';
comment on column public.stripe_accounts.stripe_account_id is 'Stripe''s name of the account, acct_...';
comment on column public.stripe_accounts.deauthorized_at is 'When the vendor disconnected the account; a vendor has one connected account at a time';
create index        idx_stripe_accounts_vendor_id     on public.stripe_accounts (vendor_id);
create unique index idx_stripe_accounts_one_connected on public.stripe_accounts (vendor_id) where deauthorized_at is null;

-- Vendors that were connected before these tables existed.
insert into public.stripe_accounts (vendor_id, stripe_account_id, status, details_submitted, charges_enabled, payouts_enabled)
select v.id, v.stripe_account_id, case when v.stripe_onboarding_complete then 'active' else 'pending' end,
       coalesce(v.stripe_onboarding_complete, false), coalesce(v.stripe_onboarding_complete, false), coalesce(v.stripe_onboarding_complete, false)
from public.vendors v
where v.stripe_account_id ~ '^acct_[A-Za-z0-9]{1,100}$';

create table public.stripe_account_onboarding (
    id                    uuid        not null primary key default gen_random_uuid(),
    account_id            uuid        not null references public.stripe_accounts (id) on delete cascade,
    status                text        not null default 'not_started',
    currently_due         text[]      not null default '{}',
    past_due              text[]      not null default '{}',
    requirements_deadline timestamptz,
    link_expires_at       timestamptz,
    started_at            timestamptz,
    completed_at          timestamptz,
    failure_reason        text,
    created_at            timestamptz not null default now(),
    updated_at            timestamptz not null default now(),

    constraint stripe_account_onboarding_account_id_key unique (account_id),
    constraint stripe_account_onboarding_status_known   check (status in ('not_started', 'in_progress', 'pending_review', 'completed', 'failed')),
    constraint stripe_account_onboarding_due_limit      check (cardinality(currently_due) <= 256 and array_position(currently_due, null) is null
                                                               and cardinality(past_due) <= 256 and array_position(past_due, null) is null),
    constraint stripe_account_onboarding_completed      check ((status = 'completed') = (completed_at is not null)),
    constraint stripe_account_onboarding_times          check (started_at <= completed_at)
);
comment on table  public.stripe_account_onboarding is 'How far a vendor''s Stripe account is, and what Stripe still wants to know';
comment on column public.stripe_account_onboarding.currently_due is 'Stripe''s names of what is missing, e.g. individual.verification.document';
comment on column public.stripe_account_onboarding.past_due is 'Of those, what is so late that Stripe has disabled the account';
comment on column public.stripe_account_onboarding.link_expires_at is 'Until when the last onboarding link is good; the link itself is a key and is not kept';

create table public.stripe_products (
    id                uuid        not null primary key default gen_random_uuid(),
    account_id        uuid        not null references public.stripe_accounts (id) on delete cascade,
    adventure_id      uuid        references public.adventures (id) on delete set null,
    stripe_product_id text        not null,
    name              text        not null,
    description       text,
    is_active         boolean     not null default true,
    created_at        timestamptz not null default now(),
    updated_at        timestamptz not null default now(),

    constraint stripe_products_stripe_product_id_key  unique (stripe_product_id),
    constraint stripe_products_stripe_product_id_form check (stripe_product_id ~ '^prod_[A-Za-z0-9]{1,100}$'),
    constraint stripe_products_name_length            check (char_length(name) between 1 and 300)
);
comment on table  public.stripe_products is 'An adventure as a product in Stripe''s catalogue';
comment on column public.stripe_products.adventure_id is 'Null once the adventure is deleted: Stripe keeps the product, which is then to be archived';
create index        idx_stripe_products_account_id   on public.stripe_products (account_id);
create index        idx_stripe_products_adventure_id on public.stripe_products (adventure_id) where adventure_id is not null;
create unique index idx_stripe_products_one_active   on public.stripe_products (adventure_id) where is_active;

create table public.stripe_prices (
    id                 uuid          not null primary key default gen_random_uuid(),
    product_id         uuid          not null references public.stripe_products (id) on delete cascade,
    stripe_price_id    text          not null,
    unit_amount        numeric(10,2) not null,
    currency           text          not null default 'USD',
    price_type         text          not null default 'one_time',
    recurring_interval text,
    is_active          boolean       not null default true,
    created_at         timestamptz   not null default now(),
    updated_at         timestamptz   not null default now(),

    constraint stripe_prices_stripe_price_id_key  unique (stripe_price_id),
    constraint stripe_prices_stripe_price_id_form check (stripe_price_id ~ '^price_[A-Za-z0-9]{1,100}$'),
    constraint stripe_prices_amount_range         check (unit_amount >= 0),
    constraint stripe_prices_currency_form        check (currency ~ '^[A-Z]{3}$'),
    constraint stripe_prices_type_known           check (price_type in ('one_time', 'recurring')),
    constraint stripe_prices_interval_known       check (recurring_interval in ('day', 'week', 'month', 'year')),
    constraint stripe_prices_interval_complete    check ((price_type = 'recurring') = (recurring_interval is not null))
);
comment on table  public.stripe_prices is 'What a product costs at Stripe; Stripe''s prices do not change, a new one replaces an old one';
comment on column public.stripe_prices.unit_amount is 'In whole units of the currency as everywhere here, not in Stripe''s smallest unit';
create index        idx_stripe_prices_product_id on public.stripe_prices (product_id);
create unique index idx_stripe_prices_one_active on public.stripe_prices (product_id, currency) where is_active and price_type = 'one_time';

create table public.stripe_payment_intents (
    id                       uuid          not null primary key default gen_random_uuid(),
    stripe_payment_intent_id text          not null,
    booking_id               uuid          not null references public.bookings (id),
    user_id                  uuid          not null references public.profiles (id),
    account_id               uuid          references public.stripe_accounts (id),
    price_id                 uuid          references public.stripe_prices (id) on delete set null,
    amount                   numeric(10,2) not null,
    amount_received          numeric(10,2) not null default 0,
    application_fee          numeric(10,2) not null default 0,
    currency                 text          not null default 'USD',
    status                   text          not null default 'requires_payment_method',
    capture_method           text          not null default 'automatic',
    idempotency_key          text,
    failure_code             text,
    failure_message          text,
    succeeded_at             timestamptz,
    canceled_at              timestamptz,
    cancellation_reason      text,
    created_at               timestamptz   not null default now(),
    updated_at               timestamptz   not null default now(),

    constraint stripe_payment_intents_intent_id_key       unique (stripe_payment_intent_id),
    constraint stripe_payment_intents_idempotency_key_key unique (idempotency_key),
    constraint stripe_payment_intents_intent_id_form      check (stripe_payment_intent_id ~ '^pi_[A-Za-z0-9]{1,100}$'),
    constraint stripe_payment_intents_amount_range        check (amount > 0),
    constraint stripe_payment_intents_received_range      check (amount_received between 0 and amount),
    constraint stripe_payment_intents_fee_range           check (application_fee between 0 and amount),
    constraint stripe_payment_intents_currency_form       check (currency ~ '^[A-Z]{3}$'),
    constraint stripe_payment_intents_status_known        check (status in ('requires_payment_method', 'requires_confirmation', 'requires_action',
                                                                            'processing', 'requires_capture', 'canceled', 'succeeded')),
    constraint stripe_payment_intents_capture_known       check (capture_method in ('automatic', 'automatic_async', 'manual')),
    constraint stripe_payment_intents_succeeded           check ((status = 'succeeded') = (succeeded_at is not null)),
    constraint stripe_payment_intents_canceled            check ((status = 'canceled') = (canceled_at is not null))
);
comment on table  public.stripe_payment_intents is 'Each attempt to be paid through Stripe; the payment that comes of it is in booking_payments under the same stripe_payment_intent_id';
comment on column public.stripe_payment_intents.account_id is 'The vendor''s account that the money goes to; null while the platform itself collects';
comment on column public.stripe_payment_intents.application_fee is 'What the platform keeps, in the intent''s currency';
comment on column public.stripe_payment_intents.idempotency_key is 'Sent to Stripe with the request, so that a repeated request makes no second intent';
create index idx_stripe_payment_intents_booking_id on public.stripe_payment_intents (booking_id);
create index idx_stripe_payment_intents_user_id    on public.stripe_payment_intents (user_id);
create index idx_stripe_payment_intents_account_id on public.stripe_payment_intents (account_id) where account_id is not null;
create index idx_stripe_payment_intents_price_id   on public.stripe_payment_intents (price_id) where price_id is not null;
-- Those that are still to be asked about at Stripe, should a webhook have been lost.
create index idx_stripe_payment_intents_open       on public.stripe_payment_intents (updated_at) where status not in ('succeeded', 'canceled');

alter table public.booking_payments
    add constraint booking_payments_vendor_stripe_account_id_fkey foreign key (vendor_stripe_account_id) references public.stripe_accounts (id);

create trigger update_stripe_accounts_updated_at
    before update on public.stripe_accounts
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();
create trigger update_stripe_account_onboarding_updated_at
    before update on public.stripe_account_onboarding
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();
create trigger update_stripe_products_updated_at
    before update on public.stripe_products
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();
create trigger update_stripe_prices_updated_at
    before update on public.stripe_prices
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();
create trigger update_stripe_payment_intents_updated_at
    before update on public.stripe_payment_intents
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();

-- The running application asks the vendor's row whether it can be paid. One truth: that row follows the account.
create function app_private.note_stripe_account() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    update public.vendors v
    set stripe_account_id = a.stripe_account_id, stripe_onboarding_complete = coalesce(a.complete, false)
    from unnest(array[old.vendor_id, new.vendor_id]) as t (id)
    left join lateral (select c.stripe_account_id, c.details_submitted and c.charges_enabled and c.payouts_enabled as complete
                       from public.stripe_accounts c
                       where c.vendor_id = t.id and c.deauthorized_at is null) a on true
    where v.id = t.id
      and (v.stripe_account_id, v.stripe_onboarding_complete) is distinct from (a.stripe_account_id, coalesce(a.complete, false));
    return null;
end
$function$;
comment on function app_private.note_stripe_account() is 'Keeps stripe_account_id and stripe_onboarding_complete of the vendor''s row';
revoke execute on function app_private.note_stripe_account() from public;

create trigger note_stripe_account
    after insert or update or delete on public.stripe_accounts
    for each row execute function app_private.note_stripe_account();

alter table public.stripe_accounts enable row level security;
revoke all on table public.stripe_accounts from public, anon, authenticated;
grant all on table public.stripe_accounts to service_role;
grant select on table public.stripe_accounts to authenticated;

create policy "Vendors can view own Stripe account"
    on public.stripe_accounts for select to authenticated
    using (vendor_id in (select v.id from public.vendors v where v.user_id = (select auth.uid())));
create policy "Admins can view all Stripe accounts"
    on public.stripe_accounts for select to authenticated using ((select app_private.is_admin()));
create policy "Service role manages Stripe accounts"
    on public.stripe_accounts for all to service_role using (true) with check (true);

-- For what hangs on an account, the sub-select is under the accounts' own policies: vendors see what is theirs, administrators all.
alter table public.stripe_account_onboarding enable row level security;
revoke all on table public.stripe_account_onboarding from public, anon, authenticated;
grant all on table public.stripe_account_onboarding to service_role;
grant select on table public.stripe_account_onboarding to authenticated;

create policy "Onboarding of visible Stripe accounts is viewable"
    on public.stripe_account_onboarding for select to authenticated
    using (exists (select from public.stripe_accounts a where a.id = account_id));
create policy "Service role manages onboarding"
    on public.stripe_account_onboarding for all to service_role using (true) with check (true);

alter table public.stripe_products enable row level security;
revoke all on table public.stripe_products from public, anon, authenticated;
grant all on table public.stripe_products to service_role;
grant select on table public.stripe_products to authenticated;

create policy "Products of visible Stripe accounts are viewable"
    on public.stripe_products for select to authenticated
    using (exists (select from public.stripe_accounts a where a.id = account_id));
create policy "Service role manages products"
    on public.stripe_products for all to service_role using (true) with check (true);

alter table public.stripe_prices enable row level security;
revoke all on table public.stripe_prices from public, anon, authenticated;
grant all on table public.stripe_prices to service_role;
grant select on table public.stripe_prices to authenticated;

create policy "Prices of visible products are viewable"
    on public.stripe_prices for select to authenticated
    using (exists (select from public.stripe_products p where p.id = product_id));
create policy "Service role manages prices"
    on public.stripe_prices for all to service_role using (true) with check (true);

alter table public.stripe_payment_intents enable row level security;
revoke all on table public.stripe_payment_intents from public, anon, authenticated;
grant all on table public.stripe_payment_intents to service_role;
-- Without idempotency_key: it is between the back end and Stripe.
grant select (id, stripe_payment_intent_id, booking_id, user_id, account_id, price_id, amount, amount_received, application_fee, currency,
              status, capture_method, failure_code, failure_message, succeeded_at, canceled_at, cancellation_reason, created_at, updated_at)
    on table public.stripe_payment_intents to authenticated;

create policy "Users can view own payment intents"
    on public.stripe_payment_intents for select to authenticated using ((select auth.uid()) = user_id);
create policy "Vendors can view payment intents of their bookings"
    on public.stripe_payment_intents for select to authenticated
    using (exists (select from public.bookings b join public.vendors v on v.id = b.vendor_id
                   where b.id = booking_id and v.user_id = (select auth.uid())));
create policy "Admins can view all payment intents"
    on public.stripe_payment_intents for select to authenticated using ((select app_private.is_admin()));
create policy "Service role manages payment intents"
    on public.stripe_payment_intents for all to service_role using (true) with check (true);
