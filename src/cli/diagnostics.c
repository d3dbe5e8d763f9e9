#include "cli/diagnostics.h"

#include "cli/views/wrap.h"
#include "storage/json.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of the process, as stdout and stderr are. */
static struct { bool quiet, json; } ways;

void diagnostics_set(bool quiet, bool json) {
    ways.quiet = quiet, ways.json = json;
}

bool diagnostics_quiet(void) {
    return ways.quiet;
}

void diagnostics_document_follows(void) {
    ways.json = false;
}

char *cli_clean(char *text) {
    for (char *c = text; *c != '\0'; c++)
        if (iscntrl((unsigned char)*c))
            *c = '?';
    return text;
}

void cli_put(const char *text) {
    for (const char *c = text; *c != '\0'; c++)
        putchar(iscntrl((unsigned char)*c) ? '?' : *c);
}

enum { LINE = 1024, INDENT = 4 };

static const char name[] = "trm-router: ";

static void put_line(const char *before, const char *format, va_list args, char line[LINE]) {
    vsnprintf(line, LINE, format, args);
    cli_clean(line);
    const bool terminal = isatty(STDERR_FILENO); /* which would break words */
    fputs(before, stderr);
    wrap_to(stderr, terminal ? wrap_columns(STDERR_FILENO) : SIZE_MAX, line,
            terminal && *before != '\0' ? strlen(name) : 0, terminal ? INDENT : 0);
}

#define PUT_LINE(before, format, line)                                                                       \
    do {                                                                                                     \
        va_list args;                                                                                        \
        va_start(args, format);                                                                              \
        put_line(before, format, args, line);                                                                \
        va_end(args);                                                                                        \
    } while (0)

void cli_say(const char *format, ...) {
    char line[LINE];
    if (!ways.quiet)
        PUT_LINE(name, format, line);
}

void cli_line(const char *format, ...) {
    char line[LINE];
    if (!ways.quiet)
        PUT_LINE("", format, line);
}

static const char *error_before(void) {
    return wrap_colour(STDERR_FILENO) ? "\033[1;31mtrm-router:\033[0m " : name;
}

static int end(int exit_status, const char *line) {
    char *const text = ways.json
                           ? json_finish(json_pack("{s:{s:o, s:i}, s:s}", "error", "message", json_text(line),
                                                   "exit_status", exit_status, "version", TRM_VERSION),
                                         JSON_DOCUMENT)
                           : NULL;
    ways.json = false;
    if (text != NULL)
        fputs(text, stdout);
    free(text);
    return exit_status;
}

int cli_fail(const char *format, ...) {
    char line[LINE];
    PUT_LINE(error_before(), format, line);
    return end(CLI_FAILED, line);
}

int cli_misuse(const char *format, ...) {
    char line[LINE];
    PUT_LINE(error_before(), format, line);
    return end(CLI_WRONG_USE, line);
}

int cli_flush_output(int exit_status) {
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return exit_status;
    return cli_fail("cannot write to standard output: %s", errno != 0 ? strerror(errno) : "write error");
}
