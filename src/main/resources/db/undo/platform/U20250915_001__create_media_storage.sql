-- Undoes V20250915_001: descriptions of media, the policies of the five buckets, and those of the buckets that are empty and as they were made.
--
-- A bucket that holds files stays, with its files; one whose settings were changed was there before or belongs to somebody now.

select app_private.drop_storage_policies();

-- Supabase refuses deletions by SQL, which would leave the bytes behind, unless this is set; an empty bucket has none.
select set_config('storage.allow_delete_query', 'true', true);
delete from storage.buckets b
using (values
    ('avatars',          true,   5, 4),
    ('adventure-media',  true,  50, 7),
    ('vendor-documents', false, 20, 3),
    ('user-uploads',     false, 50, 9),
    ('system-media',     true,  50, 6)) as made (id, public, mebibytes, mime_types)
where b.id = made.id
  and b.public = made.public
  and b.file_size_limit = made.mebibytes * 1024 * 1024
  and cardinality(b.allowed_mime_types) = made.mime_types
  and not exists (select from storage.objects o where o.bucket_id = b.id);

drop trigger remove_media on public.profiles;
drop table public.media_metadata;
drop table public.media_thumbnails;
drop table public.media_files;
drop function app_private.drop_storage_policies();
drop function app_private.create_storage_policies();
drop function app_private.remove_media();
drop function app_private.add_media_metadata();
