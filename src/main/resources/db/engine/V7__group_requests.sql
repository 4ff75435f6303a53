-- Groups ask to be scored: whenever one appears or changes, and whenever the application asks.

-- One row for each request, not for each group: whoever asks adds a row, and so waits for nobody and can't be in a
-- circle of those who wait; and a request that comes while its group is being scored is a row that stays.
alter table compat.group_requests drop constraint group_requests_pkey;
alter table compat.group_requests
  add column request_id bigint generated always as identity primary key,
  add column run_id bigint;
comment on column compat.group_requests.run_id is
  'The nightly run that began after this request and so answers it; null if none has. It goes when that run is published';
create index group_requests_group_id on compat.group_requests (group_id);

create function compat.request_changed_groups() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    insert into compat.group_requests (group_id, reason)
      select n.id, 'the group is new' from arrived n where n.is_active is not false;
  else
    insert into compat.group_requests (group_id, reason)
      select n.id, 'the group changed' from arrived n join gone o on o.id = n.id
      where n.is_active is not false
        and (o.is_active is false, o.max_members, o.age_range) is distinct from (false, n.max_members, n.age_range);
  end if;
  if found then
    perform pg_notify('compat_group_requests', '');
  end if;
  return null;
end
$$;

-- A membership counts if it began or ended.
create function compat.request_groups_of_changed_members() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  changed uuid[];
begin
  case tg_op
    when 'INSERT' then
      changed := array(select n.group_id from arrived n where n.is_active is not false);
    when 'DELETE' then
      changed := array(select o.group_id from gone o where o.is_active is not false);
    else
      changed := array(
        select coalesce(n.group_id, o.group_id)
        from (select group_id, user_id from arrived where is_active is not false) n
        full join (select group_id, user_id from gone where is_active is not false) o
          on o.group_id = n.group_id and o.user_id = n.user_id
        where n.group_id is null or o.group_id is null);
  end case;
  insert into compat.group_requests (group_id, reason)
    select g.id, 'its members changed' from compat.groups g where g.id = any (changed) and g.is_active is not false;
  if found then
    perform pg_notify('compat_group_requests', '');
  end if;
  return null;
end
$$;
alter function compat.request_changed_groups() owner to compat_engine;
alter function compat.request_groups_of_changed_members() owner to compat_engine;
revoke all on function compat.request_changed_groups(), compat.request_groups_of_changed_members() from public;

create trigger request_new_groups after insert on public.groups
  referencing new table as arrived for each statement execute function compat.request_changed_groups();
create trigger request_changed_groups after update on public.groups
  referencing old table as gone new table as arrived for each statement execute function compat.request_changed_groups();
create trigger request_groups_of_new_members after insert on public.group_members
  referencing new table as arrived for each statement execute function compat.request_groups_of_changed_members();
create trigger request_groups_of_changed_members after update on public.group_members
  referencing old table as gone new table as arrived
  for each statement execute function compat.request_groups_of_changed_members();
create trigger request_groups_of_former_members after delete on public.group_members
  referencing old table as gone for each statement execute function compat.request_groups_of_changed_members();

-- By name, for the application. What a running one has of that name stays.
do $do$
begin
  if to_regprocedure('public.request_group_score(uuid)') is null then
    create function public.request_group_score(p_group uuid) returns void
    language plpgsql security definer set search_path = '' as $$
    begin
      -- Whoever neither owns the group nor belongs to it is told the same as if there were none. A security-definer
      -- function does not change the setting "role", and nobody becomes service_role who may not.
      if not exists (
          select from public.groups g
          where g.id = p_group and g.is_active is not false
            and (current_setting('role') = 'service_role' or session_user = 'service_role'
                 or to_jsonb(g) ->> 'owner_id' = auth.uid()::text
                 or compat.is_active_member(g.id, auth.uid()))) then
        raise exception 'There is no active group % that you own or belong to.', p_group
          using errcode = 'no_data_found', hint = 'Members and owners may ask for their group, the service role for any.';
      end if;
      insert into compat.group_requests (group_id, reason) values (p_group, 'asked for');
      perform pg_notify('compat_group_requests', '');
    end
    $$;
    comment on function public.request_group_score(uuid) is
      'Has a group scored as soon as possible: within a second while compat score serve runs, else by the next nightly run';
    revoke all on function public.request_group_score(uuid) from public, anon, authenticated, service_role;
    grant execute on function public.request_group_score(uuid) to authenticated, service_role;
  end if;
end
$do$;
