-- The vendors' forum: categories, topics, posts and votes, among active vendors and administrators.
--
-- What somebody wrote stays without a name when the person leaves: the answers of others would lose
-- their question.

create table public.forum_categories (
    id          uuid        not null primary key default gen_random_uuid(),
    slug        text        not null,
    name        text        not null,
    description text,
    position    integer     not null default 0,
    is_locked   boolean     not null default false,
    topic_count integer     not null default 0,
    post_count  integer     not null default 0,
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now(),

    constraint forum_categories_slug_key           unique (slug),
    constraint forum_categories_slug_form          check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and char_length(slug) <= 100),
    constraint forum_categories_name_length        check (char_length(name) between 1 and 200),
    constraint forum_categories_description_length check (char_length(description) <= 2000),
    constraint forum_categories_topic_count_range  check (topic_count >= 0),
    constraint forum_categories_post_count_range   check (post_count >= 0)
);
comment on table  public.forum_categories is 'Categories of the vendors'' forum, in the order of position; the counters are kept by triggers';
comment on column public.forum_categories.is_locked is 'No new topics';
comment on column public.forum_categories.post_count is 'Posts in all its topics';

create table public.forum_topics (
    id                uuid        not null primary key default gen_random_uuid(),
    category_id       uuid        not null references public.forum_categories (id),
    author_id         uuid        references public.profiles (id) on delete set null,
    title             text        not null,
    content           text        not null,
    is_pinned         boolean     not null default false,
    is_locked         boolean     not null default false,
    post_count        integer     not null default 0,
    last_post_at      timestamptz not null default now(),
    moderation_status varchar     not null default 'approved',
    created_at        timestamptz not null default now(),
    updated_at        timestamptz not null default now(),

    constraint forum_topics_title_length            check (char_length(title) between 1 and 300),
    constraint forum_topics_content_length          check (char_length(content) between 1 and 20000),
    constraint forum_topics_post_count_range        check (post_count >= 0),
    constraint forum_topics_moderation_status_known check (moderation_status in ('pending', 'approved', 'flagged', 'blocked', 'removed'))
);
comment on table  public.forum_topics is 'Discussions; post_count and last_post_at are kept by a trigger';
comment on column public.forum_topics.author_id is 'Null once the person is gone';
comment on column public.forum_topics.is_locked is 'No new posts';
comment on column public.forum_topics.last_post_at is 'When it was last answered, or opened';
create index idx_forum_topics_category_id on public.forum_topics (category_id, is_pinned desc, last_post_at desc);
create index idx_forum_topics_author_id   on public.forum_topics (author_id) where author_id is not null;

create table public.forum_posts (
    id                uuid        not null primary key default gen_random_uuid(),
    topic_id          uuid        not null references public.forum_topics (id) on delete cascade,
    author_id         uuid        references public.profiles (id) on delete set null,
    parent_id         uuid,
    content           text        not null,
    is_solution       boolean     not null default false,
    upvote_count      integer     not null default 0,
    downvote_count    integer     not null default 0,
    score             integer     not null generated always as (upvote_count - downvote_count) stored,
    moderation_status varchar     not null default 'approved',
    created_at        timestamptz not null default now(),
    updated_at        timestamptz not null default now(),

    -- An answer stands in the same topic as the post that it answers.
    constraint forum_posts_topic_key               unique (topic_id, id),
    constraint forum_posts_parent_fkey             foreign key (topic_id, parent_id) references public.forum_posts (topic_id, id) on delete cascade,
    constraint forum_posts_parent_is_other         check (parent_id <> id),
    constraint forum_posts_content_length          check (char_length(content) between 1 and 20000),
    constraint forum_posts_upvote_count_range      check (upvote_count >= 0),
    constraint forum_posts_downvote_count_range    check (downvote_count >= 0),
    constraint forum_posts_moderation_status_known check (moderation_status in ('pending', 'approved', 'flagged', 'blocked', 'removed'))
);
comment on table  public.forum_posts is 'Answers in a topic; the counters of votes are kept by a trigger';
comment on column public.forum_posts.author_id is 'Null once the person is gone';
comment on column public.forum_posts.is_solution is 'The answer that the topic''s author accepted; one in a topic';
comment on column public.forum_posts.score is 'Votes for it less votes against it';
create index idx_forum_posts_topic_id  on public.forum_posts (topic_id, created_at);
create index idx_forum_posts_author_id on public.forum_posts (author_id) where author_id is not null;
create index idx_forum_posts_parent_id on public.forum_posts (topic_id, parent_id) where parent_id is not null;
create unique index idx_forum_posts_one_solution on public.forum_posts (topic_id) where is_solution;

