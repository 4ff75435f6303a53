-- Functions and triggers that keep derived data true: profiles for new accounts, counters and ratings, validity of bookings and reviews, erasure, clean-up.
--
-- The counting triggers fire once for a statement, not once for a row, and count anew instead of adding:
-- a load of a million rows costs one recount for each parent, and a counter cannot drift. Each locks
-- its parents first, in the order of their ids, so that the later of two transactions counts what the
-- earlier one committed and none waits in a circle. All are security definer, because the person whose
-- row fires them has no right to the counters.

-- ---------------------------------------------------------------------------------------------------
-- New accounts

create function public.handle_new_user() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
declare
    metadata constant jsonb := coalesce(new.raw_user_meta_data, '{}');
    fallback constant text  := 'traveler_' || left(replace(new.id::text, '-', ''), 8);
    wanted            text  := left(regexp_replace(coalesce(metadata ->> 'username', metadata ->> 'user_name', metadata ->> 'preferred_username', ''),
                                                   '[^[:alnum:]_.-]', '', 'g'), 40);
begin
    -- Never from the e-mail address: user names are public, addresses are not.
    if char_length(wanted) < 2 then
        wanted := fallback;
    end if;

    -- The role is not taken from the metadata, which whoever signs up writes himself.
    for attempt in 0 .. 4 loop
        insert into public.profiles (id, username, full_name, avatar_url, email_verified)
        values (new.id,
                case attempt when 0 then wanted when 4 then null else wanted || '_' || left(md5(new.id::text || attempt), 8) end,
                left(coalesce(metadata ->> 'full_name', metadata ->> 'name'), 200),
                coalesce(metadata ->> 'avatar_url', metadata ->> 'picture'),
                new.email_confirmed_at is not null)
        on conflict do nothing;
        exit when found or exists (select from public.profiles p where p.id = new.id);
    end loop;
    return new;
exception when others then
    -- Without a profile a person can still sign in and be helped; without an account not.
    raise warning 'No profile was made for user %: % (%)', new.id, sqlerrm, sqlstate;
    return new;
end
$function$;
comment on function public.handle_new_user() is 'Makes the profile of a new account; never fails, so that signing up does not';

create function public.handle_user_confirmed() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    update public.profiles p set email_verified = new.email_confirmed_at is not null where p.id = new.id;
    return new;
exception when others then
    raise warning 'The confirmed address of user % was not noted: % (%)', new.id, sqlerrm, sqlstate;
    return new;
end
$function$;
comment on function public.handle_user_confirmed() is 'Notes on the profile that the e-mail address is confirmed';

revoke execute on function public.handle_new_user(), public.handle_user_confirmed() from public, anon, authenticated;

create trigger on_auth_user_created
    after insert on auth.users
    for each row execute function public.handle_new_user();
create trigger on_auth_user_confirmed
    after update of email_confirmed_at on auth.users
    for each row when (old.email_confirmed_at is distinct from new.email_confirmed_at) execute function public.handle_user_confirmed();

-- ---------------------------------------------------------------------------------------------------
-- Members of groups

create function app_private.count_group_members() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
declare
    touched uuid[];
begin
    if tg_op = 'INSERT' then
        touched := array(select distinct n.group_id from new_rows n);
    elsif tg_op = 'DELETE' then
        touched := array(select distinct o.group_id from old_rows o);
    else
        touched := array(
            select distinct g.id
            from old_rows o
            join new_rows n on n.id = o.id
            cross join lateral (values (o.group_id), (n.group_id)) as g (id)
            where (o.group_id, o.is_active) is distinct from (n.group_id, n.is_active));
    end if;

    perform from public.groups g where g.id = any (touched) order by g.id for no key update;
    update public.groups g
    set current_members = (select count(*) from public.group_members m where m.group_id = g.id and m.is_active)
    where g.id = any (touched);
    return null;
end
$function$;
revoke execute on function app_private.count_group_members() from public;

create trigger count_group_members_insert
    after insert on public.group_members referencing new table as new_rows
    for each statement execute function app_private.count_group_members();
