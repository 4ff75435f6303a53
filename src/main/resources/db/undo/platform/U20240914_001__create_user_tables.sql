-- Undoes 20240914_001: profiles, user preferences, and the schema of functions behind policies. Accounts in auth.users stay.

drop function public.my_profile();
drop table public.user_preferences;
drop table public.profiles;
drop function app_private.is_admin();
drop function public.update_updated_at_column();
drop schema app_private;
drop type public.user_role;
