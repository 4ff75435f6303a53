package social.trvl.compat.db;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.Set;
import java.util.stream.Stream;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;

/**
 * A file or folder in the making. It is called {@code NAME.part} until it is complete, and is gone
 * if it never is: also when a signal ends the process. Nobody but its owner may read it.
 */
public final class Unfinished implements AutoCloseable {

  /** While a signal ends the process, other threads may still add files to a folder. */
  private static final int DELETE_ATTEMPTS = 100;

  private final Path target;
  private final Path part;
  private final Thread shutdownHook = new Thread(this::delete, "delete-unfinished");

  private Unfinished(Path target, Path part) {
    this.target = target;
    this.part = part;
    Runtime.getRuntime().addShutdownHook(shutdownHook);
  }

  /**
   * Begins a file.
   *
   * @throws CompatException if it, or an unfinished one, is there already
   */
  public static Unfinished file(Path target) {
    return begin(target, false);
  }

  /** Begins a folder; the same holds, but an empty one may be there. */
  static Unfinished folder(Path target) {
    return begin(target, true);
  }

  private static Unfinished begin(Path target, boolean folder) {
    Path part = target.resolveSibling(target.getFileName() + ".part");
    if (Files.exists(target) && !(folder && isEmptyFolder(target))) {
      throw new CompatException(
          ExitCode.BAD_INPUT,
          "%s exists already and is not overwritten. Choose another name, or move it away."
              .formatted(target));
    }
    try {
      if (folder) {
        Files.createDirectory(part, readableBy(PosixFilePermissions.fromString("rwx------")));
      } else {
        Files.createFile(part, readableBy(PosixFilePermissions.fromString("rw-------")));
      }
    } catch (FileAlreadyExistsException e) {
      throw new CompatException(
          ExitCode.BAD_INPUT,
          "%s exists: another process is at work on it, or was killed. If none is, delete it."
              .formatted(part),
          e);
    } catch (IOException e) {
      throw storage(part, e);
    }
    return new Unfinished(target, part);
  }

  public Path path() {
    return part;
  }

  /** Gives it its name. */
  public void complete() {
    try {
      if (Files.isRegularFile(target)) {
        throw new FileAlreadyExistsException(target.toString());
      }
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw storage(target, e);
    }
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(shutdownHook);
    } catch (IllegalStateException e) {
      // The virtual machine is going down already: the hook has done or is doing the same.
    }
    delete();
  }

  /** That a file or folder can't be written. */
  public static CompatException storage(Path path, IOException e) {
    return new CompatException(
        ExitCode.STORAGE,
        "%s can't be written: %s. Check free space and permissions there.".formatted(path, e),
        e);
  }

  private void delete() {
    try {
      deleteTree(part);
    } catch (IOException e) {
      throw new CompatException(
          ExitCode.STORAGE, "%s can't be deleted: %s. Delete it.".formatted(part, e), e);
    }
  }

  /** Deletes a file, or a folder with all that is in it. */
  static void deleteTree(Path root) throws IOException {
    for (int attempt = 1; Files.exists(root); attempt++) {
      try (Stream<Path> files = Files.walk(root)) {
        for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(path);
        }
      } catch (DirectoryNotEmptyException | UncheckedIOException e) {
        if (attempt == DELETE_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private static boolean isEmptyFolder(Path path) {
    if (!Files.isDirectory(path)) {
      return false;
    }
    try (Stream<Path> files = Files.list(path)) {
      return files.findAny().isEmpty();
    } catch (IOException e) {
      throw new CompatException(
          ExitCode.STORAGE, "%s can't be read: %s. Check its permissions.".formatted(path, e), e);
    }
  }

  private static FileAttribute<Set<PosixFilePermission>> readableBy(
      Set<PosixFilePermission> permissions) {
    return PosixFilePermissions.asFileAttribute(permissions);
  }
}
