package social.trvl.compat.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import social.trvl.compat.db.Migrations.Layer;
import social.trvl.compat.db.TestSql.Refused;

/**
 * Payments, notifications, WhatsApp, media, splits, webhooks: what people may see and do, and what
 * the database does by itself. Ann has booked with Ven's business, Ben is her friend, Cat a
 * stranger, Ada an administrator.
 */
class PlatformPhases3To5Test {

  private static final UUID ANN = UUID.fromString("aaaaaaaa-0000-4000-8000-000000000001");
  private static final UUID BEN = UUID.fromString("bbbbbbbb-0000-4000-8000-000000000002");
  private static final UUID CAT = UUID.fromString("cccccccc-0000-4000-8000-000000000003");
  private static final UUID ADA = UUID.fromString("adaadaad-0000-4000-8000-000000000004");
  private static final UUID VEN = UUID.fromString("eeeeeeee-0000-4000-8000-000000000005");
  private static final UUID VENDOR = UUID.fromString("11111111-0000-4000-8000-000000000001");
  private static final UUID ADVENTURE = UUID.fromString("22222222-0000-4000-8000-000000000002");
  private static final UUID BOOKING = UUID.fromString("33333333-0000-4000-8000-000000000003");
  private static final UUID SPLIT = UUID.fromString("44444444-0000-4000-8000-000000000004");

  private static final List<String> BUCKETS =
      List.of("avatars", "adventure-media", "vendor-documents", "user-uploads", "system-media");

  private static final String FIRST = "20240914_008";
  private static final Path SQL = Path.of("src/main/resources/db");

  private Database database;
  private TestSql owner;
  private TestSql api;

  @BeforeEach
  void bookAnAdventure() {
    database = TestDatabase.migrated();
    owner = TestSql.of(database);
    api = TestSql.of(database);
    for (UUID person : List.of(ANN, BEN, CAT, ADA, VEN)) {
      owner.account(person);
    }
    owner.run(
        "update public.profiles set role = 'admin' where id = '%s'".formatted(ADA),
        """
        insert into public.user_connections (requester_id, addressee_id, status)
        values ('%s', '%s', 'accepted')
        """
            .formatted(ANN, BEN),
        """
        insert into public.vendors (id, user_id, business_name, status)
        values ('%s', '%s', 'Ven climbs', 'active')
        """
            .formatted(VENDOR, VEN),
        """
        insert into public.adventures (id, vendor_id, title, description, category, price, max_capacity)
        values ('%s', '%s', 'Climb', 'Up and down', 'climbing', 100, 10)
        """
            .formatted(ADVENTURE, VENDOR),
        """
        insert into public.bookings
          (id, adventure_id, user_id, vendor_id, booking_date, start_time, end_time, total_amount)
        values ('%s', '%s', '%s', '%s', '2026-05-20', '09:00', '17:00', 100)
        """
            .formatted(BOOKING, ADVENTURE, ANN, VENDOR));
  }

  @AfterEach
  void close() {
    api.close();
    owner.close();
    database.close();
  }

  // The files themselves

  @Test
  void columns_ofTheRunningApplication_areAsItUsesThem() throws IOException {
    Set<String> tables =
        Set.of(
            "media_files",
            "notifications",
            "payment_splits",
            "whatsapp_messages",
            "whatsapp_webhooks");
    List<String> wanted =
        Files.readAllLines(Path.of("src/test/resources/db/existing-app-columns.csv")).stream()
            .filter(line -> tables.contains(line.split(",", 2)[0]))
            .map(line -> line.replace("\"", ""))
            .toList();
    assertThat(wanted).hasSize(67);
    assertThat(
            owner.column(
                """
                select concat_ws(',', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                                 case when a.attnotnull then 'NO' else 'YES' end)
                from pg_attribute a join pg_class c on c.oid = a.attrelid
                where c.relnamespace = 'public'::regnamespace and a.attnum > 0 and not a.attisdropped
                """))
        .containsAll(wanted);
  }

  @Test
  void undo_ofEachMigration_restoresTheCatalogBeforeIt() throws IOException {
    String catalog = Files.readString(Path.of("src/test/resources/db/catalog.sql"));
    try (Database empty = TestDatabase.empty();
        TestSql sql = TestSql.of(empty)) {
      for (String version : MigrationFiles.versions(Layer.SUPABASE_SHIM)) {
        sql.run(script("supabase-shim", "V" + version));
      }
      Map<String, List<String>> before = new HashMap<>();
      List<String> versions = MigrationFiles.versions(Layer.PLATFORM);
      for (String version : versions) {
        before.put(version, sql.column(catalog));
        if (version.equals(FIRST)) {
          sql.account(VEN)
              .run(
                  """
                  insert into public.vendors (user_id, business_name, stripe_account_id, stripe_onboarding_complete)
                  values ('%s', 'Ven climbs', 'acct_1', true)
                  """
                      .formatted(VEN));
        }
        sql.run("begin", script("platform", "V" + version), "commit");
      }
      assertThat(
              sql.value("select stripe_account_id || charges_enabled from public.stripe_accounts"))
          .as("a vendor connected before there were tables for it")
          .isEqualTo("acct_1true");
      int kept = versions.indexOf(FIRST);
      for (String version : versions.subList(kept, versions.size()).reversed()) {
        assertThat(sql.column(catalog)).as(version).isNotEqualTo(before.get(version));
        sql.run("begin", script("undo/platform", "U" + version), "commit");
        assertThat(sql.column(catalog)).as("undo of " + version).isEqualTo(before.get(version));
      }
      assertThat(
              sql.value(
                  "select stripe_account_id || stripe_onboarding_complete from public.vendors"))
          .isEqualTo("acct_1true");
      for (String version : versions.subList(kept, versions.size())) {
        sql.run("begin", script("platform", "V" + version), "commit");
      }
    }
  }

