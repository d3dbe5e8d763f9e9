/* What the program says on stderr, and the exit status that goes with an error. */
#ifndef TRM_CLI_DIAGNOSTICS_H
#define TRM_CLI_DIAGNOSTICS_H

#include "base/status.h"

#include <stdbool.h>

enum cli_exit { CLI_DONE = 0, CLI_FAILED = 1, CLI_WRONG_USE = 2 };

/* Print "trm-router: ..." as one line on stderr. Control characters (a newline in a file name) become '?'. Nothing with
   --quiet. */
void cli_say(const char *format, ...) TRM_PRINTF(1, 2);
/* A line of progress, without the name of the program; likewise. */
void cli_line(const char *format, ...) TRM_PRINTF(1, 2);

/* An error, which is always said, and the exit status, so that `return cli_fail(...)` reads well. With --json it is a
   JSON document on stdout as well, {"error": {"message", "exit_status"}, "version"}, unless one was printed before. */
int cli_fail(const char *format, ...) TRM_PRINTF(1, 2);
int cli_misuse(const char *format, ...) TRM_PRINTF(1, 2);

/* How it is said from here on: as --quiet and --json ask. */
void diagnostics_set(bool quiet, bool json);
bool diagnostics_quiet(void);
/* A document goes to stdout: an error after it is said on stderr only. */
void diagnostics_document_follows(void);

/* A text of somebody else's, such as a path, for the terminal: control characters become '?'; in place, and to
   stdout. */
char *cli_clean(char *text);
void cli_put(const char *text);

/* Whether everything written to stdout arrived (a full disk, a closed pipe); exit_status if so, else said
   and 1. */
int cli_flush_output(int exit_status);

#endif
