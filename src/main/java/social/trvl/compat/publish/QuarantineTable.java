package social.trvl.compat.publish;

import static social.trvl.compat.jooq.compat.Tables.QUARANTINE;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;
import social.trvl.compat.db.CopyReader;
import social.trvl.compat.db.Database;
import social.trvl.compat.profile.Population.Quarantined;

/**
 * The table {@code compat.quarantine}: travellers who can't be scored, with the reason, since when.
 */
public final class QuarantineTable {

  private final Database database;
  private final DSLContext sql;

  public QuarantineTable(Database database) {
    this.database = database;
    this.sql = database.engineSql();
  }

  /**
   * Makes the table say exactly this; whoever is not in the list has left the quarantine. Only what
   * differs is sent, for most of it is last night's.
   */
  public void replace(List<Quarantined> people, Instant now) {
    Map<UUID, Quarantined> released = all();
    List<Quarantined> news = new ArrayList<>();
    for (Quarantined person : people) {
      if (!person.equals(released.remove(person.userId()))) {
        news.add(person);
      }
    }
    if (released.isEmpty() && news.isEmpty()) {
      return;
    }
    sql.execute(
        """
        with released as (delete from compat.quarantine where user_id = any ({0}))
        insert into compat.quarantine (user_id, reason, detail, since)
        select user_id, reason, detail, {4} from unnest({1}, {2}, {3}) as i (user_id, reason, detail)
        on conflict (user_id) do update set reason = excluded.reason, detail = excluded.detail, since = excluded.since
        """,
        DSL.val(released.keySet().toArray(UUID[]::new)),
        DSL.val(news.stream().map(Quarantined::userId).toArray(UUID[]::new)),
        DSL.val(news.stream().map(Quarantined::reason).toArray(String[]::new)),
        DSL.val(news.stream().map(Quarantined::detail).toArray(String[]::new)),
        DSL.val(now.atOffset(ZoneOffset.UTC)));
  }

  private Map<UUID, Quarantined> all() {
    Map<UUID, Quarantined> all = new HashMap<>();
    try (Connection connection = database.engine().getConnection();
        CopyReader row =
            CopyReader.open(
                connection,
                DSL.select(QUARANTINE.USER_ID, QUARANTINE.REASON, QUARANTINE.DETAIL)
                    .from(QUARANTINE))) {
      while (row.next()) {
        UUID id = Objects.requireNonNull(row.uuid());
        all.put(
            id,
            new Quarantined(
                id, Objects.requireNonNull(row.text()), Objects.requireNonNull(row.text())));
      }
    } catch (SQLException e) {
      throw new IllegalStateException("reading the quarantine", e);
    }
    return all;
  }

  public Optional<Quarantined> find(UUID userId) {
    return sql.selectFrom(QUARANTINE)
        .where(QUARANTINE.USER_ID.eq(userId))
        .fetchOptional(row ->
            new Quarantined(
                row.get(QUARANTINE.USER_ID),
                row.get(QUARANTINE.REASON),
                row.get(QUARANTINE.DETAIL)));
  }

  /** How many people there are for each reason. */
  public Map<String, Integer> counts() {
    return new TreeMap<>(
        sql.select(QUARANTINE.REASON, DSL.count())
            .from(QUARANTINE)
            .groupBy(QUARANTINE.REASON)
            .fetchMap(QUARANTINE.REASON, DSL.count()));
  }
}
