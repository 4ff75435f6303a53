/**
 * From outcomes to models: labels, the training set, splits that don't leak, Smile's learners,
 * evaluation.
 *
 * <p>Decisions. A label is one fact about an unordered pair, with both people as they were then.
 * People, not pairs, are partitioned: who is held out is decided by a fixed hash of the user id, so
 * nobody held out is ever trained on, by any training. Crossing pairs are dropped and counted. What
 * Smile learns is turned into an artefact and evaluated as that: nothing of Smile is stored.
 */
@NullMarked
package social.trvl.compat.model.training;

import org.jspecify.annotations.NullMarked;
