package social.trvl.compat.config;

import java.util.Locale;

/** What people must share to be candidates for each other. */
public enum BlockBy {
  /** Nothing. */
  EVERYONE,
  /** The home region; who states none meets others who state none. */
  REGION,
  /** At least one wished destination; who states none meets others who state none. */
  DESTINATION;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
