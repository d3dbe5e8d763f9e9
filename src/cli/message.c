#include "cli/message.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void say(const char *format, va_list args) {
    char line[1024];
    vsnprintf(line, sizeof line, format, args);
    for (char *c = line; *c != '\0'; c++)
        if (iscntrl((unsigned char)*c))
            *c = '?';
    fprintf(stderr, "trm-router: %s\n", line);
}

void cli_say(const char *format, ...) {
    va_list args;
    va_start(args, format);
    say(format, args);
    va_end(args);
}

int cli_fail(const char *format, ...) {
    va_list args;
    va_start(args, format);
    say(format, args);
    va_end(args);
    return CLI_FAILED;
}

int cli_misuse(const char *format, ...) {
    va_list args;
    va_start(args, format);
    say(format, args);
    va_end(args);
    return CLI_WRONG_USE;
}

int cli_flush_output(int exit_status) {
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return exit_status;
    return cli_fail("cannot write to standard output: %s", errno != 0 ? strerror(errno) : "write error");
}
