-- Media: the files that people and vendors upload, their thumbnails and metadata, and the five storage buckets that hold them.
--
-- Bytes are in Supabase's storage; these tables describe them. In a bucket a file lies in a folder named
-- by its owner's user id ("<user id>/holiday.jpg"), and that folder is all that the policies go by.

create table public.media_files (
    id             uuid        not null primary key default gen_random_uuid(),
    user_id        uuid        references public.profiles (id) on delete cascade,
    bucket_id      text        not null default 'user-uploads',
    file_path      text        not null,
    thumbnail_path text,
    file_name      text        not null,
    file_size      bigint      not null,
    file_type      text        not null,
    mime_type      text        not null,
    url            text        not null,
    thumbnail_url  text,
    created_at     timestamptz default now(),
    updated_at     timestamptz default now(),

    -- For each owner, or anybody could take a path before the person it is meant for.
    constraint media_files_path_key             unique (user_id, bucket_id, file_path),
    constraint media_files_bucket_known         check (bucket_id in ('avatars', 'adventure-media', 'vendor-documents', 'user-uploads', 'system-media')),
    constraint media_files_path_length          check (char_length(file_path) between 1 and 1024),
    constraint media_files_thumbnail_length     check (char_length(thumbnail_path) between 1 and 1024),
    constraint media_files_name_length          check (char_length(file_name) between 1 and 255),
    constraint media_files_size_range           check (file_size >= 0),
    constraint media_files_type_length          check (char_length(file_type) between 1 and 100),
    constraint media_files_mime_type_form       check (mime_type ~ '^[A-Za-z0-9.+-]{1,127}/[A-Za-z0-9.+-]{1,127}(;.{0,255})?$'),
    constraint media_files_url_length           check (char_length(url) between 1 and 2048),
    constraint media_files_thumbnail_url_length check (char_length(thumbnail_url) between 1 and 2048)
);
comment on table  public.media_files is 'A stored file; seen by its owner and by administrators, whatever the bucket: public files are reached by their url';
comment on column public.media_files.user_id is 'The owner; null for the platform''s own files';
comment on column public.media_files.file_path is 'Within the bucket';
comment on column public.media_files.file_size is 'Bytes';
comment on column public.media_files.file_type is 'The kind of file in the application''s words, e.g. image';
create index idx_media_files_user_id on public.media_files (user_id, created_at desc);

create table public.media_thumbnails (
    id         uuid        not null primary key default gen_random_uuid(),
    media_id   uuid        not null references public.media_files (id) on delete cascade,
    size       text        not null,
    width      integer     not null,
    height     integer     not null,
    file_path  text        not null,
    file_size  bigint      not null,
    mime_type  text        not null default 'image/webp',
    url        text        not null,
    created_at timestamptz not null default now(),

    constraint media_thumbnails_size_key       unique (media_id, size),
    constraint media_thumbnails_size_known     check (size in ('small', 'medium', 'large')),
    constraint media_thumbnails_pixels_range   check (width between 1 and 8192 and height between 1 and 8192),
    constraint media_thumbnails_path_length    check (char_length(file_path) between 1 and 1024),
    constraint media_thumbnails_file_size      check (file_size >= 0),
    constraint media_thumbnails_mime_type_form check (mime_type ~ '^image/[a-z0-9.+-]{1,127}$'),
    constraint media_thumbnails_url_length     check (char_length(url) between 1 and 2048)
);
comment on table  public.media_thumbnails is 'Smaller pictures of a file, one of each size; written by the back end';
comment on column public.media_thumbnails.width is 'Pixels, as height';
comment on column public.media_thumbnails.file_path is 'Within the bucket of the file';

create table public.media_metadata (
    media_id          uuid          not null primary key references public.media_files (id) on delete cascade,
    processing_status text          not null default 'pending',
    failure           text,
    width             integer,
    height            integer,
    duration_seconds  numeric(10,3),
    sha256            text,
    alt_text          text,
    tags              text[],
    taken_at          timestamptz,
    latitude          numeric(10,8),
    longitude         numeric(11,8),
    technical         jsonb         not null default '{}',
    created_at        timestamptz   not null default now(),
    updated_at        timestamptz   not null default now(),

    constraint media_metadata_status_known    check (processing_status in ('pending', 'processing', 'ready', 'failed')),
    constraint media_metadata_failure         check (failure is null or processing_status = 'failed'),
    constraint media_metadata_pixels_range    check (width between 1 and 100000 and height between 1 and 100000),
    constraint media_metadata_duration_range  check (duration_seconds >= 0),
    constraint media_metadata_sha256_form     check (sha256 ~ '^[0-9a-f]{64}$'),
    constraint media_metadata_alt_text_length check (char_length(alt_text) <= 1000),
    constraint media_metadata_tags_limit      check (cardinality(tags) <= 64 and array_position(tags, null) is null),
    constraint media_metadata_coordinates     check ((latitude is null) = (longitude is null) and latitude between -90 and 90 and longitude between -180 and 180),
    constraint media_metadata_technical       check (jsonb_typeof(technical) = 'object')
);
comment on table  public.media_metadata is 'What is known of a file''s content; place and time of a picture are the owner''s secret';
comment on column public.media_metadata.sha256 is 'Of the bytes as uploaded; finds a file that is there already';
comment on column public.media_metadata.alt_text is 'What the picture shows, in words, for those who cannot see it';
comment on column public.media_metadata.technical is 'Camera, codec and the like, as read from the file';
-- What is to be processed, in the order of arrival.
create index idx_media_metadata_unfinished on public.media_metadata (created_at) where processing_status in ('pending', 'processing');
create index idx_media_metadata_sha256     on public.media_metadata (sha256) where sha256 is not null;

