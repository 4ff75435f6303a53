package social.trvl.compat.model.training;

import static java.nio.charset.StandardCharsets.UTF_8;
import static social.trvl.compat.jooq.public_.Tables.MODEL_TRAINING_DATA;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jooq.Cursor;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.db.Database;
import social.trvl.compat.db.Unfinished;
import social.trvl.compat.model.FeatureSchema;
import social.trvl.compat.model.ModelRegistry;
import social.trvl.compat.model.PairModel;
import social.trvl.compat.model.ScoreScale;
import social.trvl.compat.profile.ProfileTable;
import social.trvl.compat.profile.Vocabulary;

/**
 * Writes the training set for a notebook: UTF-8 CSV as RFC 4180 has it, one line a pair in the
 * order of (user_a, user_b), unknown values empty. Another program can compute from it whatever
 * this one claims of the champion.
 *
 * <pre>
 * user_a, user_b               the pair; user_a is the lower id
 * label, weight, source, observed_at, trip_id
 *                              as in model_training_data
 * exposed, exposure_rank, exposure_model_version_id
 *                              whether the two had been shown to each other when they met
 * split                        train, held_out, crossing (of a held-out person and another), other_time
 *                              (held-out pairs that are too light to judge by among them)
 * a_TRAIT, a_age, ...          what the first person had stated, see {@link StatedProfile};
 *                              interests are joined by ';'
 * a_code_PREFERENCE            code in the champion's vocabulary, 0 = unknown
 * a_budget_low_level, a_budget_high_level
 *                              8 · log2 of US cents a day, rounded down
 * a_interest_bits              numbers of the interests in the champion's vocabulary, joined by ';'
 * b_...                        the same of the second person
 * pair_COLUMN                  the integers that trees see, symmetric in the two: {@link FeatureSchema}
 * champion_log_odds            of the champion, fixed point: divide by 2^20
 * champion_probability         1 / (1 + e^−log-odds)
 * </pre>
 */
public final class TrainingExport {

  /**
   * What was written.
   *
   * @param champion version whose vocabulary and predictions the file has
   */
  public record Exported(int rows, int championId, String champion, Path file) {}

  private static final int FETCH_ROWS = 10_000;

  private static final List<String> TEXTS =
      List.of(
          "age",
          "adventure_style",
          "budget_preference",
          "planning_style",
          "group_preference",
          "interests",
          "daily_budget_min",
          "daily_budget_max",
          "budget_currency",
          "experience_level");

  private final Database database;

  public TrainingExport(Database database) {
    this.database = database;
  }

  /**
   * Writes all pairs, as of one moment.
   *
   * @throws CompatException if the file exists or can't be written; then there is none
   */
  public Exported export(Path file) {
    ModelRegistry.Version champion = new ModelRegistry(database).champion();
    try (Unfinished unfinished = Unfinished.file(file)) {
      int rows =
          database
              .engineSql()
              .transactionResult(configuration -> {
                DSLContext sql = configuration.dsl();
                sql.execute("set transaction isolation level repeatable read, read only");
                TrainingSet set = TrainingSet.load(sql, champion.model().vocabulary());
                write(sql, set, champion.model(), unfinished.path());
                return set.size();
              });
      unfinished.complete();
      return new Exported(rows, champion.id(), champion.label(), file);
    }
  }

