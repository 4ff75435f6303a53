-- What the platform uses of Supabase's schema auth: the table of users, and the functions that say who is asking.
--
-- Only what is missing is created, by the schema's owner. Columns are a subset of Supabase's with its
-- names and types, so that a statement written against the one works on the other.

do $shim$
declare
    login         constant name := current_user;
    role_before   constant text := current_setting('role');
    schema_owner  constant name := (select pg_get_userbyid(nspowner) from pg_catalog.pg_namespace where nspname = 'auth');
    has_users     constant boolean := exists (
        select from pg_catalog.pg_class where relname = 'users' and relnamespace = (select oid from pg_catalog.pg_namespace where nspname = 'auth'));
    has_functions constant name[] := array(
        select proname from pg_catalog.pg_proc where pronamespace = (select oid from pg_catalog.pg_namespace where nspname = 'auth'));
begin
    if has_users and has_functions @> array['uid', 'role', 'jwt']::name[] then
        return;
    end if;

    begin
        perform set_config('role', schema_owner, true);
    exception when insufficient_privilege then
        raise exception 'Schema auth lacks objects (table users: %, functions: %), and login % may not become its owner, role %.',
                has_users, has_functions, login, schema_owner
            using errcode = 'insufficient_privilege',
                  hint = 'Required are auth.users, auth.uid(), auth.role() and auth.jwt(). Maybe this Supabase project is not set up completely.';
    end;

    if not has_users then
        create table auth.users (
            instance_id        uuid,
            id                 uuid        not null primary key,
            aud                varchar(255),
            role               varchar(255),
            email              text        unique,
            encrypted_password text,
            email_confirmed_at timestamptz,
            phone              text        unique,
            phone_confirmed_at timestamptz,
            last_sign_in_at    timestamptz,
            raw_app_meta_data  jsonb,
            raw_user_meta_data jsonb,
            banned_until       timestamptz,
            is_sso_user        boolean     not null default false,
            is_anonymous       boolean     not null default false,
            created_at         timestamptz default now(),
            updated_at         timestamptz default now(),
            deleted_at         timestamptz
        );
        comment on table auth.users is 'supabase-shim: one row for each account';
        -- As Supabase grants its login `postgres`: foreign keys and the sign-up trigger hang on this table.
        execute format('grant all on table auth.users to %I', login);
    end if;

    if not 'jwt' = any (has_functions) then
        create function auth.jwt() returns jsonb
            language sql stable
        as $function$
            select coalesce(
                nullif(current_setting('request.jwt.claim', true), ''),
                nullif(current_setting('request.jwt.claims', true), ''))::jsonb
        $function$;
        comment on function auth.jwt() is 'supabase-shim: the claims of the token that came with the request; null without one';
    end if;

    if not 'uid' = any (has_functions) then
        create function auth.uid() returns uuid
            language sql stable
        as $function$
            select coalesce(
                nullif(current_setting('request.jwt.claim.sub', true), ''),
                nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid
        $function$;
        comment on function auth.uid() is 'supabase-shim: the account that is asking; null for nobody';
    end if;

    if not 'role' = any (has_functions) then
        create function auth.role() returns text
            language sql stable
        as $function$
            select coalesce(
                nullif(current_setting('request.jwt.claim.role', true), ''),
                nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role')
        $function$;
        comment on function auth.role() is 'supabase-shim: the role in the token that came with the request; null without one';
    end if;

    perform set_config('role', role_before, true);
end
$shim$;
