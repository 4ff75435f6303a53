package social.trvl.compat.db;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Everything that migrations can make, one line for each fact, as PostgreSQL's catalog has it:
 * equal sets of lines are equal databases, rows aside. The histories of the migrations are left
 * out.
 */
final class CatalogDump {

  private static final String LINES =
      """
      with schemas as (
        select oid, nspname, nspowner, nspacl from pg_catalog.pg_namespace
        where nspname !~ '^pg_' and nspname not in ('information_schema', 'compat_migrations')
      ), relations as (
        select c.*, c.oid::regclass::text as name,
               case c.relkind when 'r' then 'table' when 'p' then 'table' when 'v' then 'view' when 'S' then 'sequence' else c.relkind::text end as kind
        from pg_catalog.pg_class c where c.relnamespace in (select oid from schemas)
      ), functions as (
        select * from pg_catalog.pg_proc where pronamespace in (select oid from schemas)
      ), types as (
        select t.*, t.oid::regtype::text as name from pg_catalog.pg_type t
        where t.typnamespace in (select oid from schemas) and t.typelem = 0
          and (t.typrelid = 0 or exists (select from pg_catalog.pg_class c where c.oid = t.typrelid and c.relkind = 'c'))
      ), acls as (
        select 'schema ' || nspname as object, coalesce(nspacl, acldefault('n', nspowner)) as acl from schemas
        union all
        select kind || ' ' || name, coalesce(relacl, acldefault(case relkind when 'S' then 's'::"char" else 'r'::"char" end, relowner))
        from relations where relkind in ('r', 'p', 'v', 'm', 'S')
        union all
        select 'column ' || r.name || '.' || a.attname, a.attacl
        from relations r join pg_catalog.pg_attribute a on a.attrelid = r.oid
        union all
        select 'function ' || oid::regprocedure, coalesce(proacl, acldefault('f', proowner)) from functions
        union all
        select 'type ' || name, coalesce(typacl, acldefault('T', typowner)) from types
        union all
        select 'default of ' || defaclrole::regrole || ' in ' || coalesce(defaclnamespace::regnamespace::text, '-') || ' on ' || defaclobjtype::text, defaclacl
        from pg_catalog.pg_default_acl
      )
      select 'schema ' || nspname || ' of ' || nspowner::regrole from schemas
      union all
      select kind || ' ' || name || ' of ' || relowner::regrole || ' ' || relpersistence::text || ' security ' || relrowsecurity || relforcerowsecurity
             || ' options ' || coalesce(reloptions::text, '') || ' partition ' || coalesce(pg_get_partkeydef(oid), '') || coalesce(pg_get_expr(relpartbound, oid), '')
             || coalesce(case when relkind in ('v', 'm') then pg_get_viewdef(oid) end, '')
      from relations where relkind not in ('i', 'I')
      union all
      select 'sequence ' || s.seqrelid::regclass || ' ' || s.seqtypid::regtype || ' ' || concat_ws(' ', s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle)
             || ' owned by ' || coalesce((select d.refobjid::regclass || ' ' || d.refobjsubid from pg_catalog.pg_depend d
                                          where d.objid = s.seqrelid and d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')), '')
      from pg_catalog.pg_sequence s join relations r on r.oid = s.seqrelid
      union all
      select 'column ' || r.name || '.' || a.attname || ' ' || row_number() over (partition by r.oid order by a.attnum)
             || ' ' || format_type(a.atttypid, a.atttypmod) || ' not null ' || a.attnotnull || ' ' || a.attidentity::text || a.attgenerated::text || a.attstorage::text
             || ' ' || coalesce(a.attcollation::regcollation::text, '') || ' default ' || coalesce(pg_get_expr(d.adbin, d.adrelid), '')
      from relations r
      join pg_catalog.pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
      left join pg_catalog.pg_attrdef d on d.adrelid = r.oid and d.adnum = a.attnum
      where r.relkind not in ('i', 'I', 'S')
      union all
      select 'constraint ' || conname || ' on ' || case when conrelid <> 0 then conrelid::regclass::text else contypid::regtype::text end
             || ' ' || pg_get_constraintdef(oid) || ' valid ' || convalidated
      from pg_catalog.pg_constraint where connamespace in (select oid from schemas)
      union all
      select pg_get_indexdef(i.indexrelid) || ' valid ' || i.indisvalid || ' ' || i.indisreplident
      from pg_catalog.pg_index i join relations r on r.oid = i.indexrelid
      union all
      select pg_get_functiondef(oid) || ' of ' || proowner::regrole from functions where prokind in ('f', 'p')
      union all
      select pg_get_triggerdef(t.oid) || ' enabled ' || t.tgenabled::text
      from pg_catalog.pg_trigger t join relations r on r.oid = t.tgrelid where not t.tgisinternal
      union all
      select 'policy ' || p.polname || ' on ' || r.name || ' for ' || p.polcmd::text || ' permissive ' || p.polpermissive
             || ' to ' || array(select case x when 0 then 'public' else x::regrole::text end from unnest(p.polroles) x order by 1)::text
             || ' using ' || coalesce(pg_get_expr(p.polqual, p.polrelid), '') || ' check ' || coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '')
      from pg_catalog.pg_policy p join relations r on r.oid = p.polrelid
      union all
      select 'type ' || t.name || ' of ' || t.typowner::regrole || ' ' || t.typtype::text || ' ' || format_type(t.typbasetype, t.typtypmod) || ' '
             || array(select e.enumlabel from pg_catalog.pg_enum e where e.enumtypid = t.oid order by e.enumsortorder)::text
      from types t
      union all
      select 'grant on ' || object || ' to ' || case a.grantee when 0 then 'public' else a.grantee::regrole::text end || ' '
             || a.privilege_type || ' ' || a.is_grantable || ' by ' || a.grantor::regrole
      from acls cross join lateral aclexplode(acl) a
      union all
      select 'comment on ' || i.type || ' ' || i.identity || ' ' || d.description
      from pg_catalog.pg_description d cross join lateral pg_identify_object(d.classoid, d.objoid, d.objsubid) i
      where coalesce(i.schema, case when i.type = 'schema' then i.name end, split_part(i.identity, '.', 1)) in (select nspname from schemas)
         or i.type in ('policy', 'trigger', 'table constraint')
      union all
      select 'statistics ' || pg_get_statisticsobjdef(oid) from pg_catalog.pg_statistic_ext where stxnamespace in (select oid from schemas)
      union all
      select 'extension ' || extname || ' in ' || extnamespace::regnamespace from pg_catalog.pg_extension
      union all
      select 'publication ' || pubname || ' of ' || prrelid::regclass from pg_catalog.pg_publication_rel r join pg_catalog.pg_publication p on p.oid = r.prpubid
      """;

  private static final String TABLES =
      """
      select n.nspname || '.' || c.relname from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and not c.relispartition and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'compat_migrations')
      """;

  private static final String COLUMNS =
      """
      select n.nspname || '.' || c.relname || '.' || a.attname from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where c.relkind in ('r', 'p') and not c.relispartition and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'compat_migrations')
      """;

  private CatalogDump() {}

  static Set<String> of(TestSql sql) {
    return new TreeSet<>(sql.column(LINES));
  }

  /** Qualified names, partitions left out. */
  static Set<String> tables(TestSql sql) {
    return new TreeSet<>(sql.column(TABLES));
  }

  /** Qualified names of all columns of those tables. */
  static Set<String> columns(TestSql sql) {
    List<String> columns = sql.column(COLUMNS);
    return new TreeSet<>(columns);
  }
}
