package social.trvl.compat.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.trvl.compat.db.TestSql.Refused;

/** Which changes ask for a group's scores, and who may ask by name. */
class GroupRequestsTest {

  private static final UUID ANN = UUID.fromString("aaaaaaaa-0000-4000-8000-000000000001");
  private static final UUID BEN = UUID.fromString("bbbbbbbb-0000-4000-8000-000000000002");
  private static final UUID CAT = UUID.fromString("cccccccc-0000-4000-8000-000000000003");
  private static final UUID GROUP = UUID.fromString("dddddddd-0000-4000-8000-000000000004");

  private Database database;
  private TestSql owner;

  @BeforeEach
  void formGroup() {
    database = TestDatabase.migrated();
    owner = TestSql.of(database);
    owner
        .person(ANN)
        .person(BEN)
        .person(CAT)
        .run(
            "insert into public.groups (id, name, owner_id, max_members) values ('%s', 'group', '%s', 5)"
                .formatted(GROUP, ANN),
            "insert into public.group_members (group_id, user_id) values ('%1$s', '%2$s'), ('%1$s', '%3$s') on conflict do nothing"
                .formatted(GROUP, ANN, BEN),
            "delete from compat.group_requests");
  }

  @AfterEach
  void close() {
    owner.close();
    database.close();
  }

  @Test
  void newGroup_asksAndItsMembersAskAgain() {
    owner.run(
        "insert into public.groups (id, name, owner_id) select gen_random_uuid(), 'new', '%s' from generate_series(1, 3)"
            .formatted(CAT));
    assertThat(
            owner.column(
                "select count(distinct group_id) || reason from compat.group_requests group by reason order by reason"))
        .contains("3the group is new");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          update public.groups set max_members = 6                                                    | the group changed
          update public.groups set max_members = null                                                 | the group changed
          update public.groups set age_range = '[30,40]'                                              | the group changed
          update public.groups set name = 'another', description = 'more'                             |
          update public.groups set is_active = false                                                  |
          insert into public.group_members (group_id, user_id) values ('GROUP', 'CAT')                | its members changed
          insert into public.group_members (group_id, user_id, is_active) values ('GROUP', 'CAT', false) |
          update public.group_members set is_active = false where user_id = 'BEN'                     | its members changed
          update public.group_members set is_active = true                                            |
          update public.group_members set is_active = null                                            |
          delete from public.group_members where user_id = 'BEN'                                      | its members changed
          delete from public.groups                                                                   |
          """)
  void change_asksIfItDecidesWhoFits(String change, String reason) {
    owner.run(
        change
            .replace("GROUP", GROUP.toString())
            .replace("BEN", BEN.toString())
            .replace("CAT", CAT.toString()));
    assertThat(owner.column("select group_id || ' ' || reason from compat.group_requests"))
        .isEqualTo(reason == null ? List.of() : List.of(GROUP + " " + reason));
  }

  @Test
  void groupThatIsActiveAgain_asks() {
    owner.run("update public.groups set is_active = false");
    assertThat(owner.column("select reason from compat.group_requests")).isEmpty();
    owner.run("update public.groups set is_active = true");
    assertThat(owner.column("select reason from compat.group_requests"))
        .containsExactly("the group changed");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"aaaaaaaa-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000002"})
  void requestGroupScore_ofOwnerAndMember_isKept(UUID person) {
    try (TestSql api = TestSql.of(database).signedIn(person)) {
      api.run("select public.request_group_score('%s')".formatted(GROUP));
    }
    assertThat(owner.column("select group_id || ' ' || reason from compat.group_requests"))
        .containsExactly(GROUP + " asked for");
  }

  @Test
  void requestGroupScore_ofStranger_isRefusedAsIfThereWereNone() {
    try (TestSql api = TestSql.of(database).signedIn(CAT)) {
      assertThatThrownBy(() -> api.run("select public.request_group_score('%s')".formatted(GROUP)))
          .isInstanceOf(Refused.class)
          .hasMessageContaining("There is no active group " + GROUP);
    }
    assertThat(owner.column("select 1 from compat.group_requests")).isEmpty();
  }

  @Test
  void requestGroupScore_ofService_isForEveryActiveGroup() {
    try (TestSql service = TestSql.of(database).as("service_role")) {
      service.run("select public.request_group_score('%s')".formatted(GROUP));
      owner.run("update public.groups set is_active = false");
      for (UUID none : List.of(GROUP, CAT)) {
        assertThatThrownBy(
                () -> service.run("select public.request_group_score('%s')".formatted(none)))
            .hasMessageContaining("There is no active group " + none);
      }
    }
    assertThat(owner.column("select reason from compat.group_requests"))
        .containsExactly("asked for");
  }

  @Test
  void requestGroupScore_ofAnon_isRefused() {
    try (TestSql anon = TestSql.of(database).as("anon")) {
      assertThatThrownBy(() -> anon.run("select public.request_group_score('%s')".formatted(GROUP)))
          .isInstanceOfSatisfying(Refused.class, e -> assertThat(e.forLackOfPermission()).isTrue());
    }
  }
}