create trigger update_media_files_updated_at
    before update on public.media_files
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();
create trigger update_media_metadata_updated_at
    before update on public.media_metadata
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();

create function app_private.add_media_metadata() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    insert into public.media_metadata (media_id) values (new.id);
    return null;
end
$function$;
comment on function app_private.add_media_metadata() is 'Each file has metadata, which wait to be read from it';

create function app_private.remove_media() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    delete from public.media_files x where x.user_id = new.id;
    return null;
end
$function$;
comment on function app_private.remove_media() is 'Removes the descriptions of files of an account marked deleted; the bytes go through the storage API';
revoke execute on function app_private.add_media_metadata(), app_private.remove_media() from public;

create trigger add_media_metadata
    after insert on public.media_files
    for each row execute function app_private.add_media_metadata();
create trigger remove_media
    after update of account_status on public.profiles
    for each row when (new.account_status = 'deleted' and old.account_status is distinct from 'deleted')
    execute function app_private.remove_media();

alter table public.media_files enable row level security;
revoke all on table public.media_files from public, anon, authenticated;
grant all on table public.media_files to service_role;
grant select, delete on table public.media_files to authenticated;
grant insert (id, user_id, bucket_id, file_path, thumbnail_path, file_name, file_size, file_type, mime_type, url, thumbnail_url)
    on table public.media_files to authenticated;
grant update (file_name, thumbnail_path, thumbnail_url) on table public.media_files to authenticated;

create policy "Users can manage own media files"
    on public.media_files for all to authenticated
    using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
create policy "Admins can view all media files"
    on public.media_files for select to authenticated using ((select app_private.is_admin()));
create policy "Admins can delete media files"
    on public.media_files for delete to authenticated using ((select app_private.is_admin()));
create policy "Service role manages media files"
    on public.media_files for all to service_role using (true) with check (true);

-- For what hangs on a file, the sub-select is under the files' own policies.
alter table public.media_thumbnails enable row level security;
revoke all on table public.media_thumbnails from public, anon, authenticated;
grant all on table public.media_thumbnails to service_role;
grant select on table public.media_thumbnails to authenticated;

create policy "Thumbnails of visible files are viewable"
    on public.media_thumbnails for select to authenticated
    using (exists (select from public.media_files m where m.id = media_id));
create policy "Service role manages thumbnails"
    on public.media_thumbnails for all to service_role using (true) with check (true);

alter table public.media_metadata enable row level security;
revoke all on table public.media_metadata from public, anon, authenticated;
grant all on table public.media_metadata to service_role;
grant select on table public.media_metadata to authenticated;
grant update (alt_text, tags) on table public.media_metadata to authenticated;

create policy "Metadata of visible files are viewable"
    on public.media_metadata for select to authenticated
    using (exists (select from public.media_files m where m.id = media_id));
create policy "Users can describe own files"
    on public.media_metadata for update to authenticated
    using (exists (select from public.media_files m where m.id = media_id and m.user_id = (select auth.uid())))
    with check (exists (select from public.media_files m where m.id = media_id and m.user_id = (select auth.uid())));
create policy "Service role manages metadata"
    on public.media_metadata for all to service_role using (true) with check (true);

-- ---------------------------------------------------------------------------------------------------
-- Storage

