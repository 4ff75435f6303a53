package social.trvl.compat.profile;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * One group as it is now.
 *
 * @param keptApart people whom one of its active members blocks, or who block one
 */
public record GroupSnapshot(TravelGroup group, Set<UUID> keptApart) {

  private static final String QUERY =
      """
      select g.max_members, lower(g.age_range), upper(g.age_range), m.ids,
             array(select b.blocked_id from compat.blocks b where b.blocker_id = any (m.ids)
                   union
                   select b.blocker_id from compat.blocks b where b.blocked_id = any (m.ids))
      from compat.groups g
      cross join lateral (
        select array(select user_id from compat.group_members
                     where group_id = g.id and is_active is not false order by user_id) as ids) m
      where g.id = ? and g.is_active is not false
      """;

  public GroupSnapshot {
    keptApart = Set.copyOf(keptApart);
  }

  /**
   * Reads an active group by one statement.
   *
   * @return empty if there is none of that id
   */
  public static Optional<GroupSnapshot> read(Connection connection, UUID groupId)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(QUERY)) {
      statement.setObject(1, groupId);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        int most = row.getInt(1);
        boolean limited = !row.wasNull();
        int from = row.getInt(2);
        int ageFrom = row.wasNull() ? ProfileTable.UNKNOWN : from;
        int to = row.getInt(3);
        int ageTo = row.wasNull() ? ProfileTable.UNKNOWN : to - 1;
        List<UUID> members = List.of((UUID[]) row.getArray(4).getArray());
        Set<UUID> keptApart = Set.of((UUID[]) row.getArray(5).getArray());
        return Optional.of(
            new GroupSnapshot(
                new TravelGroup(
                    groupId, members, ageFrom, ageTo, !limited || members.size() < most),
                keptApart));
      }
    }
  }
}
