package social.trvl.compat.model.training;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import smile.data.Tuple;
import social.trvl.compat.model.AdditiveWeights;
import social.trvl.compat.model.Artefact;
import social.trvl.compat.model.ArtefactBuilder;
import social.trvl.compat.model.BoostedModel;
import social.trvl.compat.model.CompiledTrees;
import social.trvl.compat.model.FeatureSchema;
import social.trvl.compat.model.PairModel;
import social.trvl.compat.model.PairModel.About;
import social.trvl.compat.model.ScoreScale;
import social.trvl.compat.model.training.SmileTrees.Growth;
import social.trvl.compat.profile.ProfileTable;

/**
 * Pairs through boosted trees, compiled, beside Smile's own {@code predict} of the very model that
 * they were compiled from.
 *
 * <p>Both get the pairs' columns ready-made. What a run does is more, from profiles to log-odds,
 * and is measured, too.
 */
public final class TreeBenchmark {

  /** As large as a search for settings may choose. */
  private static final Growth GROWTH = new Growth(200, 6, 20, 0.1, 0.7);

  private static final int LEARNT_PAIRS = 10_000;
  private static final int ROWS = 20_000;

  /** Ours are some ten times as fast. */
  private static final int PASSES = 20;

  private static final int ROUND_PAIRS = 400_000;
  private static final long SEED = 1;

  /** Leaves are rounded one by one. */
  private static final double LARGEST_DIFFERENCE = 200.0 / ScoreScale.ONE;

  private final ProfileTable people;
  private final BoostedModel model;
  private final SmileTrees trees;
  private final CompiledTrees compiled;
  private final int[] columns = new int[ROWS * FeatureSchema.COLUMNS];
  private final Tuple[] rows = new Tuple[ROWS];
  private final int[] everyone;

  /**
   * Learns from pairs whose outcomes are drawn by another model, so that there is something to
   * split by.
   *
   * @param judge whose log-odds outcomes are drawn by
   */
  public TreeBenchmark(ProfileTable people, PairModel judge) {
    this.people = people;
    everyone = IntStream.range(0, people.size()).toArray();
    FeatureSchema schema = judge.schema();
    Random random = new Random(SEED);
    int[] learnt = new int[LEARNT_PAIRS * FeatureSchema.COLUMNS];
    int[] starts = new int[LEARNT_PAIRS];
    int[] labels = new int[LEARNT_PAIRS];
    for (int i = 0; i < LEARNT_PAIRS; i++) {
      int a = random.nextInt(people.size());
      int b = random.nextInt(people.size());
      starts[i] = i * FeatureSchema.COLUMNS;
      schema.fill(people, a, b, learnt, starts[i]);
      double logOdds = (double) judge.logOdds(people, a, b) / ScoreScale.ONE;
      labels[i] = random.nextDouble() < Scored.probability(logOdds) ? 1 : 0;
    }
    trees = SmileTrees.learn(schema, learnt, starts, labels, GROWTH, SEED);
    byte[] artefact =
        new ArtefactBuilder(
                new About("bench", false, "drawn by another model", null),
                new AdditiveWeights(schema))
            .trees(trees.boosted())
            .build();
    model = (BoostedModel) Artefact.read(artefact, Artefact.sha256(artefact));
    compiled = new CompiledTrees(trees.boosted(), schema);
    for (int i = 0; i < ROWS; i++) {
      int at = i * FeatureSchema.COLUMNS;
      schema.fill(people, first(i), second(i), columns, at);
      rows[i] =
          Tuple.of(
              trees.learnt().schema(), Arrays.copyOfRange(columns, at, at + FeatureSchema.COLUMNS));
    }
    requireEqual(schema);
  }

  /** How many trees there are. */
  public int trees() {
    return model.trees();
  }

  /**
   * A second is one of this thread's time on a processor.
   *
   * @param pairsPerSecond from profiles to log-odds
   */
  public record Round(double rowsPerSecond, double smileRowsPerSecond, double pairsPerSecond) {}

  /** Measures each side once. */
  public Round round() {
    return new Round(ours(), smile(), fromProfiles());
  }

  private double ours() {
    int[][] tiles = CompiledTrees.tiles(columns, ROWS);
    int[] sums = new int[ROWS];
    long start = cpuNanos();
    for (int pass = 0; pass < PASSES; pass++) {
      compiled.sums(tiles, sums);
    }
    return 1e9 * PASSES * ROWS / (cpuNanos() - start);
  }

  private double fromProfiles() {
    int[] out = new int[people.size()];
    int asked = Math.ceilDiv(ROUND_PAIRS, people.size());
    long start = cpuNanos();
    for (int person = 0; person < asked; person++) {
      model.logOdds(people, person % people.size(), everyone, everyone.length, out);
    }
    return 1e9 * asked * everyone.length / (cpuNanos() - start);
  }

  private double smile() {
    long sum = 0;
    long start = cpuNanos();
    for (Tuple row : rows) {
      sum += trees.learnt().predict(row);
    }
    long nanos = cpuNanos() - start;
    if (sum < 0) {
      throw new IllegalStateException("labels are 0 or 1, their sum was " + sum);
    }
    return 1e9 * rows.length / nanos;
  }

  private void requireEqual(FeatureSchema schema) {
    int[] row = new int[FeatureSchema.COLUMNS];
    for (int i = 0; i < 1_000; i++) {
      schema.fill(people, first(i), second(i), row, 0);
      double ours = (double) model.logOdds(people, first(i), second(i)) / ScoreScale.ONE;
      double difference = Math.abs(Scored.probability(ours) - trees.smileProbability(row, 0));
      if (difference > LARGEST_DIFFERENCE) {
        throw new IllegalStateException(
            "compiled trees and Smile's differ by %s, at most %s is rounding"
                .formatted(difference, LARGEST_DIFFERENCE));
      }
    }
  }

  private int first(int i) {
    return i % people.size();
  }

  private int second(int i) {
    return (int) (i * 7919L % people.size());
  }

  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }
}
