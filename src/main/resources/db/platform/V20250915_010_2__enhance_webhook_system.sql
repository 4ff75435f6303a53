-- Webhooks: every event that a provider delivers is kept once, worked through by any number of workers, and tried again until it succeeds or is given up.
--
-- The back end checks the provider's signature, calls record_webhook() and answers at once; workers call
-- claim_webhooks(), then complete_webhook() or fail_webhook(). Nobody signed in reads a payload.

create table public.webhook_events (
    id                 uuid        not null primary key default gen_random_uuid(),
    source             text        not null,
    event_type         text        not null,
    description        text        not null,
    is_enabled         boolean     not null default true,
    max_attempts       integer     not null default 8,
    first_retry_delay  interval    not null default interval '30 seconds',
    created_at         timestamptz not null default now(),
    updated_at         timestamptz not null default now(),

    constraint webhook_events_type_key           unique (source, event_type),
    constraint webhook_events_source_form        check (source ~ '^[a-z][a-z0-9_]{0,49}$'),
    constraint webhook_events_type_length        check (char_length(event_type) between 1 and 100),
    constraint webhook_events_attempts_range     check (max_attempts between 1 and 100),
    constraint webhook_events_retry_delay_range  check (first_retry_delay between interval '1 second' and interval '1 day')
);
comment on table  public.webhook_events is 'Which events are worked on, and how stubbornly; events of other types are kept as ignored';
comment on column public.webhook_events.source is 'The provider, e.g. stripe';
comment on column public.webhook_events.event_type is 'In the provider''s words';
comment on column public.webhook_events.first_retry_delay is 'Pause after the first failure; each further one doubles it, up to a day';

insert into public.webhook_events (source, event_type, description)
values
    ('stripe',   'account.updated',                 'What Stripe says of a vendor''s account'),
    ('stripe',   'account.application.deauthorized', 'A vendor disconnected the account'),
    ('stripe',   'payment_intent.succeeded',        'A payment came in'),
    ('stripe',   'payment_intent.payment_failed',   'A payment was refused'),
    ('stripe',   'payment_intent.canceled',         'A payment was given up'),
    ('stripe',   'charge.refunded',                 'A payment was paid back, wholly or in part'),
    ('stripe',   'charge.dispute.created',          'A payment is disputed'),
    ('stripe',   'charge.dispute.updated',          'A dispute moved on'),
    ('stripe',   'charge.dispute.closed',           'A dispute is decided'),
    ('stripe',   'payout.paid',                     'A vendor''s payout arrived'),
    ('stripe',   'payout.failed',                   'A vendor''s payout did not arrive'),
    ('whatsapp', 'messages',                        'A person wrote, or a message was delivered or read'),
    ('whatsapp', 'message_template_status_update',  'A message template was approved or refused');

create table public.webhook_logs (
    id              uuid        not null primary key default gen_random_uuid(),
    event_id        uuid        references public.webhook_events (id) on delete set null,
    source          text        not null,
    external_id     text        not null,
    event_type      text        not null,
    payload         jsonb       not null,
    status          text        not null default 'received',
    attempts        integer     not null default 0,
    next_attempt_at timestamptz,
    leased_until    timestamptz,
    received_at     timestamptz not null default now(),
    finished_at     timestamptz,

    -- Providers deliver at least once; what follows must happen once.
    constraint webhook_logs_external_id_key    unique (source, external_id),
    constraint webhook_logs_source_form        check (source ~ '^[a-z][a-z0-9_]{0,49}$'),
    constraint webhook_logs_external_id_length check (char_length(external_id) between 1 and 255),
    constraint webhook_logs_event_type_length  check (char_length(event_type) between 1 and 100),
    constraint webhook_logs_status_known       check (status in ('received', 'processing', 'retrying', 'processed', 'ignored', 'abandoned')),
    constraint webhook_logs_attempts_range     check (attempts >= 0),
    constraint webhook_logs_waiting            check ((status in ('received', 'retrying')) = (next_attempt_at is not null)),
    constraint webhook_logs_leased             check ((status = 'processing') = (leased_until is not null)),
    constraint webhook_logs_finished           check ((status in ('processed', 'ignored', 'abandoned')) = (finished_at is not null))
);
comment on table  public.webhook_logs is 'Every event delivered by a provider, once, and how far the work on it is; administrators see it without the payload';
comment on column public.webhook_logs.event_id is 'Null: no such type was known';
comment on column public.webhook_logs.external_id is 'The provider''s name of the event';
comment on column public.webhook_logs.payload is 'As delivered and signed; holds personal and payment data';
comment on column public.webhook_logs.status is 'abandoned: the last attempt allowed has failed; retry_webhook() takes it up again';
comment on column public.webhook_logs.leased_until is 'When a worker that has not reported is taken for dead';
create index idx_webhook_logs_event_id    on public.webhook_logs (event_id) where event_id is not null;
create index idx_webhook_logs_waiting     on public.webhook_logs (next_attempt_at) where status in ('received', 'retrying');
create index idx_webhook_logs_leased      on public.webhook_logs (leased_until) where status = 'processing';
create index idx_webhook_logs_abandoned   on public.webhook_logs (finished_at) where status = 'abandoned';
create index idx_webhook_logs_received_at on public.webhook_logs using brin (received_at);

