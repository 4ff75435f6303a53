/**
 * What people are told: a person's matches with reasons, the explanation of a pair, the account of
 * a run, a model's card.
 */
@NullMarked
package social.trvl.compat.report;

import org.jspecify.annotations.NullMarked;
