package social.trvl.compat.bench;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.Progress;

/** What was found so far, and how rounds are measured. */
final class Findings {

  final List<Figure> figures = new ArrayList<>();
  final List<Night> nights = new ArrayList<>();
  final List<Growth> growth = new ArrayList<>();
  final List<String> missing = new ArrayList<>();
  final Progress progress;

  Findings(Progress progress) {
    this.progress = progress;
  }

  /** Adds a figure for information. */
  void add(Section section, String name, Spread value, String unit, String note) {
    add(section, name, value, unit, null, note);
  }

  /** Adds a figure that is held against a goal, unless that is null. */
  void add(
      Section section, String name, Spread value, String unit, @Nullable Goal goal, String note) {
    figures.add(Figure.of(section, name, value, unit, goal, note));
  }

  /** Adds how something grew, if there are enough sizes to tell. */
  void grows(String quantity, String unit, Map<Integer, Double> points) {
    // A run without a collection has no heap to tell of.
    points.values().removeIf(value -> value <= 0);
    @Nullable Growth fitted = Growth.fit(quantity, unit, points);
    if (fitted != null) {
      growth.add(fitted);
    }
  }

  /** One round of a benchmark. */
  interface Round<T> {
    T measure() throws SQLException;
  }

  /** Rounds that count, after some that don't. */
  <T> List<T> rounds(String task, int warmUp, int count, Round<T> round) {
    progress.begin(task, warmUp + count);
    List<T> measured = new ArrayList<>();
    try {
      for (int i = -warmUp; i < count; i++) {
        T one = round.measure();
        if (i >= 0) {
          measured.add(one);
        }
        progress.advance(1);
      }
    } catch (SQLException e) {
      throw new IllegalStateException("the database failed in: " + task, e);
    }
    return measured;
  }
}
