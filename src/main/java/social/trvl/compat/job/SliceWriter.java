package social.trvl.compat.job;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.springframework.batch.infrastructure.item.Chunk;
import org.springframework.batch.infrastructure.item.ItemWriter;
import org.springframework.jdbc.datasource.DataSourceUtils;
import social.trvl.compat.publish.RunTables;
import social.trvl.compat.score.PeopleLists;
import social.trvl.compat.score.ScoredPeople;

/**
 * Writes a slice's lists, in the chunk's transaction and under the claim.
 *
 * <p>Each block is described when its turn has come: a whole slice of rows would be much to hold,
 * and for collections of garbage to copy while the server has the processors.
 */
final class SliceWriter implements ItemWriter<PeopleLists> {

  private final RunContext run;
  private final RunTables tables;
  private final int slice;

  SliceWriter(RunContext run, RunTables tables, int slice) {
    this.run = run;
    this.tables = tables;
    this.slice = slice;
  }

  @Override
  public void write(Chunk<? extends PeopleLists> chunk) throws SQLException {
    Connection connection = DataSourceUtils.getConnection(run.source());
    run.claim.verify(connection);
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "set local statement_timeout = "
              + run.settings.execution().statementTimeoutSeconds() * 1000);
    }
    long expected = chunk.getItems().stream().mapToLong(PeopleLists::rows).sum();
    long taken =
        tables.writeSlice(
            connection,
            slice,
            run.firstUserId(slice),
            run.firstUserId(slice + 1),
            run.model.id(),
            run.calculatedAt,
            run.population().people(),
            () -> chunk.getItems().stream().map(this::described).iterator());
    if (taken != expected) {
      throw new IllegalStateException(
          "run %d, slice %d: the server took %d rows of %d"
              .formatted(run.runId, slice, taken, expected));
    }
  }

  private ScoredPeople described(PeopleLists lists) {
    ScoredPeople scored = run.scorer().describe(lists);
    run.tally().add(scored);
    run.progress.advance(scored.people());
    return scored;
  }
}
