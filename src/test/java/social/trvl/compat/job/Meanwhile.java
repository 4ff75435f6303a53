package social.trvl.compat.job;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import social.trvl.compat.config.Progress;

/**
 * Does something once while a run is under way: when a task has begun, or after some of its units.
 */
final class Meanwhile implements Progress {

  private final String task;
  private final long units;
  private final Runnable action;
  private final AtomicBoolean within = new AtomicBoolean();
  private final AtomicBoolean done = new AtomicBoolean();
  private final AtomicLong advanced = new AtomicLong();

  private Meanwhile(String task, long units, Runnable action) {
    this.task = task;
    this.units = units;
    this.action = action;
  }

  /** Between two transactions, before the task's first. */
  static Meanwhile beginning(String task, Runnable action) {
    return new Meanwhile(task, 0, action);
  }

  /** Within the transaction that finishes this many units of the task. */
  static Meanwhile after(String task, long units, Runnable action) {
    return new Meanwhile(task, units, action);
  }

  boolean happened() {
    return done.get();
  }

  @Override
  public void begin(String begun, long total) {
    within.set(begun.equals(task));
    advance(0);
  }

  @Override
  public void advance(long units) {
    if (within.get()
        && advanced.addAndGet(units) >= this.units
        && done.compareAndSet(false, true)) {
      action.run();
    }
  }

  @Override
  public void end() {
    within.set(false);
  }
}
