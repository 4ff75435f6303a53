package social.trvl.compat.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;

/**
 * How long a benchmark takes and how much disk it needs: rough, from what it took on two cores in
 * November 2026.
 */
final class Estimate {

  private static final double KERNEL_PAIRS_PER_SECOND = 2.5e9;
  private static final double KERNEL_ROUND_SECONDS = 1.5;
  private static final double PEOPLE_GENERATED_PER_SECOND = 2_000;
  private static final double COMMAND_SECONDS = 3;
  private static final double RUN_SECONDS_PER_PERSON = 16e-5;
  private static final double WRITES_SECONDS_PER_PERSON = 22e-5;
  private static final long BYTES_PER_GENERATED_PERSON = 14_000;

  /** Rows of two runs, of the bare table and of its file, and the server's log of changes. */
  private static final long BYTES_PER_PERSON_OF_WRITES = 50 * (3 * 190 + 160);

  private static final long BYTES_OF_SERVER = 2_500_000_000L;

  private Estimate() {}

  static Bench.Plan plan(Bench.Options options) {
    List<String> parts = new ArrayList<>();
    double seconds = 0;
    long bytes = 0;
    SortedSet<Integer> everyone = options.sizes().headSet(Bench.MOST_EVERYONE + 1);
    int rounds = options.rounds();
    int largest = options.sizes().last();
    boolean database = false;
    for (Section section : options.sections()) {
      database |= section != Section.KERNEL;
      switch (section) {
        case KERNEL -> {
          for (int size : everyone) {
            seconds +=
                2
                    * (rounds + 2)
                    * (KERNEL_ROUND_SECONDS + (double) size * size / KERNEL_PAIRS_PER_SECOND);
          }
          parts.add("kernel: pairs a second for " + everyone + " people on 1 and 2 threads");
        }
        case RUN -> {
          for (int size : everyone) {
            seconds += (rounds + 2) * (COMMAND_SECONDS + size * RUN_SECONDS_PER_PERSON);
          }
          if (largest > Bench.MOST_EVERYONE) {
            seconds += rounds * 1.2 * largest * RUN_SECONDS_PER_PERSON;
          }
          parts.add("run: nightly runs of " + options.sizes() + " people, each a process");
        }
        case PUBLICATION -> {
          if (!everyone.isEmpty()) {
            seconds += rounds * everyone.last() * WRITES_SECONDS_PER_PERSON;
            bytes += everyone.last() * BYTES_PER_PERSON_OF_WRITES;
          }
          parts.add("publication: the rows of the largest run, beside a bare COPY and indexes");
        }
        case GROUP -> {
          seconds += 25 + COMMAND_SECONDS;
          parts.add("group: a group of 12 on demand, 100 times a round, once it is warm");
        }
        case TREES -> {
          seconds += 10;
          parts.add("trees: 200 boosted trees, beside Smile's predict");
        }
        case TRAINING -> {
          seconds += 45;
          parts.add("training: both families");
        }
        case PEERS -> {
          seconds += 25 + 6.0 * rounds;
          parts.add("peers: PostgreSQL, and NumPy and FAISS if python3 has them");
        }
        case START -> {
          seconds += 12;
          parts.add("start: compat --help and compat score status");
        }
      }
    }
    if (database) {
      seconds += 15 + largest * 1.25 / PEOPLE_GENERATED_PER_SECOND;
      bytes += BYTES_OF_SERVER + (long) (largest * 1.25 * BYTES_PER_GENERATED_PERSON);
    }
    Path folder = Path.of(System.getProperty("java.io.tmpdir"));
    return new Bench.Plan(
        parts,
        Math.max(1, Math.round(seconds / 60)),
        bytes,
        options.database() == null ? folder.toString() : options.database().toString(),
        options.database() == null ? (Long) folder.toFile().getUsableSpace() : null);
  }
}
