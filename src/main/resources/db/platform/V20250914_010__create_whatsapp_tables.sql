-- WhatsApp: people's numbers and their consent, conversations, messages both ways, and what WhatsApp's webhook delivered.
--
-- Written by the back end only, apart from consent, which only the person gives and takes back.

create table public.whatsapp_contacts (
    id              uuid        not null primary key default gen_random_uuid(),
    user_id         uuid        not null references public.profiles (id) on delete cascade,
    phone_number    text        not null,
    whatsapp_id     text,
    display_name    text,
    is_verified     boolean     not null default false,
    opted_in        boolean     not null default false,
    opted_in_at     timestamptz,
    opted_out_at    timestamptz,
    last_message_at timestamptz,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),

    constraint whatsapp_contacts_person_key       unique (user_id, phone_number),
    constraint whatsapp_contacts_phone_form       check (phone_number ~ '^\+[1-9][0-9]{6,14}$'),
    constraint whatsapp_contacts_id_length        check (char_length(whatsapp_id) between 1 and 100),
    constraint whatsapp_contacts_name_length      check (char_length(display_name) <= 200),
    constraint whatsapp_contacts_consent          check (not opted_in or opted_in_at is not null)
);
comment on table  public.whatsapp_contacts is 'A person''s WhatsApp number and consent; nobody but that person reads it';
comment on column public.whatsapp_contacts.phone_number is 'E.164: +, country, number';
comment on column public.whatsapp_contacts.whatsapp_id is 'WhatsApp''s own name of the number (wa_id), which may differ from it';
comment on column public.whatsapp_contacts.is_verified is 'Whether the person has shown that the number is theirs; a number is verified for one person at a time';
comment on column public.whatsapp_contacts.opted_in is 'Consent to be written to; its times are kept by a trigger';
create unique index idx_whatsapp_contacts_verified on public.whatsapp_contacts (phone_number) where is_verified;

create table public.whatsapp_conversations (
    id              uuid        not null primary key default gen_random_uuid(),
    conversation_id text,
    contact_id      uuid        not null references public.whatsapp_contacts (id) on delete cascade,
    user_id         uuid        not null references public.profiles (id) on delete cascade,
    booking_id      uuid        references public.bookings (id) on delete set null,
    category        text        not null default 'service',
    status          text        not null default 'open',
    started_at      timestamptz not null default now(),
    last_message_at timestamptz,
    expires_at      timestamptz,
    closed_at       timestamptz,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),

    constraint whatsapp_conversations_conversation_id_key unique (conversation_id),
    constraint whatsapp_conversations_category_known      check (category in ('authentication', 'marketing', 'utility', 'service', 'referral_conversion')),
    constraint whatsapp_conversations_status_known        check (status in ('open', 'expired', 'closed')),
    constraint whatsapp_conversations_expiry              check (expires_at >= started_at),
    constraint whatsapp_conversations_closed              check ((status = 'closed') = (closed_at is not null))
);
comment on table  public.whatsapp_conversations is 'A conversation window with a contact, in which free text may be sent';
comment on column public.whatsapp_conversations.conversation_id is 'WhatsApp''s name of it, once WhatsApp has told';
comment on column public.whatsapp_conversations.category is 'By which WhatsApp charges';
comment on column public.whatsapp_conversations.expires_at is 'The end of the window, 24 hours after the contact last wrote; afterwards only templates may be sent';
create index idx_whatsapp_conversations_contact_id on public.whatsapp_conversations (contact_id);
create index idx_whatsapp_conversations_user_id    on public.whatsapp_conversations (user_id, started_at desc);
create index idx_whatsapp_conversations_booking_id on public.whatsapp_conversations (booking_id) where booking_id is not null;
create index idx_whatsapp_conversations_open       on public.whatsapp_conversations (expires_at) where status = 'open';

