-- Undoes 20250915_011_1: payment tokens. Links that were sent and not used stop working.

drop trigger remove_payment_tokens on public.profiles;
drop function public.revoke_payment_token(uuid);
drop function public.use_payment_token(text);
drop table public.payment_tokens;
drop function app_private.remove_payment_tokens();
drop function app_private.validate_payment_token();
