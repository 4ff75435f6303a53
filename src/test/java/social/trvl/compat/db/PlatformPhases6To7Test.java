package social.trvl.compat.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.trvl.compat.db.Migrations.Layer;
import social.trvl.compat.db.TestSql.Refused;

/** What people may count on in business operations, analytics and the tracking of changes. */
class PlatformPhases6To7Test {

  private static final UUID TRAVELLER = new UUID(1, 1);
  private static final UUID VENDOR = new UUID(1, 2);
  private static final UUID RIVAL = new UUID(1, 3);
  private static final UUID ADMIN = new UUID(1, 4);
  private static final UUID OTHER_ADMIN = new UUID(1, 5);
  private static final UUID STRANGER = new UUID(1, 6);
  private static final UUID BUSINESS = new UUID(2, 2);
  private static final UUID RIVAL_BUSINESS = new UUID(2, 3);
  private static final UUID ADVENTURE = new UUID(3, 1);
  private static final UUID BOOKING = new UUID(4, 1);
  private static final UUID PAYMENT = new UUID(5, 1);
  private static final UUID POST = new UUID(6, 1);

  /** The first migration of these phases; those before it are others' business. */
  private static final String FIRST = "20250915_011_1";

  private Database database;
  private TestSql owner;
  private TestSql reader;

  @BeforeEach
  void open() {
    database = TestDatabase.migrated();
    owner = TestSql.of(database);
    reader = TestSql.of(database);
    people(owner);
  }

  @AfterEach
  void close() {
    owner.close();
    reader.close();
    database.close();
  }

  private static void people(TestSql sql) {
    for (UUID person : List.of(TRAVELLER, VENDOR, RIVAL, ADMIN, OTHER_ADMIN, STRANGER)) {
      sql.account(person);
    }
    sql.run(
        "update public.profiles set role = 'vendor' where id in ('%s', '%s')"
            .formatted(VENDOR, RIVAL),
        "update public.profiles set role = 'admin' where id in ('%s', '%s')"
            .formatted(ADMIN, OTHER_ADMIN),
        "insert into public.vendors (id, user_id, business_name, status) values ('%s', '%s', 'Alps', 'active'), ('%s', '%s', 'Coast', 'active')"
            .formatted(BUSINESS, VENDOR, RIVAL_BUSINESS, RIVAL),
        "insert into public.adventures (id, vendor_id, title, description, category, price, max_capacity) values ('%s', '%s', 'Ridge', 'A walk', 'hiking', 120, 8)"
            .formatted(ADVENTURE, BUSINESS),
        """
        insert into public.bookings
          (id, adventure_id, user_id, vendor_id, status, booking_date, start_time, end_time, total_amount)
        values ('%s', '%s', '%s', '%s', 'confirmed', '2030-06-01', '09:00', '17:00', 120)
        """
            .formatted(BOOKING, ADVENTURE, TRAVELLER, BUSINESS),
        "insert into public.booking_payments (id, booking_id, user_id, amount, status) values ('%s', '%s', '%s', 120, 'completed')"
            .formatted(PAYMENT, BOOKING, TRAVELLER),
        "insert into public.posts (id, user_id, content) values ('%s', '%s', 'Hello')"
            .formatted(POST, VENDOR));
  }

  @Nested
  class PaymentTokens {

    private static final String TOKEN =
        """
        insert into public.payment_tokens (user_id, booking_id, purpose, token_sha256, amount, currency, created_at, expires_at)
        values ('%s', '%s', 'pay_booking', encode(sha256('%s'), 'hex'), 120, 'USD', now() - interval '2 hours', now() + interval '%s')
        """;

    private void token(String secret, String expiresIn) {
      owner.run(TOKEN.formatted(TRAVELLER, BOOKING, secret, expiresIn));
    }

    @Test
    void token_worksOnce() {
      token("secret", "1 hour");
      reader.as("service_role");
      assertThat(reader.column("select amount from public.use_payment_token('secret')"))
          .containsExactly("120.00");
      assertThat(reader.column("select id from public.use_payment_token('secret')")).isEmpty();
      assertThat(reader.column("select id from public.use_payment_token('guess')")).isEmpty();
    }

    @Test
    void token_expired_doesNotWork() {
      token("secret", "-1 hour");
      assertThat(owner.column("select id from public.use_payment_token('secret')")).isEmpty();
    }

    @Test
    void token_revokedByItsPerson_doesNotWork() {
      token("secret", "1 hour");
      String id = owner.value("select id from public.payment_tokens");
      String revoke = "select public.revoke_payment_token('%s')".formatted(id);
      for (UUID person : List.of(STRANGER, VENDOR)) {
        refused(() -> signedIn(person).run(revoke));
      }
      signedIn(TRAVELLER).run(revoke);
      assertThat(owner.column("select id from public.use_payment_token('secret')")).isEmpty();
    }

    @Test
    void token_used_cannotBeUsedAgainByAnUpdate() {
      token("secret", "1 hour");
      owner.run("select public.use_payment_token('secret')");
      fails(() -> owner.run("update public.payment_tokens set used_at = null"), "was used at");
    }

    @Test
    void token_unused_keepsItsAmount() {
      token("secret", "1 hour");
      fails(() -> owner.run("update public.payment_tokens set amount = 1"), "nothing else of it");
    }

    @ParameterizedTest
    @CsvSource({
      "pm_4242424242424242, no_card_number",
      "pm_4242-4242-4242-4242, no_card_number",
      "4242424242424242, no_card_number",
      "pm 1234, reference_form"
    })
    void cardNumber_isRefused(String reference, String constraint) {
      fails(
          () ->
              owner.run(
                  """
                  insert into public.payment_tokens (user_id, purpose, token_sha256, processor, processor_reference, expires_at)
                  values ('%s', 'save_payment_method', repeat('a', 64), 'stripe', '%s', now() + interval '1 hour')
                  """
                      .formatted(TRAVELLER, reference)),
          constraint);
    }

    @Test
    void tokens_areSeenByTheirPersonWithoutHashAndByNobodyElse() {
      token("secret", "1 hour");
      String query = "select id from public.payment_tokens";
      seenBy(query, Map.of(TRAVELLER, 1, VENDOR, 0, STRANGER, 0, ADMIN, 1));
      refused(() -> reader.as("anon").column(query));
      refused(() -> signedIn(TRAVELLER).column("select token_sha256 from public.payment_tokens"));
      refused(() -> signedIn(TRAVELLER).run(TOKEN.formatted(TRAVELLER, BOOKING, "x", "1 hour")));
      refused(() -> signedIn(TRAVELLER).run("select public.use_payment_token('secret')"));
    }
  }

  @Nested
  class Invoices {

    private String invoice() {
      return owner.value(
          "insert into public.invoices (booking_id, user_id, vendor_id, tax_rate) values ('%s', '%s', '%s', 0.19) returning id"
              .formatted(BOOKING, TRAVELLER, BUSINESS));
    }

