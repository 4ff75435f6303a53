package social.trvl.compat.profile;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;

/** How much memory people take by column. */
public final class ProfileWeight {

  private ProfileWeight() {}

  /** Bytes of all columns of a table; what objects have beside them is left out. */
  public static long bytes(ProfileTable people) {
    long bytes = 0;
    try {
      for (Field field : ProfileTable.class.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers())) {
          field.setAccessible(true);
          bytes += bytes(field.get(people));
        }
      }
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("a column of ProfileTable can't be read", e);
    }
    return bytes;
  }

  private static long bytes(Object value) {
    return switch (value) {
      case byte[] a -> a.length;
      case short[] a -> 2L * a.length;
      case int[] a -> 4L * a.length;
      case long[] a -> 8L * a.length;
      case Object a when a.getClass().isArray() -> {
        long sum = 0;
        for (int i = 0; i < Array.getLength(a); i++) {
          sum += bytes(Array.get(a, i));
        }
        yield sum;
      }
      default -> 0;
    };
  }
}
