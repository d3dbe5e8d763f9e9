/* A command's part of the completion of bash, zsh and fish. */
#include "cli/options/help.h"

#include "storage/value.h"

#include <stdio.h>
#include <string.h>

/* What comes behind an option. */
enum after { AFTER_NONE, AFTER_WORDS, AFTER_FILE, AFTER_OTHER };

static enum after after(const struct setting *row) {
    switch (setting_kind(row)) {
    case SETTING_FLAG:
        return AFTER_NONE;
    case SETTING_ON_OFF:
    case SETTING_CHOICE:
    case SETTING_ENUM:
    case SETTING_CHOICES:
        return AFTER_WORDS;
    case SETTING_ARGUMENT:
    case SETTING_ARGUMENTS:
        return AFTER_FILE;
    default:
        return strstr(row->value, "FILE") != NULL || strstr(row->value, "DIR") != NULL ||
                       strstr(row->value, "OUT") != NULL
                   ? AFTER_FILE
                   : AFTER_OTHER;
    }
}

/* Its choices with blanks between. */
static void words_of(const struct setting *row, char words[HELP_TEXT]) {
    if (setting_kind(row) == SETTING_ON_OFF)
        snprintf(words, HELP_TEXT, "on off");
    else
        value_list_choices(row->range, words, HELP_TEXT);
    for (char *c = words; *c != '\0'; c++)
        if (*c == ',')
            memmove(c, c + 1, strlen(c));
}

/* In single quotes, in which the shells read all as it is; a quote and, for zsh, brackets and colons, become others. */
static void print_quoted(const char *text) {
    putchar('\'');
    for (const char *c = text; *c != '\0' && *c != '\n'; c++)
        putchar(*c == '\''   ? '`'
                : *c == '['  ? '('
                : *c == ']'  ? ')'
                : *c == ':'  ? ','
                : *c == '\\' ? '/'
                             : *c);
    putchar('\'');
}

void help_bash(const struct command *command, const struct setting_bound *rows, size_t count) {
    char words[HELP_TEXT];
    printf("    '%s')\n        choices='", command->name);
    for (size_t i = 0; i < count; i++)
        if (!setting_is_argument(rows[i].row))
            printf("--%s ", rows[i].row->name);
    printf("--help'\n        case $2 in\n");
    for (size_t i = 0; i < count; i++) {
        const struct setting *const row = rows[i].row;
        const enum after what = after(row);
        if (setting_is_argument(row) || what == AFTER_NONE)
            continue;
        if (what == AFTER_WORDS)
            words_of(row, words);
        printf("        --%s) choices='%s' ;;\n", row->name,
               what == AFTER_WORDS  ? words
               : what == AFTER_FILE ? "FILE"
                                    : "");
    }
    printf("        esac\n        ;;\n");
}

void help_zsh(const struct command *command, const struct setting_bound *rows, size_t count) {
    char words[HELP_TEXT];
    printf("    '%s')\n        _arguments", command->name);
    for (size_t i = 0; i < count; i++) {
        const struct setting *const row = rows[i].row;
        const enum after what = after(row);
        if (setting_is_argument(row))
            continue;
        printf(" \\\n            --%s", row->name);
        printf("\"[\"");
        print_quoted(row->help);
        printf("\"]\"");
        if (what == AFTER_WORDS)
            words_of(row, words);
        if (what == AFTER_WORDS)
            printf("':value:(%s)'", words);
        else if (what != AFTER_NONE)
            printf("':value:%s'", what == AFTER_FILE ? "_files" : " ");
    }
    printf(" \\\n            --help'[say more]' '*:file:_files'\n        ;;\n");
}

void help_fish(const struct command *command, const struct setting_bound *rows, size_t count) {
    char words[HELP_TEXT];
    const char *const blank = strchr(command->name, ' ');
    for (size_t i = 0; i < count; i++) {
        const struct setting *const row = rows[i].row;
        const enum after what = after(row);
        if (setting_is_argument(row))
            continue;
        printf("complete -c trm-router -n '__fish_seen_subcommand_from %.*s",
               blank != NULL ? (int)(blank - command->name) : (int)strlen(command->name), command->name);
        if (blank != NULL)
            printf("; and __fish_seen_subcommand_from %s", blank + 1);
        printf("' -l %s%s -d ", row->name,
               what == AFTER_WORDS   ? " -x"
               : what == AFTER_FILE  ? " -r"
               : what == AFTER_OTHER ? " -x"
                                     : "");
        print_quoted(row->help);
        if (what == AFTER_WORDS) {
            words_of(row, words);
            printf(" -a '%s'", words);
        }
        printf("\n");
    }
}
