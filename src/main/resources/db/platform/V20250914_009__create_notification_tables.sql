-- Notifications: what the application tells a person, and by which channels each person wants to hear of what.

create type public.notification_type as enum (
    'booking_confirmed', 'booking_modified', 'booking_cancelled', 'booking_reminder',
    'payment_received', 'payment_failed', 'payment_reminder', 'payment_refunded',
    'group_invitation', 'group_joined', 'group_updated', 'compatibility_match',
    'connection_request', 'connection_accepted', 'post_liked', 'post_commented', 'message_received',
    'review_requested', 'review_received', 'vendor_offer', 'marketing', 'account', 'security', 'system');

create table public.notifications (
    id               uuid        not null primary key default gen_random_uuid(),
    user_id          uuid        not null references public.profiles (id) on delete cascade,
    title            text        not null,
    body             text        not null,
    type             public.notification_type not null,
    icon             text,
    data             jsonb       default '{}',
    delivery_results jsonb       default '{}',
    read             boolean     default false,
    read_at          timestamptz,
    expires_at       timestamptz,
    created_at       timestamptz not null default now(),
    updated_at       timestamptz not null default now(),

    constraint notifications_title_length check (char_length(title) between 1 and 300),
    constraint notifications_body_length  check (char_length(body) between 1 and 10000),
    constraint notifications_icon_length  check (char_length(icon) <= 2048),
    constraint notifications_read_at      check (read or read_at is null),
    constraint notifications_expiry       check (expires_at > created_at)
);
comment on table  public.notifications is 'What the application told a person; written by the back end, marked as read and deleted by the person';
comment on column public.notifications.data is 'What the application needs to lead from the notification to its subject';
comment on column public.notifications.delivery_results is 'For each channel, what became of the delivery';
comment on column public.notifications.read_at is 'Kept by a trigger: the moment at which read became true';
comment on column public.notifications.expires_at is 'From then on the person does not see it any more; null means never';
create index idx_notifications_user_id    on public.notifications (user_id, created_at desc);
create index idx_notifications_unread     on public.notifications (user_id, created_at desc) where read is not true;
create index idx_notifications_expires_at on public.notifications (expires_at) where expires_at is not null;

create table public.notification_settings (
    user_id     uuid        not null references public.profiles (id) on delete cascade,
    type        public.notification_type not null,
    email       boolean,
    push        boolean,
    sms         boolean,
    whatsapp    boolean,
    muted_until timestamptz,
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now(),

    constraint notification_settings_pkey primary key (user_id, type)
);
comment on table  public.notification_settings is 'A person''s exceptions from user_preferences, for one type of notification each';
comment on column public.notification_settings.email is 'Null in this and the other channels: as user_preferences say';
comment on column public.notification_settings.muted_until is 'Until then no channel carries this type; it still stands in the list of notifications';

create trigger update_notifications_updated_at
    before update on public.notifications
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();
create trigger update_notification_settings_updated_at
    before update on public.notification_settings
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();

create function app_private.note_notification_read() returns trigger
    language plpgsql
    set search_path = ''
as $function$
begin
    new.read_at := case when new.read then coalesce(new.read_at, now()) end;
    return new;
end
$function$;
comment on function app_private.note_notification_read() is 'Keeps read_at in step with read';
revoke execute on function app_private.note_notification_read() from public;

create trigger note_notification_read
    before insert or update of read, read_at on public.notifications
    for each row execute function app_private.note_notification_read();

-- The one place that decides, so that every sender decides alike. Two types cannot be turned off by a
-- flag that means something else: security and account go by e-mail whatever is set there.
create function public.notification_channels(person uuid, about public.notification_type) returns text[]
    language sql stable security definer
    set search_path = ''
