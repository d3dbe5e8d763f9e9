/* Options of a command, from tables of settings (storage/settings.h):

       static const struct setting table[] = {
           {"FILE", NULL, SETTING_ARGUMENT, offsetof(struct request, input), NULL, NULL, "the file to read"},
           {"radius", "B", SETTING_REAL, offsetof(struct request, radius), NULL, "(0, 1e100]", "of the ball"},
           {"json", NULL, SETTING_FLAG, offsetof(struct request, json), "", NULL, "print one JSON document"},
       };
       struct request r = {0};
       const struct settings parts[] = {run_settings_table(&r.run), {SETTINGS(table), &r, NULL, 0}};
       const int parsed = options_parse(self, parts, 2, argc, argv, NULL);
       if (parsed != OPTIONS_GO_ON)
           return parsed; */
#ifndef TRM_CLI_OPTIONS_OPTIONS_H
#define TRM_CLI_OPTIONS_OPTIONS_H

#include "cli/command.h"
#include "storage/settings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OPTIONS_GO_ON = -1, OPTIONS_MAX = 64 };

/* Rows that many commands have; at: offset of the field. */
#define OPTION_THREADS(at)                                                                                   \
    {                                                                                                        \
        "threads", "N", SETTING_COUNT | SETTING_IN(common), at, "(all cores)", "[0, 1024]",                  \
            "use N threads; 0: all cores"                                                                    \
    }
#define OPTION_FORCE(at, what)                                                                               \
    {                                                                                                        \
        "force", NULL, SETTING_FLAG | SETTING_LINE | SETTING_IN(common), at, "", NULL,                       \
            "replace " what " that is there"                                                                 \
    }
#define OPTION_RESUME(at, what)                                                                              \
    {                                                                                                        \
        "resume", NULL, SETTING_FLAG | SETTING_LINE | SETTING_IN(common), at, "", NULL,                      \
            "go on " what ", to the same bits"                                                               \
    }
#define OPTION_JSON(at, what)                                                                                \
    { "json", NULL, SETTING_FLAG | SETTING_IN(common), at, "", NULL, "print one JSON " what }

/* Set every field from argv, or say in one line on stderr what is wrong. Both `--name value` and
   `--name=value`; "--" ends the options. Returns OPTIONS_GO_ON, or the exit status to end with: after --help,
   which it prints to stdout, 0; after an unknown, repeated or missing option, a missing value, one that is
   not wholly of its kind or out of range, 2. Reorders argv. At most OPTIONS_MAX rows.
   given (may be NULL): bit i is set where row i of all parts was on the command line. */
int options_parse(const struct command *command, const struct settings *parts, size_t part_count, int argc,
                  char **argv, uint64_t *given);

/* The same for a table of the command alone. */
int options_parse_table(const struct command *command, const struct setting *table, size_t count,
                        void *target, int argc, char **argv);

/* The options --threads and --json of a command whose other tables hold neither. */
struct output_options {
    size_t threads; /* 0: all cores */
    bool json;
};
struct settings options_output(struct output_options *target);

/* Whether the option of this name was on the command line; given: as options_parse set it. */
bool options_given(const struct settings *parts, size_t part_count, uint64_t given, const char *name);

#endif
