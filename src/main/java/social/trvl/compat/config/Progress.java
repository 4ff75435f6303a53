package social.trvl.compat.config;

/**
 * Where long work reports how far it is. Implementations decide whether and how to show it; calls
 * are cheap.
 */
public interface Progress {

  /** For callers without a watcher. */
  Progress SILENT =
      new Progress() {
        @Override
        public void begin(String task, long total) {}

        @Override
        public void advance(long done) {}

        @Override
        public void end() {}
      };

  /**
   * Starts a task and ends the one before.
   *
   * @param task what is being done, e.g. {@code writing lists}
   * @param total how many units there are; 0 if unknown
   */
  void begin(String task, long total);

  /** Adds finished units; may be called from several threads. */
  void advance(long done);

  void end();
}
