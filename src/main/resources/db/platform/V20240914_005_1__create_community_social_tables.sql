-- The social network: connections between people, posts, comments, likes, and the feed that is computed for each person.

create type public.connection_status as enum ('pending', 'accepted', 'declined', 'blocked');

create table public.user_connections (
    id           uuid        not null primary key default gen_random_uuid(),
    requester_id uuid        not null references public.profiles (id) on delete cascade,
    addressee_id uuid        not null references public.profiles (id) on delete cascade,
    status       public.connection_status not null default 'pending',
    created_at   timestamptz not null default now(),
    updated_at   timestamptz not null default now(),

    constraint user_connections_two_people check (requester_id <> addressee_id)
);
comment on table  public.user_connections is 'What stands between two people: one row for a pair, whoever asked';
comment on column public.user_connections.status is 'blocked: requester_id is the one who blocks, and the other one does not see the row';
create unique index idx_user_connections_pair      on public.user_connections (least(requester_id, addressee_id), greatest(requester_id, addressee_id));
create index idx_user_connections_requester_id     on public.user_connections (requester_id, status);
create index idx_user_connections_addressee_id     on public.user_connections (addressee_id, status);

create table public.posts (
    id                uuid        not null primary key default gen_random_uuid(),
    user_id           uuid        not null references public.profiles (id) on delete cascade,
    content           text        not null,
    media_urls        text[],
    tags              text[],
    location          text,
    adventure_id      uuid        references public.adventures (id) on delete set null,
    group_id          uuid        references public.groups (id) on delete cascade,
    privacy           text        not null default 'public',
    like_count        integer     not null default 0,
    comment_count     integer     not null default 0,
    moderation_status varchar     not null default 'approved',
    blocked_reason    text,
    blocked_at        timestamptz,
    created_at        timestamptz not null default now(),
    updated_at        timestamptz not null default now(),

    constraint posts_content_length          check (char_length(content) between 1 and 10000),
    constraint posts_media_limit             check (cardinality(media_urls) <= 64 and array_position(media_urls, null) is null),
    constraint posts_tags_limit              check (cardinality(tags) <= 64 and array_position(tags, null) is null),
    constraint posts_privacy_known           check (privacy in ('public', 'connections', 'group', 'private')),
    constraint posts_group_named             check (privacy <> 'group' or group_id is not null),
    constraint posts_like_count_range        check (like_count >= 0),
    constraint posts_comment_count_range     check (comment_count >= 0),
    constraint posts_moderation_status_known check (moderation_status in ('pending', 'approved', 'flagged', 'blocked', 'removed'))
);
comment on table  public.posts is 'What people write; like_count and comment_count are kept by triggers';
comment on column public.posts.moderation_status is 'Only approved posts are seen by others; written by the back end';
create index idx_posts_user_id      on public.posts (user_id, created_at desc);
create index idx_posts_created_at   on public.posts (created_at desc) where privacy = 'public' and moderation_status = 'approved';
create index idx_posts_adventure_id on public.posts (adventure_id) where adventure_id is not null;
create index idx_posts_group_id     on public.posts (group_id) where group_id is not null;

create table public.post_likes (
    id         uuid        not null primary key default gen_random_uuid(),
    post_id    uuid        not null references public.posts (id) on delete cascade,
    user_id    uuid        not null references public.profiles (id) on delete cascade,
    created_at timestamptz not null default now(),

    constraint post_likes_person_key unique (post_id, user_id)
);
comment on table public.post_likes is 'Who likes which post';
create index idx_post_likes_user_id on public.post_likes (user_id);

create table public.comments (
    id                uuid        not null primary key default gen_random_uuid(),
    post_id           uuid        not null references public.posts (id) on delete cascade,
    user_id           uuid        not null references public.profiles (id) on delete cascade,
    parent_id         uuid,
    content           text        not null,
    like_count        integer     not null default 0,
    moderation_status varchar     not null default 'approved',
    blocked_reason    text,
    blocked_at        timestamptz,
    created_at        timestamptz not null default now(),
    updated_at        timestamptz not null default now(),

    -- An answer stands under the same post as the comment that it answers.
    constraint comments_post_key               unique (post_id, id),
    constraint comments_parent_fkey            foreign key (post_id, parent_id) references public.comments (post_id, id) on delete cascade,
    constraint comments_parent_is_other        check (parent_id <> id),
    constraint comments_content_length         check (char_length(content) between 1 and 5000),
    constraint comments_like_count_range       check (like_count >= 0),
    constraint comments_moderation_known       check (moderation_status in ('pending', 'approved', 'flagged', 'blocked', 'removed'))
);
comment on table public.comments is 'Comments on posts and answers to comments; like_count is kept by a trigger';
create index idx_comments_post_id   on public.comments (post_id, created_at);
create index idx_comments_user_id   on public.comments (user_id);
create index idx_comments_parent_id on public.comments (post_id, parent_id) where parent_id is not null;

