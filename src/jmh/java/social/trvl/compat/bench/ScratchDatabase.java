package social.trvl.compat.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.DatabaseSettings;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Database;
import social.trvl.compat.intake.PopulationGenerator;
import social.trvl.compat.job.DatabaseSetup;

/**
 * The database that is measured in, full of generated people: an embedded one that goes with this
 * object, or one that was named for it.
 */
final class ScratchDatabase implements AutoCloseable {

  private static final long SEED = 1;

  /** Of generated people one in five is under age, restricted, or incomplete. */
  private static final double GENERATED_FOR_EACH_SCORED = 1.2525;

  private static final int PEOPLE_PER_GROUP = 60;

  private static final String HAS_PROFILES =
      "select count(*) from pg_catalog.pg_class where oid = to_regclass('public.profiles')";

  private static final String ACCOUNTS = "select count(*) from public.profiles";

  private static final String MAY_CHECKPOINT =
      """
      select count(*) from pg_catalog.pg_roles
      where rolname = current_user and (rolsuper or pg_has_role('pg_checkpoint', 'usage'))
      """;

  private static final String MOVE =
      """
      update public.travel_preferences p set home_region = 'bench ' || n.number / ?
      from (select user_id, row_number() over (order by user_id) - 1 as number from public.travel_preferences) n
      where n.user_id = p.user_id
      """;

  private static final String NEW_GROUP =
      """
      insert into public.groups (name, owner_id, max_members)
      select 'bench', s.user_id, ? + 8 from compat.pair_scores s
      join compat.published p on p.run_id = s.run_id
      where s.rank = 1 order by s.user_id limit 1 returning id
      """;

  private static final String NEW_MEMBERS =
      """
      insert into public.group_members (group_id, user_id)
      select ?, user_id from (
        select s.user_id, row_number() over (order by s.user_id) as n, count(*) over () as total
        from compat.pair_scores s join compat.published p on p.run_id = s.run_id where s.rank = 1) listed
      where (n - 1) * ? / total <> n * ? / total
      on conflict do nothing
      """;

  private final Path folder;
  private final DatabaseSettings settings;
  private final Thread atExit = new Thread(this::release, "drop-scratch-database");
  private boolean released;
  private final Database database;
  private final Progress progress;
  private final Clock clock;

  private ScratchDatabase(Path folder, DatabaseSettings settings, Progress progress, Clock clock) {
    this.folder = folder;
    this.settings = settings;
    this.progress = progress;
    this.clock = clock;
    database = Database.open(settings);
  }

  /**
   * Opens and migrates it.
   *
   * @param named null for an embedded one in a temporary folder
   * @param useExisting whether people may be there already
   * @throws CompatException with USAGE if people are there and may not
   */
  static ScratchDatabase open(
      @Nullable DatabaseSettings named, boolean useExisting, Progress progress, Clock clock) {
    progress.begin("starting the database", 0);
    Path folder = temporaryFolder();
    DatabaseSettings settings =
        named != null ? named : new DatabaseSettings(null, null, null, folder.resolve("db"));
    ScratchDatabase scratch;
    try {
      scratch = new ScratchDatabase(folder, settings, progress, clock);
    } catch (RuntimeException e) {
      delete(folder);
      throw e;
    }
    Runtime.getRuntime().addShutdownHook(scratch.atExit);
    try {
      if (!useExisting && scratch.hasPeople()) {
        throw new CompatException(
            ExitCode.USAGE,
            "There are people in %s, and the benchmark generates people and changes where they live. Name an empty database, leave --db-url out, or say --use-existing if it is a scratch database."
                .formatted(scratch.database.label()));
      }
      if (named == null) {
        scratch.letOwnerCheckpoint();
      }
      progress.begin("migrating", 0);
      DatabaseSetup.migrate(scratch.database);
      progress.end();
      return scratch;
    } catch (RuntimeException e) {
      scratch.close();
      throw e;
    }
  }

  Database database() {
    return database;
  }

  /** How commands are told of it. */
  List<String> options() {
    return settings.embedded()
        ? List.of("--data-dir", settings.dataDir().toString())
        : List.of("--db-url", String.valueOf(settings.url()));
  }

  /** For files of the benchmark; goes with this object. */
  Path folder() {
    return folder;
  }

