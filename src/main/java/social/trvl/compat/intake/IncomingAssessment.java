package social.trvl.compat.intake;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A valid row on its way to the database.
 *
 * @param dateOfBirth used only if the person is new
 * @param traitHundredths in the order of {@link Trait}; null is unknown
 * @param words adventure, budget, planning and group preference; null is unknown
 */
record IncomingAssessment(
    UUID id,
    @Nullable LocalDate dateOfBirth,
    List<@Nullable Integer> traitHundredths,
    List<@Nullable String> words) {

  IncomingAssessment {
    traitHundredths = Collections.unmodifiableList(new ArrayList<>(traitHundredths));
    words = Collections.unmodifiableList(new ArrayList<>(words));
  }

  boolean complete() {
    return traitHundredths.stream().noneMatch(Objects::isNull);
  }
}
