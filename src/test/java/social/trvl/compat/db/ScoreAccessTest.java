package social.trvl.compat.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.trvl.compat.db.TestSql.Refused;

/** What each kind of reader sees of the scores, and how soon; two runs are kept, run 2 is shown. */
class ScoreAccessTest {

  private static final UUID ANN = UUID.fromString("aaaaaaaa-0000-4000-8000-000000000001");
  private static final UUID BEN = UUID.fromString("bbbbbbbb-0000-4000-8000-000000000002");
  private static final UUID CAT = UUID.fromString("cccccccc-0000-4000-8000-000000000003");
  private static final UUID GROUP = UUID.fromString("dddddddd-0000-4000-8000-000000000004");

  private static final String MATCHES =
      "select other_user_id from public.compatibility_scores order by user_id, rank";
  private static final String FITS =
      "select user_id from public.group_compatibility_scores order by user_id";

  private Database database;
  private TestSql owner;
  private TestSql reader;

  @BeforeEach
  void publishTwoRuns() {
    database = TestDatabase.migrated();
    owner = TestSql.of(database);
    reader = TestSql.of(database);
    owner.person(ANN).person(BEN).person(CAT);
    owner.run(
        "insert into public.groups (id, name, owner_id) values ('%s', 'group', '%s')"
            .formatted(GROUP, ANN),
        "insert into public.group_members (group_id, user_id) values ('%s', '%s') on conflict do nothing"
            .formatted(GROUP, ANN));
    try (TestSql engine = TestSql.of(database).as("compat_engine")) {
      engine.run(
          """
          insert into public.compatibility_model_versions (id, name, version, algorithm, artefact, artefact_sha256)
          values (0, 'baseline', '0', 'additive', '', repeat('0', 64))
          """);
      for (int run = 1; run <= 2; run++) {
        engine.run(
            """
            insert into compat.runs (job, state, as_of, parameters, model_version_id, started_at)
            values ('nightly', 'published', '2026-05-20', '{}', 0, now())
            """,
            "create table compat.pair_scores_r%1$d partition of compat.pair_scores for values in (%1$d) partition by range (user_id)"
                .formatted(run),
            "create table compat.pair_scores_r%1$d_s0 partition of compat.pair_scores_r%1$d for values from (minvalue) to (maxvalue)"
                .formatted(run),
            "create table compat.group_scores_r%1$d partition of compat.group_scores for values in (%1$d)"
                .formatted(run));
        UUID[] people = {ANN, BEN, CAT};
        for (UUID one : people) {
          int rank = 0;
          for (UUID other : people) {
            if (!one.equals(other)) {
              engine.run(
                  "insert into compat.pair_scores values (%d, '%s', %d, '%s', 70, 60, 50, 40, 1, 0, now())"
                      .formatted(run, one, ++rank, other));
            }
          }
          boolean member = one.equals(ANN);
          engine.run(
              "insert into compat.group_scores values (%d, '%s', '%s', %b, %s, 70, 60, 50, 40, 30, 1, 0, now())"
                  .formatted(
                      run, GROUP, one, member, member ? "null" : one.equals(BEN) ? "1" : "2"));
        }
      }
      engine.run("insert into compat.published (run_id) values (2)");
    }
  }

  @AfterEach
  void close() {
    reader.close();
    owner.close();
    database.close();
  }

  @Test
  void person_seesTheirOwnMatchesOfThePublishedRunOnly() {
    reader.signedIn(ANN);
    assertThat(reader.column(MATCHES)).containsExactly(BEN.toString(), CAT.toString());
    assertThat(reader.column("select distinct user_id from public.compatibility_scores"))
        .containsExactly(ANN.toString());
    assertThat(reader.column("select distinct run_id from public.compatibility_scores"))
        .containsExactly("2");
    assertThat(reader.column("select distinct user_id from compat.pair_scores"))
        .containsExactly(ANN.toString());
  }

  @Test
  void service_seesEverybodysMatches() {
    assertThat(reader.as("service_role").column(MATCHES)).hasSize(6);
    assertThat(reader.column(FITS)).hasSize(3);
  }

