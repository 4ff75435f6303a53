-- Splitting a booking among a group: who pays what part by which rule, exact shares, deadlines, and reminders that send themselves.
--
-- payment_splits, which stand already, say what each person owes. Here is how the amounts come about
-- (groups and rules) and what happens until they are paid (deadline, overdue, reminders). The person who
-- booked organizes the split; paying is the back end's matter.

create table public.split_payment_groups (
    id               uuid        not null primary key default gen_random_uuid(),
    booking_id       uuid        not null references public.bookings (id) on delete cascade,
    split_method     text        not null default 'equal',
    status           text        not null default 'draft',
    payment_deadline timestamptz,
    reminder_days    integer[]   not null default '{7,3,1,0,-3}',
    created_at       timestamptz not null default now(),
    updated_at       timestamptz not null default now(),

    constraint split_payment_groups_booking_id_key unique (booking_id),
    constraint split_payment_groups_method_known   check (split_method in ('equal', 'shares', 'percentage', 'fixed')),
    constraint split_payment_groups_status_known   check (status in ('draft', 'active', 'settled')),
    constraint split_payment_groups_reminder_range check (cardinality(reminder_days) <= 16 and array_position(reminder_days, null) is null
                                                          and 365 >= all (reminder_days) and -90 <= all (reminder_days))
);
comment on table  public.split_payment_groups is 'How a booking is split among those who pay for it; its amount and currency are the booking''s';
comment on column public.split_payment_groups.split_method is 'equal: alike; shares: by weight; percentage: weights that sum to 100; fixed: amounts that sum to the whole';
comment on column public.split_payment_groups.status is 'draft: amounts not yet worked out; active: people owe; settled: all is paid. Kept by apply_payment_split() and a trigger';
comment on column public.split_payment_groups.reminder_days is 'Days before the deadline on which those who owe are reminded; negative ones are after it';

create table public.split_payment_rules (
    split_group_id uuid          not null references public.split_payment_groups (id) on delete cascade,
    user_id        uuid          not null references public.profiles (id) on delete cascade,
    weight         numeric(12,4) not null default 1,
    fixed_amount   numeric(10,2),
    created_at     timestamptz   not null default now(),
    updated_at     timestamptz   not null default now(),

    constraint split_payment_rules_pkey         primary key (split_group_id, user_id),
    constraint split_payment_rules_weight_range check (weight >= 0),
    constraint split_payment_rules_fixed_range  check (fixed_amount >= 0)
);
comment on table  public.split_payment_rules is 'One person''s part of a split';
comment on column public.split_payment_rules.weight is 'Share of what the fixed amounts leave over, in proportion to the others'' weights; a percentage under that method';
comment on column public.split_payment_rules.fixed_amount is 'If given, the person pays exactly this and the weight does not count';
create index idx_split_payment_rules_user_id on public.split_payment_rules (user_id);

create table public.split_payment_reminders (
    id               uuid        not null primary key default gen_random_uuid(),
    payment_split_id uuid        not null references public.payment_splits (id) on delete cascade,
    payment_deadline timestamptz not null,
    days_before      integer     not null,
    amount_due       numeric(10,2) not null,
    currency         text        not null,
    sent_at          timestamptz not null default now(),

    -- However often and by however many machines reminders are sent, each is sent once; a new deadline starts anew.
    constraint split_payment_reminders_once            unique (payment_split_id, payment_deadline, days_before),
    constraint split_payment_reminders_amount_range    check (amount_due > 0),
    constraint split_payment_reminders_currency_form   check (currency ~ '^[A-Z]{3}$')
);
comment on table  public.split_payment_reminders is 'Each reminder sent to somebody who owes a part of a booking';
comment on column public.split_payment_reminders.days_before is 'Which of the group''s reminder_days it was; negative: after the deadline';
comment on column public.split_payment_reminders.amount_due is 'What was still owed then';

alter table public.payment_splits add column overdue_since timestamptz;
comment on column public.payment_splits.overdue_since is
    'The deadline that passed unpaid; set by mark_overdue_payment_splits(), cleared by payment or a later deadline. payment_status has no word for it';
-- Readers: mark_overdue_payment_splits() and due_payment_reminders().
create index idx_payment_splits_owing on public.payment_splits (payment_deadline) where payment_status in ('pending', 'failed');

