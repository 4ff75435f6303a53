package social.trvl.compat.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.DatabaseSettings;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.config.NightlySettings;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Database;
import social.trvl.compat.db.TestDatabase;
import social.trvl.compat.db.TestSql;
import social.trvl.compat.publish.Runs.Run;

final class NightlyRunTest {

  private static final NightlySettings SETTINGS = Night.settings();

  @Test
  void start_nothingChanged_endsUnchangedAndWritesNothing() {
    try (Night night = Night.of(200, 10)) {
      assertThat(night.start(SETTINGS).state()).isEqualTo("published");
      List<String> tables = night.runTables();
      long publications = night.count("compat.publications");
      Run second = night.start(Night.settings(1, 2));
      assertThat(second.state()).isEqualTo("unchanged");
      assertThat(second.finishedAt()).isNotNull();
      assertThat(night.runTables()).isEqualTo(tables);
      assertThat(night.count("compat.publications")).isEqualTo(publications);
      assertThat(night.published()).isEqualTo(1);

      Run full = night.full(SETTINGS);
      assertThat(full.state()).isEqualTo("published");
      assertThat(night.published()).isEqualTo(full.runId());
      assertThat(night.checksum(full.runId())).isEqualTo(night.checksum(1));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "update public.travel_preferences set adventure_style = case adventure_style when 'relaxed' then 'active' else 'relaxed' end where user_id = (select user_id from public.travel_preferences where adventure_style is not null order by 1 limit 1)",
        "insert into public.user_connections (requester_id, addressee_id, status) select min(id::text)::uuid, max(id::text)::uuid, 'blocked' from public.profiles",
        "update public.groups set max_members = current_members where id = (select id from public.groups where current_members < max_members order by id limit 1)",
        "update public.profiles set account_status = 'banned' where id = (select user_id from compat.pair_scores order by 1 limit 1)"
      })
  void start_oneInputChanged_publishesAnew(String change) {
    try (Night night = Night.of(200, 10)) {
      night.start(SETTINGS);
      night.execute(change);
      Run second = night.start(SETTINGS);
      assertThat(second.state()).isEqualTo("published");
      assertThat(night.published()).isEqualTo(second.runId()).isEqualTo(2);
    }
  }

