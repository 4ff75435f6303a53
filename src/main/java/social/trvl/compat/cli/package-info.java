/**
 * The command line: arguments, exit codes, progress bars, and how results look on a terminal or as
 * JSON. No decisions about scores are made here.
 */
@NullMarked
package social.trvl.compat.cli;

import org.jspecify.annotations.NullMarked;
