package social.trvl.compat.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import social.trvl.compat.kernel.PostgresPeer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Top 50 of everybody by other means: PostgreSQL, and what Python has. */
final class Peers {

  private static final int POSTGRES_SAMPLE = 40;
  private static final int PYTHON_SAMPLE = 1_000;
  private static final int THREADS = 2;

  private final ScratchDatabase scratch;
  private final Path folder;
  private final int size;
  private final int rounds;
  private final Findings findings;

  /**
   * @param folder for what processes read and write
   * @param size number of people
   */
  Peers(ScratchDatabase scratch, Path folder, int size, int rounds, Findings findings) {
    this.scratch = scratch;
    this.folder = folder;
    this.size = size;
    this.rounds = rounds;
    this.findings = findings;
  }

  /** Measures those that are installed. */
  void measure() throws IOException, SQLException {
    postgres();
    python();
  }

  private void postgres() throws SQLException {
    findings.progress.begin("peers: staging people", 0);
    double allPairs = (double) size * (size - 1);
    try (Connection connection = scratch.database().directConnection()) {
      PostgresPeer peer = new PostgresPeer(connection, size, Math.min(POSTGRES_SAMPLE, size));
      List<Double> measured = findings.rounds("peers: PostgreSQL", 1, rounds, peer::round);
      Spread rate = Spread.of(measured, r -> r);
      findings.add(
          Section.PEERS,
          "PostgreSQL, cross join of the same formula, %s people".formatted(Figure.count(size)),
          rate,
          "pairs/s",
          String.format(
              Locale.ROOT,
              "%d people against all; all of them would take %.0f s (extrapolated)",
              Math.min(POSTGRES_SAMPLE, size),
              allPairs / rate.median()));
    }
  }

  private void python() throws IOException {
    findings.progress.begin("peers: NumPy and FAISS", rounds);
    Path script = folder.resolve("peers.py");
    try (InputStream in = Bench.class.getResourceAsStream("/bench/peers.py")) {
      if (in == null) {
        throw new IllegalStateException("resource /bench/peers.py is missing from the program");
      }
      Files.copy(in, script);
    }
    Map<String, List<Double>> rates = new TreeMap<>();
    for (int round = 0; round < rounds; round++) {
      for (JsonNode answer : answers(script)) {
        if (answer.has("missing")) {
          if (round == 0) {
            findings.missing.add(answer.get("name").asString() + ": python3 does not have it");
          }
        } else {
          rates
              .computeIfAbsent(
                  answer.get("name").asString() + " " + answer.get("version").asString(),
                  name -> new ArrayList<>())
              .add(answer.get("pairs_per_second").asDouble());
        }
      }
      findings.progress.advance(1);
    }
    rates.forEach((name, values) ->
        findings.add(
            Section.PEERS,
            "%s, inner products of 32 floats, %s people".formatted(name, Figure.count(size)),
            Spread.of(values, r -> r),
            "pairs/s",
            "for information: another formula; 2 threads"));
  }

  private List<JsonNode> answers(Path script) throws IOException {
    Path out = folder.resolve("peers.out");
    Path err = folder.resolve("peers.err");
    int exitCode;
    try {
      exitCode =
          Program.execute(
              List.of(
                  "python3",
                  script.toString(),
                  Integer.toString(size),
                  Integer.toString(Math.min(size, PYTHON_SAMPLE)),
                  Integer.toString(THREADS)),
              Map.of(),
              out,
              err);
    } catch (IOException e) {
      findings.missing.add("NumPy and FAISS: there is no python3");
      return List.of();
    }
    if (exitCode != 0) {
      findings.missing.add("NumPy and FAISS: python3 failed: " + Files.readString(err).strip());
      return List.of();
    }
    return Files.readAllLines(out).stream().map(JsonMapper.shared()::readTree).toList();
  }
}