create table public.comment_likes (
    id         uuid        not null primary key default gen_random_uuid(),
    comment_id uuid        not null references public.comments (id) on delete cascade,
    user_id    uuid        not null references public.profiles (id) on delete cascade,
    created_at timestamptz not null default now(),

    constraint comment_likes_person_key unique (comment_id, user_id)
);
comment on table public.comment_likes is 'Who likes which comment';
create index idx_comment_likes_user_id on public.comment_likes (user_id);

create table public.community_feed_items (
    id           uuid          not null primary key default gen_random_uuid(),
    user_id      uuid          not null references public.profiles (id) on delete cascade,
    actor_id     uuid          references public.profiles (id) on delete cascade,
    item_type    text          not null,
    post_id      uuid          references public.posts (id) on delete cascade,
    adventure_id uuid          references public.adventures (id) on delete cascade,
    group_id     uuid          references public.groups (id) on delete cascade,
    review_id    uuid          references public.reviews (id) on delete cascade,
    score        numeric(12,6) not null default 0,
    reason       text,
    seen_at      timestamptz,
    expires_at   timestamptz,
    created_at   timestamptz   not null default now(),

    constraint community_feed_items_type_known   check (item_type in ('post', 'adventure', 'group', 'review')),
    constraint community_feed_items_one_subject  check (num_nonnulls(post_id, adventure_id, group_id, review_id) = 1),
    constraint community_feed_items_type_matches check (case item_type when 'post' then post_id when 'adventure' then adventure_id
                                                                       when 'group' then group_id else review_id end is not null),
    constraint community_feed_items_expiry       check (expires_at >= created_at)
);
comment on table public.community_feed_items is 'The feed computed for a person, best score first; written by the back end';
create index idx_community_feed_items_user_id      on public.community_feed_items (user_id, score desc, created_at desc);
create index idx_community_feed_items_actor_id     on public.community_feed_items (actor_id) where actor_id is not null;
create index idx_community_feed_items_post_id      on public.community_feed_items (post_id) where post_id is not null;
create index idx_community_feed_items_adventure_id on public.community_feed_items (adventure_id) where adventure_id is not null;
create index idx_community_feed_items_group_id     on public.community_feed_items (group_id) where group_id is not null;
create index idx_community_feed_items_review_id    on public.community_feed_items (review_id) where review_id is not null;
create index idx_community_feed_items_expires_at   on public.community_feed_items (expires_at) where expires_at is not null;

create trigger update_user_connections_updated_at
    before update on public.user_connections
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();
-- Only what the author wrote counts as a change; a like must not make a post look edited.
create trigger update_posts_updated_at
    before update of content, media_urls, tags, location, adventure_id, group_id, privacy on public.posts
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();
create trigger update_comments_updated_at
    before update of content on public.comments
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();

create function app_private.my_connection_ids() returns setof uuid
    language sql stable security definer
    set search_path = ''
as $function$
    select c.addressee_id from public.user_connections c where c.requester_id = auth.uid() and c.status = 'accepted'
    union all
    select c.requester_id from public.user_connections c where c.addressee_id = auth.uid() and c.status = 'accepted'
$function$;
comment on function app_private.my_connection_ids() is 'People connected with the person asking';

-- Security definer, because the blocked one must feel a block without being able to read it.
create function app_private.my_block_ids() returns setof uuid
    language sql stable security definer
    set search_path = ''
as $function$
    select c.addressee_id from public.user_connections c where c.requester_id = auth.uid() and c.status = 'blocked'
    union all
    select c.requester_id from public.user_connections c where c.addressee_id = auth.uid() and c.status = 'blocked'
