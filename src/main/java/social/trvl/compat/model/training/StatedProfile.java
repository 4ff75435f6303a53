package social.trvl.compat.model.training;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.profile.ProfileTable;
import social.trvl.compat.profile.ProfileTableBuilder;
import social.trvl.compat.profile.Vocabulary;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a person had stated at some time, in the application's own words, so that any later model's
 * vocabulary can read it.
 *
 * <p>As JSON, in {@code model_training_data.features_a} and {@code features_b}; what is not stated
 * is left out:
 *
 * <pre>
 * openness, conscientiousness, extraversion, agreeableness, neuroticism    0–1, two decimals; all five
 * age                                                                      years
 * adventure_style, budget_preference, planning_style, group_preference     text
 * interests                                                                list of texts
 * daily_budget_min, daily_budget_max, budget_currency                      amounts and ISO code; all three
 * experience_level                                                         1–5
 * </pre>
 */
public final class StatedProfile {

  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);
  private static final int OLDEST = 150;

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  private static final Set<String> OTHER_FIELDS =
      Set.of(
          "age",
          "interests",
          "daily_budget_min",
          "daily_budget_max",
          "budget_currency",
          "experience_level");

  private final JsonNode stated;

  private StatedProfile(JsonNode stated) {
    this.stated = stated;
  }

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException if it is not in the documented form
   */
  static StatedProfile parse(String json) {
    try {
      JsonNode node = JSON.readTree(json);
      require(node.isObject(), "it is no object", "");
      for (String name : node.propertyNames()) {
        require(
            ProfileTable.TRAITS.contains(name)
                || Vocabulary.PREFERENCES.contains(name)
                || OTHER_FIELDS.contains(name),
            "unknown field",
            name);
      }
      return new StatedProfile(node);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("it is no JSON: " + e.getOriginalMessage(), e);
    }
  }

  /** Adds the person as the vocabulary understands them; unknown words are unknown. */
  void addTo(ProfileTableBuilder people, UUID id, Vocabulary vocabulary) {
    int[] traits = new int[ProfileTable.TRAIT_COUNT];
    for (int i = 0; i < traits.length; i++) {
      String name = ProfileTable.TRAITS.get(i);
      @Nullable BigDecimal value = number(name);
      if (value == null) {
        throw new IllegalArgumentException(name + " is missing");
      }
      require(
          value.signum() >= 0 && value.compareTo(BigDecimal.ONE) <= 0,
          "%s is not within 0–1".formatted(name),
          value);
      traits[i] = value.multiply(HUNDRED).intValue();
    }
    people.person(id, traits);
    @Nullable BigDecimal age = number("age");
    if (age != null) {
      people.age(whole("age", age, 0, OLDEST));
    }
    @Nullable BigDecimal experience = number("experience_level");
    if (experience != null) {
      people.experience(whole("experience_level", experience, 1, 5));
    }
    for (int i = 0; i < ProfileTable.PREFERENCE_COUNT; i++) {
      people.code(i, vocabulary.preferenceCode(i, text(Vocabulary.PREFERENCES.get(i))));
    }
    for (String interest : interests()) {
      int bit = vocabulary.interestBit(interest);
      if (bit >= 0) {
        people.interest(bit);
      }
    }
    @Nullable BigDecimal low = number("daily_budget_min");
    @Nullable BigDecimal high = number("daily_budget_max");
    @Nullable String currency = text("budget_currency");
    if (low != null && high != null && currency != null) {
      int level = vocabulary.budgetLevel(low, currency);
      if (level >= 0) {
        people.budget(level, vocabulary.budgetLevel(high, currency));
      }
    }
  }

  /** In the person's own words; empty if none is stated. */
  public List<String> interests() {
    JsonNode list = stated.get("interests");
    List<String> result = new ArrayList<>();
    if (list != null && !list.isNull()) {
      require(list.isArray(), "interests is no list", list);
      for (JsonNode entry : list) {
        require(entry.isString(), "an interest is no text", entry);
        result.add(entry.stringValue());
      }
    }
    return result;
  }

  /** A field that is text; null if it is not stated. */
  public @Nullable String text(String name) {
    JsonNode value = stated.get(name);
    if (value == null || value.isNull()) {
      return null;
    }
    require(value.isString(), name + " is no text", value);
    return value.stringValue();
  }

  /** A field that is a number; null if it is not stated. */
  public @Nullable BigDecimal number(String name) {
    JsonNode value = stated.get(name);
    if (value == null || value.isNull()) {
      return null;
    }
    require(value.isNumber(), name + " is no number", value);
    return value.decimalValue();
  }

  private static int whole(String name, BigDecimal value, int lowest, int highest) {
    require(
        value.stripTrailingZeros().scale() <= 0
            && value.compareTo(BigDecimal.valueOf(lowest)) >= 0
            && value.compareTo(BigDecimal.valueOf(highest)) <= 0,
        "%s is no integer within %d–%d".formatted(name, lowest, highest),
        value);
    return value.intValue();
  }

  private static void require(boolean condition, String what, Object value) {
    if (!condition) {
      throw new IllegalArgumentException("%s (%s)".formatted(what, value));
    }
  }
}
