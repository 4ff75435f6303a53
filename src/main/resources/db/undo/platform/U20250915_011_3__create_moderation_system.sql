-- Undoes 20250915_011_3: reports, moderation actions and rules. What the actions did to content and accounts stays.

drop trigger forget_reporter on public.profiles;
drop function public.my_moderation_notices();
drop table public.moderation_actions;
drop table public.content_reports;
drop table public.automated_moderation_rules;
drop function app_private.apply_report_thresholds();
drop function app_private.apply_moderation_action();
drop function app_private.prepare_moderation_action();
drop function app_private.validate_content_report();
drop function app_private.forget_reporter();
drop function app_private.name_reported_user();
