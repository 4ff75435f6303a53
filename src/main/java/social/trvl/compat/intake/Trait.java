package social.trvl.compat.intake;

import java.util.Locale;

/** The Big Five, in the order of the table's columns. */
public enum Trait {
  OPENNESS("O"),
  CONSCIENTIOUSNESS("C"),
  EXTRAVERSION("E"),
  AGREEABLENESS("A"),
  NEUROTICISM("N");

  private final String letter;

  Trait(String letter) {
    this.letter = letter;
  }

  /** The usual one-letter abbreviation. */
  public String letter() {
    return letter;
  }

  /** The column of {@code personality_assessments}. */
  public String column() {
    return name().toLowerCase(Locale.ROOT);
  }
}
