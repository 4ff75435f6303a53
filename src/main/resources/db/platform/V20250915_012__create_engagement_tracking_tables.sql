-- Engagement: what people do and look at, event by event, and the daily figures that are computed of it.
--
-- The events come in the order of time and are asked for by time, hence the small BRIN indexes. They go
-- after a while (cleanup_activity_data); the daily figures stay and name nobody but the content's owner.

create table public.user_activity_logs (
    id            bigint      generated always as identity primary key,
    user_id       uuid        not null references public.profiles (id) on delete cascade,
    activity_type text        not null,
    resource_type text,
    resource_id   uuid,
    session_id    text,
    ip_address    inet,
    user_agent    text,
    metadata      jsonb       not null default '{}',
    occurred_at   timestamptz not null default now(),

    -- Names of activities and kinds of content grow with the application; their form does not.
    constraint user_activity_logs_activity_form     check (activity_type ~ '^[a-z][a-z0-9_.]{0,99}$'),
    constraint user_activity_logs_resource_form     check (resource_type ~ '^[a-z][a-z0-9_]{0,49}$'),
    constraint user_activity_logs_resource_complete check (resource_id is null or resource_type is not null),
    constraint user_activity_logs_session_length    check (char_length(session_id) between 1 and 200),
    constraint user_activity_logs_agent_length      check (char_length(user_agent) <= 1000),
    constraint user_activity_logs_metadata_object   check (jsonb_typeof(metadata) = 'object')
);
comment on table  public.user_activity_logs is 'What a person did with the account, for that person''s own security; written by the back end';
comment on column public.user_activity_logs.ip_address is 'Goes with its row after the time that cleanup_activity_data is given';
create index idx_user_activity_logs_user_id     on public.user_activity_logs (user_id, occurred_at desc);
create index idx_user_activity_logs_occurred_at on public.user_activity_logs using brin (occurred_at);

create table public.content_views (
    id               bigint      generated always as identity primary key,
    viewer_id        uuid        references public.profiles (id) on delete set null,
    content_type     text        not null,
    content_id       uuid        not null,
    session_id       text,
    referrer         text,
    duration_seconds integer,
    viewed_at        timestamptz not null default now(),

    constraint content_views_content_type_form check (content_type ~ '^[a-z][a-z0-9_]{0,49}$'),
    constraint content_views_session_length    check (char_length(session_id) between 1 and 200),
    constraint content_views_referrer_length   check (char_length(referrer) <= 2048),
    constraint content_views_duration_range    check (duration_seconds between 0 and 86400)
);
comment on table  public.content_views is 'Each time somebody looked at something; read by that person only';
comment on column public.content_views.viewer_id is 'Null for somebody not signed in, and once the person is gone: the view itself still counts';
create index idx_content_views_content   on public.content_views (content_type, content_id, viewed_at desc);
create index idx_content_views_viewer_id on public.content_views (viewer_id, viewed_at desc) where viewer_id is not null;
create index idx_content_views_viewed_at on public.content_views using brin (viewed_at);

create table public.user_interactions (
    id               bigint      generated always as identity primary key,
    user_id          uuid        not null references public.profiles (id) on delete cascade,
    interaction_type text        not null,
    content_type     text        not null,
    content_id       uuid        not null,
    metadata         jsonb       not null default '{}',
    occurred_at      timestamptz not null default now(),

    constraint user_interactions_type_known        check (interaction_type in ('like', 'comment', 'share', 'save', 'click', 'book', 'follow', 'hide')),
    constraint user_interactions_content_type_form check (content_type ~ '^[a-z][a-z0-9_]{0,49}$'),
    constraint user_interactions_metadata_object   check (jsonb_typeof(metadata) = 'object')
);
comment on table public.user_interactions is 'What people did with content, beyond looking at it; read by that person only';
create index idx_user_interactions_user_id     on public.user_interactions (user_id, occurred_at desc);
create index idx_user_interactions_content     on public.user_interactions (content_type, content_id, occurred_at desc);
create index idx_user_interactions_occurred_at on public.user_interactions using brin (occurred_at);