  @Test
  void undo_ofMediaStorage_keepsABucketThatHoldsFiles() throws IOException {
    owner.run(
        "insert into storage.objects (bucket_id, name) values ('avatars', 'x/y.png')",
        script("undo/platform", "U20250915_001"));
    assertThat(owner.column("select id from storage.buckets")).containsExactly("avatars");
    assertThat(owner.column("select name from storage.objects")).containsExactly("x/y.png");
  }

  private static String script(String folder, String prefix) throws IOException {
    try (Stream<Path> files = Files.list(SQL.resolve(folder))) {
      return Files.readString(
          files
              .filter(file -> file.getFileName().toString().startsWith(prefix + "__"))
              .findAny()
              .orElseThrow());
    }
  }

  @Test
  void indexes_serveTheirReaders() {
    owner.run(
        // Or VACUUM, before the commit is flushed, takes no page for visible to all.
        "set synchronous_commit = on",
        "insert into auth.users (id) select gen_random_uuid() from generate_series(1, 2000)",
        """
        insert into public.personality_assessments
          (user_id, openness, conscientiousness, extraversion, agreeableness, neuroticism,
           adventure_style, budget_preference, planning_style, group_preference)
        select id, 0.5, 0.5, 0.5, 0.5, 0.5, 'moderate', 'comfort', 'flexible', 'small' from public.profiles
        """,
        "vacuum analyze public.profiles, public.personality_assessments",
        // Too few rows to make every index worth while: what is asked is whether it answers at all.
        "set enable_seqscan = off",
        "set enable_bitmapscan = off",
        "set enable_sort = off");
    usesIndexes(
        "Index Scan using",
        """
        idx_payment_splits_owing|* from public.payment_splits where payment_deadline <= '2026-05-20' and payment_status in ('pending', 'failed')
        idx_webhook_logs_waiting|id from public.webhook_logs where status in ('received', 'retrying') and next_attempt_at <= '2026-05-20' order by next_attempt_at limit 10
        idx_notifications_unread|* from public.notifications where user_id = $1 and read is not true order by created_at desc
        """);
    usesIndexes(
        "Index Only Scan using",
        """
        idx_profiles_travelers|id, account_status, restriction_expires, date_of_birth from public.profiles where role = 'traveler' order by id
        idx_profiles_travelers|from public.profiles p where p.id = $1 and p.role = 'traveler' and compat.is_unrestricted(p.account_status, p.restriction_expires, now())
        idx_personality_assessments_population|user_id, openness, conscientiousness, extraversion, agreeableness, neuroticism, adventure_style, budget_preference, planning_style, group_preference from public.personality_assessments order by user_id
        idx_user_connections_blocked|requester_id, addressee_id from public.user_connections where status = 'blocked' and requester_id = $1
        idx_user_connections_blocked_by|requester_id from public.user_connections where status = 'blocked' and addressee_id = $1
        idx_group_members_membership|array_agg(user_id order by user_id) from public.group_members where group_id = $1 and coalesce(is_active, true)
        """);
  }

  /** Lines of an index, a bar, and what is selected; $1 is some person or group. */
  private void usesIndexes(String how, String readers) {
    for (String line : readers.lines().toList()) {
      int bar = line.indexOf('|');
      String query = "select " + line.substring(bar + 1).replace("$1", "'%s'".formatted(CAT));
      assertThat(String.join("\n", owner.column("explain " + query)))
          .as(query)
          .contains(how + " " + line.substring(0, bar));
    }
  }

  // Stripe

  @Test
  void vendorsRow_followsItsStripeAccount() {
    stripeAccount();
    String row =
        "select stripe_account_id || ' ' || stripe_onboarding_complete from public.vendors";
    assertThat(owner.value(row)).isEqualTo("acct_1 false");
    owner.run(
        "update public.stripe_accounts set details_submitted = true, charges_enabled = true, payouts_enabled = true");
    assertThat(owner.value(row)).isEqualTo("acct_1 true");
    owner.run(
        "update public.stripe_accounts set status = 'deauthorized', deauthorized_at = now()",
        "insert into public.stripe_accounts (vendor_id, stripe_account_id) values ('%s', 'acct_2')"
            .formatted(VENDOR));
    assertThat(owner.value(row)).isEqualTo("acct_2 false");
    owner.run("delete from public.stripe_accounts");
    assertThat(owner.value(row)).isEqualTo("null");
  }

  @Test
  void stripeRecords_areSeenByWhomTheyConcern() {
    stripeAccount();
    owner.run(
        "insert into public.stripe_account_onboarding (account_id) select id from public.stripe_accounts",
        """
        insert into public.stripe_products (account_id, adventure_id, stripe_product_id, name)
        select id, '%s', 'prod_1', 'Climb' from public.stripe_accounts
        """
            .formatted(ADVENTURE),
        """
        insert into public.stripe_prices (product_id, stripe_price_id, unit_amount)
        select id, 'price_1', 100 from public.stripe_products
        """,
        """
        insert into public.stripe_payment_intents (stripe_payment_intent_id, booking_id, user_id, amount)
        values ('pi_1', '%s', '%s', 100)
        """
            .formatted(BOOKING, ANN));
    for (String table :
        List.of(
            "stripe_accounts", "stripe_account_onboarding", "stripe_products", "stripe_prices")) {
      String count = "select count(*) from public." + table;
      assertThat(api.signedIn(VEN).value(count)).as(table).isEqualTo("1");
      assertThat(api.signedIn(ADA).value(count)).as(table).isEqualTo("1");
      assertThat(api.signedIn(ANN).value(count)).as(table).isEqualTo("0");
      refused(() -> anonymous().value(count));
      refused(() -> api.signedIn(VEN).run("delete from public." + table));
    }
    String intents = "select count(id) from public.stripe_payment_intents";
    for (UUID person : List.of(ANN, VEN, ADA)) {
      assertThat(api.signedIn(person).value(intents)).isEqualTo("1");
    }
    assertThat(api.signedIn(BEN).value(intents)).isEqualTo("0");
    refused(() -> anonymous().value(intents));
    refused(
        () -> api.signedIn(ANN).value("select idempotency_key from public.stripe_payment_intents"));
    refused(() ->
        api.signedIn(ANN).run("update public.stripe_payment_intents set status = 'succeeded'"));
  }

