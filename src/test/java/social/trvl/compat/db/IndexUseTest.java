package social.trvl.compat.db;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each index that the guide names or asks for is used by the query it is there for. */
class IndexUseTest {

  private static Database database;
  private static TestSql sql;

  /**
   * 20,000 people, 2,000 vendors with 20,000 adventures, 40,000 bookings. People are stored in no
   * order of their ids, which are random in life.
   */
  @BeforeAll
  static void generate() {
    database = TestDatabase.migrated();
    sql = TestSql.superuser(database);
    // The rows alone matter here; triggers would fire once for each.
    sql.run("set session_replication_role = replica", "select setseed(0.5)");
    sql.run(
        """
        create function pg_temp.id(kind integer, n bigint) returns uuid language sql immutable as
          $$ select (lpad(to_hex(kind), 8, '0') || '-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid $$
        """,
        """
        insert into public.profiles (id, username, full_name, location, role, date_of_birth)
        select pg_temp.id(1, n), 'user_' || n, 'Name ' || n, 'Town ' || n % 500,
               (case when n % 10 = 0 then 'vendor' when n % 1000 = 1 then 'admin' else 'traveler' end)::public.user_role,
               date '1970-01-01' + (n % 12000)::int
        from generate_series(1, 20000) n order by md5(n::text)
        """,
        """
        insert into public.personality_assessments
          (user_id, openness, conscientiousness, extraversion, agreeableness, neuroticism,
           adventure_style, budget_preference, planning_style, group_preference, updated_at)
        select pg_temp.id(1, n), round(random()::numeric, 2), round(random()::numeric, 2), round(random()::numeric, 2),
               round(random()::numeric, 2), case when n % 10 > 0 then round(random()::numeric, 2) end,
               (array['relaxed', 'cultural', 'moderate', 'active', 'extreme'])[1 + n % 5],
               (array['budget', 'moderate', 'comfort', 'luxury'])[1 + n / 5 % 4],
               (array['spontaneous', 'flexible', 'planned', 'structured'])[1 + n / 20 % 4],
               (array['solo', 'couple', 'small', 'large'])[1 + n / 80 % 4],
               timestamptz '2026-01-01' + n * interval '1 minute'
        from generate_series(1, 20000) n order by md5(n::text)
        """,
        """
        insert into public.travel_preferences (user_id, interests, destinations, home_region, home_latitude, home_longitude)
        select pg_temp.id(1, n), array['interest ' || n % 200, 'interest ' || n % 300], array['place ' || n % 400],
               'region ' || n % 100, (random() * 170 - 85)::numeric(10, 8), (random() * 358 - 179)::numeric(11, 8)
        from generate_series(1, 20000) n
        """,
        """
        insert into public.vendors (id, user_id, business_name, status)
        select pg_temp.id(2, n), pg_temp.id(1, n * 10), 'Vendor ' || n, 'active'
        from generate_series(1, 2000) n
        """,
        """
        insert into public.adventures (id, vendor_id, title, description, category, price, max_capacity, latitude, longitude, rating)
        select pg_temp.id(3, n), pg_temp.id(2, 1 + n % 2000), 'Adventure ' || n, 'x',
               (enum_range(null::public.adventure_category))[1 + n % 15], 100, 10,
               (random() * 170 - 85)::numeric(10, 8), (random() * 358 - 179)::numeric(11, 8), (n % 500 / 100.0)::numeric(3, 2)
        from generate_series(1, 20000) n
        """,
        """
        insert into public.bookings (id, adventure_id, user_id, vendor_id, booking_date, start_time, end_time, total_amount)
        select pg_temp.id(4, n), pg_temp.id(3, 1 + n % 20000), pg_temp.id(1, 1 + n % 20000), pg_temp.id(2, 1 + n % 2000),
               date '2025-01-01' + (n % 700)::int, '09:00', '17:00', 100
        from generate_series(1, 40000) n
        """,
        """
        insert into public.user_connections (requester_id, addressee_id, status)
        select pg_temp.id(1, n), pg_temp.id(1, n + 1 + n % 7), (case when n % 50 = 0 then 'blocked' else 'accepted' end)::public.connection_status
        from generate_series(1, 19000) n
        """,
        """
        insert into public.groups (id, name, owner_id, privacy, interests, is_active)
        select pg_temp.id(5, n), 'Group ' || n, pg_temp.id(1, n), (case when n % 20 = 0 then 'public' else 'private' end)::public.group_privacy,
               array['interest ' || n % 200], n % 2 = 0
        from generate_series(1, 5000) n
        """,
        """
        insert into public.group_members (group_id, user_id, is_active)
        select pg_temp.id(5, 1 + n % 5000), pg_temp.id(1, n), n % 10 > 0 from generate_series(1, 20000) n
        """,
        "vacuum analyze");
    // Index-only scans want pages that everybody sees in whole; autovacuum's own glance at a table
    // can hold that back for a moment.
    for (int i = 0; i < 100 && hiddenPages() > 0; i++) {
      sql.run(
          "select pg_sleep(0.1)",
          "vacuum public.profiles",
          "vacuum public.personality_assessments");
    }
    assertThat(hiddenPages()).isZero();
  }

