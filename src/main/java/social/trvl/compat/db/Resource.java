package social.trvl.compat.db;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Text that comes with the program. */
final class Resource {

  private Resource() {}

  /** The text of a resource, e.g. {@code /db/adopt/blocks.sql}. */
  static String text(String name) {
    try (InputStream in = Resource.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("resource " + name + " is missing from the program");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("resource " + name + " can't be read", e);
    }
  }
}
