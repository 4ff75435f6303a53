package social.trvl.compat.jooqcodegen;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GeneratedTypesTest {

  private static final Path COMMITTED = Path.of("jooq-codegen/generated");

  @Test
  void generatedTypes_equalTheCommittedOnes(@TempDir Path fresh) throws Exception {
    if (Boolean.getBoolean("jooq.regenerate")) {
      TypeGenerator.generateInto(COMMITTED);
    }
    TypeGenerator.generateInto(fresh);
    assertThat(files(COMMITTED))
        .as(
            "types differ from the migrations: mvn test -Dtest=GeneratedTypesTest -Djooq.regenerate=true")
        .isEqualTo(files(fresh));
  }

  private static Map<String, String> files(Path folder) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        contents.put(folder.relativize(path).toString(), Files.readString(path));
      }
    }
    return contents;
  }
}
