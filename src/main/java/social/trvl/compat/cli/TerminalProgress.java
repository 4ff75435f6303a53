package social.trvl.compat.cli;

import java.io.Console;
import java.time.Duration;
import java.util.Optional;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.Progress;

/** A bar with rate and time left on standard error; nothing where that is no terminal. */
final class TerminalProgress implements Progress {

  private static final int UPDATE_MILLIS = 200;

  private @Nullable ProgressBar bar;

  /** For this process's terminal, or silent without one. */
  static Progress ofThisTerminal() {
    // Null without a terminal since JDK 25, which went back to the console of java.base.
    boolean terminal = Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
    return terminal ? new TerminalProgress() : Progress.SILENT;
  }

  @Override
  public synchronized void begin(String task, long total) {
    end();
    bar =
        new ProgressBarBuilder()
            .setTaskName(task)
            .setInitialMax(total == 0 ? -1 : total)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(UPDATE_MILLIS)
            .showSpeed()
            .setEtaFunction(state ->
                state.getMax() <= 0 || state.getCurrent() == 0
                    ? Optional.empty()
                    : Optional.of(
                        Duration.ofMillis(
                            state.getElapsedAfterStart().toMillis()
                                * (state.getMax() - state.getCurrent())
                                / state.getCurrent())))
            .build();
  }

  @Override
  public synchronized void advance(long done) {
    if (bar != null) {
      bar.stepBy(done);
    }
  }

  @Override
  public synchronized void end() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
