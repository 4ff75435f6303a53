package social.trvl.compat.intake;

import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a person wants of a trip: a row of {@code travel_preferences} without its person. Null or an
 * empty list means that nothing was said.
 */
public record TravelPreferences(
    @Nullable String adventureStyle,
    @Nullable String budgetPreference,
    @Nullable String planningStyle,
    @Nullable String groupPreference,
    List<String> interests,
    List<String> destinations,
    @Nullable Budget dailyBudget,
    List<FreeDates> freeDates,
    @Nullable Span tripDays,
    @Nullable Integer experienceLevel,
    @Nullable Home home,
    List<String> languages,
    @Nullable Span companionAge,
    @Nullable Span companionGroupSize) {

  /** An amount a day, in whole units of the currency. */
  public record Budget(int least, int most, String currency) {}

  /** From the first day, inclusive, to the day after the last. */
  public record FreeDates(LocalDate from, LocalDate until) {}

  /** Whole numbers from least to most, both included. */
  public record Span(int least, int most) {}

  /** Degrees, to ten-thousandths. */
  public record Home(String region, double latitude, double longitude) {}

  public TravelPreferences {
    interests = List.copyOf(interests);
    destinations = List.copyOf(destinations);
    freeDates = List.copyOf(freeDates);
    languages = List.copyOf(languages);
  }
}
