package social.trvl.compat.model;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What a registered version is to the engine, and what it can become. */
public enum ModelState {
  /** Registered. */
  CANDIDATE,
  /** May be scored with beside the champion, unpublished. */
  SHADOW,
  /** Scores; there is one. */
  CHAMPION,
  /** Was champion; a roll-back may return to it. */
  RETIRED,
  /** Was judged not to be good; stays so. */
  REJECTED;

  private static final Map<ModelState, Set<ModelState>> NEXT =
      Map.of(
          CANDIDATE, EnumSet.of(SHADOW, CHAMPION, REJECTED),
          SHADOW, EnumSet.of(CHAMPION, REJECTED),
          CHAMPION, EnumSet.of(RETIRED),
          RETIRED, EnumSet.of(SHADOW, CHAMPION, REJECTED),
          REJECTED, EnumSet.noneOf(ModelState.class));

  public boolean mayBecome(ModelState next) {
    return NEXT.getOrDefault(this, Set.of()).contains(next);
  }

  /** As in the database. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static ModelState of(String label) {
    return valueOf(label.toUpperCase(Locale.ROOT));
  }
}
