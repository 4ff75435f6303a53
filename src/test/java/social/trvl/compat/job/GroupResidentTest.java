package social.trvl.compat.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import social.trvl.compat.db.TestDatabase;
import social.trvl.compat.job.GroupResident.Event;
import social.trvl.compat.publish.GroupReplacement;
import social.trvl.compat.publish.GroupRequests;

/** The resident over connections of its own, as a process of its own would have. */
final class GroupResidentTest {

  private static final UUID GROUP = UUID.fromString("a0000000-0000-4000-8000-00000000000a");

  private Night night;
  private final List<Running> running = new ArrayList<>();

  /** A resident at work in a thread of its own. */
  private static final class Running {
    final Night own;
    final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    final GroupResident resident;
    final Thread thread;

    Running(Night own, Duration refresh) {
      this.own = own;
      resident = new GroupResident(own.database, Night.CLOCK, refresh, events::add);
      thread = Thread.ofPlatform().start(resident::run);
    }

    <T extends Event> T next(Class<T> type) throws InterruptedException {
      Event event = events.poll(30, TimeUnit.SECONDS);
      assertThat(event).isInstanceOf(type);
      return type.cast(event);
    }

    void end() throws InterruptedException {
      resident.stop();
      thread.join(30_000);
      assertThat(thread.isAlive()).isFalse();
      own.close();
    }
  }

  @BeforeEach
  void generate() {
    night = Night.of(300, 12);
  }

  @AfterEach
  void close() throws InterruptedException {
    for (Running resident : running) {
      resident.end();
    }
    night.close();
  }

  @Test
  void run_groupAppears_isScoredAndReadable() throws InterruptedException {
    night.start(Night.settings());
    Running resident = start();
    assertThat(resident.next(Event.Ready.class).runId()).isEqualTo(1);
    form(GROUP, 4);
    Event.Scored scored = resident.next(Event.Scored.class);
    assertThat(scored.fit().groupId()).isEqualTo(GROUP);
    assertThat(scored.fit().members()).isEqualTo(4);
    assertThat(scored.sinceRequest()).isPositive().isLessThan(Duration.ofSeconds(30));
    assertThat(
            night.value(
                "select count(*) from compat.group_scores where group_id = '" + GROUP + "'"))
        .isEqualTo("54");
    assertThat(night.count("compat.group_requests")).isZero();
    night.execute(
        "delete from public.group_members where id = (select m.id from public.group_members m join public.groups g on g.id = m.group_id where g.id = '%s' and m.user_id <> g.owner_id limit 1)"
            .formatted(GROUP));
    assertThat(resident.next(Event.Scored.class).fit().members()).isEqualTo(3);
  }

  @Test
  void run_requestOfNoActiveGroup_isRemoved() throws InterruptedException {
    night.start(Night.settings());
    Running resident = start();
    resident.next(Event.Ready.class);
    night.execute(
        "insert into compat.group_requests (group_id, reason) values ('%s', 'test'); notify compat_group_requests"
            .formatted(GROUP));
    assertThat(resident.next(Event.Dismissed.class).groupId()).isEqualTo(GROUP);
    assertThat(night.count("compat.group_requests")).isZero();
  }

  @Test
  void run_nothingPublished_waitsForIt() throws InterruptedException {
    Running resident = start();
    resident.next(Event.NothingPublished.class);
    night.start(Night.settings());
    resident.next(Event.Ready.class);
  }

  @Test
  void run_twoResidents_scoreEachGroupOnce() throws InterruptedException {
    night.start(Night.settings());
    Running one = start();
    Running other = start();
    one.next(Event.Ready.class);
    other.next(Event.Ready.class);
    request(night, "select id from public.groups");
    List<UUID> scored = new ArrayList<>();
    for (Running resident : List.of(one, other)) {
      Event event;
      while ((event = resident.events.poll(3, TimeUnit.SECONDS)) != null) {
        scored.add(((Event.Scored) event).fit().groupId());
      }
    }
    assertThat(scored).hasSize(12).doesNotHaveDuplicates();
    assertThat(night.count("compat.group_requests")).isZero();
  }

