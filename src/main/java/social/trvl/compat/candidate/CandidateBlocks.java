package social.trvl.compat.candidate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntConsumer;
import social.trvl.compat.config.BlockBy;
import social.trvl.compat.profile.ProfileTable;

/**
 * The population cut into blocks: two people are candidates for each other if they share one.
 * Blocks hold rows in ascending order; they overlap only for destinations, of which a person may
 * wish several.
 */
public final class CandidateBlocks {

  private final ProfileTable people;
  private final BlockBy blockBy;
  private final List<int[]> blocks = new ArrayList<>();

  public CandidateBlocks(ProfileTable people, BlockBy blockBy) {
    this.people = people;
    this.blockBy = blockBy;
    int count = blockCount();
    int[] sizes = new int[count];
    for (int row = 0; row < people.size(); row++) {
      eachBlock(row, block -> sizes[block]++);
    }
    for (int size : sizes) {
      blocks.add(new int[size]);
    }
    Arrays.fill(sizes, 0);
    for (int row = 0; row < people.size(); row++) {
      int member = row;
      eachBlock(row, block -> blocks.get(block)[sizes[block]++] = member);
    }
  }

  /** Rows of a block, ascending; not to be changed. */
  public int[] rows(int block) {
    return blocks.get(block);
  }

  public int count() {
    return blocks.size();
  }

  /** Whether two people may share more than one block. */
  public boolean overlap() {
    return blockBy == BlockBy.DESTINATION;
  }

  /** Numbers of the blocks that hold any of the rows from–to (exclusive). */
  public BitSet blocksOf(int from, int to) {
    BitSet result = new BitSet();
    for (int row = from; row < to; row++) {
      eachBlock(row, result::set);
    }
    return result;
  }

  /**
   * Ordered pairs that will be looked at; a pair that shares several destinations counts for each.
   */
  public long pairs() {
    long sum = 0;
    for (int[] rows : blocks) {
      sum += (long) rows.length * (rows.length - 1);
    }
    return sum;
  }

  /** Pairs that will be looked at for the rows from–to (exclusive). */
  public long pairs(int from, int to) {
    long sum = 0;
    BitSet touched = blocksOf(from, to);
    for (int block = touched.nextSetBit(0); block >= 0; block = touched.nextSetBit(block + 1)) {
      int[] rows = rows(block);
      long inRange = (long) position(rows, to) - position(rows, from);
      sum += inRange * (rows.length - 1);
    }
    return sum;
  }

  /** Rows of the longest lists that people can get: each has at most topK candidates. */
  public long mostRows(int topK) {
    long sum = 0;
    for (int row = 0; row < people.size(); row++) {
      long candidates =
          blocksOf(row, row + 1).stream().mapToLong(block -> rows(block).length - 1).sum();
      sum += Math.min(topK, Math.min(candidates, people.size() - 1));
    }
    return sum;
  }

  /** Place in a block of the first row that is not below the one given. */
  public static int position(int[] rows, int row) {
    int place = Arrays.binarySearch(rows, row);
    return place >= 0 ? place : -place - 1;
  }

  private int blockCount() {
    return switch (blockBy) {
      case EVERYONE -> 1;
      case REGION -> {
        int highest = 0;
        for (int row = 0; row < people.size(); row++) {
          highest = Math.max(highest, people.region(row));
        }
        yield highest + 1;
      }
      case DESTINATION -> people.destinationCount() + 1;
    };
  }

  private void eachBlock(int row, IntConsumer block) {
    switch (blockBy) {
      case EVERYONE -> block.accept(0);
      case REGION -> block.accept(people.region(row));
      case DESTINATION -> eachDestination(row, block);
    }
  }

  /** Who wishes none is in a block with the others who don't. */
  private void eachDestination(int row, IntConsumer block) {
    for (int i = 0; i < people.destinations(row); i++) {
      block.accept(people.destination(row, i));
    }
    if (people.destinations(row) == 0) {
      block.accept(people.destinationCount());
    }
  }
}