  /** Whether at most so many people can be scored here now. */
  boolean fits(int people) {
    return number(ACCOUNTS) <= Math.ceil(people * GENERATED_FOR_EACH_SCORED);
  }

  /** Adds people until about so many can be scored, and groups. */
  void grow(int people) {
    int accounts = (int) Math.ceil(people * GENERATED_FOR_EACH_SCORED);
    new PopulationGenerator(database, progress, clock)
        .generate(accounts, accounts / PEOPLE_PER_GROUP, SEED);
    progress.begin("analysing", 0);
    execute("analyze");
    progress.end();
  }

  /** Puts everybody into a region of about so many people who can be scored. */
  void settle(int peopleOfRegion) {
    progress.begin("moving people", 0);
    try (Connection connection = database.owner().getConnection();
        Statement statement = connection.createStatement();
        PreparedStatement move = connection.prepareStatement(MOVE)) {
      connection.setAutoCommit(false);
      // Keeps history out of it, which would only cost time.
      statement.execute("alter table public.travel_preferences disable trigger user");
      move.setInt(1, (int) (peopleOfRegion * GENERATED_FOR_EACH_SCORED));
      move.executeUpdate();
      statement.execute("alter table public.travel_preferences enable trigger user");
      connection.commit();
    } catch (SQLException e) {
      throw new IllegalStateException("moving people into regions", e);
    }
    execute("vacuum analyze public.travel_preferences");
    progress.end();
  }

  /** Forms a group of people of the published run, spread over all ids. */
  UUID group(int members) {
    try (Connection connection = database.owner().getConnection();
        PreparedStatement group = connection.prepareStatement(NEW_GROUP);
        PreparedStatement people = connection.prepareStatement(NEW_MEMBERS)) {
      group.setInt(1, members);
      try (ResultSet created = group.executeQuery()) {
        if (!created.next()) {
          throw new IllegalStateException("nobody is in the published run");
        }
        UUID id = created.getObject(1, UUID.class);
        people.setObject(1, id);
        people.setInt(2, members);
        people.setInt(3, members);
        people.executeUpdate();
        return id;
      }
    } catch (SQLException e) {
      throw new IllegalStateException("forming a group of %d".formatted(members), e);
    }
  }

  /**
   * Writes what the server still has to write, so that nobody pays for another's; nothing happens
   * if this login may not ask for it.
   */
  void checkpoint() {
    if (number(MAY_CHECKPOINT) > 0) {
      execute("checkpoint");
    }
  }

  /** Version of the server. */
  String version() {
    try (Connection connection = database.owner().getConnection()) {
      return connection.getMetaData().getDatabaseProductVersion();
    } catch (SQLException e) {
      throw new IllegalStateException("asking the server for its version", e);
    }
  }

  /** The embedded server trusts every local login, its superuser's, too. */
  private void letOwnerCheckpoint() {
    try (Connection superuser =
            DriverManager.getConnection(database.url().replaceFirst("user=.*", "user=postgres"));
        Statement statement = superuser.createStatement()) {
      statement.execute("grant pg_checkpoint to compat_owner");
    } catch (SQLException e) {
      throw new IllegalStateException("granting pg_checkpoint in the embedded server", e);
    }
  }

  private boolean hasPeople() {
    return number(HAS_PROFILES) > 0 && number(ACCOUNTS) > 0;
  }

  private long number(String query) {
    try (Connection connection = database.owner().getConnection();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(query)) {
      result.next();
      return result.getLong(1);
    } catch (SQLException e) {
      throw new IllegalStateException(query, e);
    }
  }

  private void execute(String statements) {
    try (Connection connection = database.owner().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(statements);
    } catch (SQLException e) {
      throw new IllegalStateException(statements, e);
    }
  }

  private static Path temporaryFolder() {
    try {
      return Files.createTempDirectory("compat-bench");
    } catch (IOException e) {
      throw new CompatException(
          ExitCode.STORAGE,
          "No temporary folder can be made: %s. Name another place with -Djava.io.tmpdir, or a database with --db-url."
              .formatted(e),
          e);
    }
  }

  @Override
  public void close() {
    release();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // The virtual machine is going down already: the hook has done or is doing the same.
    }
  }

  /** Also at an interruption: nothing stays but what was named. */
  private synchronized void release() {
    if (!released) {
      released = true;
      database.close();
      delete(folder);
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("deleting " + folder, e);
    }
  }
}
