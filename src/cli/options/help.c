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

/* What must be given and the arguments come first, whatever their group. */
static bool comes_first(const struct setting *row) {
    return row->fallback == NULL || setting_is_argument(row);
}

static void print_rows(const char *title, const struct setting_bound *rows, size_t count,
                       enum setting_group group, bool first) {
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        const struct setting *const row = rows[i].row;
        if (comes_first(row) != first || (!first && setting_group(row) != group))
            continue;
        if (!any)
            printf("%s:\n", title);
        any = true;
        printf("  %s%s%s%s\n      %s\n", setting_is_argument(row) ? "" : "--", row->name,
               row->value == NULL ? "" : " ", row->value == NULL ? "" : row->value, row->help);
        print_limits(row);
    }
    if (any)
        printf("\n");
}

void options_print_help(const struct command *command, const struct setting_bound *rows, size_t count) {
    print_usage(command, rows, count);
    print_rows("To be given", rows, count, SETTING_GROUP_other, true);
    for (int group = SETTING_GROUP_other + 1; group < SETTING_GROUP_COUNT; group++)
        print_rows(setting_group_title((enum setting_group)group), rows, count, (enum setting_group)group,
                   false);
    print_rows(setting_group_title(SETTING_GROUP_other), rows, count, SETTING_GROUP_other, false);
    if (command->details != NULL)
        printf("%s\n\n", command->details);
    printf("example:\n  trm-router %s\n", command->example);
}