    private void items(String invoice) {
      owner.run(
          """
          insert into public.invoice_items (invoice_id, position, kind, description, quantity, unit_amount)
          values ('%1$s', 1, 'adventure', 'Ridge', 2, 12000), ('%1$s', 2, 'discount', 'Early', 1, -999)
          """
              .formatted(invoice));
    }

    private List<String> amounts() {
      return owner.column(
          "select unnest(array[subtotal, tax_amount, total, jsonb_array_length(line_items)]) from public.invoices");
    }

    @Test
    void amounts_followTheLinesAndTheTaxRate() {
      String invoice = invoice();
      items(invoice);
      assertThat(amounts()).containsExactly("23001", "4370", "27371", "2");
      owner.run("update public.invoice_items set quantity = 1 where position = 1");
      assertThat(amounts()).containsExactly("11001", "2090", "13091", "2");
      owner.run("update public.invoices set tax_rate = 0");
      assertThat(amounts()).containsExactly("11001", "0", "11001", "2");
      owner.run("delete from public.invoice_items where position = 2");
      assertThat(amounts()).containsExactly("12000", "0", "12000", "1");
    }

    @Test
    void number_isGivenAndUnique() {
      invoice();
      invoice();
      assertThat(owner.column("select invoice_number from public.invoices"))
          .doesNotHaveDuplicates()
          .allMatch(number -> number.matches("INV-\\d{4}-\\d{10}"));
    }

    @Test
    void invoice_sent_keepsWhatItSaysAboutMoney() {
      String invoice = invoice();
      items(invoice);
      owner.run("update public.invoices set status = 'sent'");
      assertThat(owner.value("select sent_at is not null from public.invoices")).isEqualTo("t");
      fails(() -> items(invoice), "invoice_items_position_key");
      for (String change :
          List.of(
              "update public.invoice_items set unit_amount = 1 where position = 1",
              "delete from public.invoice_items",
              "update public.invoices set tax_rate = 0",
              "update public.invoices set subtotal = 0, tax_amount = 0, total = 0")) {
        fails(() -> owner.run(change), "cannot change");
      }
      fails(() -> owner.run("update public.invoices set status = 'draft'"), "from sent to draft");
      owner.run("update public.invoices set status = 'paid'");
      assertThat(owner.value("select paid_at is not null from public.invoices")).isEqualTo("t");
    }

    @Test
    void invoice_isSeenByVendorAndOnceSentByCustomer() {
      items(invoice());
      String query = "select id from public.invoices";
      String lines = "select id from public.invoice_items";
      seenBy(query, Map.of(TRAVELLER, 0, VENDOR, 1, RIVAL, 0, STRANGER, 0, ADMIN, 1));
      seenBy(lines, Map.of(TRAVELLER, 0, VENDOR, 2, RIVAL, 0, STRANGER, 0, ADMIN, 2));
      owner.run("update public.invoices set status = 'sent'");
      seenBy(query, Map.of(TRAVELLER, 1, VENDOR, 1, RIVAL, 0, STRANGER, 0, ADMIN, 1));
      seenBy(lines, Map.of(TRAVELLER, 2, VENDOR, 2, RIVAL, 0, STRANGER, 0, ADMIN, 2));
      refused(() -> reader.as("anon").column(query));
      for (UUID person : List.of(TRAVELLER, VENDOR, ADMIN)) {
        refused(() -> signedIn(person).run("update public.invoices set status = 'paid'"));
        refused(() -> signedIn(person).run("delete from public.invoice_items"));
      }
    }

    @Test
    void invoice_outlivesItsCustomer() {
      owner.run(
          "insert into public.invoices (user_id, customer_info) values ('%s', '{\"name\": \"S.\"}')"
              .formatted(STRANGER),
          "delete from auth.users where id = '%s'".formatted(STRANGER));
      assertThat(owner.column("select user_id from public.invoices")).containsExactly("null");
    }
  }

  @Nested
  class Moderation {

    private static final String REPORTS = "select id from public.content_reports";

    private void report(UUID reporter, String type, UUID content) {
      signedIn(reporter)
          .run(
              """
              insert into public.content_reports (content_id, content_type, reporter_id, report_reason, report_category)
              values ('%s', '%s', '%s', 'rude', 'harassment')
              """
                  .formatted(content, type, reporter));
    }

    private String act(
        String type, @Nullable String content, @Nullable UUID target, String expires) {
      return """
      insert into public.moderation_actions
        (action_type, content_type, content_id, target_user_id, moderator_id, report_id, reason, internal_note, expires_at)
      values ('%s', %s, %s, %s, '%s', (select id from public.content_reports limit 1), 'Be kind', 'said by T.', %s)
      """
          .formatted(
              type,
              content == null ? "null" : "'post'",
              content == null ? "null" : "'" + content + "'",
              target == null ? "null" : "'" + target + "'",
              ADMIN,
              expires);
    }

    @Test
    void report_isSeenByItsReporterAndAdminsOnly() {
      report(TRAVELLER, "post", POST);
      seenBy(REPORTS, Map.of(TRAVELLER, 1, VENDOR, 0, STRANGER, 0, ADMIN, 1, OTHER_ADMIN, 1));
      refused(() -> reader.as("anon").column(REPORTS));
      refused(
          () -> signedIn(TRAVELLER).run("update public.content_reports set report_reason = 'x'"));
      signedIn(TRAVELLER).run("update public.content_reports set status = 'resolved'");
      assertThat(owner.value("select status from public.content_reports")).isEqualTo("pending");
    }

    @ParameterizedTest
    @CsvSource({"profile, 1, 4", "post, 6, 2"})
    void report_aboutAnAdmin_isKeptFromThatAdmin(String type, long high, long low) {
      owner.run(
          "insert into public.posts (id, user_id, content) values ('%s', '%s', 'Mine')"
              .formatted(new UUID(6, 2), ADMIN));
      report(TRAVELLER, type, new UUID(high, low));
      seenBy(REPORTS, Map.of(ADMIN, 0, OTHER_ADMIN, 1));
      signedIn(ADMIN).run("update public.content_reports set status = 'resolved'");
      String dismiss =
          "insert into public.moderation_actions (action_type, report_id, moderator_id, reason) values ('dismiss', '%s', '%s', 'Not so')"
              .formatted(owner.value(REPORTS), ADMIN);
      fails(() -> signedIn(ADMIN).run(dismiss), "himself");
      assertThat(owner.value("select status from public.content_reports")).isEqualTo("pending");
    }

    @Test
    void report_inAnotherNameOrTwice_isRefused() {
      refused(() ->
          signedIn(STRANGER)
              .run(
                  "insert into public.content_reports (content_id, content_type, reporter_id, report_reason, report_category) values ('1', 'post', '%s', 'x', 'spam')"
                      .formatted(TRAVELLER)));
      report(TRAVELLER, "post", POST);
      fails(() -> report(TRAVELLER, "post", POST), "idx_content_reports_once");
    }

