package social.trvl.compat.job;

import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.batch.infrastructure.item.ExecutionContext;
import org.springframework.batch.infrastructure.item.ItemStreamReader;
import social.trvl.compat.profile.TravelGroup;
import social.trvl.compat.publish.GroupTable;

/** Hands out the groups that the run has not scored yet; its rows say which those are. */
final class GroupReader implements ItemStreamReader<TravelGroup> {

  /** Groups in a transaction: some 60 rows each, 30,000 together; half a second of work. */
  static final int CHUNK_GROUPS = 500;

  private final RunContext run;
  private Iterator<TravelGroup> groups = List.<TravelGroup>of().iterator();

  GroupReader(RunContext run) {
    this.run = run;
  }

  @Override
  public void open(ExecutionContext context) {
    Set<UUID> done = GroupTable.scoredGroups(run.database, run.runId);
    groups =
        run.population().groups().stream()
            .filter(group -> !done.contains(group.groupId()))
            .iterator();
    run.progress.advance(done.size());
  }

  @Override
  public @Nullable TravelGroup read() {
    return groups.hasNext() ? groups.next() : null;
  }
}
