package social.trvl.compat.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/** Works through numbered tasks, in order, on some threads. */
final class Threads {

  /** Enough for a task to be worth its start, few enough that threads end together. */
  private static final int LARGEST_RANGE = 1024;

  private static final int RANGES_PER_THREAD = 4;

  private Threads() {}

  /** What is done with a range of numbers. */
  @FunctionalInterface
  interface Range {
    void accept(int from, int to);
  }

  /** As {@link #run} for ranges that cover 0 to size − 1. */
  static void runRanges(int threads, int size, Range task) {
    int length = Math.clamp(Math.ceilDiv(size, RANGES_PER_THREAD * threads), 1, LARGEST_RANGE);
    run(
        threads,
        Math.ceilDiv(size, length),
        i -> task.accept(i * length, Math.min(size, (i + 1) * length)));
  }

  /**
   * Runs tasks 0 to count − 1 and waits for them. The first failure stops the others at their next
   * task and is thrown.
   */
  static void run(int threads, int count, IntConsumer task) {
    AtomicInteger next = new AtomicInteger();
    Runnable worker =
        () -> {
          try {
            for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
              task.accept(i);
            }
          } finally {
            next.set(count);
          }
        };
    int helpers = Math.min(threads, count) - 1;
    if (helpers <= 0) {
      worker.run();
      return;
    }
    try (ExecutorService executor = Executors.newFixedThreadPool(helpers)) {
      List<Future<?>> futures = new ArrayList<>();
      for (int i = 0; i < helpers; i++) {
        futures.add(executor.submit(worker));
      }
      worker.run();
      for (Future<?> future : futures) {
        future.get();
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException unchecked
          ? unchecked
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while people were being ranked", e);
    }
  }
}
