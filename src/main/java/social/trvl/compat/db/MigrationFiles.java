package social.trvl.compat.db;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import social.trvl.compat.db.Migrations.Layer;

/**
 * The versions of each layer's files, in order, from {@code db/<layer>/versions.txt}: a jar can't
 * be listed cheaply, and every command compares them with the database. A test holds the list
 * against the folder.
 */
final class MigrationFiles {

  private MigrationFiles() {}

  static List<String> versions(Layer layer) {
    String resource = "/db/" + layer.folder() + "/versions.txt";
    try (InputStream in = MigrationFiles.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("resource " + resource + " is missing from the program");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(s -> !s.isBlank())
          .toList();
    } catch (IOException e) {
      throw new IllegalStateException("resource " + resource + " can't be read", e);
    }
  }
}
