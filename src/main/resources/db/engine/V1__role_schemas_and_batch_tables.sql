-- The engine's role and its schemas: compat (scores, runs) and batch (Spring Batch's own tables).
--
-- The engine never works as the login that migrates: every connection of it does SET ROLE compat_engine, or
-- logs in as that role once the operator gave it a password (alter role compat_engine login password '...').

do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'compat_engine') then
    create role compat_engine nologin;
  end if;
  -- Only a member may hand tables over to the role or SET ROLE to it. Since PostgreSQL 16 a role's creator holds ADMIN on
  -- it, but neither SET nor INHERIT until it grants them to itself.
  if current_setting('server_version_num')::int < 160000 then
    if not pg_catalog.pg_has_role(current_user, 'compat_engine', 'member') then
      execute format('grant compat_engine to %I', current_user);
    end if;
  elsif not (pg_catalog.pg_has_role(current_user, 'compat_engine', 'set')
             and pg_catalog.pg_has_role(current_user, 'compat_engine', 'usage')) then
    execute format('grant compat_engine to %I with inherit true, set true', current_user);
  end if;
end
$$;

create schema compat;
comment on schema compat is 'Compatibility engine: runs, scores, quarantine, history. Not exposed to any API.';
-- CREATE, because each run's slices are tables that the engine creates, attaches and drops.
grant usage, create on schema compat to compat_engine;
grant usage on schema compat to authenticated, service_role;
grant usage on schema public to compat_engine;

create schema batch;
grant usage, create on schema batch to compat_engine;
set local search_path = batch;

-- From here: schema-postgresql.sql of Spring Batch 6.0.6 (Apache License 2.0), unchanged.

CREATE TABLE BATCH_JOB_INSTANCE (
	JOB_INSTANCE_ID BIGINT  NOT NULL PRIMARY KEY,
	VERSION BIGINT,
	JOB_NAME VARCHAR(100) NOT NULL,
	JOB_KEY VARCHAR(32) NOT NULL,
	constraint JOB_INST_UN unique (JOB_NAME, JOB_KEY)
) ;

CREATE TABLE BATCH_JOB_EXECUTION (
	JOB_EXECUTION_ID BIGINT  NOT NULL PRIMARY KEY,
	VERSION BIGINT,
	JOB_INSTANCE_ID BIGINT NOT NULL,
	CREATE_TIME TIMESTAMP NOT NULL,
	START_TIME TIMESTAMP DEFAULT NULL,
	END_TIME TIMESTAMP DEFAULT NULL,
	STATUS VARCHAR(10),
	EXIT_CODE VARCHAR(2500),
	EXIT_MESSAGE VARCHAR(2500),
	LAST_UPDATED TIMESTAMP,
	constraint JOB_INST_EXEC_FK foreign key (JOB_INSTANCE_ID)
	references BATCH_JOB_INSTANCE(JOB_INSTANCE_ID)
) ;

CREATE TABLE BATCH_JOB_EXECUTION_PARAMS (
	JOB_EXECUTION_ID BIGINT NOT NULL,
	PARAMETER_NAME VARCHAR(100) NOT NULL,
	PARAMETER_TYPE VARCHAR(100) NOT NULL,
	PARAMETER_VALUE VARCHAR(2500),
	IDENTIFYING CHAR(1) NOT NULL,
	constraint JOB_EXEC_PARAMS_FK foreign key (JOB_EXECUTION_ID)
	references BATCH_JOB_EXECUTION(JOB_EXECUTION_ID)
) ;

CREATE TABLE BATCH_STEP_EXECUTION (
	STEP_EXECUTION_ID BIGINT  NOT NULL PRIMARY KEY,
	VERSION BIGINT NOT NULL,
	STEP_NAME VARCHAR(100) NOT NULL,
	JOB_EXECUTION_ID BIGINT NOT NULL,
	CREATE_TIME TIMESTAMP NOT NULL,
	START_TIME TIMESTAMP DEFAULT NULL,
	END_TIME TIMESTAMP DEFAULT NULL,
	STATUS VARCHAR(10),
	COMMIT_COUNT BIGINT,
	READ_COUNT BIGINT,
	FILTER_COUNT BIGINT,
	WRITE_COUNT BIGINT,
	READ_SKIP_COUNT BIGINT,
	WRITE_SKIP_COUNT BIGINT,
	PROCESS_SKIP_COUNT BIGINT,
	ROLLBACK_COUNT BIGINT,
	EXIT_CODE VARCHAR(2500),
	EXIT_MESSAGE VARCHAR(2500),
	LAST_UPDATED TIMESTAMP,
	constraint JOB_EXEC_STEP_FK foreign key (JOB_EXECUTION_ID)
	references BATCH_JOB_EXECUTION(JOB_EXECUTION_ID)
) ;

CREATE TABLE BATCH_STEP_EXECUTION_CONTEXT (
	STEP_EXECUTION_ID BIGINT NOT NULL PRIMARY KEY,
	SHORT_CONTEXT VARCHAR(2500) NOT NULL,
	SERIALIZED_CONTEXT TEXT,
	constraint STEP_EXEC_CTX_FK foreign key (STEP_EXECUTION_ID)
	references BATCH_STEP_EXECUTION(STEP_EXECUTION_ID)
) ;

CREATE TABLE BATCH_JOB_EXECUTION_CONTEXT (
	JOB_EXECUTION_ID BIGINT NOT NULL PRIMARY KEY,
	SHORT_CONTEXT VARCHAR(2500) NOT NULL,
	SERIALIZED_CONTEXT TEXT,
	constraint JOB_EXEC_CTX_FK foreign key (JOB_EXECUTION_ID)
	references BATCH_JOB_EXECUTION(JOB_EXECUTION_ID)
) ;

CREATE SEQUENCE BATCH_STEP_EXECUTION_SEQ MAXVALUE 9223372036854775807 NO CYCLE;
CREATE SEQUENCE BATCH_JOB_EXECUTION_SEQ MAXVALUE 9223372036854775807 NO CYCLE;
CREATE SEQUENCE BATCH_JOB_INSTANCE_SEQ MAXVALUE 9223372036854775807 NO CYCLE;
-- End of Spring Batch's script.

set local search_path = public;

do $$
declare
  relation record;
begin
  for relation in
    select c.relname, c.relkind from pg_catalog.pg_class c
    where c.relnamespace = 'batch'::regnamespace and c.relkind in ('r', 'S')
  loop
    if relation.relkind = 'r' then
      execute format('alter table batch.%I owner to compat_engine', relation.relname);
    else
      execute format('alter sequence batch.%I owner to compat_engine', relation.relname);
    end if;
  end loop;
end
$$;

-- The platform's tooling asks supabase_migrations.schema_migrations; where no Supabase keeps one, it is a view
-- over this project's history.
do $$
begin
  if to_regnamespace('supabase_migrations') is null then
    create schema supabase_migrations;
    grant usage on schema supabase_migrations to service_role;
    create view supabase_migrations.schema_migrations as
      select version, array[]::text[] as statements, description as name, installed_on, success
      from compat_migrations.platform
      where type = 'SQL'; -- Flyway's own mark of where the history begins is no migration
    grant select on supabase_migrations.schema_migrations to service_role;
  end if;
end
$$;
