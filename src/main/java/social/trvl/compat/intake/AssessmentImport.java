package social.trvl.compat.intake;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Database;

/**
 * Imports personality assessments from a CSV file: of trait scores, or of answers to a
 * questionnaire.
 *
 * <p>The whole file is read and validated before anything is written. Good rows are stored in one
 * transaction; bad ones are in {@code <file>.rejected.csv} beside the file, a line for each bad
 * cell. The same file twice changes nothing. People who are not known yet get an account where
 * schema {@code auth} is the stand-in for Supabase's; on a real Supabase such a file is refused.
 */
public final class AssessmentImport {

  /**
   * What an import did.
   *
   * @param rowsRead rows after the header, good and bad
   * @param peopleCreated people of the file who were unknown
   * @param inserted people who had no assessment
   * @param updated assessments that changed
   * @param unchanged assessments that were as in the file
   * @param incomplete good rows in which a trait is unknown; those people can't be scored
   * @param rowsRejected rows with at least one bad cell
   * @param rejectedFile where the bad cells are described; null if there are none
   * @param alphas Cronbach's alpha by trait; empty for trait scores
   */
  public record Result(
      long rowsRead,
      long peopleCreated,
      long inserted,
      long updated,
      long unchanged,
      long incomplete,
      long rowsRejected,
      @Nullable Path rejectedFile,
      Map<Trait, Double> alphas) {

    public Result {
      alphas = Map.copyOf(alphas);
    }
  }

  private static final String SHIPPED_PEOPLE = "/people/bfi.csv";

  /** What the progress counts. */
  private static final int PROGRESS_ROWS = 1_000;

  private final Database database;
  private final Progress progress;
  private final LocalDate today;

  /**
   * @param clock says which day today is, in UTC; ages become dates of birth with it
   */
  public AssessmentImport(Database database, Progress progress, Clock clock) {
    this.database = database;
    this.progress = progress;
    this.today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
  }

  /**
   * Imports trait scores: columns {@code user_id} and the five traits from 0 to 1, optionally
   * {@code date_of_birth} and the four preference words.
   *
   * @throws CompatException if the file or the database is unfit; then nothing was written
   */
  public Result importTraits(Path file) {
    try (CsvTable table = CsvTable.open(file)) {
      return load(file, table, new TraitRows(table, today));
    }
  }

  /**
   * Imports answers: the first column identifies the person, then the questionnaire's items,
   * optionally {@code age}, {@code gender} and {@code education}.
   *
   * @throws CompatException if the file or the database is unfit; then nothing was written
   */
  public Result importItems(Path file, Questionnaire questionnaire) {
    try (CsvTable table = CsvTable.open(file)) {
      return load(file, table, new ItemRows(table, questionnaire, today));
    }
  }

  /** Imports the 2,800 real assessments that come with the program. */
  public Result importShipped() {
    try (InputStream in = AssessmentImport.class.getResourceAsStream(SHIPPED_PEOPLE)) {
      if (in == null) {
        throw new IllegalStateException(
            "resource " + SHIPPED_PEOPLE + " is missing from the program");
      }
      Path copy = Files.createTempFile("compat-people", ".csv");
      try {
        Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
        return importItems(copy, Questionnaire.shipped());
      } finally {
        Files.delete(copy);
      }
    } catch (IOException e) {
      throw new CompatException(
          ExitCode.STORAGE,
          "The shipped assessments can't be unpacked into the folder for temporary files: %s. Free space there."
              .formatted(e.getMessage()),
          e);
    }
  }

  private Result load(Path file, CsvTable table, RowReader reader) {
    progress.begin("reading assessments", 0);
    try (RejectedCells rejected = new RejectedCells(file)) {
      List<IncomingAssessment> good = new ArrayList<>();
      long rows = 0;
      for (CsvTable.Row row = table.next(); row != null; row = table.next()) {
        IncomingAssessment assessment = read(table, reader, row, rejected);
        if (assessment != null) {
          good.add(assessment);
        }
        if (++rows % PROGRESS_ROWS == 0) {
          progress.advance(PROGRESS_ROWS);
        }
      }
      Path rejectedFile = rejected.publish();
      try {
        return store(good, rows, reader, rejectedFile);
      } catch (RuntimeException e) {
        rejected.withdraw(e);
        throw e;
      }
    } finally {
      progress.end();
    }
  }

  private static @Nullable IncomingAssessment read(
      CsvTable table, RowReader reader, CsvTable.Row row, RejectedCells rejected) {
    if (row.cells().size() != table.header().size()) {
      rejected.add(
          row.line(),
          "",
          String.join(",", row.cells()),
          "the row has %d cells, the header %d"
              .formatted(row.cells().size(), table.header().size()));
      return null;
    }
    return reader.read(row, rejected);
  }

  private Result store(
      List<IncomingAssessment> people, long rows, RowReader reader, @Nullable Path rejectedFile) {
    progress.begin("storing assessments", people.size());
    return Transaction.run(
        database,
        "The import of %d assessments".formatted(people.size()),
        connection -> {
          Transaction.execute(connection, "one_at_a_time");
          stage(connection, people);
          long created = Accounts.createMissing(connection, "import");
          long inserted = Transaction.update(connection, "insert_assessments");
          long updated = update(connection, reader);
          progress.advance(people.size());
          return new Result(
              rows,
              created,
              inserted,
              updated,
              people.size() - inserted - updated,
              people.stream().filter(p -> !p.complete()).count(),
              rows - people.size(),
              rejectedFile,
              reader.alphas());
        });
  }

  private static long update(Connection connection, RowReader reader) throws SQLException {
    try (PreparedStatement update = connection.prepareStatement(Sql.named("update_assessments"))) {
      for (int i = 0; i < RowReader.WORD_COLUMNS.size(); i++) {
        update.setBoolean(i + 1, reader.gives(i));
      }
      try (ResultSet count = update.executeQuery()) {
        count.next();
        return count.getLong(1);
      }
    }
  }

  private static void stage(Connection connection, List<IncomingAssessment> people)
      throws SQLException {
    Transaction.execute(connection, "stage_people");
    try (CopyRows copy = new CopyRows(connection, "copy_people")) {
      for (IncomingAssessment person : people) {
        copy.add(person.id()).add(person.dateOfBirth());
        person.traitHundredths().forEach(copy::addHundredths);
        person.words().forEach(copy::add);
        copy.add((String) null).endRow();
      }
      copy.finish();
    }
  }
}
