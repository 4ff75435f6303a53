/**
 * The benchmarks behind {@code compat bench}: what the product takes, beside what the same work
 * takes by other means, on the same machine and in the same rounds.
 *
 * <p>Decisions. Ratios are what is judged, for a machine's figures are its own: each round measures
 * every side once, one after the other, and the median of the rounds' ratios counts. What an
 * operator runs is measured as he runs it: a nightly run is a process of its own, with a heap and a
 * compiler that nothing has warmed. Every part checks its own answer. The parts that look inside a
 * package stand in that package ({@code KernelBenchmark}, {@code PostgresPeer}, {@code
 * WriteBenchmark}, {@code TreeBenchmark}); here is what drives them.
 */
@NullMarked
package social.trvl.compat.bench;

import org.jspecify.annotations.NullMarked;