    @Test
    void action_hidesContentAndTellsItsAuthorWithoutNamingTheReporter() {
      report(TRAVELLER, "post", POST);
      signedIn(ADMIN).run(act("block", POST.toString(), null, "null"));
      assertThat(
              owner.value("select moderation_status || ': ' || blocked_reason from public.posts"))
          .isEqualTo("blocked: Be kind");
      assertThat(owner.value("select status from public.content_reports")).isEqualTo("resolved");
      String notices = "select n::text from public.my_moderation_notices() n";
      assertThat(signedIn(VENDOR).column(notices))
          .singleElement()
          .asString()
          .contains("Be kind")
          .doesNotContain(TRAVELLER.toString(), ADMIN.toString(), "said by T.");
      seenBy(notices, Map.of(TRAVELLER, 0, STRANGER, 0, VENDOR, 1));
      seenBy(
          "select id from public.moderation_actions",
          Map.of(TRAVELLER, 0, VENDOR, 0, STRANGER, 0, ADMIN, 1));
      signedIn(ADMIN).run(act("approve", POST.toString(), null, "null"));
      assertThat(owner.value("select moderation_status from public.posts")).isEqualTo("approved");
    }

    @Test
    void action_onAPerson_changesTheAccount() {
      signedIn(ADMIN).run(act("warn", POST.toString(), null, "null"));
      signedIn(ADMIN).run(act("suspend", null, VENDOR, "now() + interval '7 days'"));
      String account =
          "select warning_count || ' ' || account_status || ' ' || (restriction_expires > now()) from public.profiles where id = '%s'"
              .formatted(VENDOR);
      assertThat(owner.value(account)).isEqualTo("1 suspended true");
      signedIn(ADMIN).run(act("reinstate", null, VENDOR, "null"));
      assertThat(owner.column(account)).containsExactly("null");
      fails(() -> signedIn(ADMIN).run(act("ban", null, null, "null")), "names no person");
      fails(() -> signedIn(ADMIN).run(act("warn", null, ADMIN, "null")), "not_on_oneself");
    }

    @Test
    void action_byWhoeverIsNoAdmin_isRefused() {
      for (UUID person : List.of(TRAVELLER, VENDOR)) {
        refused(() -> signedIn(person).run(act("block", POST.toString(), null, "null")));
      }
      refused(() -> signedIn(OTHER_ADMIN).run(act("block", POST.toString(), null, "null")));
    }

    @Test
    void rule_ofReports_flagsContentThatEnoughPeopleReported() {
      signedIn(ADMIN)
          .run(
              """
              insert into public.automated_moderation_rules (name, rule_type, content_types, definition, is_active)
              values ('two people', 'report_threshold', '{post}', '{"reports": 2}', true)
              """);
      String status = "select moderation_status from public.posts where id = '%s'".formatted(POST);
      report(TRAVELLER, "post", POST);
      assertThat(owner.value(status)).isEqualTo("approved");
      report(STRANGER, "post", POST);
      assertThat(owner.value(status)).isEqualTo("flagged");
      assertThat(owner.value("select is_automated from public.moderation_actions")).isEqualTo("t");
      assertThat(owner.column("select distinct status from public.content_reports"))
          .as("a flag is a question: the reports stay open")
          .containsExactly("pending");

      signedIn(ADMIN).run(act("approve", POST.toString(), null, "null"));
      report(RIVAL, "post", POST);
      assertThat(owner.value(status)).as("what a person decided stands").isEqualTo("approved");
      seenBy(
          "select id from public.automated_moderation_rules",
          Map.of(TRAVELLER, 0, VENDOR, 0, ADMIN, 1));
    }

    @Test
    void reporter_whoLeaves_isForgottenAndTheReportStays() {
      report(TRAVELLER, "post", POST);
      report(STRANGER, "post", POST);
      owner.run(
          "update public.profiles set account_status = 'deleted' where id = '%s'"
              .formatted(TRAVELLER),
          "delete from auth.users where id = '%s'".formatted(STRANGER));
      assertThat(owner.column("select reporter_id from public.content_reports"))
          .containsExactly("null", "null");
    }
  }

  @Test
  void discrepancies_areCountedAndSignedByWhoSettlesThem() {
    owner.run(
        "insert into public.payment_reconciliations (start_date, end_date) values ('2030-01-01', '2030-01-02')",
        """
        insert into public.payment_discrepancies (reconciliation_id, booking_payment_id, kind, platform_amount, processor_amount, currency)
        select r.id, p.id, 'amount_mismatch', 120, 119.5, 'USD' from public.payment_reconciliations r, public.booking_payments p
        """,
        "insert into public.payment_discrepancies (reconciliation_id, kind) select id, 'duplicate' from public.payment_reconciliations");
    String count = "select discrepancy_count from public.payment_reconciliations";
    assertThat(owner.value(count)).isEqualTo("2");
    owner.run("delete from public.payment_discrepancies where kind = 'duplicate'");
    assertThat(owner.value(count)).isEqualTo("1");

    seenBy(count, Map.of(TRAVELLER, 0, VENDOR, 0, ADMIN, 1));
    String settle =
        "update public.payment_discrepancies set status = 'resolved', resolution = 'fee'";
    signedIn(VENDOR).run(settle);
    assertThat(owner.value("select status from public.payment_discrepancies")).isEqualTo("open");
    signedIn(ADMIN).run(settle);
    assertThat(owner.value("select resolved_by from public.payment_discrepancies"))
        .isEqualTo(ADMIN.toString());
    fails(
        () -> owner.run("update public.payment_reconciliations set matched_transactions = 1"),
        "matched_range");
  }

  @Nested
  class Payouts {

    private String payout(UUID vendor) {
      return owner.value(
          "insert into public.payout_transactions (vendor_id, gross_amount, fee_amount) values ('%s', 102, 1.5) returning id"
              .formatted(vendor));
    }

    private String payment() {
      return owner.value(
          "select payout_status || ' ' || (payout_date is not null) from public.booking_payments");
    }

    @Test
    void status_isCarriedToThePaymentsInIt() {
      String payout = payout(BUSINESS);
      assertThat(owner.value("select net_amount from public.payout_transactions"))
          .isEqualTo("100.50");
      owner.run("update public.payout_transactions set status = 'scheduled'");
      owner.run("update public.booking_payments set payout_id = '%s'".formatted(payout));
      assertThat(payment()).isEqualTo("scheduled false");
      owner.run("update public.payout_transactions set status = 'in_transit'");
      owner.run("update public.payout_transactions set status = 'paid'");
      assertThat(payment()).isEqualTo("paid true");
      owner.run("update public.payout_transactions set status = 'failed', failure_reason = 'x'");
      assertThat(payment()).isEqualTo("failed false");
      fails(
          () -> owner.run("update public.payout_transactions set status = 'on_hold'"),
          "from failed to on_hold");
      fails(() -> owner.run("delete from public.payout_transactions"), "payout_id_fkey");
    }

    @Test
    void payment_ofAnotherVendor_isRefused() {
      String payout = payout(RIVAL_BUSINESS);
      fails(
          () -> owner.run("update public.booking_payments set payout_id = '%s'".formatted(payout)),
          "one vendor in one currency");
    }