create table public.engagement_metrics (
    id                  uuid          not null primary key default gen_random_uuid(),
    content_type        text          not null,
    content_id          uuid          not null,
    metric_date         date          not null,
    view_count          integer       not null default 0,
    unique_viewer_count integer       not null default 0,
    view_seconds        bigint        not null default 0,
    like_count          integer       not null default 0,
    comment_count       integer       not null default 0,
    share_count         integer       not null default 0,
    save_count          integer       not null default 0,
    click_count         integer       not null default 0,
    booking_count       integer       not null default 0,
    engagement_rate     numeric(14,2) generated always as (
        case when view_count > 0 then round(100.0 * (like_count + comment_count + share_count + save_count + booking_count) / view_count, 2) end) stored,
    computed_at         timestamptz   not null default now(),

    constraint engagement_metrics_day_key           unique (content_type, content_id, metric_date),
    constraint engagement_metrics_content_type_form check (content_type ~ '^[a-z][a-z0-9_]{0,49}$'),
    constraint engagement_metrics_counts_range      check (least(view_count, unique_viewer_count, view_seconds, like_count, comment_count, share_count,
                                                                 save_count, click_count, booking_count) >= 0),
    constraint engagement_metrics_unique_range      check (unique_viewer_count <= view_count)
);
comment on table  public.engagement_metrics is 'How much a day brought each piece of content; computed, seen by the content''s owner and by administrators';
comment on column public.engagement_metrics.metric_date is 'The day in UTC';
comment on column public.engagement_metrics.unique_viewer_count is 'People signed in, and sessions of others';
comment on column public.engagement_metrics.engagement_rate is 'Likes, comments, shares, saves and bookings for a hundred views; null without a view';
create index idx_engagement_metrics_metric_date on public.engagement_metrics using brin (metric_date);

-- Counted anew, so that running it again repairs instead of adding.
create function public.refresh_engagement_metrics(day date default (now() at time zone 'UTC')::date) returns integer
    language plpgsql security definer
    set search_path = ''
as $function$
declare
    day_start constant timestamptz := day::timestamp at time zone 'UTC';
    day_end   constant timestamptz := (day + 1)::timestamp at time zone 'UTC';
    written   integer;
begin
    if day is null then
        raise exception 'No day is named whose figures are to be computed.' using errcode = 'null_value_not_allowed';
    end if;
    insert into public.engagement_metrics as m
        (content_type, content_id, metric_date, view_count, unique_viewer_count, view_seconds,
         like_count, comment_count, share_count, save_count, click_count, booking_count)
    select e.content_type, e.content_id, day,
           count(*) filter (where e.kind = 'view'),
           count(distinct e.viewer),
           coalesce(sum(e.seconds), 0),
           count(*) filter (where e.kind = 'like'),
           count(*) filter (where e.kind = 'comment'),
           count(*) filter (where e.kind = 'share'),
           count(*) filter (where e.kind = 'save'),
           count(*) filter (where e.kind = 'click'),
           count(*) filter (where e.kind = 'book')
    from (select v.content_type, v.content_id, 'view' as kind, coalesce(v.viewer_id::text, v.session_id) as viewer, v.duration_seconds as seconds
          from public.content_views v
          where v.viewed_at >= day_start and v.viewed_at < day_end
          union all
          select i.content_type, i.content_id, i.interaction_type, null, null
          from public.user_interactions i
          where i.occurred_at >= day_start and i.occurred_at < day_end) e
    group by e.content_type, e.content_id
    on conflict (content_type, content_id, metric_date) do update
        set view_count          = excluded.view_count,
            unique_viewer_count = excluded.unique_viewer_count,
            view_seconds        = excluded.view_seconds,
            like_count          = excluded.like_count,
            comment_count       = excluded.comment_count,
            share_count         = excluded.share_count,
            save_count          = excluded.save_count,
            click_count         = excluded.click_count,
            booking_count       = excluded.booking_count,
            computed_at         = excluded.computed_at;
    get diagnostics written = row_count;
    return written;
end
$function$;
comment on function public.refresh_engagement_metrics(date) is 'Computes the figures of a day (UTC) and returns how many rows it wrote; run it before the day''s events are cleaned up';

create function public.cleanup_activity_data(retention interval default interval '400 days')
    returns table (task text, rows_affected bigint)
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    if retention is null or retention < interval '30 days' then
        raise exception 'A retention of % is too short; required are 30 days or more.', retention
            using errcode = 'invalid_parameter_value', hint = 'Investigations and daily figures need the events of the last month.';
    end if;

    delete from public.user_activity_logs x where x.occurred_at < now() - retention;
    task := 'activities removed';
    get diagnostics rows_affected = row_count;
    return next;

    delete from public.content_views x where x.viewed_at < now() - retention;
    task := 'views removed';
    get diagnostics rows_affected = row_count;
    return next;

    delete from public.user_interactions x where x.occurred_at < now() - retention;
    task := 'interactions removed';
    get diagnostics rows_affected = row_count;
    return next;
