-- Enhanced connections: what each of two connected people notes about the other, whom both know, and whom to connect with next.
--
-- user_connections stays as it is: the one place that says what stands between two people, and whether
-- one blocks the other. Notes are a table of their own because each side has its own and reads no other.

create table public.connection_details (
    connection_id uuid        not null references public.user_connections (id) on delete cascade,
    user_id       uuid        not null references public.profiles (id) on delete cascade,
    category      text        not null default 'other',
    note          text,
    is_favorite   boolean     not null default false,
    created_at    timestamptz not null default now(),
    updated_at    timestamptz not null default now(),

    primary key (connection_id, user_id),
    constraint connection_details_category_known check (category in ('friend', 'family', 'travel_buddy', 'colleague', 'acquaintance', 'other')),
    constraint connection_details_note_length    check (char_length(note) between 1 and 2000)
);
comment on table  public.connection_details is 'How one of two connected people files the other; read by that one only, and gone when the connection ends';
comment on column public.connection_details.user_id is 'Whose view it is: one of the two people of the connection';
create index idx_connection_details_user_id on public.connection_details (user_id, category);

create table public.connection_suggestions (
    user_id           uuid          not null references public.profiles (id) on delete cascade,
    suggested_user_id uuid          not null references public.profiles (id) on delete cascade,
    reason            text          not null,
    mutual_count      integer       not null default 0,
    score             numeric(12,6) not null default 0,
    dismissed_at      timestamptz,
    created_at        timestamptz   not null default now(),
    updated_at        timestamptz   not null default now(),

    primary key (user_id, suggested_user_id),
    constraint connection_suggestions_two_people   check (user_id <> suggested_user_id),
    constraint connection_suggestions_reason_known check (reason in ('mutual_connections', 'shared_group', 'shared_trip', 'compatibility')),
    constraint connection_suggestions_mutual_range check (mutual_count >= 0)
);
comment on table  public.connection_suggestions is 'People whom one might know, best score first; computed, and dismissed ones stay so that they do not come back';
comment on column public.connection_suggestions.mutual_count is 'How many accepted connections the two had in common when it was computed';
create index idx_connection_suggestions_open              on public.connection_suggestions (user_id, score desc) where dismissed_at is null;
create index idx_connection_suggestions_suggested_user_id on public.connection_suggestions (suggested_user_id);

create function app_private.validate_connection_details() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    if not exists (select
                   from public.user_connections c
                   where c.id = new.connection_id and c.status = 'accepted' and new.user_id in (c.requester_id, c.addressee_id)) then
        raise exception 'User % has no accepted connection %.', new.user_id, new.connection_id
            using errcode = 'check_violation', hint = 'Only a person of an accepted connection files the other one.';
    end if;
    return new;
end
$function$;

-- A note about somebody with whom nothing stands any more would be a file on a stranger; and whether
-- it is a block that ended it does not show, since the notes of both go either way.
create function app_private.follow_connection() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    delete from public.connection_details d
    using new_rows n
    where d.connection_id = n.id and n.status <> 'accepted';
    delete from public.connection_suggestions s
    using new_rows n
    where s.user_id = n.requester_id and s.suggested_user_id = n.addressee_id;
    delete from public.connection_suggestions s
    using new_rows n
    where s.user_id = n.addressee_id and s.suggested_user_id = n.requester_id;
    return null;
end
$function$;

-- A deleted profile whose row stays is suggested to nobody. Its connections go anyway, and their details with them.
create function app_private.remove_connection_suggestions() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    delete from public.connection_suggestions x where x.user_id = new.id;
    delete from public.connection_suggestions x where x.suggested_user_id = new.id;
    return null;
end
$function$;
revoke execute on function app_private.validate_connection_details(), app_private.follow_connection(), app_private.remove_connection_suggestions()
    from public;

create trigger validate_connection_details
    before insert or update of connection_id, user_id on public.connection_details
    for each row execute function app_private.validate_connection_details();
create trigger follow_connection_insert
    after insert on public.user_connections referencing new table as new_rows
    for each statement execute function app_private.follow_connection();
create trigger follow_connection_update
    after update on public.user_connections referencing new table as new_rows
    for each statement execute function app_private.follow_connection();
create trigger remove_connection_suggestions
    after update of account_status on public.profiles
    for each row when (new.account_status = 'deleted' and old.account_status is distinct from 'deleted')
    execute function app_private.remove_connection_suggestions();
create trigger update_connection_details_updated_at
    before update on public.connection_details
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();
create trigger update_connection_suggestions_updated_at
    before update on public.connection_suggestions
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();

-- Security definer, because the other one's connections are not readable; hence it tells only whom the
-- person asking is connected with himself, and nothing about people who keep to themselves or block.
create function public.mutual_connections(person uuid) returns setof uuid
    language sql stable security definer
    set search_path = ''