    @Test
    void payouts_areSeenByTheirVendorAndAdmins() {
      payout(BUSINESS);
      String query = "select id from public.payout_transactions";
      seenBy(query, Map.of(TRAVELLER, 0, VENDOR, 1, RIVAL, 0, ADMIN, 1));
      refused(() -> reader.as("anon").column(query));
      refused(() -> signedIn(VENDOR).run("update public.payout_transactions set status = 'paid'"));
    }

    @ParameterizedTest
    @CsvSource(
        nullValues = "null",
        value = {
          "daily, null, null, 2099-03-03",
          "weekly, 1, null, 2099-03-09",
          "weekly, 2, null, 2099-03-03",
          "biweekly, 1, null, 2099-03-16",
          "monthly, null, 2, 2099-04-02",
          "monthly, null, 31, 2099-03-31",
          "manual, null, null, null"
        })
    void schedule_namesTheNextDay(String frequency, String weekday, String day, String next) {
      // 2 March 2099 is a Monday.
      owner.run(
          "insert into public.payout_schedules (vendor_id, frequency, weekday, day_of_month, last_payout_at) values ('%s', '%s', %s, %s, '2099-03-02 12:00Z')"
              .formatted(BUSINESS, frequency, weekday, day));
      assertThat(
              owner.value(
                  "select (next_payout_at at time zone 'UTC')::date from public.payout_schedules"))
          .isEqualTo(String.valueOf(next));
    }

    @Test
    void schedule_isTheVendorsChoiceButNotTheDelay() {
      owner.run(
          "insert into public.payout_schedules (vendor_id) values ('%s'), ('%s')"
              .formatted(BUSINESS, RIVAL_BUSINESS));
      signedIn(VENDOR).run("update public.payout_schedules set frequency = 'daily'");
      assertThat(owner.column("select frequency from public.payout_schedules order by frequency"))
          .containsExactly("daily", "weekly");
      refused(() -> signedIn(VENDOR).run("update public.payout_schedules set delay_days = 0"));
      owner.run(
          "insert into public.payout_transactions (vendor_id, schedule_id, gross_amount) select vendor_id, id, 1 from public.payout_schedules where frequency = 'daily'");
      assertThat(
              owner.value(
                  "select count(*) from public.payout_schedules where last_payout_at is not null"))
          .isEqualTo("1");
    }
  }

  @Nested
  class Refunds {

    private String request() {
      signedIn(TRAVELLER)
          .run(
              """
              insert into public.refund_requests (booking_id, user_id, reason_category, reason_description, requested_amount_type, custom_amount)
              values ('%s', '%s', 'weather', 'It rained', 'custom', 6000)
              """
                  .formatted(BOOKING, TRAVELLER));
      return owner.value("select id from public.refund_requests");
    }

    @Test
    void request_isSeenByItsPartiesWithoutTheAdminsNotes() {
      request();
      String query = "select id from public.refund_requests";
      seenBy(query, Map.of(TRAVELLER, 1, VENDOR, 1, RIVAL, 0, STRANGER, 0, ADMIN, 1));
      refused(() -> reader.as("anon").column(query));
      for (UUID person : List.of(TRAVELLER, VENDOR, ADMIN)) {
        refused(() -> signedIn(person).column("select admin_notes from public.refund_requests"));
      }
      seenBy(
          "select admin_notes from public.refund_requests_for_review()",
          Map.of(TRAVELLER, 0, VENDOR, 0, STRANGER, 0, ADMIN, 1));
    }

    @Test
    void request_isDecidedByTheBookingsVendorOnce() {
      String decide =
          "select public.decide_refund_request('%s', true, 'Sorry')".formatted(request());
      for (UUID person : List.of(TRAVELLER, RIVAL, STRANGER)) {
        refused(() -> signedIn(person).run(decide));
      }
      signedIn(VENDOR).run(decide);
      assertThat(
              owner.value(
                  "select status || ' ' || refund_amount || ' ' || reviewed_by || ' ' || approval_notes from public.refund_requests"))
          .isEqualTo("approved 6000 %s Sorry".formatted(VENDOR));
      fails(() -> signedIn(ADMIN).run(decide), "cannot be decided");
      owner.run("update public.refund_requests set status = 'processed'");
      assertThat(owner.value("select refund_processed_at is not null from public.refund_requests"))
          .isEqualTo("t");
      fails(
          () -> owner.run("update public.refund_requests set status = 'pending'"),
          "from processed to pending");
    }

    @Test
    void request_ofTheDecider_isForSomebodyElse() {
      owner.run("update public.profiles set role = 'admin' where id = '%s'".formatted(TRAVELLER));
      String decide = "select public.decide_refund_request('%s', true, 'Me')".formatted(request());
      refused(() -> signedIn(TRAVELLER).run(decide));
    }

    @Test
    void request_isWithdrawnByItsPersonAndThenMadeAnew() {
      String withdraw = "select public.withdraw_refund_request('%s')".formatted(request());
      fails(this::request, "idx_refund_requests_one_open");
      refused(() -> signedIn(STRANGER).run(withdraw));
      signedIn(TRAVELLER).run(withdraw);
      refused(() -> signedIn(TRAVELLER).run(withdraw));
      signedIn(TRAVELLER)
          .run(
              "insert into public.refund_requests (booking_id, user_id, reason_category, reason_description) values ('%s', '%s', 'other', 'Still')"
                  .formatted(BOOKING, TRAVELLER));
    }

    @Test
    void request_forTheBookingOfAnother_isRefused() {
      for (UUID person : List.of(STRANGER, VENDOR)) {
        refused(() ->
            signedIn(person)
                .run(
                    "insert into public.refund_requests (booking_id, user_id, reason_category, reason_description) values ('%s', '%s', 'other', 'Give')"
                        .formatted(BOOKING, person)));
      }
    }

    @Test
    void request_forTheOwnShareOfAnothersBooking_isAccepted() {
      String split =
          owner.value(
              "insert into public.payment_splits (booking_id, user_id, amount_owed) values ('%s', '%s', 60) returning id"
                  .formatted(BOOKING, STRANGER));
      signedIn(STRANGER)
          .run(
              "insert into public.refund_requests (booking_id, split_payment_id, user_id, reason_category, reason_description) values ('%s', '%s', '%s', 'other', 'My share')"
                  .formatted(BOOKING, split, STRANGER));
      assertThat(owner.column("select user_id from public.refund_requests"))
          .containsExactly(STRANGER.toString());
    }

    @Test
    void chargeback_showsOnItsPayment() {
      owner.run(
          """
          insert into public.dispute_cases (booking_id, booking_payment_id, kind, reason, amount, processor_dispute_id)
          values ('%s', '%s', 'chargeback', 'fraudulent', 120, 'dp_1')
          """
              .formatted(BOOKING, PAYMENT));
      String status = "select dispute_status from public.booking_payments";
      assertThat(owner.value(status)).isEqualTo("needs_response");
      owner.run("update public.dispute_cases set status = 'lost'");
      assertThat(owner.value(status)).isEqualTo("lost");
      assertThat(owner.value("select resolved_at is not null from public.dispute_cases"))
          .isEqualTo("t");
      fails(() -> owner.run("update public.dispute_cases set status = 'won'"), "is lost and");

      seenBy(
          "select id from public.dispute_cases",
          Map.of(TRAVELLER, 1, VENDOR, 1, RIVAL, 0, STRANGER, 0, ADMIN, 1));
      refused(() -> signedIn(VENDOR).column("select evidence from public.dispute_cases"));
    }

