-- Undoes 20250915_020: the history of modifications, its notices and the change log. The modifications themselves stay.

drop index public.idx_booking_modifications_deadline;
drop function public.expire_booking_modifications();
drop trigger log_system_change on public.automated_moderation_rules;
drop trigger log_system_change on public.dispute_cases;
drop trigger log_system_change on public.refund_requests;
drop trigger log_system_change on public.payout_transactions;
drop trigger log_system_change on public.invoices;
drop trigger log_system_change on public.booking_payments;
drop trigger log_system_change on public.bookings;
drop trigger log_system_change on public.vendors;
drop trigger log_system_change on public.profiles;
drop trigger record_booking_modification_update on public.booking_modifications;
drop trigger record_booking_modification_insert on public.booking_modifications;
drop trigger validate_booking_modification on public.booking_modifications;
drop table public.system_change_log;
drop table public.booking_modification_notices;
drop table public.booking_modification_history;
drop function app_private.log_system_change();
drop function app_private.record_booking_modification();
drop function app_private.validate_booking_modification();
