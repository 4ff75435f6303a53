-- Moderation: what people report, what moderators and rules do about it, and the rules.
--
-- Whoever reports sees the own reports; who is reported sees what was decided, through
-- my_moderation_notices(), and neither the report nor a moderator's name. Only administrators read
-- actions and rules, and none of them what concerns himself.

create table public.automated_moderation_rules (
    id            uuid         not null primary key default gen_random_uuid(),
    name          text         not null,
    description   text,
    rule_type     text         not null,
    content_types text[]       not null default '{}',
    definition    jsonb        not null default '{}',
    action_type   text         not null default 'flag',
    severity      text         not null default 'medium',
    threshold     numeric(5,4),
    priority      integer      not null default 100,
    is_active     boolean      not null default false,
    created_by    uuid         references public.profiles (id) on delete set null,
    created_at    timestamptz  not null default now(),
    updated_at    timestamptz  not null default now(),

    constraint automated_moderation_rules_name_key          unique (name),
    constraint automated_moderation_rules_name_length       check (char_length(name) between 1 and 200),
    constraint automated_moderation_rules_type_known        check (rule_type in ('keyword', 'pattern', 'classifier', 'rate', 'report_threshold')),
    constraint automated_moderation_rules_content_limit     check (cardinality(content_types) <= 64 and array_position(content_types, null) is null),
    constraint automated_moderation_rules_definition_object check (jsonb_typeof(definition) = 'object'),
    -- No rule removes for good, nor touches an account: that is for a person to decide.
    constraint automated_moderation_rules_action_known      check (action_type in ('flag', 'block')),
    constraint automated_moderation_rules_severity_known    check (severity in ('low', 'medium', 'high', 'critical')),
    constraint automated_moderation_rules_threshold_range   check (threshold between 0 and 1),
    constraint automated_moderation_rules_reports_given     check (rule_type <> 'report_threshold'
                                                                   or (definition ->> 'reports' ~ '^[1-9][0-9]{0,5}$') is true)
);
comment on table  public.automated_moderation_rules is 'Rules that act on content without a person; report_threshold works in the database, the back end evaluates the others';
comment on column public.automated_moderation_rules.content_types is 'What it applies to; empty means everything';
comment on column public.automated_moderation_rules.definition is
    'What the type needs: words, a pattern, a classifier''s name; for report_threshold {"reports": n}, the people who must have reported';
comment on column public.automated_moderation_rules.threshold is 'From which score of a classifier on the rule acts, 0 to 1';
comment on column public.automated_moderation_rules.priority is 'Lower ones are tried first';
create index idx_automated_moderation_rules_active     on public.automated_moderation_rules (rule_type, priority) where is_active;
create index idx_automated_moderation_rules_created_by on public.automated_moderation_rules (created_by) where created_by is not null;

create table public.content_reports (
    id               uuid        not null primary key default gen_random_uuid(),
    content_id       text        not null,
    content_type     varchar     not null,
    reporter_id      uuid        references public.profiles (id) on delete set null,
    reported_user_id uuid        references public.profiles (id) on delete set null,
    report_reason    text        not null,
    report_category  varchar     not null,
    description      text,
    severity         varchar     default 'medium',
    status           varchar     default 'pending',
    metadata         jsonb       default '{}',
    created_at       timestamptz default now(),
    updated_at       timestamptz default now(),

    constraint content_reports_content_id_length   check (char_length(content_id) between 1 and 200),
    -- Kinds of content grow with the application; their form does not.
    constraint content_reports_content_type_form   check (content_type ~ '^[a-z][a-z0-9_]{0,49}$'),
    constraint content_reports_reason_length       check (char_length(report_reason) between 1 and 500),
    constraint content_reports_category_known      check (report_category in ('spam', 'harassment', 'hate_speech', 'violence', 'sexual_content',
                                                          'inappropriate_content', 'self_harm', 'fraud', 'misinformation', 'impersonation',
                                                          'privacy', 'copyright', 'safety', 'other')),
    constraint content_reports_description_length  check (char_length(description) <= 5000),
    constraint content_reports_severity_known      check (severity in ('low', 'medium', 'high', 'critical')),
    constraint content_reports_status_known        check (status in ('pending', 'under_review', 'escalated', 'resolved', 'dismissed')),
    constraint content_reports_metadata_object     check (jsonb_typeof(metadata) = 'object')
);
comment on table  public.content_reports is 'What people report; seen by the one who reported and by administrators, never by the one reported';
comment on column public.content_reports.content_id is 'The reported row''s key as text, since kinds of content have keys of different types';
comment on column public.content_reports.reporter_id is 'Null for the platform''s own reports, and once the person is gone';
comment on column public.content_reports.reported_user_id is
    'Whose content it is; written by a trigger, by the back end where the database does not know, and kept from that person even if he is an administrator';
