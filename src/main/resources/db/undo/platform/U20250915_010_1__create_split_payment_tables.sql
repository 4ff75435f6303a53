-- Undoes V20250915_010_1: rules, deadlines and reminders of splits. What each person owes and paid stays in payment_splits.

drop trigger note_split_paid on public.payment_splits;
drop trigger clear_overdue on public.payment_splits;
-- Functions that return the rows of a table depend on it.
drop function public.send_payment_reminders();
drop table public.split_payment_reminders;
drop table public.split_payment_rules;
drop function public.due_payment_reminders(timestamptz);
drop function public.mark_overdue_payment_splits();
drop function public.set_payment_deadline(uuid, timestamptz);
drop function public.apply_payment_split(uuid);
drop table public.split_payment_groups;
drop index public.idx_payment_splits_owing;
alter table public.payment_splits drop column overdue_since;
drop function app_private.my_split_group_ids();
drop function app_private.note_split_paid();
drop function app_private.settle_split_payment_group(uuid);
drop function app_private.clear_overdue();
drop function app_private.may_organize_split(uuid);
drop function app_private.is_back_end();
drop function public.split_amount(numeric, numeric[], integer);
drop function app_private.currency_digits(text);
