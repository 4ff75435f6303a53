package social.trvl.compat.intake;

import java.util.List;

/**
 * Something people like to do on a trip, and who does.
 *
 * @param word canonical spelling
 * @param popularity weight for the average person; 1 is common
 * @param openness change of the weight's logarithm for one standard deviation more of the trait
 * @param conscientiousness see openness
 * @param extraversion see openness
 * @param agreeableness see openness
 * @param decade change of the weight's logarithm for ten years more of age
 */
record Interest(
    String word,
    double popularity,
    double openness,
    double conscientiousness,
    double extraversion,
    double agreeableness,
    double decade) {

  static final List<Interest> ALL =
      List.of(
          of("food", 1.6, .15, 0, .15, .1, 0),
          of("beaches", 1.5, -.2, 0, .2, .05, -.05),
          of("hiking", 1.3, .2, .15, -.05, .05, .05),
          of("photography", 1.2, .35, 0, -.1, 0, 0),
          of("museums", 1.0, .45, .1, -.2, 0, .2),
          of("history", 1.0, .35, .1, -.2, 0, .2),
          of("nightlife", 1.0, 0, -.25, .6, -.1, -.6),
          of("shopping", .9, -.25, 0, .3, 0, -.1),
          of("music", .9, .3, -.1, .25, 0, -.1),
          of("wildlife", .9, .25, .05, -.1, .2, .1),
          of("local culture", .9, .45, 0, .05, .15, .1),
          of("swimming", .8, -.05, .05, .1, 0, -.05),
          of("camping", .8, .15, 0, 0, .05, -.1),
          of("road trips", .8, .1, -.1, .15, 0, -.1),
          of("architecture", .7, .45, .1, -.15, 0, .15),
          of("art", .7, .6, -.1, -.1, 0, .1),
          of("cycling", .7, .1, .2, 0, 0, 0),
          of("wine", .7, .2, .05, .15, 0, .25),
          of("yoga", .6, .3, .1, 0, .2, 0),
          of("wellness", .6, 0, .1, 0, .1, .1),
          of("festivals", .6, .25, -.2, .5, 0, -.4),
          of("skiing", .6, 0, .1, .2, -.05, 0),
          of("diving", .5, .2, .05, .2, -.05, -.05),
          of("surfing", .5, .1, -.1, .3, 0, -.35),
          of("gardens", .5, .15, .1, -.2, .15, .3),
          of("theatre", .5, .45, .05, 0, .05, .15),
          of("markets", .5, .2, 0, .15, .1, .1),
          of("coffee", .5, .2, 0, 0, 0, -.1),
          of("trains", .4, .2, .15, -.3, 0, .1),
          of("sailing", .4, .15, .1, .15, 0, .15),
          of("climbing", .4, .2, .1, .05, -.1, -.2),
          of("kayaking", .4, .15, .05, .05, .05, -.05),
          of("running", .4, 0, .35, .05, 0, -.1),
          of("volunteering", .4, .3, .1, .05, .5, 0),
          of("astronomy", .35, .5, 0, -.3, 0, 0),
          of("birdwatching", .3, .3, .15, -.3, .1, .4),
          of("meditation", .35, .45, 0, -.15, .15, .1),
          of("golf", .3, -.2, .2, .2, -.05, .35),
          of("fishing", .3, -.15, 0, -.1, 0, .2),
          of("motorsport", .25, -.1, -.1, .2, -.2, -.1));

  private static Interest of(
      String word,
      double popularity,
      double openness,
      double conscientiousness,
      double extraversion,
      double agreeableness,
      double decade) {
    return new Interest(
        word, popularity, openness, conscientiousness, extraversion, agreeableness, decade);
  }
}
