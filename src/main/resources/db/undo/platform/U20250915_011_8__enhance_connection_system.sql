-- Undoes 20250915_011_8: notes on connections and suggestions. The connections themselves stay.

drop trigger remove_connection_suggestions on public.profiles;
drop trigger follow_connection_update on public.user_connections;
drop trigger follow_connection_insert on public.user_connections;
drop function public.refresh_connection_suggestions(uuid, integer);
drop function public.mutual_connections(uuid);
drop table public.connection_suggestions;
drop table public.connection_details;
drop function app_private.remove_connection_suggestions();
drop function app_private.follow_connection();
drop function app_private.validate_connection_details();
