-- Undoes 20250915_011_7: the vendors' forum.

drop trigger apply_moderation_to_forum on public.moderation_actions;
drop trigger name_forum_author on public.moderation_actions;
drop trigger name_forum_author on public.content_reports;
drop trigger forget_forum_author on public.profiles;
drop function public.accept_forum_post(uuid);
drop function public.set_forum_topic_flags(uuid, boolean, boolean);
drop table public.forum_post_votes;
drop table public.forum_posts;
drop table public.forum_topics;
drop table public.forum_categories;
drop function app_private.is_in_forum();
drop function app_private.forget_forum_author();
drop function app_private.apply_moderation_to_forum();
drop function app_private.name_forum_author();
drop function app_private.count_forum_post_votes();
drop function app_private.count_forum_posts();
drop function app_private.count_forum_topics();
