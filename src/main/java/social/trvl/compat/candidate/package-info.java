/**
 * Who may meet whom: blocks of candidates, and the filters between two people.
 *
 * <p>Decisions. Blocking decides which pairs are looked at; a person is a candidate for everybody
 * in a block they share. Filters are asked last, only for candidates that would enter a list, so
 * the list stays exact. Ages keep half of generated pairs apart: they are told to the kernel as
 * bytes that it compares on its way.
 */
@NullMarked
package social.trvl.compat.candidate;

import org.jspecify.annotations.NullMarked;
