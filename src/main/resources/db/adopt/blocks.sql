-- Blocks that the application keeps in further tables of its own count as those of user_connections do.
do $$
declare
    further constant text := (
        select string_agg(format('select %I as blocker_id, %I as blocked_id from public.%I%s',
                                 s.blocker, s.blocked, c.relname, case when s.by_status then ' where status::text = ''blocked''' else '' end),
                          ' union all ' order by c.relname)
        from pg_catalog.pg_class c
        cross join (values ('requester_id', 'addressee_id', true), ('user_id', 'connected_user_id', true),
                           ('blocker_id', 'blocked_id', false), ('user_id', 'blocked_user_id', false)) as s (blocker, blocked, by_status)
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> 'user_connections'
          and pg_has_role(c.relowner, 'usage')
          and 2 + s.by_status::integer = (
              select count(*)
              from pg_catalog.pg_attribute a
              join pg_catalog.pg_type t on t.oid = a.atttypid
              where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                and (a.attname in (s.blocker, s.blocked) and t.oid = 'uuid'::regtype
                     or s.by_status and a.attname = 'status' and t.typcategory in ('S', 'E'))));
begin
    if further is not null then
        execute format('create or replace view compat.blocks as %s union all %s',
                       rtrim(pg_get_viewdef('compat.blocks'::regclass), ';'), further);
    end if;
end
$$
