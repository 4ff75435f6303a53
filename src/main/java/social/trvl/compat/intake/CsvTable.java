package social.trvl.compat.intake;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.dataformat.csv.CsvMapper;
import tools.jackson.dataformat.csv.CsvReadFeature;

/**
 * A CSV file with a header: comma, quotes as in RFC 4180, strict UTF-8, any line ends, a byte order
 * mark allowed, blank lines skipped. Cells keep their text without the spaces around it.
 */
final class CsvTable implements AutoCloseable {

  /**
   * One record of the file.
   *
   * @param line where it starts, 1-based
   */
  record Row(long line, List<String> cells) {}

  private static final CsvMapper CSV =
      CsvMapper.builder()
          .enable(CsvReadFeature.WRAP_AS_ARRAY)
          .enable(CsvReadFeature.SKIP_EMPTY_LINES)
          .build();

  private final String name;
  private final Reader reader;
  private final JsonParser parser;
  private final List<String> header;

  private CsvTable(String name, Reader reader) throws IOException {
    this.name = name;
    this.reader = reader;
    skipByteOrderMark(reader);
    this.parser = CSV.reader().createParser(reader);
    Row first = next();
    if (first == null) {
      throw new CompatException(
          ExitCode.BAD_INPUT,
          "%s is empty. The first line must name the columns. Nothing was written."
              .formatted(name));
    }
    this.header = first.cells();
    refuseDuplicates();
  }

  /**
   * Opens a file after checking that all of it is UTF-8 text.
   *
   * @throws CompatException if it is missing, unreadable, no text, or empty
   */
  static CsvTable open(Path file) {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new CompatException(
          ExitCode.BAD_INPUT,
          "%s is %s, not a file. Name one CSV file."
              .formatted(file, Files.isDirectory(file) ? "a folder" : "a device or pipe"));
    }
    try (InputStream in = Files.newInputStream(file)) {
      Utf8Check.requireUtf8(file, in);
      return new CsvTable(file.toString(), Files.newBufferedReader(file, StandardCharsets.UTF_8));
    } catch (NoSuchFileException e) {
      throw new CompatException(
          ExitCode.BAD_INPUT,
          "%s does not exist. Paths are relative to the working folder %s."
              .formatted(file, Path.of("").toAbsolutePath()),
          e);
    } catch (AccessDeniedException e) {
      throw new CompatException(
          ExitCode.BAD_INPUT,
          "%s may not be read by this user. Grant read permission on the file and its folders."
              .formatted(file),
          e);
    } catch (IOException e) {
      throw new CompatException(
          ExitCode.BAD_INPUT, "%s can't be read: %s.".formatted(file, e.getMessage()), e);
    }
  }

  /** A table among the program's own resources. */
  static CsvTable ofResource(String resource) {
    InputStream in = CsvTable.class.getResourceAsStream(resource);
    if (in == null) {
      throw new IllegalStateException("resource " + resource + " is missing from the program");
    }
    try {
      return new CsvTable(
          resource,
          new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder())));
    } catch (IOException e) {
      throw new IllegalStateException("resource " + resource + " can't be read", e);
    }
  }

  /** As messages call it. */
  String name() {
    return name;
  }

  List<String> header() {
    return header;
  }

  /** The next record, or null at the end. */
  @Nullable Row next() {
    try {
      JsonToken token = parser.nextToken();
      if (token == JsonToken.START_ARRAY && parser.streamReadContext().getNestingDepth() < 2) {
        token = parser.nextToken();
      }
      if (token == null || token == JsonToken.END_ARRAY) {
        return null;
      }
      List<String> cells = new ArrayList<>();
      long line = 0;
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        if (cells.isEmpty()) {
          // Only now: the start of the array is still told as where the row before ended.
          line = parser.currentTokenLocation().getLineNr();
        }
        cells.add(parser.getString().strip());
      }
      return new Row(line, cells);
    } catch (JacksonException e) {
      throw new CompatException(
          ExitCode.BAD_INPUT,
          "%s is no CSV at line %d: %s. Quotes inside a quoted cell are doubled. Nothing was written."
              .formatted(
                  name,
                  e.getLocation() == null ? -1 : e.getLocation().getLineNr(),
                  e.getOriginalMessage()),
          e);
    }
  }

  @Override
  public void close() {
    parser.close();
    try {
      reader.close();
    } catch (IOException e) {
      throw new CompatException(
          ExitCode.BAD_INPUT, "%s can't be closed: %s.".formatted(name, e.getMessage()), e);
    }
  }

  private static void skipByteOrderMark(Reader reader) throws IOException {
    reader.mark(1);
    if (reader.read() != '\uFEFF') {
      reader.reset();
    }
  }

  private void refuseDuplicates() {
    Set<String> seen = new HashSet<>();
    for (String column : header) {
      if (!seen.add(column)) {
        throw new CompatException(
            ExitCode.BAD_INPUT,
            "The header of %s names column '%s' twice. Remove one of the two; nothing was written."
                .formatted(name, column));
      }
    }
  }
}
