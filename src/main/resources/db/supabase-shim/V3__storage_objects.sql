-- What the platform uses of Supabase's schema storage: buckets, objects, and the function that splits an object's path.
--
-- Only what is missing is created, by the schema's owner. Row-level security is on, as on Supabase:
-- without a policy nobody but the migrating login and service_role sees a row.

do $shim$
declare
    login        constant name := current_user;
    role_before  constant text := current_setting('role');
    schema_owner constant name := (select pg_get_userbyid(nspowner) from pg_catalog.pg_namespace where nspname = 'storage');
    has_tables   constant name[] := array(
        select relname from pg_catalog.pg_class where relnamespace = (select oid from pg_catalog.pg_namespace where nspname = 'storage'));
    has_function constant boolean := exists (
        select from pg_catalog.pg_proc where proname = 'foldername' and pronamespace = (select oid from pg_catalog.pg_namespace where nspname = 'storage'));
begin
    if has_function and has_tables @> array['buckets', 'objects']::name[] then
        return;
    end if;

    begin
        perform set_config('role', schema_owner, true);
    exception when insufficient_privilege then
        raise exception 'Schema storage lacks objects (relations: %, function foldername: %), and login % may not become its owner, role %.',
                has_tables, has_function, login, schema_owner
            using errcode = 'insufficient_privilege',
                  hint = 'Required are storage.buckets, storage.objects and storage.foldername(text). Maybe this Supabase project is not set up completely.';
    end;

    if not 'buckets' = any (has_tables) then
        create table storage.buckets (
            id                 text        not null primary key,
            name               text        not null unique,
            owner              uuid,
            owner_id           text,
            public             boolean     default false,
            avif_autodetection boolean     default false,
            file_size_limit    bigint,
            allowed_mime_types text[],
            created_at         timestamptz default now(),
            updated_at         timestamptz default now()
        );
        alter table storage.buckets enable row level security;
        comment on table storage.buckets is 'supabase-shim: one row for each bucket';
        grant select on table storage.buckets to anon, authenticated;
        grant all on table storage.buckets to service_role;
        execute format('grant all on table storage.buckets to %I', login);
        -- Supabase gives these two BYPASSRLS; here the table itself must let them in.
        execute format('create policy "Administrators manage buckets" on storage.buckets for all to %I, service_role using (true) with check (true)', login);
    end if;

    if not 'objects' = any (has_tables) then
        create table storage.objects (
            id               uuid        not null primary key default gen_random_uuid(),
            bucket_id        text        references storage.buckets (id),
            name             text,
            owner            uuid,
            owner_id         text,
            version          text,
            metadata         jsonb,
            user_metadata    jsonb,
            path_tokens      text[]      generated always as (string_to_array(name, '/')) stored,
            created_at       timestamptz default now(),
            updated_at       timestamptz default now(),
            last_accessed_at timestamptz default now(),
            unique (bucket_id, name)
        );
        alter table storage.objects enable row level security;
        comment on table storage.objects is 'supabase-shim: one row for each stored file';
        grant select, insert, update, delete on table storage.objects to anon, authenticated;
        grant all on table storage.objects to service_role;
        execute format('grant all on table storage.objects to %I', login);
        execute format('create policy "Administrators manage objects" on storage.objects for all to %I, service_role using (true) with check (true)', login);
    end if;

    if not has_function then
        create function storage.foldername(name text) returns text[]
            language sql immutable
        as $function$
            select (string_to_array(name, '/'))[1 : cardinality(string_to_array(name, '/')) - 1]
        $function$;
        comment on function storage.foldername(text) is 'supabase-shim: the folders in an object''s path, outermost first';
    end if;

    perform set_config('role', role_before, true);
end
$shim$;