    @ParameterizedTest
    @CsvSource({"service, true", "chargeback, false"})
    void dispute_byTheTraveller_isAboutTheServiceOnly(String kind, boolean accepted) {
      String insert =
          "insert into public.dispute_cases (booking_id, opened_by, kind, reason, amount) values ('%s', '%s', '%s', 'No guide', 50)";
      ThrowingCallable dispute =
          () -> signedIn(TRAVELLER).run(insert.formatted(BOOKING, TRAVELLER, kind));
      if (accepted) {
        assertThatCode(dispute).doesNotThrowAnyException();
      } else {
        refused(dispute);
      }
      refused(() -> signedIn(STRANGER).run(insert.formatted(BOOKING, STRANGER, kind)));
    }
  }

  @Nested
  class Forum {

    private static final UUID CATEGORY = new UUID(7, 1);
    private static final UUID TOPIC = new UUID(8, 1);
    private static final UUID ANSWER = new UUID(9, 1);

    @BeforeEach
    void topic() {
      signedIn(ADMIN)
          .run(
              "insert into public.forum_categories (id, slug, name) values ('%s', 'pricing', 'Pricing')"
                  .formatted(CATEGORY));
      signedIn(VENDOR).run(topic(TOPIC, VENDOR));
      signedIn(RIVAL).run(post(ANSWER, TOPIC, RIVAL));
    }

    private String topic(UUID id, UUID author) {
      return "insert into public.forum_topics (id, category_id, author_id, title, content) values ('%s', '%s', '%s', 'Rates', 'How?')"
          .formatted(id, CATEGORY, author);
    }

    private String post(UUID id, UUID topic, UUID author) {
      return "insert into public.forum_posts (id, topic_id, author_id, content) values ('%s', '%s', '%s', 'So.')"
          .formatted(id, topic, author);
    }

    private String vote(UUID person, int vote) {
      return "insert into public.forum_post_votes (post_id, user_id, vote) values ('%s', '%s', %d)"
          .formatted(ANSWER, person, vote);
    }

    @Test
    void forum_isForActiveVendorsAndAdmins() {
      for (String table : List.of("forum_categories", "forum_topics", "forum_posts")) {
        String query = "select id from public." + table;
        seenBy(query, Map.of(TRAVELLER, 0, VENDOR, 1, RIVAL, 1, ADMIN, 1));
        refused(() -> reader.as("anon").column(query));
      }
      refused(() -> signedIn(TRAVELLER).run(topic(new UUID(8, 2), TRAVELLER)));
      refused(() -> signedIn(TRAVELLER).run(post(new UUID(9, 2), TOPIC, TRAVELLER)));
      refused(() -> signedIn(VENDOR).run(post(new UUID(9, 2), TOPIC, RIVAL)));
      owner.run(
          "update public.vendors set status = 'suspended' where user_id = '%s'".formatted(RIVAL));
      seenBy("select id from public.forum_topics", Map.of(VENDOR, 1, RIVAL, 0));
    }

    @Test
    void counters_followTopicsAndPosts() {
      String counts =
          "select c.topic_count || ' ' || c.post_count || ' ' || t.post_count from public.forum_categories c join public.forum_topics t on t.id = '%s'"
              .formatted(TOPIC);
      assertThat(owner.value(counts)).isEqualTo("1 1 1");
      signedIn(VENDOR).run(topic(new UUID(8, 2), VENDOR), post(new UUID(9, 2), TOPIC, VENDOR));
      assertThat(owner.value(counts)).isEqualTo("2 2 2");
      signedIn(ADMIN).run("delete from public.forum_posts where id = '%s'".formatted(ANSWER));
      assertThat(owner.value(counts)).isEqualTo("2 1 1");
      signedIn(VENDOR).run("delete from public.forum_topics");
      assertThat(owner.value(counts)).as("the topic with answers stays").isEqualTo("1 1 1");
      refused(() -> signedIn(VENDOR).run("update public.forum_topics set post_count = 9"));
    }

    @Test
    void votes_areCountedOncePerPersonAndNotForOneself() {
      String score =
          "select upvote_count || ' ' || downvote_count || ' ' || score from public.forum_posts";
      signedIn(VENDOR).run(vote(VENDOR, 1));
      signedIn(ADMIN).run(vote(ADMIN, 1));
      assertThat(owner.value(score)).isEqualTo("2 0 2");
      fails(() -> signedIn(VENDOR).run(vote(VENDOR, 1)), "forum_post_votes_person_key");
      signedIn(VENDOR).run("update public.forum_post_votes set vote = -1");
      assertThat(owner.value(score)).isEqualTo("1 1 0");
      signedIn(VENDOR).run("delete from public.forum_post_votes");
      assertThat(owner.value(score)).isEqualTo("1 0 1");
      refused(() -> signedIn(RIVAL).run(vote(RIVAL, 1)));
      refused(() -> signedIn(TRAVELLER).run(vote(TRAVELLER, 1)));
      seenBy("select id from public.forum_post_votes", Map.of(VENDOR, 0, ADMIN, 1));
    }

    @Test
    void topic_locked_takesNoPostsButThoseOfAdmins() {
      String lock = "select public.set_forum_topic_flags('%s', true, true)".formatted(TOPIC);
      refused(() -> signedIn(VENDOR).run(lock));
      signedIn(ADMIN).run(lock);
      refused(() -> signedIn(RIVAL).run(post(new UUID(9, 2), TOPIC, RIVAL)));
      signedIn(ADMIN).run(post(new UUID(9, 3), TOPIC, ADMIN));
      signedIn(ADMIN).run("update public.forum_categories set is_locked = true");
      refused(() -> signedIn(VENDOR).run(topic(new UUID(8, 2), VENDOR)));
    }

    @Test
    void answer_isAcceptedByTheTopicsAuthor() {
      String accept = "select public.accept_forum_post('%s')";
      refused(() -> signedIn(RIVAL).run(accept.formatted(ANSWER)));
      signedIn(VENDOR).run(accept.formatted(ANSWER));
      signedIn(ADMIN).run(post(new UUID(9, 2), TOPIC, ADMIN));
      signedIn(VENDOR).run(accept.formatted(new UUID(9, 2)));
      assertThat(owner.column("select id from public.forum_posts where is_solution"))
          .containsExactly(new UUID(9, 2).toString());
    }

