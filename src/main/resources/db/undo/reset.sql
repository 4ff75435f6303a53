-- The rest of a complete reset, after the undo scripts: whatever was built upon the migrations, and everything else in
-- schema public. The schema comes back empty, with the owner, comment, grants and default privileges that it had.
--
-- The migration guide's reset grants ALL on it to PUBLIC. Here PUBLIC gets what it had before, since PostgreSQL 15 the
-- use alone: with CREATE, anyone who may connect could put a function where others look for theirs.

do $reset$
declare
    schema_owner constant name   := (select pg_get_userbyid(nspowner) from pg_catalog.pg_namespace where nspname = 'public');
    description  constant text   := obj_description(to_regnamespace('public'), 'pg_namespace');
    grants       constant text[] := array(
        select format('grant %s on schema public to %s%s', a.privilege_type,
                      case a.grantee when 0 then 'public' else a.grantee::regrole::text end,
                      case when a.is_grantable then ' with grant option' else '' end)
        from pg_catalog.pg_namespace n
        cross join lateral aclexplode(n.nspacl) a
        where n.nspname = 'public' and a.grantee <> n.nspowner);
    -- Those of roles that this login can't become were another's to give, and are another's to give again.
    defaults     constant text[] := array(
        select format('alter default privileges for role %s in schema public grant %s on %s to %s%s',
                      d.defaclrole::regrole, a.privilege_type,
                      case d.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions' when 'T' then 'types' end,
                      case a.grantee when 0 then 'public' else a.grantee::regrole::text end,
                      case when a.is_grantable then ' with grant option' else '' end)
        from pg_catalog.pg_default_acl d
        cross join lateral aclexplode(d.defaclacl) a
        where d.defaclnamespace = to_regnamespace('public') and pg_has_role(d.defaclrole, 'usage'));
    statement    text;
begin
    drop schema if exists compat, batch, app_private, compat_migrations cascade;
    -- Its view went with the history; a real Supabase's table did not.
    if to_regnamespace('supabase_migrations') is not null
       and not exists (select from pg_catalog.pg_class where relnamespace = to_regnamespace('supabase_migrations')) then
        drop schema supabase_migrations;
    end if;

    if schema_owner is null then
        create schema public;
        grant usage on schema public to public;
        return;
    end if;
    drop schema public cascade;
    execute format('create schema public authorization %I', schema_owner);
    execute format('comment on schema public is %L', description);
    foreach statement in array grants || defaults loop
        execute statement;
    end loop;
end
$reset$;
