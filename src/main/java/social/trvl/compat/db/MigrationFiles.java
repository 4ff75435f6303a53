package social.trvl.compat.db;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.db.Migrations.Layer;
import social.trvl.compat.db.Migrations.Phase;

/**
 * The migrations that come with the program.
 *
 * <p>The versions of each layer's files, in order, stand in {@code db/<layer>/versions.txt}: a jar
 * can't be listed cheaply, and every command compares them with the database. A test holds the list
 * against the folder. Headings in it, {@code # Phase 3: Payment Integration}, say to which phase of
 * the platform's migration guide the versions below belong.
 */
final class MigrationFiles {

  private static final Pattern FILE = Pattern.compile("V([0-9_]+)__([a-z0-9_]+)\\.sql");
  private static final Pattern HEADING = Pattern.compile("# Phase ([0-9]+): (.+)");
  private static final int NEAREST = 3;

  /**
   * One file.
   *
   * @param name what it does, as in its file's name, e.g. {@code create_user_tables}
   */
  record MigrationFile(Layer layer, String version, String name) {

    /** As it stands in the layer's folder, e.g. {@code V20240914_001__create_user_tables.sql}. */
    String fileName() {
      return "V%s__%s.sql".formatted(version, name);
    }

    /**
     * What the platform's migration guide calls it, e.g. {@code 001_create_user_tables.sql}. The
     * guide gives one number to several files; a version adds to it which of them it is.
     */
    String guideName() {
      return "%s_%s.sql".formatted(version.split("_", -1)[1], name);
    }

    String text() {
      return Resource.text(resource(layer, fileName()));
    }
  }

  private MigrationFiles() {}

  static List<String> versions(Layer layer) {
    return Resource.text(resource(layer, "versions.txt"))
        .lines()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .toList();
  }

  /** The phase of each version; empty for the layers that the guide does not know. */
  static Map<String, Phase> phases(Layer layer) {
    Map<String, Phase> phases = new HashMap<>();
    @Nullable Phase current = null;
    for (String line : Resource.text(resource(layer, "versions.txt")).lines().toList()) {
      Matcher heading = HEADING.matcher(line);
      if (heading.matches()) {
        current = new Phase(Integer.parseInt(heading.group(1)), heading.group(2));
      } else if (current != null && !line.isBlank() && !line.startsWith("#")) {
        phases.put(line, current);
      }
    }
    return phases;
  }

  /** The files of a layer, in order. */
  static List<MigrationFile> files(Layer layer) {
    Map<String, MigrationFile> byVersion = new HashMap<>();
    for (String fileName : list(layer)) {
      Matcher parts = FILE.matcher(fileName);
      if (parts.matches()) {
        byVersion.put(parts.group(1), new MigrationFile(layer, parts.group(1), parts.group(2)));
      }
    }
    List<MigrationFile> files = new ArrayList<>();
    for (String version : versions(layer)) {
      @Nullable MigrationFile file = byVersion.get(version);
      if (file == null) {
        throw new IllegalStateException(
            "version %s of layer %s has no file".formatted(version, layer.folder()));
      }
      files.add(file);
    }
    return files;
  }

  /**
   * The platform's migration that a user means.
   *
   * @param text a version ({@code 20240914_004}), the guide's name of the file ({@code
   *     004_create_group_compatibility_tables.sql}) or this project's
   * @throws CompatException if there is none; the message lists the nearest
   */
  static MigrationFile platformFile(String text) {
    List<MigrationFile> files = files(Layer.PLATFORM);
    for (MigrationFile file : files) {
      if (List.of(
              file.version(),
              file.guideName(),
              file.guideName().replace(".sql", ""),
              file.fileName())
          .contains(text.strip())) {
        return file;
      }
    }
    String wanted = text.strip().toLowerCase(Locale.ROOT);
    List<String> nearest =
        files.stream()
            .sorted(
                Comparator.comparingInt(file ->
                    Math.min(distance(wanted, file.version()), distance(wanted, file.guideName()))))
            .limit(NEAREST)
            .map(file -> "%s (%s)".formatted(file.version(), file.guideName()))
            .toList();
    throw new CompatException(
        ExitCode.USAGE,
        "There is no platform migration '%s'. Nearest: %s. 'compat db status' lists all."
            .formatted(text, String.join(", ", nearest)));
  }

  /** How many characters must be inserted, deleted or replaced (Levenshtein). */
  private static int distance(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[to.length()];
  }

  private static List<String> list(Layer layer) {
    try {
      URI list = MigrationFiles.class.getResource(resource(layer, "versions.txt")).toURI();
      if (!list.getScheme().equals("jar")) {
        return list(Path.of(list).resolveSibling(""));
      }
      try (FileSystem jar = FileSystems.newFileSystem(list, Map.of())) {
        return list(jar.getPath(resource(layer, "")));
      }
    } catch (IOException | URISyntaxException e) {
      throw new IllegalStateException("folder db/" + layer.folder() + " can't be listed", e);
    }
  }

  private static List<String> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  private static String resource(Layer layer, String fileName) {
    return "/db/" + layer.folder() + "/" + fileName;
  }
}