  @Test
  void nobodySignedIn_seesNoRow() {
    reader.run("select set_config('request.jwt.claims', '', false)").as("authenticated");
    assertThat(reader.column(MATCHES)).isEmpty();
    assertThat(reader.column(FITS)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "public.compatibility_scores",
        "public.group_compatibility_scores",
        "compat.pair_scores",
        "compat.group_scores",
        "compat.published",
        "compat.runs",
        "compat.quarantine"
      })
  void anonymous_isRefused(String relation) {
    reader.as("anon");
    refused(() -> reader.column("select * from " + relation));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "compat.pair_scores_r2",
        "compat.pair_scores_r2_s0",
        "compat.group_scores_r2",
        "compat.runs",
        "compat.quarantine",
        "compat.erasures",
        "compat.profile_history",
        "compat.group_cohesion",
        "compat.claims"
      })
  void person_readingPastThePolicies_isRefused(String relation) {
    reader.signedIn(ANN);
    refused(() -> reader.column("select * from " + relation));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "update compat.pair_scores set score = 100",
        "delete from compat.pair_scores",
        "update public.compatibility_scores set score = 100",
        "update compat.published set run_id = 1",
        "insert into compat.group_requests (group_id, reason) values (gen_random_uuid(), 'x')",
        "create table compat.mine (id integer)"
      })
  void person_writing_isRefused(String statement) {
    reader.signedIn(ANN);
    refused(() -> reader.run(statement));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 1})
  void block_hidesBothDirectionsAtTheNextRead(int publishedRun) {
    publish(publishedRun);
    owner.block(BEN, ANN);
    assertThat(reader.signedIn(ANN).column(MATCHES)).containsExactly(CAT.toString());
    assertThat(reader.signedIn(BEN).column(MATCHES)).containsExactly(CAT.toString());
    assertThat(reader.signedIn(CAT).column(MATCHES)).hasSize(2);
    assertThat(reader.signedIn(ANN).column(FITS))
        .as("a candidate whom a member blocks is no candidate")
        .containsExactly(ANN.toString(), CAT.toString());
    owner.run("delete from public.user_connections");
    assertThat(reader.signedIn(ANN).column(MATCHES)).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "null",
      value = {
        "banned, null, 1",
        "suspended, null, 1",
        "restricted, null, 1",
        "restricted, now() + interval '1 hour', 1",
        "restricted, now() - interval '1 hour', 2",
        "suspended, now() - interval '1 hour', 2",
        "active, null, 2"
      })
  void restriction_hidesThePersonWhileItLasts(String status, String expires, int shown) {
    for (int run : new int[] {2, 1}) {
      publish(run);
      owner.run(
          "update public.profiles set account_status = '%s', restriction_expires = %s where id = '%s'"
              .formatted(status, expires, BEN));
      assertThat(reader.signedIn(ANN).column(MATCHES)).hasSize(shown);
      assertThat(reader.signedIn(BEN).column(MATCHES)).hasSize(shown == 2 ? 2 : 0);
      assertThat(reader.signedIn(ANN).column(FITS)).hasSize(shown + 1);
    }
  }

  @Test
  void newRole_hidesThePerson() {
    owner.run("update public.profiles set role = 'vendor' where id = '%s'".formatted(BEN));
    assertThat(reader.signedIn(ANN).column(MATCHES)).containsExactly(CAT.toString());
  }

  @Test
  void deletion_removesThePersonFromEveryRun() {
    try (TestSql engine = TestSql.of(database).as("compat_engine")) {
      engine.run(
          "insert into compat.quarantine values ('%s', 'under_age', 'x', now())".formatted(BEN));
    }
    owner.run("delete from auth.users where id = '%s'".formatted(BEN));
    nothingIsLeftOf(BEN);
    for (int run : new int[] {2, 1}) {
      publish(run);
      assertThat(reader.signedIn(ANN).column(MATCHES)).containsExactly(CAT.toString());
      assertThat(reader.signedIn(BEN).column(MATCHES)).isEmpty();
    }
    assertThat(owner.column("select user_id from compat.erasures")).containsExactly(BEN.toString());
  }

  @Test
  void account_markedDeleted_keepsItsRowButNothingThatWasLearntOfThePerson() {
    try (TestSql engine = TestSql.of(database).as("compat_engine")) {
      engine.run(
          "insert into compat.quarantine values ('%s', 'under_age', 'x', now())".formatted(BEN));
    }
    owner.run(
        "update public.profiles set account_status = 'deleted' where id = '%s'".formatted(BEN));
    assertThat(owner.value("select count(*) from public.profiles where id = '%s'".formatted(BEN)))
        .isEqualTo("1");
    assertThat(reader.signedIn(ANN).column(MATCHES)).containsExactly(CAT.toString());
    nothingIsLeftOf(BEN);
  }

  private void nothingIsLeftOf(UUID person) {
    for (String query :
        List.of(
            "select count(*) from compat.pair_scores where user_id = '%s'",
            "select count(*) from compat.pair_scores where other_user_id = '%s'",
            "select count(*) from compat.group_scores where user_id = '%s'",
            "select count(*) from compat.quarantine where user_id = '%s'",
            "select count(*) from compat.profile_history where user_id = '%s'")) {
      assertThat(owner.value(query.formatted(person))).as(query).isEqualTo("0");
    }
    assertThat(owner.value("select count(*) from compat.pair_scores")).isEqualTo("4");
  }

  @Test
  void groupsDeletion_removesItsScores() {
    owner.run("delete from public.groups");
    assertThat(owner.value("select count(*) from compat.group_scores")).isEqualTo("0");
  }

  @Test
  void groupFits_areSeenByMembersAndEachByTheirOwn() {
    assertThat(reader.signedIn(ANN).column(FITS))
        .containsExactly(ANN.toString(), BEN.toString(), CAT.toString());
    assertThat(reader.signedIn(BEN).column(FITS)).containsExactly(BEN.toString());
    owner.run("update public.group_members set is_active = false");
    assertThat(reader.signedIn(ANN).column(FITS)).containsExactly(ANN.toString());
  }

  @Test
  void readerInATransaction_keepsTheRunItSaw() {
    reader.signedIn(ANN).run("begin isolation level repeatable read");
    String query = "select distinct run_id from public.compatibility_scores";
    assertThat(reader.value(query)).isEqualTo("2");
    publish(1);
    assertThat(reader.value(query)).isEqualTo("2");
    reader.run("commit");
    assertThat(reader.value(query)).isEqualTo("1");
  }

  private void publish(int run) {
    owner.run("update compat.published set run_id = " + run);
  }

  private static void refused(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Refused.class, e -> assertThat(e.forLackOfPermission()).as(e.getMessage()).isTrue());
  }
}