  private static long hiddenPages() {
    return Long.parseLong(
        sql.value(
            """
            select sum(relpages - relallvisible) from pg_class
            where oid in ('public.profiles'::regclass, 'public.personality_assessments'::regclass)
            """));
  }

  @AfterAll
  static void close() {
    sql.close();
    database.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          # Named by the guide
          idx_profiles_username       ; select id from public.profiles where username = 'user_77'
          idx_profiles_role           ; select id from public.profiles where role = 'admin'
          idx_profiles_location       ; select id from public.profiles where location = 'Town 7'
          idx_adventures_category     ; select id from public.adventures where category = 'hiking' and is_active
          idx_adventures_(category|rating) ; select * from public.adventures where category = 'hiking' and is_active = true order by rating desc limit 10
          idx_adventures_location     ; select id from public.adventures where latitude between 10 and 11 and longitude between 20 and 30
          idx_adventures_rating       ; select id from public.adventures order by rating desc limit 10
          idx_bookings_user_id        ; select id from public.bookings where user_id = '00000001-0000-4000-8000-000000000007'
          idx_bookings_adventure_id   ; select id from public.bookings where adventure_id = '00000003-0000-4000-8000-000000000007'
          idx_bookings_booking_date   ; select id from public.bookings where booking_date = '2025-03-01'
          # Composite, on traits and styles
          idx_personality_assessments_traits   ; select user_id from public.personality_assessments where openness = 0.5 and conscientiousness between 0.4 and 0.6
          idx_personality_assessments_styles   ; select user_id from public.personality_assessments where adventure_style = 'active' and budget_preference = 'luxury' and planning_style = 'planned' and group_preference = 'small'
          idx_personality_assessments_complete ; select user_id from public.personality_assessments where num_nulls(openness, conscientiousness, extraversion, agreeableness, neuroticism) = 0 and updated_at > '2026-01-14'
          # Places, regions, interests
          idx_travel_preferences_home_location ; select user_id from public.travel_preferences where home_latitude is not null and point(home_longitude::double precision, home_latitude::double precision) <@ box(point(10, 40), point(12, 42))
          idx_travel_preferences_home_location ; select user_id from public.travel_preferences where home_latitude is not null order by point(home_longitude::double precision, home_latitude::double precision) <-> point(10, 40) limit 20
          idx_travel_preferences_home_region   ; select user_id from public.travel_preferences where home_region = 'region 7'
          idx_travel_preferences_interests     ; select user_id from public.travel_preferences where interests @> array['interest 7']
          idx_travel_preferences_destinations  ; select user_id from public.travel_preferences where destinations && array['place 7']
          idx_groups_interests                 ; select id from public.groups where interests @> array['interest 7']
          idx_groups_open                      ; select id from public.groups where privacy = 'public' and is_active
          # Compatibility
          idx_profiles_travelers                ; select id, account_status, restriction_expires, date_of_birth from public.profiles where role = 'traveler' order by id limit 1000
          idx_personality_assessments_population ; select user_id, openness, conscientiousness, extraversion, agreeableness, neuroticism, adventure_style, budget_preference, planning_style, group_preference from public.personality_assessments order by user_id
          idx_user_connections_blocked          ; select addressee_id from public.user_connections where status = 'blocked' and requester_id = '00000001-0000-4000-8000-000000000064'
          idx_user_connections_blocked_by       ; select requester_id from public.user_connections where status = 'blocked' and addressee_id = '00000001-0000-4000-8000-000000000007'
          idx_user_connections_pair             ; select status from public.user_connections where least(requester_id, addressee_id) = '00000001-0000-4000-8000-000000000007' and greatest(requester_id, addressee_id) = '00000001-0000-4000-8000-000000000008'
          idx_group_members_membership          ; select group_id, user_id, is_active from public.group_members order by group_id, user_id
          """)
  void index_servesItsQuery(String index, String query) {
    assertThat(sql.column("explain " + query))
        .as(query)
        .anySatisfy(
            line -> assertThat(line).containsPattern("(Scan|using|on) .*\\b" + index + "\\b"));
  }
}
