/**
 * Profiles, candidates and a model become scored rows: each person's top K, and each group's fits.
 * No database here.
 */
@NullMarked
package social.trvl.compat.score;

import org.jspecify.annotations.NullMarked;
