package social.trvl.compat.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.trvl.compat.db.TestSql.Refused;

/**
 * Attempts to get at more than one's own, with every trigger and constraint in force. What each
 * role reaches table by table is in {@link AccessMatrixTest}.
 */
class AccessAttackTest {

  private static final UUID OWNER = SeededRows.OWNER;
  private static final UUID STRANGER = SeededRows.STRANGER;
  private static final UUID VENDOR = SeededRows.VENDOR;
  private static final UUID ADMIN = SeededRows.ADMIN;

  private static Database database;
  private TestSql sql;

  @BeforeAll
  static void people() {
    database = TestDatabase.migrated();
    try (TestSql owner = TestSql.of(database)) {
      owner.account(OWNER).account(STRANGER).account(VENDOR).account(ADMIN);
      owner.run(
          "update auth.users set email = id || '@example.org'",
          "update public.profiles set phone_number = '+1 555 0100', reputation_score = 5",
          "update public.profiles set role = 'admin' where id = '%s'".formatted(ADMIN),
          "update public.profiles set role = 'vendor' where id = '%s'".formatted(VENDOR),
          """
          insert into public.vendors (id, user_id, business_name, business_email, business_phone, status)
          values ('00000002-0000-4000-8000-000000000001', '%s', 'Tours', 'tours@example.org', '+1 555 0101', 'active')
          """
              .formatted(VENDOR),
          "insert into public.groups (id, name, owner_id, privacy) values ('00000005-0000-4000-8000-000000000001', 'g', '%s', 'private')"
              .formatted(OWNER),
          """
          insert into public.group_members (group_id, user_id, role) values ('00000005-0000-4000-8000-000000000001', '%s', 'owner')
          on conflict do nothing
          """
              .formatted(OWNER),
          "insert into public.user_preferences (user_id, currency) values ('%s', 'EUR') on conflict do nothing"
              .formatted(OWNER));
    }
    try (TestSql engine = TestSql.of(database).as("compat_engine")) {
      engine.run(
          "create table compat.pair_scores_r1 partition of compat.pair_scores for values in (1) partition by range (user_id)",
          "create table compat.pair_scores_r1_s0 partition of compat.pair_scores_r1 for values from (minvalue) to (maxvalue)",
          "alter table compat.pair_scores_r1 enable row level security",
          "alter table compat.pair_scores_r1_s0 enable row level security",
          "create table compat.group_scores_r1 partition of compat.group_scores for values in (1)",
          "alter table compat.group_scores_r1 enable row level security");
    }
  }

  @AfterAll
  static void close() {
    database.close();
  }

  @BeforeEach
  void begin() {
    sql = TestSql.superuser(database).run("begin");
  }

