/* What the option table looks like to a reader. */
#include "cli/options/help.h"

#include "cli/views/wrap.h"

#include <stdio.h>
#include <string.h>

enum { INDENT = 24, TEXT = 1024 };

size_t help_rows(const struct setting_bound *rows, size_t count, int group, const struct setting **found) {
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        const struct setting *const row = rows[i].row;
        const bool first = row->fallback == NULL || setting_is_argument(row);
        if (group == HELP_FIRST ? first : !first && (int)setting_group(row) == group)
            found[n++] = row;
    }
    return n;
}

const char *help_title(int group) {
    return group == HELP_FIRST ? "To be given" : setting_group_title((enum setting_group)group);
}

int help_next_group(int group) {
    return group == HELP_FIRST                ? SETTING_GROUP_other + 1
           : group == SETTING_GROUP_other     ? HELP_END
           : group + 1 == SETTING_GROUP_COUNT ? SETTING_GROUP_other
                                              : group + 1;
}

void help_usage(const struct command *command, const struct setting_bound *rows, size_t count,
                char text[HELP_TEXT]) {
    bool more = false;
    size_t used = (size_t)snprintf(text, HELP_TEXT, "trm-router %s", command->name);
    for (size_t i = 0; i < count && used < HELP_TEXT; i++) {
        const struct setting *const row = rows[i].row;
        const bool required = row->fallback == NULL;
        if (setting_is_argument(row))
            used += (size_t)snprintf(text + used, HELP_TEXT - used, required ? " %s%s" : " [%s%s]", row->name,
                                     setting_kind(row) == SETTING_ARGUMENTS ? "..." : "");
        else if (required)
            used += (size_t)snprintf(text + used, HELP_TEXT - used, " --%s %s", row->name, row->value);
        else
            more = true;
    }
    if (more && used < HELP_TEXT)
        snprintf(text + used, HELP_TEXT - used, " [OPTION...]");
}

/* "a number in [0.1, 1); default: 0.5", as far as there is something to say. */
static void limits(const struct setting *row, char text[HELP_TEXT]) {
    char wanted[SETTING_DESCRIPTION] = "";
    const bool bounded =
        (row->range != NULL && !setting_is_argument(row)) || setting_kind(row) == SETTING_ON_OFF;
    const char *const fallback = row->fallback, *const between = bounded ? "; " : "";
    const bool known = fallback != NULL && *fallback != '\0';
    if (bounded)
        setting_describe(row, wanted);
    if (known && *fallback == '(')
        snprintf(text, HELP_TEXT, "%s%sdefault: %.*s", wanted, between, (int)strlen(fallback) - 2,
                 fallback + 1);
    else
        snprintf(text, HELP_TEXT, "%s%s%s", wanted, known ? between : "", known ? "default: " : "");
    if (known && *fallback != '(')
        strncat(text, fallback, HELP_TEXT - strlen(text) - 1);
}

void help_describe(const struct setting *row, char text[HELP_TEXT]) {
    char bounds[HELP_TEXT];
    limits(row, bounds);
    snprintf(text, HELP_TEXT, "%.500s%s%.400s", row->help, bounds[0] != '\0' ? ".\n" : "", bounds);
}

static void print_row(const struct setting *row) {
    char text[HELP_TEXT];
    int used = printf("  %s%s%s%s", setting_is_argument(row) ? "" : "--", row->name,
                      row->value == NULL ? "" : " ", row->value == NULL ? "" : row->value);
    if (used + 2 > INDENT) {
        printf("\n");
        used = 0;
    }
    printf("%*s", INDENT - used, "");
    help_describe(row, text);
    wrap_print(text, INDENT, INDENT);
}

/* A word of a command line; an option with its value. */
static size_t unit(const char *words) {
    const size_t word = strcspn(words, " ");
    const char *const next = words + word + (words[word] == ' ');
    const bool has_value = strncmp(words, "--", 2) == 0 && *next != '\0' && *next != '-' && *next != '[';
    return has_value ? word + 1 + strcspn(next, " ") : word;
}

/* Over several lines where it is too wide, each but the last one ending in `end`. */
static void print_words(const char *words, size_t at, size_t indent, const char *end) {
    while (*words != '\0') {
        const size_t length = unit(words);
        if (at + 1 + length + strlen(end) > wrap_width()) {
            printf("%s\n%*s", end, (int)indent, "");
            at = indent;
        }
        at += (size_t)printf(" %.*s", (int)length, words);
        words += length + strspn(words + length, " ");
    }
    printf("\n");
}

static bool is_needed(const struct setting **rows, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (rows[i]->fallback == NULL)
            return true;
    return false;
}

static void print_text(const struct command *command, const struct setting_bound *rows, size_t count) {
    const struct setting *found[OPTIONS_MAX];
    char text[HELP_TEXT];
    help_usage(command, rows, count, text);
    print_words(text, (size_t)printf("usage:"), 7 + 4, "");
    printf("\n");
    wrap_print(command->summary, 0, 0);
    for (int group = HELP_FIRST; group != HELP_END; group = help_next_group(group)) {
        const size_t n = help_rows(rows, count, group, found);
        if (n > 0) {
            printf("\n");
            wrap_heading(group == HELP_FIRST && !is_needed(found, n) ? "May be given" : help_title(group));
        }
        for (size_t i = 0; i < n; i++)
            print_row(found[i]);
    }
    printf("\n");
    if (command->details != NULL) {
        wrap_print(command->details, 0, 0);
        printf("\n");
    }
    wrap_heading("Example");
    print_words(command->example, (size_t)printf("  trm-router"), 5, " \\");
}

bool help_is_format(const char *word) {
    return strncmp(word, "--help=", 7) == 0;
}

const char *help_wanted(int argc, char **argv) {
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return "text";
        if (help_is_format(argv[i]))
            return argv[i] + strlen("--help=");
    }
    return NULL;
}

bool help_print(const char *format, const struct command *command, const struct setting_bound *rows,
                size_t count) {
    static const struct {
        const char *name;
        void (*print)(const struct command *command, const struct setting_bound *rows, size_t count);
    } formats[] = {{"text", print_text}, {"man", help_man},   {"bash", help_bash},
                   {"zsh", help_zsh},    {"fish", help_fish}, {"name", help_name}};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcmp(format, formats[i].name) == 0) {
            formats[i].print(command, rows, count);
            return true;
        }
    return false;
}
