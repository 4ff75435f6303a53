-- Why the engine could not work on a table that exists: it is none, it belongs to others, or its owner is held to policies.
select format('public.%s is no ordinary table', c.relname)
from pg_catalog.pg_class c
where c.relnamespace = 'public'::regnamespace and c.relname = any (?) and c.relkind not in ('r', 'p')
union all
select format('public.%s belongs to role %s, whose rights login %s does not have', c.relname, pg_get_userbyid(c.relowner), current_user)
from pg_catalog.pg_class c
where c.relnamespace = 'public'::regnamespace and c.relname = any (?) and not pg_has_role(c.relowner, 'usage')
union all
select format('public.%s forces row-level security on its owner, so that rows would be hidden from the engine', c.relname)
from pg_catalog.pg_class c
where c.relnamespace = 'public'::regnamespace and c.relname = any (?) and c.relrowsecurity and c.relforcerowsecurity
  and not exists (select from pg_catalog.pg_roles where rolname = current_user and (rolsuper or rolbypassrls))
union all
select 'public.compatibility_model_versions.id is not unique'
where to_regclass('public.compatibility_model_versions') is not null
  and not exists (
    select from pg_catalog.pg_index i
    where i.indrelid = to_regclass('public.compatibility_model_versions') and i.indisunique and i.indpred is null
      and i.indkey::text = (select attnum::text from pg_catalog.pg_attribute where attrelid = i.indrelid and attname = 'id'))
order by 1