create trigger count_group_members_update
    after update on public.group_members referencing old table as old_rows new table as new_rows
    for each statement execute function app_private.count_group_members();
create trigger count_group_members_delete
    after delete on public.group_members referencing old table as old_rows
    for each statement execute function app_private.count_group_members();

-- ---------------------------------------------------------------------------------------------------
-- Ratings of adventures and vendors

create function app_private.rate_adventures_and_vendors() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
declare
    adventure_ids uuid[];
    vendor_ids    uuid[];
begin
    if tg_op = 'INSERT' then
        adventure_ids := array(select distinct n.adventure_id from new_rows n);
        vendor_ids    := array(select distinct n.vendor_id from new_rows n);
    elsif tg_op = 'DELETE' then
        adventure_ids := array(select distinct o.adventure_id from old_rows o);
        vendor_ids    := array(select distinct o.vendor_id from old_rows o);
    else
        adventure_ids := array(select o.adventure_id from old_rows o union select n.adventure_id from new_rows n);
        vendor_ids    := array(select o.vendor_id from old_rows o union select n.vendor_id from new_rows n);
    end if;

    perform from public.adventures a where a.id = any (adventure_ids) order by a.id for no key update;
    update public.adventures a
    set rating = coalesce(s.mean, 0), total_reviews = s.number
    from unnest(adventure_ids) as t (id)
    cross join lateral (select round(avg(r.rating), 2) as mean, count(*) as number from public.reviews r where r.adventure_id = t.id) s
    where a.id = t.id and (a.rating, a.total_reviews) is distinct from (coalesce(s.mean, 0), s.number);

    perform from public.vendors v where v.id = any (vendor_ids) order by v.id for no key update;
    update public.vendors v
    set rating = coalesce(s.mean, 0), total_reviews = s.number
    from unnest(vendor_ids) as t (id)
    cross join lateral (select round(avg(r.rating), 2) as mean, count(*) as number from public.reviews r where r.vendor_id = t.id) s
    where v.id = t.id and (v.rating, v.total_reviews) is distinct from (coalesce(s.mean, 0), s.number);
    return null;
end
$function$;
revoke execute on function app_private.rate_adventures_and_vendors() from public;

create trigger rate_adventures_and_vendors_insert
    after insert on public.reviews referencing new table as new_rows
    for each statement execute function app_private.rate_adventures_and_vendors();
create trigger rate_adventures_and_vendors_update
    after update on public.reviews referencing old table as old_rows new table as new_rows
    for each statement execute function app_private.rate_adventures_and_vendors();
create trigger rate_adventures_and_vendors_delete
    after delete on public.reviews referencing old table as old_rows
    for each statement execute function app_private.rate_adventures_and_vendors();

-- ---------------------------------------------------------------------------------------------------
-- Bookings: places taken, and how often something was booked

create function app_private.count_bookings() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
declare
    availability_ids uuid[];
    adventure_ids    uuid[];
    vendor_ids       uuid[];
begin
    if tg_op = 'INSERT' then
        availability_ids := array(select distinct n.availability_id from new_rows n where n.availability_id is not null);
        adventure_ids    := array(select distinct n.adventure_id from new_rows n);
        vendor_ids       := array(select distinct n.vendor_id from new_rows n);
    elsif tg_op = 'DELETE' then
        availability_ids := array(select distinct o.availability_id from old_rows o where o.availability_id is not null);
        adventure_ids    := array(select distinct o.adventure_id from old_rows o);
        vendor_ids       := array(select distinct o.vendor_id from old_rows o);
    else
        availability_ids := array(select o.availability_id from old_rows o where o.availability_id is not null
                                  union select n.availability_id from new_rows n where n.availability_id is not null);
        adventure_ids    := array(select o.adventure_id from old_rows o union select n.adventure_id from new_rows n);
        vendor_ids       := array(select o.vendor_id from old_rows o union select n.vendor_id from new_rows n);
    end if;

    -- A booking that awaits payment holds its places; otherwise two people could pay for one.
    perform from public.adventure_availability v where v.id = any (availability_ids) order by v.id for no key update;
    update public.adventure_availability v
    set booked_spots = s.number
    from unnest(availability_ids) as t (id)
    cross join lateral (select coalesce(sum(b.total_participants), 0)::integer as number
                        from public.bookings b
                        where b.availability_id = t.id and b.status in ('pending', 'confirmed', 'in_progress', 'completed', 'no_show')) s
    where v.id = t.id and v.booked_spots is distinct from s.number;

    perform from public.adventures a where a.id = any (adventure_ids) order by a.id for no key update;
    update public.adventures a
    set total_bookings = s.number
    from unnest(adventure_ids) as t (id)
    cross join lateral (select count(*)::integer as number
                        from public.bookings b
                        where b.adventure_id = t.id and b.status in ('confirmed', 'in_progress', 'completed')) s
    where a.id = t.id and a.total_bookings is distinct from s.number;

    perform from public.vendors v where v.id = any (vendor_ids) order by v.id for no key update;
    update public.vendors v
    set total_bookings = s.number
    from unnest(vendor_ids) as t (id)
    cross join lateral (select count(*)::integer as number
                        from public.bookings b
                        where b.vendor_id = t.id and b.status in ('confirmed', 'in_progress', 'completed')) s
    where v.id = t.id and v.total_bookings is distinct from s.number;
    return null;
