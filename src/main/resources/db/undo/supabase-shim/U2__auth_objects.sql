-- Undoes version 2: of schema auth, what bears the shim's mark. A real Supabase's accounts and functions stay.

do $shim$
declare
    role_before  constant text := current_setting('role');
    schema_owner constant name := (select pg_get_userbyid(nspowner) from pg_catalog.pg_namespace where nspname = 'auth');
    marked       constant text[] := array(
        select format('drop function %s', p.oid::regprocedure)
        from pg_catalog.pg_proc p
        join pg_catalog.pg_namespace n on n.oid = p.pronamespace
        where n.nspname = 'auth' and obj_description(p.oid, 'pg_proc') like 'supabase-shim:%');
    users_marked constant boolean := coalesce(obj_description(to_regclass('auth.users'), 'pg_class') like 'supabase-shim:%', false);
    statement    text;
begin
    if cardinality(marked) = 0 and not users_marked then
        return;
    end if;
    -- As they were made: by the schema's owner.
    perform set_config('role', schema_owner, true);
    foreach statement in array marked loop
        execute statement;
    end loop;
    if users_marked then
        drop table auth.users;
    end if;
    perform set_config('role', role_before, true);
end
$shim$;
