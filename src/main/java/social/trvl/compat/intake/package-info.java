/**
 * WRITE: people come in. CSV files of traits or questionnaire answers are validated and upserted;
 * realistic people, their preferences, groups and outcomes are generated from published statistics
 * and documented rules.
 *
 * <p>Decisions. A file is read to its end before anything is stored, and stored in one transaction.
 * Bulk rows go by COPY into a temporary table and from there by one statement, so that "what is
 * new" and "what differs" is decided by the database, not by a look-up a row. The statements stand
 * in {@code people/intake.sql}. Accounts are only made on the stand-in for Supabase's schema {@code
 * auth}. Generated things have ids made from the seed, hence generating again finds them; each
 * belongs to the latest person that takes part in it, hence more people never change what is there.
 * Whatever is generated says so: accounts by their provider, groups by name and description, trip
 * feedback by its metadata.
 */
@NullMarked
package social.trvl.compat.intake;

import org.jspecify.annotations.NullMarked;
