-- Undoes 20250915_012: events and daily figures of engagement.

drop trigger remove_activity_data on public.profiles;
drop function public.cleanup_activity_data(interval);
drop function public.refresh_engagement_metrics(date);
drop table public.engagement_metrics;
drop table public.user_interactions;
drop table public.content_views;
drop table public.user_activity_logs;
drop function app_private.remove_activity_data();