as $function$
    select mine.id
    from app_private.my_connection_ids() mine (id)
    join (select c.addressee_id as id from public.user_connections c where c.requester_id = person and c.status = 'accepted'
          union all
          select c.requester_id from public.user_connections c where c.addressee_id = person and c.status = 'accepted') theirs on theirs.id = mine.id
    where person <> auth.uid()
      and person not in (select app_private.my_block_ids())
      and not exists (select from public.user_preferences u where u.user_id = person and u.privacy_level = 'private')
    order by mine.id
$function$;
comment on function public.mutual_connections(uuid) is 'Own connections who are connected with this person too; none if one blocks the other or the person is private';

-- Friends of friends. Dismissed ones stay dismissed; what no longer holds is removed.
create function public.refresh_connection_suggestions(person uuid, most integer default 50) returns integer
    language plpgsql security definer
    set search_path = ''
as $function$
declare
    suggested integer;
begin
    if most is null or most not between 1 and 500 then
        raise exception '% suggestions are asked for; allowed are 1 to 500.', most using errcode = 'invalid_parameter_value';
    end if;
    -- Two refreshes of one person at a time would each miss what the other writes.
    perform pg_advisory_xact_lock(hashtextextended('connection_suggestions ' || person::text, 0));

    delete from public.connection_suggestions s
    where s.user_id = person and s.reason = 'mutual_connections' and s.dismissed_at is null;

    insert into public.connection_suggestions as s (user_id, suggested_user_id, reason, mutual_count, score)
    with connected as (
        select case when c.requester_id = person then c.addressee_id else c.requester_id end as id
        from public.user_connections c
        where c.status = 'accepted' and (c.requester_id = person or c.addressee_id = person)
    ), candidates as (
        select f.id, count(*)::integer as mutual
        from connected k
        join public.user_connections c on c.status = 'accepted' and (c.requester_id = k.id or c.addressee_id = k.id)
        cross join lateral (select case when c.requester_id = k.id then c.addressee_id else c.requester_id end as id) f
        where f.id <> person
          -- Whatever stands between the two, a request, a refusal or a block, suggests nothing.
          and not exists (select from public.user_connections x
                          where least(x.requester_id, x.addressee_id) = least(person, f.id)
                            and greatest(x.requester_id, x.addressee_id) = greatest(person, f.id))
          and not exists (select from public.user_preferences u where u.user_id = f.id and u.privacy_level = 'private')
        group by f.id
    )
    select person, n.id, 'mutual_connections', n.mutual, n.mutual
    from candidates n
    join public.profiles p on p.id = n.id
    where coalesce(p.account_status, 'active') = 'active'
       or p.restriction_expires <= now() and p.account_status in ('restricted', 'suspended')
    order by n.mutual desc, n.id
    limit most
    on conflict (user_id, suggested_user_id) do update
        set mutual_count = excluded.mutual_count
        where s.mutual_count is distinct from excluded.mutual_count;

    select count(*) into suggested from public.connection_suggestions s where s.user_id = person and s.dismissed_at is null;
    return suggested;
end
$function$;
comment on function public.refresh_connection_suggestions(uuid, integer) is
    'Computes whom a person might connect with by mutual connections, and returns how many suggestions are open; for the back end, e.g. nightly';

revoke execute on function public.mutual_connections(uuid), public.refresh_connection_suggestions(uuid, integer) from public, anon, authenticated;
grant execute on function public.mutual_connections(uuid) to authenticated, service_role;
grant execute on function public.refresh_connection_suggestions(uuid, integer) to service_role;

alter table public.connection_details enable row level security;
revoke all on table public.connection_details from public, anon, authenticated;
grant all on table public.connection_details to service_role;
grant select, delete on table public.connection_details to authenticated;
grant insert (connection_id, user_id, category, note, is_favorite) on table public.connection_details to authenticated;
grant update (category, note, is_favorite) on table public.connection_details to authenticated;

create policy "Users can manage own connection details"
    on public.connection_details for all to authenticated
    using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
create policy "Service role manages connection details"
    on public.connection_details for all to service_role using (true) with check (true);

alter table public.connection_suggestions enable row level security;
revoke all on table public.connection_suggestions from public, anon, authenticated;
grant all on table public.connection_suggestions to service_role;
grant select on table public.connection_suggestions to authenticated;
grant update (dismissed_at) on table public.connection_suggestions to authenticated;

create policy "Users can view own suggestions"
    on public.connection_suggestions for select to authenticated
    using ((select auth.uid()) = user_id and suggested_user_id not in (select app_private.my_block_ids()));
create policy "Users can dismiss own suggestions"
    on public.connection_suggestions for update to authenticated
    using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
create policy "Service role manages connection suggestions"
    on public.connection_suggestions for all to service_role using (true) with check (true);
