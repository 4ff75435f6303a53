package social.trvl.compat.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.score.GroupFit;

final class GroupRescoringTest {

  private static final UUID GROUP = UUID.fromString("a0000000-0000-4000-8000-00000000000a");

  private Night night;

  @BeforeEach
  void publish() {
    night = Night.of(300, 12);
    night.start(Night.settings());
    night.execute(
        """
        create table public.adults as select id, row_number() over (order by md5(id::text))::int as n
          from public.profiles where date_of_birth < date '2000-01-01' and date_of_birth > date '1970-01-01';
        grant select on public.adults to compat_engine;
        """);
  }

  @AfterEach
  void close() {
    night.close();
  }

  @Test
  void rescore_newGroup_equalsWhatAFullRunComputes() {
    form("1, 2, 3, 4", 9, "null");
    GroupFit fit = rescore(GROUP).getFirst();
    assertThat(fit.scorableMembers()).isEqualTo(4);
    assertThat(fit.candidates()).isEqualTo(50);
    List<String> onDemand = rows(1);
    assertThat(onDemand).hasSize(55);
    rescore(GROUP);
    assertThat(rows(1)).isEqualTo(onDemand);
    long run = night.full(Night.settings()).runId();
    assertThat(rows(run)).isEqualTo(onDemand);
  }