create trigger update_split_payment_groups_updated_at
    before update on public.split_payment_groups
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();
create trigger update_split_payment_rules_updated_at
    before update on public.split_payment_rules
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();

-- ---------------------------------------------------------------------------------------------------
-- Amounts

create function app_private.currency_digits(currency text) returns integer
    language sql immutable
    set search_path = ''
as $function$
    select case when currency in ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF')
                then 0 else 2 end
$function$;
comment on function app_private.currency_digits(text) is 'Decimals of the smallest amount that can be paid: none for currencies without subunit (ISO 4217), otherwise the two that amounts are kept with';

-- Largest remainder: everybody gets the whole units of their exact part, and the units left over, fewer than there are
-- parts, go to the largest remainders, among equals to the earlier one. Whole numbers throughout, so nothing is rounded.
create function public.split_amount(total numeric, weights numeric[], digits integer default 2) returns numeric[]
    language plpgsql immutable
    set search_path = ''
as $function$
declare
    scale      numeric;
    whole      numeric;
    weight_sum numeric;
    parts      numeric[];
begin
    if total is null or total < 0 or total in ('NaN', 'Infinity') or digits is null or digits not between 0 and 6 or trunc(total, digits) <> total then
        raise exception 'An amount of % cannot be split with % decimals; required is an amount of at least 0 with no more decimals than that, 0 to 6.', total, digits
            using errcode = 'invalid_parameter_value';
    end if;
    if weights is null or array_ndims(weights) is distinct from 1 or array_position(weights, null) is not null
       or exists (select from unnest(weights) w where w < 0 or w in ('NaN', 'Infinity')) then
        raise exception 'Weights of % cannot split an amount; required is a list of numbers of at least 0.', weights
            using errcode = 'invalid_parameter_value';
    end if;
    weight_sum := (select sum(w) from unnest(weights) w);
    if weight_sum = 0 and total > 0 then
        raise exception 'Weights that are all 0 cannot split an amount of %; required is one above 0.', total
            using errcode = 'invalid_parameter_value';
    end if;
    if total = 0 then
        return array_fill(0::numeric, array[cardinality(weights)]);
    end if;

    scale := 10::numeric ^ digits;
    whole := trunc(total * scale);
    select array_agg(round((p.units + case when p.place <= p.left_over then 1 else 0 end) / scale, digits) order by p.position)
    into parts
    from (select q.position, q.units,
                 row_number() over (order by q.remainder desc, q.position) as place,
                 whole - sum(q.units) over () as left_over
          from (select w.position, div(whole * w.weight, weight_sum) as units, (whole * w.weight) % weight_sum as remainder
                from unnest(weights) with ordinality as w (weight, position)) q) p;
    return parts;
end
$function$;
comment on function public.split_amount(numeric, numeric[], integer) is
    'An amount in parts by weight that sum to it exactly, each less than one smallest unit from its exact part; the order is that of the weights';
revoke execute on function public.split_amount(numeric, numeric[], integer), app_private.currency_digits(text) from public, anon, authenticated;
grant execute on function public.split_amount(numeric, numeric[], integer) to authenticated, service_role;

-- current_setting('role') is the role that a request or a script took on; a security-definer function does not change it, and nobody
-- takes on service_role without being a member. Claims would not do: a request's token could name any role.
create function app_private.is_back_end() returns boolean
    language sql stable
    set search_path = ''
as $function$
    select current_setting('role') = 'service_role' or session_user = 'service_role'
$function$;
comment on function app_private.is_back_end() is 'Whether it is service_role that asks';

create function app_private.may_organize_split(split_group uuid) returns boolean
    language sql stable security definer
    set search_path = ''
as $function$
    select app_private.is_back_end() or app_private.is_admin()
        or exists (select from public.split_payment_groups g join public.bookings b on b.id = g.booking_id
                   where g.id = split_group and b.user_id = auth.uid())
$function$;
comment on function app_private.may_organize_split(uuid) is 'Whether the one who asks may work a split out and move its deadline: who booked, administrators, the back end';
revoke execute on function app_private.is_back_end(), app_private.may_organize_split(uuid) from public;

create function public.apply_payment_split(split_group uuid) returns setof public.payment_splits
    language plpgsql security definer
    set search_path = ''