end
$function$;
comment on function public.cleanup_activity_data(interval) is 'Removes events older than the retention; run it daily';
revoke execute on function public.refresh_engagement_metrics(date), public.cleanup_activity_data(interval) from public, anon, authenticated;
grant execute on function public.refresh_engagement_metrics(date), public.cleanup_activity_data(interval) to service_role;

-- A deleted profile whose row stays leaves no trace of what it did; views count on without it.
create function app_private.remove_activity_data() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    delete from public.user_activity_logs x where x.user_id = new.id;
    delete from public.user_interactions x  where x.user_id = new.id;
    update public.content_views x set viewer_id = null, session_id = null where x.viewer_id = new.id;
    return null;
end
$function$;
revoke execute on function app_private.remove_activity_data() from public;

create trigger remove_activity_data
    after update of account_status on public.profiles
    for each row when (new.account_status = 'deleted' and old.account_status is distinct from 'deleted')
    execute function app_private.remove_activity_data();

alter table public.user_activity_logs enable row level security;
alter table public.content_views      enable row level security;
alter table public.user_interactions  enable row level security;
alter table public.engagement_metrics enable row level security;

revoke all on table public.user_activity_logs, public.content_views, public.user_interactions, public.engagement_metrics
    from public, anon, authenticated;
revoke all on sequence public.user_activity_logs_id_seq, public.content_views_id_seq, public.user_interactions_id_seq
    from public, anon, authenticated;
grant all on table public.user_activity_logs, public.content_views, public.user_interactions, public.engagement_metrics to service_role;
grant usage, select on sequence public.user_activity_logs_id_seq, public.content_views_id_seq, public.user_interactions_id_seq to service_role;

grant select on table public.user_activity_logs, public.content_views, public.user_interactions, public.engagement_metrics to authenticated;
-- Not the time: an event is of the moment that it is recorded.
grant insert (viewer_id, content_type, content_id, session_id, referrer, duration_seconds) on table public.content_views to authenticated;
grant insert (user_id, interaction_type, content_type, content_id, metadata) on table public.user_interactions to authenticated;

create policy "Users can view own activity"
    on public.user_activity_logs for select to authenticated using ((select auth.uid()) = user_id);
create policy "Admins can view all activity"
    on public.user_activity_logs for select to authenticated using ((select app_private.is_admin()));
create policy "Service role manages activity logs"
    on public.user_activity_logs for all to service_role using (true) with check (true);

create policy "Users can view what they viewed"
    on public.content_views for select to authenticated using ((select auth.uid()) = viewer_id);
create policy "Users can record own views"
    on public.content_views for insert to authenticated with check ((select auth.uid()) = viewer_id);
create policy "Service role manages content views"
    on public.content_views for all to service_role using (true) with check (true);

create policy "Users can view own interactions"
    on public.user_interactions for select to authenticated using ((select auth.uid()) = user_id);
create policy "Users can record own interactions"
    on public.user_interactions for insert to authenticated with check ((select auth.uid()) = user_id);
create policy "Service role manages interactions"
    on public.user_interactions for all to service_role using (true) with check (true);

create policy "Vendors can view figures of their adventures"
    on public.engagement_metrics for select to authenticated
    using (content_type = 'vendor' and content_id in (select v.id from public.vendors v where v.user_id = (select auth.uid()))
           or content_type = 'adventure' and content_id in (select a.id from public.adventures a join public.vendors v on v.id = a.vendor_id
                                                            where v.user_id = (select auth.uid())));
create policy "Users can view figures of own posts and profile"
    on public.engagement_metrics for select to authenticated
    using (content_type = 'profile' and content_id = (select auth.uid())
           or content_type = 'post' and content_id in (select p.id from public.posts p where p.user_id = (select auth.uid())));
create policy "Admins can view all figures"
    on public.engagement_metrics for select to authenticated using ((select app_private.is_admin()));
create policy "Service role manages engagement metrics"
    on public.engagement_metrics for all to service_role using (true) with check (true);
