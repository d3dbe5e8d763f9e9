/* What the program says when something is wrong: one line on stderr, and the exit status that goes with it.
 */
#ifndef TRM_CLI_MESSAGE_H
#define TRM_CLI_MESSAGE_H

#include "base/status.h"

enum cli_exit { CLI_DONE = 0, CLI_FAILED = 1, CLI_WRONG_USE = 2 };

/* Print "trm-router: ..." as one line on stderr. Control characters (a newline in a file name) become '?'. */
void cli_say(const char *format, ...) TRM_PRINTF(1, 2);

/* The same, and the exit status, so that `return cli_fail(...)` reads well. */
int cli_fail(const char *format, ...) TRM_PRINTF(1, 2);
int cli_misuse(const char *format, ...) TRM_PRINTF(1, 2);

/* Whether everything written to stdout arrived (a full disk, a closed pipe); exit_status if so, else said
 * and 1. */
int cli_flush_output(int exit_status);

#endif