  @Test
  void run_connectionLost_isMadeAgain() throws InterruptedException {
    night.start(Night.settings());
    Running resident = start();
    resident.next(Event.Ready.class);
    TestDatabase.asSuperuser(
        "postgres",
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = '%s'"
            .formatted(night.name()));
    Event.Interrupted interrupted = resident.next(Event.Interrupted.class);
    assertThat(interrupted.reason()).isNotBlank();
    Event event = resident.events.poll(30, TimeUnit.SECONDS);
    while (event instanceof Event.Interrupted) {
      event = resident.events.poll(30, TimeUnit.SECONDS);
    }
    assertThat(event).isInstanceOf(Event.Ready.class);
    try (Night again = night.reopened()) {
      request(again, "select id from public.groups limit 1");
    }
    resident.next(Event.Scored.class);
  }

  @Test
  void run_personAppears_isACandidateAfterTheRefresh() throws InterruptedException {
    night.start(Night.settings());
    Running resident = new Running(night.reopened(), Duration.ofMillis(1));
    running.add(resident);
    resident.next(Event.Ready.class);
    form(GROUP, 4);
    String best =
        resident.next(Event.Scored.class).fit().people().stream()
            .filter(person -> person.rank() == 1)
            .findFirst()
            .orElseThrow()
            .userId()
            .toString();
    // The best candidate leaves, and comes back: nothing that was kept says so.
    night.execute(
        "update public.profiles set account_status = 'suspended' where id = '%s'".formatted(best));
    request();
    assertThat(people(resident.next(Event.Scored.class))).doesNotContain(best);
    night.execute(
        "update public.profiles set account_status = 'active' where id = '%s'".formatted(best));
    for (int attempt = 0; attempt < 20; attempt++) {
      Thread.sleep(300);
      request();
      if (people(resident.next(Event.Scored.class)).contains(best)) {
        return;
      }
    }
    assertThat(best).as("somebody who came back").isEqualTo("a candidate");
  }

  @Test
  void replacement_requestMeanwhile_stays() {
    night.start(Night.settings());
    UUID group = UUID.fromString(night.value("select min(id::text) from compat.groups"));
    request(night, "select '%s'::uuid as id".formatted(group));
    GroupRescoring rescoring = new GroupRescoring(night.database, Night.CLOCK);
    try (GroupReplacement replacement = GroupReplacement.begin(night.database, group)) {
      assertThat(replacement.isRequested()).isTrue();
      assertThat(GroupReplacement.tryBegin(night.database, group)).isEmpty();
      request(night, "select '%s'::uuid as id".formatted(group));
      assertThat(rescoring.rescore(replacement)).isPresent();
    }
    assertThat(new GroupRequests(night.database).waiting()).containsExactly(group);
    rescoring.rescoreRequested();
    assertThat(new GroupRequests(night.database).waiting()).isEmpty();
  }

  private Running start() {
    Running resident = new Running(night.reopened(), Duration.ofMinutes(1));
    running.add(resident);
    return resident;
  }

  private void request() {
    request(night, "select '%s'::uuid as id".formatted(GROUP));
  }

  /** As the application's service. */
  private static void request(Night night, String groups) {
    night.execute(
        "set role service_role; select public.request_group_score(id) from (%s) g; reset role"
            .formatted(groups));
  }

  private static List<String> people(Event.Scored scored) {
    return scored.fit().people().stream().map(person -> person.userId().toString()).toList();
  }

  /** Forms a group of the first adults, in one transaction. */
  private void form(UUID group, int members) {
    night.execute(
        """
        with adults as (
          select id, row_number() over (order by md5(id::text)) as n from public.profiles
          where date_of_birth between date '1970-01-01' and date '2000-01-01'),
        formed as (
          insert into public.groups (id, name, owner_id, max_members)
            select '%1$s', 'new', id, 9 from adults where n = 1 returning id)
        select * from formed;
        insert into public.group_members (group_id, user_id)
          select '%1$s', id from (
            select id, row_number() over (order by md5(id::text)) as n from public.profiles
            where date_of_birth between date '1970-01-01' and date '2000-01-01') adults
          where n <= %2$d on conflict do nothing;
        """
            .formatted(group, members));
  }
}
