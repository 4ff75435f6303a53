package social.trvl.compat.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every ranker against brute force by {@link PairKernel#score}. Vectors of each width run on any
 * machine; where the processor lacks them, slowly.
 */
class RankerTest {

  private static final PairFilter EVERYBODY = (person, candidate) -> true;

  private static final int[] SIZES = {0, 1, 2, 13, 63, 64, 65, 207, 1025, 4098};

  static Stream<Ranker> rankers() {
    return Stream.of(
        new ScalarRanker(), new VectorRanker(128), new VectorRanker(256), new VectorRanker(512));
  }

  @ParameterizedTest
  @MethodSource("rankers")
  void rankAll_equalsBruteForce(Ranker ranker) {
    for (int size : SIZES) {
      for (int k : new int[] {1, 10, 50, 500}) {
        for (int threads = 1; threads <= 3; threads += 2) {
          PairColumns people = new Shape().seed(size + k).people(size);
          TopK[] tops = lists(size, k);
          ranker.rankAll(people, tops, false, EVERYBODY, threads, pairs -> {});
          assertLists(people, tops, k, EVERYBODY);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("rankers")
  void meet_findsWhoReachesTheBoundByTheRule(Ranker ranker) {
    Random random = new Random(7);
    for (int round = 0; round < 60; round++) {
      int size = 1 + random.nextInt(300);
      PairColumns people = new Shape().seed(round).random(random).people(size);
      int[] group = random.ints(1 + random.nextInt(5), 0, size).toArray();
      MeanAndLeast rule =
          new MeanAndLeast(
              random.nextInt(-2000, 0),
              random.nextInt(3000),
              random.nextInt(3),
              random.nextInt(100),
              random.nextInt(100));
      int[] values = new int[size];
      for (int b = 0; b < size; b++) {
        int sum = 0;
        int least = Integer.MAX_VALUE;
        for (int member : group) {
          int score = PairKernel.score(people, member, b);
          int counted = Math.clamp(score, rule.floor(), rule.limit()) >> rule.lostBits();
          sum += counted;
          least = Math.min(least, counted);
        }
        values[b] = rule.ofSum() * sum + rule.ofLeast() * least;
      }
      int bound = values[random.nextInt(size)];
      List<Integer> found = new ArrayList<>();
      for (int from = 0; from < size; from += 64) {
        int[] positions = new int[64];
        int[] logOdds = new int[64 * group.length];
        int to = Math.min(size, from + 64);
        int count = ranker.meet(people, group, from, to, rule, bound, positions, logOdds);
        for (int i = 0; i < count; i++) {
          found.add(positions[i]);
          for (int m = 0; m < group.length; m++) {
            assertThat(logOdds[i * group.length + m])
                .isEqualTo(PairKernel.score(people, group[m], positions[i]));
          }
        }
      }
      assertThat(found)
          .containsExactlyInAnyOrderElementsOf(
              IntStream.range(0, size).filter(b -> values[b] >= bound).boxed().toList());
    }
  }

  @ParameterizedTest
  @MethodSource("rankers")
  void rank_ofSome_equalsBruteForce(Ranker ranker) {
    for (int size : SIZES) {
      PairColumns people = new Shape().seed(size).people(size);
      int[] positions = IntStream.range(0, size).filter(i -> i % 7 == 3 || i % 64 == 0).toArray();
      TopK[] tops = lists(positions.length, 20);
      ranker.rank(people, positions, tops, false, EVERYBODY);
      for (int i = 0; i < positions.length; i++) {
        assertThat(listed(tops[i])).isEqualTo(best(people, positions[i], 20, EVERYBODY));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("rankers")
  void rankAll_overRandomModels_equalsBruteForce(Ranker ranker) {
    Random random = new Random(20261123);
    for (int round = 0; round < 60; round++) {
      Shape shape = new Shape().seed(round).random(random);
      int size = random.nextInt(round % 10 == 0 ? 5_000 : 400);
      int k = 1 + random.nextInt(60);
      PairColumns people = shape.people(size);
      int admitted = 1 + random.nextInt(5);
      PairFilter filter = (person, candidate) -> (person ^ candidate * 7) % 5 < admitted;
      TopK[] tops = lists(size, k);
      ranker.rankAll(people, tops, false, filter, 2, pairs -> {});
      assertLists(people, tops, k, filter);
    }
  }

  @ParameterizedTest
  @MethodSource("rankers")
  void rankAll_whereRangesKeepApart_equalsBruteForce(Ranker ranker) {
    Random random = new Random(20261128);
    for (int size : new int[] {70, 900, 4_500}) {
      Ranges ranges = new Ranges(random, 3 * size);
      PairColumns people = new Shape().seed(size).people(size);
      TopK[] tops = lists(size, 12);
      ranker.rankAll(people, tops, false, ranges, 2, pairs -> {});
      assertLists(people, tops, 12, ranges);
    }
  }

  @ParameterizedTest
  @MethodSource("rankers")
  void rankAll_ofEqualPeople_prefersLowerRows(Ranker ranker) {
    Shape shape = new Shape();
    shape.spread = 1;
    shape.categories = 1;
    shape.words = 0;
    PairColumns people = shape.people(3000);
    TopK[] tops = lists(3000, 20);
    ranker.rankAll(people, tops, false, EVERYBODY, 2, pairs -> {});
    assertLists(people, tops, 20, EVERYBODY);
  }

  @ParameterizedTest
  @MethodSource("rankers")
  void rankAll_whereEveryGuessIsWrong_makesTheListsAgain(Ranker ranker) {
    // One category: the sample for the guesses is every 64th person, and nobody else is admitted.
    Shape shape = new Shape();
    shape.categories = 1;
    PairColumns people = shape.people(4098);
    PairFilter filter = (person, candidate) -> candidate / 3 % 64 == 0;
    PeopleVectors everybody = new PeopleVectors(people, 128);
    int[] guesses = Guesses.of(everybody, 10, filter, 1);
    TopK[] tops = lists(4098, 10);
    ranker.rankAll(people, tops, false, filter, 2, pairs -> {});
    assertLists(people, tops, 10, filter);
    assertThat(Guesses.wrong(guesses, everybody.inPlace(tops), 2)).hasSizeGreaterThan(4000);
  }

  @ParameterizedTest
  @MethodSource("rankers")
  void rankAll_overOverlappingColumns_listsEachCandidateOnce(Ranker ranker) {
    PairColumns people = new Shape().people(5000);
    TopK[] tops = lists(5000, 30);
    int[] some = IntStream.range(0, 5000).filter(i -> i % 3 != 0).toArray();
    int[] others = IntStream.range(0, 5000).filter(i -> i % 5 != 0).toArray();
    for (int[] block : List.of(some, others, some)) {
      TopK[] theirs = IntStream.of(block).mapToObj(i -> tops[i]).toArray(TopK[]::new);
      ranker.rankAll(people.select(block), theirs, true, EVERYBODY, 2, pairs -> {});
    }
    for (int person = 0; person < 5000; person += 17) {
      boolean inSome = person % 3 != 0;
      boolean inOthers = person % 5 != 0;
      PairFilter met = (a, row) -> (inSome && row / 3 % 3 != 0) || (inOthers && row / 3 % 5 != 0);
      assertThat(listed(tops[person])).isEqualTo(best(people, person, 30, met));
    }
  }

  @ParameterizedTest
  @MethodSource("rankers")
  void rankAll_withSumsUpToTheEndOfInt32_equalsBruteForce(Ranker ranker) {
    Shape shape = new Shape();
    shape.unit = 80_000;
    PairColumns people = shape.people(3000);
    assertThat(people.bounds.lostBits()).isEqualTo(16);
    TopK[] tops = lists(3000, 50);
    ranker.rankAll(people, tops, false, EVERYBODY, 2, pairs -> {});
    assertLists(people, tops, 50, EVERYBODY);
  }

  @ParameterizedTest
  @MethodSource("rankers")
  void rankAll_tellsOfEveryOrderedPair(Ranker ranker) {
    for (int size : new int[] {13, 2000}) {
      AtomicLong pairs = new AtomicLong();
      ranker.rankAll(
          new Shape().people(size), lists(size, 5), false, EVERYBODY, 2, pairs::addAndGet);
      assertThat(pairs).hasValue((long) size * (size - 1));
    }
  }

  @ParameterizedTest
  @MethodSource("rankers")
  void rankAll_whereTheFilterFails_fails(Ranker ranker) {
    PairFilter broken =
        (person, candidate) -> {
          throw new IllegalStateException("no answer about " + candidate);
        };
    PairColumns people = new Shape().people(700);
    assertThatThrownBy(() -> ranker.rankAll(people, lists(700, 5), false, broken, 2, pairs -> {}))
        .hasMessageContaining("no answer about");
  }

  @ParameterizedTest
  @MethodSource("rankers")
  void rankAll_byAnotherFilterThanBefore_equalsBruteForce(Ranker ranker) {
    PairColumns people = new Shape().people(300);
    for (int seed = 0; seed < 3; seed++) {
      PairFilter filter = new Ranges(new Random(seed), 3 * 300);
      TopK[] tops = lists(300, 20);
      ranker.rankAll(people, tops, false, filter, 2, pairs -> {});
      assertLists(people, tops, 20, filter);
    }
  }

  @Test
  void rankAll_withTooFewLists_isRefused() {
    PairColumns people = new Shape().people(10);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PairKernel.rankAll(people, lists(9, 5), false, EVERYBODY, 1, pairs -> {}))
        .withMessage("9 lists for 10 people");
  }

  @Test
  void budgetsBeyondInt16_areRefused() {
    Shape shape = new Shape();
    shape.spread = 20_000;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> shape.people(300))
        .withMessageMatching("a budget's level of \\d+ is not within ±16383");
  }

  @Test
  void moreTermsThanRegisters_areRefused() {
    Shape shape = new Shape();
    shape.terms = PairColumns.MOST_TERMS + 1;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> shape.people(3))
        .withMessage("9 terms, at most 8 are scored");
  }

  @Test
  void depth_boundsTheRiskOfAWrongGuess() {
    assertThat(Guesses.depth(1.5)).isEqualTo(6);
    assertThat(Guesses.depth(1 / 32.0)).isEqualTo(2);
  }

  /** Two values of each row, and the least of each that it wants of others; one row in four any. */
  private static final class Ranges implements PairFilter {
    private static final int[] EDGES = {0, 1, 63, 64, 126, 127};

    private final int[][] values;

    Ranges(Random random, int rows) {
      values = new int[4][rows];
      for (int[] column : values) {
        Arrays.setAll(column, row -> EDGES[random.nextInt(EDGES.length)]);
      }
      for (int row = 0; row < rows; row += 4) {
        values[2][row] = 0;
        values[3][row] = 0;
      }
    }

    @Override
    public boolean admits(int person, int candidate) {
      return wants(person, candidate) && wants(candidate, person) && (person + candidate) % 5 != 0;
    }

    private boolean wants(int row, int other) {
      return values[0][other] >= values[2][row] && values[1][other] >= values[3][row];
    }

    @Override
    public int offered(int row) {
      return PairFilter.bytes(
          values[0][row], values[1][row], 127 - values[2][row], 127 - values[3][row]);
    }

    @Override
    public int sought(int row) {
      return PairFilter.bytes(
          values[2][row], values[3][row], 127 - values[0][row], 127 - values[1][row]);
    }
  }

  private static TopK[] lists(int count, int k) {
    return Stream.generate(() -> new TopK(k)).limit(count).toArray(TopK[]::new);
  }

  private record Listed(int key, int row) {}

  private static void assertLists(PairColumns people, TopK[] tops, int k, PairFilter filter) {
    int step = Math.max(1, people.size() / 60);
    for (int person = 0; person < people.size(); person += step) {
      assertThat(listed(tops[person]))
          .as("best %d of person %d of %d", k, person, people.size())
          .isEqualTo(best(people, person, k, filter));
    }
  }

  private static List<Listed> listed(TopK top) {
    int[] rows = new int[top.size()];
    int[] keys = new int[top.size()];
    int count = top.best(rows, keys, 0);
    return IntStream.range(0, count).mapToObj(i -> new Listed(keys[i], rows[i])).toList();
  }

  private static List<Listed> best(PairColumns people, int person, int k, PairFilter filter) {
    List<Listed> all = new ArrayList<>();
    for (int other = 0; other < people.size(); other++) {
      if (other != person && filter.admits(people.people[person], people.people[other])) {
        int key = PairKernel.score(people, person, other) - people.handicap[other];
        all.add(new Listed(key, people.people[other]));
      }
    }
    all.sort(Comparator.comparingInt(Listed::key).reversed().thenComparingInt(Listed::row));
    return all.subList(0, Math.min(k, all.size()));
  }

  /** What random people and their model look like; rows are three times the position. */
  private static final class Shape {
    long seed = 1;
    int terms = 7;
    int negatives = 0b1000101;
    int words = 1;
    int bits = 64;
    int categories = 40;
    int interestWeight = 90;
    int interestCap = 6;
    int budgetWeight = 20;
    int budgetCap = 16;

    /** How many different values a column has. */
    int spread = 100;

    /** All weights are multiples of it. */
    int unit = 1;

    Shape seed(long other) {
      seed = other;
      return this;
    }

    Shape random(Random random) {
      terms = random.nextInt(PairColumns.MOST_TERMS + 1);
      negatives = random.nextInt(1 << PairColumns.MOST_TERMS);
      words = random.nextInt(4);
      bits = 1 + random.nextInt(64);
      categories = 1 + random.nextInt(random.nextBoolean() ? 3 : 750);
      interestWeight = random.nextInt(-90, 90);
      interestCap = random.nextInt(0, 12);
      budgetWeight = random.nextInt(-40, 40);
      budgetCap = random.nextInt(0, 20);
      spread = random.nextBoolean() ? 2 : 100;
      unit = random.nextInt(1, 1 << random.nextInt(1, 14));
      return this;
    }

    PairColumns people(int size) {
      Random random = new Random(seed);
      int[][] columns = new int[terms][size];
      boolean[] negative = new boolean[terms];
      for (int term = 0; term < terms; term++) {
        negative[term] = (negatives >> term & 1) != 0;
        int weight = (negative[term] ? -unit : unit) * random.nextInt(1, 60);
        Arrays.setAll(columns[term], i -> weight * random.nextInt(spread));
      }
      int[] pairing = new int[categories * categories];
      for (int a = 0; a < categories; a++) {
        for (int b = 0; b <= a; b++) {
          pairing[a * categories + b] =
              pairing[b * categories + a] = unit * random.nextInt(-500, 500);
        }
      }
      long[][] interests = new long[words][size];
      for (long[] word : interests) {
        for (int likes = 0; likes < 12 * size; likes++) {
          word[random.nextInt(size)] |= 1L << random.nextInt(bits);
        }
      }
      int[] low = random.ints(size, 0, spread).toArray();
      int[] high = new int[size];
      Arrays.setAll(high, i -> low[i] + random.nextInt(Math.max(1, spread / 3)));
      return new PairColumns(
          IntStream.range(0, size).map(i -> 3 * i).toArray(),
          random.ints(size, 0, 20 * spread - 19).map(i -> unit * i).toArray(),
          random.ints(size, 0, 10 * spread - 9).map(i -> unit * i).toArray(),
          columns,
          negative,
          random.ints(size, 0, categories).toArray(),
          categories,
          pairing,
          interests,
          unit * interestWeight,
          interestCap,
          low,
          high,
          unit * budgetWeight,
          budgetCap);
    }
  }
}
