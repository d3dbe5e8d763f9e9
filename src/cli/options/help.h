/* Help of a command from its rows: for a reader, as a manual page, and as its part of a shell's completion. */
#ifndef TRM_CLI_OPTIONS_HELP_H
#define TRM_CLI_OPTIONS_HELP_H

#include "cli/options/options.h"

/* The format that `--help`, `-h` or `--help=FORMAT` asks for, "text" where it names none; NULL: none of them is
   there. */
const char *help_wanted(int argc, char **argv);
bool help_is_format(const char *word); /* --help=FORMAT */

/* To stdout as text, man, bash, zsh, fish or name; false: there is no such format. */
bool help_print(const char *format, const struct command *command, const struct setting_bound *rows,
                size_t count);

void help_man(const struct command *command, const struct setting_bound *rows, size_t count);
void help_bash(const struct command *command, const struct setting_bound *rows, size_t count);
void help_zsh(const struct command *command, const struct setting_bound *rows, size_t count);
void help_fish(const struct command *command, const struct setting_bound *rows, size_t count);
/* Completion of the word behind the command `name`: the last words of the names in table, and files. Nothing where
   format is no shell's. */
void help_first_words(const char *format, const char *name, const struct command *table, size_t count,
                      bool files);
void help_name(const struct command *command, const struct setting_bound *rows, size_t count);

/* The groups in the order in which they are shown: what must be given and arguments, the groups of settings.h, the
   others. for (int g = HELP_FIRST; g != HELP_END; g = help_next_group(g)) */
enum { HELP_FIRST = -1, HELP_END = -2, HELP_TEXT = 1024 };
int help_next_group(int group);
const char *help_title(int group);
/* Its rows into found (room for OPTIONS_MAX); their number. */
size_t help_rows(const struct setting_bound *rows, size_t count, int group, const struct setting **found);

/* "trm-router solve INPUT --radius B [OPTION...]" */
void help_usage(const struct command *command, const struct setting_bound *rows, size_t count,
                char text[HELP_TEXT]);
/* What it is, and below it what is taken and what holds where it is not given. */
void help_describe(const struct setting *row, char text[HELP_TEXT]);

#endif
