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

/* ---- what comes first behind a command: its verbs, or the choices of its argument ---- */

static const char *last_word(const char *name) {
    const char *const blank = strrchr(name, ' ');
    return blank == NULL ? name : blank + 1;
}

static void begin_first(const char *format, const char *name) {
    if (strcmp(format, "fish") != 0)
        printf(strcmp(format, "zsh") == 0 ? "    '%s FIRST')\n        compadd"
                                          : "    '%s FIRST')\n        choices='",
               name);
}

static void end_first(const char *format, bool files) {
    if (strcmp(format, "bash") == 0)
        printf("%s'\n        ;;\n", files ? " FILE" : "");
    if (strcmp(format, "zsh") == 0)
        printf("%s\n        ;;\n", files ? "\n        _files" : "");
}

void help_first_words(const char *format, const char *name, const struct command *table, size_t count,
                      bool files) {
    if (strcmp(format, "bash") != 0 && strcmp(format, "zsh") != 0 && strcmp(format, "fish") != 0)
        return;
    begin_first(format, name);
    for (size_t i = 0; i < count; i++)
        if (strcmp(format, "fish") == 0)
            printf("complete -c trm-router %s-n '__trm_router_first %s' -a %s -d '%s'\n", files ? "" : "-f ",
                   name, last_word(table[i].name), table[i].summary);
        else
            printf(" %s", last_word(table[i].name));
    end_first(format, files);
}

/* Of a command whose argument is one of a few words. */
static void first_choices(const char *format, const struct command *command, const struct setting_bound *rows,
                          size_t count) {
    char words[HELP_TEXT];
    if (count == 0 || setting_kind(rows[0].row) != SETTING_ARGUMENT || rows[0].row->range == NULL)
        return;
    words_of(rows[0].row, words);
    begin_first(format, command->name);
    if (strcmp(format, "fish") == 0)
        printf("complete -c trm-router -f -n '__trm_router_first %s' -a '%s' -d ", command->name, words);
    if (strcmp(format, "fish") == 0)
        print_quoted(rows[0].row->help);
    else
        printf(" %s", words);
    end_first(format, false);
    if (strcmp(format, "fish") == 0)
        printf("\n");
}

/* ---- options ---- */

void help_bash(const struct command *command, const struct setting_bound *rows, size_t count) {
    char words[HELP_TEXT];
    first_choices("bash", command, rows, count);
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
    first_choices("zsh", command, rows, count);
    printf("    '%s')\n        _arguments", command->name);
    for (size_t i = 0; i < count; i++) {
        const struct setting *const row = rows[i].row;
        const enum after what = after(row);
        if (setting_is_argument(row))
            continue;
        printf(" \\\n            --%s%s", row->name, what == AFTER_NONE ? "" : "=");
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
    first_choices("fish", command, rows, count);
    if (strchr(command->name, ' ') != NULL)
        printf("set -ga __trm_router_verbs '%s'\n", command->name);
    for (size_t i = 0; i < count; i++) {
        const struct setting *const row = rows[i].row;
        const enum after what = after(row);
        if (setting_is_argument(row))
            continue;
        printf("complete -c trm-router -n '__trm_router_is %s", command->name);
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
