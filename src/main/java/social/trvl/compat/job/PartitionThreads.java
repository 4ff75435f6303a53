package social.trvl.compat.job;

import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import org.springframework.batch.core.job.JobInterruptedException;
import org.springframework.batch.core.partition.support.AbstractPartitionHandler;
import org.springframework.batch.core.step.Step;
import org.springframework.batch.core.step.StepExecution;

/**
 * Runs the partitions of a step on threads of this process, each with a step (hence a reader) of
 * its own.
 */
final class PartitionThreads extends AbstractPartitionHandler {

  private final int threads;
  private final IntFunction<Step> stepOfPartition;

  PartitionThreads(int threads, IntFunction<Step> stepOfPartition) {
    this.threads = threads;
    this.stepOfPartition = stepOfPartition;
  }

  @Override
  protected Set<StepExecution> doHandle(StepExecution manager, Set<StepExecution> partitions) {
    Parallel.forEach(
        threads,
        List.copyOf(partitions),
        partition -> {
          try {
            stepOfPartition.apply(numberOf(partition)).execute(partition);
          } catch (JobInterruptedException e) {
            throw new IllegalStateException(partition.getStepName() + " was interrupted", e);
          }
        });
    return partitions;
  }

  private static int numberOf(StepExecution partition) {
    String name = partition.getStepName();
    return Integer.parseInt(name.substring(name.indexOf(':') + 1));
  }
}