create table public.whatsapp_messages (
    id                uuid        not null primary key default gen_random_uuid(),
    message_id        text,
    conversation_id   uuid        references public.whatsapp_conversations (id) on delete set null,
    user_id           uuid        not null references public.profiles (id) on delete cascade,
    phone_number      text        not null,
    direction         text        not null default 'outbound',
    message_type      text        not null default 'text',
    message_content   text,
    template_name     text,
    template_params   jsonb,
    status            text        not null default 'pending',
    error_message     text,
    sent_at           timestamptz,
    delivered_at      timestamptz,
    read_at           timestamptz,
    moderation_status varchar     default 'approved',
    visibility        varchar     default 'visible',
    blocked_reason    text,
    blocked_at        timestamptz,
    created_at        timestamptz not null default now(),

    constraint whatsapp_messages_message_id_key   unique (message_id),
    constraint whatsapp_messages_phone_length     check (char_length(phone_number) between 3 and 40),
    constraint whatsapp_messages_direction_known  check (direction in ('inbound', 'outbound')),
    constraint whatsapp_messages_type_form        check (message_type ~ '^[a-z][a-z0-9_]{0,49}$'),
    constraint whatsapp_messages_content_length   check (char_length(message_content) <= 65536),
    constraint whatsapp_messages_status_known     check (status in ('pending', 'queued', 'sent', 'delivered', 'read', 'received', 'failed', 'deleted')),
    constraint whatsapp_messages_moderation_known check (moderation_status in ('pending', 'approved', 'flagged', 'blocked', 'removed')),
    constraint whatsapp_messages_visibility_known check (visibility in ('visible', 'public', 'private', 'hidden'))
);
comment on table  public.whatsapp_messages is 'Every message to or from a person; read by that person, and by administrators where moderation asks for it';
comment on column public.whatsapp_messages.message_id is 'WhatsApp''s name of the message (wamid), once it is sent';
comment on column public.whatsapp_messages.status is 'Never goes back: WhatsApp reports read before delivered when it pleases, and a trigger keeps the further one';
comment on column public.whatsapp_messages.visibility is 'hidden: kept for moderation only, the person does not see it';
create index idx_whatsapp_messages_user_id         on public.whatsapp_messages (user_id, created_at desc);
create index idx_whatsapp_messages_conversation_id on public.whatsapp_messages (conversation_id, created_at) where conversation_id is not null;
create index idx_whatsapp_messages_unsent          on public.whatsapp_messages (created_at) where status in ('pending', 'queued');
create index idx_whatsapp_messages_moderated       on public.whatsapp_messages (created_at) where moderation_status <> 'approved';

create table public.whatsapp_webhooks (
    id              uuid        not null primary key default gen_random_uuid(),
    webhook_id      text,
    event_type      text        not null,
    from_phone      text,
    message_id      text,
    message_type    text,
    message_content text,
    media_id        text,
    status          text,
    raw_data        jsonb       not null,
    processed       boolean     default false,
    processed_at    timestamptz,
    created_at      timestamptz default now(),

    -- A delivery repeated by WhatsApp is recorded once.
    constraint whatsapp_webhooks_webhook_id_key    unique (webhook_id),
    constraint whatsapp_webhooks_event_type_length check (char_length(event_type) between 1 and 100),
    constraint whatsapp_webhooks_status_length     check (char_length(status) between 1 and 50),
    constraint whatsapp_webhooks_processed         check (processed or processed_at is null)
);
comment on table  public.whatsapp_webhooks is 'What WhatsApp delivered, word for word; nobody signed in reads it';
comment on column public.whatsapp_webhooks.status is 'In WhatsApp''s words, for deliveries that report on a message';
create index idx_whatsapp_webhooks_unprocessed on public.whatsapp_webhooks (created_at) where processed is not true;
create index idx_whatsapp_webhooks_message_id  on public.whatsapp_webhooks (message_id) where message_id is not null;
-- Reader: the erasure of a number. WhatsApp writes numbers without the plus.
create index idx_whatsapp_webhooks_from_phone  on public.whatsapp_webhooks (ltrim(from_phone, '+')) where from_phone is not null;

create trigger update_whatsapp_contacts_updated_at
    before update on public.whatsapp_contacts
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();
create trigger update_whatsapp_conversations_updated_at
    before update on public.whatsapp_conversations
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();

create function app_private.note_whatsapp_consent() returns trigger
    language plpgsql
    set search_path = ''
as $function$
begin
    if tg_op = 'INSERT' then
        new.opted_in_at := case when new.opted_in then coalesce(new.opted_in_at, now()) end;
    elsif new.opted_in and not old.opted_in then
        new.opted_in_at  := now();
        new.opted_out_at := null;
    elsif old.opted_in and not new.opted_in then
        new.opted_out_at := now();
    end if;
    return new;
end
$function$;
comment on function app_private.note_whatsapp_consent() is 'Keeps when consent was given and taken back';

create function app_private.keep_further_whatsapp_status() returns trigger
    language plpgsql
    set search_path = ''