    @Test
    void moderation_reachesTheForumAndKnowsTheAuthor() {
      signedIn(VENDOR)
          .run(
              "insert into public.content_reports (content_id, content_type, reporter_id, report_reason, report_category) values ('%s', 'forum_post', '%s', 'ad', 'spam')"
                  .formatted(ANSWER, VENDOR));
      assertThat(owner.value("select reported_user_id from public.content_reports"))
          .isEqualTo(RIVAL.toString());
      signedIn(ADMIN)
          .run(
              "insert into public.moderation_actions (action_type, content_type, content_id, moderator_id, reason) values ('block', 'forum_post', '%s', '%s', 'No ads')"
                  .formatted(ANSWER, ADMIN));
      seenBy("select id from public.forum_posts", Map.of(VENDOR, 0, RIVAL, 1, ADMIN, 1));
      assertThat(signedIn(RIVAL).column("select reason from public.my_moderation_notices()"))
          .containsExactly("No ads");
    }

    @Test
    void writer_whoLeaves_leavesTheWordsWithoutTheName() {
      signedIn(VENDOR).run(vote(VENDOR, 1));
      owner.run(
          "update public.profiles set account_status = 'deleted' where id = '%s'"
              .formatted(VENDOR));
      assertThat(owner.column("select author_id from public.forum_topics")).containsExactly("null");
      assertThat(owner.value("select score from public.forum_posts")).isEqualTo("0");
    }
  }

  @Nested
  class Connections {

    private static final UUID CONNECTION = new UUID(7, 7);

    private void connect(UUID one, UUID other) {
      owner.run(
          "insert into public.user_connections (requester_id, addressee_id, status) values ('%s', '%s', 'accepted')"
              .formatted(one, other));
    }

    private String note(UUID person) {
      return "insert into public.connection_details (connection_id, user_id, category, note) values ('%s', '%s', 'travel_buddy', 'snores')"
          .formatted(CONNECTION, person);
    }

    private void connected() {
      owner.run(
          "insert into public.user_connections (id, requester_id, addressee_id) values ('%s', '%s', '%s')"
              .formatted(CONNECTION, TRAVELLER, STRANGER));
      fails(() -> signedIn(TRAVELLER).run(note(TRAVELLER)), "no accepted connection");
      signedIn(STRANGER).run("update public.user_connections set status = 'accepted'");
    }

    @Test
    void note_isReadByItsWriterOnly() {
      connected();
      signedIn(TRAVELLER).run(note(TRAVELLER));
      seenBy(
          "select note from public.connection_details",
          Map.of(TRAVELLER, 1, STRANGER, 0, ADMIN, 0));
      refused(() -> signedIn(STRANGER).run(note(TRAVELLER)));
      fails(() -> signedIn(VENDOR).run(note(VENDOR)), "no accepted connection");
    }

    @Test
    void block_endsTheNotesOfBothAndStaysWhatTheEngineReads() {
      connected();
      signedIn(TRAVELLER).run(note(TRAVELLER));
      signedIn(STRANGER).run(note(STRANGER), "select public.block_user('%s')".formatted(TRAVELLER));
      assertThat(owner.column("select user_id from public.connection_details")).isEmpty();
      assertThat(owner.value("select requester_id || ' ' || status from public.user_connections"))
          .isEqualTo(STRANGER + " blocked");
    }

    @Test
    void mutualConnections_areThoseOfBoth() {
      connect(TRAVELLER, VENDOR);
      connect(VENDOR, STRANGER);
      connect(STRANGER, RIVAL);
      String mutual = "select * from public.mutual_connections('%s')".formatted(STRANGER);
      assertThat(signedIn(TRAVELLER).column(mutual)).containsExactly(VENDOR.toString());
      assertThat(signedIn(ADMIN).column(mutual)).isEmpty();
      owner.run(
          "insert into public.user_preferences (user_id, privacy_level) values ('%s', 'private')"
              .formatted(STRANGER));
      assertThat(signedIn(TRAVELLER).column(mutual)).as("keeps to himself").isEmpty();
      owner.run("delete from public.user_preferences");
      owner.block(STRANGER, TRAVELLER);
      assertThat(signedIn(TRAVELLER).column(mutual)).as("blocks").isEmpty();
    }

    @Test
    void suggestions_areFriendsOfFriendsUntilDismissedOrConnected() {
      connect(TRAVELLER, VENDOR);
      connect(TRAVELLER, ADMIN);
      connect(VENDOR, STRANGER);
      connect(STRANGER, ADMIN);
      connect(RIVAL, ADMIN);
      connect(OTHER_ADMIN, ADMIN);
      owner.block(OTHER_ADMIN, TRAVELLER);
      String refresh = "select public.refresh_connection_suggestions('%s')".formatted(TRAVELLER);
      String mine =
          "select suggested_user_id || ' ' || mutual_count from public.connection_suggestions where dismissed_at is null order by score desc";
      assertThat(owner.value(refresh)).isEqualTo("2");
      assertThat(signedIn(TRAVELLER).column(mine)).containsExactly(STRANGER + " 2", RIVAL + " 1");
      seenBy(mine, Map.of(STRANGER, 0, ADMIN, 0));

      signedIn(TRAVELLER)
          .run(
              "update public.connection_suggestions set dismissed_at = now() where suggested_user_id = '%s'"
                  .formatted(STRANGER));
      assertThat(owner.value(refresh)).as("dismissed ones do not come back").isEqualTo("1");
      connect(RIVAL, TRAVELLER);
      assertThat(signedIn(TRAVELLER).column(mine)).isEmpty();
      refused(() -> signedIn(TRAVELLER).run(refresh));
    }
  }

  @Nested
  class Engagement {

    private void view(@Nullable UUID person, String session) {
      owner.run(
          "insert into public.content_views (viewer_id, session_id, content_type, content_id, duration_seconds) values (%s, '%s', 'adventure', '%s', 30)"
              .formatted(person == null ? "null" : "'" + person + "'", session, ADVENTURE));
    }

    private void interaction(UUID person, String type) {
      signedIn(person)
          .run(
              "insert into public.user_interactions (user_id, interaction_type, content_type, content_id) values ('%s', '%s', 'adventure', '%s')"
                  .formatted(person, type, ADVENTURE));
    }

    @Test
    void figures_ofADay_areCountedAnew() {
      view(TRAVELLER, "a");
      view(TRAVELLER, "b");
      view(null, "c");
      view(null, "c");
      interaction(TRAVELLER, "like");
      interaction(STRANGER, "book");
      String refresh = "select public.refresh_engagement_metrics()";
      String figures =
          "select view_count || ' ' || unique_viewer_count || ' ' || view_seconds || ' ' || like_count || ' ' || booking_count || ' ' || engagement_rate from public.engagement_metrics";
      assertThat(owner.value(refresh)).isEqualTo("1");
      assertThat(owner.value(figures)).isEqualTo("4 2 120 1 1 50.00");
      view(STRANGER, "d");
      owner.run(refresh);
      assertThat(owner.value(figures)).isEqualTo("5 3 150 1 1 40.00");
      seenBy(
          "select id from public.engagement_metrics",
          Map.of(TRAVELLER, 0, VENDOR, 1, RIVAL, 0, ADMIN, 1));
      refused(() -> signedIn(VENDOR).run(refresh));
    }

