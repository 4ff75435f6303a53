package social.trvl.compat.db;

import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jooq.DSLContext;
import org.jooq.Record;
import social.trvl.compat.db.Migrations.Failure;
import social.trvl.compat.db.Migrations.Layer;

/**
 * The table {@code compat_migrations.failures}: why migrations failed. A failed migration is rolled
 * back and leaves no trace in Flyway's history; this one is written after the rollback, so that
 * another process can tell.
 */
final class MigrationFailures {

  private static final String CREATE =
      """
      create table if not exists compat_migrations.failures (
        layer     text        not null,
        version   text        not null,
        failed_at timestamptz not null,
        error     text        not null,
        primary key (layer, version)
      )
      """;

  private static final String RECORD =
      """
      insert into compat_migrations.failures (layer, version, failed_at, error)
      values (?, ?, clock_timestamp(), ?)
      on conflict (layer, version) do update set failed_at = excluded.failed_at, error = excluded.error
      """;

  private final DSLContext sql;

  MigrationFailures(Database database) {
    this.sql = database.ownerSql();
  }

  /** By version; empty where none ever failed. */
  Map<String, Failure> of(Layer layer) {
    Map<String, Failure> failures = new HashMap<>();
    if (exists()) {
      for (Record row :
          sql.fetch(
              "select version, failed_at, error from compat_migrations.failures where layer = ?",
              layer.folder())) {
        failures.put(
            row.get("version", String.class),
            new Failure(
                row.get("failed_at", OffsetDateTime.class).toInstant(),
                row.get("error", String.class),
                "Mend the cause, then: compat db migrate"));
      }
    }
    return failures;
  }

  void record(Layer layer, String version, String error) {
    sql.execute(CREATE);
    sql.execute(RECORD, layer.folder(), version, error);
  }

  /** Forgets those that have succeeded since. */
  void settle(Layer layer, List<String> applied) {
    if (exists()) {
      sql.execute(
          "delete from compat_migrations.failures where layer = ? and version = any (?)",
          layer.folder(),
          applied.toArray(String[]::new));
    }
  }

  private boolean exists() {
    return sql.fetchSingle("select to_regclass('compat_migrations.failures') is not null")
        .get(0, Boolean.class);
  }
}
