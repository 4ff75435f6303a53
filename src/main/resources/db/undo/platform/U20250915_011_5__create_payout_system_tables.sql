-- Undoes 20250915_011_5: payouts and their schedules. Payments forget which payout they were in,
-- or migrating again would find them naming payouts that are gone.

drop trigger validate_payment_payout on public.booking_payments;
alter table public.booking_payments drop constraint booking_payments_payout_id_fkey;
update public.booking_payments set payout_id = null where payout_id is not null;
drop table public.payout_transactions;
drop table public.payout_schedules;
drop function app_private.validate_payment_payout();
drop function app_private.carry_payout_status();
drop function app_private.validate_payout();
drop function app_private.schedule_next_payout();
