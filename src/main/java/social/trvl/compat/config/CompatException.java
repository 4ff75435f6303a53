package social.trvl.compat.config;

import org.jspecify.annotations.Nullable;

/**
 * A failure that a user can understand and act on: its message says what was wrong, the actual
 * value, what is allowed and what to do next, and it decides the exit code. Whatever else is thrown
 * is a defect.
 */
public final class CompatException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final ExitCode exitCode;

  public CompatException(ExitCode exitCode, String message) {
    this(exitCode, message, null);
  }

  public CompatException(ExitCode exitCode, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  public ExitCode exitCode() {
    return exitCode;
  }
}
