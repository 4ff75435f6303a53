package social.trvl.compat.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The committed list of what the migrations make, which {@code compat db verify} goes by. */
class ExpectedSchemaTest {

  private static final Path COMMITTED =
      Path.of("src/main/resources/db/verification/expected-schema.txt");

  private static final String HEADER =
      """
      # What the migrations make, one line for each object: kind, owner, name, definition, between tabs. Generated, never edited:
      #   mvn test -Dtest=ExpectedSchemaTest -Dschema.regenerate=true
      """;

  @Test
  void expectedSchema_isWhatTheMigrationsMake() throws IOException {
    try (Database database = TestDatabase.migrated()) {
      Schema made = Schema.of(database.ownerSql()).without(ExpectedSchemaTest::isOfTheShim);
      if (Boolean.getBoolean("schema.regenerate")) {
        Files.writeString(COMMITTED, HEADER + made.print());
      }
      Schema committed = Schema.parse(Files.readString(COMMITTED));
      assertThat(differences(made, committed))
          .as(
              "differs from the migrations: mvn test -Dtest=ExpectedSchemaTest -Dschema.regenerate=true")
          .isEmpty();
    }
  }

  @Test
  void printedSchema_isReadAgainUnchanged() throws IOException {
    Schema schema = Schema.parse(Files.readString(COMMITTED));
    assertThat(Schema.parse(schema.print()).objects())
        .containsExactlyInAnyOrderElementsOf(schema.objects())
        .hasSizeGreaterThan(1000);
  }

  /** On a real Supabase these policies aren't there: its administrators need none. */
  private static boolean isOfTheShim(SchemaObject object) {
    return object.owner().startsWith("storage.") && object.name().contains("Administrators manage");
  }

  private static List<String> differences(Schema made, Schema committed) {
    return Stream.concat(
            made.objects().stream()
                .filter(o -> !o.sameAs(committed.get(o.key())))
                .map(o -> "+ " + o),
            committed.objects().stream().filter(o -> !made.has(o.key())).map(o -> "- " + o))
        .toList();
  }
}
