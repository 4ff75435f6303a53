package social.trvl.compat.publish;

import java.util.List;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;
import social.trvl.compat.db.Database;

/** Spring Batch's own tables, which would grow for ever. */
public final class BatchMetadata {

  private static final String OLD =
      "select job_execution_id from batch.batch_job_execution where create_time < now() at time zone 'UTC' - make_interval(days => {0})";

  private static final List<String> DELETES =
      List.of(
          "delete from batch.batch_step_execution_context where step_execution_id in (select step_execution_id from batch.batch_step_execution where job_execution_id in ("
              + OLD
              + "))",
          "delete from batch.batch_step_execution where job_execution_id in (" + OLD + ")",
          "delete from batch.batch_job_execution_context where job_execution_id in (" + OLD + ")",
          "delete from batch.batch_job_execution_params where job_execution_id in (" + OLD + ")",
          "delete from batch.batch_job_execution where create_time < now() at time zone 'UTC' - make_interval(days => {0})",
          "delete from batch.batch_job_instance i where not exists (select from batch.batch_job_execution e where e.job_instance_id = i.job_instance_id)");

  private final DSLContext sql;

  public BatchMetadata(Database database) {
    this.sql = database.engineSql();
  }

  /** Forgets the executions of jobs created more than some days ago, in one transaction. */
  public void purge(int days) {
    sql.transaction(configuration ->
        DELETES.forEach(delete -> configuration.dsl().execute(delete, DSL.inline(days))));
  }
}
