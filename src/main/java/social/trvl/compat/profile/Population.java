package social.trvl.compat.profile;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * Everything that the scores depend on besides model and parameters, read at one moment.
 *
 * @param people who can be scored
 * @param quarantine travellers who can't, with the reason
 * @param blocks pairs of rows that must not meet
 * @param groups open and full groups with their active members, ordered by id as PostgreSQL orders
 *     uuid
 * @param unknownWords stated interests and currencies that the model's vocabulary does not know
 * @param snapshotAt when the snapshot was taken, by the database's clock
 * @param digest SHA-256 of people, blocks and groups: everything that the rows depend on
 */
public record Population(
    ProfileTable people,
    List<Quarantined> quarantine,
    BlockedPairs blocks,
    List<TravelGroup> groups,
    long unknownWords,
    Instant snapshotAt,
    String digest) {

  /**
   * A traveller who can't be scored.
   *
   * @param reason of the vocabulary of {@code compat.quarantine}
   * @param detail what is missing, in words
   */
  public record Quarantined(UUID userId, String reason, String detail) {}
}
