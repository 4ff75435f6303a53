package social.trvl.compat.model.training;

import static social.trvl.compat.jooq.public_.Tables.COMPATIBILITY_MODEL_VERSIONS;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jooq.DSLContext;
import org.jooq.JSONB;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Database;
import social.trvl.compat.model.Artefact;
import social.trvl.compat.model.FeatureSchema;
import social.trvl.compat.model.ModelRegistry;
import social.trvl.compat.model.PairModel;
import social.trvl.compat.model.PairModel.About;
import tools.jackson.databind.json.JsonMapper;

/**
 * Trains a model on the labelled pairs and registers it as a candidate, with where it came from and
 * how well it did.
 *
 * <p>Settings and family are chosen on folds of the people trained on; the held-out pairs judge one
 * candidate, the winner. Trees must beat the additive family by more than a standard error, for
 * they don't run on all pairs. The winner speaks the champion's vocabulary, for it is trained to
 * replace it.
 */
public final class Training {

  /** What is trained. */
  public enum Family {
    ADDITIVE,
    BOOSTED,
    ALL
  }

  /**
   * What to train.
   *
   * @param holdoutFrom see {@link Split#of}
   * @param budget after this time the search for better settings has ended and the result stands
   */
  public record Options(Family family, long seed, @Nullable Instant holdoutFrom, Duration budget) {}

  /**
   * A registered candidate.
   *
   * @param label name and version
   * @param foldLogLoss of each family that was tried
   */
  public record Candidate(
      int id,
      String label,
      String family,
      String artefactSha256,
      int trainingRows,
      Map<String, Object> hyperparameters,
      Map<String, Double> foldLogLoss,
      Report report) {}

  /** What was learnt, before it is judged. */
  static final class Learnt {
    private final byte[] artefact;
    private final Learner<?> learner;
    private final Map<String, Double> foldLogLoss;

    Learnt(byte[] artefact, Learner<?> learner, Map<String, Double> foldLogLoss) {
      this.artefact = artefact;
      this.learner = learner;
      this.foldLogLoss = foldLogLoss;
    }

    byte[] artefact() {
      return artefact;
    }

    String family() {
      return learner.family();
    }

    Map<String, Double> foldLogLoss() {
      return foldLogLoss;
    }
  }

  private static final String CALIBRATION =
      "Platt scaling, fitted on predictions for people whom the model that made them had not seen; folded into the numbers.";

  /** The rest of the time is for the final fit and the judgement. */
  private static final double SEARCH_SHARE = 0.75;

  /** Of the search, if trees are to follow. */
  private static final double ADDITIVE_SHARE = 0.3;

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Database database;
  private final Progress progress;
  private final Clock clock;

  public Training(Database database, Progress progress, Clock clock) {
    this.database = database;
    this.progress = progress;
    this.clock = clock;
  }

  /**
   * Trains, judges and registers.
   *
   * @param truth by which generated outcomes were drawn; null for real ones
   * @throws CompatException with BAD_INPUT if there is too little to learn from
   */
  public Candidate train(Options options, Evaluation.@Nullable Truth truth) {
    ModelRegistry registry = new ModelRegistry(database);
    ModelRegistry.Version champion = registry.champion();
    PairModel baseline = registry.load(ModelRegistry.BASELINE_ID).model();
    progress.begin("reading the training set", 0);
    TrainingSet set = TrainingSet.load(database, champion.model().vocabulary());
    Split split = Split.of(set, options.holdoutFrom());
    Learnt learnt = learn(set, split, champion.model().schema(), options, clock, progress);
    PairModel model = Artefact.read(learnt.artefact(), Artefact.sha256(learnt.artefact()));
    progress.begin("judging on held-out pairs", 0);
    Report report =
        new Evaluation(words -> TrainingSet.load(database, words))
            .compare(
                split,
                model,
                champion.model(),
                baseline,
                HeldOutTrial.uses(database.engineSql(), split.holdoutSha256()) + 1,
                truth);
    progress.end();
    return register(options, set, split, champion.id(), model, learnt, report);
  }

  /** Trains without a database. */
  static Learnt learn(
      TrainingSet set,
      Split split,
      FeatureSchema prior,
      Options options,
      Clock clock,
      Progress progress) {
    Instant start = clock.instant();
    Lessons lessons = new Lessons(set, split, prior, options.seed());
    Instant end = start.plus(times(options.budget(), SEARCH_SHARE));
    Map<String, Double> losses = new LinkedHashMap<>();
    @Nullable Learner<?> winner = null;
    if (options.family() != Family.BOOSTED) {
      winner = new AdditiveLearner(lessons, options.seed());
      winner.search(
          options.family() == Family.ADDITIVE
              ? end
              : start.plus(times(options.budget(), SEARCH_SHARE * ADDITIVE_SHARE)),
          clock,
          progress);
      losses.put(winner.family(), winner.calibratedLoss());
    }
    if (options.family() != Family.ADDITIVE) {
      BoostedLearner boosted = new BoostedLearner(lessons, options.seed());
      boosted.search(end, clock, progress);
      losses.put(boosted.family(), boosted.calibratedLoss());
      winner = winner == null || winner.isBeatenBy(boosted) ? boosted : winner;
    }
    Learner<?> best = Objects.requireNonNull(winner, "some family is always tried");
    progress.begin("fitting the " + best.family() + " model", 0);
    About about =
        new About(
            best.family(),
            true,
            CALIBRATION,
            new PairModel.Training(split.train().length, sha256(lessons, split)));
    byte[] artefact = best.artefact(about);
    progress.end();
    return new Learnt(artefact, best, losses);
  }