as $function$
declare
    the_group  public.split_payment_groups;
    booking    public.bookings;
    people     uuid[];
    weights    numeric[];
    fixed_sum  numeric;
    weight_sum numeric;
    remaining  numeric;
begin
    if not app_private.may_organize_split(split_group) then
        -- The same words whether it exists or not: strangers learn nothing from the message.
        raise exception 'Split % cannot be worked out by user %.', split_group, auth.uid()
            using errcode = 'insufficient_privilege', hint = 'Whoever made the booking splits it.';
    end if;
    select g.* into the_group from public.split_payment_groups g where g.id = split_group for update;
    if the_group.id is null then
        raise exception 'Split % does not exist.', split_group using errcode = 'no_data_found';
    end if;
    select b.* into booking from public.bookings b where b.id = the_group.booking_id for no key update;
    if booking.status not in ('pending', 'confirmed') then
        raise exception 'Booking % is %; only a pending or confirmed one can be split.', booking.id, booking.status using errcode = 'check_violation';
    end if;
    if the_group.payment_deadline <= now() then
        raise exception 'The deadline of split % was %; give a later one before people are asked to pay.', split_group, the_group.payment_deadline
            using errcode = 'check_violation';
    end if;
    perform from public.payment_splits s where s.booking_id = booking.id order by s.id for update;
    if exists (select from public.payment_splits s
               where s.booking_id = booking.id
                 and (s.amount_paid > 0 or s.payment_status in ('processing', 'completed', 'partially_refunded', 'disputed'))) then
        raise exception 'Somebody has begun to pay a part of booking %, so its split stays as it is.', booking.id
            using errcode = 'check_violation', hint = 'Refund what was paid before the booking is split anew.';
    end if;

    select coalesce(array_agg(r.user_id order by r.user_id) filter (where r.fixed_amount is null), '{}'),
           array_agg(case the_group.split_method when 'equal' then 1 else r.weight end order by r.user_id) filter (where r.fixed_amount is null),
           coalesce(sum(r.fixed_amount), 0),
           coalesce(sum(r.weight) filter (where r.fixed_amount is null), 0)
    into people, weights, fixed_sum, weight_sum
    from public.split_payment_rules r
    where r.split_group_id = split_group;
    remaining := booking.total_amount - fixed_sum;

    if remaining < 0 or remaining > 0 and cardinality(people) = 0 then
        raise exception 'Fixed amounts of % do not make up the % % of booking %.', fixed_sum, booking.total_amount, booking.currency, booking.id
            using errcode = 'check_violation', hint = 'They must not exceed it, and without anybody who shares the rest they must equal it.';
    end if;
    if the_group.split_method = 'fixed' and cardinality(people) > 0 then
        raise exception 'Split % is by fixed amounts, but % person(s) have none, among them user %.', split_group, cardinality(people), people[1]
            using errcode = 'check_violation';
    end if;
    if the_group.split_method = 'percentage' and cardinality(people) > 0 and weight_sum <> 100 then
        raise exception 'The percentages of split % sum to %; required is 100.', split_group, weight_sum using errcode = 'check_violation';
    end if;

    delete from public.payment_splits s
    where s.booking_id = booking.id
      and not exists (select from public.split_payment_rules r where r.split_group_id = split_group and r.user_id = s.user_id);
    insert into public.payment_splits as s (booking_id, user_id, amount_owed, payment_status, payment_deadline)
    select booking.id, part.user_id, part.amount, 'pending', the_group.payment_deadline
    from (select r.user_id, r.fixed_amount as amount
          from public.split_payment_rules r
          where r.split_group_id = split_group and r.fixed_amount is not null
          union all
          select u.user_id, u.amount
          from unnest(people, case when cardinality(people) > 0
                                   then public.split_amount(remaining, weights, app_private.currency_digits(booking.currency))
                              end) as u (user_id, amount)) part
    on conflict on constraint payment_splits_person_key do update
        set amount_owed = excluded.amount_owed, payment_status = excluded.payment_status, payment_deadline = excluded.payment_deadline,
            payment_id = null;
    update public.split_payment_groups g set status = 'active' where g.id = split_group and g.status <> 'active';
    perform app_private.settle_split_payment_group(booking.id); -- at once, where nobody owes anything

    return query select s.* from public.payment_splits s where s.booking_id = booking.id order by s.user_id;
