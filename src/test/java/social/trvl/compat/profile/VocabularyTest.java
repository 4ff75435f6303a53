package social.trvl.compat.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VocabularyTest {

  private static final Vocabulary WORDS =
      new Vocabulary(
          List.of("hiking", "city life", "Fine Dining", "film"),
          Map.of("trekking", "hiking", "CITY", "City-Life", "film", "hiking"),
          List.of(
              List.of("relaxed", "extreme"),
              List.of("budget", "luxury"),
              List.of("flexible", "planned"),
              List.of("solo", "small")),
          Map.of("USD", 10_000, "IDR", 1, "GBP", 13_200, "XXX", 1_000_000));

  @ParameterizedTest
  @CsvSource({
    "hiking, 0",
    "HIKING, 0",
    "'  Hiking\t', 0",
    "trekking, 0",
    "Trekking, 0",
    "city life, 1",
    "city-life, 1",
    "CITY_LIFE, 1",
    "'city  - _ life', 1",
    "_city_life-, 1",
    "city, 1",
    "fine dining, 2",
    "fine_dining, 2",
    "film, 3",
    "cit y life, -1",
    "citylife, -1",
    "hikings, -1",
    "'', -1",
    "'-', -1"
  })
  void interestBit_followsTheSpellingRules(String spelling, int bit) {
    assertThat(WORDS.interestBit(spelling)).isEqualTo(bit);
  }

  @Test
  void spelling_inATurkishLocale_isTheSame() {
    assertThat(Locale.getDefault().getLanguage())
        .as("the tests run in Turkish, where I is no capital i")
        .isEqualTo("tr");
    assertThat(WORDS.interestBit("HIKING")).isZero();
    assertThat(WORDS.interestBit("FILM")).isEqualTo(3);
    assertThat(WORDS.interestBit("FINE DINING")).isEqualTo(2);
    assertThat(WORDS.interestBit("h\u0131k\u0131ng")).as("dotless").isEqualTo(-1);
    assertThat(WORDS.preferenceCode(1, "BUDGET")).isEqualTo(1);
    assertThat(WORDS.preferenceCode(2, "FLEXIBLE")).isEqualTo(1);
  }

  @Test
  void preferenceCode_isThePlaceInTheListPlusOne() {
    assertThat(WORDS.preferenceCode(0, "relaxed")).isEqualTo(1);
    assertThat(WORDS.preferenceCode(0, " Extreme ")).isEqualTo(2);
    assertThat(WORDS.preferenceCode(0, "luxury")).isEqualTo(Vocabulary.UNKNOWN);
    assertThat(WORDS.preferenceCode(0, null)).isEqualTo(Vocabulary.UNKNOWN);
    assertThat(WORDS.preferenceCode(3, "small")).isEqualTo(2);
  }

  @Test
  void synonym_ofNoInterest_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new Vocabulary(List.of("a"), Map.of("b", "c"), List.of(), Map.of("USD", 10_000)))
        .withMessageContaining("(b)")
        .withMessageContaining("(c)");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 63, 64, 65, 128, 129})
  void interestWords_holdOneBitForEachInterest(int interests) {
    Vocabulary vocabulary =
        new Vocabulary(
            IntStream.range(0, interests).mapToObj(i -> "word" + i).toList(),
            Map.of(),
            List.of(),
            Map.of());
    assertThat(vocabulary.interestWords()).isEqualTo(Math.ceilDiv(interests, 64));
    assertThat(vocabulary.interestBit("word" + (interests - 1))).isEqualTo(interests - 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"usd", "US", "EUR", ""})
  void budgetLevel_ofAnUnknownCurrency_isMinusOne(String currency) {
    assertThat(WORDS.budgetLevel(BigDecimal.TEN, currency)).isEqualTo(-1);
  }

  @ParameterizedTest
  @CsvSource({
    "0, USD, 0",
    "0.00, USD, 0",
    "0.01, USD, 0",
    "0.02, USD, 8",
    "0.04, USD, 16",
    "1, USD, 53",
    "40, USD, 95",
    "160, USD, 111",
    "99999999.99, USD, 265",
    "99, IDR, 0",
    "100, IDR, 0",
    "199, IDR, 0",
    "200, IDR, 8"
  })
  void budgetLevel_ofAnAmount_isEightTimesTheLogarithmOfItsCents(
      BigDecimal amount, String currency, int level) {
    assertThat(WORDS.budgetLevel(amount, currency)).isEqualTo(level);
  }

  @Test
  void budgetLevel_aroundEachStep_equalsTheExactReference() {
    // The largest amount is numeric(10,2) at the largest rate: 10^10 cents times 100, below 2^40.
    for (int level = 0; level < 8 * 39; level++) {
      long first = firstCentsOf(level);
      for (long cents = Math.max(1, first - 8); cents <= first + 8; cents++) {
        assertThat(WORDS.budgetLevel(BigDecimal.valueOf(cents, 2), "USD"))
            .as("%d cents, around level %d", cents, level)
            .isEqualTo(reference(cents));
      }
    }
  }

  @Test
  void budgetLevel_neverFallsAsTheAmountRises() {
    int before = 0;
    for (long cents = 1; cents < 200_000; cents++) {
      int level = WORDS.budgetLevel(BigDecimal.valueOf(cents, 2), "GBP");
      assertThat(level).isGreaterThanOrEqualTo(before);
      before = level;
    }
  }

  @Test
  void budgetLevel_ofTheLargestAmountAtTheLargestRate_isExact() {
    assertThat(WORDS.budgetLevel(new BigDecimal("99999999.99"), "XXX"))
        .isEqualTo(reference(999_999_999_900L));
  }

  /** By floating point first, settled by cents^8 against 2^level in exact decimals. */
  private static int reference(long cents) {
    int level = (int) Math.floor(8 * Math.log((double) cents) / Math.log(2));
    BigDecimal eighthPower = BigDecimal.valueOf(cents).pow(8);
    while (BigDecimal.TWO.pow(level + 1).compareTo(eighthPower) <= 0) {
      level++;
    }
    while (BigDecimal.TWO.pow(level).compareTo(eighthPower) > 0) {
      level--;
    }
    return level;
  }

  private static long firstCentsOf(int level) {
    BigDecimal root = BigDecimal.TWO.pow(level).sqrt(MathContext.DECIMAL128);
    root = root.sqrt(MathContext.DECIMAL128).sqrt(MathContext.DECIMAL128);
    return root.setScale(0, RoundingMode.CEILING).longValueExact();
  }
}
