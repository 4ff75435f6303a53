package social.trvl.compat.intake;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Turns the rows of one format into assessments; made for one file, its header checked. */
interface RowReader {

  /** Columns of preference words, in the order of the table's. */
  List<String> WORD_COLUMNS =
      List.of("adventure_style", "budget_preference", "planning_style", "group_preference");

  /**
   * Reads a row that has as many cells as the header.
   *
   * @return null if a cell is bad; each bad cell was added to {@code rejected}
   */
  @Nullable IncomingAssessment read(CsvTable.Row row, RejectedCells rejected);

  /** Whether the file has the i-th of {@link #WORD_COLUMNS}. */
  boolean gives(int word);

  /** Cronbach's alpha by scale over the accepted rows; empty where there are no items. */
  Map<Trait, Double> alphas();
}
