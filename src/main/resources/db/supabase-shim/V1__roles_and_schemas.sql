-- Roles and schemas that Supabase supplies and a plain PostgreSQL lacks.
--
-- Each object is created only where it is missing; what exists is left exactly as it is, so that on a
-- real Supabase this file does nothing. The login that runs it needs CREATEROLE and CREATE on the
-- database; it need not be a superuser.
--
-- Roles belong to the whole cluster: several databases may be migrated at the same moment, and each
-- must accept that another one creates a role first.

do $shim$
declare
    -- From PostgreSQL 16 on, creating a role gives ADMIN over it but neither SET nor INHERIT.
    grants_have_options constant boolean := current_setting('server_version_num')::integer >= 160000;
    login               constant name := current_user;
    role_name           name;
    created             boolean;
begin
    foreach role_name in array array['anon', 'authenticated', 'service_role', 'supabase_auth_admin', 'supabase_storage_admin']::name[] loop
        continue when exists (select from pg_catalog.pg_roles where rolname = role_name);

        created := true;
        begin
            if role_name = 'service_role' then
                begin
                    create role service_role nologin noinherit bypassrls;
                exception when insufficient_privilege then
                    -- Only a superuser (up to 15) or a holder of BYPASSRLS may hand it out. The platform's
                    -- tables name service_role in a policy of their own, so nothing depends on it.
                    create role service_role nologin noinherit;
                end;
            else
                execute format('create role %I nologin noinherit', role_name);
            end if;
        exception when duplicate_object or unique_violation then
            created := false;
        end;

        -- As Supabase's login `postgres` does, the migrating login may act as the roles of the API.
        if created and not pg_has_role(login, role_name, case when grants_have_options then 'set' else 'member' end) then
            begin
                execute format('grant %I to %I', role_name, login)
                    || case when grants_have_options then ' with set true, inherit false' else '' end;
            exception when unique_violation then
                null; -- a neighbouring migration by the same login has just made the same grant
            end;
        end if;
    end loop;
end
$shim$;

do $shim$
declare
    grants_have_options constant boolean := current_setting('server_version_num')::integer >= 160000;
    login               constant name := current_user;
    wanted              record;
begin
    for wanted in
        select *
        from (values
            ('auth'::name,    'supabase_auth_admin'::name,    'users, and who is asking'),
            ('storage'::name, 'supabase_storage_admin'::name, 'buckets and objects'))
            as w (schema_name, owner_name, contents)
    loop
        continue when exists (select from pg_catalog.pg_namespace where nspname = wanted.schema_name);

        -- To make a schema for another role one must be able to become that role; INHERIT lets this
        -- login undo its own work later without changing roles.
        if not pg_has_role(login, wanted.owner_name, 'usage')
           or not pg_has_role(login, wanted.owner_name, case when grants_have_options then 'set' else 'member' end) then
            begin
                execute format('grant %I to %I', wanted.owner_name, login)
                    || case when grants_have_options then ' with set true, inherit true' else '' end;
            exception
                when unique_violation then
                    null; -- a neighbouring migration by the same login has just made the same grant
                when insufficient_privilege then
                    raise exception 'Schema % is missing, and login % may not become its owner, role %.',
                            wanted.schema_name, login, wanted.owner_name
                        using errcode = 'insufficient_privilege',
                              hint = format('Maybe another login created that role: as its administrator run: grant %I to %I;',
                                            wanted.owner_name, login);
            end;
        end if;

        execute format('create schema %I authorization %I', wanted.schema_name, wanted.owner_name);
        -- This comment is how a real Supabase and this stand-in are told apart.
        execute format('comment on schema %I is %L', wanted.schema_name,
                       format('supabase-shim: stands in for Supabase''s schema %s (%s)', wanted.schema_name, wanted.contents));
        execute format('grant usage on schema %I to %I, anon, authenticated, service_role', wanted.schema_name, login);
    end loop;
end
$shim$;

-- PUBLIC may use schema public by default; the roles of the API must not depend on that default.
do $shim$
declare
    role_name name;
begin
    foreach role_name in array array['anon', 'authenticated', 'service_role']::name[] loop
        continue when exists (
            select
            from pg_catalog.pg_namespace n
            cross join lateral aclexplode(n.nspacl) a
            where n.nspname = 'public'
              and a.grantee = role_name::regrole
              and a.privilege_type = 'USAGE');
        begin
            execute format('grant usage on schema public to %I', role_name);
        exception when insufficient_privilege then
            if not has_schema_privilege(role_name, 'public', 'usage') then
                raise exception 'Role % has no USAGE on schema public, and login % may not grant it.', role_name, current_user
                    using errcode = 'insufficient_privilege',
                          hint = format('Maybe as the owner of schema public run: grant usage on schema public to %I;', role_name);
            end if;
        end;
    end loop;
end
$shim$;
