package social.trvl.compat.intake;

/** A person's complete assessment; each value from 0 to 1. */
public record Traits(
    double openness,
    double conscientiousness,
    double extraversion,
    double agreeableness,
    double neuroticism) {

  public double of(Trait trait) {
    return switch (trait) {
      case OPENNESS -> openness;
      case CONSCIENTIOUSNESS -> conscientiousness;
      case EXTRAVERSION -> extraversion;
      case AGREEABLENESS -> agreeableness;
      case NEUROTICISM -> neuroticism;
    };
  }

  /** 1 − neuroticism: the direction in which more is easier for others. */
  public double stability() {
    return 1 - neuroticism;
  }
}
