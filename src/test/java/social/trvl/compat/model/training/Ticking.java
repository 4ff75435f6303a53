package social.trvl.compat.model.training;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** A clock on which each look takes a tenth of a second, however busy the machine. */
final class Ticking extends Clock {

  private long millis;

  @Override
  public Instant instant() {
    millis += 100;
    return Instant.ofEpochMilli(millis);
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return this;
  }
}
