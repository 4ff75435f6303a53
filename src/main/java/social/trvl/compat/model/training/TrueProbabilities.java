package social.trvl.compat.model.training;

import static social.trvl.compat.jooq.public_.Tables.MODEL_TRAINING_DATA;

import java.util.HashMap;
import java.util.Map;
import social.trvl.compat.db.Database;

/**
 * The probabilities by which generated outcomes were drawn, of each labelled pair that the
 * generator made. No table holds them: whoever knows the generator's model computes them anew.
 */
public final class TrueProbabilities implements Evaluation.Truth {

  /** The generator's model, of people as they stated themselves. */
  @FunctionalInterface
  public interface Model {
    double probability(StatedProfile a, StatedProfile b);
  }

  private final Map<Long, Double> byRow;

  private TrueProbabilities(Map<Long, Double> byRow) {
    this.byRow = byRow;
  }

  /** Computes them for all generated pairs. */
  public static TrueProbabilities of(Database database, Model model) {
    Map<Long, Double> byRow = new HashMap<>();
    database
        .engineSql()
        .select(
            MODEL_TRAINING_DATA.ID, MODEL_TRAINING_DATA.FEATURES_A, MODEL_TRAINING_DATA.FEATURES_B)
        .from(MODEL_TRAINING_DATA)
        .where(MODEL_TRAINING_DATA.SOURCE.eq("generated"))
        .forEach(row ->
            byRow.put(
                row.value1(),
                model.probability(
                    StatedProfile.parse(row.value2().data()),
                    StatedProfile.parse(row.value3().data()))));
    return new TrueProbabilities(byRow);
  }

  @Override
  public double probability(TrainingSet set, int pair) {
    return byRow.getOrDefault(set.rowId(pair), Double.NaN);
  }
}