end
$function$;
comment on function public.apply_payment_split(uuid) is
    'Works out what each person owes by the split''s rules, to the cent, and asks for it: payment_splits of the booking that sum to its total; again while nobody has paid';

create function public.set_payment_deadline(split_group uuid, new_deadline timestamptz) returns void
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    if not app_private.may_organize_split(split_group) then
        raise exception 'The deadline of split % cannot be moved by user %.', split_group, auth.uid()
            using errcode = 'insufficient_privilege', hint = 'Whoever made the booking sets the deadline.';
    end if;
    if new_deadline is null or new_deadline <= now() or new_deadline = 'infinity' then
        raise exception 'A deadline of % cannot be kept; required is a time to come.', new_deadline using errcode = 'invalid_parameter_value';
    end if;
    update public.split_payment_groups g set payment_deadline = new_deadline where g.id = split_group;
    if not found then
        raise exception 'Split % does not exist.', split_group using errcode = 'no_data_found';
    end if;
    update public.payment_splits s
    set payment_deadline = new_deadline
    from public.split_payment_groups g
    where g.id = split_group and s.booking_id = g.booking_id and s.payment_status in ('pending', 'failed');
end
$function$;
comment on function public.set_payment_deadline(uuid, timestamptz) is 'Moves the deadline of a split and of every part of it that is not paid; reminders follow the new one';
revoke execute on function public.apply_payment_split(uuid), public.set_payment_deadline(uuid, timestamptz) from public, anon, authenticated;
grant execute on function public.apply_payment_split(uuid), public.set_payment_deadline(uuid, timestamptz) to authenticated, service_role;

-- ---------------------------------------------------------------------------------------------------
-- Until it is paid

create function app_private.clear_overdue() returns trigger
    language plpgsql
    set search_path = ''
as $function$
begin
    if (coalesce(new.amount_paid, 0) < new.amount_owed and new.payment_status in ('pending', 'failed') and new.payment_deadline <= now()) is not true then
        new.overdue_since := null;
    end if;
    return new;
end
$function$;
comment on function app_private.clear_overdue() is 'Ends being overdue with payment, or a deadline to come';

-- The lock makes the second of two last payments see the first one.
create function app_private.settle_split_payment_group(booking uuid) returns void
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    perform from public.split_payment_groups g where g.booking_id = booking for no key update;
    update public.split_payment_groups g
    set status = s.status
    from (select case when bool_and(coalesce(p.amount_paid, 0) >= p.amount_owed or coalesce(p.payment_status in ('cancelled', 'refunded'), false))
                      then 'settled' else 'active' end as status
          from public.payment_splits p
          where p.booking_id = booking) s
    where g.booking_id = booking and g.status in ('active', 'settled') and g.status <> s.status;
end
$function$;
comment on function app_private.settle_split_payment_group(uuid) is 'Notes on a booking''s split whether all is paid';

create function app_private.note_split_paid() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    perform app_private.settle_split_payment_group(new.booking_id);
    return null;
end
$function$;
comment on function app_private.note_split_paid() is 'Notes a payment on the booking''s split';
revoke execute on function app_private.clear_overdue(), app_private.settle_split_payment_group(uuid), app_private.note_split_paid() from public;

create trigger clear_overdue
    before update on public.payment_splits
    for each row when (new.overdue_since is not null) execute function app_private.clear_overdue();
create trigger note_split_paid
    after update of amount_paid, payment_status on public.payment_splits
    for each row when ((old.amount_paid, old.payment_status) is distinct from (new.amount_paid, new.payment_status))
    execute function app_private.note_split_paid();

create function public.mark_overdue_payment_splits() returns setof public.payment_splits
    language sql security definer
    set search_path = ''
as $function$
    update public.payment_splits s
    set overdue_since = s.payment_deadline
    from public.bookings b
    where b.id = s.booking_id
      and b.status in ('pending', 'confirmed', 'in_progress')
      and s.payment_deadline <= now()
      and s.payment_status in ('pending', 'failed')
      and coalesce(s.amount_paid, 0) < s.amount_owed
      and s.overdue_since is null
    returning s.*
