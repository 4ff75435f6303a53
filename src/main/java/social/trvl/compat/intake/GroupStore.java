package social.trvl.compat.intake;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Database;

/** Writes planned groups and their members; a group that is there already is left as it is. */
final class GroupStore {

  private static final int CHUNK_GROUPS = 2_000;

  private final Database database;
  private final Progress progress;

  GroupStore(Database database, Progress progress) {
    this.database = database;
    this.progress = progress;
  }

  /** Stores the groups 0..count−1 of the plan; returns how many were new. */
  long store(GroupPlan plan, int count) {
    long added = 0;
    progress.begin("forming groups", count);
    try {
      for (int from = 0; from < count; from += CHUNK_GROUPS) {
        List<GroupPlan.Group> groups = new ArrayList<>();
        int to = Math.min(count, from + CHUNK_GROUPS);
        for (int number = from; number < to; number++) {
          GroupPlan.Group group = plan.group(number);
          if (group != null) {
            groups.add(group);
          }
        }
        added +=
            Transaction.run(
                database,
                "The forming of %d groups".formatted(groups.size()),
                connection -> store(connection, groups));
        progress.advance(to - from);
      }
    } finally {
      progress.end();
    }
    return added;
  }

  private static Long store(Connection connection, List<GroupPlan.Group> groups)
      throws SQLException {
    Transaction.execute(connection, "stage_groups");
    try (CopyRows copy = new CopyRows(connection, "copy_groups")) {
      for (GroupPlan.Group group : groups) {
        group.writeGroup(copy);
      }
      copy.finish();
    }
    Transaction.execute(connection, "stage_members");
    try (CopyRows copy = new CopyRows(connection, "copy_members")) {
      for (GroupPlan.Group group : groups) {
        group.writeMembers(copy);
      }
      copy.finish();
    }
    Transaction.update(connection, "forget_known_groups");
    long added = Transaction.update(connection, "insert_groups");
    Transaction.update(connection, "insert_members");
    return added;
  }
}