as $function$
    select array_remove(array[
        case when coalesce(s.email,    coalesce(p.email_notifications, true)     and wanted) or about in ('security', 'account') then 'email' end,
        case when coalesce(s.push,     coalesce(p.push_notifications, true)      and wanted) then 'push' end,
        case when coalesce(s.sms,      coalesce(p.sms_notifications, false)      and wanted) then 'sms' end,
        case when coalesce(s.whatsapp, coalesce(p.whatsapp_notifications, false) and wanted) then 'whatsapp' end], null)
    from public.profiles person_of
    left join public.user_preferences p on p.user_id = person_of.id
    left join public.notification_settings s on s.user_id = person_of.id and s.type = about
    cross join lateral (
        select case
                   when about::text like 'booking\_%'                                     then coalesce(p.booking_notifications, true)
                   when about::text like 'group\_%' or about = 'compatibility_match'      then coalesce(p.group_notifications, true)
                   when about = 'vendor_offer'                                            then coalesce(p.vendor_offers_notifications, false)
                   when about = 'marketing'                                               then coalesce(p.marketing_notifications, false)
                   else true
               end and coalesce(p.notification_frequency, 'immediate') <> 'never' as wanted) w
    where person_of.id = person
      and coalesce(person_of.account_status, 'active') <> 'deleted'
      and (s.muted_until is null or s.muted_until <= now() or about in ('security', 'account'))
$function$;
comment on function public.notification_channels(uuid, public.notification_type) is
    'By which of email, push, sms and whatsapp a person wants to hear of something; null for nobody known, or while the type is muted';
revoke execute on function public.notification_channels(uuid, public.notification_type) from public, anon, authenticated;
grant execute on function public.notification_channels(uuid, public.notification_type) to service_role;

create function public.remove_expired_notifications(read_retention interval default interval '180 days') returns bigint
    language plpgsql security definer
    set search_path = ''
as $function$
declare
    removed bigint;
begin
    if read_retention < interval '1 day' then
        raise exception 'A retention of % would remove what people have only just read; required is one day or more.', read_retention
            using errcode = 'invalid_parameter_value';
    end if;
    delete from public.notifications n where n.expires_at <= now() or n.read_at < now() - read_retention;
    get diagnostics removed = row_count;
    return removed;
end
$function$;
comment on function public.remove_expired_notifications(interval) is 'Removes notifications that expired or were read long ago, and tells how many; run it daily';
revoke execute on function public.remove_expired_notifications(interval) from public, anon, authenticated;
grant execute on function public.remove_expired_notifications(interval) to service_role;

-- A deleted profile whose row stays (money has moved) is told nothing any more.
create function app_private.remove_notifications() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    delete from public.notifications x         where x.user_id = new.id;
    delete from public.notification_settings x where x.user_id = new.id;
    return null;
end
$function$;
comment on function app_private.remove_notifications() is 'Removes the notifications and settings of an account marked deleted';
revoke execute on function app_private.remove_notifications() from public;

create trigger remove_notifications
    after update of account_status on public.profiles
    for each row when (new.account_status = 'deleted' and old.account_status is distinct from 'deleted')
    execute function app_private.remove_notifications();

alter table public.notifications enable row level security;
revoke all on table public.notifications from public, anon, authenticated;
grant all on table public.notifications to service_role;
grant select, delete on table public.notifications to authenticated;
grant update (read) on table public.notifications to authenticated;

create policy "Users can view own notifications"
    on public.notifications for select to authenticated
    using ((select auth.uid()) = user_id and (expires_at is null or expires_at > now()));
create policy "Users can mark own notifications as read"
    on public.notifications for update to authenticated
    using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
create policy "Users can delete own notifications"
    on public.notifications for delete to authenticated using ((select auth.uid()) = user_id);
create policy "Service role manages notifications"
    on public.notifications for all to service_role using (true) with check (true);

alter table public.notification_settings enable row level security;
revoke all on table public.notification_settings from public, anon, authenticated;
grant all on table public.notification_settings to service_role;
grant select, insert, update, delete on table public.notification_settings to authenticated;

create policy "Users can manage own notification settings"
    on public.notification_settings for all to authenticated
    using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
create policy "Service role manages notification settings"
    on public.notification_settings for all to service_role using (true) with check (true);
