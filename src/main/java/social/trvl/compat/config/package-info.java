/**
 * Validated, immutable settings and the vocabulary of failure: exit codes and the one exception
 * type that carries them. Uses no other package.
 */
@NullMarked
package social.trvl.compat.config;

import org.jspecify.annotations.NullMarked;
