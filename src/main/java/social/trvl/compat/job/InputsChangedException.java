package social.trvl.compat.job;

/**
 * The interrupted run can't be resumed, because people, blocks or groups have changed since; a new
 * run takes over.
 */
final class InputsChangedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  InputsChangedException(long runId) {
    super("the inputs of interrupted run %d have changed since".formatted(runId));
  }
}
