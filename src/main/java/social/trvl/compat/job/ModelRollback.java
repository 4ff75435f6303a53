package social.trvl.compat.job;

import java.time.Clock;
import social.trvl.compat.db.Database;
import social.trvl.compat.publish.Claim;
import social.trvl.compat.publish.Publication;
import social.trvl.compat.publish.Runs;
import social.trvl.compat.publish.Runs.Run;

/**
 * Returns to the previous champion and the scores it published last; under the nightly run's claim,
 * so that no run of the other champion is published afterwards.
 */
public final class ModelRollback {

  private ModelRollback() {}

  /**
   * Rolls back, and rescores the groups that were rescored after that run's snapshot.
   *
   * @param reason for the record
   * @return the run that readers see now, of the model that is champion now
   * @throws social.trvl.compat.config.CompatException with BUSY while the nightly run holds the
   *     claim, with NOT_FOUND if there is no previous champion or no run of it has rows any more;
   *     then nothing was changed
   */
  public static Run rollBack(Database database, String reason, Clock clock) {
    try (Claim claim = Claim.acquire(database, NightlyScoring.NAME)) {
      long runId = new Publication(database).rollBackModel(reason, clock.instant(), claim);
      new GroupRescoring(database, clock).rescoreRequested();
      return new Runs(database).require(runId);
    }
  }
}
