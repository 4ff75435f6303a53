-- Undoes V5. Exposures are lost; the labels stay, without their trips.

drop trigger forget_exposures on public.profiles;
drop function compat.forget_exposures();
drop trigger meet_as_connection on public.user_connections;
drop function compat.meet_as_connection();
-- Where there were no bookings, there is neither.
drop function if exists compat.meet_in_booking() cascade;
drop trigger meet_in_group_again on public.group_members;
drop function compat.meet_in_group_again();
drop trigger meet_in_group on public.group_members;
drop function compat.meet_in_group();
drop function compat.record_exposure(uuid[], uuid[]);
drop table compat.exposures;
drop function compat.stated_profile(uuid, date, timestamptz);
drop function compat.trait(jsonb, text);
drop view compat.outcomes;
drop function compat.reports();
drop policy "The engine keeps the training data" on public.model_training_data;
revoke select, insert, update, delete on public.model_training_data from compat_engine;
alter table public.model_training_data drop column trip_id;
