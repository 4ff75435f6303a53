package social.trvl.compat.profile;

import java.util.List;
import java.util.UUID;

/**
 * A travel group with its active members.
 *
 * @param members user ids of all active members, in order; some may not be scorable
 * @param ageFrom youngest age that may join, {@link ProfileTable#UNKNOWN} for no limit
 * @param ageTo oldest age that may join, inclusive, {@link ProfileTable#UNKNOWN} for no limit
 * @param open whether there is room for another member
 */
public record TravelGroup(UUID groupId, List<UUID> members, int ageFrom, int ageTo, boolean open) {

  void digest(DigestFeed feed) {
    feed.add(groupId).add(members.size());
    members.forEach(feed::add);
    feed.add(ageFrom).add(ageTo).add(open ? 1 : 0);
  }
}