end
$function$;
revoke execute on function app_private.count_bookings() from public;

create trigger count_bookings_insert
    after insert on public.bookings referencing new table as new_rows
    for each statement execute function app_private.count_bookings();
create trigger count_bookings_update
    after update on public.bookings referencing old table as old_rows new table as new_rows
    for each statement execute function app_private.count_bookings();
create trigger count_bookings_delete
    after delete on public.bookings referencing old table as old_rows
    for each statement execute function app_private.count_bookings();

-- ---------------------------------------------------------------------------------------------------
-- Likes and comments

create function app_private.count_post_likes() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
declare
    touched uuid[];
begin
    if tg_op = 'INSERT' then
        touched := array(select distinct n.post_id from new_rows n);
    else
        touched := array(select distinct o.post_id from old_rows o);
    end if;
    perform from public.posts p where p.id = any (touched) order by p.id for no key update;
    update public.posts p
    set like_count = (select count(*) from public.post_likes l where l.post_id = p.id)
    where p.id = any (touched);
    return null;
end
$function$;

-- Every comment counts, whatever its moderation status: hiding one must not cost a write to its post.
create function app_private.count_post_comments() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
declare
    touched uuid[];
begin
    if tg_op = 'INSERT' then
        touched := array(select distinct n.post_id from new_rows n);
    else
        touched := array(select distinct o.post_id from old_rows o);
    end if;
    perform from public.posts p where p.id = any (touched) order by p.id for no key update;
    update public.posts p
    set comment_count = (select count(*) from public.comments c where c.post_id = p.id)
    where p.id = any (touched);
    return null;
end
$function$;

create function app_private.count_comment_likes() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
declare
    touched uuid[];
begin
    if tg_op = 'INSERT' then
        touched := array(select distinct n.comment_id from new_rows n);
    else
        touched := array(select distinct o.comment_id from old_rows o);
    end if;
    perform from public.comments c where c.id = any (touched) order by c.id for no key update;
    update public.comments c
    set like_count = (select count(*) from public.comment_likes l where l.comment_id = c.id)
    where c.id = any (touched);
    return null;
end
$function$;
revoke execute on function app_private.count_post_likes(), app_private.count_post_comments(), app_private.count_comment_likes() from public;

create trigger count_post_likes_insert
    after insert on public.post_likes referencing new table as new_rows
    for each statement execute function app_private.count_post_likes();
create trigger count_post_likes_delete
    after delete on public.post_likes referencing old table as old_rows
    for each statement execute function app_private.count_post_likes();
create trigger count_post_comments_insert
    after insert on public.comments referencing new table as new_rows
    for each statement execute function app_private.count_post_comments();
create trigger count_post_comments_delete
    after delete on public.comments referencing old table as old_rows
    for each statement execute function app_private.count_post_comments();
create trigger count_comment_likes_insert
    after insert on public.comment_likes referencing new table as new_rows
    for each statement execute function app_private.count_comment_likes();
