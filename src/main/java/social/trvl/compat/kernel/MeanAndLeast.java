package social.trvl.compat.kernel;

/**
 * How one number is made of a candidate's log-odds with each of a group:
 *
 * <pre>
 * ofSum · Σ counted + ofLeast · min counted,    counted = clamp(log-odds, floor, limit) &gt;&gt; lostBits
 * </pre>
 *
 * <p>The caller proves that it stays within int32.
 */
public record MeanAndLeast(int floor, int limit, int lostBits, int ofSum, int ofLeast) {}