  @AfterEach
  void rollBack() {
    sql.run("rollback").close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "role = 'admin'",
        "account_status = 'active'",
        "restriction_expires = null",
        "warning_count = 0",
        "reputation_score = 1000",
        "is_verified = true",
        "email_verified = true",
        "phone_verified = true",
        "created_at = now()"
      })
  void profile_ofOnesOwn_isNotRaised(String assignment) {
    for (UUID person : new UUID[] {OWNER, VENDOR, ADMIN}) {
      refused(
          person, "update public.profiles set %s where id = '%s'".formatted(assignment, person));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "status = 'active'",
        "verification_status = 'verified'",
        "verification_date = now()",
        "rating = 5",
        "total_reviews = 1000",
        "commission_rate = 0",
        "stripe_account_id = 'acct_1'",
        "stripe_onboarding_complete = true",
        "user_id = null"
      })
  void vendor_ofOnesOwn_isNotRaised(String assignment) {
    refused(VENDOR, "update public.vendors set " + assignment);
  }

  @ParameterizedTest
  @CsvSource({
    "'id, role', '''admin'''",
    "'id, is_verified', 'true'",
    "'id, reputation_score', '1000'",
    "'id, account_status', '''active'''"
  })
  void profile_madeAnew_isNotRaised(String columns, String value) {
    sql.run("delete from public.profiles where id = '%s'".formatted(STRANGER));
    refused(
        STRANGER,
        "insert into public.profiles (%s) values ('%s', %s)".formatted(columns, STRANGER, value));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select phone_number from public.profiles",
        "select date_of_birth from public.profiles",
        "select account_status from public.profiles",
        "select * from public.profiles",
        "select id from public.profiles where date_of_birth < '2000-01-01'",
        "select id from public.profiles order by phone_number",
        "update public.profiles set bio = phone_number returning bio",
        "select business_email from public.vendors",
        "select business_phone from public.vendors",
        "select stripe_account_id from public.vendors",
        "select email from auth.users",
        "select id from auth.users"
      })
  void privateColumns_ofAnybody_areRefused(String query) {
    refused(null, query);
    refused(STRANGER, query);
    refused(ADMIN, query);
  }

  @Test
  void privateColumns_ofOnesOwn_areReadByTheirFunction() {
    signIn("authenticated", OWNER);
    assertThat(sql.column("select id || phone_number from public.my_profile()"))
        .containsExactly(OWNER + "+1 555 0100");
    signIn("authenticated", VENDOR);
    assertThat(sql.column("select business_email from public.my_vendor()"))
        .containsExactly("tours@example.org");
    signIn("authenticated", STRANGER);
    assertThat(sql.column("select id from public.my_vendor()")).isEmpty();
    refused(null, "select * from public.my_profile()");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "compat.pair_scores_r1",
        "compat.pair_scores_r1_s0",
        "compat.group_scores_r1",
        "compat.runs",
        "compat.profile_history",
        "compat.quarantine",
        "batch.batch_job_instance",
        "compat_migrations.platform"
      })
  void slicesAndBooksOfTheEngine_areRefusedToAllOfTheApi(String table) {
    String query = "select * from " + table;
    refused(null, query);
    refused(OWNER, query);
    refused(ADMIN, query);
    refusedTo("service_role", null, query);
  }

  @Test
  void groupsAndMembers_whosePoliciesAskForEachOther_dontRecurse() {
    String query =
        "select count(*) from public.groups g join public.group_members m on m.group_id = g.id";
    signIn("authenticated", OWNER);
    assertThat(sql.value(query)).isEqualTo("1");
    signIn("authenticated", STRANGER);
    assertThat(sql.value(query)).isEqualTo("0");
    signIn("authenticated", ADMIN);
    assertThat(sql.value(query)).isEqualTo("1");
    signIn("anon", null);
    assertThat(sql.value("select count(*) from public.groups")).isEqualTo("0");
  }

  @Test
  void groupMembership_ofAPrivateGroup_isNotTaken() {
    refused(
        STRANGER,
        """
        insert into public.group_members (group_id, user_id)
        values ('00000005-0000-4000-8000-000000000001', '%s')
        """
            .formatted(STRANGER));
    refused(
        STRANGER,
        """
        select public.set_group_member_role('00000005-0000-4000-8000-000000000001', '%s', 'admin')
        """
            .formatted(STRANGER));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"role\": \"service_role\", \"sub\": \"00000000-0000-4000-8000-00000000000c\"}",
        "{\"role\": \"supabase_admin\", \"sub\": \"00000000-0000-4000-8000-00000000000c\"}",
        "{\"sub\": \"00000000-0000-4000-8000-00000000000c\", \"app_metadata\": {\"role\": \"admin\"}}",
        "{\"sub\": \"00000000-0000-4000-8000-00000000000c\", \"user_role\": \"admin\", \"is_admin\": true}",
        "{\"sub\": \"99999999-9999-4999-8999-999999999999\"}",
        "{\"role\": \"service_role\"}",
        "{}",
        "[]",
        ""
      })
  void claims_thatPromiseMore_gainNothing(String claims) {
    sql.run(
        "select set_config('request.jwt.claims', '%s', true)".formatted(claims),
        "set local role authenticated");
    assertThat(sql.value("select count(*) from public.user_preferences")).isEqualTo("0");
    assertThat(sql.value("select count(*) from public.groups")).isEqualTo("0");
    assertThat(
            sql.update("update public.profiles set bio = 'x' where id <> '%s'".formatted(STRANGER)))
        .isZero();
    assertThat(sql.update("delete from public.user_preferences")).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"sub\": \"' or true --\"}",
        "{\"sub\": \"admin\"}",
        "{\"sub\": 1}",
        "not json",
        "{\"sub\": \"00000000-0000-4000-8000-00000000000a\""
      })
  void claims_thatAreMalformed_endInAnErrorAndReadNothing(String claims) {
    sql.run(
        "select set_config('request.jwt.claims', '%s', true)".formatted(claims.replace("'", "''")),
        "set local role authenticated");
    assertThatThrownBy(() -> sql.column("select * from public.user_preferences"))
        .isInstanceOfSatisfying(
            Refused.class, e -> assertThat(e.forAnInvalidValue()).as(e.getMessage()).isTrue());
  }

  /**
   * Claims count only together with the role that the gateway sets after checking the signature.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {"00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000e"})
  void claimsOfSomebody_underTheRoleOfNobody_gainNothing(UUID person) {
    refusedTo("anon", person, "select * from public.user_preferences");
    refusedTo("anon", person, "select * from public.group_members");
    refusedTo("anon", person, "select * from public.bookings");
    refusedTo("anon", person, "update public.profiles set bio = 'x'");
    signIn("anon", person);
    assertThat(sql.value("select count(*) from public.groups")).isEqualTo("0");
  }

  @Test
  void administratorWhoIsRestricted_isNoneForTheTime() {
    String query = "select count(*) from public.groups";
    sql.run(
        "update public.profiles set account_status = 'banned' where id = '%s'".formatted(ADMIN));
    signIn("authenticated", ADMIN);
    assertThat(sql.value(query)).isEqualTo("0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"anon", "authenticated", "service_role"})
  void roleOfTheApi_makesNoTablesFunctionsOrTriggers(String role) {
    refusedTo(role, OWNER, "create table public.mine (id int)");
    refusedTo(role, OWNER, "create table compat.mine (id int)");
    refusedTo(role, OWNER, "alter table public.profiles disable row level security");
    refusedTo(role, OWNER, "select app_private.is_admin()");
  }

  private void refused(@Nullable UUID person, String statement) {
    refusedTo(person == null ? "anon" : "authenticated", person, statement);
  }

  private void refusedTo(String role, @Nullable UUID person, String statement) {
    sql.run("savepoint attempt");
    signIn(role, person);
    assertThatThrownBy(() -> sql.run(statement))
        .as("%s as %s: %s", role, person, statement)
        .isInstanceOfSatisfying(
            Refused.class, e -> assertThat(e.forLackOfPermission()).as(e.getMessage()).isTrue());
    sql.run("rollback to savepoint attempt");
  }

  private void signIn(String role, @Nullable UUID person) {
    sql.run("reset role").claims(role, person).as(role);
  }
}