  @Test
  void paymentIntent_outOfBounds_isRefused() {
    owner.run(
        """
        insert into public.stripe_payment_intents (stripe_payment_intent_id, booking_id, user_id, amount)
        values ('pi_1', '%s', '%s', 100)
        """
            .formatted(BOOKING, ANN));
    for (String change :
        List.of(
            "amount = -1",
            "amount_received = 101",
            "status = 'paid'",
            "status = 'succeeded'",
            "currency = 'usd'")) {
      assertThatThrownBy(() -> owner.run("update public.stripe_payment_intents set " + change))
          .hasMessageContaining("violates check constraint");
    }
  }

  private void stripeAccount() {
    owner.run(
        "insert into public.stripe_accounts (vendor_id, stripe_account_id) values ('%s', 'acct_1')"
            .formatted(VENDOR));
  }

  // Notifications

  @Test
  void notifications_areSeenAndMarkedByTheirPersonOnly() {
    notify(ANN, "welcome");
    String titles = "select title from public.notifications";
    assertThat(api.signedIn(ANN).column(titles)).containsExactly("welcome");
    for (UUID other : List.of(BEN, ADA)) {
      assertThat(api.signedIn(other).column(titles)).isEmpty();
      api.run("update public.notifications set read = true", "delete from public.notifications");
    }
    refused(() -> anonymous().column(titles));
    refused(() -> api.signedIn(ANN).run("update public.notifications set title = 'x'"));
    refused(() ->
        api.signedIn(ANN)
            .run(
                "insert into public.notifications (user_id, title, body, type) values ('%s', 'x', 'x', 'system')"
                    .formatted(BEN)));

    String state =
        "select read || ' ' || (read_at is not null) || ' ' || (updated_at > created_at) from public.notifications";
    assertThat(owner.value(state)).isEqualTo("false false false");
    api.signedIn(ANN).run("update public.notifications set read = true");
    assertThat(owner.value(state)).isEqualTo("true true true");
    api.run("update public.notifications set read = false");
    assertThat(owner.value(state)).isEqualTo("false false true");
    api.run("delete from public.notifications");
    assertThat(owner.column(titles)).isEmpty();
  }

  @Test
  void notifications_expiredOrReadLongAgo_areGone() {
    notify(ANN, "lasting");
    notify(ANN, "over");
    notify(ANN, "old");
    owner.run(
        "update public.notifications set created_at = now() - interval '1 year'",
        "update public.notifications set expires_at = now() where title = 'over'",
        "update public.notifications set read = true, read_at = now() - interval '200 days' where title = 'old'");
    assertThat(api.signedIn(ANN).column("select title from public.notifications order by 1"))
        .containsExactly("lasting", "old");
    refused(() -> api.value("select public.remove_expired_notifications()"));
    assertThat(api.as("service_role").value("select public.remove_expired_notifications()"))
        .isEqualTo("2");
    assertThat(owner.column("select title from public.notifications")).containsExactly("lasting");
    assertThatThrownBy(() -> api.value("select public.remove_expired_notifications('1 hour')"))
        .hasMessageContaining("required is one day or more");
  }

  @Test
  void channels_areThoseOfTheSettingElseOfThePreferences() {
    assertThat(channels(ANN, "booking_confirmed")).isEqualTo("{email,push}");
    assertThat(channels(ANN, "marketing")).isEqualTo("{}");
    assertThat(channels(UUID.randomUUID(), "system")).isEqualTo("null");
    owner.run(
        """
        insert into public.user_preferences
          (user_id, push_notifications, whatsapp_notifications, booking_notifications, marketing_notifications)
        values ('%s', false, true, false, true)
        """
            .formatted(ANN));
    assertThat(channels(ANN, "booking_confirmed")).isEqualTo("{}");
    assertThat(channels(ANN, "marketing")).isEqualTo("{email,whatsapp}");
    api.signedIn(ANN)
        .run(
            "insert into public.notification_settings (user_id, type, sms) values ('%s', 'booking_confirmed', true)"
                .formatted(ANN));
    assertThat(channels(ANN, "booking_confirmed")).isEqualTo("{sms}");
    owner.run("update public.notification_settings set muted_until = now() + interval '1 hour'");
    assertThat(channels(ANN, "booking_confirmed")).isEqualTo("null");
    owner.run("update public.notification_settings set type = 'security', email = false");
    assertThat(channels(ANN, "security")).as("security can't be muted").startsWith("{email");
    assertThat(api.signedIn(BEN).column("select type from public.notification_settings")).isEmpty();
  }

  private String channels(UUID person, String type) {
    return api.as("service_role")
        .value("select public.notification_channels('%s', '%s')".formatted(person, type));
  }

  private void notify(UUID person, String title) {
    owner.run(
        "insert into public.notifications (user_id, title, body, type) values ('%s', '%s', 'body', 'system')"
            .formatted(person, title));
  }

  // WhatsApp