comment on column public.content_reports.severity is 'Set by administrators and the back end';
comment on column public.content_reports.metadata is 'What the reporter''s application sent along; findings of moderators stand in moderation_actions';
create index idx_content_reports_content     on public.content_reports (content_type, content_id);
create index idx_content_reports_reporter_id on public.content_reports (reporter_id, created_at desc);
create index idx_content_reports_reported_user_id on public.content_reports (reported_user_id) where reported_user_id is not null;
create index idx_content_reports_open        on public.content_reports (severity, created_at) where status in ('pending', 'under_review', 'escalated');
-- A report repeated is one report.
create unique index idx_content_reports_once on public.content_reports (reporter_id, content_type, content_id)
    where status in ('pending', 'under_review', 'escalated');

create table public.moderation_actions (
    id             uuid        not null primary key default gen_random_uuid(),
    action_type    text        not null,
    content_type   text,
    content_id     text,
    target_user_id uuid        references public.profiles (id) on delete set null,
    report_id      uuid        references public.content_reports (id) on delete set null,
    rule_id        uuid        references public.automated_moderation_rules (id) on delete set null,
    moderator_id   uuid        references public.profiles (id) on delete set null,
    is_automated   boolean     not null default false,
    reason         text        not null,
    internal_note  text,
    expires_at     timestamptz,
    created_at     timestamptz not null default now(),

    constraint moderation_actions_action_known     check (action_type in ('approve', 'flag', 'block', 'remove',
                                                                          'warn', 'restrict', 'suspend', 'ban', 'reinstate',
                                                                          'escalate', 'dismiss')),
    constraint moderation_actions_content_complete check ((content_type is null) = (content_id is null)),
    constraint moderation_actions_content_named    check (action_type not in ('approve', 'flag', 'block', 'remove') or content_id is not null),
    constraint moderation_actions_report_acts      check (action_type not in ('escalate', 'dismiss') or target_user_id is null),
    constraint moderation_actions_not_on_oneself   check (moderator_id <> target_user_id),
    constraint moderation_actions_reason_length    check (char_length(reason) between 1 and 1000),
    constraint moderation_actions_note_length      check (char_length(internal_note) <= 5000),
    constraint moderation_actions_expiry           check (expires_at is null or expires_at > created_at and action_type in ('restrict', 'suspend'))
);
comment on table  public.moderation_actions is 'What was decided about content or a person; a trigger carries it out. Never changed: what is taken back is a further action';
comment on column public.moderation_actions.reason is 'Told to the person concerned: names no reporter';
comment on column public.moderation_actions.internal_note is 'For moderators only';
comment on column public.moderation_actions.expires_at is 'When a restriction or suspension ends by itself; null means until further notice';
create index idx_moderation_actions_content        on public.moderation_actions (content_type, content_id) where content_id is not null;
create index idx_moderation_actions_target_user_id on public.moderation_actions (target_user_id, created_at desc) where target_user_id is not null;
create index idx_moderation_actions_report_id      on public.moderation_actions (report_id) where report_id is not null;
create index idx_moderation_actions_rule_id        on public.moderation_actions (rule_id) where rule_id is not null;
create index idx_moderation_actions_moderator_id   on public.moderation_actions (moderator_id) where moderator_id is not null;
create index idx_moderation_actions_created_at     on public.moderation_actions (created_at desc);

