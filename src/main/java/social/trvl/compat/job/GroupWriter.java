package social.trvl.compat.job;

import java.sql.Connection;
import org.springframework.batch.infrastructure.item.Chunk;
import org.springframework.batch.infrastructure.item.ItemWriter;
import org.springframework.jdbc.datasource.DataSourceUtils;
import social.trvl.compat.publish.GroupTable;
import social.trvl.compat.score.GroupFit;

/** Writes a chunk of groups in the chunk's transaction and under the claim. */
final class GroupWriter implements ItemWriter<GroupFit> {

  private final RunContext run;

  GroupWriter(RunContext run) {
    this.run = run;
  }

  @Override
  public void write(Chunk<? extends GroupFit> chunk) {
    Connection connection = DataSourceUtils.getConnection(run.source());
    run.claim.verify(connection);
    new GroupTable(run.runId, run.model.id()).write(connection, chunk.getItems(), run.calculatedAt);
    run.progress.advance(chunk.size());
  }
}
