-- Where no key makes sure that a person, a group or a membership stands once, the row that changed last counts.
do $$
declare
    input record;
begin
    for input in
        select w.view_name, w.key_columns, array_to_string(w.key_columns, ', ') as key_list
        from (values ('profiles', array['id']), ('personality_assessments', array['user_id']), ('travel_preferences', array['user_id']),
                     ('groups', array['id']), ('group_members', array['group_id', 'user_id'])) as w (view_name, key_columns)
        where not exists (
            select
            from pg_catalog.pg_index i
            where i.indrelid = ('public.' || w.view_name)::regclass and i.indisunique and i.indpred is null and i.indexprs is null
              and w.key_columns @> array(select a.attname::text
                                         from pg_catalog.pg_attribute a
                                         where a.attrelid = i.indrelid and a.attnum = any (i.indkey[0 : i.indnkeyatts - 1])))
    loop
        execute format('create or replace view compat.%I as select distinct on (%s) v.* from (%s) v order by %2$s, v.changed_at desc nulls last, v::text',
                       input.view_name, input.key_list,
                       rtrim(pg_get_viewdef(('compat.' || input.view_name)::regclass), ';'));
    end loop;
end
$$
