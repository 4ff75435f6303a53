/**
 * Who may meet whom: blocks of candidates, and the filters between two people.
 *
 * <p>Decisions. Blocking decides which pairs are looked at; a person is a candidate for everybody
 * in a block they share. Filters are asked last, only for candidates that would enter a list: they
 * reject few, and the list stays exact.
 */
@NullMarked
package social.trvl.compat.candidate;

import org.jspecify.annotations.NullMarked;
