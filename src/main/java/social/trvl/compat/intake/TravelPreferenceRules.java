package social.trvl.compat.intake;

import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Draws travel preferences that fit a person's traits and age.
 *
 * <p>These are rules of this project, not measurements: public data has no travel preferences with
 * assessments. Each choice is a weighted draw; a weight is its base times e^(Σ slope · z), where z
 * is the trait's distance from the population's mean in standard deviations. The slopes stand in
 * the tables below, at most 0.9, so that traits shift preferences and do not decide them:
 *
 * <ul>
 *   <li>adventure: openness towards cultural and active, extraversion towards active and extreme,
 *       neuroticism and age towards relaxed;
 *   <li>budget: age towards comfort and luxury, openness towards budget;
 *   <li>planning: conscientiousness towards planned and structured, openness away from it;
 *   <li>company: extraversion towards large groups, away from solo; agreeableness towards small;
 *   <li>interests: two to eight of {@link #INTERESTS}, more with openness, see {@link Interest};
 *   <li>experience: grows with age and openness.
 * </ul>
 *
 * Each field is left empty by 5 to 15 % of people, independently. The draw depends on seed, person,
 * traits, age and, for the free dates, on today; on nothing else.
 */
public final class TravelPreferenceRules {

  /** Canonical spellings of all interests that are ever drawn. */
  public static final List<String> INTERESTS = Interest.ALL.stream().map(Interest::word).toList();

  /** Canonical spellings of all destinations that are ever drawn, roughly from popular to rare. */
  public static final List<String> DESTINATIONS =
      List.of(
          "italy",
          "spain",
          "france",
          "japan",
          "greece",
          "thailand",
          "portugal",
          "usa",
          "mexico",
          "indonesia",
          "united kingdom",
          "australia",
          "new zealand",
          "iceland",
          "croatia",
          "turkey",
          "vietnam",
          "morocco",
          "peru",
          "costa rica",
          "canada",
          "norway",
          "switzerland",
          "austria",
          "germany",
          "netherlands",
          "ireland",
          "scotland",
          "egypt",
          "kenya",
          "south africa",
          "india",
          "nepal",
          "sri lanka",
          "brazil",
          "argentina",
          "chile",
          "colombia",
          "patagonia",
          "alps");

  private static final List<String> ADVENTURE =
      List.of("relaxed", "cultural", "moderate", "active", "extreme");
  private static final List<String> BUDGET = List.of("budget", "moderate", "comfort", "luxury");
  private static final List<String> PLANNING =
      List.of("spontaneous", "flexible", "planned", "structured");
  private static final List<String> COMPANY = List.of("solo", "couple", "small", "large");

  /** Units of a currency for one US dollar: fixed, for a drawn budget must not depend on a day. */
  private static final Map<String, Double> PER_DOLLAR =
      Map.of("USD", 1.0, "EUR", 0.92, "GBP", 0.79, "INR", 83.0, "AUD", 1.52, "CAD", 1.36);

  /** Typical dollars a day by budget preference. */
  private static final double[] DOLLARS = {45, 95, 190, 420};

  private static final double TOWN_SPREAD_DEGREES = 0.35;
  private static final int ADULT = 18;
  private static final int AGE_MAX = 100;

  private final LocalDate today;
  private final PeopleFacts facts = PeopleFacts.shipped();

  /**
   * @param clock says from which day on people are free, in UTC
   */
  public TravelPreferenceRules(Clock clock) {
    this.today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
  }

  /**
   * Draws a person's preferences; the home is drawn as {@code people/big5_facts.json} counts
   * countries.
   *
   * @param age in years
   */
  public TravelPreferences drawPreferences(long seed, UUID person, Traits traits, int age) {
    int country = facts.drawCountry(Dice.of(seed, "home", person));
    return draw(Dice.of(seed, "preferences", person), facts.country(country), traits, age);
  }

  TravelPreferences draw(Dice dice, @Nullable Country country, Traits traits, int age) {
    double o = standardised(traits, Trait.OPENNESS);
    double c = standardised(traits, Trait.CONSCIENTIOUSNESS);
    double e = standardised(traits, Trait.EXTRAVERSION);
    double a = standardised(traits, Trait.AGREEABLENESS);
    double n = standardised(traits, Trait.NEUROTICISM);
    double decades = decades(age);
    int adventure =
        pick(
            dice,
            weight(.22, -.3 * o - .2 * e + .3 * n + .15 * decades),
            weight(.24, .5 * o - .15 * e + .1 * decades),
            weight(.30, 0),
            weight(.18, .25 * o + .3 * e - .2 * n - .15 * decades),
            weight(.06, .3 * o + .5 * e - .35 * n - .4 * decades));
    int budget =
        pick(
            dice,
            weight(.34, .15 * o - .35 * decades),
            weight(.38, 0),
            weight(.21, .1 * c + .25 * decades),
            weight(.07, .2 * e - .15 * a + .3 * decades));
    int planning =
        pick(
            dice,
            weight(.18, -.7 * c + .3 * o + .1 * e),
            weight(.37, -.2 * c + .15 * o),
            weight(.30, .4 * c),
            weight(.15, .9 * c - .25 * o + .15 * n));
    int company =
        pick(
            dice,
            weight(.16, -.6 * e + .2 * o - .15 * a),
            weight(.27, -.15 * e + .15 * decades),
            weight(.40, .2 * e + .2 * a),
            weight(.17, .7 * e + .1 * a - .15 * decades));
    TravelPreferences.Home home = home(dice, country);
    return new TravelPreferences(
        said(dice, .06, ADVENTURE.get(adventure)),
        said(dice, .05, BUDGET.get(budget)),
        said(dice, .08, PLANNING.get(planning)),
        said(dice, .10, COMPANY.get(company)),
        said(dice, .07, interests(dice, traits, decades)),
        said(dice, .10, destinations(dice, o)),
        said(dice, .15, budget(dice, budget, country)),
        said(dice, .12, freeDates(dice)),
        said(dice, .12, tripDays(dice)),
        said(dice, .10, experience(dice, o, decades)),
        said(dice, .05, home),
        said(dice, .06, languages(dice, country, o)),
        said(dice, .15, companionAge(dice, age)),
        said(dice, .13, groupSize(dice, company)));
  }

  private List<String> interests(Dice dice, Traits traits, double decades) {
    double o = standardised(traits, Trait.OPENNESS);
    int count = Math.clamp(Math.round(4.5 + .7 * o + 1.3 * dice.normal()), 2, 8);
    double c = standardised(traits, Trait.CONSCIENTIOUSNESS);
    double e = standardised(traits, Trait.EXTRAVERSION);
    double a = standardised(traits, Trait.AGREEABLENESS);
    double[] weights = new double[Interest.ALL.size()];
    for (int i = 0; i < weights.length; i++) {
      Interest interest = Interest.ALL.get(i);
      weights[i] =
          weight(
              interest.popularity(),
              interest.openness() * o
                  + interest.conscientiousness() * c
                  + interest.extraversion() * e
                  + interest.agreeableness() * a
                  + interest.decade() * decades);
    }
    return several(dice, count, weights, INTERESTS);
  }

  private static List<String> destinations(Dice dice, double openness) {
    int count = Math.clamp(Math.round(2.5 + .4 * openness + dice.normal()), 1, 6);
    double[] weights = new double[DESTINATIONS.size()];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = 1.0 / (4 + i);
    }
    return several(dice, count, weights, DESTINATIONS);
  }

  private static TravelPreferences.Budget budget(
      Dice dice, int preference, @Nullable Country country) {
    String currency = country == null ? "USD" : country.currency();
    double rate = PER_DOLLAR.getOrDefault(currency, 1.0);
    double middle = DOLLARS[preference] * StrictMath.exp(.25 * dice.normal()) * rate;
    int step = rate > 10 ? 100 : 5;
    int least = rounded(middle * (.55 + .25 * dice.uniform()), step);
    int most = Math.max(least + step, rounded(middle * (1.2 + .5 * dice.uniform()), step));
    return new TravelPreferences.Budget(least, most, currency);
  }

  /** One to three stretches within the next year, in order and apart. */
  private List<TravelPreferences.FreeDates> freeDates(Dice dice) {
    List<TravelPreferences.FreeDates> dates = new ArrayList<>();
    int stretches = 1 + dice.weighted(.45, .35, .2);
    int room = 365 / stretches;
    for (int i = 0; i < stretches; i++) {
      int start = i * room + dice.between(1, room - 45);
      LocalDate from = today.plusDays(start);
      dates.add(new TravelPreferences.FreeDates(from, from.plusDays(dice.between(5, 42))));
    }
    return dates;
  }

  private static TravelPreferences.Span tripDays(Dice dice) {
    int least = List.of(2, 3, 5, 7, 10, 14).get(dice.weighted(.12, .2, .25, .25, .1, .08));
    return new TravelPreferences.Span(least, least + dice.between(1, least + 3));
  }

  private static int experience(Dice dice, double openness, double decades) {
    return Math.clamp(Math.round(2.6 + .45 * openness + .45 * decades + .8 * dice.normal()), 1, 5);
  }

  private static TravelPreferences.@Nullable Home home(Dice dice, @Nullable Country country) {
    double north = TOWN_SPREAD_DEGREES * dice.normal();
    double east = TOWN_SPREAD_DEGREES * dice.normal();
    return country == null
        ? null
        : new TravelPreferences.Home(
            country.region(),
            Math.round((country.latitude() + north) * 1e4) / 1e4,
            Math.round((country.longitude() + east) * 1e4) / 1e4);
  }

  private static List<String> languages(Dice dice, @Nullable Country country, double openness) {
    List<String> languages = new ArrayList<>();
    List<String> common = country == null ? List.of("en") : country.languages();
    languages.add(common.getFirst());
    for (String language : common.subList(1, common.size())) {
      if (dice.chance(.75)) {
        languages.add(language);
      }
    }
    String learnt = dice.oneOf(List.of("en", "es", "fr", "de", "it", "pt", "ja", "zh"));
    if (dice.chance(Math.clamp(.2 + .08 * openness, .02, .5)) && !languages.contains(learnt)) {
      languages.add(learnt);
    }
    return languages;
  }

  private static TravelPreferences.Span companionAge(Dice dice, int age) {
    int younger = dice.between(3, 12);
    int older = dice.between(4, 15);
    int least = Math.max(ADULT, age - younger);
    return new TravelPreferences.Span(least, Math.clamp(age + older, least + 5, AGE_MAX + 20));
  }

  private static TravelPreferences.Span groupSize(Dice dice, int company) {
    return switch (company) {
      case 0 -> new TravelPreferences.Span(1, dice.between(1, 3));
      case 1 -> new TravelPreferences.Span(2, dice.between(2, 4));
      case 2 -> new TravelPreferences.Span(dice.between(2, 3), dice.between(4, 8));
      default -> new TravelPreferences.Span(dice.between(4, 6), dice.between(8, 20));
    };
  }

  private double standardised(Traits traits, Trait trait) {
    return (traits.of(trait) - facts.mean(trait)) / facts.sd(trait);
  }

  /** Decades above the population's mean age, bounded so that the very old are not caricatures. */
  private double decades(int age) {
    return Math.clamp((age - facts.ageMean()) / 10, -1.5, 3.0);
  }

  private static double weight(double base, double exponent) {
    return base * StrictMath.exp(exponent);
  }

  private static int pick(Dice dice, double... weights) {
    return dice.weighted(weights);
  }

  /** Draws the value's place either way, so that one silence does not shift the other draws. */
  private static <T> @Nullable T said(Dice dice, double silence, @Nullable T value) {
    return dice.chance(silence) ? null : value;
  }

  private static <T> List<T> said(Dice dice, double silence, List<T> values) {
    return dice.chance(silence) ? List.of() : values;
  }

  private static int rounded(double value, int step) {
    return Math.max(step, (int) Math.round(value / step) * step);
  }

  /** Draws without putting back: the smallest of independent exponential waiting times. */
  private static List<String> several(Dice dice, int count, double[] weights, List<String> words) {
    double[] waits = new double[weights.length];
    Integer[] order = new Integer[weights.length];
    Arrays.setAll(order, i -> i);
    for (int i = 0; i < weights.length; i++) {
      waits[i] = -StrictMath.log(1 - dice.uniform()) / weights[i];
    }
    Arrays.sort(order, Comparator.comparingDouble(i -> waits[i]));
    List<String> drawn = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      drawn.add(words.get(order[i]));
    }
    Collections.sort(drawn);
    return drawn;
  }
}
