package social.trvl.compat.profile;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The words that a model understands: interests, the values of the four stated preferences,
 * currencies. It is part of the model's artefact, so that a code means the same for as long as the
 * model lives.
 *
 * <p>Spelling: letter case, leading and trailing space don't matter; runs of space, {@code -} and
 * {@code _} are one space. What is still not found is unknown, is counted, and is not guessed.
 */
public final class Vocabulary {

  /** The stated preferences, in the order of {@link ProfileTable#code}. */
  public static final List<String> PREFERENCES =
      List.of("adventure_style", "budget_preference", "planning_style", "group_preference");

  public static final int UNKNOWN = 0;

  /** Budgets are compared on a logarithmic scale with this many levels to a doubling. */
  public static final int LEVELS_PER_OCTAVE = 8;

  private static final BigDecimal CENTS_PER_RATE = BigDecimal.valueOf(100, 4);

  /** Richer than anybody; a level of more would not fit the profile's column. */
  private static final BigDecimal MOST_CENTS = BigDecimal.valueOf(Long.MAX_VALUE);

  /** At l: the fewest cents of level l. */
  private static final long[] LEVEL_STARTS = levelStarts();

  private final List<String> interests;
  private final Map<String, String> synonyms;
  private final List<List<String>> preferenceValues;
  private final Map<String, Integer> currencyRates;
  private final Map<String, Integer> interestBits = new HashMap<>();
  private final List<Map<String, Integer>> preferenceCodes;

  /**
   * @param interests canonical spellings; position = bit
   * @param synonyms other spelling → canonical spelling
   * @param preferenceValues for each of {@link #PREFERENCES} its values; position + 1 = code
   * @param currencyRates ISO code → ten-thousandths of a US dollar for one unit
   */
  public Vocabulary(
      List<String> interests,
      Map<String, String> synonyms,
      List<List<String>> preferenceValues,
      Map<String, Integer> currencyRates) {
    this.interests = List.copyOf(interests);
    this.synonyms = Map.copyOf(synonyms);
    this.preferenceValues = preferenceValues.stream().map(List::copyOf).toList();
    this.currencyRates = Map.copyOf(currencyRates);
    for (int bit = 0; bit < interests.size(); bit++) {
      interestBits.put(normalise(interests.get(bit)), bit);
    }
    synonyms.forEach((spelling, canonical) -> {
      Integer bit = interestBits.get(normalise(canonical));
      if (bit == null) {
        throw new IllegalArgumentException(
            "synonym (%s) stands for (%s), which is no interest of the vocabulary"
                .formatted(spelling, canonical));
      }
      interestBits.putIfAbsent(normalise(spelling), bit);
    });
    preferenceCodes = this.preferenceValues.stream().map(Vocabulary::codes).toList();
  }

  private static Map<String, Integer> codes(List<String> values) {
    Map<String, Integer> codes = new HashMap<>();
    for (int i = 0; i < values.size(); i++) {
      codes.put(normalise(values.get(i)), i + 1);
    }
    return codes;
  }

  public List<String> interests() {
    return interests;
  }

  /** Other spelling → canonical spelling. */
  public Map<String, String> synonyms() {
    return synonyms;
  }

  /** ISO code → ten-thousandths of a US dollar for one unit. */
  public Map<String, Integer> currencyRates() {
    return currencyRates;
  }

  public List<String> preferenceValues(int preference) {
    return preferenceValues.get(preference);
  }

  /** 64-bit words that hold one bit for each interest. */
  public int interestWords() {
    return (interests.size() + Long.SIZE - 1) / Long.SIZE;
  }

  /** Bit of an interest, or −1 if the spelling is unknown. */
  public int interestBit(String spelling) {
    return interestBits.getOrDefault(normalise(spelling), -1);
  }

  /** Code of a stated preference, {@link #UNKNOWN} if nothing or nothing known is stated. */
  public int preferenceCode(int preference, @Nullable String value) {
    return value == null
        ? UNKNOWN
        : preferenceCodes.get(preference).getOrDefault(normalise(value), UNKNOWN);
  }

  /**
   * Level of a daily amount: 8 · log2 of its US cents, rounded down, in exact integers (bit-equal
   * everywhere).
   *
   * @return 0 or more; −1 if the currency is unknown
   */
  public int budgetLevel(BigDecimal amount, String currency) {
    Integer rate = currencyRates.get(currency);
    if (rate == null) {
      return -1;
    }
    BigDecimal cents = amount.multiply(BigDecimal.valueOf(rate)).multiply(CENTS_PER_RATE);
    if (cents.compareTo(BigDecimal.ONE) < 0) {
      return 0;
    }
    long whole = cents.min(MOST_CENTS).longValue();
    int level = LEVELS_PER_OCTAVE * (Long.SIZE - 1 - Long.numberOfLeadingZeros(whole));
    while (level + 1 < LEVEL_STARTS.length && whole >= LEVEL_STARTS[level + 1]) {
      level++;
    }
    return level;
  }

  /**
   * floor(8 · log2 c) = floor(log2 c^8), so level l starts at the smallest c with c^8 ≥ 2^l, the
   * eighth root of 2^l rounded up: the root of 2^(l mod 8), with 62 bits of fraction, moved.
   */
  private static long[] levelStarts() {
    int octaves = Long.SIZE - 1;
    int fraction = octaves - 1;
    long[] starts = new long[LEVELS_PER_OCTAVE * octaves];
    for (int part = 0; part < LEVELS_PER_OCTAVE; part++) {
      long root =
          BigInteger.TWO
              .pow(part + LEVELS_PER_OCTAVE * fraction)
              .sqrt()
              .sqrt()
              .sqrt()
              .longValueExact();
      for (int octave = 0; octave < octaves; octave++) {
        long roundedDown = root >> (fraction - octave);
        starts[octave * LEVELS_PER_OCTAVE + part] = part == 0 ? roundedDown : roundedDown + 1;
      }
    }
    return starts;
  }

  private static String normalise(String spelling) {
    String lower = spelling.toLowerCase(Locale.ROOT);
    StringBuilder result = new StringBuilder(lower.length());
    for (int i = 0; i < lower.length(); i++) {
      char c = lower.charAt(i);
      if (!isGap(c)) {
        result.append(c);
      } else if (!result.isEmpty() && result.charAt(result.length() - 1) != ' ') {
        result.append(' ');
      }
    }
    return result.toString().strip();
  }

  private static boolean isGap(char c) {
    return c == ' ' || c == '-' || c == '_' || (c >= '\t' && c <= '\r');
  }
}
