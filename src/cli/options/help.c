/* What the option table looks like to a reader. */
#include "cli/options/options.h"

#include <stdio.h>
#include <string.h>

static void print_usage(const struct command *command, const struct setting_bound *rows, size_t count) {
    bool more = false;
    printf("usage: trm-router %s", command->name);
    for (size_t i = 0; i < count; i++) {
        const struct setting *const row = rows[i].row;
        const bool required = row->fallback == NULL;
        if (setting_is_argument(row))
            printf(required ? " %s%s" : " [%s%s]", row->name,
                   setting_kind(row) == SETTING_ARGUMENTS ? "..." : "");
        else if (required)
            printf(" --%s %s", row->name, row->value);
        else
            more = true;
    }
    printf("%s\n\n%s\n\n", more ? " [OPTION...]" : "", command->summary);
}

/* "[0.1, 1); default: 0.5", as far as there is something to say. */
static void print_limits(const struct setting *row) {
    char wanted[SETTING_DESCRIPTION];
    const bool bounded = row->range != NULL || setting_kind(row) == SETTING_ON_OFF;
    const char *const fallback = row->fallback;
    const bool known = fallback != NULL && *fallback != '\0';
    if (!bounded && !known)
        return;
    printf("      ");
    if (bounded) {
        setting_describe(row, wanted);
        printf("%s", wanted);
    }
    if (known && *fallback == '(')
        printf("%sdefault: %.*s", bounded ? "; " : "", (int)strlen(fallback) - 2, fallback + 1);
    else if (known)
        printf("%sdefault: %s", bounded ? "; " : "", fallback);
    printf("\n");
}

void options_print_help(const struct command *command, const struct setting_bound *rows, size_t count) {
    print_usage(command, rows, count);
    for (size_t i = 0; i < count; i++) {
        const struct setting *const row = rows[i].row;
        printf("  %s%s%s%s\n      %s\n", setting_is_argument(row) ? "" : "--", row->name,
               row->value == NULL ? "" : " ", row->value == NULL ? "" : row->value, row->help);
        print_limits(row);
    }
    if (command->details != NULL)
        printf("\n%s\n", command->details);
    printf("\nexample:\n  trm-router %s\n", command->example);
}