  @Test
  void whatsAppMessages_areReadByTheirPersonAndWhereModeratedByAdmins() {
    message(ANN, "w1", "hello");
    String contents = "select message_content from public.whatsapp_messages";
    assertThat(api.signedIn(ANN).column(contents)).containsExactly("hello");
    assertThat(api.signedIn(BEN).column(contents)).isEmpty();
    assertThat(api.signedIn(ADA).column(contents)).isEmpty();
    refused(() -> anonymous().column(contents));
    refused(() -> api.signedIn(ANN).run("update public.whatsapp_messages set status = 'read'"));
    owner.run(
        "update public.whatsapp_messages set moderation_status = 'flagged', visibility = 'hidden'");
    assertThat(api.signedIn(ANN).column(contents)).isEmpty();
    assertThat(api.signedIn(ADA).column(contents)).containsExactly("hello");
  }

  @Test
  void whatsAppStatus_reportedOutOfOrder_neverGoesBack() {
    message(ANN, "w1", "hello");
    owner.run(
        "update public.whatsapp_messages set status = 'read', read_at = now()",
        "update public.whatsapp_messages set status = 'delivered', delivered_at = now()");
    assertThat(
            owner.value(
                "select status || ' ' || (delivered_at is not null) from public.whatsapp_messages"))
        .isEqualTo("read true");
    owner.run("update public.whatsapp_messages set status = 'failed'");
    assertThat(owner.value("select status from public.whatsapp_messages")).isEqualTo("failed");
  }

  @Test
  void whatsAppConsent_isThePersonsOwnAndDated() {
    api.signedIn(ANN)
        .run(
            "insert into public.whatsapp_contacts (user_id, phone_number, opted_in) values ('%s', '+15550100001', true)"
                .formatted(ANN));
    String dates =
        "select (opted_in_at is not null) || ' ' || (opted_out_at is not null) from public.whatsapp_contacts";
    assertThat(owner.value(dates)).isEqualTo("true false");
    api.run("update public.whatsapp_contacts set opted_in = false");
    assertThat(owner.value(dates)).isEqualTo("true true");
    refused(() -> api.run("update public.whatsapp_contacts set is_verified = true"));
    refused(() ->
        api.signedIn(BEN)
            .run(
                "insert into public.whatsapp_contacts (user_id, phone_number) values ('%s', '+15550100002')"
                    .formatted(ANN)));
    assertThat(api.column("select phone_number from public.whatsapp_contacts")).isEmpty();
  }

  @Test
  void whatsAppWebhooks_areTheBackEndsAloneAndLeaveWithTheNumber() {
    owner.run(
        """
        insert into public.whatsapp_contacts (user_id, phone_number, is_verified)
        values ('%s', '+15550100001', true), ('%s', '+15550100002', false)
        """
            .formatted(ANN, BEN),
        """
        insert into public.whatsapp_webhooks (event_type, from_phone, raw_data)
        values ('message', '15550100001', '{}'), ('message', '15550100002', '{}')
        """);
    String phones = "select from_phone from public.whatsapp_webhooks";
    refused(() -> api.signedIn(ADA).column(phones));
    refused(() -> anonymous().column(phones));
    assertThat(api.as("service_role").column(phones)).hasSize(2);
    owner.run("delete from public.whatsapp_contacts");
    assertThat(owner.column(phones))
        .as("of the verified number only")
        .containsExactly("15550100002");
  }

  private void message(UUID person, String id, String content) {
    owner.run(
        """
        insert into public.whatsapp_messages (message_id, user_id, phone_number, message_content, status)
        values ('%s', '%s', '+15550100001', '%s', 'sent')
        """
            .formatted(id, person, content));
  }

  @Test
  void accountMarkedDeleted_isToldNothingAndKeepsNothing() {
    notify(BEN, "welcome");
    message(BEN, "w1", "hello");
    mediaFile(BEN);
    owner.run(
        "insert into public.whatsapp_contacts (user_id, phone_number) values ('%s', '+15550100001')"
            .formatted(BEN),
        "insert into public.notification_settings (user_id, type) values ('%s', 'system')"
            .formatted(BEN),
        "update public.profiles set account_status = 'deleted' where id = '%s'".formatted(BEN));
    for (String table :
        List.of(
            "notifications",
            "notification_settings",
            "whatsapp_messages",
            "whatsapp_contacts",
            "media_files",
            "media_metadata")) {
      assertThat(owner.value("select count(*) from public." + table)).as(table).isEqualTo("0");
    }
    assertThat(channels(BEN, "security")).isEqualTo("null");
  }

  // Media and storage

  @Test
  void buckets_areTheFiveOfTheGuide() {
    assertThat(owner.column("select id || ' ' || public from storage.buckets order by id"))
        .containsExactly(
            "adventure-media true",
            "avatars true",
            "system-media true",
            "user-uploads false",
            "vendor-documents false");
    assertThat(
            owner.column(
                "select id from storage.buckets where file_size_limit is null or allowed_mime_types is null or 'image/svg+xml' = any (allowed_mime_types)"))
        .isEmpty();
  }

  @Test
  void upload_isAllowedIntoOnesOwnFolderOnly() {
    Map<UUID, Set<String>> allowed =
        Map.of(
            ANN, Set.of("avatars", "user-uploads"),
            VEN, Set.of("avatars", "user-uploads", "adventure-media", "vendor-documents"),
            ADA, Set.of("avatars", "user-uploads", "system-media"));
    allowed.forEach((person, buckets) -> {
      for (String bucket : BUCKETS) {
        String own = upload(bucket, person + "/a.png");
        if (buckets.contains(bucket)) {
          api.signedIn(person).run(own);
        } else {
          refused(() -> api.signedIn(person).run(own));
        }
        if (!buckets.contains("system-media") || !bucket.equals("system-media")) {
          refused(() -> api.signedIn(person).run(upload(bucket, CAT + "/b.png")));
          refused(() -> api.signedIn(person).run(upload(bucket, "b.png")));
        }
        refused(() -> anonymous().run(upload(bucket, person + "/c.png")));
      }
    });
  }