$function$;
comment on function app_private.my_block_ids() is 'People between whom and the person asking there is a block, whoever made it';

revoke execute on function app_private.my_connection_ids(), app_private.my_block_ids() from public;
grant execute on function app_private.my_connection_ids(), app_private.my_block_ids() to anon, authenticated, service_role;

-- A pair has one row, and a block must name the blocker as requester even where the other one asked
-- first. Where the other one blocks already, the pair stays blocked by him.
create function public.block_user(person uuid) returns void
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    if auth.uid() is null then
        raise exception 'Nobody is signed in, so nobody can block user %.', person using errcode = 'insufficient_privilege';
    end if;
    insert into public.user_connections as c (requester_id, addressee_id, status)
    values (auth.uid(), person, 'blocked')
    on conflict (least(requester_id, addressee_id), greatest(requester_id, addressee_id)) do update
        set requester_id = excluded.requester_id, addressee_id = excluded.addressee_id, status = 'blocked'
        where c.status <> 'blocked';
end
$function$;
comment on function public.block_user(uuid) is 'Blocks a person, whatever stood between the two before; deleting the row ends the block';
revoke execute on function public.block_user(uuid) from public, anon, authenticated;
grant execute on function public.block_user(uuid) to authenticated, service_role;

alter table public.user_connections enable row level security;
revoke all on table public.user_connections from public, anon, authenticated;
grant all on table public.user_connections to service_role;
grant select, delete on table public.user_connections to authenticated;
grant insert (id, requester_id, addressee_id, status) on table public.user_connections to authenticated;
grant update (status) on table public.user_connections to authenticated;

create policy "Users can view own connections"
    on public.user_connections for select to authenticated
    using (requester_id = (select auth.uid()) or addressee_id = (select auth.uid()) and status <> 'blocked');
create policy "Users can ask for connections and block"
    on public.user_connections for insert to authenticated
    with check (requester_id = (select auth.uid()) and status in ('pending', 'blocked'));
create policy "Users can answer requests"
    on public.user_connections for update to authenticated
    using (addressee_id = (select auth.uid()) and status in ('pending', 'accepted', 'declined'))
    with check (addressee_id = (select auth.uid()) and status in ('accepted', 'declined'));
create policy "Users can block those they asked"
    on public.user_connections for update to authenticated
    using (requester_id = (select auth.uid())) with check (requester_id = (select auth.uid()) and status = 'blocked');
-- A declined request stays with the one who declined, or it could be repeated for ever.
create policy "Users can end connections and own blocks"
    on public.user_connections for delete to authenticated
    using (requester_id = (select auth.uid()) and status <> 'declined'
           or addressee_id = (select auth.uid()) and status <> 'blocked');
create policy "Service role manages connections"
    on public.user_connections for all to service_role using (true) with check (true);

alter table public.posts enable row level security;
revoke all on table public.posts from public, anon, authenticated;
grant all on table public.posts to service_role;
grant select on table public.posts to anon, authenticated;
grant delete on table public.posts to authenticated;
grant insert (id, user_id, content, media_urls, tags, location, adventure_id, group_id, privacy) on table public.posts to authenticated;
grant update (content, media_urls, tags, location, adventure_id, group_id, privacy) on table public.posts to authenticated;

create policy "Approved posts are viewable by their audience"
    on public.posts for select
    using (moderation_status = 'approved'
           and (privacy = 'public'
                or privacy = 'connections' and user_id in (select app_private.my_connection_ids())
                or privacy = 'group' and group_id in (select app_private.my_group_ids(true)))
           and user_id not in (select app_private.my_block_ids()));
create policy "Users can view own posts"
    on public.posts for select to authenticated using ((select auth.uid()) = user_id);
create policy "Users can create own posts"
    on public.posts for insert to authenticated
    with check ((select auth.uid()) = user_id and (group_id is null or group_id in (select app_private.my_group_ids(true))));
create policy "Users can update own posts"
    on public.posts for update to authenticated
    using ((select auth.uid()) = user_id)
    with check ((select auth.uid()) = user_id and (group_id is null or group_id in (select app_private.my_group_ids(true))));
create policy "Users can delete own posts"
    on public.posts for delete to authenticated using ((select auth.uid()) = user_id);
