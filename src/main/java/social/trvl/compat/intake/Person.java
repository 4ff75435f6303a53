package social.trvl.compat.intake;

import java.time.LocalDate;
import java.util.UUID;

/**
 * A generated person.
 *
 * @param age in years on the day of generation
 * @param dateOfBirth gives that age on that day
 * @param since the day on which the person joined, before every trip
 */
record Person(
    UUID id,
    int age,
    LocalDate dateOfBirth,
    LocalDate since,
    Traits traits,
    TravelPreferences preferences) {}
