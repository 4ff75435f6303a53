package social.trvl.compat.job;

import java.time.Clock;
import social.trvl.compat.db.Database;
import social.trvl.compat.publish.Claim;
import social.trvl.compat.publish.Publication;

/**
 * Moves the pointer by hand: to a withheld run, or back to an earlier one; under the nightly run's
 * claim.
 */
public final class ManualPublication {

  private ManualPublication() {}

  /**
   * Publishes a run and rescores the groups that were rescored after its snapshot.
   *
   * @throws social.trvl.compat.config.CompatException with BUSY while the nightly run holds the
   *     claim, or if the run has no rows to be read
   */
  public static void publish(Database database, long runId, String reason, Clock clock) {
    try (Claim claim = Claim.acquire(database, NightlyScoring.NAME)) {
      Publication publication = new Publication(database);
      publication.publishByHand(runId, reason, clock.instant(), claim);
      new GroupRescoring(database, clock).rescoreRequested();
    }
  }
}