  @Test
  void files_areSeenChangedAndDeletedAsTheirBucketSays() {
    for (String bucket : BUCKETS) {
      owner.run(upload(bucket, VEN + "/a.png"));
    }
    String seen = "select bucket_id from storage.objects order by 1";
    String[] open = {"adventure-media", "avatars", "system-media"};
    assertThat(anonymous().column(seen)).containsExactly(open);
    assertThat(api.signedIn(ANN).column(seen)).containsExactly(open);
    assertThat(api.signedIn(VEN).column(seen)).hasSize(5);
    assertThat(api.signedIn(ADA).column(seen))
        .containsExactly("adventure-media", "avatars", "system-media", "vendor-documents");

    String change = "update storage.objects set version = '2' returning bucket_id";
    assertThat(api.signedIn(ANN).column(change)).isEmpty();
    assertThat(api.signedIn(VEN).column(change))
        .containsExactlyInAnyOrder("avatars", "adventure-media", "user-uploads");
    refused(
        () -> api.signedIn(VEN).run("update storage.objects set name = '%s/a.png'".formatted(ANN)));
    refused(() ->
        api.signedIn(VEN)
            .run(
                "update storage.objects set bucket_id = 'vendor-documents', name = '%s/b.png' where bucket_id = 'avatars'"
                    .formatted(VEN)));

    String delete = "delete from storage.objects returning bucket_id";
    assertThat(api.signedIn(ANN).column(delete)).isEmpty();
    assertThat(api.signedIn(VEN).column(delete)).hasSize(4).doesNotContain("system-media");
  }

  @Test
  void suspendedVendor_uploadsNothing() {
    owner.run("update public.vendors set status = 'suspended'");
    for (String bucket : List.of("adventure-media", "vendor-documents")) {
      refused(() -> api.signedIn(VEN).run(upload(bucket, VEN + "/a.png")));
    }
  }

  @Test
  void storagePolicies_lostOnes_areMadeAnew() {
    String names = "select policyname from pg_policies where policyname like 'TRVL: %' order by 1";
    List<String> made = owner.column(names);
    assertThat(made).hasSize(9);
    owner.run("drop policy \"%s\" on storage.objects".formatted(made.getFirst()));
    owner.run("select app_private.create_storage_policies()");
    assertThat(owner.column(names)).isEqualTo(made);
    refused(() -> api.signedIn(ADA).run("select app_private.create_storage_policies()"));
  }

  @Test
  void mediaFiles_theirThumbnailsAndMetadata_areTheOwners() {
    mediaFile(ANN);
    owner.run(
        """
        insert into public.media_thumbnails (media_id, size, width, height, file_path, file_size, url)
        select id, 'small', 64, 64, 'a.webp', 1000, 'https://x/a.webp' from public.media_files
        """,
        "update public.media_metadata set latitude = 1, longitude = 2, processing_status = 'ready'");
    for (String table : List.of("media_files", "media_thumbnails", "media_metadata")) {
      String count = "select count(*) from public." + table;
      assertThat(api.signedIn(ANN).value(count)).as(table).isEqualTo("1");
      assertThat(api.signedIn(ADA).value(count)).as(table).isEqualTo("1");
      assertThat(api.signedIn(BEN).value(count)).as(table).isEqualTo("0");
      refused(() -> anonymous().value(count));
    }
    api.signedIn(ADA).run("update public.media_metadata set alt_text = 'mine'");
    api.signedIn(ANN).run("update public.media_metadata set alt_text = 'a rope'");
    assertThat(owner.value("select alt_text from public.media_metadata")).isEqualTo("a rope");
    refused(() -> api.run("update public.media_metadata set processing_status = 'failed'"));
    refused(() -> api.run("update public.media_files set user_id = '%s'".formatted(BEN)));
    api.run("delete from public.media_files");
    assertThat(owner.value("select count(*) from public.media_thumbnails")).isEqualTo("0");
  }

  private static String upload(String bucket, String name) {
    return "insert into storage.objects (bucket_id, name) values ('%s', '%s')"
        .formatted(bucket, name);
  }

  private void mediaFile(UUID person) {
    owner.run(
        """
        insert into public.media_files (user_id, file_path, file_name, file_size, file_type, mime_type, url)
        values ('%s', '%s/a.png', 'a.png', 1000, 'image', 'image/png', 'https://x/a.png')
        """
            .formatted(person, person));
  }

  // Splits

  @Test
  void amount_isSplitByLargestRemainder() {
    Map.of(
            "100.00, '{1,1,1}'", "{33.34,33.33,33.33}",
            "0.02, '{1,1,1}'", "{0.01,0.01,0.00}",
            "10.00, '{1,0,2}'", "{3.33,0.00,6.67}",
            "100.00, '{33.3,33.3,33.4}'", "{33.30,33.30,33.40}",
            "1000, '{1,1,1}', 0", "{334,333,333}",
            "0, '{0,0}'", "{0,0}",
            "99999999.99, '{0.0001,99999999.9999}'", "{0.00,99999999.99}")
        .forEach((arguments, parts) ->
            assertThat(owner.value("select public.split_amount(%s)".formatted(arguments)))
                .as(arguments)
                .isEqualTo(parts));
  }

