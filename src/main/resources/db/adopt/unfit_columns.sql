-- What the engine reads of tables that exist, as far as it is missing or of a type that can't be read.
with wanted (table_name, column_name, required) as (values
    ('profiles', 'id', 'uuid'),
    ('profiles', 'role', 'text or enum'),
    ('profiles', 'account_status', 'text or enum'),
    ('profiles', 'restriction_expires', 'timestamp'),
    ('profiles', 'date_of_birth', 'date'),
    ('profiles', 'updated_at', 'timestamp'),
    ('personality_assessments', 'user_id', 'uuid'),
    ('personality_assessments', 'openness', 'number'),
    ('personality_assessments', 'conscientiousness', 'number'),
    ('personality_assessments', 'extraversion', 'number'),
    ('personality_assessments', 'agreeableness', 'number'),
    ('personality_assessments', 'neuroticism', 'number'),
    ('personality_assessments', 'adventure_style', 'text or enum'),
    ('personality_assessments', 'budget_preference', 'text or enum'),
    ('personality_assessments', 'planning_style', 'text or enum'),
    ('personality_assessments', 'group_preference', 'text or enum'),
    ('personality_assessments', 'updated_at', 'timestamp'),
    ('groups', 'id', 'uuid'),
    ('groups', 'max_members', 'number'),
    ('groups', 'is_active', 'boolean'),
    ('groups', 'age_range', 'int4range'),
    ('groups', 'updated_at', 'timestamp'),
    ('group_members', 'group_id', 'uuid'),
    ('group_members', 'user_id', 'uuid'),
    ('group_members', 'is_active', 'boolean'),
    ('group_members', 'joined_at', 'timestamp'),
    ('travel_preferences', 'user_id', 'uuid'),
    ('travel_preferences', 'adventure_style', 'text or enum'),
    ('travel_preferences', 'budget_preference', 'text or enum'),
    ('travel_preferences', 'planning_style', 'text or enum'),
    ('travel_preferences', 'group_preference', 'text or enum'),
    ('travel_preferences', 'interests', 'text[]'),
    ('travel_preferences', 'destinations', 'text[]'),
    ('travel_preferences', 'daily_budget_min', 'number'),
    ('travel_preferences', 'daily_budget_max', 'number'),
    ('travel_preferences', 'budget_currency', 'text or enum'),
    ('travel_preferences', 'available_dates', 'daterange[]'),
    ('travel_preferences', 'experience_level', 'number'),
    ('travel_preferences', 'home_region', 'text or enum'),
    ('travel_preferences', 'home_latitude', 'number'),
    ('travel_preferences', 'home_longitude', 'number'),
    ('travel_preferences', 'companion_age_range', 'int4range'),
    ('travel_preferences', 'updated_at', 'timestamp'),
    ('compatibility_model_versions', 'id', 'integer'),
    ('compatibility_model_versions', 'name', 'text or enum'),
    ('compatibility_model_versions', 'version', 'text or enum'),
    ('compatibility_model_versions', 'state', 'text or enum'),
    ('compatibility_model_versions', 'algorithm', 'text or enum'),
    ('compatibility_model_versions', 'hyperparameters', 'jsonb'),
    ('compatibility_model_versions', 'feature_schema', 'jsonb'),
    ('compatibility_model_versions', 'metrics', 'jsonb'),
    ('compatibility_model_versions', 'training_from', 'timestamp'),
    ('compatibility_model_versions', 'training_to', 'timestamp'),
    ('compatibility_model_versions', 'training_rows', 'number'),
    ('compatibility_model_versions', 'training_sha256', 'text or enum'),
    ('compatibility_model_versions', 'parent_id', 'number'),
    ('compatibility_model_versions', 'code_version', 'text or enum'),
    ('compatibility_model_versions', 'seed', 'number'),
    ('compatibility_model_versions', 'created_by', 'text or enum'),
    ('compatibility_model_versions', 'created_at', 'timestamp'),
    ('compatibility_model_versions', 'state_changed_at', 'timestamp'),
    ('compatibility_model_versions', 'artefact', 'bytea'),
    ('compatibility_model_versions', 'artefact_sha256', 'text or enum'),
    ('model_training_data', 'user_a', 'uuid'),
    ('model_training_data', 'user_b', 'uuid'),
    ('user_behavior_data', 'user_id', 'uuid')),
-- Either spelling of the two people will do; what is asked for is the one whose first column exists.
connections (table_name, column_name, required) as (
    select 'user_connections', spelling.column_name, spelling.required
    from (values ('requester_id', 'requester_id', 'uuid'), ('requester_id', 'addressee_id', 'uuid'), ('requester_id', 'status', 'text or enum'),
                 ('user_id', 'user_id', 'uuid'), ('user_id', 'connected_user_id', 'uuid'), ('user_id', 'status', 'text or enum'))
         as spelling (first_column, column_name, required)
    where spelling.first_column = case when exists (
              select from pg_catalog.pg_attribute
              where attrelid = to_regclass('public.user_connections') and attname = 'user_id' and not attisdropped)
            and not exists (
              select from pg_catalog.pg_attribute
              where attrelid = to_regclass('public.user_connections') and attname = 'requester_id' and not attisdropped)
          then 'user_id' else 'requester_id' end)
select format('public.%s.%s is %s, needed is %s', w.table_name, w.column_name,
              coalesce('of type ' || format_type(a.atttypid, a.atttypmod), 'missing'), w.required)
from (table wanted union all table connections) w
join pg_catalog.pg_class c on c.oid = to_regclass('public.' || w.table_name)
left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = w.column_name and a.attnum > 0 and not a.attisdropped
left join pg_catalog.pg_type t on t.oid = a.atttypid
where not coalesce(case w.required
        when 'text or enum' then t.typcategory in ('S', 'E')
        when 'number' then t.typcategory = 'N'
        when 'timestamp' then t.oid in ('timestamptz'::regtype, 'timestamp'::regtype)
        when 'text[]' then t.oid in ('text[]'::regtype, 'varchar[]'::regtype)
        else t.oid = to_regtype(w.required)
    end, false)
order by 1
