package social.trvl.compat;

import social.trvl.compat.cli.CommandLineApp;

/** The program's entry point. */
public final class Main {

  private Main() {}

  public static void main(String[] args) {
    System.exit(CommandLineApp.run(args));
  }
}
