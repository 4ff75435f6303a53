package social.trvl.compat.config;

/**
 * How a command ended, as a process exit code. The README lists them; scripts rely on the numbers.
 */
public enum ExitCode {
  OK(0, "done; a run over unchanged inputs counts as done"),
  DEFECT(1, "an unexpected failure: a defect of the program; the message has its trace"),
  USAGE(2, "unknown command, option or value"),
  BAD_INPUT(
      3,
      "a file is missing, unreadable or not what it should be; some rows may have been rejected"),
  DATABASE_UNREACHABLE(4, "no connection: server down, wrong address, user or password"),
  DATABASE_UNFIT(5, "the database is not migrated, is of a newer version, or denies a permission"),
  BUSY(6, "another process holds the claim on this job"),
  WITHHELD(
      7,
      "the run is complete but failed its checks and was not published; or the promotion gate refused"),
  NOT_FOUND(8, "no such person, group, run or model version"),
  STORAGE(9, "no space or no permission for files, or the server is out of space");

  private final int number;
  private final String meaning;

  ExitCode(int number, String meaning) {
    this.number = number;
    this.meaning = meaning;
  }

  public int number() {
    return number;
  }

  public String meaning() {
    return meaning;
  }
}
