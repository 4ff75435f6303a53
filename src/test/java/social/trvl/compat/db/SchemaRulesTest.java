package social.trvl.compat.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds of every table and function, whichever migration makes it. */
class SchemaRulesTest {

  private static Database database;
  private static TestSql sql;

  @BeforeAll
  static void open() {
    database = TestDatabase.migrated();
    sql = TestSql.of(database);
  }

  @AfterAll
  static void close() {
    sql.close();
    database.close();
  }

  /** Spelled as in the migration guide, from which this list was copied by hand. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        // Phase 1
        "profiles",
        "user_preferences",
        "vendors",
        "adventures",
        "adventure_availability",
        "adventure_media",
        "vendor_certifications",
        "vendor_insurance",
        "bookings",
        "booking_payments",
        "booking_participants",
        "payment_splits",
        "booking_modifications",
        "reviews",
        "groups",
        "group_members",
        "personality_assessments",
        "compatibility_scores",
        "travel_preferences",
        // Phase 2
        "user_connections",
        "posts",
        "post_likes",
        "comments",
        "comment_likes",
        "community_feed_items",
        "model_training_data",
        "compatibility_model_versions",
        "user_behavior_data",
        // Phase 3
        "stripe_accounts",
        "stripe_account_onboarding",
        "stripe_products",
        "stripe_prices",
        "stripe_payment_intents",
        // Phase 4
        "notifications",
        "notification_settings",
        "whatsapp_conversations",
        "whatsapp_messages",
        "whatsapp_contacts",
        "whatsapp_webhooks",
        // Phase 5
        "media_files",
        "media_thumbnails",
        "media_metadata",
        "webhook_logs",
        "webhook_events",
        "webhook_failures",
        // Phase 6
        "invoices",
        "invoice_items",
        "content_reports",
        "moderation_actions",
        "automated_moderation_rules",
        "payment_reconciliations",
        "payout_schedules",
        "payout_transactions",
        "refund_requests",
        "dispute_cases",
        "forum_categories",
        "forum_topics",
        "forum_posts",
        "forum_post_votes",
        // Phase 7
        "engagement_metrics",
        "user_activity_logs",
        "content_views",
        "user_interactions",
        // Of the running application, beside the guide
        "assessment_responses",
        "group_compatibility_scores"
      })
  void tableOfTheGuide_isThere(String table) {
    assertThat(sql.value("select to_regclass('public.%s') is not null".formatted(table)))
        .isEqualTo("t");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          user_role     | traveler, vendor, admin
          vendor_status | pending, active, suspended, inactive
          """)
  void enumOfTheGuide_hasItsValues(String type, String values) {
    assertThat(
            sql.value("select array_to_string(enum_range(null::public.%s), ', ')".formatted(type)))
        .isEqualTo(values);
  }

  @ParameterizedTest
  @CsvSource({
    "avatars, t",
    "adventure-media, t",
    "vendor-documents, f",
    "user-uploads, f",
    "system-media, t"
  })
  void bucketOfTheGuide_isThere(String bucket, String everybodyReads) {
    assertThat(sql.value("select public from storage.buckets where id = '%s'".formatted(bucket)))
        .isEqualTo(everybodyReads);
  }

  @ParameterizedTest
  @CsvSource({
    "profiles, id, auth.users",
    "user_preferences, user_id, profiles",
    "vendors, user_id, profiles",
    "adventures, vendor_id, vendors",
    "adventure_availability, adventure_id, adventures",
    "bookings, user_id, profiles",
    "bookings, vendor_id, vendors",
    "bookings, adventure_id, adventures",
    "booking_payments, booking_id, bookings",
    "groups, owner_id, profiles",
    "group_members, user_id, profiles",
    "group_members, group_id, groups"
  })
  void foreignKeyOfTheGuide_isThere(String table, String column, String target) {
    String referred = target.contains(".") ? target : "public." + target;
    assertThat(
            sql.column(
                """
                select pg_get_constraintdef(oid) from pg_constraint
                where contype = 'f' and conrelid = 'public.%s'::regclass and confrelid = '%s'::regclass
                """
                    .formatted(table, referred)))
        .anyMatch(definition -> definition.startsWith("FOREIGN KEY (" + column + ")"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "idx_profiles_username",
        "idx_profiles_role",
        "idx_profiles_location",
        "idx_adventures_category",
        "idx_adventures_location",
        "idx_adventures_rating",
        "idx_bookings_user_id",
        "idx_bookings_adventure_id",
        "idx_bookings_booking_date"
      })
  void indexOfTheGuide_isThere(String index) {
    assertThat(sql.value("select to_regclass('public.%s') is not null".formatted(index)))
        .isEqualTo("t");
  }

  @Test
  void everyTable_hasRowLevelSecurityAndAComment() {
    none(
        """
        select c.oid::regclass from pg_class c
        where c.relnamespace in ('public'::regnamespace, 'compat'::regnamespace) and c.relkind in ('r', 'p')
          and not c.relrowsecurity
        """);
    none(
        """
        select c.oid::regclass from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v')
          and obj_description(c.oid, 'pg_class') is null
        """);
  }

  @Test
  void everyView_asksAsItsReader() {
    none(
        """
        select c.oid::regclass from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('v', 'm')
          and not coalesce('security_invoker=true' = any (c.reloptions), false)
        """);
  }

  @Test
  void everyForeignKey_isServedByAnIndex() {
    none(
        """
        select k.conrelid::regclass || ' ' || k.conname from pg_constraint k
        where k.contype = 'f' and k.connamespace in ('public'::regnamespace, 'compat'::regnamespace) and k.conparentid = 0
          and not exists (
            select from pg_index i
            where i.indrelid = k.conrelid and i.indisvalid
              -- The leading columns are those of the key, in whatever order. A partial index may leave out the rows
              -- whose key is null, and nothing else.
              and (select array_agg(column_number order by column_number)
                   from unnest(string_to_array(i.indkey::text, ' ')::int2[]) with ordinality as u (column_number, place)
                   where place <= cardinality(k.conkey))
                = (select array_agg(column_number order by column_number) from unnest(k.conkey) as u (column_number))
              and (i.indpred is null or pg_get_expr(i.indpred, i.indrelid) ~ '^\\([a-z_]+ IS NOT NULL\\)$'))
        """);
  }

  @Test
  void everySecurityDefiner_hasAFixedSearchPath() {
    none(
        """
        select p.oid::regprocedure from pg_proc p
        where p.pronamespace in ('public'::regnamespace, 'compat'::regnamespace, 'app_private'::regnamespace)
          and p.prosecdef and not coalesce('search_path=""' = any (p.proconfig), false)
        """);
  }

  @Test
  void noSecurityDefiner_isOpenToThoseNotSignedInUnlessPoliciesNeedIt() {
    // Schema app_private is no schema of the API, and nobody has USAGE on it.
    none(
        """
        select p.oid::regprocedure from pg_proc p
        where p.pronamespace in ('public'::regnamespace, 'compat'::regnamespace) and p.prosecdef
          and has_function_privilege('anon', p.oid, 'execute')
        """);
    assertThat(sql.value("select has_schema_privilege('anon', 'app_private', 'usage')"))
        .isEqualTo("f");
  }

  @Test
  void money_isNeverFloatingPointAndNeverWithoutCurrency() {
    none(
        """
        select attrelid::regclass || '.' || attname from pg_attribute a join pg_class c on c.oid = a.attrelid
        where c.relnamespace in ('public'::regnamespace, 'compat'::regnamespace) and c.relkind in ('r', 'p') and attnum > 0
          and atttypid in ('float4'::regtype, 'float8'::regtype, 'money'::regtype)
        """);
    none(
        """
        select c.oid::regclass from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
          and exists (select from pg_attribute a where a.attrelid = c.oid
                      and a.attname ~ '(^|_)(amount|price|fee|total|subtotal|payout|balance)($|_)'
                      and a.atttypid = 'numeric'::regtype)
          and not exists (select from pg_attribute a where a.attrelid = c.oid and a.attname ~ 'currency')
          -- Amounts of an adventure or a booking, in its currency; the last is as the running application has it.
          and c.relname not in ('adventure_availability', 'booking_participants', 'payment_splits', 'split_payment_rules', 'vendor_insurance')
        """);
  }

  @Test
  void everyStatus_isAnEnumOrChecked() {
    none(
        """
        select c.oid::regclass || '.' || a.attname from pg_attribute a
        join pg_class c on c.oid = a.attrelid
        join pg_type t on t.oid = a.atttypid
        where c.relnamespace in ('public'::regnamespace, 'compat'::regnamespace) and c.relkind in ('r', 'p') and not c.relispartition
          and a.attnum > 0 and a.attname ~ '(^|_)(status|state)$' and t.typtype <> 'e'
          and not exists (select from pg_constraint k where k.conrelid = c.oid and k.contype = 'c' and a.attnum = any (k.conkey))
        """);
  }

  @Test
  void everyAmount_isChecked() {
    none(
        """
        select c.oid::regclass || '.' || a.attname from pg_attribute a
        join pg_class c on c.oid = a.attrelid
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0
          and a.atttypid = 'numeric'::regtype and a.attname ~ '(^|_)(amount|price|fee|total|subtotal|payout)($|_)'
          and a.attgenerated = ''
          and not exists (select from pg_constraint k where k.conrelid = c.oid and k.contype = 'c' and a.attnum = any (k.conkey))
        """);
  }

  @Test
  void everyTime_hasItsZone() {
    none(
        """
        select c.oid::regclass || '.' || a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid
        where c.relnamespace in ('public'::regnamespace, 'compat'::regnamespace) and c.relkind in ('r', 'p')
          and a.attnum > 0 and a.atttypid = 'timestamp'::regtype
        """);
  }

  @Test
  void everyTableWithUpdatedAt_keepsItByATrigger() {
    none(
        """
        select c.oid::regclass from pg_class c join pg_attribute a on a.attrelid = c.oid
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attname = 'updated_at'
          and not exists (select from pg_trigger g where g.tgrelid = c.oid
                          and g.tgfoid = 'public.update_updated_at_column()'::regprocedure)
        """);
  }

  @Test
  void enumTypesTablesViewsAndSequences_areAllThatIsDefined() {
    // What compat db verify looks at.
    none(
        """
        select t.oid::regtype from pg_type t
        where t.typnamespace in ('public'::regnamespace, 'app_private'::regnamespace, 'compat'::regnamespace, 'batch'::regnamespace)
          and t.typrelid = 0 and t.typelem = 0 and t.typtype <> 'e'
        """);
    none(
        """
        select c.oid::regclass || ' of kind ' || c.relkind::text from pg_class c
        where c.relnamespace in ('public'::regnamespace, 'app_private'::regnamespace, 'compat'::regnamespace, 'batch'::regnamespace)
          and c.relkind not in ('r', 'p', 'v', 'i', 'I', 'S')
        """);
  }

  private static void none(String query) {
    List<String> offenders = sql.column(query);
    assertThat(offenders).isEmpty();
  }
}
