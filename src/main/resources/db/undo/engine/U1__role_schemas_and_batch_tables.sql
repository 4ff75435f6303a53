-- Undoes version 1: Spring Batch's tables and the engine's schemas. The role compat_engine stays: it belongs to the cluster.

do $$
begin
  -- A real Supabase keeps a table of that name.
  if exists (select from pg_catalog.pg_class where oid = to_regclass('supabase_migrations.schema_migrations') and relkind = 'v') then
    drop view supabase_migrations.schema_migrations;
    -- Its tools may have put something beside the view.
    if not exists (select from pg_catalog.pg_class where relnamespace = 'supabase_migrations'::regnamespace) then
      drop schema supabase_migrations;
    end if;
  end if;
end
$$;

drop table batch.batch_job_execution_context;
drop table batch.batch_step_execution_context;
drop table batch.batch_step_execution;
drop table batch.batch_job_execution_params;
drop table batch.batch_job_execution;
drop table batch.batch_job_instance;
drop sequence batch.batch_job_instance_seq;
drop sequence batch.batch_job_execution_seq;
drop sequence batch.batch_step_execution_seq;
drop schema batch;
-- This schema is the engine's alone: whatever else is in it goes too, as what adoption added to fit the engine to a database.
drop schema compat cascade;
revoke usage on schema public from compat_engine;
