package social.trvl.compat.profile;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.UUID;

/**
 * Feeds arrays of primitives into a digest, big-endian, with the length of each array before its
 * values.
 */
final class DigestFeed {

  private final MessageDigest digest;
  private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16);

  DigestFeed(MessageDigest digest) {
    this.digest = digest;
  }

  DigestFeed add(int value) {
    room(Integer.BYTES).putInt(value);
    return this;
  }

  DigestFeed add(long value) {
    room(Long.BYTES).putLong(value);
    return this;
  }

  DigestFeed add(UUID value) {
    return add(value.getMostSignificantBits()).add(value.getLeastSignificantBits());
  }

  DigestFeed add(byte[] values) {
    add(values.length);
    flush();
    digest.update(values);
    return this;
  }

  DigestFeed add(short[] values) {
    add(values.length);
    for (short value : values) {
      room(Short.BYTES).putShort(value);
    }
    return this;
  }

  DigestFeed add(int[] values) {
    add(values.length);
    for (int value : values) {
      add(value);
    }
    return this;
  }

  DigestFeed add(long[] values) {
    add(values.length);
    for (long value : values) {
      add(value);
    }
    return this;
  }

  void flush() {
    digest.update(buffer.array(), 0, buffer.position());
    buffer.clear();
  }

  private ByteBuffer room(int bytes) {
    if (buffer.remaining() < bytes) {
      flush();
    }
    return buffer;
  }
}
