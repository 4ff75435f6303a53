package social.trvl.compat.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PairKernelTest {

  private static final PairFilter EVERYBODY = (person, candidate) -> true;

  private static final MeanAndLeast SUM =
      new MeanAndLeast(Integer.MIN_VALUE, Integer.MAX_VALUE, 0, 1, 0);

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 15, 16, 17, 63, 64, 1023, 1024, 1025, 2500})
  void meet_findsWhoseSumReachesTheBound(int size) {
    for (int words = 0; words <= 3; words++) {
      People people = new People(new Random(31L * size + words), size, words);
      PairColumns columns = people.columns();
      int[] group = {0, size / 2, size - 1};
      int[] sums =
          IntStream.range(0, size)
              .map(b -> IntStream.of(group).map(a -> people.score(a, b)).sum())
              .toArray();
      int bound = IntStream.of(sums).sorted().toArray()[2 * size / 3];
      List<Integer> found = new ArrayList<>();
      for (int from = 0; from < size; from += 512) {
        int to = Math.min(size, from + 512);
        int[] positions = new int[512];
        int[] logOdds = new int[3 * 512];
        int count = PairKernel.meet(columns, group, from, to, SUM, bound, positions, logOdds);
        for (int i = 0; i < count; i++) {
          found.add(positions[i]);
          for (int m = 0; m < 3; m++) {
            assertThat(logOdds[3 * i + m]).isEqualTo(people.score(group[m], positions[i]));
          }
        }
      }
      assertThat(found)
          .containsExactlyInAnyOrderElementsOf(
              IntStream.range(0, size).filter(b -> sums[b] >= bound).boxed().toList());
      for (int b = 0; b < size; b++) {
        for (int a : group) {
          assertThat(PairKernel.score(columns, a, b)).isEqualTo(people.score(a, b));
          assertThat(PairKernel.score(columns, b, a)).isEqualTo(people.score(a, b));
        }
      }
    }
  }

  @Test
  void meet_ofNobody_findsNobody() {
    PairColumns columns = new People(new Random(4), 5, 1).columns();
    int[] found = {99};
    assertThat(PairKernel.meet(columns, new int[] {0}, 0, 0, SUM, 0, found, new int[1])).isZero();
    assertThat(found).containsExactly(99);
  }

  @Test
  void meet_outOfRange_isRefusedWithTheNumbers() {
    assertRefused("person 10 of 10 people", new int[] {10}, 0, 10, 10);
    assertRefused("person -1 of 10 people", new int[] {-1}, 0, 10, 10);
    assertRefused("-16–5 of 10 people", new int[] {0}, -16, 5, 100);
    assertRefused("1–5 of 10 people", new int[] {0}, 1, 5, 10);
    assertRefused("0–11 of 10 people", new int[] {0}, 0, 11, 11);
    assertRefused("into 9 places", new int[] {0}, 0, 10, 9);
    assertRefused("into 10 places, 100 for log-odds", new int[11], 0, 10, 10);
    assertRefused("0 people against", new int[0], 0, 10, 10);
  }

  private static void assertRefused(String message, int[] group, int from, int to, int places) {
    PairColumns columns = new People(new Random(5), 10, 1).columns();
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            PairKernel.meet(
                columns, group, from, to, SUM, 0, new int[places], new int[10 * places]))
        .withMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 15, 16, 17, 1023, 1024, 1025, 2500})
  void rank_equalsABruteForceSort(int size) {
    People people = new People(new Random(size), size, 1);
    int[] positions = IntStream.range(0, size).filter(i -> i % 97 == 0 || i == size - 1).toArray();
    for (int k : new int[] {1, 10, 500}) {
      TopK[] tops = tops(positions.length, k);
      PairKernel.rank(people.columns(), positions, tops, false, EVERYBODY);
      for (int p = 0; p < positions.length; p++) {
        assertThat(drain(tops[p]))
            .as("best %d of person %d of %d", k, positions[p], size)
            .isEqualTo(people.best(positions[p], k, EVERYBODY));
      }
    }
  }

  @Test
  void rank_ofNobody_offersNobody() {
    PairColumns nobody = new People(new Random(6), 3, 1).columns().select(new int[0]);
    assertThat(nobody.size()).isZero();
    PairKernel.rank(nobody, new int[0], new TopK[0], false, EVERYBODY);
  }

  @Test
  void rank_withAFilter_keepsOnlyAdmittedCandidates() {
    People people = new People(new Random(7), 2000, 2);
    PairFilter filter = (person, candidate) -> (person + candidate) % 4 != 0;
    int[] positions = {0, 1, 1999};
    TopK[] tops = tops(3, 50);
    PairKernel.rank(people.columns(), positions, tops, false, filter);
    for (int p = 0; p < positions.length; p++) {
      assertThat(drain(tops[p])).hasSize(50).isEqualTo(people.best(positions[p], 50, filter));
    }
  }

  @Test
  void rank_ofEqualPeople_prefersTheLowerRows() {
    People people = new People(new Random(8), 1, 1).repeated(1500);
    int[] positions = {0, 700, 1499};
    TopK[] tops = tops(3, 20);
    PairKernel.rank(people.columns(), positions, tops, false, EVERYBODY);
    for (int p = 0; p < positions.length; p++) {
      List<Integer> rows = drain(tops[p]).stream().map(Listed::row).toList();
      int self = people.rows[positions[p]];
      assertThat(rows)
          .isEqualTo(
              IntStream.of(people.rows).sorted().filter(r -> r != self).limit(20).boxed().toList());
    }
  }

  @Test
  void rank_overBlocksThatOverlap_listsEachCandidateOnce() {
    People people = new People(new Random(9), 3000, 1);
    PairColumns all = people.columns();
    int[] whose = {3, 4, 5, 1200, 2999};
    TopK[] tops = tops(whose.length, 30);
    Random random = new Random(10);
    Set<Integer> met = new LinkedHashSet<>();
    for (int block = 0; block < 6; block++) {
      Set<Integer> positions = new LinkedHashSet<>();
      IntStream.of(whose).forEach(positions::add);
      random.ints(1500, 0, 3000).forEach(positions::add);
      met.addAll(positions);
      PairColumns columns = all.select(positions.stream().mapToInt(Integer::intValue).toArray());
      PairKernel.rank(columns, IntStream.range(0, whose.length).toArray(), tops, true, EVERYBODY);
    }
    Set<Integer> metRows = new LinkedHashSet<>();
    met.forEach(position -> metRows.add(people.rows[position]));
    for (int p = 0; p < whose.length; p++) {
      assertThat(drain(tops[p]))
          .isEqualTo(people.best(whose[p], 30, (a, candidate) -> metRows.contains(candidate)));
    }
  }

  @Test
  void select_keepsRowsAndScores() {
    People people = new People(new Random(11), 60, 2);
    PairColumns all = people.columns();
    int[] positions = {59, 0, 17, 17, 3};
    PairColumns some = all.select(positions);
    assertThat(some.size()).isEqualTo(5);
    for (int i = 0; i < positions.length; i++) {
      assertThat(some.people[i]).isEqualTo(people.rows[positions[i]]);
      for (int j = 0; j < positions.length; j++) {
        assertThat(PairKernel.score(some, i, j))
            .isEqualTo(PairKernel.score(all, positions[i], positions[j]));
      }
    }
  }

  @Test
  void columns_ofDifferentLengths_areRefused() {
    People people = new People(new Random(12), 4, 1);
    people.own = new int[3];
    assertThatIllegalArgumentException()
        .isThrownBy(people::columns)
        .withMessage("own has 3 entries for 4 people");
    People wrongPairing = new People(new Random(12), 4, 1);
    wrongPairing.pairing = new int[7];
    assertThatIllegalArgumentException()
        .isThrownBy(wrongPairing::columns)
        .withMessageContaining("pairing has 7 entries");
  }

  private record Listed(int key, int row) {}

  private static TopK[] tops(int count, int k) {
    return IntStream.range(0, count).mapToObj(i -> new TopK(k)).toArray(TopK[]::new);
  }

  private static List<Listed> drain(TopK top) {
    int[] rows = new int[top.size()];
    int[] keys = new int[top.size()];
    int count = top.best(rows, keys, 0);
    return IntStream.range(0, count).mapToObj(i -> new Listed(keys[i], rows[i])).toList();
  }

  /** Random people before any scaling, and the documented formula over them in long arithmetic. */
  private static final class People {
    private static final int TERMS = 4;
    private static final int CATEGORIES = 6;

    final int size;
    final int words;
    final int[] rows;
    final int[] handicap;
    final int[][] values;
    final int[] weights = {37, -21, 0, -5};
    final int[] category;
    final boolean[][] likes;
    final int interestWeight;
    final int interestCap;
    final int budgetWeight;
    final int budgetCap;
    final int[] low;
    final int[] high;
    int[] own;
    int[] pairing = new int[CATEGORIES * CATEGORIES];

    People(Random random, int size, int words) {
      this(random, size, words, shuffledRows(random, size));
    }

    private People(Random random, int size, int words, int[] rows) {
      this.size = size;
      this.words = words;
      this.rows = rows;
      own = random.ints(size, -3000, 3000).toArray();
      handicap = random.ints(size, -2000, 2000).toArray();
      values = new int[TERMS][];
      for (int t = 0; t < TERMS; t++) {
        values[t] = random.ints(size, 0, 101).toArray();
      }
      category = random.ints(size, 0, CATEGORIES).toArray();
      for (int x = 0; x < CATEGORIES; x++) {
        for (int y = 0; y <= x; y++) {
          int weight = random.nextInt(-500, 500);
          pairing[x * CATEGORIES + y] = weight;
          pairing[y * CATEGORIES + x] = weight;
        }
      }
      likes = new boolean[size][64 * words];
      for (boolean[] person : likes) {
        for (int bit = 0; bit < person.length; bit++) {
          person[bit] = random.nextInt(5) == 0;
        }
      }
      interestWeight = random.nextInt(-40, 40);
      interestCap = random.nextInt(0, 12);
      budgetWeight = random.nextInt(-40, 40);
      budgetCap = random.nextInt(0, 20);
      low = random.ints(size, 0, 100).toArray();
      high = new int[size];
      for (int i = 0; i < size; i++) {
        high[i] = low[i] + random.nextInt(0, 40);
      }
    }

    private static int[] shuffledRows(Random random, int size) {
      List<Integer> rows =
          new ArrayList<>(IntStream.range(0, size).map(i -> 3 * i).boxed().toList());
      Collections.shuffle(rows, random);
      return rows.stream().mapToInt(Integer::intValue).toArray();
    }

    /** The first of these people, several times. */
    People repeated(int times) {
      People copy = new People(new Random(8), times, words, shuffledRows(new Random(80), times));
      for (int i = 0; i < times; i++) {
        copy.own[i] = own[0];
        copy.handicap[i] = handicap[0];
        for (int t = 0; t < TERMS; t++) {
          copy.values[t][i] = values[t][0];
        }
        copy.category[i] = category[0];
        copy.likes[i] = likes[0];
        copy.low[i] = low[0];
        copy.high[i] = high[0];
      }
      return copy;
    }

    int score(int a, int b) {
      long sum = (long) own[a] + own[b];
      for (int t = 0; t < TERMS; t++) {
        sum += (long) weights[t] * Math.min(values[t][a], values[t][b]);
      }
      sum += pairing[category[a] * CATEGORIES + category[b]];
      long shared = 0;
      for (int bit = 0; bit < 64 * words; bit++) {
        shared += likes[a][bit] && likes[b][bit] ? 1 : 0;
      }
      sum += interestWeight * Math.min(interestCap, shared);
      long overlap = Math.max(0, Math.min(high[a], high[b]) - Math.max(low[a], low[b]));
      sum += budgetWeight * Math.min(budgetCap, overlap);
      return Math.toIntExact(sum);
    }

    List<Listed> best(int a, int k, PairFilter filter) {
      return IntStream.range(0, size)
          .filter(b -> b != a && filter.admits(rows[a], rows[b]))
          .mapToObj(b -> new Listed(score(a, b) - handicap[b], rows[b]))
          .sorted(Comparator.comparingInt(Listed::key).reversed().thenComparingInt(Listed::row))
          .limit(k)
          .toList();
    }

    PairColumns columns() {
      int[][] terms = new int[TERMS][size];
      boolean[] negative = new boolean[TERMS];
      for (int t = 0; t < TERMS; t++) {
        negative[t] = weights[t] < 0;
        for (int i = 0; i < size; i++) {
          terms[t][i] = weights[t] * values[t][i];
        }
      }
      long[][] bits = new long[words][size];
      for (int i = 0; i < size; i++) {
        for (int bit = 0; bit < 64 * words; bit++) {
          bits[bit / 64][i] |= likes[i][bit] ? 1L << (bit % 64) : 0;
        }
      }
      return new PairColumns(
          rows,
          own,
          handicap,
          terms,
          negative,
          category,
          CATEGORIES,
          pairing,
          bits,
          interestWeight,
          interestCap,
          low,
          high,
          budgetWeight,
          budgetCap);
    }
  }
}