  @Test
  void amount_split_sumsToTheWholeAndEachPartIsWithinACent() {
    Random random = new Random(7);
    for (int i = 0; i < 300; i++) {
      BigDecimal total = BigDecimal.valueOf(random.nextLong(1_000_000_00), 2);
      double[] weights =
          random.doubles(1 + random.nextInt(12)).map(w -> Math.round(w * 1e4) / 1e2).toArray();
      weights[0] += 0.01;
      double sum = Arrays.stream(weights).sum();
      String list =
          Arrays.stream(weights)
              .mapToObj(w -> BigDecimal.valueOf(w).toPlainString())
              .collect(Collectors.joining(",", "{", "}"));
      List<BigDecimal> parts =
          owner
              .column(
                  "select unnest(public.split_amount(%s, '%s'))"
                      .formatted(total.toPlainString(), list))
              .stream()
              .map(BigDecimal::new)
              .toList();
      assertThat(parts.stream().reduce(BigDecimal.ZERO, BigDecimal::add))
          .as("%s by %s", total, list)
          .isEqualByComparingTo(total);
      for (int p = 0; p < weights.length; p++) {
        assertThat(parts.get(p).doubleValue() - total.doubleValue() * weights[p] / sum)
            .as("part %d of %s by %s", p, total, list)
            .isBetween(-0.01, 0.01);
      }
    }
  }

  @Test
  void amount_thatCannotBeSplit_isRefused() {
    for (String arguments :
        List.of(
            "-1, '{1}'",
            "0.001, '{1}'",
            "'NaN', '{1}'",
            "'Infinity', '{1}'",
            "null, '{1}'",
            "1, '{0,0}'",
            "1, '{1,-1}'",
            "1, '{1,null}'",
            "1, '{NaN}'",
            "1, '{}'",
            "1, null",
            "1.5, '{1}', 0",
            "1, '{1}', 7")) {
      assertThatThrownBy(() -> owner.value("select public.split_amount(%s)".formatted(arguments)))
          .as(arguments)
          .hasMessageContaining("cannot");
    }
  }

  @Test
  void split_isWorkedOutForTheOrganizerAndSeenByThoseInIt() {
    splitOf("shares", ANN, "2, null", BEN, "1, null");
    refused(() -> api.signedIn(CAT).run(apply()));
    refused(() -> api.signedIn(BEN).run(apply()));
    refused(() -> anonymous().run(apply()));
    assertThat(api.signedIn(ANN).column("select amount_owed from " + applied()))
        .containsExactly("66.67", "33.33");
    for (String table : List.of("split_payment_groups", "split_payment_rules")) {
      String count = "select count(*) > 0 from public." + table;
      assertThat(api.signedIn(ANN).value(count)).isEqualTo("t");
      assertThat(api.signedIn(BEN).value(count)).isEqualTo("t");
      assertThat(api.signedIn(ADA).value(count)).isEqualTo("t");
      assertThat(api.signedIn(CAT).value(count)).isEqualTo("f");
    }
    refused(() -> api.signedIn(ANN).run("update public.split_payment_groups set status = 'draft'"));
  }

  @Test
  void forgedClaims_areNotTheBackEnd() {
    splitOf("equal", ANN, "1, null", BEN, "1, null");
    api.run(
        "select set_config('request.jwt.claims', '{\"sub\": \"%s\", \"role\": \"service_role\"}', false)"
            .formatted(CAT));
    refused(() -> api.as("authenticated").run(apply()));
    assertThat(api.as("service_role").column("select amount_owed from " + applied()))
        .containsExactly("50.00", "50.00");
  }

  @Test
  void split_workedOutAgain_followsTheRulesUntilSomebodyPays() {
    splitOf("equal", ANN, "1, null", BEN, "1, null");
    api.signedIn(ANN).run(apply());
    api.run(
        "update public.split_payment_rules set fixed_amount = 12.5 where user_id = '%s'"
            .formatted(BEN));
    assertThat(api.column("select amount_owed from " + applied()))
        .containsExactly("87.50", "12.50");
    api.run("delete from public.split_payment_rules where user_id = '%s'".formatted(BEN));
    assertThat(api.column("select amount_owed from " + applied())).containsExactly("100.00");
    owner.run("update public.payment_splits set amount_paid = 1");
    assertThatThrownBy(() -> api.run(apply())).hasMessageContaining("begun to pay");
  }

  @ParameterizedTest
  @CsvSource({
    "percentage, 60, null, 39, null, required is 100",
    "percentage, 60, null, 40, null, ''",
    "fixed, 1, 60, 1, 40, ''",
    "fixed, 1, 60, 1, 39, do not make up",
    "fixed, 1, 60, 1, null, have none",
    "shares, 1, 60, 1, 50, do not make up",
    "shares, 0, null, 0, null, cannot split",
    "shares, 0, 60, 3, null, ''"
  })
  void rules_mustMakeUpTheWhole(
      String method, String w1, String fixed1, String w2, String fixed2, String problem) {
    splitOf(method, ANN, w1 + ", " + fixed1, BEN, w2 + ", " + fixed2);
    if (problem.isEmpty()) {
      api.signedIn(ANN).run(apply());
      assertThat(owner.column("select amount_owed from public.payment_splits order by user_id"))
          .containsExactly("60.00", "40.00");
    } else {
      assertThatThrownBy(() -> api.signedIn(ANN).run(apply())).hasMessageContaining(problem);
      assertThat(owner.value("select count(*) from public.payment_splits")).isEqualTo("0");
    }
  }

  @Test
  void yen_haveNoCents() {
    owner.run("update public.bookings set total_amount = 1000, currency = 'JPY'");
    splitOf("shares", ANN, "2, null", BEN, "1, null");
    assertThat(api.signedIn(ANN).column("select amount_owed from " + applied()))
        .containsExactly("667.00", "333.00");
  }

  @Test
  void strangers_cannotBeBilled() {
    splitOf("equal", ANN, "1, null", BEN, "1, null");
    refused(() -> api.signedIn(ANN).run(rule(CAT, "1, null")));
    refused(() -> api.signedIn(BEN).run(rule(BEN, "1, null")));
    refused(() ->
        api.signedIn(BEN)
            .run(
                "insert into public.split_payment_groups (booking_id) values ('%s')"
                    .formatted(BOOKING)));
  }