$function$;
comment on function public.mark_overdue_payment_splits() is 'Marks parts whose deadline has passed unpaid and returns those that are so for the first time; run it hourly';

-- Of several reminders that are due only the latest is sent: who joined late or whose server slept gets one message, not four.
create function public.due_payment_reminders(at timestamptz default now())
    returns table (payment_split_id uuid, user_id uuid, booking_id uuid, payment_deadline timestamptz, days_before integer,
                   amount_due numeric, currency text)
    language sql stable security definer
    set search_path = ''
as $function$
    select s.id, s.user_id, s.booking_id, s.payment_deadline, d.days, s.amount_owed - coalesce(s.amount_paid, 0), coalesce(b.currency, 'USD')
    from public.payment_splits s
    join public.bookings b on b.id = s.booking_id
    join public.split_payment_groups g on g.booking_id = s.booking_id
    join public.split_payment_rules r on r.split_group_id = g.id and r.user_id = s.user_id
    cross join lateral (
        -- Hours, because a day of the session's zone may have 23 or 25 of them.
        select min(x.days) as days
        from unnest(g.reminder_days) as x (days)
        where s.payment_deadline - make_interval(hours => 24 * x.days) between s.created_at and due_payment_reminders.at) d
    where d.days is not null
      and g.status = 'active'
      and b.status in ('pending', 'confirmed', 'in_progress')
      and s.payment_status in ('pending', 'failed')
      and coalesce(s.amount_paid, 0) < s.amount_owed
      and not exists (select from public.split_payment_reminders m
                      where m.payment_split_id = s.id and m.payment_deadline = s.payment_deadline and m.days_before <= d.days)
$function$;
comment on function public.due_payment_reminders(timestamptz) is 'Who is to be reminded of what at a time, and has not been yet';

create function public.send_payment_reminders() returns setof public.split_payment_reminders
    language sql security definer
    set search_path = ''
as $function$
    with sent as (
        insert into public.split_payment_reminders (payment_split_id, payment_deadline, days_before, amount_due, currency)
        select d.payment_split_id, d.payment_deadline, d.days_before, d.amount_due, d.currency
        from public.due_payment_reminders() d
        order by d.payment_split_id
        on conflict on constraint split_payment_reminders_once do nothing
        returning *),
    reminded as (
        update public.payment_splits s
        set last_reminder_sent = now(), reminder_count = coalesce(s.reminder_count, 0) + 1
        from sent
        where s.id = sent.payment_split_id
        returning s.id, s.user_id, s.booking_id),
    told as (
        insert into public.notifications (user_id, type, title, body, data)
        select r.user_id, 'payment_reminder',
               case when sent.payment_deadline > now() then 'Payment due' else 'Payment overdue' end,
               format('Your part of a booking, %s %s, %s due on %s (UTC).', sent.amount_due, sent.currency,
                      case when sent.payment_deadline > now() then 'is' else 'was' end, to_char(sent.payment_deadline at time zone 'UTC', 'YYYY-MM-DD')),
               jsonb_build_object('payment_split_id', r.id, 'booking_id', r.booking_id, 'amount_due', sent.amount_due,
                                  'currency', sent.currency, 'payment_deadline', sent.payment_deadline, 'days_before', sent.days_before)
        from sent join reminded r on r.id = sent.payment_split_id)
    select * from sent
$function$;
comment on function public.send_payment_reminders() is
    'Sends every reminder that is due as a notification, counts it on the part, and returns it; run it hourly, on any number of machines';
revoke execute on function public.mark_overdue_payment_splits(), public.due_payment_reminders(timestamptz), public.send_payment_reminders()
    from public, anon, authenticated;
grant execute on function public.mark_overdue_payment_splits(), public.due_payment_reminders(timestamptz), public.send_payment_reminders()
    to service_role;

-- ---------------------------------------------------------------------------------------------------
-- Access

-- The policies of groups ask for rules and those of rules for groups. This function looks past the policies and so ends the recursion.
create function app_private.my_split_group_ids() returns setof uuid
    language sql stable security definer
    set search_path = ''
as $function$
    select r.split_group_id from public.split_payment_rules r where r.user_id = auth.uid()
