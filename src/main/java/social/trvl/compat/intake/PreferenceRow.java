package social.trvl.compat.intake;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A person's preferences as a row of {@code copy_preferences}. */
final class PreferenceRow {

  private static final int COORDINATE_DECIMALS = 4;

  private PreferenceRow() {}

  /**
   * @param since when they were stated, as PostgreSQL reads an instant
   */
  static void write(CopyRows copy, UUID person, TravelPreferences wishes, String since)
      throws SQLException {
    TravelPreferences.Budget budget = wishes.dailyBudget();
    TravelPreferences.Span days = wishes.tripDays();
    TravelPreferences.Home home = wishes.home();
    copy.add(person)
        .add(wishes.adventureStyle())
        .add(wishes.budgetPreference())
        .add(wishes.planningStyle())
        .add(wishes.groupPreference())
        .add(wishes.interests())
        .add(wishes.destinations())
        .add(budget == null ? null : Integer.valueOf(budget.least()))
        .add(budget == null ? null : Integer.valueOf(budget.most()))
        .add(budget == null ? null : budget.currency())
        .add(dates(wishes.freeDates()))
        .add(days == null ? null : Integer.valueOf(days.least()))
        .add(days == null ? null : Integer.valueOf(days.most()))
        .add(wishes.experienceLevel())
        .add(home == null ? null : home.region())
        .add(home == null ? null : degrees(home.latitude()))
        .add(home == null ? null : degrees(home.longitude()))
        .add(wishes.languages())
        .add(range(wishes.companionAge()))
        .add(range(wishes.companionGroupSize()))
        .add(since)
        .add(since)
        .endRow();
  }

  private static List<String> dates(List<TravelPreferences.FreeDates> dates) {
    return dates.stream().map(d -> "[%s,%s)".formatted(d.from(), d.until())).toList();
  }

  private static @Nullable String range(TravelPreferences.@Nullable Span span) {
    return span == null ? null : "[" + span.least() + "," + span.most() + "]";
  }

  private static String degrees(double value) {
    return BigDecimal.valueOf(value)
        .setScale(COORDINATE_DECIMALS, RoundingMode.HALF_UP)
        .toPlainString();
  }
}