create function app_private.name_reported_user() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    if new.content_id !~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' then
        return new;
    end if;
    new.reported_user_id := case new.content_type
        when 'profile'   then (select p.id from public.profiles p where p.id = new.content_id::uuid)
        when 'user'      then (select p.id from public.profiles p where p.id = new.content_id::uuid)
        when 'post'      then (select p.user_id from public.posts p where p.id = new.content_id::uuid)
        when 'comment'   then (select c.user_id from public.comments c where c.id = new.content_id::uuid)
        when 'review'    then (select r.user_id from public.reviews r where r.id = new.content_id::uuid)
        when 'group'     then (select g.owner_id from public.groups g where g.id = new.content_id::uuid)
        when 'vendor'    then (select v.user_id from public.vendors v where v.id = new.content_id::uuid)
        when 'adventure' then (select v.user_id from public.adventures a join public.vendors v on v.id = a.vendor_id
                               where a.id = new.content_id::uuid)
        else new.reported_user_id
    end;
    return new;
end
$function$;

create function app_private.validate_content_report() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    if coalesce(old.status, 'pending') in ('resolved', 'dismissed') and coalesce(new.status, 'pending') not in ('under_review', 'resolved')
       or coalesce(old.status, 'pending') <> 'pending' and coalesce(new.status, 'pending') = 'pending' then
        raise exception 'Report % cannot go from % to %.', old.id, old.status, new.status
            using errcode = 'check_violation', hint = 'A closed report is taken up again as under_review.';
    end if;
    return new;
end
$function$;

-- Who wrote what is acted upon, where the database knows it.
create function app_private.prepare_moderation_action() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    if new.content_type in ('post', 'comment', 'forum_topic', 'forum_post')
       and new.content_id !~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' then
        raise exception 'Content % is named as a %, but is no uuid.', new.content_id, new.content_type using errcode = 'check_violation';
    end if;
    if new.target_user_id is null and new.action_type not in ('escalate', 'dismiss') then
        new.target_user_id := case new.content_type
            when 'post'    then (select p.user_id from public.posts p where p.id = new.content_id::uuid)
            when 'comment' then (select c.user_id from public.comments c where c.id = new.content_id::uuid)
        end;
    end if;
    if new.target_user_id is null and new.action_type in ('warn', 'restrict', 'suspend', 'ban', 'reinstate') then
        raise exception 'Action % names no person.', new.action_type
            using errcode = 'check_violation', hint = 'Give target_user_id, or a post or comment whose author is meant.';
    end if;
    if new.report_id is null and new.action_type in ('escalate', 'dismiss') then
        raise exception 'Action % names no report.', new.action_type using errcode = 'check_violation', hint = 'Give report_id.';
    end if;
    if exists (select from public.content_reports r where r.id = new.report_id and r.reported_user_id = new.moderator_id) then
        raise exception 'Report % is about moderator % himself.', new.report_id, new.moderator_id
            using errcode = 'check_violation', hint = 'Another administrator decides.';
    end if;
    new.is_automated := new.rule_id is not null;
    return new;
end
$function$;

create function app_private.apply_moderation_action() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
declare
    -- What content's moderation_status becomes.
    verdict constant text := case new.action_type when 'approve' then 'approved' when 'flag' then 'flagged'
                                                  when 'block' then 'blocked' when 'remove' then 'removed' end;
