package social.trvl.compat.db;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.config.Progress;

/**
 * A copy of the embedded database's folder, made while its server stands still: a zip file.
 *
 * <p>Its first entry says what follows ({@code files}, {@code bytes}) and where it runs ({@code
 * postgres}, {@code platform}); the zip's own checksums tell of damage. Restored, the database is
 * started once, as the proof.
 */
final class ColdCopy {

  private static final String DESCRIPTION = "compat-embedded-database.properties";
  private static final String FOLDER = "postgres/";
  private static final int BUFFER_BYTES = 1 << 16;

  private ColdCopy() {}

  /**
   * Writes the copy into a file that is there already, and empty.
   *
   * @throws CompatException if there is no such database or somebody uses it
   */
  static void write(Path folder, Path file, Progress progress) {
    if (!Files.exists(folder.resolve(FOLDER + "PG_VERSION"))) {
      throw new CompatException(
          ExitCode.NOT_FOUND,
          "There is no embedded database in %s. Name its folder with --data-dir, or a database on a server with --db-url."
              .formatted(folder));
    }
    EmbeddedServer.whileStopped(
        folder,
        data -> {
          try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
              ZipOutputStream zip = new ZipOutputStream(Channels.newOutputStream(channel));
              Stream<Path> walk = Files.walk(data)) {
            zip.setLevel(Deflater.BEST_SPEED);
            write(data, walk.sorted().toList(), zip, progress);
            zip.finish();
            channel.force(true);
          } catch (UncheckedIOException e) {
            throw e.getCause();
          }
        });
  }

  private static void write(Path data, List<Path> paths, ZipOutputStream zip, Progress progress)
      throws IOException {
    int files = 0;
    long bytes = 0;
    for (Path path : paths) {
      if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
        files++;
        bytes += Files.size(path);
      } else if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
        throw new IOException(path + " is neither file nor folder and would be missing in a copy");
      }
    }
    Properties description = new Properties();
    description.setProperty("format", "1");
    description.setProperty("files", Integer.toString(files));
    description.setProperty("bytes", Long.toString(bytes));
    description.setProperty("postgres", Files.readString(data.resolve("PG_VERSION")).strip());
    description.setProperty("platform", platform());
    zip.putNextEntry(new ZipEntry(DESCRIPTION));
    description.store(zip, "A copy of the embedded database; compat db restore");
    zip.closeEntry();

    progress.begin("copying (KB)", bytes >> 10);
    for (Path path : paths) {
      String name = FOLDER + data.relativize(path);
      if (Files.isDirectory(path)) {
        zip.putNextEntry(new ZipEntry(path.equals(data) ? FOLDER : name + "/"));
      } else {
        zip.putNextEntry(new ZipEntry(name));
        try (InputStream in = Files.newInputStream(path)) {
          copy(in, zip, progress);
        }
      }
      zip.closeEntry();
    }
    progress.end();
  }

  /**
   * Makes a folder's embedded database from a copy.
   *
   * @throws CompatException if the file is no such copy or damaged, or a database is there already;
   *     then there is none afterwards that was not before
   */
  static void restore(Path file, Path folder, Progress progress) {
    Path data = folder.toAbsolutePath().resolve(FOLDER);
    if (Files.exists(data)) {
      throw new CompatException(
          ExitCode.BAD_INPUT,
          "There is a database in %s already. Name another folder with --data-dir, or move that one away."
              .formatted(folder));
    }
    requireCopy(file);
    EmbeddedServer.whileStopped(
        folder,
        target -> {
          try (Unfinished unfinished = Unfinished.folder(target)) {
            unpack(file, unfinished.path(), progress);
            unfinished.complete();
          }
        });
    try {
      EmbeddedServer.startOrJoin(folder).close();
    } catch (CompatException e) {
      EmbeddedServer.whileStopped(folder, Unfinished::deleteTree);
      throw e;
    }
  }

  private static Properties requireCopy(Path file) {
    try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(file))) {
      Properties description = new Properties();
      @Nullable ZipEntry first = zip.getNextEntry();
      if (first != null && first.getName().equals(DESCRIPTION)) {
        description.load(zip);
      }
      if (!description.getProperty("format", "").equals("1")) {
        throw new CompatException(
            ExitCode.BAD_INPUT,
            "%s is a zip file, but no copy of an embedded database that this program can read."
                .formatted(file));
      }
      if (!description.getProperty("platform", "").equals(platform())) {
        throw new CompatException(
            ExitCode.BAD_INPUT,
            "%s was made on %s; a database's files run on no other platform, and this is %s."
                .formatted(file, description.getProperty("platform"), platform()));
      }
      return description;
    } catch (IOException | IllegalArgumentException e) {
      throw damaged(file, e);
    }
  }

  private static void unpack(Path file, Path data, Progress progress) throws IOException {
    Properties description = requireCopy(file);
    long promisedFiles = number(file, description, "files");
    long promisedBytes = number(file, description, "bytes");
    long files = 0;
    long bytes = 0;
    progress.begin("unpacking (KB)", promisedBytes >> 10);
    try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(file))) {
      zip.getNextEntry();
      for (@Nullable ZipEntry entry = zip.getNextEntry();
          entry != null;
          entry = zip.getNextEntry()) {
        Path target = data.resolve(within(file, entry.getName())).normalize();
        if (!target.startsWith(data)) {
          throw new ZipException("entry " + entry.getName() + " leads out of the folder");
        }
        if (entry.isDirectory()) {
          if (!target.equals(data)) {
            Files.createDirectory(
                target,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
          }
        } else {
          files++;
          bytes += unpack(zip, target, progress);
        }
      }
    } catch (ZipException | EOFException | IllegalArgumentException e) {
      throw damaged(file, e);
    } finally {
      progress.end();
    }
    if (files != promisedFiles || bytes != promisedBytes) {
      throw damaged(
          file,
          new EOFException(
              "%,d of %,d files, %,d of %,d bytes"
                  .formatted(files, promisedFiles, bytes, promisedBytes)));
    }
  }

  private static long unpack(ZipInputStream zip, Path target, Progress progress)
      throws IOException {
    Files.createFile(
        target, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try (FileChannel channel = FileChannel.open(target, StandardOpenOption.WRITE)) {
      long bytes = copy(zip, Channels.newOutputStream(channel), progress);
      channel.force(true);
      return bytes;
    }
  }

  private static String within(Path file, String name) {
    if (!name.startsWith(FOLDER)) {
      throw damaged(file, new ZipException("unexpected entry " + name));
    }
    return name.substring(FOLDER.length());
  }

  private static long number(Path file, Properties description, String key) {
    try {
      return Long.parseLong(description.getProperty(key, ""));
    } catch (NumberFormatException e) {
      throw damaged(file, e);
    }
  }

  private static long copy(InputStream in, OutputStream out, Progress progress) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    long bytes = 0;
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      out.write(buffer, 0, read);
      progress.advance(((bytes + read) >> 10) - (bytes >> 10));
      bytes += read;
    }
    return bytes;
  }

  private static CompatException damaged(Path file, Exception e) {
    return new CompatException(
        ExitCode.BAD_INPUT,
        "%s is damaged: %s. Nothing was restored.".formatted(file, e.getMessage()),
        e);
  }

  private static String platform() {
    return System.getProperty("os.name") + " " + System.getProperty("os.arch");
  }
}
