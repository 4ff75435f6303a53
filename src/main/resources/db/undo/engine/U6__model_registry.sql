-- Undoes V6. Events, uses and shadow reports are lost; the versions keep their states. Shadow runs count as expired.

do $$
begin
  if obj_description(to_regclass('public.compatibility_models'), 'pg_class') = 'The API''s name for compat.compatibility_models' then
    drop view public.compatibility_models;
  end if;
end
$$;
drop view compat.compatibility_models;
drop trigger forget_in_shadow_reports on public.profiles;
drop function compat.forget_in_shadow_reports();
drop table compat.shadow_reports;
drop table compat.holdout_uses;
drop trigger record_model_event on public.compatibility_model_versions;
drop function compat.record_model_event();
drop table compat.model_events;
drop function compat.refuse_change();
update compat.runs set state = 'expired' where state = 'shadow';
alter table compat.runs drop constraint runs_state_check;
alter table compat.runs add constraint runs_state_check check (state in
  ('running', 'unchanged', 'withheld', 'published', 'expired', 'superseded', 'failed'));
