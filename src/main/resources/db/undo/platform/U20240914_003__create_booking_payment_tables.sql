-- Undoes 20240914_003: bookings, the money paid for them, and reviews.

drop function public.respond_to_review(uuid, text);
drop function public.set_booking_status(uuid, public.booking_status, text);
drop table public.reviews;
drop table public.booking_modifications;
drop table public.payment_splits;
drop table public.booking_participants;
drop table public.booking_payments;
drop table public.bookings;
drop type public.payout_status;
drop type public.payment_method;
drop type public.payment_status;
drop type public.booking_status;