-- A bucket that is there already keeps its settings. No SVG among the pictures: it may carry a script.
insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
values
    ('avatars',          'avatars',          true,   5 * 1024 * 1024, array['image/jpeg', 'image/png', 'image/webp', 'image/gif']),
    ('adventure-media',  'adventure-media',  true,  50 * 1024 * 1024, array['image/jpeg', 'image/png', 'image/webp', 'image/gif',
                                                                            'video/mp4', 'video/webm', 'video/quicktime']),
    ('vendor-documents', 'vendor-documents', false, 20 * 1024 * 1024, array['application/pdf', 'image/jpeg', 'image/png']),
    ('user-uploads',     'user-uploads',     false, 50 * 1024 * 1024, array['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/heic',
                                                                            'video/mp4', 'video/webm', 'video/quicktime', 'application/pdf']),
    ('system-media',     'system-media',     true,  50 * 1024 * 1024, array['image/jpeg', 'image/png', 'image/webp', 'image/gif',
                                                                            'video/mp4', 'video/webm'])
on conflict do nothing;

-- A function rather than plain statements: whoever may make policies on storage.objects can run it again, should the
-- migrating login not have been allowed to, or should they have been lost.
create function app_private.create_storage_policies() returns void
    language plpgsql
    set search_path = ''
as $function$
begin
    perform app_private.drop_storage_policies();

    create policy "TRVL: public media are viewable by everyone"
        on storage.objects for select
        using (bucket_id in ('avatars', 'adventure-media', 'system-media'));
    create policy "TRVL: users can view own files"
        on storage.objects for select to authenticated
        using (bucket_id in ('vendor-documents', 'user-uploads') and (storage.foldername(name))[1] = (select auth.uid())::text);

    create policy "TRVL: users can upload to own folder"
        on storage.objects for insert to authenticated
        with check (bucket_id in ('avatars', 'user-uploads') and (storage.foldername(name))[1] = (select auth.uid())::text);
    create policy "TRVL: vendors can upload to own folder"
        on storage.objects for insert to authenticated
        with check (bucket_id in ('adventure-media', 'vendor-documents') and (storage.foldername(name))[1] = (select auth.uid())::text
                    and exists (select from public.vendors v where v.user_id = (select auth.uid()) and v.status in ('pending', 'active')));

    -- Not vendor-documents: what was verified must not change afterwards; one deletes it and hands in another.
    create policy "TRVL: users can replace own files"
        on storage.objects for update to authenticated
        using (bucket_id in ('avatars', 'adventure-media', 'user-uploads') and (storage.foldername(name))[1] = (select auth.uid())::text)
        with check (bucket_id in ('avatars', 'user-uploads') and (storage.foldername(name))[1] = (select auth.uid())::text
                    or bucket_id = 'adventure-media' and (storage.foldername(name))[1] = (select auth.uid())::text
                       and exists (select from public.vendors v where v.user_id = (select auth.uid()) and v.status in ('pending', 'active')));
    create policy "TRVL: users can delete own files"
        on storage.objects for delete to authenticated
        using (bucket_id in ('avatars', 'adventure-media', 'vendor-documents', 'user-uploads')
               and (storage.foldername(name))[1] = (select auth.uid())::text);

    create policy "TRVL: admins can view vendor documents"
        on storage.objects for select to authenticated
        using (bucket_id = 'vendor-documents' and (select app_private.is_admin()));
    create policy "TRVL: admins can manage system media"
        on storage.objects for all to authenticated
        using (bucket_id = 'system-media' and (select app_private.is_admin()))
        with check (bucket_id = 'system-media' and (select app_private.is_admin()));
    create policy "TRVL: admins can delete public media"
        on storage.objects for delete to authenticated
        using (bucket_id in ('avatars', 'adventure-media') and (select app_private.is_admin()));
end
$function$;
comment on function app_private.create_storage_policies() is
    'Makes the policies of the five buckets anew; for a login that may make policies on storage.objects, as postgres on Supabase';

create function app_private.drop_storage_policies() returns void
    language plpgsql
    set search_path = ''
as $function$
declare
    policy_name name;
begin
    for policy_name in
        select p.policyname from pg_catalog.pg_policies p
        where p.schemaname = 'storage' and p.tablename = 'objects' and p.policyname like 'TRVL: %'
    loop
        execute format('drop policy %I on storage.objects', policy_name);
    end loop;
end
$function$;
comment on function app_private.drop_storage_policies() is 'Drops the policies that create_storage_policies() makes';
revoke execute on function app_private.create_storage_policies(), app_private.drop_storage_policies() from public;

-- storage.objects belongs to another role. The stand-in for Supabase makes this login a member of it, and Supabase itself lets
-- postgres make policies there though it is none; who is neither gets the tables all the same, and is told. Until then nobody
-- signed in reaches a file through the API, for the table's row-level security refuses what no policy allows.
do $policies$
begin
    perform app_private.create_storage_policies();
exception when insufficient_privilege then
    raise warning 'The five buckets have no policies: login % may not make them (%). As a login that may, run: select app_private.create_storage_policies();',
        current_user, sqlerrm;
end
$policies$;