create trigger count_comment_likes_delete
    after delete on public.comment_likes referencing old table as old_rows
    for each statement execute function app_private.count_comment_likes();

-- ---------------------------------------------------------------------------------------------------
-- Validation of what a CHECK cannot see, since it looks at one row only

create function app_private.validate_booking() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
declare
    actual_id uuid;
begin
    select a.vendor_id into actual_id from public.adventures a where a.id = new.adventure_id;
    if actual_id <> new.vendor_id then
        raise exception 'Booking % names vendor %, but adventure % is of vendor %.', new.id, new.vendor_id, new.adventure_id, actual_id
            using errcode = 'check_violation', hint = 'vendor_id is the vendor of the adventure.';
    end if;

    select v.adventure_id into actual_id from public.adventure_availability v where v.id = new.availability_id;
    if actual_id <> new.adventure_id then
        raise exception 'Booking % names adventure %, but departure % is of adventure %.', new.id, new.adventure_id, new.availability_id, actual_id
            using errcode = 'check_violation', hint = 'availability_id is a departure of the adventure.';
    end if;
    return new;
end
$function$;

create function app_private.validate_booking_status() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    if not (case old.status
               when 'pending'     then new.status in ('confirmed', 'in_progress', 'completed', 'cancelled')
               when 'confirmed'   then new.status in ('in_progress', 'completed', 'cancelled', 'no_show', 'refunded')
               when 'in_progress' then new.status in ('completed', 'cancelled', 'no_show')
               when 'completed'   then new.status = 'refunded'
               when 'cancelled'   then new.status = 'refunded'
               when 'no_show'     then new.status in ('completed', 'refunded')
               else false
           end) then
        raise exception 'Booking % cannot go from % to %.', new.id, old.status, new.status
            using errcode = 'check_violation', hint = 'What is cancelled, completed or refunded does not begin again: make a new booking.';
    end if;
    return new;
end
$function$;

create function app_private.validate_review() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
declare
    booking public.bookings;
begin
    select b.* into booking from public.bookings b where b.id = new.booking_id;
    if (new.adventure_id, new.vendor_id) is distinct from (booking.adventure_id, booking.vendor_id) and booking.id is not null then
        raise exception 'Review % is about adventure % of vendor %, but booking % is for adventure % of vendor %.',
                new.id, new.adventure_id, new.vendor_id, new.booking_id, booking.adventure_id, booking.vendor_id
            using errcode = 'check_violation', hint = 'adventure_id and vendor_id are those of the booking.';
    end if;
    new.is_verified_booking := coalesce(booking.user_id = new.user_id and booking.status = 'completed', false);
    return new;
end
$function$;

-- Whoever gives another telephone number has not shown that it is his.
create function app_private.validate_profile() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    if new.phone_number is distinct from old.phone_number and new.phone_verified is not distinct from old.phone_verified then
        new.phone_verified := false;
    end if;
    return new;
end
$function$;
revoke execute on function app_private.validate_booking(), app_private.validate_booking_status(), app_private.validate_review(),
    app_private.validate_profile() from public;

create trigger validate_booking
    before insert or update of adventure_id, vendor_id, availability_id on public.bookings
    for each row execute function app_private.validate_booking();
create trigger validate_booking_status
    before update of status on public.bookings
    for each row when (old.status is distinct from new.status) execute function app_private.validate_booking_status();
create trigger validate_review
    before insert or update of booking_id, adventure_id, vendor_id, user_id on public.reviews
    for each row execute function app_private.validate_review();
create trigger validate_profile
    before update of phone_number on public.profiles
    for each row execute function app_private.validate_profile();

-- ---------------------------------------------------------------------------------------------------
-- Leaving
--
-- A person leaves in one of two ways. Deleting the account deletes the profile and, by foreign keys, all
-- that is personal. Where money has moved the bookings must stay, and account_status 'deleted' empties
-- the profile and removes the rest.

create function app_private.hand_over_groups(person uuid) returns void
    language plpgsql security definer
    set search_path = ''
as $function$
declare
    handed_over record;