    @Test
    void events_areRecordedInOnesOwnNameAndReadByOneself() {
      interaction(TRAVELLER, "save");
      view(TRAVELLER, "a");
      owner.run(
          "insert into public.user_activity_logs (user_id, activity_type, ip_address) values ('%s', 'sign_in', '192.0.2.1')"
              .formatted(TRAVELLER));
      seenBy("select id from public.user_interactions", Map.of(TRAVELLER, 1, VENDOR, 0, ADMIN, 0));
      seenBy("select id from public.content_views", Map.of(TRAVELLER, 1, VENDOR, 0, ADMIN, 0));
      seenBy("select id from public.user_activity_logs", Map.of(TRAVELLER, 1, VENDOR, 0, ADMIN, 1));
      refused(() ->
          signedIn(STRANGER)
              .run(
                  "insert into public.user_interactions (user_id, interaction_type, content_type, content_id) values ('%s', 'like', 'post', '%s')"
                      .formatted(TRAVELLER, POST)));
      refused(() ->
          signedIn(STRANGER)
              .run(
                  "insert into public.user_activity_logs (user_id, activity_type) values ('%s', 'x')"
                      .formatted(STRANGER)));
    }

    @Test
    void cleanup_removesWhatIsOlderThanItsRetention() {
      view(TRAVELLER, "a");
      view(TRAVELLER, "b");
      owner.run(
          "update public.content_views set viewed_at = now() - interval '60 days' where session_id = 'a'");
      assertThat(
              owner.column(
                  "select task || ' ' || rows_affected from public.cleanup_activity_data('40 days')"))
          .containsExactly("activities removed 0", "views removed 1", "interactions removed 0");
      fails(() -> owner.run("select public.cleanup_activity_data('1 day')"), "too short");
    }

    @Test
    void person_whoLeaves_leavesViewsThatNameNobody() {
      view(TRAVELLER, "a");
      view(STRANGER, "b");
      interaction(TRAVELLER, "like");
      owner.run(
          "update public.profiles set account_status = 'deleted' where id = '%s'"
              .formatted(TRAVELLER),
          "delete from auth.users where id = '%s'".formatted(STRANGER));
      assertThat(owner.column("select viewer_id from public.content_views"))
          .containsExactly("null", "null");
      assertThat(owner.column("select id from public.user_interactions")).isEmpty();
    }
  }

  @Nested
  class Modifications {

    private String request() {
      signedIn(TRAVELLER)
          .run(
              "insert into public.booking_modifications (booking_id, modified_by, modification_type, reason) values ('%s', '%s', 'date', 'Ill')"
                  .formatted(BOOKING, TRAVELLER));
      return owner.value("select id from public.booking_modifications");
    }

    @Test
    void steps_areRecordedAndToldToTheOtherParty() {
      request();
      signedIn(VENDOR)
          .run(
              "update public.booking_modifications set status = 'approved', approval_notes = 'Fine', approved_by = '%s'"
                  .formatted(VENDOR));
      String steps =
          "select concat_ws(' ', old_status, new_status, changed_by, note) from public.booking_modification_history order by id";
      assertThat(owner.column(steps))
          .containsExactly(
              "pending %s Ill".formatted(TRAVELLER), "pending approved %s Fine".formatted(VENDOR));
      assertThat(
              owner.column(
                  "select recipient_id from public.booking_modification_notices order by id"))
          .containsExactly(VENDOR.toString(), TRAVELLER.toString());
      seenBy(steps, Map.of(TRAVELLER, 2, VENDOR, 2, RIVAL, 0, STRANGER, 0, ADMIN, 2));
      seenBy(
          "select id from public.booking_modification_notices",
          Map.of(TRAVELLER, 1, VENDOR, 1, STRANGER, 0));
    }

    @Test
    void decision_isFinal() {
      request();
      owner.run("update public.booking_modifications set status = 'rejected'");
      fails(
          () -> signedIn(VENDOR).run("update public.booking_modifications set status = 'approved'"),
          "from rejected to approved");
    }

    @Test
    void request_unansweredAtItsDeadline_expires() {
      request();
      assertThat(owner.value("select public.expire_booking_modifications()")).isEqualTo("0");
      owner.run(
          "update public.booking_modifications set vendor_response_deadline = now() - interval '1 hour'");
      assertThat(owner.value("select public.expire_booking_modifications()")).isEqualTo("1");
      assertThat(owner.column("select recipient_id from public.booking_modification_notices"))
          .as("the platform's step is told to both")
          .contains(TRAVELLER.toString())
          .hasSize(3);
    }

    @Test
    void history_isChangedByNobody() {
      request();
      owner.run("update public.vendors set commission_rate = 10");
      for (String change :
          List.of(
              "delete from public.booking_modification_history",
              "update public.booking_modification_history set note = 'x'",
              "delete from public.system_change_log",
              "insert into public.system_change_log (table_name, row_id, operation, old_values) values ('x', gen_random_uuid(), 'DELETE', '{}')")) {
        refused(() -> signedIn(ADMIN).run(change));
        refused(() -> reader.as("service_role").run(change));
      }
    }

    @Test
    void changeLog_holdsWhatChangedAndWhoDidIt() {
      owner.run("delete from public.system_change_log");
      signedIn(VENDOR)
          .run("select public.set_booking_status('%s', 'completed')".formatted(BOOKING));
      owner.run(
          "update public.vendors set commission_rate = 10, business_name = 'Alps Ltd' where id = '%s'"
              .formatted(BUSINESS),
          "update public.vendors set business_name = 'Alps' where id = '%s'".formatted(BUSINESS));
      assertThat(
              owner.column(
                  "select concat_ws(' ', table_name, row_id, old_values, new_values, changed_by) from public.system_change_log order by id"))
          .containsExactly(
              "bookings %s {\"status\": \"confirmed\"} {\"status\": \"completed\"} %s"
                  .formatted(BOOKING, VENDOR),
              "vendors %s {\"commission_rate\": 15.00} {\"commission_rate\": 10.00}"
                  .formatted(BUSINESS));
      seenBy("select id from public.system_change_log", Map.of(TRAVELLER, 0, VENDOR, 0, ADMIN, 2));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "payment_tokens",
        "invoices",
        "content_reports",
        "moderation_actions",
        "payment_reconciliations",
        "payout_transactions",
        "refund_requests",
        "dispute_cases",
        "forum_posts",
        "connection_details",
        "user_activity_logs",
        "system_change_log"
      })
  void engine_readsNoneOfIt(String table) {
    refused(() -> reader.as("compat_engine").column("select * from public." + table));
  }

