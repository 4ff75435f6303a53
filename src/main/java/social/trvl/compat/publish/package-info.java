/**
 * Slices become tables; runs are published, rolled back and retired.
 *
 * <p>Decisions. A run's rows are cut into slices of consecutive user ids. Each slice is a table of
 * its own, made, filled by binary COPY, indexed and attached in one transaction, so there is no
 * half of one to mend. ATTACH locks no reader, because CHECK constraints already say what the
 * partition bounds will. Publishing is one UPDATE of {@code compat.published}; nobody waits, and a
 * reader in an open transaction keeps the run it saw. Only {@link Retention} drops tables, and it
 * gives way to every reader.
 *
 * <p>One at a time: {@link Claim} holds a session lock that dies with the process, and its epoch is
 * checked inside every transaction that writes, so that an owner that lost the lock can't.
 */
@NullMarked
package social.trvl.compat.publish;

import org.jspecify.annotations.NullMarked;
