package social.trvl.compat.intake;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;

/**
 * Makes accounts for people in the staging table who have none, where accounts may be made: on the
 * stand-in for Supabase's schema {@code auth}. A real Supabase's accounts belong to its own
 * sign-up.
 */
final class Accounts {

  private Accounts() {}

  /**
   * Creates an account and a profile for everyone staged who is unknown.
   *
   * @param provider where the people come from, kept on the account
   * @return how many people were created; the table {@code newcomers} names them
   */
  static long createMissing(Connection connection, String provider) throws SQLException {
    Transaction.execute(connection, "analyze_people");
    Transaction.execute(connection, "find_newcomers");
    long newcomers = Transaction.count(connection, "count_newcomers");
    if (newcomers == 0) {
      return 0;
    }
    if (!Transaction.holds(connection, "auth_is_stand_in")) {
      throw new CompatException(
          ExitCode.DATABASE_UNFIT,
          "%d user id(s) are unknown here, and schema auth is a real Supabase's: only people who exist may be given an assessment. They must sign up first; nothing was written."
              .formatted(newcomers));
    }
    try (PreparedStatement insert = connection.prepareStatement(Sql.named("create_accounts"))) {
      insert.setString(1, provider);
      insert.executeUpdate();
    }
    Transaction.update(connection, "create_missing_profiles");
    Transaction.update(connection, "set_birth_dates");
    return newcomers;
  }
}