create table public.webhook_failures (
    id             uuid        not null primary key default gen_random_uuid(),
    webhook_log_id uuid        not null references public.webhook_logs (id) on delete cascade,
    attempt        integer     not null,
    error_code     text,
    error_message  text        not null,
    failed_at      timestamptz not null default now(),

    constraint webhook_failures_attempt_key    unique (webhook_log_id, attempt),
    constraint webhook_failures_attempt_range  check (attempt >= 1),
    constraint webhook_failures_code_length    check (char_length(error_code) between 1 and 100),
    constraint webhook_failures_message_length check (char_length(error_message) between 1 and 10000)
);
comment on table  public.webhook_failures is 'Each attempt on a webhook that failed, and why';
create index idx_webhook_failures_failed_at on public.webhook_failures (failed_at desc);

create trigger update_webhook_events_updated_at
    before update on public.webhook_events
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();

create function public.record_webhook(source text, external_id text, event_type text, payload jsonb) returns uuid
    language plpgsql security definer
    set search_path = ''
as $function$
declare
    wanted   public.webhook_events;
    recorded uuid;
begin
    select e.* into wanted from public.webhook_events e where e.source = record_webhook.source and e.event_type = record_webhook.event_type;
    insert into public.webhook_logs as l (event_id, source, external_id, event_type, payload, status, next_attempt_at, finished_at)
    select wanted.id, record_webhook.source, record_webhook.external_id, record_webhook.event_type, record_webhook.payload, s.status,
           case when s.status = 'received' then now() end, case when s.status = 'ignored' then now() end
    from (select case when wanted.is_enabled then 'received' else 'ignored' end as status) s
    on conflict on constraint webhook_logs_external_id_key do nothing
    returning l.id into recorded;
    return recorded;
end
$function$;
comment on function public.record_webhook(text, text, text, jsonb) is
    'Keeps an event whose signature the caller has checked; returns its id, or null if it was delivered before';

-- A worker that died is noticed by its lease. Its attempt has failed, and counts: an event that kills its workers must come to an end.
create function public.claim_webhooks(most integer default 10, lease interval default interval '5 minutes') returns setof public.webhook_logs
    language plpgsql security definer
    set search_path = ''
as $function$
declare
    dead record;
begin
    if most is null or most not between 1 and 1000 or lease is null or lease not between interval '1 second' and interval '1 day' then
        raise exception 'Cannot claim % webhooks for %; allowed are 1 to 1000, for 1 second to 1 day.', most, lease
            using errcode = 'invalid_parameter_value';
    end if;
    for dead in
        select l.id, l.attempts, l.leased_until from public.webhook_logs l
        where l.status = 'processing' and l.leased_until < now()
        order by l.leased_until
        limit most
        for update skip locked
    loop
        perform public.fail_webhook(dead.id, dead.attempts, 'The worker did not report by ' || dead.leased_until, 'lease_expired');
    end loop;

    return query
    update public.webhook_logs l
    set status = 'processing', attempts = l.attempts + 1, next_attempt_at = null, leased_until = now() + lease
    from (select w.id from public.webhook_logs w
          where w.status in ('received', 'retrying') and w.next_attempt_at <= now()
          order by w.next_attempt_at
          limit most
          for update skip locked) due
    where l.id = due.id
    returning l.*;
end
$function$;
comment on function public.claim_webhooks(integer, interval) is
    'Takes the events that have waited longest for one worker; no two workers get the same one while its lease lasts';

-- Both name the attempt, so that a worker that was taken for dead cannot report on another one's work.
create function public.complete_webhook(webhook uuid, attempt integer) returns void
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    update public.webhook_logs l
    set status = 'processed', leased_until = null, finished_at = now()
    where l.id = webhook and l.status = 'processing' and l.attempts = attempt;
    if not found then
        raise exception 'Attempt % on webhook % is not under way.', attempt, webhook
            using errcode = 'no_data_found', hint = 'Maybe its lease expired and another worker took over: roll back what was done.';
    end if;
end
$function$;
comment on function public.complete_webhook(uuid, integer) is 'Reports that an attempt succeeded; in the transaction of its effects, so that they happen once';

create function public.fail_webhook(webhook uuid, attempt integer, error_message text, error_code text default null) returns text
    language plpgsql security definer
    set search_path = ''
as $function$
declare
    new_status text;
