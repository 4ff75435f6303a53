-- Undoes 20250915_011_6: refund requests and disputes. dispute_status of payments keeps its last value.

drop function public.refund_requests_for_review();
drop function public.withdraw_refund_request(uuid);
drop function public.decide_refund_request(uuid, boolean, text, integer);
drop table public.dispute_cases;
drop table public.refund_requests;
drop function app_private.carry_dispute_status();
drop function app_private.validate_dispute_case();
drop function app_private.validate_refund_request();