create table public.forum_post_votes (
    id         uuid        not null primary key default gen_random_uuid(),
    post_id    uuid        not null references public.forum_posts (id) on delete cascade,
    user_id    uuid        not null references public.profiles (id) on delete cascade,
    vote       smallint    not null,
    created_at timestamptz not null default now(),

    constraint forum_post_votes_person_key unique (post_id, user_id),
    constraint forum_post_votes_vote_known check (vote in (-1, 1))
);
comment on table  public.forum_post_votes is 'Who voted for or against a post; seen by that person only';
comment on column public.forum_post_votes.vote is '1 for, -1 against';
create index idx_forum_post_votes_user_id on public.forum_post_votes (user_id);

create function app_private.count_forum_topics() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
declare
    touched uuid[];
begin
    if tg_op = 'INSERT' then
        touched := array(select distinct n.category_id from new_rows n);
    elsif tg_op = 'DELETE' then
        touched := array(select distinct o.category_id from old_rows o);
    else
        touched := array(
            select distinct c.id
            from old_rows o
            join new_rows n on n.id = o.id
            cross join lateral (values (o.category_id), (n.category_id)) as c (id)
            where (o.category_id, o.post_count) is distinct from (n.category_id, n.post_count));
    end if;

    perform from public.forum_categories c where c.id = any (touched) order by c.id for no key update;
    update public.forum_categories c
    set topic_count = s.topics, post_count = s.posts
    from unnest(touched) as t (id)
    cross join lateral (select count(*)::integer as topics, coalesce(sum(x.post_count), 0)::integer as posts
                        from public.forum_topics x
                        where x.category_id = t.id) s
    where c.id = t.id;
    return null;
end
$function$;

create function app_private.count_forum_posts() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
declare
    touched uuid[];
begin
    if tg_op = 'INSERT' then
        touched := array(select distinct n.topic_id from new_rows n);
    else
        touched := array(select distinct o.topic_id from old_rows o);
    end if;
    perform from public.forum_topics t where t.id = any (touched) order by t.id for no key update;
    update public.forum_topics t
    set post_count = s.posts, last_post_at = coalesce(s.last_at, t.created_at)
    from unnest(touched) as x (id)
    cross join lateral (select count(*)::integer as posts, max(p.created_at) as last_at from public.forum_posts p where p.topic_id = x.id) s
    where t.id = x.id;
    return null;
end
$function$;

create function app_private.count_forum_post_votes() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
declare
    touched uuid[];
begin
    if tg_op = 'INSERT' then
        touched := array(select distinct n.post_id from new_rows n);
    elsif tg_op = 'DELETE' then
        touched := array(select distinct o.post_id from old_rows o);
    else
        touched := array(select o.post_id from old_rows o union select n.post_id from new_rows n);
    end if;
    perform from public.forum_posts p where p.id = any (touched) order by p.id for no key update;
    update public.forum_posts p
    set upvote_count = s.votes_for, downvote_count = s.votes_against
    from unnest(touched) as t (id)
    cross join lateral (select count(*) filter (where v.vote = 1)::integer as votes_for, count(*) filter (where v.vote = -1)::integer as votes_against
                        from public.forum_post_votes v
                        where v.post_id = t.id) s
    where p.id = t.id;
    return null;
end
$function$;

-- Reports and actions on the forum, beside those on posts and comments. The trigger's name comes before
-- those of the moderation's own triggers, which keep the author that they find.
create function app_private.name_forum_author() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
declare
    author uuid;