  @Test
  void split_isSettledWhenEverybodyHasPaid() {
    splitOf("equal", ANN, "1, null", BEN, "1, null");
    api.signedIn(ANN).run(apply());
    String status = "select status from public.split_payment_groups";
    owner.run(pay(ANN));
    assertThat(owner.value(status)).isEqualTo("active");
    owner.run(pay(BEN));
    assertThat(owner.value(status)).isEqualTo("settled");
  }

  @Test
  void overdue_isMarkedOnceAndEndsWithPaymentOrALaterDeadline() {
    splitOf("equal", ANN, "1, null", BEN, "1, null");
    api.signedIn(ANN).run(apply());
    deadlinePassed("1 hour");
    String mark = "select user_id from public.mark_overdue_payment_splits() order by 1";
    refused(() -> api.signedIn(ANN).column(mark));
    assertThat(api.as("service_role").column(mark)).containsExactly(ANN.toString(), BEN.toString());
    assertThat(api.column(mark)).isEmpty();
    String overdue =
        "select user_id from public.payment_splits where overdue_since is not null order by 1";
    owner.run(pay(ANN));
    assertThat(owner.column(overdue)).containsExactly(BEN.toString());

    String extend = "select public.set_payment_deadline('%s', now() + interval '%s')";
    refused(() -> api.signedIn(BEN).run(extend.formatted(SPLIT, "1 week")));
    assertThatThrownBy(() -> api.signedIn(ANN).run(extend.formatted(SPLIT, "-1 second")))
        .hasMessageContaining("required is a time to come");
    api.signedIn(ANN).run(extend.formatted(SPLIT, "1 week"));
    assertThat(owner.column(overdue)).isEmpty();
    assertThat(
            owner.column(
                "select user_id from public.payment_splits where payment_deadline > now() + interval '6 days'"))
        .as("who has paid keeps the old deadline")
        .containsExactly(BEN.toString());
  }

  @Test
  void reminders_areSentOnceTheLatestOnlyAndToThoseWhoOwe() {
    splitOf("equal", ANN, "1, null", BEN, "1, null");
    api.signedIn(ANN).run(apply());
    String send = "select days_before from public.send_payment_reminders()";
    refused(() -> api.signedIn(ANN).column(send));
    assertThat(api.as("service_role").column(send)).as("days before the first").isEmpty();

    owner.run(pay(ANN));
    deadlinePassed("-2 days");
    assertThat(
            api.column("select user_id || ' ' || amount_due from public.due_payment_reminders()"))
        .containsExactly(BEN + " 50.00");
    assertThat(api.column(send)).as("7 and 3 days before are both due").containsExactly("3");
    assertThat(api.column(send)).isEmpty();
    assertThat(
            owner.value(
                "select reminder_count || ' ' || (last_reminder_sent is not null) from public.payment_splits where user_id = '%s'"
                    .formatted(BEN)))
        .isEqualTo("1 true");
    assertThat(
            api.signedIn(BEN)
                .column(
                    "select type || ': ' || body || ' ' || (data ->> 'amount_due') from public.notifications"))
        .singleElement()
        .asString()
        .startsWith("payment_reminder: Your part of a booking, 50.00 USD, is due on ")
        .endsWith(" 50.00");
    assertThat(api.column("select days_before from public.split_payment_reminders"))
        .containsExactly("3");
    assertThat(api.signedIn(CAT).column("select days_before from public.split_payment_reminders"))
        .isEmpty();

    deadlinePassed("4 days");
    assertThat(api.as("service_role").column(send)).containsExactly("-3");
    owner.run("update public.bookings set status = 'cancelled'");
    deadlinePassed("0 days");
    assertThat(api.column(send)).as("nobody pays for what is cancelled").isEmpty();
  }

  @Test
  void reminders_beforeSomebodyOwed_areNotMadeUpFor() {
    splitOf("equal", ANN, "1, null", BEN, "1, null");
    api.signedIn(ANN).run(apply());
    api.run("select public.set_payment_deadline('%s', now() + interval '2 days')".formatted(SPLIT));
    assertThat(
            api.as("service_role")
                .column("select days_before from public.send_payment_reminders()"))
        .isEmpty();
    assertThat(
            api.column(
                "select days_before from public.due_payment_reminders(now() + interval '25 hours')"))
        .containsExactly("1", "1");
  }

  private void splitOf(String method, UUID one, String oneRule, UUID other, String otherRule) {
    api.signedIn(ANN)
        .run(
            """
            insert into public.split_payment_groups (id, booking_id, split_method, payment_deadline)
            values ('%s', '%s', '%s', now() + interval '30 days')
            """
                .formatted(SPLIT, BOOKING, method),
            rule(one, oneRule),
            rule(other, otherRule));
  }

  private static String rule(UUID person, String weightAndFixed) {
    return "insert into public.split_payment_rules (split_group_id, user_id, weight, fixed_amount) values ('%s', '%s', %s)"
        .formatted(SPLIT, person, weightAndFixed);
  }

  private static String apply() {
    return "select * from " + applied();
  }

  private static String applied() {
    return "public.apply_payment_split('%s')".formatted(SPLIT);
  }

  private static String pay(UUID person) {
    return "update public.payment_splits set amount_paid = amount_owed, payment_status = 'completed' where user_id = '%s'"
        .formatted(person);
  }

  /** As if the split had been made weeks ago and its deadline had been so long ago. */
  private void deadlinePassed(String ago) {
    owner.run(
        """
        update public.payment_splits
        set created_at = now() - interval '60 days', payment_deadline = now() - interval '%s'
        """
            .formatted(ago));
  }

