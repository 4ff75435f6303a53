package social.trvl.compat.kernel;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * People as the additive kernel wants them: one pre-scaled int column for each term of the score.
 *
 * <pre>
 * score(a, b) = own[a] + own[b]
 *             + Σ_t extreme_t(term_t[a], term_t[b])              min where the weight is positive, max where negative
 *             + pairing[category[a] · categories + category[b]]
 *             + interestWeight · min(interestCap, |interests[a] ∩ interests[b]|)
 *             + budgetWeight · clamp(min(high) − max(low), 0, budgetCap)
 * key(a, b)   = score(a, b) − handicap[b]                        what person a ranks candidates by
 * </pre>
 *
 * <p>{@code w · min(x, y)} is {@code min(w x, w y)} for w ≥ 0 and {@code max(w x, w y)} for w &lt;
 * 0, so the columns hold {@code w x} and one comparison and one addition are left for each term.
 * The model's intercept is in each entry of {@code pairing}.
 *
 * <p>The caller proves that no sum leaves int32 (the model's artefact is checked for it when it is
 * loaded).
 */
public final class PairColumns {

  /** The hot loop keeps a register for each; pair-v1 has seven. */
  public static final int MOST_TERMS = 8;

  final int size;
  final int[] people;
  final int[] own;
  final int[] handicap;
  final int[][] terms;
  final boolean[] negative;
  final int[] category;
  final int categories;
  final int[] pairing;

  /** {@code [half word][position]}; the upper half of the last word only if somebody has a bit. */
  final int[][] interests;

  final int interestWeight;
  final int interestCap;
  final int[] budgetLow;
  final int[] budgetHigh;
  final int budgetWeight;
  final int budgetCap;
  final UpperBounds bounds;

  private volatile @Nullable PeopleVectors vectors;

  /**
   * @param people for each position the row that the caller knows the person by; ties go to the
   *     lower one
   * @param own each person's additive part
   * @param handicap what a candidate's rank is reduced by, same scale as the score
   * @param terms {@code [term][position]}, pre-scaled; at most {@value #MOST_TERMS}
   * @param negative for each term whether its weight is below zero
   * @param category each person's combination of category codes, 0 ≤ category &lt; categories
   * @param pairing row-major, categories × categories, symmetric
   * @param interests {@code [word][position]}, one bit for each interest
   * @param budgetLow level, within ±16383; with budgetHigh the range of a person's daily budget
   * @throws IllegalArgumentException if a column's length differs from that of {@code people}, or
   *     pairing's from categories², there are too many terms, or a level or the caps are too large
   *     for {@link UpperBounds}
   */
  public PairColumns(
      int[] people,
      int[] own,
      int[] handicap,
      int[][] terms,
      boolean[] negative,
      int[] category,
      int categories,
      int[] pairing,
      long[][] interests,
      int interestWeight,
      int interestCap,
      int[] budgetLow,
      int[] budgetHigh,
      int budgetWeight,
      int budgetCap) {
    this(
        people,
        own,
        handicap,
        terms,
        negative,
        category,
        categories,
        pairing,
        halves(interests, people.length),
        interestWeight,
        interestCap,
        budgetLow,
        budgetHigh,
        budgetWeight,
        budgetCap,
        null);
  }

  private PairColumns(
      int[] people,
      int[] own,
      int[] handicap,
      int[][] terms,
      boolean[] negative,
      int[] category,
      int categories,
      int[] pairing,
      int[][] interests,
      int interestWeight,
      int interestCap,
      int[] budgetLow,
      int[] budgetHigh,
      int budgetWeight,
      int budgetCap,
      @Nullable UpperBounds bounds) {
    this.size = people.length;
    this.people = people;
    this.own = sized("own", own);
    this.handicap = sized("handicap", handicap);
    this.terms = terms;
    if (terms.length > MOST_TERMS) {
      throw new IllegalArgumentException(
          "%d terms, at most %d are scored".formatted(terms.length, MOST_TERMS));
    }
    for (int[] term : terms) {
      sized("a term", term);
    }
    this.negative = negative;
    this.category = sized("category", category);
    this.categories = categories;
    this.pairing = pairing;
    if (pairing.length != categories * categories || negative.length != terms.length) {
      throw new IllegalArgumentException(
          "pairing has %d entries for %d categories, negative %d for %d terms"
              .formatted(pairing.length, categories, negative.length, terms.length));
    }
    this.interests = interests;
    for (int[] half : interests) {
      sized("a half word of interests", half);
    }
    this.interestWeight = interestWeight;
    this.interestCap = interestCap;
    this.budgetLow = sized("budgetLow", budgetLow);
    this.budgetHigh = sized("budgetHigh", budgetHigh);
    this.budgetWeight = budgetWeight;
    this.budgetCap = budgetCap;
    this.bounds = bounds == null ? UpperBounds.of(this) : bounds;
  }

  public int size() {
    return size;
  }

  /** What the ranking key of the person at a position is reduced by. */
  public int handicap(int position) {
    return handicap[position];
  }

  /**
   * The same columns for some of the people, in the order given: a block of candidates made
   * contiguous.
   */
  public PairColumns select(int[] positions) {
    int[][] selectedTerms = new int[terms.length][];
    for (int term = 0; term < terms.length; term++) {
      selectedTerms[term] = gather(terms[term], positions);
    }
    int[][] selectedInterests = new int[interests.length][];
    for (int half = 0; half < interests.length; half++) {
      selectedInterests[half] = gather(interests[half], positions);
    }
    return new PairColumns(
        gather(people, positions),
        gather(own, positions),
        gather(handicap, positions),
        selectedTerms,
        negative,
        gather(category, positions),
        categories,
        pairing,
        selectedInterests,
        interestWeight,
        interestCap,
        gather(budgetLow, positions),
        gather(budgetHigh, positions),
        budgetWeight,
        budgetCap,
        bounds);
  }

  /** These people laid out for vectors; made once for each width. */
  PeopleVectors vectors(int bits) {
    PeopleVectors made = vectors;
    if (made == null || made.shape.bits() != bits) {
      made = new PeopleVectors(this, bits);
      vectors = made;
    }
    return made;
  }

  /** A bit for each term whose weight is below zero. */
  int negatives() {
    int bits = 0;
    for (int term = 0; term < negative.length; term++) {
      bits |= negative[term] ? 1 << term : 0;
    }
    return bits;
  }

  private int[] sized(String name, int[] column) {
    if (column.length != size) {
      throw new IllegalArgumentException(
          "%s has %d entries for %d people".formatted(name, column.length, size));
    }
    return column;
  }

  private static int[][] halves(long[][] words, int size) {
    int[][] halves = new int[2 * words.length][size];
    int used = 0;
    for (int word = 0; word < words.length; word++) {
      for (int i = 0; i < size; i++) {
        halves[2 * word][i] = (int) words[word][i];
        halves[2 * word + 1][i] = (int) (words[word][i] >>> Integer.SIZE);
        used |= word == words.length - 1 ? halves[2 * word + 1][i] : 0;
      }
    }
    return words.length > 0 && used == 0 ? Arrays.copyOf(halves, halves.length - 1) : halves;
  }

  private static int[] gather(int[] column, int[] positions) {
    int[] result = new int[positions.length];
    for (int i = 0; i < positions.length; i++) {
      result[i] = column[positions[i]];
    }
    return result;
  }
}
