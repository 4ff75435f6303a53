-- The catalog as text, one line for each object outside the system's own schemas; by names only, so that two states can be compared.
with namespaces as (
    select oid, nspname from pg_catalog.pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'),
relations as (
    select c.*, n.nspname from pg_catalog.pg_class c join namespaces n on n.oid = c.relnamespace where c.relkind not in ('i', 'I', 't'))
select line
from (
    select format('relation %I.%I %s %s %s %s', r.nspname, r.relname, r.relkind, r.relowner::regrole, r.relrowsecurity,
                  (select string_agg(x::text, ',' order by x::text) from unnest(r.relacl) x)) as line
    from relations r
    union all
    select format('column %I.%I.%I %s %s %s %s', r.nspname, r.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
                  pg_get_expr(d.adbin, d.adrelid), (select string_agg(x::text, ',' order by x::text) from unnest(a.attacl) x))
    from relations r
    join pg_catalog.pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
    left join pg_catalog.pg_attrdef d on d.adrelid = r.oid and d.adnum = a.attnum
    union all
    select format('constraint %s %I %s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid))
    from pg_catalog.pg_constraint c join namespaces n on n.oid = c.connamespace
    union all
    select 'index ' || pg_get_indexdef(i.indexrelid) from pg_catalog.pg_index i join relations r on r.oid = i.indrelid
    union all
    select 'trigger ' || pg_get_triggerdef(t.oid) from pg_catalog.pg_trigger t join relations r on r.oid = t.tgrelid where not t.tgisinternal
    union all
    select 'policy ' || p::text from pg_catalog.pg_policies p
    union all
    select format('function %s %s %s', pg_get_functiondef(p.oid), p.proowner::regrole,
                  (select string_agg(x::text, ',' order by x::text) from unnest(p.proacl) x))
    from pg_catalog.pg_proc p join namespaces n on n.oid = p.pronamespace where p.prokind in ('f', 'p')
    union all
    select format('type %I.%I %s', n.nspname, t.typname, (select string_agg(e.enumlabel, ',' order by e.enumsortorder)
                                                          from pg_catalog.pg_enum e where e.enumtypid = t.oid))
    from pg_catalog.pg_type t join namespaces n on n.oid = t.typnamespace
    union all
    select format('schema %I %s', s.nspname, (select string_agg(x::text, ',' order by x::text) from unnest(s.nspacl) x))
    from pg_catalog.pg_namespace s join namespaces n on n.oid = s.oid
    union all
    select format('comment on %s %s: %s', o.type, o.identity, d.description)
    from pg_catalog.pg_description d
    cross join lateral pg_identify_object(d.classoid, d.objoid, d.objsubid) o
    where o.schema in (select nspname from namespaces) or o.type = 'schema'
    union all
    select 'bucket ' || b.id from storage.buckets b where to_regclass('storage.buckets') is not null) x
order by line collate "C"
