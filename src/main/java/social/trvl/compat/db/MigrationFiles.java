package social.trvl.compat.db;

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
    return Resource.text("/db/" + layer.folder() + "/versions.txt")
        .lines()
        .filter(s -> !s.isBlank())
        .toList();
  }
}
