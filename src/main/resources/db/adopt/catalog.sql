-- Everything that a schema dump would show, an object a row: its kind, the object that it belongs to, its name, and what it is.
with spaces as (
    select n.oid, n.nspname, n.nspowner, n.nspacl
    from pg_catalog.pg_namespace n
    where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'),
relations as (
    select c.*, s.nspname, format('%I.%I', s.nspname, c.relname) as identity,
           case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'f' then 'foreign table' when 'S' then 'sequence'
                          when 'c' then 'type' else 'table' end as kind
    from pg_catalog.pg_class c
    join spaces s on s.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S', 'c')),
routines as (
    select p.*, s.nspname, p.oid::regprocedure::text as identity
    from pg_catalog.pg_proc p
    join spaces s on s.oid = p.pronamespace),
grants as (
    select s.nspname as parent, a.* from spaces s cross join lateral aclexplode(coalesce(s.nspacl, acldefault('n', s.nspowner))) a
    union all
    select r.identity, a.*
    from relations r
    cross join lateral aclexplode(coalesce(r.relacl, acldefault(case r.relkind when 'S' then 's' else 'r' end::"char", r.relowner))) a
    where r.kind <> 'type'
    union all
    select r.identity || '.' || t.attname, a.*
    from relations r
    join pg_catalog.pg_attribute t on t.attrelid = r.oid and t.attnum > 0 and not t.attisdropped
    cross join lateral aclexplode(t.attacl) a
    union all
    select r.identity, a.* from routines r cross join lateral aclexplode(coalesce(r.proacl, acldefault('f', r.proowner))) a)
select 'role' as kind, '' as parent, rolname::text as name,
       concat_ws(' ', rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolbypassrls) as definition
from pg_catalog.pg_roles
where rolname !~ '^pg_'
union all
select 'schema', '', nspname, pg_get_userbyid(nspowner) from spaces
union all
select r.kind, r.nspname, r.identity,
       concat_ws(' ', pg_get_userbyid(r.relowner), r.relpersistence, r.relrowsecurity, r.relforcerowsecurity, r.relispartition, r.reloptions::text,
                 case when r.relkind in ('v', 'm') then pg_get_viewdef(r.oid) end)
from relations r
union all
select 'column', r.identity, t.attname,
       concat_ws(' ', format_type(t.atttypid, t.atttypmod), t.attnotnull, t.attidentity, t.attgenerated, t.attcollation::regcollation,
                 pg_get_expr(d.adbin, d.adrelid))
from relations r
join pg_catalog.pg_attribute t on t.attrelid = r.oid and t.attnum > 0 and not t.attisdropped
left join pg_catalog.pg_attrdef d on d.adrelid = t.attrelid and d.adnum = t.attnum
union all
select 'constraint', coalesce(r.identity, format_type(k.contypid, null)), k.conname, concat_ws(' ', pg_get_constraintdef(k.oid), k.convalidated)
from pg_catalog.pg_constraint k
join spaces s on s.oid = k.connamespace
left join relations r on r.oid = k.conrelid
where k.contype in ('c', 'f', 'p', 'u', 'x')
union all
select 'index', r.identity, i.indexrelid::regclass::text, concat_ws(' ', pg_get_indexdef(i.indexrelid), i.indisvalid)
from pg_catalog.pg_index i
join relations r on r.oid = i.indrelid
union all
select 'trigger', r.identity, t.tgname, concat_ws(' ', pg_get_triggerdef(t.oid), t.tgenabled)
from pg_catalog.pg_trigger t
join relations r on r.oid = t.tgrelid
where not t.tgisinternal
union all
select 'policy', r.identity, p.polname,
       concat_ws(' ', p.polcmd, p.polpermissive, p.polroles::regrole[]::text, pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
from pg_catalog.pg_policy p
join relations r on r.oid = p.polrelid
union all
select 'rule', r.identity, w.rulename, pg_get_ruledef(w.oid)
from pg_catalog.pg_rewrite w
join relations r on r.oid = w.ev_class
where w.rulename <> '_RETURN'
union all
select 'function', r.nspname, r.identity, concat_ws(' ', pg_get_userbyid(r.proowner), case when r.prokind in ('f', 'p') then pg_get_functiondef(r.oid) end)
from routines r
union all
select 'type', s.nspname, format('%I.%I', s.nspname, t.typname),
       concat_ws(' ', pg_get_userbyid(t.typowner), t.typtype, format_type(nullif(t.typbasetype, 0), t.typtypmod),
                 (select string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder) from pg_catalog.pg_enum e where e.enumtypid = t.oid))
from pg_catalog.pg_type t
join spaces s on s.oid = t.typnamespace
where t.typtype in ('e', 'd', 'r')
union all
select 'grant', g.parent, lower(g.privilege_type) || ' to ' || case g.grantee when 0 then 'public' else pg_get_userbyid(g.grantee) end,
       concat_ws(' ', pg_get_userbyid(g.grantor), g.is_grantable)
from grants g
union all
select 'comment', coalesce(r.identity || coalesce('.' || t.attname, ''), p.identity, s.nspname), 'comment', d.description
from pg_catalog.pg_description d
left join relations r on d.classoid = 'pg_class'::regclass and r.oid = d.objoid
left join pg_catalog.pg_attribute t on t.attrelid = r.oid and t.attnum = nullif(d.objsubid, 0)
left join routines p on d.classoid = 'pg_proc'::regclass and p.oid = d.objoid
left join spaces s on d.classoid = 'pg_namespace'::regclass and s.oid = d.objoid
where coalesce(r.oid, p.oid, s.oid) is not null
