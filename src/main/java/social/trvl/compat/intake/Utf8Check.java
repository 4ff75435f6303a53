package social.trvl.compat.intake;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;

/**
 * Finds the first byte of a file that is no UTF-8 text. A file is checked to its end before a row
 * of it is read, so that a wrong encoding is one clear message and not many strange rows.
 */
final class Utf8Check {

  private static final int BUFFER_BYTES = 1 << 16;

  private final Path file;
  private long line = 1;
  private long offset;

  private Utf8Check(Path file) {
    this.file = file;
  }

  /**
   * Reads the stream to its end.
   *
   * @return how many bytes it has
   * @throws CompatException at the first NUL or malformed sequence; the message gives line and byte
   */
  static long requireUtf8(Path file, InputStream in) throws IOException {
    return new Utf8Check(file).run(in);
  }

  private long run(InputStream in) throws IOException {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    byte[] bytes = new byte[BUFFER_BYTES];
    ByteBuffer input = ByteBuffer.wrap(bytes);
    CharBuffer output = CharBuffer.allocate(BUFFER_BYTES);
    int kept = 0;
    while (true) {
      int read = in.readNBytes(bytes, kept, BUFFER_BYTES - kept);
      int end = kept + read;
      boolean last = end < BUFFER_BYTES;
      input.position(0).limit(end);
      CoderResult result = decoder.decode(input, output.clear(), last);
      pass(bytes, input.position());
      if (result.isError()) {
        throw notUtf8(bytes[input.position()] & 0xff);
      }
      if (last) {
        return offset;
      }
      // At most three bytes of a sequence that goes on in the next block.
      kept = input.remaining();
      System.arraycopy(bytes, input.position(), bytes, 0, kept);
    }
  }

  private void pass(byte[] bytes, int count) {
    for (int i = 0; i < count; i++) {
      if (bytes[i] == 0) {
        throw new CompatException(
            ExitCode.BAD_INPUT,
            "%s is a binary file or UTF-16 text (byte %d, line %d, is zero). A CSV file in UTF-8 is needed: export it as such. Nothing was written."
                .formatted(file, offset, line));
      }
      if (bytes[i] == '\n') {
        line++;
      }
      offset++;
    }
  }

  private CompatException notUtf8(int value) {
    return new CompatException(
        ExitCode.BAD_INPUT,
        "%s is not UTF-8: line %d, byte %d of the file, is 0x%02X. Save it as UTF-8, maybe it is Windows-1252 or Latin-1. Nothing was written."
            .formatted(file, line, offset, value));
  }
}
