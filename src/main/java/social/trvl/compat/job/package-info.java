/**
 * Spring Batch wiring: one class for each job, read from top to bottom ({@link NightlyScoring}).
 *
 * <p>Decisions. The jobs are built by hand, without an application context: a run has one context
 * object, {@link RunContext}, which its steps share, and each partition gets a step of its own, so
 * nothing needs step scope. Metadata and scores share one transaction manager: a slice's rows, or
 * those of some hundred groups, commit with its step's progress or not at all, which is what
 * resuming after {@code kill -9} rests on. Inputs are read anew by every start; only if their
 * digest is that of the interrupted run is it resumed.
 *
 * <p>Between two nights groups are scored on demand, by the same code ({@link GroupRescoring}), and
 * by a process that stays for it ({@link GroupResident}). It keeps everybody in memory, so its
 * answers rest on what is read for each group: the group, its members and the people it found. What
 * they can miss is a person who became one of the best candidates within the last minute. Requests
 * are rows ({@code compat.group_requests}), one for each time somebody asks, written in the very
 * transaction that changes a group; whoever answers deletes the rows that were there before the
 * group was read, and no others.
 */
@NullMarked
package social.trvl.compat.job;

import org.jspecify.annotations.NullMarked;