begin
    if new.content_id ~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' then
        if new.content_type = 'forum_topic' then
            select t.author_id into author from public.forum_topics t where t.id = new.content_id::uuid;
        else
            select p.author_id into author from public.forum_posts p where p.id = new.content_id::uuid;
        end if;
    end if;
    if tg_table_name = 'content_reports' then
        new.reported_user_id := author;
    elsif new.action_type not in ('escalate', 'dismiss') then
        new.target_user_id := coalesce(new.target_user_id, author);
    end if;
    return new;
end
$function$;

create function app_private.apply_moderation_to_forum() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
declare
    verdict constant text := case new.action_type when 'approve' then 'approved' when 'flag' then 'flagged'
                                                  when 'block' then 'blocked' when 'remove' then 'removed' end;
begin
    if verdict is not null and new.content_type = 'forum_topic' then
        update public.forum_topics t set moderation_status = verdict where t.id = new.content_id::uuid;
    elsif verdict is not null then
        update public.forum_posts p set moderation_status = verdict where p.id = new.content_id::uuid;
    end if;
    return null;
end
$function$;

-- A deleted profile whose row stays has no name in the forum.
create function app_private.forget_forum_author() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    update public.forum_topics x     set author_id = null where x.author_id = new.id;
    update public.forum_posts x      set author_id = null where x.author_id = new.id;
    delete from public.forum_post_votes x where x.user_id = new.id;
    return null;
end
$function$;
revoke execute on function app_private.count_forum_topics(), app_private.count_forum_posts(), app_private.count_forum_post_votes(),
    app_private.name_forum_author(), app_private.apply_moderation_to_forum(), app_private.forget_forum_author() from public;

create trigger count_forum_topics_insert
    after insert on public.forum_topics referencing new table as new_rows
    for each statement execute function app_private.count_forum_topics();
create trigger count_forum_topics_update
    after update on public.forum_topics referencing old table as old_rows new table as new_rows
    for each statement execute function app_private.count_forum_topics();
create trigger count_forum_topics_delete
    after delete on public.forum_topics referencing old table as old_rows
    for each statement execute function app_private.count_forum_topics();
create trigger count_forum_posts_insert
    after insert on public.forum_posts referencing new table as new_rows
    for each statement execute function app_private.count_forum_posts();
create trigger count_forum_posts_delete
    after delete on public.forum_posts referencing old table as old_rows
    for each statement execute function app_private.count_forum_posts();
create trigger count_forum_post_votes_insert
    after insert on public.forum_post_votes referencing new table as new_rows
    for each statement execute function app_private.count_forum_post_votes();
create trigger count_forum_post_votes_update
    after update on public.forum_post_votes referencing old table as old_rows new table as new_rows
    for each statement execute function app_private.count_forum_post_votes();
create trigger count_forum_post_votes_delete
    after delete on public.forum_post_votes referencing old table as old_rows
    for each statement execute function app_private.count_forum_post_votes();
create trigger name_forum_author
    before insert or update of content_type, content_id on public.content_reports
    for each row when (new.content_type in ('forum_topic', 'forum_post')) execute function app_private.name_forum_author();
create trigger name_forum_author
    before insert on public.moderation_actions
    for each row when (new.content_type in ('forum_topic', 'forum_post')) execute function app_private.name_forum_author();
create trigger apply_moderation_to_forum
    after insert on public.moderation_actions
    for each row when (new.content_type in ('forum_topic', 'forum_post')) execute function app_private.apply_moderation_to_forum();
create trigger forget_forum_author
    after update of account_status on public.profiles
    for each row when (new.account_status = 'deleted' and old.account_status is distinct from 'deleted')
    execute function app_private.forget_forum_author();
-- Only what the author wrote counts as a change, as with posts.
create trigger update_forum_categories_updated_at
    before update of slug, name, description, position, is_locked on public.forum_categories
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();
create trigger update_forum_topics_updated_at
    before update of title, content on public.forum_topics
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();
create trigger update_forum_posts_updated_at
    before update of content on public.forum_posts
    for each row when (old.content is distinct from new.content) execute function public.update_updated_at_column();

