-- Payment tokens: what lets somebody pay once by a link, and the processor's references of saved payment methods.
--
-- No secret and no card ever stands here. Of a token there is only its SHA-256, and a reference is the
-- processor's own identifier, worthless without the platform's key; a check refuses what looks like a
-- card number.

create table public.payment_tokens (
    id                  uuid           not null primary key default gen_random_uuid(),
    user_id             uuid           not null references public.profiles (id) on delete cascade,
    booking_id          uuid           references public.bookings (id) on delete cascade,
    payment_split_id    uuid           references public.payment_splits (id) on delete cascade,
    purpose             text           not null,
    token_sha256        text           not null,
    processor           text,
    processor_reference text,
    amount              numeric(10,2),
    currency            text,
    expires_at          timestamptz    not null,
    used_at             timestamptz,
    revoked_at          timestamptz,
    created_at          timestamptz    not null default now(),
    updated_at          timestamptz    not null default now(),

    constraint payment_tokens_token_sha256_key     unique (token_sha256),
    constraint payment_tokens_token_sha256_form    check (token_sha256 ~ '^[0-9a-f]{64}$'),
    constraint payment_tokens_purpose_known        check (purpose in ('pay_booking', 'pay_split', 'save_payment_method')),
    constraint payment_tokens_subject_named        check (case purpose when 'pay_booking' then booking_id is not null
                                                                       when 'pay_split' then payment_split_id is not null else true end),
    constraint payment_tokens_processor_known      check (processor in ('stripe', 'paypal')),
    constraint payment_tokens_reference_complete   check ((processor is null) = (processor_reference is null)),
    constraint payment_tokens_reference_form       check (processor_reference ~ '^[A-Za-z][A-Za-z0-9_-]{3,254}$'),
    constraint payment_tokens_no_card_number       check (translate(processor_reference, '-_', '') !~ '[0-9]{13}'),
    constraint payment_tokens_amount_complete      check ((amount is null) = (currency is null)),
    constraint payment_tokens_amount_range         check (amount > 0),
    constraint payment_tokens_currency_form        check (currency ~ '^[A-Z]{3}$'),
    -- A link that works for ever is a key under the mat.
    constraint payment_tokens_expiry_range         check (expires_at > created_at and expires_at <= created_at + interval '720 hours'),
    constraint payment_tokens_used_in_time         check (used_at between created_at and expires_at),
    constraint payment_tokens_used_or_revoked      check (used_at is null or revoked_at is null)
);
comment on table  public.payment_tokens is 'One-time permissions to pay, by hash; its person sees that they exist, the back end makes and uses them';
comment on column public.payment_tokens.token_sha256 is 'SHA-256 of the token in hexadecimal; the token itself is only in the link that was sent';
comment on column public.payment_tokens.processor_reference is 'The payment processor''s identifier of a payment method; never a card number';
comment on column public.payment_tokens.used_at is 'When the token was used; it works once';
create index idx_payment_tokens_user_id          on public.payment_tokens (user_id, created_at desc);
create index idx_payment_tokens_booking_id       on public.payment_tokens (booking_id) where booking_id is not null;
create index idx_payment_tokens_payment_split_id on public.payment_tokens (payment_split_id) where payment_split_id is not null;
create index idx_payment_tokens_expires_at       on public.payment_tokens (expires_at);

-- Without it a back end's mistake could make a token work twice, or for another amount.
create function app_private.validate_payment_token() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    if old.used_at is not null or old.revoked_at is not null then
        raise exception 'Payment token % was % at % and cannot change any more.', old.id,
                case when old.used_at is not null then 'used' else 'revoked' end, coalesce(old.used_at, old.revoked_at)
            using errcode = 'check_violation', hint = 'Make a new token.';
    end if;
    if (old.id, old.user_id, old.booking_id, old.payment_split_id, old.purpose, old.token_sha256, old.processor, old.processor_reference,
        old.amount, old.currency, old.expires_at, old.created_at)
       is distinct from
       (new.id, new.user_id, new.booking_id, new.payment_split_id, new.purpose, new.token_sha256, new.processor, new.processor_reference,
        new.amount, new.currency, new.expires_at, new.created_at) then
        raise exception 'Payment token % can be used or revoked, and nothing else of it changes.', old.id
            using errcode = 'check_violation', hint = 'Revoke it and make a new token.';
    end if;
    return new;
end
$function$;

-- A deleted profile whose row stays pays nothing any more.
create function app_private.remove_payment_tokens() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    delete from public.payment_tokens x where x.user_id = new.id;
    return null;
end
$function$;
revoke execute on function app_private.validate_payment_token(), app_private.remove_payment_tokens() from public;

create trigger validate_payment_token
    before update on public.payment_tokens
    for each row when (old.* is distinct from new.*) execute function app_private.validate_payment_token();
create trigger update_payment_tokens_updated_at
    before update on public.payment_tokens
    for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();
create trigger remove_payment_tokens
    after update of account_status on public.profiles
    for each row when (new.account_status = 'deleted' and old.account_status is distinct from 'deleted')
    execute function app_private.remove_payment_tokens();

-- One statement, so that of two who come at the same moment one is served.
create function public.use_payment_token(token text) returns setof public.payment_tokens
    language sql volatile security definer
    set search_path = ''
as $function$
    update public.payment_tokens t
    set used_at = now()
    where t.token_sha256 = encode(sha256(convert_to(token, 'UTF8')), 'hex')
      and t.used_at is null and t.revoked_at is null and t.expires_at > now()
    returning t.*
$function$;
comment on function public.use_payment_token(text) is 'Uses a token up and returns its row; no row if it is unknown, used, revoked or expired';
revoke execute on function public.use_payment_token(text) from public, anon, authenticated;
grant execute on function public.use_payment_token(text) to service_role;

create function public.revoke_payment_token(token_id uuid) returns void
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    update public.payment_tokens t
    set revoked_at = now()
    where t.id = token_id and (t.user_id = auth.uid() or app_private.is_admin()) and t.used_at is null and t.revoked_at is null;
    if not found then
        raise exception 'User % has no unused payment token %.', auth.uid(), token_id using errcode = 'insufficient_privilege';
    end if;
end
$function$;
comment on function public.revoke_payment_token(uuid) is 'Ends a token before it is used: its own person or an administrator';
revoke execute on function public.revoke_payment_token(uuid) from public, anon, authenticated;
grant execute on function public.revoke_payment_token(uuid) to authenticated, service_role;

alter table public.payment_tokens enable row level security;
revoke all on table public.payment_tokens from public, anon, authenticated;
grant all on table public.payment_tokens to service_role;
grant select (id, user_id, booking_id, payment_split_id, purpose, processor, amount, currency, expires_at, used_at, revoked_at, created_at,
              updated_at)
    on table public.payment_tokens to authenticated;

create policy "Users can view own payment tokens"
    on public.payment_tokens for select to authenticated using ((select auth.uid()) = user_id);
create policy "Admins can view all payment tokens"
    on public.payment_tokens for select to authenticated using ((select app_private.is_admin()));
create policy "Service role manages payment tokens"
    on public.payment_tokens for all to service_role using (true) with check (true);
