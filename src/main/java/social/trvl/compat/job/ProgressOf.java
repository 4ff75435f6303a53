package social.trvl.compat.job;

import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.batch.core.ExitStatus;
import org.springframework.batch.core.listener.StepExecutionListener;
import org.springframework.batch.core.step.StepExecution;
import social.trvl.compat.config.Progress;

/** Begins and ends the progress of a step. */
final class ProgressOf implements StepExecutionListener {

  private final Progress progress;
  private final String task;
  private final IntSupplier total;

  ProgressOf(Progress progress, String task, IntSupplier total) {
    this.progress = progress;
    this.task = task;
    this.total = total;
  }

  @Override
  public void beforeStep(StepExecution execution) {
    progress.begin(task, total.getAsInt());
  }

  @Override
  public @Nullable ExitStatus afterStep(StepExecution execution) {
    progress.end();
    return null;
  }
}