  @Test
  void accountWithoutMoney_canBeDeletedWhateverItDid() {
    owner.run(
        "insert into public.user_connections (requester_id, addressee_id, status) values ('%s', '%s', 'accepted')"
            .formatted(STRANGER, TRAVELLER),
        "insert into public.connection_details (connection_id, user_id) select id, requester_id from public.user_connections",
        "insert into public.payment_tokens (user_id, purpose, token_sha256, expires_at) values ('%s', 'save_payment_method', repeat('a', 64), now() + interval '1 hour')"
            .formatted(STRANGER),
        "insert into public.user_activity_logs (user_id, activity_type) values ('%s', 'sign_in')"
            .formatted(STRANGER),
        "insert into public.content_reports (content_id, content_type, reporter_id, report_reason, report_category) values ('%s', 'profile', '%s', 'x', 'spam')"
            .formatted(STRANGER, TRAVELLER),
        "insert into public.moderation_actions (action_type, target_user_id, moderator_id, reason) values ('warn', '%s', '%s', 'x')"
            .formatted(STRANGER, ADMIN),
        "delete from auth.users where id = '%s'".formatted(STRANGER));
    assertThat(owner.column("select id from public.payment_tokens")).isEmpty();
    assertThat(owner.column("select user_id from public.connection_details")).isEmpty();
    assertThat(owner.column("select target_user_id from public.moderation_actions"))
        .containsExactly("null");
  }

  @Test
  void columns_ofTheRunningApplication_existWithTypeAndNullability() throws IOException {
    String csv = Files.readString(Path.of("src/test/resources/db/existing-app-columns.csv"));
    List<String> wanted = csv.lines().skip(1).map(line -> line.replace("\"", "")).sorted().toList();
    // A view has no nullability of its own.
    List<String> found =
        owner.column(
            """
            select concat_ws(',', c.relname, a.attname,
                             case when t.typcategory = 'A' then t.typname::text else format_type(a.atttypid, a.atttypmod) end,
                             case when a.attnotnull then 'NO' else 'YES' end)
            from pg_catalog.pg_attribute a
            join pg_catalog.pg_class c on c.oid = a.attrelid
            join pg_catalog.pg_type t on t.oid = a.atttypid
            where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
            """);
    List<String> tables =
        owner.column(
            "select relname from pg_catalog.pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'");
    assertThat(tables)
        .contains("invoices", "content_reports", "payment_reconciliations", "refund_requests");
    assertThat(found)
        .containsAll(
            wanted.stream()
                .filter(column -> tables.contains(column.substring(0, column.indexOf(','))))
                .toList());
  }

  @Test
  void undo_ofEachMigration_leavesTheCatalogAsItWasBefore() throws IOException {
    try (Database empty = TestDatabase.empty();
        TestSql sql = TestSql.of(empty)) {
      for (String version : MigrationFiles.versions(Layer.SUPABASE_SHIM)) {
        sql.run(script("supabase-shim", "V" + version));
      }
      Deque<String> applied = new ArrayDeque<>();
      Deque<List<String>> before = new ArrayDeque<>();
      for (String version : MigrationFiles.versions(Layer.PLATFORM)) {
        if (!applied.isEmpty() || version.equals(FIRST)) {
          applied.push(version);
          before.push(catalog(sql));
        }
        sql.run(script("platform", "V" + version));
      }
      assertThat(applied).hasSizeGreaterThanOrEqualTo(10);

      people(sql);
      sql.run(
          "insert into public.payout_transactions (vendor_id, gross_amount) values ('%s', 100)"
              .formatted(BUSINESS),
          "update public.booking_payments set payout_id = (select id from public.payout_transactions)",
          "insert into public.moderation_actions (action_type, content_type, content_id, reason) values ('flag', 'post', '%s', 'x')"
              .formatted(POST));
      List<String> again = new ArrayList<>(applied.reversed());
      while (!applied.isEmpty()) {
        String version = applied.pop();
        sql.run(script("undo/platform", "U" + version));
        assertThat(catalog(sql)).as("after undoing " + version).isEqualTo(before.pop());
      }
      for (String version : again) {
        sql.run(script("platform", "V" + version));
      }
      assertThat(sql.value("select count(*) from public.bookings")).isEqualTo("1");
    }
  }

  private static String script(String folder, String version) throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src/main/resources/db", folder))) {
      List<Path> found =
          files.filter(f -> f.getFileName().toString().startsWith(version + "__")).toList();
      assertThat(found).as(folder + " " + version).hasSize(1);
      return Files.readString(found.getFirst());
    }
  }

  /** All that can be seen of the platform's schemas, one line for each object. */
  private static List<String> catalog(TestSql sql) {
    return sql.column(
        """
        with schemas as (
          select oid from pg_catalog.pg_namespace where nspname in ('public', 'app_private', 'auth', 'storage')
        ), relations as (
          select c.* from pg_catalog.pg_class c join schemas s on s.oid = c.relnamespace
        )
        select * from (
          select concat_ws(' ', 'relation', c.oid::regclass, c.relkind, c.relrowsecurity, c.relacl, obj_description(c.oid, 'pg_class')) as line
          from relations c
          union all
          select concat_ws(' ', 'column', c.oid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
                           pg_get_expr(d.adbin, d.adrelid), a.attacl, col_description(c.oid, a.attnum))
          from relations c
          join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
          left join pg_catalog.pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
          union all
          select concat_ws(' ', 'constraint', c.oid::regclass, k.conname, pg_get_constraintdef(k.oid), k.convalidated)
          from relations c join pg_catalog.pg_constraint k on k.conrelid = c.oid
          union all
          select concat_ws(' ', 'index', pg_get_indexdef(i.indexrelid)) from relations c join pg_catalog.pg_index i on i.indrelid = c.oid
          union all
          select concat_ws(' ', 'trigger', pg_get_triggerdef(t.oid), t.tgenabled)
          from relations c join pg_catalog.pg_trigger t on t.tgrelid = c.oid and not t.tgisinternal
          union all
          select concat_ws(' ', 'policy', c.oid::regclass, p.polname, p.polcmd, p.polpermissive, p.polroles::regrole[], pg_get_expr(p.polqual, c.oid),
                           pg_get_expr(p.polwithcheck, c.oid))
          from relations c join pg_catalog.pg_policy p on p.polrelid = c.oid
          union all
          select concat_ws(' ', 'function', f.oid::regprocedure, md5(pg_get_functiondef(f.oid)), f.proacl, obj_description(f.oid, 'pg_proc'))
          from pg_catalog.pg_proc f join schemas s on s.oid = f.pronamespace where f.prokind = 'f'
          union all
          select concat_ws(' ', 'type', t.oid::regtype, t.typtype, (select array_agg(e.enumlabel order by e.enumsortorder) from pg_catalog.pg_enum e where e.enumtypid = t.oid))
          from pg_catalog.pg_type t join schemas s on s.oid = t.typnamespace
        ) x order by line collate "C"
        """);
  }

  private TestSql signedIn(UUID person) {
    return reader.signedIn(person);
  }

  private void seenBy(String query, Map<UUID, Integer> rows) {
    Map<UUID, Integer> seen =
        rows.keySet().stream()
            .collect(
                Collectors.toMap(
                    person -> person, person -> signedIn(person).column(query).size()));
    assertThat(seen).as(query).isEqualTo(rows);
  }

  private static void fails(ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(Refused.class).hasMessageContaining(message);
  }

  private static void refused(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Refused.class, e -> assertThat(e.forLackOfPermission()).as(e.getMessage()).isTrue());
  }
}
