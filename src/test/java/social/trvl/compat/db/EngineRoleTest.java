package social.trvl.compat.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What compat_engine may do; the pool's own connections are used. */
class EngineRoleTest {

  private static Database database;

  @BeforeAll
  static void open() {
    database = TestDatabase.migrated();
    try (TestSql sql = TestSql.of(database)) {
      sql.person(new UUID(1, 1)).person(new UUID(1, 2)).block(new UUID(1, 1), new UUID(1, 2));
    }
  }

  @AfterAll
  static void close() {
    database.close();
  }

  @Test
  void engine_seesEveryRowOfItsInputs() throws SQLException {
    assertThat(count("compat.profiles")).isEqualTo(2);
    assertThat(count("compat.personality_assessments")).isEqualTo(2);
    assertThat(count("compat.blocks")).isOne();
    assertThat(count("compat.profile_history")).isEqualTo(2);
    assertThat(count("compat.travel_preferences")).isZero();
    assertThat(count("compat.groups")).isZero();
    assertThat(count("compat.group_members")).isZero();
    assertThat(count("public.compatibility_model_versions")).isZero();
    assertThat(count("compat.outcomes")).isOne();
    assertThat(count("public.model_training_data")).isZero();
    assertThat(count("compat.exposures")).isZero();
  }

  @Test
  void engine_writesItsTablesAndMakesSlices() throws SQLException {
    execute(
        "insert into compat.claims (job, epoch, holder, since) values ('nightly', 1, 'x', now())",
        "insert into compat.quarantine values (gen_random_uuid(), 'under_age', 'x', now())",
        "create table compat.pair_scores_r9 (like compat.pair_scores including defaults)",
        "alter table compat.pair_scores attach partition compat.pair_scores_r9 for values in (9)",
        "analyze compat.pair_scores",
        "alter table compat.pair_scores detach partition compat.pair_scores_r9",
        "drop table compat.pair_scores_r9",
        "select count(*) from batch.batch_job_instance",
        "select version from compat_migrations.engine");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select amount from public.booking_payments",
        "select content from public.posts",
        "select * from public.bookings",
        "select * from public.payment_splits",
        "select * from public.payment_tokens",
        "select * from public.stripe_payment_intents",
        "select * from public.stripe_accounts",
        "select * from public.invoices",
        "select * from public.payout_transactions",
        "select * from public.refund_requests",
        "select * from public.whatsapp_messages",
        "select * from public.whatsapp_contacts",
        "select * from public.notifications",
        "select * from public.webhook_logs",
        "select * from public.content_reports",
        "select * from public.vendor_insurance",
        "select * from public.media_files",
        "select * from storage.objects",
        "select id from auth.users",
        "select id from public.profiles",
        "select openness from public.personality_assessments",
        "select user_id from public.travel_preferences",
        "select id from public.groups",
        "select user_id from public.group_members",
        "select id from public.bookings",
        "select email from public.booking_participants",
        "select rating from public.reviews",
        "select metadata from public.user_behavior_data",
        "select description from public.content_reports",
        "truncate public.model_training_data",
        "select status from public.user_connections",
        "select * from public.assessment_responses",
        "update public.profiles set username = 'changed'",
        "delete from public.profiles",
        "update public.personality_assessments set openness = 0",
        "insert into public.group_members (group_id, user_id) values (gen_random_uuid(), gen_random_uuid())",
        "delete from public.user_connections",
        "delete from public.compatibility_model_versions",
        "update compat.profile_history set recorded = null",
        "create table public.mine (id integer)",
        "delete from compat_migrations.engine",
        "select public.set_group_member_role(gen_random_uuid(), gen_random_uuid(), 'member')"
      })
  void engine_beyondItsInputsAndOutputs_isRefused(String statement) {
    assertThatThrownBy(() -> execute(statement))
        .isInstanceOfSatisfying(
            SQLException.class,
            e -> assertThat(e.getSQLState()).as(e.getMessage()).isEqualTo("42501"));
  }

  /** It reads the rest by views of schema compat. */
  @Test
  void engine_hasRightsOnTheseOfThePlatformAndNoOthers() {
    try (TestSql sql = TestSql.of(database)) {
      assertThat(
              sql.column(
                  """
                  select c.relname from pg_class c
                  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v')
                    and has_any_column_privilege('compat_engine', c.oid, 'select, insert, update, references')
                  order by 1
                  """))
          .containsExactly(
              "compatibility_model_versions",
              "compatibility_scores",
              "group_compatibility_scores",
              "model_training_data");
    }
  }

  private static void execute(String... statements) throws SQLException {
    try (Connection connection = database.engine().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (String sql : statements) {
        statement.execute(sql);
      }
      connection.rollback();
    }
  }

  private static int count(String table) throws SQLException {
    try (Connection connection = database.engine().getConnection();
        Statement statement = connection.createStatement();
        var rows = statement.executeQuery("select count(*) from " + table)) {
      rows.next();
      return rows.getInt(1);
    }
  }
}
