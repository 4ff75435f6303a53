-- Undoes version 1: the schemas that stand in for Supabase's. A real Supabase's, which lack the mark, stay as they are.
--
-- The roles stay too: they belong to the whole cluster, and other databases may use them.

do $shim$
declare
    marked constant name[] := array(
        select nspname from pg_catalog.pg_namespace
        where nspname in ('auth', 'storage') and obj_description(oid, 'pg_namespace') like 'supabase-shim:%');
    marked_schema name;
begin
    -- Where nothing was stood in for, Supabase itself gave its roles the use of schema public.
    if cardinality(marked) > 0 then
        revoke usage on schema public from anon, authenticated, service_role;
    end if;
    foreach marked_schema in array marked loop
        execute format('drop schema %I', marked_schema);
    end loop;
end
$shim$;
