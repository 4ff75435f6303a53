package social.trvl.compat.job;

import java.sql.Connection;
import java.util.List;
import org.springframework.batch.infrastructure.item.Chunk;
import org.springframework.batch.infrastructure.item.ItemWriter;
import org.springframework.jdbc.datasource.DataSourceUtils;
import social.trvl.compat.publish.GroupTable;
import social.trvl.compat.score.GroupFit;

/** Writes a chunk of groups in the chunk's transaction and under the claim. */
final class GroupWriter implements ItemWriter<List<GroupFit>> {

  private final RunContext run;

  GroupWriter(RunContext run) {
    this.run = run;
  }

  @Override
  public void write(Chunk<? extends List<GroupFit>> chunk) {
    Connection connection = DataSourceUtils.getConnection(run.source());
    run.claim.verify(connection);
    List<GroupFit> fits = chunk.getItems().stream().flatMap(List::stream).toList();
    new GroupTable(run.runId, run.model.id()).write(connection, fits, run.calculatedAt);
    run.progress.advance(fits.size());
  }
}
