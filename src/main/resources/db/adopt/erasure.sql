-- The platform's own triggers remove what a person leaves behind; here the tables that adoption created need some of their own.
create function compat.erase_rows_of_person() returns trigger
    language plpgsql security definer
    set search_path = ''
as $function$
begin
    if tg_op = 'DELETE' or new.account_status::text = 'deleted' and old.account_status::text is distinct from 'deleted' then
        execute format('delete from public.%I where %I = $1', tg_argv[0], tg_argv[1]) using old.id;
    end if;
    return null;
end
$function$;
comment on function compat.erase_rows_of_person() is 'Removes the rows of a table that name the deleted person in a column; both are the trigger''s arguments';
revoke all on function compat.erase_rows_of_person() from public;
