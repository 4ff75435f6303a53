-- Undoes V20240914_008: Stripe accounts, onboarding, catalogue and payment intents. What vendors say of their account stays with the vendors.

alter table public.booking_payments drop constraint booking_payments_vendor_stripe_account_id_fkey;
update public.booking_payments set vendor_stripe_account_id = null where vendor_stripe_account_id is not null;
drop table public.stripe_payment_intents;
drop table public.stripe_prices;
drop table public.stripe_products;
drop table public.stripe_account_onboarding;
drop table public.stripe_accounts;
drop function app_private.note_stripe_account();
