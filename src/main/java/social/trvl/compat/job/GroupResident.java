package social.trvl.compat.job;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.db.Database;
import social.trvl.compat.publish.GroupReplacement;
import social.trvl.compat.publish.GroupRequests;
import social.trvl.compat.publish.Runs;
import social.trvl.compat.score.GroupFit;

/**
 * Scores groups whenever they ask for it, until it is told to stop.
 *
 * <p>It keeps everybody in memory, so that a group takes milliseconds; see {@link GroupRescoring}
 * for what that can miss. It is told of requests by the database, and looks for itself every few
 * seconds, so that none is lost. A lost connection is made again. Several may be at work: each
 * group is scored by one at a time.
 */
public final class GroupResident {

  /** What has happened. */
  public sealed interface Event {

    /** Everybody was read for the first time, or once more after the connection was lost. */
    record Ready(long runId, int people) implements Event {}

    /** Nothing is published yet, so there is nothing to score groups by. */
    record NothingPublished() implements Event {}

    /**
     * A group's new rows are there to be read.
     *
     * @param sinceRequest from the request to the commit
     */
    record Scored(GroupFit fit, Duration sinceRequest) implements Event {}

    /** A request was removed, because no active group has this id. */
    record Dismissed(UUID groupId) implements Event {}

    /** The database can't be reached, or broke off; it is tried again after a pause. */
    record Interrupted(String reason, Duration pause) implements Event {}
  }

  /** How long a request may wait whose notification was lost. */
  private static final Duration POLL = Duration.ofSeconds(2);

  /** How long a stop may go unnoticed. */
  private static final Duration GLANCE = Duration.ofMillis(200);

  /** Lost connection, server going down or coming up, deadlock, out of resources. */
  private static final List<String> TRANSIENT = List.of("08", "57P", "40", "53");

  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private final Database database;
  private final Clock clock;
  private final Duration refresh;
  private final Consumer<Event> events;
  private volatile boolean stopped;

  private GroupRescoring rescoring;
  private @Nullable CompletableFuture<GroupRescoring.Everybody> reading;
  private long readNanos;
  private boolean published;

  /**
   * @param refresh after which everybody is read again, while requests go on being answered
   * @param events told of everything, by the thread that runs this
   */
  public GroupResident(Database database, Clock clock, Duration refresh, Consumer<Event> events) {
    this.database = database;
    this.clock = clock;
    this.refresh = refresh;
    this.events = events;
    rescoring = new GroupRescoring(database, clock);
  }

  /** Ends {@link #run} after the group at hand; for another thread. */
  public void stop() {
    stopped = true;
  }

  /** Works until it is stopped. */
  public void run() {
    Duration pause = FIRST_PAUSE;
    while (!stopped) {
      try (GroupRequests.Listener listener = new GroupRequests.Listener(database)) {
        rescoring = new GroupRescoring(database, clock);
        reading = null;
        published = false;
        boolean waiting = false;
        while (!stopped) {
          if (isPublished()) {
            refresh();
            answerAll();
          } else if (!waiting) {
            waiting = true;
            events.accept(new Event.NothingPublished());
          }
          pause = FIRST_PAUSE;
          await(listener);
        }
      } catch (SQLException | RuntimeException e) {
        @Nullable SQLException lost = transientFailure(e);
        if (lost == null) {
          throw e instanceof RuntimeException defect ? defect : new IllegalStateException(e);
        }
        if (!stopped) {
          events.accept(new Event.Interrupted(String.valueOf(lost.getMessage()), pause));
          sleep(pause);
          pause = Duration.ofMillis(Math.min(2 * pause.toMillis(), LONGEST_PAUSE.toMillis()));
        }
      }
    }
  }

  /** Reads everybody before the first request comes. */
  private boolean isPublished() {
    if (!published) {
      published = new Runs(database).published().isPresent();
      if (published) {
        GroupRescoring.Everybody everybody = rescoring.read();
        rescoring.keep(everybody);
        readNanos = System.nanoTime();
        events.accept(new Event.Ready(everybody.runId(), everybody.size()));
      }
    }
    return published;
  }

  /** Takes over a reading that has come to its end; begins another when it is time. */
  private void refresh() {
    if (reading != null && reading.isDone()) {
      rescoring.keep(reading.join());
      reading = null;
      readNanos = System.nanoTime();
    }
    if (reading == null && System.nanoTime() - readNanos > refresh.toNanos()) {
      reading =
          CompletableFuture.supplyAsync(
              rescoring::read, task -> Thread.ofPlatform().daemon().name("reading").start(task));
    }
  }

  private void answerAll() {
    for (UUID id : new GroupRequests(database).waiting()) {
      if (!stopped) {
        answer(id);
      }
    }
  }

  private void answer(UUID id) {
    Optional<GroupReplacement> begun = GroupReplacement.tryBegin(database, id);
    if (begun.isEmpty()) {
      return; // another is at it
    }
    try (GroupReplacement group = begun.get()) {
      if (!group.isRequested()) {
        return; // another has done it
      }
      Optional<GroupFit> fit = rescoring.rescore(group);
      if (fit.isPresent()) {
        events.accept(new Event.Scored(fit.get(), group.sinceRequest()));
      } else {
        group.dismiss();
        events.accept(new Event.Dismissed(id));
      }
    }
  }

  private void await(GroupRequests.Listener listener) throws SQLException {
    long began = System.nanoTime();
    while (!stopped && System.nanoTime() - began < POLL.toNanos() && !listener.await(GLANCE)) {
      // a glance at whether it was stopped
    }
  }

  private void sleep(Duration pause) {
    long began = System.nanoTime();
    while (!stopped && System.nanoTime() - began < pause.toNanos()) {
      LockSupport.parkNanos(GLANCE.toNanos());
    }
  }

  /** What the database said, if trying again may help. */
  private static @Nullable SQLException transientFailure(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLTransientConnectionException timeout) {
        return timeout;
      }
      if (cause instanceof SQLException sql
          && sql.getSQLState() != null
          && TRANSIENT.stream().anyMatch(sql.getSQLState()::startsWith)) {
        return sql;
      }
    }
    return null;
  }
}
