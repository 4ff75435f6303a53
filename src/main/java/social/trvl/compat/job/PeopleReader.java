package social.trvl.compat.job;

import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.batch.infrastructure.item.ExecutionContext;
import org.springframework.batch.infrastructure.item.ItemStreamReader;
import social.trvl.compat.publish.RunTables;

/**
 * Hands out a slice's people in blocks, from where an interrupted run came to.
 *
 * <p>The slice's own rows say how far that was. The position that Spring Batch keeps is not asked:
 * after a lost connection it may be ahead of what was committed.
 */
final class PeopleReader implements ItemStreamReader<PeopleReader.Block> {

  /**
   * People of one call of the kernel, rows of the profile table.
   *
   * @param from inclusive
   * @param to exclusive
   */
  record Block(int from, int to) {}

  /** Enough people to share a tile of candidates, few enough that their lists stay in the cache. */
  private static final int BLOCK_PEOPLE = 256;

  private final RunContext run;
  private final RunTables tables;
  private final int slice;
  private int next;
  private int end;

  PeopleReader(RunContext run, RunTables tables, int slice) {
    this.run = run;
    this.tables = tables;
    this.slice = slice;
  }

  int blockPeople() {
    return Math.min(BLOCK_PEOPLE, run.settings.execution().chunkPeople());
  }

  @Override
  public void open(ExecutionContext context) {
    end = run.firstRow(slice + 1);
    UUID last =
        tables.openSlice(
            run.database,
            slice,
            run.firstUserId(slice),
            run.firstUserId(slice + 1),
            run.model.id(),
            run.calculatedAt);
    tables.recount(run.database, slice, run.population().people(), run.tally());
    int first = run.firstRow(slice);
    next = last == null ? first : run.population().people().rowOf(last) + 1;
    run.progress.advance((long) next - first);
  }

  @Override
  public @Nullable Block read() {
    if (next >= end) {
      return null;
    }
    Block block = new Block(next, Math.min(end, next + blockPeople()));
    next = block.to();
    return block;
  }
}
