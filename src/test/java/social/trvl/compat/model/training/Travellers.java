package social.trvl.compat.model.training;

import java.util.UUID;
import social.trvl.compat.db.TestSql;

/**
 * People with a past: joined, stated something, travelled. For a superuser's connection: what a
 * trip refers to besides people is left out.
 */
final class Travellers {

  static final UUID ANN = person(1);
  static final UUID BEN = person(2);
  static final UUID CAT = person(3);
  static final String JOINED = "2024-01-01T00:00:00Z";
  static final String TRIP_END = "2025-06-15T12:00:00Z";

  private Travellers() {}

  static UUID person(int number) {
    return new UUID(0xaaaaaaaa_0000_4000L, 0x8000_0000_0000_0000L + number);
  }

  static void join(TestSql sql, UUID... people) {
    for (UUID person : people) {
      sql.person(person);
    }
    sql.run("update compat.profile_history set changed_at = '%s'".formatted(JOINED));
  }

  /** One says of the other how it was; rating or satisfied, as JSON fields. */
  static void say(TestSql sql, UUID one, UUID other, UUID trip, String said) {
    sql.run(
        """
        insert into public.user_behavior_data (user_id, event_type, target_type, target_id, metadata, occurred_at)
        values ('%s', 'trip_feedback', 'profile', '%s', '{"trip": "%s", %s}', '%s')
        """
            .formatted(one, other, trip, said, TRIP_END));
  }

  /** A completed trip of these people. */
  static void travel(TestSql sql, UUID booking, UUID... people) {
    sql.run(
        "set session_replication_role = replica",
        """
        insert into public.bookings
          (id, adventure_id, user_id, vendor_id, status, booking_date, start_time, end_time, total_amount, completed_at, created_at)
        values ('%1$s', gen_random_uuid(), '%2$s', gen_random_uuid(), 'completed', '2025-06-10', '10:00', '12:00', 1, '%3$s', '2025-06-01')
        """
            .formatted(booking, people[0], TRIP_END),
        "set session_replication_role = origin");
    for (UUID person : people) {
      sql.run(
          "insert into public.booking_participants (booking_id, user_id, full_name) values ('%s', '%s', 'x')"
              .formatted(booking, person));
    }
  }

  static void group(TestSql sql, UUID group, UUID owner) {
    sql.run(
        "insert into public.groups (id, name, owner_id) values ('%s', 'group', '%s')"
            .formatted(group, owner));
  }

  static void enter(TestSql sql, UUID group, UUID... people) {
    for (UUID person : people) {
      sql.run(
          "insert into public.group_members (group_id, user_id) values ('%s', '%s') on conflict do nothing"
              .formatted(group, person));
    }
  }
}