begin
    if verdict is not null and new.content_type = 'post' then
        update public.posts p
        set moderation_status = verdict,
            blocked_reason    = case when verdict in ('blocked', 'removed') then new.reason end,
            blocked_at        = case when verdict in ('blocked', 'removed') then now() end
        where p.id = new.content_id::uuid;
    elsif verdict is not null and new.content_type = 'comment' then
        update public.comments c
        set moderation_status = verdict,
            blocked_reason    = case when verdict in ('blocked', 'removed') then new.reason end,
            blocked_at        = case when verdict in ('blocked', 'removed') then now() end
        where c.id = new.content_id::uuid;
    end if;

    if new.action_type = 'warn' then
        update public.profiles p set warning_count = coalesce(p.warning_count, 0) + 1 where p.id = new.target_user_id;
    elsif new.action_type in ('restrict', 'suspend', 'ban', 'reinstate') then
        -- A deleted account stays deleted.
        update public.profiles p
        set account_status      = case new.action_type when 'restrict' then 'restricted' when 'suspend' then 'suspended'
                                                       when 'ban' then 'banned' else 'active' end,
            restriction_expires = new.expires_at
        where p.id = new.target_user_id and p.account_status is distinct from 'deleted';
    end if;

    -- A flag of a rule is a question, not an answer.
    if not (new.is_automated and new.action_type = 'flag') then
        update public.content_reports r
        set status = case new.action_type when 'dismiss' then 'dismissed' when 'escalate' then 'escalated' else 'resolved' end
        where r.id = new.report_id and coalesce(r.status, 'pending') in ('pending', 'under_review', 'escalated');
    end if;
    return null;
end
$function$;

-- Distinct people, because one person must not be able to silence another by reporting often.
create function app_private.apply_report_thresholds() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
declare
    rule     public.automated_moderation_rules;
    reports  bigint;
begin
    if new.reporter_id is null then
        return null;
    end if;
    for rule in
        select r.*
        from public.automated_moderation_rules r
        where r.is_active and r.rule_type = 'report_threshold'
          and (r.content_types = '{}' or new.content_type = any (r.content_types))
        order by r.priority, r.id
    loop
        select count(distinct c.reporter_id) into reports
        from public.content_reports c
        where c.content_type = new.content_type and c.content_id = new.content_id
          and coalesce(c.status, 'pending') in ('pending', 'under_review', 'escalated');
        -- What a person has decided, a rule does not decide again.
        if reports >= (rule.definition ->> 'reports')::bigint
           and not exists (select
                           from public.moderation_actions a
                           where a.content_type = new.content_type and a.content_id = new.content_id
                             and (a.rule_id = rule.id or not a.is_automated and a.action_type in ('approve', 'flag', 'block', 'remove'))) then
            insert into public.moderation_actions (action_type, content_type, content_id, report_id, rule_id, reason, internal_note)
            values (rule.action_type, new.content_type, new.content_id, case rule.action_type when 'flag' then new.id end, rule.id,
                    'Reported by several people; a moderator will look at it.', format('Rule %s: %s people reported.', rule.name, reports));
        end if;
    end loop;
    return null;
end
$function$;

-- A deleted profile whose row stays is no reporter any more; the report stays.
create function app_private.forget_reporter() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    update public.content_reports x set reporter_id = null where x.reporter_id = new.id;
    return null;
end
$function$;
revoke execute on function app_private.name_reported_user(), app_private.validate_content_report(), app_private.prepare_moderation_action(),
    app_private.apply_moderation_action(), app_private.apply_report_thresholds(), app_private.forget_reporter() from public;

create trigger forget_reporter
    after update of account_status on public.profiles
    for each row when (new.account_status = 'deleted' and old.account_status is distinct from 'deleted')
    execute function app_private.forget_reporter();
create trigger name_reported_user
    before insert or update of content_type, content_id on public.content_reports
    for each row execute function app_private.name_reported_user();

create trigger validate_content_report
    before update of status on public.content_reports
    for each row when (old.status is distinct from new.status) execute function app_private.validate_content_report();
