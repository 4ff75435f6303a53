package social.trvl.compat.db;

import java.nio.file.Path;
import social.trvl.compat.config.DatabaseSettings;

/**
 * A database as Supabase hands it over: schemas auth and storage are there and belong to other
 * roles, of which the login is no member.
 */
final class SupabaseLike {

  private static final String LOGIN = "supabase_like";

  private SupabaseLike() {}

  /** A new one without any migration, open as that login; the caller closes it. */
  static Database empty() {
    // The roles of the cluster exist once the template was made.
    TestDatabase.migrated().close();
    String name;
    try (Database empty = TestDatabase.empty();
        TestSql superuser = TestSql.superuser(empty)) {
      name = TestSql.name(empty);
      superuser.run(
          """
          do $$ begin
            if to_regrole('%1$s') is null then
              create role %1$s login createrole;
              grant compat_engine to %1$s with admin true, inherit true, set true;
            end if;
          end $$
          """
              .formatted(LOGIN),
          "alter database " + name + " owner to " + LOGIN,
          "grant usage on schema public to anon, authenticated, service_role",
          "create schema auth authorization supabase_auth_admin",
          "create schema storage authorization supabase_storage_admin",
          "create table auth.users (id uuid primary key, email text, email_confirmed_at timestamptz, raw_user_meta_data jsonb)",
          "create function auth.uid() returns uuid language sql stable as $$ select null::uuid $$",
          "create function auth.role() returns text language sql stable as $$ select null::text $$",
          "create function auth.jwt() returns jsonb language sql stable as $$ select null::jsonb $$",
          "create table storage.buckets (id text primary key, name text not null, public boolean, owner uuid, file_size_limit bigint, allowed_mime_types text[])",
          "create table storage.objects (id uuid primary key default gen_random_uuid(), bucket_id text, name text, owner uuid)",
          "create function storage.foldername(name text) returns text[] language sql as $$ select string_to_array(name, '/') $$",
          "alter table auth.users owner to supabase_auth_admin",
          "alter table storage.buckets owner to supabase_storage_admin",
          "alter table storage.objects owner to supabase_storage_admin",
          "grant usage on schema auth, storage to public",
          "grant all on auth.users, storage.buckets, storage.objects to " + LOGIN);
    }
    return Database.open(
        new DatabaseSettings(TestDatabase.url(name, LOGIN), null, null, Path.of("target/unused")));
  }
}
