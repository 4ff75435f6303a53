package social.trvl.compat.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jooq.DSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.db.Database;
import social.trvl.compat.db.TestDatabase;

final class ClaimTest {

  private Database database;

  @BeforeEach
  void open() {
    database = TestDatabase.migrated();
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void acquire_held_isBusyAndNamesHolderSinceAndRun() {
    try (Claim held = Claim.acquire(database, "job")) {
      held.names(17);
      assertThatThrownBy(() -> Claim.acquire(database, "job"))
          .isInstanceOfSatisfying(
              CompatException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BUSY))
          .hasMessageMatching(
              "The job job is claimed by process \\d+ on \\S+ since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC for run 17\\. .*");
      Claim.acquire(database, "another job").close();
    }
    Claim.acquire(database, "job").close();
  }

  @Test
  void verify_claimedByAnotherSince_failsAndNothingIsCommitted() {
    DSLContext sql = database.engineSql();
    try (Claim claim = Claim.acquire(database, "job")) {
      sql.transaction(configuration -> claim.verify(configuration.dsl()));
      sql.execute("update compat.claims set epoch = epoch + 1, holder = 'process 7 on elsewhere'");
      assertThatThrownBy(() ->
              sql.transaction(configuration -> {
                configuration
                    .dsl()
                    .execute("insert into compat.erasures (user_id) values (gen_random_uuid())");
                claim.verify(configuration.dsl());
              }))
          .isInstanceOfSatisfying(
              CompatException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BUSY))
          .hasMessageContaining("(epoch 1) to process 7 on elsewhere");
    }
    assertThat(sql.fetchSingle("select count(*) from compat.erasures").get(0)).isEqualTo(0L);
  }

  @Test
  void acquire_eachClaimHasAHigherEpoch() {
    for (long epoch = 1; epoch <= 3; epoch++) {
      try (Claim claim = Claim.acquire(database, "job")) {
        claim.names(epoch);
        assertThat(database.engineSql().fetchSingle("select epoch, run_id from compat.claims"))
            .satisfies(row -> assertThat(row.get(0)).isEqualTo(row.get(1)));
      }
    }
  }
}
