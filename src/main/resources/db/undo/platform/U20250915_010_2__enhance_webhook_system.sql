-- Undoes V20250915_010_2: webhook events, logs and failures.

drop function public.remove_old_webhooks(interval);
drop function public.retry_webhook(uuid);
drop function public.fail_webhook(uuid, integer, text, text);
drop function public.complete_webhook(uuid, integer);
drop function public.claim_webhooks(integer, interval);
drop function public.record_webhook(text, text, text, jsonb);
drop table public.webhook_failures;
drop table public.webhook_logs;
drop table public.webhook_events;
