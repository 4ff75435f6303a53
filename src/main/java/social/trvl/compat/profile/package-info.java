/**
 * READ: database rows become the columnar {@link ProfileTable}.
 *
 * <p>Decisions. One REPEATABLE READ transaction reads people, blocks and groups, so that a run sees
 * one moment; its content is digested, and the digest decides whether an interrupted run may be
 * resumed and whether there is anything to do at all. Rows are ordered by user id as PostgreSQL
 * orders uuid, so that a row number orders people as their ids do. Whoever can't be scored is not
 * in the table but in the quarantine, with a reason. What words mean (interests, styles,
 * currencies) is the model's business: the {@link Vocabulary} comes from its artefact.
 */
@NullMarked
package social.trvl.compat.profile;

import org.jspecify.annotations.NullMarked;
