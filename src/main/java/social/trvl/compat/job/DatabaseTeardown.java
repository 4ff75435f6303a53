package social.trvl.compat.job;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Database;
import social.trvl.compat.db.Migrations;
import social.trvl.compat.db.Reset;
import social.trvl.compat.db.Rollback;
import social.trvl.compat.publish.Claim;

/**
 * Takes migrations back, or everything, under the nightly run's claim: no run writes into tables
 * that go, and none starts meanwhile.
 */
public final class DatabaseTeardown {

  private DatabaseTeardown() {}

  /**
   * Undoes what the plan says.
   *
   * @param each told of every migration that was undone, after it
   * @throws social.trvl.compat.config.CompatException with BUSY while the nightly run holds the
   *     claim; as {@link Rollback#run} otherwise
   */
  public static void rollback(
      Database database, Rollback.Plan plan, Progress progress, Consumer<Migrations.Status> each) {
    underClaim(
        database,
        () -> {
          new Rollback(database, progress).run(plan, each);
          return plan;
        });
  }

  /**
   * Deletes everything.
   *
   * @return as {@link Reset#run}
   * @throws social.trvl.compat.config.CompatException with BUSY while the nightly run holds the
   *     claim; as {@link Reset#run} otherwise
   */
  public static List<String> reset(Database database, Progress progress) {
    return underClaim(database, () -> new Reset(database, progress).run());
  }

  private static <T> T underClaim(Database database, Supplier<T> work) {
    Optional<Claim> claim = Claim.acquireIfInstalled(database, NightlyScoring.NAME);
    try {
      return work.get();
    } finally {
      claim.ifPresent(Claim::close);
    }
  }
}
