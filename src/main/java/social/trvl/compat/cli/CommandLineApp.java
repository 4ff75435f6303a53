package social.trvl.compat.cli;

import java.io.PrintWriter;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParseResult;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;

/** All commands, and what becomes of their failures. */
@Command(
    name = "compat",
    description = "TRVL compatibility engine: scores who would travel well together.",
    mixinStandardHelpOptions = true,
    versionProvider = CommandLineApp.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "The database is a PostgreSQL 15 or newer (--db-url or COMPAT_DB_URL, with",
      "COMPAT_DB_USER and COMPAT_DB_PASSWORD), or the embedded one (--data-dir,",
      "default .compat).",
      "",
      "Exit codes: 0 done, 1 defect, 2 usage, 3 bad input, 4 database unreachable,",
      "5 database unfit, 6 busy, 7 withheld by checks or by the promotion gate,",
      "8 not found, 9 storage."
    })
public final class CommandLineApp {

  private static final List<Class<?>> COMMANDS =
      List.of(
          DemoCommand.class,
          ScoreCommand.class,
          MatchesCommand.class,
          ExplainCommand.class,
          DataCommand.class,
          LabelCommand.class,
          ModelCommand.class,
          DbCommand.class,
          BenchCommand.class);

  private CommandLineApp() {}

  /** Runs a command line to its exit code; failures are told on standard error. */
  public static int run(String... args) {
    quietLibraries();
    return commandLine(args).execute(args);
  }

  /**
   * With the command that is asked for, or else with all: to look through the options of every one
   * takes picocli up to a tenth of a second.
   */
  static CommandLine commandLine(String... args) {
    CommandLine commandLine = new CommandLine(new CommandLineApp());
    List<Class<?>> asked =
        COMMANDS.stream()
            .filter(command -> args.length > 0 && name(command).equals(args[0]))
            .toList();
    (asked.isEmpty() ? COMMANDS : asked).forEach(commandLine::addSubcommand);
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setExecutionExceptionHandler(CommandLineApp::report);
    commandLine.getSubcommands().values().forEach(sub -> sub.setUsageHelpAutoWidth(true));
    return commandLine;
  }

  private static String name(Class<?> command) {
    return Objects.requireNonNull(command.getAnnotation(Command.class)).name();
  }

  /**
   * What libraries log as errors they also throw, and then it is reported once, in words.
   * COMPAT_LOG (error, warn, info, debug) shows what they say.
   */
  private static void quietLibraries() {
    System.setProperty(
        "org.slf4j.simpleLogger.defaultLogLevel",
        System.getenv().getOrDefault("COMPAT_LOG", "off"));
    System.setProperty("org.jooq.no-logo", "true");
    System.setProperty("org.jooq.no-tips", "true");
  }

  private static int report(
      Exception failure, CommandLine commandLine, @Nullable ParseResult parsed) {
    PrintWriter err = commandLine.getErr();
    CompatException understood = understood(failure);
    if (understood != null) {
      err.println("compat: " + understood.getMessage());
      err.flush();
      return understood.exitCode().number();
    }
    err.println("compat: an unexpected failure, which is a defect; please report what follows.");
    failure.printStackTrace(err);
    err.flush();
    return ExitCode.DEFECT.number();
  }

  /** The failure in words a user can act on, or null if it is a defect. */
  static @Nullable CompatException understood(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof CompatException compat) {
        return compat;
      }
      if (cause instanceof SQLException sql && sql.getSQLState() != null) {
        @Nullable CompatException translated = translated(sql, sql.getSQLState());
        if (translated != null) {
          return translated;
        }
      }
    }
    return null;
  }

  private static @Nullable CompatException translated(SQLException sql, String state) {
    String message = String.valueOf(sql.getMessage()).strip().replaceAll("\\s*\\n\\s*", " ");
    if (state.startsWith("08") || state.startsWith("57P")) {
      return new CompatException(
          ExitCode.DATABASE_UNREACHABLE,
          "The connection to the database was lost: %s. A run that was under way is resumed by the next 'compat score run'."
              .formatted(message),
          sql);
    }
    if (state.startsWith("53")) {
      return new CompatException(
          ExitCode.STORAGE,
          "The database server is out of a resource: %s. Free it and start again; a run that was under way is resumed."
              .formatted(message),
          sql);
    }
    if (state.equals("42501")) {
      return new CompatException(
          ExitCode.DATABASE_UNFIT,
          "The database denies a permission: %s. Run 'compat db migrate' as the owner, or grant compat_engine to this login."
              .formatted(message),
          sql);
    }
    return null;
  }

  /** From the jar's manifest. */
  static String programVersion() {
    @Nullable String version = CommandLineApp.class.getPackage().getImplementationVersion();
    return version == null ? "(not packaged)" : version;
  }

  /** Name and version. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"compat " + programVersion()};
    }
  }
}