$function$;
comment on function app_private.my_split_group_ids() is 'Splits that the person asking has a part in';
revoke execute on function app_private.my_split_group_ids() from public;
grant execute on function app_private.my_split_group_ids() to anon, authenticated, service_role;

alter table public.split_payment_groups enable row level security;
revoke all on table public.split_payment_groups from public, anon, authenticated;
grant all on table public.split_payment_groups to service_role;
grant select on table public.split_payment_groups to authenticated;
-- Neither status nor, once there, the deadline: apply_payment_split() and set_payment_deadline() write those.
grant insert (id, booking_id, split_method, payment_deadline, reminder_days) on table public.split_payment_groups to authenticated;
grant update (split_method, reminder_days) on table public.split_payment_groups to authenticated;
grant delete on table public.split_payment_groups to authenticated;

create policy "Users can view splits they organize or have a part in"
    on public.split_payment_groups for select to authenticated
    using (exists (select from public.bookings b where b.id = booking_id and b.user_id = (select auth.uid()))
           or id in (select app_private.my_split_group_ids()));
create policy "Users can split own bookings"
    on public.split_payment_groups for insert to authenticated
    with check (exists (select from public.bookings b where b.id = booking_id and b.user_id = (select auth.uid())));
create policy "Users can change splits of own bookings"
    on public.split_payment_groups for update to authenticated
    using (exists (select from public.bookings b where b.id = booking_id and b.user_id = (select auth.uid())))
    with check (exists (select from public.bookings b where b.id = booking_id and b.user_id = (select auth.uid())));
create policy "Users can delete drafts of own splits"
    on public.split_payment_groups for delete to authenticated
    using (status = 'draft' and exists (select from public.bookings b where b.id = booking_id and b.user_id = (select auth.uid())));
create policy "Admins can view all splits"
    on public.split_payment_groups for select to authenticated using ((select app_private.is_admin()));
create policy "Service role manages splits"
    on public.split_payment_groups for all to service_role using (true) with check (true);

alter table public.split_payment_rules enable row level security;
revoke all on table public.split_payment_rules from public, anon, authenticated;
grant all on table public.split_payment_rules to service_role;
grant select, delete on table public.split_payment_rules to authenticated;
grant insert (split_group_id, user_id, weight, fixed_amount) on table public.split_payment_rules to authenticated;
grant update (weight, fixed_amount) on table public.split_payment_rules to authenticated;

create policy "Users can view rules of splits they have a part in"
    on public.split_payment_rules for select to authenticated
    using (split_group_id in (select app_private.my_split_group_ids()));
create policy "Users can manage rules of own splits"
    on public.split_payment_rules for all to authenticated
    using (exists (select from public.split_payment_groups g join public.bookings b on b.id = g.booking_id
                   where g.id = split_group_id and b.user_id = (select auth.uid())))
    with check (exists (select from public.split_payment_groups g join public.bookings b on b.id = g.booking_id
                        where g.id = split_group_id and b.user_id = (select auth.uid())));
-- Reminders go to whoever has a part: nobody may bill strangers.
create policy "Splits are among people who know each other"
    on public.split_payment_rules as restrictive for insert to authenticated
    with check (user_id = (select auth.uid())
                or user_id in (select app_private.my_connection_ids())
                or exists (select from public.split_payment_groups g
                           join public.bookings b on b.id = g.booking_id
                           join public.group_members m on m.group_id = b.group_id
                           where g.id = split_group_id and m.user_id = split_payment_rules.user_id and m.is_active));
create policy "Admins can view all rules"
    on public.split_payment_rules for select to authenticated using ((select app_private.is_admin()));
create policy "Service role manages rules"
    on public.split_payment_rules for all to service_role using (true) with check (true);

alter table public.split_payment_reminders enable row level security;
revoke all on table public.split_payment_reminders from public, anon, authenticated;
grant all on table public.split_payment_reminders to service_role;
grant select on table public.split_payment_reminders to authenticated;

-- The sub-select is under the policies of payment_splits: who sees a part sees its reminders.
create policy "Reminders of visible payment splits are viewable"
    on public.split_payment_reminders for select to authenticated
    using (exists (select from public.payment_splits s where s.id = payment_split_id));
create policy "Service role manages reminders"
    on public.split_payment_reminders for all to service_role using (true) with check (true);