create trigger apply_report_thresholds
    after insert on public.content_reports
    for each row execute function app_private.apply_report_thresholds();
create trigger prepare_moderation_action
    before insert on public.moderation_actions
    for each row execute function app_private.prepare_moderation_action();
create trigger apply_moderation_action
    after insert on public.moderation_actions
    for each row execute function app_private.apply_moderation_action();
create trigger update_content_reports_updated_at
    before update on public.content_reports
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();
create trigger update_automated_moderation_rules_updated_at
    before update on public.automated_moderation_rules
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();

-- By column: no report, moderator or note, which a policy could not keep apart.
create function public.my_moderation_notices()
    returns table (id uuid, action_type text, content_type text, content_id text, reason text, is_automated boolean,
                   expires_at timestamptz, created_at timestamptz)
    language sql stable security definer
    set search_path = ''
as $function$
    select a.id, a.action_type, a.content_type, a.content_id, a.reason, a.is_automated, a.expires_at, a.created_at
    from public.moderation_actions a
    where a.target_user_id = auth.uid()
    order by a.created_at desc, a.id
$function$;
comment on function public.my_moderation_notices() is 'What was decided about the person asking and his content, newest first';
revoke execute on function public.my_moderation_notices() from public, anon, authenticated;
grant execute on function public.my_moderation_notices() to authenticated, service_role;

alter table public.content_reports enable row level security;
revoke all on table public.content_reports from public, anon, authenticated;
grant all on table public.content_reports to service_role;
grant select on table public.content_reports to authenticated;
grant insert (id, content_id, content_type, reporter_id, report_reason, report_category, description, metadata)
    on table public.content_reports to authenticated;
grant update (severity, status) on table public.content_reports to authenticated;

create policy "Users can view own reports"
    on public.content_reports for select to authenticated using ((select auth.uid()) = reporter_id);
create policy "Users can report"
    on public.content_reports for insert to authenticated with check ((select auth.uid()) = reporter_id);
-- An administrator who is reported is a reported person: another one decides.
create policy "Admins can view reports about others"
    on public.content_reports for select to authenticated
    using ((select app_private.is_admin()) and reported_user_id is distinct from (select auth.uid()));
create policy "Admins can update reports about others"
    on public.content_reports for update to authenticated
    using ((select app_private.is_admin()) and reported_user_id is distinct from (select auth.uid()))
    with check ((select app_private.is_admin()));
create policy "Service role manages reports"
    on public.content_reports for all to service_role using (true) with check (true);

alter table public.moderation_actions enable row level security;
revoke all on table public.moderation_actions from public, anon, authenticated;
grant all on table public.moderation_actions to service_role;
grant select on table public.moderation_actions to authenticated;
grant insert (id, action_type, content_type, content_id, target_user_id, report_id, moderator_id, reason, internal_note, expires_at)
    on table public.moderation_actions to authenticated;

create policy "Admins can view moderation actions on others"
    on public.moderation_actions for select to authenticated
    using ((select app_private.is_admin()) and target_user_id is distinct from (select auth.uid()));
create policy "Admins can act"
    on public.moderation_actions for insert to authenticated
    with check ((select app_private.is_admin()) and moderator_id = (select auth.uid()));
create policy "Service role manages moderation actions"
    on public.moderation_actions for all to service_role using (true) with check (true);

alter table public.automated_moderation_rules enable row level security;
revoke all on table public.automated_moderation_rules from public, anon, authenticated;
grant all on table public.automated_moderation_rules to service_role;
grant select, insert, update, delete on table public.automated_moderation_rules to authenticated;

create policy "Admins can manage moderation rules"
    on public.automated_moderation_rules for all to authenticated
    using ((select app_private.is_admin())) with check ((select app_private.is_admin()));
create policy "Service role manages moderation rules"
    on public.automated_moderation_rules for all to service_role using (true) with check (true);