  @Test
  void rescore_unknownOrInactiveGroup_writesNothing() {
    form("1, 2, 3", 9, "null");
    UUID unknown = UUID.fromString("b0000000-0000-4000-8000-00000000000b");
    String before = state();
    assertThatThrownBy(() -> rescore(GROUP, unknown))
        .isInstanceOfSatisfying(
            CompatException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.NOT_FOUND))
        .hasMessageContaining(unknown.toString());
    assertThat(state()).isEqualTo(before);
    night.execute("update public.groups set is_active = false where id = '" + GROUP + "'");
    assertThatThrownBy(() -> rescore(GROUP)).hasMessageContaining("no active group " + GROUP);
    assertThat(state()).isEqualTo(before);
  }

  @Test
  void rescore_nothingPublished_isRefused() {
    try (Night fresh = Night.empty()) {
      assertThatThrownBy(
              () -> new GroupRescoring(fresh.database, Night.CLOCK).rescore(List.of(GROUP)))
          .hasMessageContaining("Nothing is published yet");
    }
  }

  @Test
  void publish_groupRescoredAfterTheSnapshot_isScoredInTheNewRun() {
    Meanwhile rescoring =
        Meanwhile.beginning(
            "writing lists",
            () -> {
              form("1, 2, 3", 9, "null");
              rescore(GROUP);
            });
    long run = night.start(Night.settings(), rescoring, true).runId();
    assertThat(night.published()).isEqualTo(run).isEqualTo(2);
    assertThat(rows(run)).hasSize(54).isEqualTo(rows(1));
    assertThat(night.count("compat.group_requests")).isZero();
  }

  @Test
  void rescore_groupOfOne_ranksByThePairScore() {
    form("5", 2, "null");
    GroupFit fit = rescore(GROUP).getFirst();
    assertThat(fit.cohesion()).isEqualTo(-1);
    assertThat(fit.people()).hasSize(50).noneMatch(GroupFit.PersonFit::member);
    assertThat(fit.people()).allMatch(person -> person.fit() == person.least());
    assertThat(
            night.rows(
                "select count(*) from compat.pair_scores p join compat.group_scores g on g.run_id = p.run_id and g.user_id = p.other_user_id where g.group_id = '%s' and p.user_id = (select id from public.adults where n = 5) and p.score <> g.compatibility_score"
                    .formatted(GROUP)))
        .containsExactly("0");
    assertThat(
            night.value(
                "select cohesion is null and least_match is null from compat.group_cohesion where group_id = '"
                    + GROUP
                    + "'"))
        .isEqualTo("t");
  }

  @Test
  void rescore_fullGroup_hasNoCandidates() {
    form("1, 2, 3", 3, "null");
    GroupFit fit = rescore(GROUP).getFirst();
    assertThat(fit.candidates()).isZero();
    assertThat(fit.people()).hasSize(3).allMatch(GroupFit.PersonFit::member);
  }

  @Test
  void rescore_ageRange_bothEndsIncluded() {
    form("1, 2", 9, "'[30,32]'::int4range");
    night.execute(
        "update public.profiles p set date_of_birth = (array[date '1996-11-23', date '1996-11-24', date '1993-11-24', date '1993-11-23'])[a.n - 10] from public.adults a where a.id = p.id and a.n between 11 and 14");
    rescore(GROUP);
    assertThat(
            night.rows(
                "select distinct extract(year from age(date '2026-11-23', p.date_of_birth)) from compat.group_scores g join compat.profiles p on p.id = g.user_id where not is_member and group_id = '%s' order by 1"
                    .formatted(GROUP)))
        .containsExactly("30", "31", "32");
    assertThat(
            night.rows(
                "select a.n from compat.group_scores g join public.adults a on a.id = g.user_id where group_id = '%s' and a.n between 11 and 14 order by 1"
                    .formatted(GROUP)))
        .containsExactly("11", "13");
  }

  @Test
  void rescore_blockedByAnyMember_isNoCandidate() {
    form("1, 2, 3", 9, "null");
    List<String> candidates =
        rescore(GROUP).getFirst().people().stream()
            .filter(person -> !person.member())
            .limit(3)
            .map(person -> "'" + person.userId() + "'")
            .toList();
    // The first blocks a member, a member blocks the second, the third is blocked by one who can't
    // be scored.
    night.execute(
        """
        insert into public.user_connections (requester_id, addressee_id, status)
          select %s::uuid, id, 'blocked'::public.connection_status from public.adults where n = 1
          union all select id, %s::uuid, 'blocked'::public.connection_status from public.adults where n = 2
          union all select id, %s::uuid, 'blocked'::public.connection_status from public.adults where n = 3;
        update public.personality_assessments set openness = null
          where user_id = (select id from public.adults where n = 3);
        """
            .formatted(candidates.get(0), candidates.get(1), candidates.get(2)));
    GroupFit fit = rescore(GROUP).getFirst();
    assertThat(fit.members()).isEqualTo(3);
    assertThat(fit.scorableMembers()).isEqualTo(2);
    assertThat(fit.people().stream().map(person -> "'" + person.userId() + "'"))
        .hasSize(52)
        .doesNotContainAnyElementsOf(candidates);
  }

  @Test
  void rescore_memberChangedSinceTheReading_isSeen() {
    form("1, 2, 3", 9, "null");
    GroupRescoring kept = new GroupRescoring(night.database, Night.CLOCK);
    GroupFit before = kept.rescore(List.of(GROUP)).getFirst();
    night.execute(
        "update public.personality_assessments set openness = 1 - openness, neuroticism = 1 - neuroticism where user_id = (select id from public.adults where n = 2)");
    GroupFit after = kept.rescore(List.of(GROUP)).getFirst();
    assertThat(after).isEqualTo(rescore(GROUP).getFirst()).isNotEqualTo(before);
    night.execute(
        "update public.personality_assessments set openness = null where user_id = (select id from public.adults where n = 2)");
    assertThat(kept.rescore(List.of(GROUP)).getFirst().scorableMembers()).isEqualTo(2);
  }

  @Test
  void rescore_winnerChangedSinceTheReading_isSeen() {
    form("1, 2, 3", 9, "null");
    GroupRescoring kept = new GroupRescoring(night.database, Night.CLOCK);
    GroupFit before = kept.rescore(List.of(GROUP)).getFirst();
    UUID best = before.people().get(3).userId();
    night.execute(
        "update public.profiles set account_status = 'suspended' where id = '" + best + "'");
    GroupFit after = kept.rescore(List.of(GROUP)).getFirst();
    assertThat(after.people()).hasSize(53).noneMatch(person -> person.userId().equals(best));
    assertThat(after).isEqualTo(rescore(GROUP).getFirst());
  }

  @Test
  void rescore_memberCameOrBlocksSinceTheReading_isSeen() {
    form("1, 2, 3", 9, "null");
    GroupRescoring kept = new GroupRescoring(night.database, Night.CLOCK);
    UUID best = kept.rescore(List.of(GROUP)).getFirst().people().get(3).userId();
    night.execute(
        """
        insert into public.group_members (group_id, user_id) select '%s', id from public.adults where n = 4;
        insert into public.user_connections (requester_id, addressee_id, status)
          select id, '%s', 'blocked' from public.adults where n = 4 on conflict do nothing;
        """
            .formatted(GROUP, best));
    GroupFit after = kept.rescore(List.of(GROUP)).getFirst();
    assertThat(after.members()).isEqualTo(4);
    assertThat(after.people()).noneMatch(person -> person.userId().equals(best));
    assertThat(after).isEqualTo(rescore(GROUP).getFirst());
  }

  @Test
  void rescore_anotherRunPublishedSinceTheReading_goesIntoThatOne() {
    form("1, 2, 3", 9, "null");
    GroupRescoring kept = new GroupRescoring(night.database, Night.CLOCK);
    kept.rescore(List.of(GROUP));
    long run = night.full(Night.settings()).runId();
    night.execute("update public.groups set max_members = 3 where id = '" + GROUP + "'");
    kept.rescore(List.of(GROUP));
    assertThat(rows(run)).hasSize(4);
  }

  @Test
  void publish_requestsOlderThanTheRun_areSettledUnanswered() {
    form("1, 2, 3", 9, "null");
    assertThat(night.count("compat.group_requests")).isEqualTo(2);
    long run = night.full(Night.settings()).runId();
    assertThat(night.count("compat.group_requests")).isZero();
    assertThat(
            night.value(
                "select calculated_at = (select started_at from compat.runs where run_id = c.run_id) from compat.group_cohesion c where group_id = '%s' and run_id = %d"
                    .formatted(GROUP, run)))
        .as("scored by the run, not again afterwards")
        .isEqualTo("t");
  }

  @Test
  void publish_requestWhileTheRunIsUnderWay_isAnsweredInIt() {
    Meanwhile joining = Meanwhile.beginning("writing lists", () -> form("1, 2, 3", 9, "null"));
    long run = night.start(Night.settings(), joining, true).runId();
    assertThat(joining.happened()).isTrue();
    assertThat(rows(run)).hasSize(54);
    assertThat(night.count("compat.group_requests")).isZero();
  }

  private List<GroupFit> rescore(UUID... ids) {
    return new GroupRescoring(night.database, Night.CLOCK).rescore(List.of(ids));
  }

  /** Forms the group of the adults of these numbers. */
  private void form(String numbers, int maxMembers, String ages) {
    night.execute(
        """
        insert into public.groups (id, name, owner_id, max_members, age_range)
          select '%1$s', 'new', id, %3$d, %4$s from public.adults where n = split_part('%2$s', ',', 1)::int;
        insert into public.group_members (group_id, user_id)
          select '%1$s', id from public.adults where n in (%2$s) on conflict do nothing;
        """
            .formatted(GROUP, numbers, maxMembers, ages));
  }

  /** The group's rows in a run, cohesion last. */
  private List<String> rows(long run) {
    return night.rows(
        """
        select (to_jsonb(s) - 'run_id' - 'calculated_at')::text from compat.group_scores s where group_id = '%1$s' and run_id = %2$d
        union all
        select (to_jsonb(c) - 'run_id' - 'calculated_at')::text from compat.group_cohesion c where group_id = '%1$s' and run_id = %2$d
        order by 1
        """
            .formatted(GROUP, run));
  }

  private String state() {
    return night.value(
        "select md5(string_agg(s::text, '' order by group_id, user_id)) from compat.group_scores s");
  }
}
