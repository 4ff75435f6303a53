/**
 * What a score is: the artefact, its features, its evaluation and explanation, and the registry of
 * versions.
 *
 * <p>Decisions. A model is data: an artefact is JSON of a documented format ({@link Artefact}),
 * checked against its SHA-256, validated as a whole, proven not to overflow, and made to predict
 * its golden pairs before it may score anybody. Weights are rounded to fixed point once, when the
 * artefact is made; from then on the integer is the score, and {@code log-odds = integer / 2^20}.
 *
 * <p>Two families behind one type, {@link PairModel}: an additive one runs on all pairs; a boosted
 * one, whose trees are a thousand times slower, carries an additive surrogate that chooses the
 * pairs it runs on. Training stays outside: it hands in weights and arrays ({@link
 * ArtefactBuilder}).
 */
@NullMarked
package social.trvl.compat.model;

import org.jspecify.annotations.NullMarked;
