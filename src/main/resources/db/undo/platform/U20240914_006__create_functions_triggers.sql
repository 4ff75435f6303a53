-- Undoes 20240914_006: triggers and their functions. Counters keep the values they have now.

-- With their triggers, which hang on auth.users: only that table's owner may drop them by name, and on Supabase this
-- login is not.
drop function public.handle_new_user() cascade;
drop function public.handle_user_confirmed() cascade;

drop trigger count_group_members_insert on public.group_members;
drop trigger count_group_members_update on public.group_members;
drop trigger count_group_members_delete on public.group_members;
drop trigger rate_adventures_and_vendors_insert on public.reviews;
drop trigger rate_adventures_and_vendors_update on public.reviews;
drop trigger rate_adventures_and_vendors_delete on public.reviews;
drop trigger count_bookings_insert on public.bookings;
drop trigger count_bookings_update on public.bookings;
drop trigger count_bookings_delete on public.bookings;
drop trigger count_post_likes_insert on public.post_likes;
drop trigger count_post_likes_delete on public.post_likes;
drop trigger count_post_comments_insert on public.comments;
drop trigger count_post_comments_delete on public.comments;
drop trigger count_comment_likes_insert on public.comment_likes;
drop trigger count_comment_likes_delete on public.comment_likes;
drop trigger validate_booking on public.bookings;
drop trigger validate_booking_status on public.bookings;
drop trigger validate_review on public.reviews;
drop trigger validate_profile on public.profiles;
drop trigger before_profile_delete on public.profiles;
drop trigger empty_deleted_profile on public.profiles;
drop trigger remove_personal_data on public.profiles;

drop function app_private.count_group_members();
drop function app_private.rate_adventures_and_vendors();
drop function app_private.count_bookings();
drop function app_private.count_post_likes();
drop function app_private.count_post_comments();
drop function app_private.count_comment_likes();
drop function app_private.validate_booking();
drop function app_private.validate_booking_status();
drop function app_private.validate_review();
drop function app_private.validate_profile();
drop function app_private.hand_over_groups(uuid);
drop function app_private.before_profile_delete();
drop function app_private.empty_deleted_profile();
drop function app_private.remove_personal_data();
drop function public.cleanup_expired_data(interval);
