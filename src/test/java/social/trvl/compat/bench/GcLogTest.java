package social.trvl.compat.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GcLogTest {

  @TempDir private Path folder;

  @Test
  void log_ofTheSerialAndTheG1Collector_isRead() throws IOException {
    GcLog log =
        read(
            """
            [2026-11-24T16:20:00.010+0000] Using Serial
            [2026-11-24T16:20:01.500+0000] GC(0) Pause Young (Allocation Failure) 68M->10M(247M) 12.345ms
            [2026-11-24T16:20:02.500+0000] GC(1) Pause Full (System.gc()) 300M->200M(247M) 40.000ms
            [2026-11-24T16:20:03.500+0000] GC(2) Pause Young (Normal) (G1 Evacuation Pause) 512K->100K(2G) 0.500ms
            [2026-11-24T16:20:04.500+0000] GC(3) Concurrent Mark Cycle 900.000ms
            """);
    assertThat(log.mostInUse()).isEqualTo(300L << 20);
    assertThat(log.mostSurviving()).isEqualTo(200L << 20);
    assertThat(log.longestPause(Instant.MIN, Instant.MAX)).isEqualTo(0.040);
    Instant second = Instant.parse("2026-11-24T16:20:02Z");
    assertThat(log.longestPause(Instant.MIN, second)).isEqualTo(0.012345);
    assertThat(log.longestPause(second.plusSeconds(1), Instant.MAX)).isEqualTo(0.0005);
  }

  @Test
  void log_withoutPauses_isEmpty() throws IOException {
    GcLog log = read("[2026-11-24T16:20:00.010+0000] Using Serial\n");
    assertThat(log.mostInUse()).isZero();
    assertThat(log.longestPause(Instant.MIN, Instant.MAX)).isZero();
  }

  private GcLog read(String lines) throws IOException {
    Path file = Files.writeString(folder.resolve("gc.log"), lines);
    return GcLog.read(file);
  }
}
