package social.trvl.compat.model;

import java.util.Locale;

/**
 * The features of {@code pair-v1} in their order, which is the order of contributions and
 * explanations.
 */
public enum Feature {
  OPENNESS(0, Block.PERSONALITY),
  CONSCIENTIOUSNESS(1, Block.PERSONALITY),
  EXTRAVERSION(2, Block.PERSONALITY),
  AGREEABLENESS(3, Block.PERSONALITY),
  NEUROTICISM(4, Block.PERSONALITY),
  AGE(5, Block.PREFERENCE),
  EXPERIENCE(6, Block.PREFERENCE),
  ADVENTURE_STYLE(7, Block.PREFERENCE),
  BUDGET_PREFERENCE(8, Block.PREFERENCE),
  PLANNING_STYLE(9, Block.PREFERENCE),
  GROUP_PREFERENCE(10, Block.PREFERENCE),
  BUDGET_OVERLAP(11, Block.PREFERENCE),
  SHARED_INTERESTS(12, Block.INTEREST);

  /**
   * What the three sub-scores are made of. Age and experience stand with what people want of a
   * trip.
   */
  public enum Block {
    PERSONALITY(0),
    PREFERENCE(1),
    INTEREST(2);

    public static final int COUNT = 3;

    private final int index;

    Block(int index) {
      this.index = index;
    }

    /** Place among the sums of a pair. */
    public int index() {
      return index;
    }
  }

  public static final int NUMERIC_COUNT = 7;
  public static final int FIRST_PREFERENCE = 7;

  private final int index;
  private final Block block;

  Feature(int index, Block block) {
    this.index = index;
    this.block = block;
  }

  public static final int COUNT = 13;

  public static Feature at(int index) {
    for (Feature feature : values()) {
      if (feature.index == index) {
        return feature;
      }
    }
    throw new IllegalArgumentException("feature %d of %d".formatted(index, COUNT));
  }

  /** Place among the contributions of a pair. */
  public int index() {
    return index;
  }

  public Block block() {
    return block;
  }

  /** As in artefacts and explanations, e.g. {@code adventure_style}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
