-- Undoes 20240914_005_1: connections and blocks, posts, comments, likes, the feed.

drop function public.block_user(uuid);
drop table public.community_feed_items;
drop table public.comment_likes;
drop table public.comments;
drop table public.post_likes;
drop table public.posts;
drop table public.user_connections;
drop function app_private.my_block_ids();
drop function app_private.my_connection_ids();
drop type public.connection_status;
