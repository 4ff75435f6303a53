/**
 * WRITE: people come in. CSV files of traits or questionnaire answers are validated and upserted;
 * realistic people, their preferences, groups and outcomes are generated from published statistics
 * and documented rules.
 */
@NullMarked
package social.trvl.compat.intake;

import org.jspecify.annotations.NullMarked;