create function app_private.is_in_forum() returns boolean
    language sql stable security definer
    set search_path = ''
as $function$
    select app_private.is_admin() or exists (
        select
        from public.vendors v
        join public.profiles p on p.id = v.user_id
        where v.user_id = auth.uid()
          and v.status = 'active'
          and (coalesce(p.account_status, 'active') = 'active' or p.restriction_expires <= now() and p.account_status in ('restricted', 'suspended')))
$function$;
comment on function app_private.is_in_forum() is 'Whether the person asking may use the vendors'' forum: an active vendor or an administrator, with an account in force';
revoke execute on function app_private.is_in_forum() from public;
grant execute on function app_private.is_in_forum() to authenticated, service_role;

-- A grant on the columns would let authors pin and lock their own topics.
create function public.set_forum_topic_flags(topic uuid, pinned boolean, locked boolean) returns void
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    if not app_private.is_admin() then
        raise exception 'User % may not pin or lock topic %.', auth.uid(), topic
            using errcode = 'insufficient_privilege', hint = 'Administrators pin and lock topics.';
    end if;
    update public.forum_topics t set is_pinned = pinned, is_locked = locked where t.id = topic;
    if not found then
        raise exception 'There is no topic %.', topic using errcode = 'no_data_found';
    end if;
end
$function$;
comment on function public.set_forum_topic_flags(uuid, boolean, boolean) is 'Pins and locks a topic of the forum; for administrators';

create function public.accept_forum_post(post uuid) returns void
    language plpgsql security definer
    set search_path = ''
as $function$
declare
    the_topic uuid;
begin
    select t.id into the_topic
    from public.forum_posts p
    join public.forum_topics t on t.id = p.topic_id
    where p.id = post and p.moderation_status = 'approved'
      and app_private.is_in_forum() and (t.author_id = auth.uid() or app_private.is_admin())
    for no key update of t;
    if not found then
        raise exception 'Post % is in no topic of user %.', post, auth.uid()
            using errcode = 'insufficient_privilege', hint = 'The author of a topic accepts the answer that solves it.';
    end if;
    update public.forum_posts p set is_solution = false where p.topic_id = the_topic and p.is_solution and p.id <> post;
    update public.forum_posts p set is_solution = true where p.id = post;
end
$function$;
comment on function public.accept_forum_post(uuid) is 'Marks a post as the answer to one''s own topic, instead of another one';
revoke execute on function public.set_forum_topic_flags(uuid, boolean, boolean), public.accept_forum_post(uuid) from public, anon, authenticated;
grant execute on function public.set_forum_topic_flags(uuid, boolean, boolean), public.accept_forum_post(uuid) to authenticated, service_role;

alter table public.forum_categories enable row level security;
revoke all on table public.forum_categories from public, anon, authenticated;
grant all on table public.forum_categories to service_role;
grant select, delete on table public.forum_categories to authenticated;
grant insert (id, slug, name, description, position, is_locked) on table public.forum_categories to authenticated;
grant update (slug, name, description, position, is_locked) on table public.forum_categories to authenticated;

create policy "Vendors and admins can view forum categories"
    on public.forum_categories for select to authenticated using ((select app_private.is_in_forum()));
create policy "Admins can manage forum categories"
    on public.forum_categories for all to authenticated
    using ((select app_private.is_admin())) with check ((select app_private.is_admin()));
create policy "Service role manages forum categories"
    on public.forum_categories for all to service_role using (true) with check (true);

alter table public.forum_topics enable row level security;
revoke all on table public.forum_topics from public, anon, authenticated;
grant all on table public.forum_topics to service_role;
grant select, delete on table public.forum_topics to authenticated;
grant insert (id, category_id, author_id, title, content) on table public.forum_topics to authenticated;
grant update (title, content) on table public.forum_topics to authenticated;

