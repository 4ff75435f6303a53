package social.trvl.compat.intake;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.IntFunction;

/**
 * Who blocks whom and who knows whom: one blocked pair for every 200 people, one accepted
 * connection for every two. As with trips, a pair exists because of its later person.
 */
final class Acquaintances {

  private static final int PEOPLE_PER_BLOCK = 200;
  private static final int PEOPLE_PER_CONNECTION = 2;

  /** One row for a pair. */
  record Connection(UUID id, UUID requester, UUID addressee, String status) {

    void write(CopyRows copy) throws SQLException {
      copy.add(id).add(requester).add(addressee).add(status).endRow();
    }
  }

  private final long seed;
  private final IntFunction<UUID> people;

  Acquaintances(long seed, IntFunction<UUID> people) {
    this.seed = seed;
    this.people = people;
  }

  /** Connections that exist because of people from..to−1, the blocked ones first. */
  List<Connection> connections(int from, int to) {
    List<Connection> all = new ArrayList<>(blocks(from, to));
    add(from, to, PEOPLE_PER_CONNECTION, "accepted", all);
    return all;
  }

  /** Only the blocked pairs among them. */
  List<Connection> blocks(int from, int to) {
    List<Connection> all = new ArrayList<>();
    add(from, to, PEOPLE_PER_BLOCK, "blocked", all);
    return all;
  }

  private void add(int from, int to, int every, String status, List<Connection> all) {
    for (int i = Math.max(1, from); i < to; i++) {
      if ((i + 1) % every == 0) {
        Dice dice = Dice.of(seed, status, i);
        int other = dice.between(Math.max(0, i - PastTrips.WINDOW), i - 1);
        boolean turned = dice.chance(.5);
        UUID id = Dice.id(seed, status, Integer.toString(i));
        UUID one = people.apply(turned ? other : i);
        UUID two = people.apply(turned ? i : other);
        all.add(new Connection(id, one, two, status));
      }
    }
  }
}
