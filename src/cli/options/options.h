/* Options of a command: one table that parses, checks, sets defaults and prints help.

       struct request r = {0};
       const struct option table[] = {
           {"FILE", NULL, OPTION_ARGUMENT, &r.input, NULL, NULL, "the file to read"},
           {"radius", "B", OPTION_REAL, &r.radius, NULL, "(0, 1e100]", "radius of the ball"},
           {"seed", "N", OPTION_COUNT, &r.seed, "42", "[0, 1e15]", "where random numbers start"},
           {"json", NULL, OPTION_FLAG, &r.json, "", NULL, "print one JSON document"},
       };
       const int parsed = options_parse(self, table, sizeof table / sizeof *table, argc, argv, NULL);
       if (parsed != OPTIONS_GO_ON)
           return parsed;

   The table and its targets live in the command's function: nothing is static. */
#ifndef TRM_CLI_OPTIONS_OPTIONS_H
#define TRM_CLI_OPTIONS_OPTIONS_H

#include "cli/command.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* kind: target, how it is given. */
enum option_kind {
    OPTION_FLAG,     /* bool *: --name */
    OPTION_ON_OFF,   /* bool *: --name on|off */
    OPTION_COUNT,    /* size_t *: --name N, a whole number within range */
    OPTION_REAL,     /* double *: --name X, a finite number within range */
    OPTION_TEXT,     /* const char **: --name TEXT, not empty: a file, a list */
    OPTION_CHOICE,   /* const char **: --name WORD, one of range */
    OPTION_ARGUMENT, /* const char **: a word without a name, in the order of the table */
    OPTION_ARGUMENTS /* struct words *: all further words without a name; last in the table */
};

/* Words of argv, not owned. */
struct words {
    char **at;
    size_t count;
};

struct option {
    const char *name; /* without dashes: "max-iter"; of an argument what help calls it: "INPUT.safetensors" */
    const char *value; /* what help calls its value: "N"; NULL for flags and arguments */
    enum option_kind kind;
    void *target;
    /* NULL: must be given. "" or words in parentheses, "(by solver)": the target keeps what it holds.
       Anything else is parsed as if it had been given. */
    const char *fallback;
    /* Numbers: "[1, 1000000]", "(0, inf)", brackets as in mathematics. Choices: "on|off|auto". Else NULL. */
    const char *range;
    const char *help; /* a sentence without full stop */
};

enum { OPTIONS_GO_ON = -1, OPTIONS_MAX = 64 };

/* Set every target from argv, or say in one line on stderr what is wrong. Both `--name value` and
   `--name=value`; "--" ends the options. Returns OPTIONS_GO_ON, or the exit status to end with: after --help,
   which it prints to stdout, 0; after an unknown, repeated or missing option, a missing value, one that is
   not wholly of its kind or out of range, 2. Reorders argv. At most OPTIONS_MAX rows.
   given (may be NULL): bit i is set where row i was on the command line. */
int options_parse(const struct command *command, const struct option *table, size_t count, int argc,
                  char **argv, uint64_t *given);

/* Whether the option of this name was on the command line; given: as options_parse set it. */
bool options_given(const struct option *table, size_t count, uint64_t given, const char *name);

/* Convert text for one option and store it in its target: false where it is not of its kind or out of range.
 */
bool option_store(const struct option *option, const char *text);
/* What a value of this option must be: "a whole number in [1, 1000000]", into text. */
void option_describe(const struct option *option, char *text, size_t size);
/* Usage, options and example of a command, to stdout. */
void options_print_help(const struct command *command, const struct option *table, size_t count);

#endif
