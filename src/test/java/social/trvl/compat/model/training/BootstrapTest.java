package social.trvl.compat.model.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import social.trvl.compat.model.training.Outcomes.People;
import social.trvl.compat.model.training.Report.Interval;

final class BootstrapTest {

  /** The mean of values that hang on pair, person and trip; the truth is 0. */
  @Test
  void interval_coversTheTruthAboutAsOftenAsItSays() {
    int covered = 0;
    int runs = 100;
    for (int run = 0; run < runs; run++) {
      TrainingSet set = Outcomes.of(People.varied(60), 40, Outcomes.NOISE, 1_000 + run);
      Random random = new Random(run);
      double[] ofPerson = random.doubles(set.personCount(), -1, 1).toArray();
      double[] ofTrip = random.doubles(set.tripCount(), -1, 1).toArray();
      double[] values = new double[set.size()];
      for (int pair = 0; pair < values.length; pair++) {
        values[pair] =
            ofPerson[set.personA(pair)]
                + ofPerson[set.personB(pair)]
                + ofTrip[set.trip(pair)]
                + random.nextDouble(-1, 1);
      }
      Interval interval =
          new Bootstrap(
                  set,
                  IntStream.range(0, set.size()).toArray(),
                  weights -> new double[] {mean(values, weights)},
                  run)
              .interval(figures -> figures[0]);
      covered += interval.low() <= 0 && 0 <= interval.high() ? 1 : 0;
    }
    assertThat(covered).isBetween(87, 100);
  }

  /** Were pairs taken for independent, intervals over shared people would be too narrow. */
  @Test
  void standardError_ofWhatHangsOnPeopleIsMoreThanThatOfTrips() {
    TrainingSet set = Outcomes.of(People.varied(60), 100, Outcomes.NOISE, 5);
    double[] ofPerson = new Random(5).doubles(set.personCount(), -1, 1).toArray();
    double[] values =
        IntStream.range(0, set.size())
            .mapToDouble(pair -> ofPerson[set.personA(pair)] + ofPerson[set.personB(pair)])
            .toArray();
    double standardError =
        new Bootstrap(
                set,
                IntStream.range(0, set.size()).toArray(),
                weights -> new double[] {mean(values, weights)},
                1)
            .standardError(figures -> figures[0]);
    // Of 60 people: two uniform values, each with a deviation of 0.58.
    assertThat(standardError)
        .isBetween(2 * 0.58 / Math.sqrt(60) * 0.7, 2 * 0.58 / Math.sqrt(60) * 1.3);
  }

  private static double mean(double[] values, double[] weights) {
    double sum = 0;
    double all = 0;
    for (int i = 0; i < values.length; i++) {
      sum += weights[i] * values[i];
      all += weights[i];
    }
    return sum / all;
  }
}
