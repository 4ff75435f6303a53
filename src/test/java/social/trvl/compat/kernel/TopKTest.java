package social.trvl.compat.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopKTest {

  private record Entry(int key, int row) {}

  private static final Comparator<Entry> BEST_FIRST =
      Comparator.comparingInt(Entry::key).reversed().thenComparingInt(Entry::row);

  @Test
  void best_givesHigherKeysFirst() {
    TopK top = new TopK(3);
    offer(top, List.of(new Entry(5, 1), new Entry(9, 2), new Entry(-4, 3), new Entry(7, 4)));
    assertThat(best(top)).containsExactly(new Entry(9, 2), new Entry(7, 4), new Entry(5, 1));
  }

  @Test
  void equalKeys_preferTheLowerRowWhateverTheOrderOfOffers() {
    List<Entry> offers = IntStream.range(0, 8).mapToObj(row -> new Entry(42, row)).toList();
    TopK ascending = new TopK(3);
    TopK descending = new TopK(3);
    offer(ascending, offers);
    offer(descending, offers.reversed());
    assertThat(best(ascending))
        .containsExactly(new Entry(42, 0), new Entry(42, 1), new Entry(42, 2))
        .isEqualTo(best(descending));
  }

  @Test
  void rows_upToTheLargestInt_keepTheirOrder() {
    TopK top = new TopK(2);
    offer(
        top,
        List.of(
            new Entry(0, Integer.MAX_VALUE), new Entry(0, 0), new Entry(0, Integer.MAX_VALUE - 1)));
    assertThat(best(top)).containsExactly(new Entry(0, 0), new Entry(0, Integer.MAX_VALUE - 1));
  }

  @Test
  void keys_atBothEndsOfInt_keepTheirOrder() {
    TopK top = new TopK(3);
    offer(
        top,
        List.of(
            new Entry(Integer.MIN_VALUE, 1),
            new Entry(-1, 2),
            new Entry(0, 3),
            new Entry(Integer.MAX_VALUE, 4)));
    assertThat(best(top))
        .containsExactly(new Entry(Integer.MAX_VALUE, 4), new Entry(0, 3), new Entry(-1, 2));
  }

  @Test
  void fewerCandidatesThanK_givesAllOfThem() {
    TopK top = new TopK(TopK.LARGEST_K);
    offer(top, List.of(new Entry(1, 7), new Entry(2, 6)));
    assertThat(top.boundKey()).isEqualTo(Integer.MIN_VALUE);
    assertThat(top.size()).isEqualTo(2);
    assertThat(best(top)).containsExactly(new Entry(2, 6), new Entry(1, 7));
  }

  @Test
  void best_ofNothing_givesNothing() {
    assertThat(best(new TopK(1))).isEmpty();
  }

  @Test
  void best_leavesTheListAsItIs() {
    TopK top = new TopK(2);
    offer(top, List.of(new Entry(100, 1), new Entry(99, 2)));
    assertThat(best(top)).isEqualTo(best(top)).hasSize(2);
    offer(top, List.of(new Entry(101, 3)));
    assertThat(best(top)).containsExactly(new Entry(101, 3), new Entry(100, 1));
  }

  @Test
  void trim_leavesAListThatGoesOn() {
    TopK top = new TopK(3);
    TopK[] alone = {top};
    TopK.trim(alone, 1);
    offer(top, List.of(new Entry(5, 1)));
    TopK.trim(alone, 1);
    offer(top, List.of(new Entry(9, 2), new Entry(7, 3), new Entry(6, 4), new Entry(8, 5)));
    TopK.trim(alone, 1);
    assertThat(best(top)).containsExactly(new Entry(9, 2), new Entry(8, 5), new Entry(7, 3));
    assertThat(top.admits(7, 9)).isFalse();
    assertThat(top.admits(7, 0)).isTrue();
  }

  @Test
  void share_listsKeepApart() {
    TopK[] tops = Stream.generate(() -> new TopK(2)).limit(TopK.SHARING + 2).toArray(TopK[]::new);
    int last = tops.length - 1;
    offer(tops[last], List.of(new Entry(50, 7)));
    TopK.share(tops, 2);
    for (int i = last - 3; i <= last; i++) {
      for (int key = 0; key < 500; key++) {
        tops[i].add(key % 100 + i, key);
      }
    }
    TopK.trim(tops, 2);
    for (int i = last - 3; i <= last; i++) {
      assertThat(best(tops[i])).containsExactly(new Entry(99 + i, 99), new Entry(99 + i, 199));
      offer(tops[i], List.of(new Entry(1_000_000, i)));
    }
    assertThat(best(tops[0])).isEmpty();
    for (int i = last - 3; i <= last; i++) {
      assertThat(best(tops[i])).containsExactly(new Entry(1_000_000, i), new Entry(99 + i, 99));
    }
  }

  @Test
  void best_writesFromTheGivenPlaceOn() {
    TopK top = new TopK(2);
    offer(top, List.of(new Entry(3, 1), new Entry(4, 2)));
    int[] rows = {-1, -1, -1, -1};
    int[] keys = {-1, -1, -1, -1};
    assertThat(top.best(rows, keys, 1)).isEqualTo(2);
    assertThat(rows).containsExactly(-1, 2, 1, -1);
    assertThat(keys).containsExactly(-1, 4, 3, -1);
  }

  @Test
  void contains_knowsListedRowsOnly() {
    TopK top = new TopK(2);
    offer(top, List.of(new Entry(3, 1), new Entry(4, 2), new Entry(5, 3)));
    assertThat(top.contains(1)).isFalse();
    assertThat(top.contains(2)).isTrue();
    assertThat(top.contains(3)).isTrue();
  }

  @Test
  void everyK_equalsTheSortedListCutAtK() {
    Random random = new Random(1);
    for (int k = 1; k <= 500; k++) {
      // A narrow range of keys makes many ties.
      List<Entry> offers = offers(random, random.nextInt(2 * k + 20), 1 + random.nextInt(50));
      TopK top = new TopK(k);
      offer(top, offers);
      assertThat(best(top))
          .as("k = %d of %d", k, offers.size())
          .isEqualTo(offers.stream().sorted(BEST_FIRST).limit(k).toList());
    }
  }

  @Test
  void largeRandomOffers_equalTheSortedList() {
    Random random = new Random(2);
    List<Entry> offers = offers(random, 100_000, Integer.MAX_VALUE);
    TopK top = new TopK(100);
    offer(top, offers);
    assertThat(best(top)).isEqualTo(offers.stream().sorted(BEST_FIRST).limit(100).toList());
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, TopK.LARGEST_K + 1, Integer.MAX_VALUE})
  void k_outOfRange_isRefusedWithItsBounds(int k) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TopK(k))
        .withMessageContaining("(%d)", k)
        .withMessageContaining("1–4000");
  }

  /** Distinct rows in random order, keys within ±range. */
  private static List<Entry> offers(Random random, int count, int range) {
    List<Entry> offers = new ArrayList<>();
    for (int row = 0; row < count; row++) {
      offers.add(new Entry(random.nextInt(-range, range), row));
    }
    Collections.shuffle(offers, random);
    return offers;
  }

  private static void offer(TopK top, List<Entry> offers) {
    for (Entry offer : offers) {
      if (top.admits(offer.key(), offer.row())) {
        top.add(offer.key(), offer.row());
      }
    }
  }

  private static List<Entry> best(TopK top) {
    int[] rows = new int[top.size()];
    int[] keys = new int[top.size()];
    int count = top.best(rows, keys, 0);
    return IntStream.range(0, count).mapToObj(i -> new Entry(keys[i], rows[i])).toList();
  }
}