  private static Duration times(Duration duration, double factor) {
    return Duration.ofMillis(Math.round(duration.toMillis() * factor));
  }

  /** Of the pairs trained on: who, what became of them, and what the models see of them. */
  private static String sha256(Lessons lessons, Split split) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      TrainingSet set = lessons.set();
      ByteBuffer bytes =
          ByteBuffer.allocate(6 * Long.BYTES + Byte.BYTES + FeatureSchema.COLUMNS * Integer.BYTES);
      for (int pair : split.train()) {
        bytes.clear();
        for (int person : new int[] {set.personA(pair), set.personB(pair)}) {
          UUID id = set.userId(person);
          bytes.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
        }
        bytes.put((byte) (set.label(pair) ? 1 : 0));
        bytes.putDouble(set.weight(pair)).putLong(set.observedAtMillis(pair));
        int at = lessons.at(pair);
        for (int column = 0; column < FeatureSchema.COLUMNS; column++) {
          bytes.putInt(lessons.columns()[at + column]);
        }
        digest.update(bytes.array());
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private Candidate register(
      Options options,
      TrainingSet set,
      Split split,
      int parent,
      PairModel model,
      Learnt learnt,
      Report report) {
    List<Long> times =
        Arrays.stream(split.train()).mapToObj(set::observedAtMillis).sorted().toList();
    return database
        .engineSql()
        .transactionResult(configuration -> {
          DSLContext sql = configuration.dsl();
          String version = nextVersion(sql, learnt.family());
          Map<String, Object> hyperparameters = learnt.learner.hyperparameters();
          int id =
              sql.insertInto(COMPATIBILITY_MODEL_VERSIONS)
                  .set(COMPATIBILITY_MODEL_VERSIONS.NAME, learnt.family())
                  .set(COMPATIBILITY_MODEL_VERSIONS.VERSION, version)
                  .set(COMPATIBILITY_MODEL_VERSIONS.STATE, "candidate")
                  .set(COMPATIBILITY_MODEL_VERSIONS.ALGORITHM, learnt.learner.algorithm())
                  .set(
                      COMPATIBILITY_MODEL_VERSIONS.HYPERPARAMETERS,
                      JSONB.valueOf(JSON.writeValueAsString(hyperparameters)))
                  .set(
                      COMPATIBILITY_MODEL_VERSIONS.FEATURE_SCHEMA,
                      JSONB.valueOf("{\"features\": \"pair-v1\"}"))
                  .set(COMPATIBILITY_MODEL_VERSIONS.METRICS, JSONB.valueOf(report.toJson()))
                  .set(COMPATIBILITY_MODEL_VERSIONS.TRAINING_FROM, time(times.getFirst()))
                  .set(COMPATIBILITY_MODEL_VERSIONS.TRAINING_TO, time(times.getLast()))
                  .set(COMPATIBILITY_MODEL_VERSIONS.TRAINING_ROWS, (long) split.train().length)
                  .set(
                      COMPATIBILITY_MODEL_VERSIONS.TRAINING_SHA256,
                      Objects.requireNonNull(model.about().training()).sha256())
                  .set(COMPATIBILITY_MODEL_VERSIONS.PARENT_ID, parent)
                  .set(COMPATIBILITY_MODEL_VERSIONS.CODE_VERSION, codeVersion())
                  .set(COMPATIBILITY_MODEL_VERSIONS.SEED, options.seed())
                  .set(COMPATIBILITY_MODEL_VERSIONS.ARTEFACT, learnt.artefact())
                  .set(COMPATIBILITY_MODEL_VERSIONS.ARTEFACT_SHA256, model.sha256())
                  .returning(COMPATIBILITY_MODEL_VERSIONS.ID)
                  .fetchSingle()
                  .get(COMPATIBILITY_MODEL_VERSIONS.ID);
          HeldOutTrial.used(sql, split.holdoutSha256(), id, "training");
          return new Candidate(
              id,
              learnt.family() + " " + version,
              learnt.family(),
              model.sha256(),
              split.train().length,
              hyperparameters,
              learnt.foldLogLoss(),
              report);
        });
  }

  /** The count of the family's versions, plus one; two trainings at once wait for each other. */
  private static String nextVersion(DSLContext sql, String name) {
    sql.execute("select pg_advisory_xact_lock(hashtext('compat.model_versions'))");
    return Integer.toString(
        sql.fetchCount(COMPATIBILITY_MODEL_VERSIONS, COMPATIBILITY_MODEL_VERSIONS.NAME.eq(name))
            + 1);
  }

  private static OffsetDateTime time(long millis) {
    return Instant.ofEpochMilli(millis).atOffset(ZoneOffset.UTC);
  }

  private static String codeVersion() {
    @Nullable String version = Training.class.getPackage().getImplementationVersion();
    return version == null ? "not packaged" : version;
  }
}