  private static void write(DSLContext sql, TrainingSet set, PairModel model, Path file) {
    String[] split = splits(set);
    try (BufferedWriter out = Files.newBufferedWriter(file, UTF_8);
        Cursor<? extends Record> cursor =
            sql.selectFrom(MODEL_TRAINING_DATA)
                .orderBy(MODEL_TRAINING_DATA.USER_A, MODEL_TRAINING_DATA.USER_B)
                .fetchSize(FETCH_ROWS)
                .fetchLazy()) {
      writeLine(out, header());
      int[] columns = new int[FeatureSchema.COLUMNS];
      int pair = 0;
      for (Record row : cursor) {
        List<@Nullable Object> cells = new ArrayList<>();
        cells.add(row.get(MODEL_TRAINING_DATA.USER_A));
        cells.add(row.get(MODEL_TRAINING_DATA.USER_B));
        cells.add(row.get(MODEL_TRAINING_DATA.LABEL));
        cells.add(row.get(MODEL_TRAINING_DATA.WEIGHT).stripTrailingZeros().toPlainString());
        cells.add(row.get(MODEL_TRAINING_DATA.SOURCE));
        cells.add(row.get(MODEL_TRAINING_DATA.OBSERVED_AT).toInstant());
        cells.add(row.get(MODEL_TRAINING_DATA.TRIP_ID));
        cells.add(row.get(MODEL_TRAINING_DATA.EXPOSED));
        cells.add(row.get(MODEL_TRAINING_DATA.EXPOSURE_RANK));
        cells.add(row.get(MODEL_TRAINING_DATA.EXPOSURE_MODEL_VERSION_ID));
        cells.add(split[pair]);
        addPerson(
            cells,
            StatedProfile.parse(row.get(MODEL_TRAINING_DATA.FEATURES_A).data()),
            set,
            set.rowA(pair));
        addPerson(
            cells,
            StatedProfile.parse(row.get(MODEL_TRAINING_DATA.FEATURES_B).data()),
            set,
            set.rowB(pair));
        model.schema().fill(set.people(), set.rowA(pair), set.rowB(pair), columns, 0);
        for (int value : columns) {
          cells.add(value);
        }
        int logOdds = model.logOdds(set.people(), set.rowA(pair), set.rowB(pair));
        cells.add(logOdds);
        cells.add(ScoreScale.probability(logOdds));
        writeLine(out, cells);
        pair++;
      }
    } catch (IOException e) {
      throw Unfinished.storage(file, e);
    }
  }

  private static List<String> header() {
    List<String> header =
        new ArrayList<>(
            List.of(
                "user_a",
                "user_b",
                "label",
                "weight",
                "source",
                "observed_at",
                "trip_id",
                "exposed",
                "exposure_rank",
                "exposure_model_version_id",
                "split"));
    for (String side : List.of("a_", "b_")) {
      ProfileTable.TRAITS.forEach(name -> header.add(side + name));
      TEXTS.forEach(name -> header.add(side + name));
      Vocabulary.PREFERENCES.forEach(name -> header.add(side + "code_" + name));
      header.add(side + "budget_low_level");
      header.add(side + "budget_high_level");
      header.add(side + "interest_bits");
    }
    FeatureSchema.columnNames().forEach(name -> header.add("pair_" + name));
    header.add("champion_log_odds");
    header.add("champion_probability");
    return header;
  }

  private static void addPerson(
      List<@Nullable Object> cells, StatedProfile stated, TrainingSet set, int row) {
    ProfileTable people = set.people();
    ProfileTable.TRAITS.forEach(name -> cells.add(stated.number(name)));
    for (String name : TEXTS) {
      cells.add(
          switch (name) {
            case "interests" -> String.join(";", stated.interests());
            case "age", "daily_budget_min", "daily_budget_max", "experience_level" ->
                stated.number(name);
            default -> stated.text(name);
          });
    }
    for (int i = 0; i < ProfileTable.PREFERENCE_COUNT; i++) {
      cells.add(people.code(i, row));
    }
    cells.add(known(people.budgetLow(row)));
    cells.add(known(people.budgetHigh(row)));
    cells.add(
        IntStream.range(0, people.interestWords())
            .mapToObj(word ->
                BitSet.valueOf(new long[] {people.interests(row, word)}).stream()
                    .mapToObj(bit -> Integer.toString(word * Long.SIZE + bit)))
            .flatMap(bits -> bits)
            .collect(Collectors.joining(";")));
  }

  private static @Nullable Integer known(int value) {
    return value == ProfileTable.UNKNOWN ? null : value;
  }

  private static String[] splits(TrainingSet set) {
    Split split = Split.of(set, null);
    String[] names = new String[set.size()];
    for (int pair = 0; pair < names.length; pair++) {
      names[pair] = Split.isCrossing(set, pair) ? "crossing" : "other_time";
    }
    for (int pair : split.train()) {
      names[pair] = "train";
    }
    for (int pair : split.holdout()) {
      names[pair] = "held_out";
    }
    return names;
  }

  private static void writeLine(BufferedWriter out, List<? extends @Nullable Object> cells)
      throws IOException {
    for (int i = 0; i < cells.size(); i++) {
      if (i > 0) {
        out.write(',');
      }
      @Nullable Object cell = cells.get(i);
      if (cell != null) {
        out.write(quoted(cell.toString()));
      }
    }
    out.write("\r\n");
  }

  private static String quoted(String text) {
    boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
  }
}
