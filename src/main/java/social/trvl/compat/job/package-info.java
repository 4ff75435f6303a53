/**
 * Spring Batch wiring: one class for each job, read from top to bottom ({@link NightlyScoring}).
 *
 * <p>Decisions. The jobs are built by hand, without an application context: a run has one context
 * object, {@link RunContext}, which its steps share, and each partition gets a step of its own, so
 * nothing needs step scope. Metadata and scores share one transaction manager: a chunk's rows and
 * the position behind them commit together or not at all, which is what resuming after {@code kill
 * -9} rests on. Inputs are read anew by every start; only if their digest is that of the
 * interrupted run is it resumed.
 */
@NullMarked
package social.trvl.compat.job;

import org.jspecify.annotations.NullMarked;
