package social.trvl.compat.publish;

import static social.trvl.compat.jooq.compat.Tables.QUARANTINE;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;
import social.trvl.compat.db.Database;
import social.trvl.compat.profile.Population.Quarantined;

/**
 * The table {@code compat.quarantine}: travellers who can't be scored, with the reason, since when.
 */
public final class QuarantineTable {

  private final DSLContext sql;

  public QuarantineTable(Database database) {
    this.sql = database.engineSql();
  }

  /** Makes the table say exactly this; whoever is not in the list has left the quarantine. */
  public void replace(List<Quarantined> people, Instant now) {
    UUID[] ids = people.stream().map(Quarantined::userId).toArray(UUID[]::new);
    String[] reasons = people.stream().map(Quarantined::reason).toArray(String[]::new);
    String[] details = people.stream().map(Quarantined::detail).toArray(String[]::new);
    sql.execute(
        """
        with listed as (
          select user_id, reason, detail from unnest({0}, {1}, {2}) as i (user_id, reason, detail)),
        released as (
          delete from compat.quarantine old
          where not exists (select from listed where listed.user_id = old.user_id))
        insert into compat.quarantine (user_id, reason, detail, since)
        select user_id, reason, detail, {3} from listed
        where not exists (
          select from compat.quarantine old
          where (old.user_id, old.reason, old.detail) = (listed.user_id, listed.reason, listed.detail))
        on conflict (user_id) do update set reason = excluded.reason, detail = excluded.detail, since = excluded.since
        """,
        DSL.val(ids), DSL.val(reasons), DSL.val(details), DSL.val(now.atOffset(ZoneOffset.UTC)));
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
