package social.trvl.compat.kernel;

import java.util.Random;

/**
 * People for the benchmark: all of {@code pair-v1}, every term with a weight, some negative.
 *
 * <p>Like the engine's generated people in what decides speed: how many combinations of category
 * codes there are and how unevenly people fall into them, how many interests people share, how far
 * keys spread. Drawn here, so that the kernel is measured without a database.
 */
final class BenchmarkPeople implements PairFilter {

  private static final int ONE = 1 << 20;
  private static final int INTERESTS = 56;
  private static final int[] CODES = {6, 5, 5, 5};

  /** Weight of the sum and of the lower value: five traits, age, experience. */
  private static final double[][] WEIGHTS = {
    {0.002, -0.003},
    {0.003, 0.005},
    {-0.001, 0.002},
    {0.004, 0.008},
    {-0.010, 0.006},
    {-1 / 128.0, 1 / 64.0},
    {-3 / 64.0, 3 / 32.0}
  };

  private static final double GAMMA = 0.75;

  final PairColumns columns;
  final byte[] age;
  final byte[] seeksFrom;
  final byte[] seeksTo;

  BenchmarkPeople(int size, long seed) {
    Random random = new Random(seed);
    int[] rows = new int[size];
    int[] own = new int[size];
    int[] handicap = new int[size];
    int[][] terms = new int[WEIGHTS.length][size];
    boolean[] negative = new boolean[WEIGHTS.length];
    int[] category = new int[size];
    long[][] interests = new long[1][size];
    int[] low = new int[size];
    int[] high = new int[size];
    age = new byte[size];
    seeksFrom = new byte[size];
    seeksTo = new byte[size];
    for (int i = 0; i < size; i++) {
      rows[i] = i;
      double level = 0;
      for (int t = 0; t < WEIGHTS.length; t++) {
        int value = value(random, t);
        int sum = (int) Math.round(WEIGHTS[t][0] * ONE);
        int least = (int) Math.round(WEIGHTS[t][1] * ONE);
        negative[t] = least < 0;
        own[i] += sum * value;
        terms[t][i] = least * value;
        level += (sum + least / 2.0) * value;
        if (t == 5) {
          age[i] = (byte) value;
        }
      }
      handicap[i] = (int) Math.floor(GAMMA * level);
      for (int codes : CODES) {
        int code = random.nextInt(12) == 0 ? 0 : 1 + uneven(random, codes - 1);
        category[i] = category[i] * codes + code;
      }
      for (int likes = 2 + random.nextInt(7); likes > 0; likes--) {
        interests[0][i] |= 1L << uneven(random, INTERESTS);
      }
      low[i] = 80 + random.nextInt(30);
      high[i] = low[i] + random.nextInt(24);
      seeksFrom[i] = (byte) (random.nextInt(3) == 0 ? Math.max(18, age[i] - 12) : 0);
      seeksTo[i] = (byte) (random.nextInt(3) == 0 ? Math.min(100, age[i] + 15) : 100);
    }
    int categories = 1;
    for (int codes : CODES) {
      categories *= codes;
    }
    columns =
        new PairColumns(
            rows,
            own,
            handicap,
            terms,
            negative,
            category,
            categories,
            pairing(random, categories),
            interests,
            (int) (0.08 * ONE),
            6,
            low,
            high,
            (int) (0.02 * ONE),
            16);
  }

  @Override
  public int offered(int row) {
    return PairFilter.bytes(age[row], 127 - age[row], seeksTo[row], 127 - seeksFrom[row]);
  }

  @Override
  public int sought(int row) {
    return PairFilter.bytes(seeksFrom[row], 127 - seeksTo[row], age[row], 127 - age[row]);
  }

  /** Age ranges sought, of both: the filter that the nightly job has on. */
  @Override
  public boolean admits(int person, int candidate) {
    return age[candidate] >= seeksFrom[person]
        && age[candidate] <= seeksTo[person]
        && age[person] >= seeksFrom[candidate]
        && age[person] <= seeksTo[candidate];
  }

  /** The lower of two draws: some values are common, some rare. */
  private static int uneven(Random random, int bound) {
    int one = random.nextInt(bound);
    int other = random.nextInt(bound);
    return Math.min(one, other);
  }

  private static int value(Random random, int term) {
    return switch (term) {
      case 5 -> Math.clamp(Math.round(34 + 12 * random.nextGaussian()), 18, 80);
      case 6 -> 1 + random.nextInt(5);
      default -> Math.clamp(Math.round(60 + 16 * random.nextGaussian()), 0, 100);
    };
  }

  /** Agreement by distance of the codes, for each of the four preferences. */
  private static int[] pairing(Random random, int categories) {
    int[] pairing = new int[categories * categories];
    double[] tops = new double[CODES.length];
    for (int i = 0; i < tops.length; i++) {
      tops[i] = 0.2 + 0.15 * random.nextDouble();
    }
    for (int a = 0; a < categories; a++) {
      for (int b = 0; b < categories; b++) {
        double sum = -0.9;
        int x = a;
        int y = b;
        for (int i = CODES.length - 1; i >= 0; i--) {
          int one = x % CODES[i];
          int other = y % CODES[i];
          sum += one == 0 || other == 0 ? 0 : tops[i] - 0.2 * Math.abs(one - other);
          x /= CODES[i];
          y /= CODES[i];
        }
        pairing[a * categories + b] = (int) Math.round(sum * ONE);
      }
    }
    return pairing;
  }
}