create policy "Admins can view all posts"
    on public.posts for select to authenticated using ((select app_private.is_admin()));
create policy "Admins can delete posts"
    on public.posts for delete to authenticated using ((select app_private.is_admin()));
create policy "Service role manages posts"
    on public.posts for all to service_role using (true) with check (true);

-- For what hangs on a post, the sub-select is under the posts' own policies.
alter table public.post_likes enable row level security;
revoke all on table public.post_likes from public, anon, authenticated;
grant all on table public.post_likes to service_role;
grant select on table public.post_likes to anon, authenticated;
grant insert, delete on table public.post_likes to authenticated;

create policy "Likes of visible posts are viewable"
    on public.post_likes for select
    using (exists (select from public.posts p where p.id = post_id) and user_id not in (select app_private.my_block_ids()));
create policy "Users can like visible posts"
    on public.post_likes for insert to authenticated
    with check ((select auth.uid()) = user_id and exists (select from public.posts p where p.id = post_id));
create policy "Users can take back own likes"
    on public.post_likes for delete to authenticated using ((select auth.uid()) = user_id);
create policy "Service role manages post likes"
    on public.post_likes for all to service_role using (true) with check (true);

alter table public.comments enable row level security;
revoke all on table public.comments from public, anon, authenticated;
grant all on table public.comments to service_role;
grant select on table public.comments to anon, authenticated;
grant delete on table public.comments to authenticated;
grant insert (id, post_id, user_id, parent_id, content) on table public.comments to authenticated;
grant update (content) on table public.comments to authenticated;

create policy "Approved comments on visible posts are viewable"
    on public.comments for select
    using (moderation_status = 'approved'
           and exists (select from public.posts p where p.id = post_id)
           and user_id not in (select app_private.my_block_ids()));
create policy "Users can view own comments"
    on public.comments for select to authenticated using ((select auth.uid()) = user_id);
create policy "Users can comment on visible posts"
    on public.comments for insert to authenticated
    with check ((select auth.uid()) = user_id and exists (select from public.posts p where p.id = post_id));
create policy "Users can update own comments"
    on public.comments for update to authenticated
    using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
create policy "Users can delete own comments and those on own posts"
    on public.comments for delete to authenticated
    using ((select auth.uid()) = user_id
           or exists (select from public.posts p where p.id = post_id and p.user_id = (select auth.uid())));
create policy "Admins can view all comments"
    on public.comments for select to authenticated using ((select app_private.is_admin()));
create policy "Admins can delete comments"
    on public.comments for delete to authenticated using ((select app_private.is_admin()));
create policy "Service role manages comments"
    on public.comments for all to service_role using (true) with check (true);

alter table public.comment_likes enable row level security;
revoke all on table public.comment_likes from public, anon, authenticated;
grant all on table public.comment_likes to service_role;
grant select on table public.comment_likes to anon, authenticated;
grant insert, delete on table public.comment_likes to authenticated;

create policy "Likes of visible comments are viewable"
    on public.comment_likes for select
    using (exists (select from public.comments c where c.id = comment_id) and user_id not in (select app_private.my_block_ids()));
create policy "Users can like visible comments"
    on public.comment_likes for insert to authenticated
    with check ((select auth.uid()) = user_id and exists (select from public.comments c where c.id = comment_id));
create policy "Users can take back own comment likes"
    on public.comment_likes for delete to authenticated using ((select auth.uid()) = user_id);
create policy "Service role manages comment likes"
    on public.comment_likes for all to service_role using (true) with check (true);

alter table public.community_feed_items enable row level security;
revoke all on table public.community_feed_items from public, anon, authenticated;
grant all on table public.community_feed_items to service_role;
grant select, delete on table public.community_feed_items to authenticated;
grant update (seen_at) on table public.community_feed_items to authenticated;

create policy "Users can view own feed"
    on public.community_feed_items for select to authenticated
    using ((select auth.uid()) = user_id and (actor_id is null or actor_id not in (select app_private.my_block_ids())));
create policy "Users can mark own feed as seen"
    on public.community_feed_items for update to authenticated
    using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
create policy "Users can dismiss own feed items"
    on public.community_feed_items for delete to authenticated using ((select auth.uid()) = user_id);
create policy "Service role manages feed items"
    on public.community_feed_items for all to service_role using (true) with check (true);
