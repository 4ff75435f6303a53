-- Undoes 20240914_004: groups, assessments, travel preferences. Bookings stay, without their group, as when one is deleted.

drop function public.set_group_member_role(uuid, uuid, public.group_member_role);
drop policy "Group bookings are for groups of one's own" on public.bookings;
update public.bookings set group_id = null where group_id is not null;
alter table public.bookings drop constraint bookings_group_id_fkey;
drop table public.travel_preferences;
drop table public.assessment_responses;
drop table public.personality_assessments;
drop table public.group_members;
drop table public.groups;
drop function app_private.my_managed_group_ids();
drop function app_private.my_group_ids(boolean);
drop type public.group_member_role;
drop type public.group_privacy;
