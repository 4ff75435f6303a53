package social.trvl.compat.bench;

import java.time.Instant;
import java.util.List;

/**
 * What a benchmark found.
 *
 * @param nights every nightly run that counted, in the order in which they ran
 * @param missing what could not be measured, and why
 */
public record Report(
    Machine machine,
    Instant startedAt,
    Instant finishedAt,
    List<Figure> figures,
    List<Growth> growth,
    List<Night> nights,
    List<String> missing) {

  public Report {
    figures = List.copyOf(figures);
    growth = List.copyOf(growth);
    nights = List.copyOf(nights);
    missing = List.copyOf(missing);
  }
}
