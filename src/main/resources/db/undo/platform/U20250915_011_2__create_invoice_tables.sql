-- Undoes 20250915_011_2: invoices, their lines and the sequence of their numbers.

drop table public.invoice_items;
drop table public.invoices;
drop function app_private.total_invoices();
drop function app_private.validate_invoice();
