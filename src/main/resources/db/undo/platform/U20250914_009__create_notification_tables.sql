-- Undoes V20250914_009: notifications and their settings.

drop trigger remove_notifications on public.profiles;
drop function app_private.remove_notifications();
drop function public.remove_expired_notifications(interval);
drop function public.notification_channels(uuid, public.notification_type);
drop table public.notification_settings;
drop table public.notifications;
drop function app_private.note_notification_read();
drop type public.notification_type;
