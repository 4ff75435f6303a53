package social.trvl.compat.job;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Runs work for each item on some threads and waits for all of it; the first failure is thrown, the
 * rest attached.
 */
final class Parallel {

  private Parallel() {}

  static <T> void forEach(int threads, List<T> items, Consumer<T> work) {
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      List<Future<?>> futures = new ArrayList<>();
      for (T item : items) {
        futures.add(executor.submit(() -> work.accept(item)));
      }
      RuntimeException failure = null;
      for (Future<?> future : futures) {
        try {
          future.get();
        } catch (ExecutionException e) {
          RuntimeException cause =
              e.getCause() instanceof RuntimeException unchecked
                  ? unchecked
                  : new IllegalStateException(e.getCause());
          if (failure == null) {
            failure = cause;
          } else {
            failure.addSuppressed(cause);
          }
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          executor.shutdownNow();
          throw new IllegalStateException("interrupted while waiting for parallel work", e);
        }
      }
      if (failure != null) {
        throw failure;
      }
    }
  }
}
