package social.trvl.compat.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Database;
import social.trvl.compat.db.TestDatabase;

final class AssessmentImportTest {

  private static final String HEADER =
      "user_id,openness,conscientiousness,extraversion,agreeableness,neuroticism\n";
  private static final String ANNA = "00000000-0000-4000-8000-00000000000a";
  private static final String BOB = "00000000-0000-4000-8000-00000000000b";
  private static final String GOOD = ",0.1,0.2,0.3,0.4,0.5";
  private static final String STORED =
      "select user_id, openness, conscientiousness, extraversion, agreeableness, neuroticism from personality_assessments order by 1";

  private static Database database;
  @TempDir private Path folder;

  @BeforeAll
  static void open() {
    database = TestDatabase.migrated();
  }

  @AfterAll
  static void close() {
    database.close();
  }

  @BeforeEach
  void nobody() {
    Rows.execute(database, "delete from auth.users");
    Rows.execute(database, "delete from compat.profile_history");
  }

  @Test
  void importShipped_computesTraitsAndKnownAlphas() {
    AssessmentImport.Result result = importer().importShipped();
    assertThat(result.rowsRead()).isEqualTo(2800);
    assertThat(result.peopleCreated()).isEqualTo(2800);
    assertThat(result.inserted()).isEqualTo(2800);
    assertThat(result.rejectedFile()).isNull();
    Map<Trait, Double> known =
        Map.of(
            Trait.AGREEABLENESS, .703,
            Trait.CONSCIENTIOUSNESS, .727,
            Trait.EXTRAVERSION, .762,
            Trait.NEUROTICISM, .814,
            Trait.OPENNESS, .600);
    known.forEach(
        (trait, alpha) -> assertThat(result.alphas().get(trait)).isCloseTo(alpha, within(.0005)));
    // Person 61617: A 1..5 = 2 4 3 4 4, A1 reversed to 5: mean 4, hence 0.6; 16 years old.
    assertThat(
            Rows.of(
                database,
                "select a.agreeableness, p.date_of_birth, u.email = u.id || '@people.invalid' from personality_assessments a join profiles p on p.id = a.user_id join auth.users u on u.id = p.id where p.id = '"
                    + UUID.nameUUIDFromBytes("bfi:61617".getBytes(StandardCharsets.UTF_8))
                    + "'"))
        .containsExactly("0.60|2010-05-23|t");
    assertThat(result.incomplete())
        .isEqualTo(
            Rows.count(
                database,
                "personality_assessments where num_nulls(openness, conscientiousness, extraversion, agreeableness, neuroticism) > 0"))
        .isPositive();
    assertThat(Rows.count(database, "profiles where date_of_birth is null")).isZero();
  }

  @Test
  void importShipped_twiceChangesNothing() {
    importer().importShipped();
    String state = "select md5(string_agg(a::text, '' order by id)) from personality_assessments a";
    List<String> before = Rows.of(database, state);
    long history = Rows.count(database, "compat.profile_history");
    AssessmentImport.Result again = importer().importShipped();
    assertThat(again.unchanged()).isEqualTo(2800);
    assertThat(List.of(again.peopleCreated(), again.inserted(), again.updated())).containsOnly(0L);
    assertThat(Rows.of(database, state)).isEqualTo(before);
    assertThat(Rows.count(database, "compat.profile_history")).isEqualTo(history);
  }

  @Test
  void importTraits_roundsHalfUpAndKeepsBlanksUnknown() {
    AssessmentImport.Result result =
        importer()
            .importTraits(
                file(HEADER + ANNA + ",0.125,NA,,1,1e-1\n\n" + BOB + ",0,1.0,.5, 0.994 ,0.995\n"));
    assertThat(Rows.of(database, STORED))
        .containsExactly(ANNA + "|0.13|||1.00|0.10", BOB + "|0.00|1.00|0.50|0.99|1.00");
    assertThat(result.incomplete()).isEqualTo(1);
  }

