package social.trvl.compat.model.training;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.IntPredicate;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A training set cut by people: pairs to train on, held-out pairs, and no person in both.
 *
 * <p>Who is held out is a property of the person, {@link #isHeldOut}, the same for every training:
 * a model and its successors are judged on people that none of them has seen. Pairs of one held-out
 * person and one other are dropped and counted. (Whole groups of connected people can't be held
 * out: people who travel in groups make one component of nearly everybody.)
 *
 * <p>In time: with a date, only held-out pairs from then on are judged, and only earlier pairs are
 * trained on. Without one, the date is chosen that leaves the latest third of the held-out pairs,
 * if that has {@value #FEWEST_OF_AN_OUTCOME} of either outcome; else time is not split, and {@link
 * #laterInTime} says so.
 */
public final class Split {

  /**
   * Lightest evidence that judges a model: what was said or done after a trip. Accepted invitations
   * and trips that merely ended teach, but most would call any model right.
   */
  public static final double LIGHTEST_JUDGE = 0.5;

  /** Fewer of either outcome can't tell models apart. */
  public static final int FEWEST_OF_AN_OUTCOME = 200;

  /**
   * Share of people. Of the pairs 0.3² = 9 % are held out, 49 % trained on: a smaller share would
   * leave too few pairs to judge by, as both people must be held out.
   */
  public static final double HELD_OUT_SHARE = 0.3;

  /** Changing it would let models be judged on people that they were trained on. */
  private static final long SALT = 0x7452_564c_2d68_6f6cL;

  private static final double VALIDATION_SHARE = 1.0 / 3;

  /** Training and validation pairs of one partition of the people trained on. */
  public static final class Fold {
    private final int[] train;
    private final int[] validation;

    private Fold(TrainingSet set, int[] train, int[] validation) {
      requireDisjoint(set, train, validation);
      this.train = train;
      this.validation = validation;
    }

    /** Numbers of the pairs, ascending; not to be changed. */
    public int[] train() {
      return train;
    }

    public int[] validation() {
      return validation;
    }
  }

  private final TrainingSet set;
  private final int[] train;
  private final int[] holdout;
  private final @Nullable Instant holdoutFrom;

  /**
   * A split by hand.
   *
   * @param train numbers of pairs
   * @param holdout numbers of pairs
   * @throws IllegalArgumentException if a person is on both sides, or a pair stands twice, mirrored
   *     or not
   */
  Split(TrainingSet set, int[] train, int[] holdout, @Nullable Instant holdoutFrom) {
    requireDisjoint(set, train, holdout);
    this.set = set;
    this.train = train;
    this.holdout = holdout;
    this.holdoutFrom = holdoutFrom;
  }

  /**
   * Splits a set.
   *
   * @param holdoutFrom judges on what was observed from then on; null chooses
   */
  public static Split of(TrainingSet set, @Nullable Instant holdoutFrom) {
    int[] inside =
        pairs(set, pair -> heldOut(set, pair) == 2 && set.weight(pair) >= LIGHTEST_JUDGE);
    @Nullable Instant from = holdoutFrom == null ? latestThird(set, inside) : holdoutFrom;
    long fromMillis = from == null ? Long.MIN_VALUE : from.toEpochMilli();
    return new Split(
        set,
        pairs(
            set,
            pair ->
                heldOut(set, pair) == 0
                    && (from == null || set.observedAtMillis(pair) < fromMillis)),
        Arrays.stream(inside).filter(pair -> set.observedAtMillis(pair) >= fromMillis).toArray(),
        from);
  }

  /** Whether a person is never trained on: a fixed hash of the id, below the share. */
  public static boolean isHeldOut(UUID user) {
    long mixed = mix(mix(user.getMostSignificantBits() ^ SALT) ^ user.getLeastSignificantBits());
    return (mixed >>> 11) * 0x1.0p-53 < HELD_OUT_SHARE;
  }

  /** Numbers of the pairs to train on, ascending; not to be changed. */
  public int[] train() {
    return train;
  }

  /** Numbers of the held-out pairs, ascending; not to be changed. */
  public int[] holdout() {
    return holdout;
  }

  /** Pairs of a held-out person and another. */
  public int crossing() {
    return pairs(set, pair -> isCrossing(set, pair)).length;
  }

  /** Whether a pair is one of a held-out person and another. */
  static boolean isCrossing(TrainingSet set, int pair) {
    return heldOut(set, pair) == 1;
  }

  /** Pairs left out because of their time, or held-out ones as too light to judge by. */
  public int outOfTime() {
    return set.size() - train.length - holdout.length - crossing();
  }

  /** Whether every held-out pair was observed after every pair trained on. */
  public boolean laterInTime() {
    return holdoutFrom != null;
  }

  /** From when on held-out pairs are judged; null if time is not split. */
  public @Nullable Instant holdoutFrom() {
    return holdoutFrom;
  }

  /** Held-out pairs with an outcome. */
  public int heldOut(boolean label) {
    return (int) Arrays.stream(holdout).filter(pair -> set.label(pair) == label).count();
  }

  /** How many held-out pairs are missing of the rarer outcome; 0 if there are enough. */
  public int missing() {
    return Math.max(0, FEWEST_OF_AN_OUTCOME - Math.min(heldOut(true), heldOut(false)));
  }

  /** Identifies the held-out pairs and their outcomes, so that its uses can be counted. */
  public String holdoutSha256() {
    MessageDigest digest = sha256();
    ByteBuffer bytes = ByteBuffer.allocate(4 * Long.BYTES + 1);
    for (int pair : holdout) {
      bytes.clear();
      for (int person : new int[] {set.personA(pair), set.personB(pair)}) {
        bytes.putLong(set.userId(person).getMostSignificantBits());
        bytes.putLong(set.userId(person).getLeastSignificantBits());
      }
      bytes.put((byte) (set.label(pair) ? 1 : 0));
      digest.update(bytes.array(), 0, bytes.position());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * Random partitions of the people trained on: pairs within one third of them validate, pairs
   * within the others train. Each fold leaves out four ninths of the pairs, for they cross.
   *
   * @param seed the same gives the same folds
   */
  public List<Fold> folds(int count, long seed) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    List<Fold> folds = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      BitSet validating = new BitSet();
      for (int person = 0; person < set.personCount(); person++) {
        validating.set(person, random.nextDouble() < VALIDATION_SHARE);
      }
      folds.add(
          new Fold(
              set,
              Arrays.stream(train)
                  .filter(p -> !validating.get(set.personA(p)) && !validating.get(set.personB(p)))
                  .toArray(),
              Arrays.stream(train)
                  .filter(p -> validating.get(set.personA(p)) && validating.get(set.personB(p)))
                  .toArray()));
    }
    return folds;
  }

  /** The refusal that stands behind every split: nobody on both sides, no pair twice. */
  private static void requireDisjoint(TrainingSet set, int[] one, int[] other) {
    BitSet people = new BitSet();
    Set<Long> pairs = new HashSet<>();
    for (int pair : one) {
      people.set(set.personA(pair));
      people.set(set.personB(pair));
      requireOnce(set, pair, pairs);
    }
    for (int pair : other) {
      for (int person : new int[] {set.personA(pair), set.personB(pair)}) {
        if (people.get(person)) {
          throw new IllegalArgumentException(
              "user %s is on both sides of the split: what is measured there would be what was learnt"
                  .formatted(set.userId(person)));
        }
      }
      requireOnce(set, pair, pairs);
    }
  }

  private static void requireOnce(TrainingSet set, int pair, Set<Long> seen) {
    int a = set.personA(pair);
    int b = set.personB(pair);
    if (a == b || !seen.add(((long) Math.min(a, b) << 32) | Math.max(a, b))) {
      throw new IllegalArgumentException(
          "users %s and %s stand twice, or are one: a pair stands once, unordered"
              .formatted(set.userId(a), set.userId(b)));
    }
  }

  private static @Nullable Instant latestThird(TrainingSet set, int[] inside) {
    if (inside.length == 0) {
      return null;
    }
    long[] times = Arrays.stream(inside).mapToLong(set::observedAtMillis).sorted().toArray();
    long from = times[times.length * 2 / 3];
    int satisfied = 0;
    int unsatisfied = 0;
    for (int pair : inside) {
      if (set.observedAtMillis(pair) >= from) {
        satisfied += set.label(pair) ? 1 : 0;
        unsatisfied += set.label(pair) ? 0 : 1;
      }
    }
    boolean enough = Math.min(satisfied, unsatisfied) >= FEWEST_OF_AN_OUTCOME;
    // Of one moment only: nothing would be left to train on.
    return enough && times[0] < from ? Instant.ofEpochMilli(from) : null;
  }

  private static int heldOut(TrainingSet set, int pair) {
    return (isHeldOut(set.userId(set.personA(pair))) ? 1 : 0)
        + (isHeldOut(set.userId(set.personB(pair))) ? 1 : 0);
  }

  private static int[] pairs(TrainingSet set, IntPredicate wanted) {
    return IntStream.range(0, set.size()).filter(wanted).toArray();
  }

  /** The finalizer of SplitMix64 (Steele, Lea, Flood 2014). */
  private static long mix(long x) {
    long y = (x ^ (x >>> 30)) * 0xbf58476d1ce4e5b9L;
    y = (y ^ (y >>> 27)) * 0x94d049bb133111ebL;
    return y ^ (y >>> 31);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
