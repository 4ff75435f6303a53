package social.trvl.compat.job;

import org.jspecify.annotations.Nullable;
import org.springframework.batch.infrastructure.item.ExecutionContext;
import org.springframework.batch.infrastructure.item.ItemStreamReader;
import social.trvl.compat.publish.RunTables;

/**
 * Hands out a slice's people in blocks; none if an interrupted run has written the slice.
 *
 * <p>The slice's table says whether it has. The position that Spring Batch keeps is not asked:
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

  /** How many blocks there are at most. */
  int blocks() {
    return Math.max(1, Math.ceilDiv(run.firstRow(slice + 1) - run.firstRow(slice), BLOCK_PEOPLE));
  }

  @Override
  public void open(ExecutionContext context) {
    end = run.firstRow(slice + 1);
    next = run.firstRow(slice);
    if (tables.hasSlice(run.database, slice)) {
      run.progress.advance((long) end - next);
      next = end;
    }
    tables.recount(run.database, slice, run.population().people(), run.tally());
  }

  @Override
  public @Nullable Block read() {
    if (next >= end) {
      return null;
    }
    Block block = new Block(next, Math.min(end, next + BLOCK_PEOPLE));
    next = block.to();
    return block;
  }
}
