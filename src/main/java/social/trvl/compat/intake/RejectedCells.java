package social.trvl.compat.intake;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.SequenceWriter;
import tools.jackson.dataformat.csv.CsvMapper;
import tools.jackson.dataformat.csv.CsvSchema;

/**
 * The file {@code <input>.rejected.csv}: one line for each bad cell, with its place, value and
 * reason. It is written under another name while rows are read and appears when {@link #publish} is
 * called; closed before that, nothing remains.
 */
final class RejectedCells implements AutoCloseable {

  /** A value that is longer says nothing more. */
  static final int VALUE_CHARS_MAX = 200;

  private static final CsvMapper CSV = new CsvMapper();
  private static final CsvSchema COLUMNS =
      CsvSchema.builder()
          .addNumberColumn("line")
          .addColumn("column")
          .addColumn("value")
          .addColumn("reason")
          .build()
          .withHeader();

  private final Path target;
  private final Path partial;
  private @Nullable Writer file;
  private @Nullable SequenceWriter rows;
  private long cells;
  private boolean published;

  RejectedCells(Path input) {
    Path name = input.toAbsolutePath().getFileName();
    target = input.resolveSibling(name + ".rejected.csv");
    partial = input.resolveSibling(name + ".rejected.csv.partial");
  }

  /** Notes a bad cell; the column is empty if it is about the whole row. */
  void add(long line, String column, String value, String reason) {
    cells++;
    try {
      if (rows == null) {
        file = Files.newBufferedWriter(partial, StandardCharsets.UTF_8);
        rows = CSV.writer(COLUMNS).writeValues(file);
      }
      rows.write(new Object[] {line, column, harmless(value), reason});
    } catch (IOException | JacksonException e) {
      throw cannotWrite(e);
    }
  }

  long cells() {
    return cells;
  }

  /**
   * Puts the file in its place, or removes that of an earlier import if no cell was bad.
   *
   * @return where it is, or null if there is none
   */
  @Nullable Path publish() {
    try {
      closeFile();
      if (cells == 0) {
        Files.deleteIfExists(target);
      } else {
        Files.move(partial, target, StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException | JacksonException e) {
      throw cannotWrite(e);
    }
    published = cells > 0;
    return published ? target : null;
  }

  /** Takes the file back after the rows it belongs to could not be stored. */
  void withdraw(RuntimeException cause) {
    try {
      if (published) {
        Files.deleteIfExists(target);
      }
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  @Override
  public void close() {
    try {
      closeFile();
      Files.deleteIfExists(partial);
    } catch (IOException | JacksonException e) {
      throw cannotWrite(e);
    }
  }

  /**
   * Cut to {@link #VALUE_CHARS_MAX}, and never a formula: people open this file in a spreadsheet,
   * which would compute a cell that starts like one.
   */
  static String harmless(String value) {
    int end = Math.min(value.length(), VALUE_CHARS_MAX);
    if (end > 0 && end < value.length() && Character.isHighSurrogate(value.charAt(end - 1))) {
      end--;
    }
    String cut = value.substring(0, end);
    return !cut.isEmpty() && "=+-@\t\r\n".indexOf(cut.charAt(0)) >= 0 ? "'" + cut : cut;
  }

  private void closeFile() throws IOException {
    if (rows != null) {
      SequenceWriter closing = rows;
      rows = null;
      closing.close();
    }
    if (file != null) {
      file.close();
      file = null;
    }
  }

  private CompatException cannotWrite(Exception e) {
    return new CompatException(
        ExitCode.STORAGE,
        "%d bad cell(s) were found, and %s can't be written: %s. Make its folder writable or copy the input elsewhere; nothing was imported."
            .formatted(cells, target, e.getMessage()),
        e);
  }
}