create policy "Vendors and admins can view approved topics and own ones"
    on public.forum_topics for select to authenticated
    using ((select app_private.is_in_forum()) and (moderation_status = 'approved' or author_id = (select auth.uid())));
create policy "Admins can view all topics"
    on public.forum_topics for select to authenticated using ((select app_private.is_admin()));
create policy "Vendors and admins can open topics"
    on public.forum_topics for insert to authenticated
    with check ((select app_private.is_in_forum()) and author_id = (select auth.uid())
                and exists (select from public.forum_categories c
                            where c.id = category_id and (not c.is_locked or (select app_private.is_admin()))));
create policy "Authors can update own topics"
    on public.forum_topics for update to authenticated
    using ((select app_private.is_in_forum()) and author_id = (select auth.uid()) and not is_locked)
    with check (author_id = (select auth.uid()));
-- With answers in it, a topic is no longer its author's alone.
create policy "Authors can delete own topics without answers"
    on public.forum_topics for delete to authenticated using (author_id = (select auth.uid()) and post_count = 0);
create policy "Admins can delete topics"
    on public.forum_topics for delete to authenticated using ((select app_private.is_admin()));
create policy "Service role manages forum topics"
    on public.forum_topics for all to service_role using (true) with check (true);

alter table public.forum_posts enable row level security;
revoke all on table public.forum_posts from public, anon, authenticated;
grant all on table public.forum_posts to service_role;
grant select, delete on table public.forum_posts to authenticated;
grant insert (id, topic_id, author_id, parent_id, content) on table public.forum_posts to authenticated;
grant update (content) on table public.forum_posts to authenticated;

-- The sub-select is under the topics' own policies.
create policy "Approved posts in visible topics are viewable"
    on public.forum_posts for select to authenticated
    using ((moderation_status = 'approved' or author_id = (select auth.uid()))
           and exists (select from public.forum_topics t where t.id = topic_id));
create policy "Admins can view all forum posts"
    on public.forum_posts for select to authenticated using ((select app_private.is_admin()));
create policy "Vendors and admins can answer in open topics"
    on public.forum_posts for insert to authenticated
    with check ((select app_private.is_in_forum()) and author_id = (select auth.uid())
                and exists (select from public.forum_topics t
                            where t.id = topic_id and (not t.is_locked or (select app_private.is_admin()))));
create policy "Authors can update own forum posts"
    on public.forum_posts for update to authenticated
    using ((select app_private.is_in_forum()) and author_id = (select auth.uid())
           and exists (select from public.forum_topics t where t.id = topic_id and not t.is_locked))
    with check (author_id = (select auth.uid()));
-- No DELETE for authors, since it would take the answers of others with it.
create policy "Admins can delete forum posts"
    on public.forum_posts for delete to authenticated using ((select app_private.is_admin()));
create policy "Service role manages forum posts"
    on public.forum_posts for all to service_role using (true) with check (true);

alter table public.forum_post_votes enable row level security;
revoke all on table public.forum_post_votes from public, anon, authenticated;
grant all on table public.forum_post_votes to service_role;
grant select, delete on table public.forum_post_votes to authenticated;
grant insert (id, post_id, user_id, vote) on table public.forum_post_votes to authenticated;
grant update (vote) on table public.forum_post_votes to authenticated;

create policy "Users can view own votes"
    on public.forum_post_votes for select to authenticated using ((select auth.uid()) = user_id);
create policy "Vendors and admins can vote on posts of others"
    on public.forum_post_votes for insert to authenticated
    with check ((select auth.uid()) = user_id and (select app_private.is_in_forum())
                and exists (select from public.forum_posts p where p.id = post_id and p.author_id is distinct from (select auth.uid())));
create policy "Users can change own votes"
    on public.forum_post_votes for update to authenticated
    using ((select auth.uid()) = user_id and (select app_private.is_in_forum())) with check ((select auth.uid()) = user_id);
create policy "Users can take back own votes"
    on public.forum_post_votes for delete to authenticated using ((select auth.uid()) = user_id);
create policy "Service role manages forum votes"
    on public.forum_post_votes for all to service_role using (true) with check (true);
