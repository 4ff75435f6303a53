package social.trvl.compat.model.training;

import static social.trvl.compat.jooq.public_.Tables.MODEL_TRAINING_DATA;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.db.Database;

/**
 * The probabilities by which generated outcomes were drawn, of each labelled pair that the
 * generator made. No table holds them: whoever knows the generator's model computes them anew.
 */
public final class TrueProbabilities {

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

  /**
   * That both were satisfied, within (0, 1).
   *
   * @throws IllegalArgumentException if the pair is not a generated one
   */
  public double probability(TrainingSet set, int pair) {
    @Nullable Double probability = byRow.get(set.rowId(pair));
    if (probability == null) {
      throw new IllegalArgumentException(
          "row %d of model_training_data was not generated: nobody knows its true probability"
              .formatted(set.rowId(pair)));
    }
    return probability;
  }
}
