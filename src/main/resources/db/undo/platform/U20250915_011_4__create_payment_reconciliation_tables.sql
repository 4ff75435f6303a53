-- Undoes 20250915_011_4: reconciliations and their discrepancies.

drop table public.payment_discrepancies;
drop table public.payment_reconciliations;
drop function app_private.count_payment_discrepancies();
drop function app_private.sign_payment_discrepancy();