begin
    update public.webhook_logs l
    set status          = case when l.attempts < e.max_attempts then 'retrying' else 'abandoned' end,
        next_attempt_at = case when l.attempts < e.max_attempts
                               then now() + least(e.first_retry_delay * power(2, least(l.attempts - 1, 20)), interval '1 day') end,
        finished_at     = case when l.attempts < e.max_attempts then null else now() end,
        leased_until    = null
    from (select coalesce(min(w.max_attempts), 1) as max_attempts, coalesce(min(w.first_retry_delay), interval '30 seconds') as first_retry_delay
          from public.webhook_logs x left join public.webhook_events w on w.id = x.event_id
          where x.id = webhook) e
    where l.id = webhook and l.status = 'processing' and l.attempts = attempt
    returning l.status into new_status;
    if not found then
        raise exception 'Attempt % on webhook % is not under way.', attempt, webhook
            using errcode = 'no_data_found', hint = 'Maybe its lease expired and another worker took over.';
    end if;
    insert into public.webhook_failures (webhook_log_id, attempt, error_code, error_message)
    values (webhook, fail_webhook.attempt, left(nullif(fail_webhook.error_code, ''), 100),
            left(coalesce(nullif(fail_webhook.error_message, ''), 'no message'), 10000));
    return new_status;
end
$function$;
comment on function public.fail_webhook(uuid, integer, text, text) is
    'Reports that an attempt failed; returns retrying, or abandoned after the last attempt allowed';

create function public.retry_webhook(webhook uuid) returns void
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    update public.webhook_logs l
    set status = 'retrying', next_attempt_at = now(), finished_at = null
    where l.id = webhook and l.status = 'abandoned';
    if not found then
        raise exception 'Webhook % is not abandoned, so it cannot be taken up again.', webhook using errcode = 'no_data_found';
    end if;
end
$function$;
comment on function public.retry_webhook(uuid) is 'Gives an abandoned event one more attempt, after its cause is mended';

create function public.remove_old_webhooks(retention interval default interval '90 days') returns bigint
    language plpgsql security definer
    set search_path = ''
as $function$
declare
    removed      bigint;
    removed_here bigint;
begin
    -- Providers repeat a delivery for days; forgetting it sooner would let it happen twice.
    if retention < interval '30 days' then
        raise exception 'A retention of % would forget events that may still be delivered again; required are 30 days or more.', retention
            using errcode = 'invalid_parameter_value';
    end if;
    delete from public.webhook_logs l where l.status in ('processed', 'ignored') and l.received_at < now() - retention;
    get diagnostics removed = row_count;
    delete from public.whatsapp_webhooks w where w.processed and w.created_at < now() - retention;
    get diagnostics removed_here = row_count;
    return removed + removed_here;
end
$function$;
comment on function public.remove_old_webhooks(interval) is 'Removes what was worked through long ago, WhatsApp''s deliveries too, and tells how many; run it daily';

revoke execute on function public.record_webhook(text, text, text, jsonb), public.claim_webhooks(integer, interval),
    public.complete_webhook(uuid, integer), public.fail_webhook(uuid, integer, text, text), public.retry_webhook(uuid),
    public.remove_old_webhooks(interval) from public, anon, authenticated;
grant execute on function public.record_webhook(text, text, text, jsonb), public.claim_webhooks(integer, interval),
    public.complete_webhook(uuid, integer), public.fail_webhook(uuid, integer, text, text), public.retry_webhook(uuid),
    public.remove_old_webhooks(interval) to service_role;

alter table public.webhook_events enable row level security;
revoke all on table public.webhook_events from public, anon, authenticated;
grant all on table public.webhook_events to service_role;
grant select on table public.webhook_events to authenticated;
grant update (is_enabled, max_attempts, first_retry_delay) on table public.webhook_events to authenticated;

create policy "Admins can view webhook events"
    on public.webhook_events for select to authenticated using ((select app_private.is_admin()));
create policy "Admins can tune webhook events"
    on public.webhook_events for update to authenticated
    using ((select app_private.is_admin())) with check ((select app_private.is_admin()));
create policy "Service role manages webhook events"
    on public.webhook_events for all to service_role using (true) with check (true);

alter table public.webhook_logs enable row level security;
revoke all on table public.webhook_logs from public, anon, authenticated;
grant all on table public.webhook_logs to service_role;
grant select (id, event_id, source, external_id, event_type, status, attempts, next_attempt_at, leased_until, received_at, finished_at)
    on table public.webhook_logs to authenticated;

create policy "Admins can view webhook logs"
    on public.webhook_logs for select to authenticated using ((select app_private.is_admin()));
create policy "Service role manages webhook logs"
    on public.webhook_logs for all to service_role using (true) with check (true);

alter table public.webhook_failures enable row level security;
revoke all on table public.webhook_failures from public, anon, authenticated;
grant all on table public.webhook_failures to service_role;
grant select on table public.webhook_failures to authenticated;

create policy "Admins can view webhook failures"
    on public.webhook_failures for select to authenticated using ((select app_private.is_admin()));
create policy "Service role manages webhook failures"
    on public.webhook_failures for all to service_role using (true) with check (true);