  @Test
  void importTraits_knownPersonKeepsProfileAndWordsThatTheFileLacks() {
    String with =
        "user_id,date_of_birth,adventure_style,openness,conscientiousness,extraversion,agreeableness,neuroticism\n";
    importer().importTraits(file(with + ANNA + ",1990-02-28,Offbeat," + "0,0,0,0,0\n"));
    AssessmentImport.Result result = importer().importTraits(file(HEADER + ANNA + GOOD + "\n"));
    assertThat(result.updated()).isEqualTo(1);
    importer().importTraits(file(with + ANNA + ",1999-01-01,Other,0.1,0.2,0.3,0.4,0.5\n"));
    assertThat(
            Rows.of(
                database,
                "select date_of_birth, adventure_style, openness from profiles p join personality_assessments a on a.user_id = p.id"))
        .containsExactly("1990-02-28|Other|0.10");
    assertThat(
            Rows.of(
                database,
                "select recorded ->> 'adventure_style' from compat.profile_history order by history_id"))
        .containsExactly("Offbeat", "Offbeat", "Other");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          nobody,0.1,0.2,0.3,0.4,0.5                              | user_id       | not a uuid
          1-1-1-1-1,0.1,0.2,0.3,0.4,0.5                           | user_id       | not a uuid
          ,0.1,0.2,0.3,0.4,0.5                                    | user_id       | missing
          00000000-0000-4000-8000-00000000000a,0.1,0.2,0.3,0.4,0.5 | user_id      | duplicate of line 2
          00000000-0000-4000-8000-00000000000b,1.01,0.2,0.3,0.4,0.5 | openness    | out of range
          00000000-0000-4000-8000-00000000000b,-0.01,0.2,0.3,0.4,0.5 | openness   | out of range
          00000000-0000-4000-8000-00000000000b,0.1,NaN,0.3,0.4,0.5 | conscientiousness | not a number
          00000000-0000-4000-8000-00000000000b,0.1,0.2,Infinity,0.4,0.5 | extraversion | not a number
          00000000-0000-4000-8000-00000000000b,0.1,0.2,0.3,high,0.5 | agreeableness | not a number
          00000000-0000-4000-8000-00000000000b,0.1,0.2,0.3,0.4,1e999999999 | neuroticism | not a number
          00000000-0000-4000-8000-00000000000b,0.1,0.2,0.3,0.4    | ""            | the row has 5 cells, the header 6
          00000000-0000-4000-8000-00000000000b,0.1,0.2,0.3,0.4,0.5,9 | ""         | the row has 7 cells, the header 6
          """)
  void importTraits_badRowIsRejectedAndTheOthersStored(String row, String column, String reason)
      throws IOException {
    Path file = file(HEADER + ANNA + GOOD + "\n" + row + "\n");
    AssessmentImport.Result result = importer().importTraits(file);
    assertThat(result.rowsRejected()).isEqualTo(1);
    assertThat(result.inserted()).isEqualTo(1);
    assertThat(result.rejectedFile()).isEqualTo(Path.of(file + ".rejected.csv"));
    List<String> rejected = Files.readAllLines(Path.of(file + ".rejected.csv"));
    assertThat(rejected).hasSize(2);
    assertThat(rejected.getFirst()).isEqualTo("line,column,value,reason");
    assertThat(rejected.get(1))
        .startsWith("3," + (column == null ? "" : column) + ",")
        .contains(reason);
  }

  @ParameterizedTest
  @CsvSource({
    "1899-12-31,implausible",
    "2026-11-24,implausible",
    "31.12.1990,not a date",
    "1990-02-30,not a date"
  })
  void importTraits_implausibleBirthDateIsRejected(String date, String reason) throws IOException {
    Path file = file("date_of_birth," + HEADER + date + "," + ANNA + GOOD + "\n");
    assertThat(importer().importTraits(file).rowsRejected()).isEqualTo(1);
    assertThat(Files.readString(Path.of(file + ".rejected.csv")))
        .contains("2,date_of_birth," + date, reason);
  }

  @Test
  void importTraits_everyBadCellIsReportedHarmlessly() throws IOException {
    String formula = "=HYPERLINK(\"\"http://example.invalid\"\")" + "x".repeat(300);
    Path file =
        file(HEADER + ANNA + ",\"" + formula + "\",2,\"a\nb\",0.1,-3\n" + BOB + ",9,0,0,0,0\n");
    AssessmentImport.Result result = importer().importTraits(file);
    assertThat(result.rowsRejected()).isEqualTo(2);
    String text = Files.readString(Path.of(file + ".rejected.csv"));
    assertThat(text)
        .contains(
            "2,openness,\"'=HYPERLINK(",
            "2,conscientiousness,2,",
            "2,neuroticism,\"'-3\",",
            "4,openness,9,");
    assertThat(text).doesNotContain("x".repeat(200));
  }

  @Test
  void importTraits_goodFileRemovesTheRejectionsOfAnEarlierImport() {
    Path file = file(HEADER + ANNA + ",9,0,0,0,0\n");
    assertThat(importer().importTraits(file).rejectedFile()).exists();
    file(HEADER + ANNA + GOOD + "\n");
    importer().importTraits(file);
    assertThat(folder.toFile().list()).containsExactly("people.csv");
  }

  @Test
  void importTraits_rejectionsThatCannotBeWrittenStopTheImport() throws IOException {
    Path file = file(HEADER + ANNA + GOOD + "\nx,1,1,1,1,1\n");
    Files.createDirectories(Path.of(file + ".rejected.csv").resolve("in the way"));
    assertThatThrownBy(() -> importer().importTraits(file))
        .isInstanceOf(CompatException.class)
        .hasMessageContaining("can't be written")
        .hasMessageContaining("nothing was imported");
    assertThat(Rows.count(database, "profiles")).isZero();
    assertThat(folder.toFile().list()).hasSize(2);
  }

  @Test
  void importTraits_unfitFilesAreRefusedWithAReason() throws IOException {
    refused(file(""), "is empty");
    refused(file("\uFEFF\n"), "is empty");
    refused(folder.resolve("none.csv"), "does not exist");
    refused(folder, "is a folder");
    refused(
        bytes(HEADER + ANNA + ",0.1", new byte[] {(byte) 0xe9}),
        "line 2, byte 114 of the file, is 0xE9");
    refused(bytes(HEADER, new byte[] {(byte) 0xf0, (byte) 0x9f}), "line 2, byte 74");
    refused(bytes("PK\3\4", new byte[] {0, 1}), "binary file");
    refused(
        file(HEADER.replace("openness", "opennes")),
        "lacks 'openness' and has unknown columns 'opennes'");
    refused(file(HEADER.replace("user_id", "openness")), "twice");
    refused(file(HEADER.replace(',', ';')), "semicolons");
    refused(file(HEADER + "\"" + ANNA), "is no CSV at line 2");
    assertThat(Rows.count(database, "profiles")).isZero();
  }

  @Test
  void importTraits_acceptsWindowsLineEndsAndByteOrderMark() {
    importer().importTraits(file("\uFEFF" + HEADER.replace("\n", "\r\n") + ANNA + GOOD + "\r\n"));
    assertThat(Rows.of(database, STORED)).hasSize(1);
  }

  @Test
  void importTraits_longFileKeepsMultibyteTextAcrossBuffers() {
    StringBuilder text = new StringBuilder("adventure_style," + HEADER);
    for (int i = 0; i < 5_000; i++) {
      text.append("ăß日本".repeat(1 + i % 3))
          .append(",%08x-0000-4000-8000-000000000000".formatted(i))
          .append(GOOD)
          .append('\n');
    }
    AssessmentImport.Result result = importer().importTraits(file(text.toString()));
    assertThat(result.inserted()).isEqualTo(5_000);
    assertThat(
            Rows.of(
                database,
                "select adventure_style from personality_assessments group by 1 order by length(adventure_style)"))
        .containsExactly("ăß日本", "ăß日本ăß日本", "ăß日本ăß日本ăß日本");
  }

  @Test
  void importTraits_realSupabaseRefusesUnknownPeopleOnly() {
    try (Database real = TestDatabase.migrated()) {
      new AssessmentImport(real, Progress.SILENT, Rows.CLOCK)
          .importTraits(file(HEADER + ANNA + GOOD + "\n"));
      TestDatabase.asSuperuser(Rows.name(real), "comment on schema auth is null");
      AssessmentImport intake = new AssessmentImport(real, Progress.SILENT, Rows.CLOCK);
      assertThat(intake.importTraits(file(HEADER + ANNA + ",0,0,0,0,0\n")).updated()).isEqualTo(1);
      Path both = file(HEADER + ANNA + ",1,1,1,1,1\n" + BOB + GOOD + "\nx" + GOOD + "\n");
      assertThatThrownBy(() -> intake.importTraits(both))
          .isInstanceOfSatisfying(
              CompatException.class,
              e -> assertThat(e.exitCode()).isEqualTo(ExitCode.DATABASE_UNFIT))
          .hasMessageContaining("1 user id(s) are unknown")
          .hasMessageContaining("sign up");
      assertThat(Rows.of(real, STORED)).containsExactly(ANNA + "|0.00|0.00|0.00|0.00|0.00");
      assertThat(Path.of(both + ".rejected.csv")).doesNotExist();
    }
  }

  @Test
  void importTraits_failureInTheDatabaseLeavesNothing() {
    Rows.execute(
        database,
        "alter table personality_assessments add constraint sabotage check (openness < 0.9)");
    try {
      assertThatThrownBy(() ->
              importer()
                  .importTraits(file(HEADER + ANNA + GOOD + "\n" + BOB + ",1,1,1,1,1\nx,1\n")))
          .isInstanceOf(CompatException.class)
          .hasMessageContaining("was rolled back");
    } finally {
      Rows.execute(database, "alter table personality_assessments drop constraint sabotage");
    }
    assertThat(Rows.count(database, "auth.users")).isZero();
    assertThat(folder.toFile().list()).containsExactly("people.csv");
  }

  @Test
  void importItems_badCellsAreRejected() throws IOException {
    Path keying =
        text("keys.csv", "agree,conscientious,extraversion,neuroticism,openness\na,b,c,d,e\n");
    Path file =
        file(
            "who,a,b,c,d,e,age,gender\n1,1,2,3,4,5,40,1\n1,1,1,1,1,1,,\n2,0,6,x,1.0,NaN,121,\n,1,1,1,1,1,-1,\n3,1,1,1,1,1,3.5,\n4,NA,,1,1,1,120,f\n");
    AssessmentImport.Result result =
        importer().importItems(file, Questionnaire.load("mini", keying, "1-5"));
    assertThat(result.rowsRead()).isEqualTo(6);
    assertThat(result.rowsRejected()).isEqualTo(4);
    assertThat(result.incomplete()).isEqualTo(1);
    assertThat(result.alphas()).isEmpty();
    assertThat(
            Files.readAllLines(Path.of(file + ".rejected.csv")).stream()
                .map(l -> l.replaceAll("^([^,]*,[^,]*,[^,]*),.*", "$1")))
        .containsExactly(
            "line,column,value",
            "3,who,1",
            "4,age,121",
            "4,e,NaN",
            "4,b,6",
            "4,c,x",
            "4,a,0",
            "4,d,1.0",
            "5,who,",
            "5,age,\"'-1\"",
            "6,age,3.5");
  }

  @Test
  void importItems_unknownOrMissingColumnsAreRefused() {
    Path keying =
        text("keys.csv", "agree,conscientious,extraversion,neuroticism,openness\na,-b,c,d,e\n");
    Questionnaire mini = Questionnaire.load("mini", keying, "1-5");
    assertThatThrownBy(() -> importer().importItems(file("who,a,b,c,d,income\n"), mini))
        .hasMessageContaining("lacks 'e' and has unknown columns 'income'");
    assertThatThrownBy(() -> importer().importItems(file("a,b,c,d,e\n"), mini))
        .hasMessageContaining("must identify the person");
  }

  @Test
  void load_badKeyingIsRefused() {
    assertThatThrownBy(() -> Questionnaire.load("x", text("k.csv", "agree,wisdom\na,b\n"), "1-6"))
        .hasMessageContaining("'wisdom', which is no trait");
    assertThatThrownBy(() -> Questionnaire.load("x", text("k.csv", "agree\na\n"), "1-6"))
        .hasMessageContaining("no items for openness");
    assertThatThrownBy(
            () -> Questionnaire.load("x", text("k.csv", "agree,openness\na,-a\n"), "1-6"))
        .hasMessageContaining("'a' again in line 2");
    assertThatThrownBy(() -> Questionnaire.load("x", null, "6-1"))
        .hasMessageContaining("first number must be less");
    assertThatThrownBy(() -> Questionnaire.load("x", null, "six"))
        .hasMessageContaining("two whole numbers");
    assertThatThrownBy(() -> Questionnaire.load("a b", null, "1-6")).hasMessageContaining("'a b'");
  }

  @Test
  void answersNeeded_isFourFifthsRoundedUp() {
    Questionnaire.Item item = new Questionnaire.Item("a", false);
    assertThat(
            new Questionnaire.Scale(Trait.OPENNESS, Collections.nCopies(5, item)).answersNeeded())
        .isEqualTo(4);
    assertThat(
            new Questionnaire.Scale(Trait.OPENNESS, Collections.nCopies(10, item)).answersNeeded())
        .isEqualTo(8);
    assertThat(
            new Questionnaire.Scale(Trait.OPENNESS, Collections.nCopies(1, item)).answersNeeded())
        .isEqualTo(1);
  }

  private void refused(Path file, String reason) {
    assertThatThrownBy(() -> importer().importTraits(file))
        .isInstanceOfSatisfying(
            CompatException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
        .hasMessageContaining(reason);
  }

  private static AssessmentImport importer() {
    return new AssessmentImport(database, Progress.SILENT, Rows.CLOCK);
  }

  private Path file(String text) {
    return text("people.csv", text);
  }

  private Path text(String name, String text) {
    try {
      return Files.writeString(folder.resolve(name), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path bytes(String start, byte[] end) throws IOException {
    Path file = file(start);
    Files.write(file, end, StandardOpenOption.APPEND);
    return file;
  }
}
