/**
 * The hot loops: log-odds of pairs in integers, by additive terms or by trees, and the exact top K
 * of them. Primitives only, the JDK alone.
 *
 * <p>Decisions. Scores are sums of int32 fixed-point terms: a sum of integers does not depend on
 * its order, so results are equal to the bit on every processor, in every number of threads, scalar
 * or vectorised. Loops run across candidates, never inside one pair. Lists are made by upper bounds
 * in 16 bits first, twice as many pairs at a time; who may enter by them is scored exactly. The
 * logistic function is applied to winners only, by the caller.
 */
@NullMarked
package social.trvl.compat.kernel;

import org.jspecify.annotations.NullMarked;
