-- Undoes version 3: of schema storage, what bears the shim's mark. A real Supabase's buckets and files stay.

do $shim$
declare
    role_before     constant text := current_setting('role');
    schema_owner    constant name := (select pg_get_userbyid(nspowner) from pg_catalog.pg_namespace where nspname = 'storage');
    function_marked constant boolean := coalesce(
        obj_description(to_regprocedure('storage.foldername(text)'), 'pg_proc') like 'supabase-shim:%', false);
    objects_marked  constant boolean := coalesce(obj_description(to_regclass('storage.objects'), 'pg_class') like 'supabase-shim:%', false);
    buckets_marked  constant boolean := coalesce(obj_description(to_regclass('storage.buckets'), 'pg_class') like 'supabase-shim:%', false);
begin
    if not (function_marked or objects_marked or buckets_marked) then
        return;
    end if;
    -- As they were made: by the schema's owner.
    perform set_config('role', schema_owner, true);
    if function_marked then
        drop function storage.foldername(text);
    end if;
    if objects_marked then
        drop table storage.objects;
    end if;
    if buckets_marked then
        drop table storage.buckets;
    end if;
    perform set_config('role', role_before, true);
end
$shim$;