  @Test
  void start_anotherIsUnderWay_saysWhoHoldsTheClaimSinceWhen() {
    try (Night night = Night.of(100, 5)) {
      AtomicReference<Throwable> refused = new AtomicReference<>();
      Meanwhile second =
          Meanwhile.beginning(
              "writing lists",
              () -> {
                try (Database same =
                    Database.open(
                        new DatabaseSettings(
                            night.database.url(), null, null, Path.of("target/unused")))) {
                  new NightlyRun(same, SETTINGS, Night.CLOCK, Progress.SILENT)
                      .start(Night.AS_OF, false);
                } catch (CompatException e) {
                  refused.set(e);
                }
              });
      assertThat(night.start(SETTINGS, second, false).state()).isEqualTo("published");
      assertThat(refused.get())
          .isInstanceOfSatisfying(
              CompatException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BUSY))
          .hasMessageContaining("process %d on ".formatted(ProcessHandle.current().pid()))
          .hasMessageContaining(" UTC for run 1. ");
      assertThat(night.count("compat.runs")).isEqualTo(1);
      assertThatThrownBy(() ->
              night.start(
                  SETTINGS,
                  Meanwhile.beginning("writing lists", () -> night.publish(1, "no")),
                  true))
          .hasMessageContaining("is claimed by");
    }
  }

  @Test
  void start_peopleEnterAndLeaveTheQuarantine() {
    try (Night night = Night.of(60, 0)) {
      night.execute(
          """
          create table public.some as select id, row_number() over (order by id)::int as n from public.profiles
            where date_of_birth < date '2000-01-01' limit 5;
          update public.profiles set account_status = 'banned' where id = (select id from public.some where n = 1);
          update public.profiles set date_of_birth = null where id = (select id from public.some where n = 2);
          update public.profiles set date_of_birth = date '2010-01-01' where id = (select id from public.some where n = 3);
          delete from public.personality_assessments where user_id = (select id from public.some where n = 4);
          update public.personality_assessments set openness = null, neuroticism = null where user_id = (select id from public.some where n = 5);
          grant select on public.some to compat_engine;
          """);
      Run run = night.start(SETTINGS);
      String quarantine =
          "select s.n, q.reason, q.detail from compat.quarantine q join public.some s on s.id = q.user_id order by 1";
      assertThat(night.rows(quarantine))
          .containsExactly(
              "1|account_restricted|the account is restricted, suspended, banned or deleted",
              "2|birth_date_unknown|the profile has no birth date",
              "3|under_age|not yet 18 on the run's date",
              "4|assessment_missing|no personality assessment",
              "5|assessment_incomplete|missing: neuroticism, openness");
      assertThat(run.quarantined()).isEqualTo(Math.toIntExact(night.count("compat.quarantine")));
      assertThat(
              night.value(
                  "select count(*) from compat.pair_scores s join compat.quarantine q on q.user_id in (s.user_id, s.other_user_id)"))
          .isEqualTo("0");

      night.execute(
          """
          update public.profiles set account_status = 'active' where id = (select id from public.some where n = 1);
          update public.personality_assessments set openness = 0.5 where user_id = (select id from public.some where n = 5);
          """);
      String since =
          "select s.n, q.since from compat.quarantine q join public.some s on s.id = q.user_id where s.n > 1 order by 1";
      List<String> before = night.rows(since);
      night.start(SETTINGS);
      assertThat(night.rows(quarantine))
          .hasSize(4)
          .contains("5|assessment_incomplete|missing: neuroticism");
      // Since then for the three who are there for the same reason, since now for the fourth.
      assertThat(night.rows(since)).startsWith(before.subList(0, 3).toArray(String[]::new));
      assertThat(night.rows(since)).doesNotContain(before.get(3));
      assertThat(
              night.value(
                  "select count(*) > 0 from compat.pair_scores s join public.some o on o.id = s.user_id where o.n = 1 and s.run_id = 2"))
          .isEqualTo("t");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"writing lists", "scoring groups", "checking rows"})
  void start_personDeletedMeanwhile_isNotInWhatIsPublished(String task) {
    try (Night night = Night.of(200, 30)) {
      night.start(SETTINGS);
      List<String> leaving =
          List.of(
              night.value(
                  "select other_user_id from compat.pair_scores group by 1 order by count(*) desc, 1 limit 1"),
              night.value(
                  "select user_id from compat.group_scores where is_member order by user_id limit 1"));
      String ids = "('" + String.join("', '", leaving) + "')";
      String lost =
          night.value(
              "select quote_literal(group_id) from compat.group_cohesion where candidates > 0 order by group_id limit 1");
      Meanwhile deletion =
          Meanwhile.beginning(
              task,
              () ->
                  night.execute(
                      "delete from public.profiles where id in %s; delete from public.groups where id = %s"
                          .formatted(ids, lost)));
      Run run = night.start(SETTINGS, deletion, true);
      assertThat(deletion.happened()).isTrue();
      assertThat(run.state()).isEqualTo("published");
      assertThat(night.published()).isEqualTo(run.runId());
      for (String where :
          List.of(
              "compat.pair_scores where user_id in " + ids,
              "compat.pair_scores where other_user_id in " + ids,
              "compat.group_scores where user_id in " + ids,
              "compat.quarantine where user_id in " + ids,
              "compat.group_scores where group_id in (" + lost + ")",
              "compat.group_cohesion where group_id in (" + lost + ")")) {
        assertThat(
                night.rows(
                    "select to_jsonb(t) ->> 'run_id', count(*) from %s group by 1"
                        .formatted(where.replace(" where", " t where"))))
            .as(where)
            .isEmpty();
      }
      assertThat(night.count("compat.pair_scores where run_id = " + run.runId())).isPositive();
    }
  }

  @Test
  void check_rowsInTheDatabaseDifferFromWhatWasComputed_withholdsTheRun() {
    try (Night night = Night.of(100, 5)) {
      Meanwhile damage =
          Meanwhile.beginning(
              "checking rows",
              () -> night.execute("update compat.pair_scores set score = 0 where rank = 1"));
      Run run = night.start(SETTINGS, damage, false);
      assertThat(run.state()).isEqualTo("withheld");
      assertThat(run.failedChecks())
          .singleElement()
          .asString()
          .contains("lists read back from the database differ from what was computed");
      assertThat(night.published()).isZero();
    }
  }

  /** Eight readers, forty-nine moves of the pointer and one whole nightly run. */
  @Test
  void publish_fiftyTimes_readersNeverSeeAMixtureAndNeverWait() throws Exception {
    String what =
        "select concat_ws('|', run_id, count(*), sum(score), sum(rank)) from public.compatibility_scores where rank <= 2 group by run_id";
    try (Night night = Night.of(200, 10)) {
      night.start(SETTINGS);
      night.full(Night.with(SETTINGS, SETTINGS.scoring().with(7, null)));
      Set<String> whole = ConcurrentHashMap.newKeySet();
      night.publish(1, "the first");
      whole.addAll(night.rows(what));
      night.publish(2, "the second");
      whole.addAll(night.rows(what));
      assertThat(whole).hasSize(2);
      AtomicBoolean over = new AtomicBoolean();
      AtomicInteger polls = new AtomicInteger();
      try (ExecutorService readers = Executors.newFixedThreadPool(8)) {
        List<Future<Set<List<String>>>> seen = new ArrayList<>();
        for (int reader = 0; reader < 8; reader++) {
          seen.add(
              readers.submit(() -> {
                // A reader who had to wait for a lock would be refused.
                try (TestSql sql = TestSql.of(night.database)) {
                  sql.run("set lock_timeout = 1");
                  Set<List<String>> answers = new HashSet<>();
                  while (!over.get()) {
                    answers.add(sql.column(what));
                    polls.incrementAndGet();
                  }
                  return answers;
                }
              }));
        }
        try {
          for (int i = 0; i < 49; i++) {
            night.publish(1 + i % 2, "publication " + i);
            // Nine answers of eight readers: one of them has asked since.
            int enough = polls.get() + 9;
            for (int wait = 0; polls.get() < enough && wait < 5_000; wait++) {
              LockSupport.parkNanos(1_000_000);
            }
          }
          night.full(SETTINGS);
          whole.addAll(night.rows(what));
        } finally {
          over.set(true);
        }
        Set<String> all = new HashSet<>();
        for (Future<Set<List<String>>> reader : seen) {
          for (List<String> answer : reader.get()) {
            assertThat(answer).hasSize(1);
            all.addAll(answer);
          }
        }
        assertThat(all).isSubsetOf(whole).hasSizeGreaterThan(1);
        assertThat(polls.get()).isGreaterThanOrEqualTo(49 * 9);
      }
    }
  }

  @Test
  void start_quarantinedPersonDeletedMeanwhile_isNotQuarantined() {
    try (Night night = Night.of(30, 0)) {
      String someone = night.value("select id from compat.profiles order by 1 limit 1");
      night.execute(
          "update public.profiles set account_status = 'banned' where id = '" + someone + "'");
      Meanwhile deletion =
          Meanwhile.beginning(
              "checking rows",
              () -> night.execute("delete from public.profiles where id = '" + someone + "'"));
      night.start(SETTINGS, deletion, false);
      assertThat(night.count("compat.quarantine where user_id = '" + someone + "'")).isZero();
    }
  }

  @Test
  void read_blocksAndBansHideAtOnce_alsoAfterRollingBack() {
    try (Night night = Night.of(200, 10)) {
      night.start(SETTINGS);
      night.full(SETTINGS);
      String[] pair =
          night
              .value(
                  "select user_id, other_user_id from public.compatibility_scores order by 1, rank limit 1")
              .split("\\|", -1);
      String banned =
          night.value(
              "select other_user_id from public.compatibility_scores where other_user_id not in ('%s', '%s') group by 1 order by count(*) desc, 1 limit 1"
                  .formatted(pair[0], pair[1]));
      String[] candidate =
          night
              .value(
                  "select g.user_id, m.user_id, g.group_id from public.group_compatibility_scores g join compat.group_members m using (group_id) where not g.is_member and m.user_id <> '%s' order by 3, 1, 2 limit 1"
                      .formatted(banned))
              .split("\\|", -1);
      night.execute(
          """
          insert into public.user_connections (requester_id, addressee_id, status) values ('%s', '%s', 'blocked')
            on conflict do nothing;
          insert into public.user_connections (requester_id, addressee_id, status) values ('%s', '%s', 'blocked')
            on conflict do nothing;
          update public.profiles set account_status = 'banned' where id = '%s';
          """
              .formatted(pair[1], pair[0], candidate[0], candidate[1], banned));
      for (long run : new long[] {2, 1}) {
        if (run == 1) {
          night.publish(1, "a test");
        }
        assertThat(night.published()).isEqualTo(run);
        assertThat(night.count("public.compatibility_scores")).isPositive();
        assertThat(night.count("compat.pair_scores where run_id = " + run))
            .isGreaterThan(night.count("public.compatibility_scores"));
        for (String hidden :
            List.of(
                "public.compatibility_scores where (user_id, other_user_id) in (('%1$s', '%2$s'), ('%2$s', '%1$s'))"
                    .formatted(pair[0], pair[1]),
                "public.compatibility_scores where '%s' in (user_id, other_user_id)"
                    .formatted(banned),
                "public.group_compatibility_scores where user_id = '%s'".formatted(banned),
                "public.group_compatibility_scores where user_id = '%s' and group_id = '%s'"
                    .formatted(candidate[0], candidate[2]))) {
          assertThat(night.count(hidden)).as(hidden).isZero();
        }
      }
      night.execute(
          "update public.profiles set account_status = 'active' where id = '" + banned + "'");
      assertThat(night.count("public.compatibility_scores where other_user_id = '" + banned + "'"))
          .isPositive();
    }
  }

  @Test
  void start_boundBroken_isWithheldUntilPublishedByHand() {
    try (Night night = Night.of(200, 10)) {
      NightlySettings five = Night.with(SETTINGS, SETTINGS.scoring().with(5, null));
      night.start(five);
      NightlySettings strict = Night.with(five, new NightlySettings.Checks(1, 1, 0, 99));
      Run withheld = night.full(strict);
      assertThat(withheld.state()).isEqualTo("withheld");
      assertThat(withheld.failedChecks())
          .singleElement()
          .asString()
          .contains("Gini coefficient of listings", "at most 0.000", "checks.maxGini");
      assertThat(night.published()).isEqualTo(1);
      assertThat(night.count("public.compatibility_scores where run_id <> 1")).isZero();

      night.publish(withheld.runId(), "it is only a test");
      assertThat(night.published()).isEqualTo(withheld.runId());
      assertThat(night.count("public.compatibility_scores where run_id = 2")).isPositive();
      assertThat(
              night.rows(
                  "select run_id, previous_run_id, reason from compat.publications order by publication_id desc limit 1"))
          .containsExactly("2|1|it is only a test");
      assertThat(night.start(strict).state()).isEqualTo("unchanged");

      assertThatThrownBy(() -> night.publish(2, "again"))
          .isInstanceOfSatisfying(
              CompatException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE));
      assertThatThrownBy(() -> night.publish(3, "unchanged"))
          .isInstanceOfSatisfying(
              CompatException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.NOT_FOUND));
      assertThatThrownBy(() -> night.publish(99, "unknown"))
          .isInstanceOfSatisfying(
              CompatException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.NOT_FOUND));
      assertThat(night.published()).isEqualTo(2);
    }
  }

  @Test
  void start_keepsTheNewestPublishedRuns() {
    try (Night night = Night.of(100, 5)) {
      NightlySettings two = Night.keeping(2, SETTINGS);
      night.full(two);
      night.full(two);
      night.publish(1, "back");
      night.full(two);
      assertThat(night.rows("select run_id, state from compat.runs order by 1"))
          .containsExactly("1|published", "2|expired", "3|published");
      night.full(two);
      night.full(two);
      assertThat(night.rows("select run_id, state from compat.runs order by 1"))
          .containsExactly("1|expired", "2|expired", "3|expired", "4|published", "5|published");
      assertThat(night.runTables())
          .isNotEmpty()
          .allMatch(table -> table.matches(".*_r[45](_s.*)?"));
      assertThat(night.rows("select distinct run_id from compat.group_cohesion order by 1"))
          .containsExactly("4", "5");
      assertThatThrownBy(() -> night.publish(2, "gone")).hasMessageContaining("Run 2 is expired");
    }
  }

  @Test
  void start_leavesNothingForAutovacuumButStatistics() {
    try (Night night = Night.of(150, 10)) {
      night.start(SETTINGS);
      assertThat(
              night.rows(
                  "select distinct array_to_string(reloptions, ','), last_analyze is not null, relallvisible > relpages / 2"
                      + " from pg_class join pg_stat_user_tables on oid = relid"
                      + " where pg_class.relname ~ '^pair_scores_r1_s'"))
          .containsExactly("autovacuum_enabled=false|t|t");
      assertThat(
              night.rows(
                  "select attname from pg_stats where tablename = 'pair_scores' and inherited and attname like '%user_id' order by 1"))
          .containsExactly("other_user_id", "user_id");
    }
  }

  @Test
  void start_readerInALongTransaction_keepsItsRunAndDelaysNobody() throws SQLException {
    try (Night night = Night.of(150, 10)) {
      // Whoever waits for a lock fails: the reader, the run, its retention.
      TestDatabase.asSuperuser(
          "postgres", "alter database %s set lock_timeout = '4s'".formatted(night.name()));
      NightlySettings one = Night.keeping(1, SETTINGS);
      String lists = "select run_id, count(*) from public.compatibility_scores group by 1";
      String groups = "select run_id, count(*) from public.group_compatibility_scores group by 1";
      try (Night fresh = night.reopened()) {
        fresh.start(one);
        try (Connection reader = fresh.database.directConnection()) {
          reader.createStatement().execute("set role service_role");
          reader.setAutoCommit(false);
          reader.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
          List<String> seen = Night.rows(reader, lists);
          assertThat(seen).singleElement().asString().startsWith("1|");
          assertThat(fresh.full(one).state()).isEqualTo("published");
          assertThat(fresh.published()).isEqualTo(2);
          assertThat(Night.rows(reader, lists)).isEqualTo(seen);
          assertThat(Night.rows(reader, groups)).singleElement().asString().startsWith("1|");
          assertThat(fresh.runTables()).anyMatch(table -> table.startsWith("pair_scores_r1"));
          reader.rollback();
          assertThat(Night.rows(reader, lists)).singleElement().asString().startsWith("2|");
          reader.rollback();
        }
        fresh.full(one);
        assertThat(fresh.runTables()).isNotEmpty().allMatch(table -> table.contains("_r3"));
      }
    }
  }

  @Test
  void start_nobodyThere_publishesARunWithoutRows() {
    try (Night night = Night.empty()) {
      Run run = night.start(SETTINGS);
      assertThat(run.state()).isEqualTo("published");
      assertThat(run.people()).isZero();
      assertThat(run.pairRows()).isZero();
      assertThat(night.count("public.compatibility_scores")).isZero();
      assertThat(night.start(SETTINGS).state()).isEqualTo("unchanged");
    }
  }

  @Test
  void start_onePerson_publishesARunWithoutRows() {
    try (Night night = Night.of(1, 0)) {
      night.execute("update public.profiles set date_of_birth = date '1990-01-01'");
      Run run = night.start(SETTINGS);
      assertThat(run.state()).isEqualTo("published");
      assertThat(run.people()).isEqualTo(1);
      assertThat(run.pairRows()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"reading people", "writing lists", "checking rows"})
  void start_fails_leavesTheEarlierRunVisible(String task) {
    try (Night night = Night.of(100, 5)) {
      night.start(SETTINGS);
      List<String> before = night.checksum(1);
      String seen =
          "select count(*), md5(string_agg(s::text, '' order by user_id, rank)) from public.compatibility_scores s";
      String rows = night.value(seen);
      Meanwhile failure =
          Meanwhile.beginning(
              task,
              () -> {
                throw new IllegalArgumentException("a test's own failure");
              });
      assertThatThrownBy(() -> night.start(SETTINGS, failure, true))
          .isInstanceOf(IllegalStateException.class)
          .hasRootCauseMessage("a test's own failure");
      assertThat(night.published()).isEqualTo(1);
      assertThat(night.value(seen)).isEqualTo(rows);
      assertThat(night.rows("select state, failure from compat.runs where run_id = 2"))
          .containsExactly("running|a test's own failure");
      assertThat(night.full(SETTINGS).runId()).isEqualTo(3);
      assertThat(night.checksum(3)).isEqualTo(before);
      assertThat(night.value("select state from compat.runs where run_id = 2"))
          .isEqualTo("superseded");
    }
  }
}