as $function$
declare
    ladder constant text[] := array['pending', 'queued', 'sent', 'delivered', 'read'];
begin
    if array_position(ladder, new.status) < array_position(ladder, old.status) then
        new.status := old.status;
    end if;
    return new;
end
$function$;
comment on function app_private.keep_further_whatsapp_status() is 'A late report of an earlier status changes its time only';

-- What strangers' numbers sent stays: only a verified number is known to be the person's.
create function app_private.remove_whatsapp_webhooks() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    delete from public.whatsapp_webhooks w where ltrim(w.from_phone, '+') = ltrim(old.phone_number, '+');
    return null;
end
$function$;
comment on function app_private.remove_whatsapp_webhooks() is 'Removes what a number delivered when its contact is deleted, with the person or alone';

create function app_private.remove_whatsapp_data() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    delete from public.whatsapp_messages x where x.user_id = new.id;
    delete from public.whatsapp_contacts x where x.user_id = new.id; -- and with them their conversations and webhooks
    return null;
end
$function$;
comment on function app_private.remove_whatsapp_data() is 'Removes the numbers, conversations and messages of an account marked deleted';
revoke execute on function app_private.note_whatsapp_consent(), app_private.keep_further_whatsapp_status(), app_private.remove_whatsapp_webhooks(),
    app_private.remove_whatsapp_data() from public;

create trigger note_whatsapp_consent
    before insert or update of opted_in on public.whatsapp_contacts
    for each row execute function app_private.note_whatsapp_consent();
create trigger remove_whatsapp_webhooks
    after delete on public.whatsapp_contacts
    for each row when (old.is_verified) execute function app_private.remove_whatsapp_webhooks();
create trigger keep_further_whatsapp_status
    before update of status on public.whatsapp_messages
    for each row when (old.status is distinct from new.status) execute function app_private.keep_further_whatsapp_status();
create trigger remove_whatsapp_data
    after update of account_status on public.profiles
    for each row when (new.account_status = 'deleted' and old.account_status is distinct from 'deleted')
    execute function app_private.remove_whatsapp_data();

alter table public.whatsapp_contacts enable row level security;
revoke all on table public.whatsapp_contacts from public, anon, authenticated;
grant all on table public.whatsapp_contacts to service_role;
grant select, delete on table public.whatsapp_contacts to authenticated;
-- Neither is_verified nor the times of consent.
grant insert (id, user_id, phone_number, display_name, opted_in) on table public.whatsapp_contacts to authenticated;
grant update (display_name, opted_in) on table public.whatsapp_contacts to authenticated;

create policy "Users can manage own WhatsApp contacts"
    on public.whatsapp_contacts for all to authenticated
    using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
create policy "Service role manages WhatsApp contacts"
    on public.whatsapp_contacts for all to service_role using (true) with check (true);

alter table public.whatsapp_conversations enable row level security;
revoke all on table public.whatsapp_conversations from public, anon, authenticated;
grant all on table public.whatsapp_conversations to service_role;
grant select on table public.whatsapp_conversations to authenticated;

create policy "Users can view own WhatsApp conversations"
    on public.whatsapp_conversations for select to authenticated using ((select auth.uid()) = user_id);
create policy "Service role manages WhatsApp conversations"
    on public.whatsapp_conversations for all to service_role using (true) with check (true);

alter table public.whatsapp_messages enable row level security;
revoke all on table public.whatsapp_messages from public, anon, authenticated;
grant all on table public.whatsapp_messages to service_role;
grant select on table public.whatsapp_messages to authenticated;

create policy "Users can view own WhatsApp messages"
    on public.whatsapp_messages for select to authenticated
    using ((select auth.uid()) = user_id and visibility is distinct from 'hidden');
-- Private talk is nobody else's business, an administrator's neither, until moderation has to look at it.
create policy "Admins can view moderated WhatsApp messages"
    on public.whatsapp_messages for select to authenticated
    using ((select app_private.is_admin()) and moderation_status <> 'approved');
create policy "Service role manages WhatsApp messages"
    on public.whatsapp_messages for all to service_role using (true) with check (true);

alter table public.whatsapp_webhooks enable row level security;
revoke all on table public.whatsapp_webhooks from public, anon, authenticated;
grant all on table public.whatsapp_webhooks to service_role;

create policy "Service role manages WhatsApp webhooks"
    on public.whatsapp_webhooks for all to service_role using (true) with check (true);
