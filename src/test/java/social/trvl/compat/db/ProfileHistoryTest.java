package social.trvl.compat.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProfileHistoryTest {

  private static final UUID ANN = UUID.fromString("aaaaaaaa-0000-4000-8000-000000000001");
  private static final String ROWS = "select count(*) from compat.profile_history";

  private Database database;
  private TestSql sql;

  @BeforeEach
  void open() {
    database = TestDatabase.migrated();
    sql = TestSql.of(database).person(ANN);
  }

  @AfterEach
  void close() {
    sql.close();
    database.close();
  }

  @Test
  void change_ofAssessmentOrPreferences_makesOneRow() {
    assertThat(sql.value(ROWS)).as("the assessment itself").isEqualTo("1");
    sql.run("update public.personality_assessments set openness = 0.9");
    assertThat(sql.value(ROWS)).isEqualTo("2");
    sql.run("insert into public.travel_preferences (user_id) values ('%s')".formatted(ANN));
    sql.run("update public.travel_preferences set interests = '{wine}', experience_level = 2");
    assertThat(sql.column("select source from compat.profile_history order by history_id"))
        .containsExactly(
            "personality_assessments",
            "personality_assessments",
            "travel_preferences",
            "travel_preferences");
    assertThat(
            sql.column(
                "select recorded ->> 'openness' from compat.profile_history where source = 'personality_assessments' order by history_id"))
        .containsExactly("0.50", "0.90");
  }

  @Test
  void update_thatChangesNothing_makesNone() {
    sql.run("update public.personality_assessments set openness = openness");
    sql.run("update public.personality_assessments set updated_at = now() + interval '1 day'");
    assertThat(sql.value(ROWS)).isEqualTo("1");
  }

  @Test
  void removal_ofAnAssessment_isRecordedAsNull() {
    sql.run("delete from public.personality_assessments");
    assertThat(
            sql.column("select recorded is null from compat.profile_history order by history_id"))
        .containsExactly("f", "t");
  }

  @Test
  void deletion_ofThePerson_removesTheHistory() {
    sql.run("insert into public.travel_preferences (user_id) values ('%s')".formatted(ANN));
    sql.run("delete from auth.users");
    assertThat(sql.value(ROWS)).isEqualTo("0");
  }
}
