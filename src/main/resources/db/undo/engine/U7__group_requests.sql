-- Undoes V7. Of several requests for a group the first one stays.

do $$
begin
  if obj_description(to_regprocedure('public.request_group_score(uuid)'), 'pg_proc') like 'Has a group scored as soon as possible:%' then
    drop function public.request_group_score(uuid);
  end if;
end
$$;
drop trigger request_groups_of_former_members on public.group_members;
drop trigger request_groups_of_changed_members on public.group_members;
drop trigger request_groups_of_new_members on public.group_members;
drop trigger request_changed_groups on public.groups;
drop trigger request_new_groups on public.groups;
drop function compat.request_groups_of_changed_members();
drop function compat.request_changed_groups();

delete from compat.group_requests r
  where exists (select from compat.group_requests e where e.group_id = r.group_id and e.request_id < r.request_id);
drop index compat.group_requests_group_id;
alter table compat.group_requests drop column run_id, drop column request_id;
alter table compat.group_requests add primary key (group_id);