begin
    for handed_over in
        select g.id as group_id,
               (select m.user_id
                from public.group_members m
                join public.profiles p on p.id = m.user_id -- gone already, when many leave in one statement
                where m.group_id = g.id and m.is_active and m.user_id <> person
                  and coalesce(p.account_status, 'active') not in ('deleted', 'banned')
                order by (m.role = 'admin') desc nulls last, m.joined_at, m.user_id
                limit 1) as heir
        from public.groups g
        where g.owner_id = person
        order by g.id
    loop
        continue when handed_over.heir is null;
        update public.groups g set owner_id = handed_over.heir where g.id = handed_over.group_id;
        update public.group_members m set role = 'owner' where m.group_id = handed_over.group_id and m.user_id = handed_over.heir;
    end loop;
end
$function$;
comment on function app_private.hand_over_groups(uuid) is 'Gives a person''s groups to their longest-standing administrator or member; a group without others stays';

create function app_private.before_profile_delete() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    perform app_private.hand_over_groups(old.id);
    return old;
end
$function$;

create function app_private.empty_deleted_profile() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    new.username            := null;
    new.full_name           := null;
    new.avatar_url          := null;
    new.bio                 := null;
    new.location            := null;
    new.phone_number        := null;
    new.phone_verified      := false;
    new.date_of_birth       := null;
    new.restriction_expires := null;
    return new;
end
$function$;

create function app_private.remove_personal_data() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    perform app_private.hand_over_groups(new.id);
    update public.groups g set is_active = false where g.owner_id = new.id;
    delete from public.group_members x           where x.user_id = new.id;
    delete from public.personality_assessments x where x.user_id = new.id;
    delete from public.assessment_responses x    where x.user_id = new.id;
    delete from public.travel_preferences x      where x.user_id = new.id;
    delete from public.user_preferences x        where x.user_id = new.id;
    delete from public.posts x                   where x.user_id = new.id;
    delete from public.comments x                where x.user_id = new.id;
    delete from public.post_likes x              where x.user_id = new.id;
    delete from public.comment_likes x           where x.user_id = new.id;
    delete from public.community_feed_items x    where new.id in (x.user_id, x.actor_id);
    delete from public.user_connections x        where new.id in (x.requester_id, x.addressee_id);
    return null;
end
$function$;
revoke execute on function app_private.hand_over_groups(uuid), app_private.before_profile_delete(), app_private.empty_deleted_profile(),
    app_private.remove_personal_data() from public;

create trigger before_profile_delete
    before delete on public.profiles
    for each row execute function app_private.before_profile_delete();
create trigger empty_deleted_profile
    before update of account_status on public.profiles
    for each row when (new.account_status = 'deleted' and old.account_status is distinct from 'deleted')
    execute function app_private.empty_deleted_profile();
create trigger remove_personal_data
    after update of account_status on public.profiles
    for each row when (new.account_status = 'deleted' and old.account_status is distinct from 'deleted')
    execute function app_private.remove_personal_data();

-- ---------------------------------------------------------------------------------------------------
-- Clean-up

-- Nothing waits for it: readers compare the expiry themselves. It keeps the tables small and the
-- status readable.
create function public.cleanup_expired_data(feed_retention interval default interval '90 days')
    returns table (task text, rows_affected bigint)
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    if feed_retention < interval '1 day' then
        raise exception 'A feed retention of % would remove what people have not seen yet; required is one day or more.', feed_retention
            using errcode = 'invalid_parameter_value';
    end if;

    update public.profiles p
    set account_status = 'active', restriction_expires = null
    where p.account_status in ('restricted', 'suspended') and p.restriction_expires <= now();
    task := 'restrictions ended';
    get diagnostics rows_affected = row_count;
    return next;

    delete from public.community_feed_items f
    where f.expires_at <= now() or f.created_at < now() - feed_retention;
    task := 'feed items removed';
    get diagnostics rows_affected = row_count;
    return next;
end
$function$;
comment on function public.cleanup_expired_data(interval) is 'Ends restrictions that are over and removes old feed items; run it daily';
revoke execute on function public.cleanup_expired_data(interval) from public, anon, authenticated;
grant execute on function public.cleanup_expired_data(interval) to service_role;