  // Webhooks

  @Test
  void webhook_deliveredTwice_isKeptOnce() {
    api.as("service_role");
    assertThat(record("evt_1", "payment_intent.succeeded")).isNotEqualTo("null");
    assertThat(record("evt_1", "payment_intent.succeeded")).isEqualTo("null");
    record("evt_2", "of.no.interest");
    assertThat(api.column("select status from public.webhook_logs order by external_id"))
        .containsExactly("received", "ignored");
  }

  @Test
  void webhooks_areTheBackEndsAloneButForAdminsWithoutThePayload() {
    api.as("service_role");
    record("evt_1", "payment_intent.succeeded");
    String list = "select external_id from public.webhook_logs";
    assertThat(api.signedIn(ADA).column(list)).containsExactly("evt_1");
    assertThat(api.column("select source from public.webhook_events")).isNotEmpty();
    refused(() -> api.column("select payload from public.webhook_logs"));
    assertThat(api.signedIn(ANN).column(list)).isEmpty();
    assertThat(api.column("select source from public.webhook_events")).isEmpty();
    refused(() -> anonymous().column(list));
    for (String call :
        List.of(
            "record_webhook('stripe', 'e', 'e', '{}')",
            "claim_webhooks()",
            "complete_webhook(gen_random_uuid(), 1)",
            "fail_webhook(gen_random_uuid(), 1, 'x')",
            "retry_webhook(gen_random_uuid())",
            "remove_old_webhooks()")) {
      refused(() -> api.signedIn(ADA).run("select public." + call));
    }
  }

  @Test
  void webhook_isClaimedByOneWorker() {
    api.as("service_role");
    record("evt_1", "payment_intent.succeeded");
    record("evt_2", "payment_intent.succeeded");
    String claim = "select external_id from public.claim_webhooks(1)";
    try (TestSql other = TestSql.of(database).as("service_role")) {
      api.run("begin");
      other.run("begin");
      assertThat(api.column(claim)).containsExactly("evt_1");
      assertThat(other.column(claim)).containsExactly("evt_2");
      assertThat(other.column(claim)).isEmpty();
      api.run("commit");
      other.run("commit");
    }
    assertThat(api.column(claim)).isEmpty();
  }

  @Test
  void webhook_thatFails_isTriedAgainLaterAndLaterThenGivenUp() {
    api.as("service_role");
    owner.run("update public.webhook_events set max_attempts = 3");
    String id = record("evt_1", "payment_intent.succeeded");
    for (int attempt = 1; attempt <= 3; attempt++) {
      assertThat(claimed()).isEqualTo(List.of(String.valueOf(attempt)));
      assertThat(
              api.value(
                  "select public.fail_webhook('%s', %d, 'no connection', '08006')"
                      .formatted(id, attempt)))
          .isEqualTo(attempt < 3 ? "retrying" : "abandoned");
      if (attempt < 3) {
        assertThat(claimed()).as("not at once").isEmpty();
        assertThat(
                owner.value(
                    "select round(extract(epoch from next_attempt_at - now()) / 30) from public.webhook_logs"))
            .as("pause, in units of 30 seconds")
            .isEqualTo(String.valueOf(attempt));
        owner.run("update public.webhook_logs set next_attempt_at = now()");
      }
    }
    assertThat(claimed()).isEmpty();
    assertThat(owner.column("select attempt || error_code from public.webhook_failures order by 1"))
        .containsExactly("108006", "208006", "308006");

    api.run("select public.retry_webhook('%s')".formatted(id));
    assertThat(claimed()).containsExactly("4");
    api.run("select public.complete_webhook('%s', 4)".formatted(id));
    assertThat(owner.value("select status from public.webhook_logs")).isEqualTo("processed");
  }

  @Test
  void worker_thatDied_isReplacedAndCannotReportAnyMore() {
    api.as("service_role");
    String id = record("evt_1", "payment_intent.succeeded");
    assertThat(claimed()).containsExactly("1");
    owner.run("update public.webhook_logs set leased_until = now() - interval '1 second'");
    assertThat(claimed()).as("its attempt has failed").isEmpty();
    owner.run("update public.webhook_logs set next_attempt_at = now()");
    assertThat(claimed()).containsExactly("2");
    for (String report : List.of("complete_webhook('%s', 1)", "fail_webhook('%s', 1, 'late')")) {
      assertThatThrownBy(() -> api.run("select public." + report.formatted(id)))
          .hasMessageContaining("is not under way");
    }
    assertThat(owner.column("select error_code from public.webhook_failures"))
        .containsExactly("lease_expired");
  }

  @Test
  void webhooks_ofLongAgo_areRemovedOnceWorkedThrough() {
    api.as("service_role");
    record("evt_1", "payment_intent.succeeded");
    record("evt_2", "of.no.interest");
    owner.run("update public.webhook_logs set received_at = now() - interval '1 year'");
    assertThat(api.value("select public.remove_old_webhooks()")).isEqualTo("1");
    assertThat(owner.column("select external_id from public.webhook_logs"))
        .as("what is not done stays")
        .containsExactly("evt_1");
    assertThatThrownBy(() -> api.value("select public.remove_old_webhooks('1 day')"))
        .hasMessageContaining("required are 30 days or more");
  }

  private String record(String id, String type) {
    return api.value(
        "select public.record_webhook('stripe', '%s', '%s', '{\"amount\": 1}')"
            .formatted(id, type));
  }

  private List<String> claimed() {
    return api.column("select attempts from public.claim_webhooks()");
  }

  private TestSql anonymous() {
    return api.run("select set_config('request.jwt.claims', '', false)").as("anon");
  }

  private static void refused(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Refused.class, e -> assertThat(e.forLackOfPermission()).as(e.getMessage()).isTrue());
  }
}
