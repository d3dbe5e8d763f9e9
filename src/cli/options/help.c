/* What the option table looks like to a reader. */
#include "cli/options/options.h"

#include <stdio.h>
#include <string.h>

static bool is_argument(const struct option *option) {
    return option->kind == OPTION_ARGUMENT || option->kind == OPTION_ARGUMENTS;
}

static void print_usage(const struct command *command, const struct option *table, size_t count) {
    bool more = false;
    printf("usage: trm-router %s", command->name);
    for (size_t i = 0; i < count; i++) {
        const bool required = table[i].fallback == NULL;
        if (is_argument(&table[i]))
            printf(required ? " %s%s" : " [%s%s]", table[i].name,
                   table[i].kind == OPTION_ARGUMENTS ? "..." : "");
        else if (required)
            printf(" --%s %s", table[i].name, table[i].value);
        else
            more = true;
    }
    printf("%s\n\n%s\n\n", more ? " [OPTION...]" : "", command->summary);
}

/* "[0.1, 1); default: 0.5", as far as there is something to say. */
static void print_limits(const struct option *option) {
    char wanted[320];
    const bool bounded = option->range != NULL || option->kind == OPTION_ON_OFF;
    const char *fallback = option->fallback;
    const bool known = fallback != NULL && *fallback != '\0';
    if (!bounded && !known)
        return;
    printf("      ");
    if (bounded) {
        option_describe(option, wanted, sizeof wanted);
        printf("%s", wanted);
    }
    if (known && *fallback == '(')
        printf("%sdefault: %.*s", bounded ? "; " : "", (int)strlen(fallback) - 2, fallback + 1);
    else if (known)
        printf("%sdefault: %s", bounded ? "; " : "", fallback);
    printf("\n");
}

void options_print_help(const struct command *command, const struct option *table, size_t count) {
    print_usage(command, table, count);
    for (size_t i = 0; i < count; i++) {
        printf("  %s%s%s%s\n      %s\n", is_argument(&table[i]) ? "" : "--", table[i].name,
               table[i].value == NULL ? "" : " ", table[i].value == NULL ? "" : table[i].value,
               table[i].help);
        print_limits(&table[i]);
    }
    if (command->details != NULL)
        printf("\n%s\n", command->details);
    printf("\nexample:\n  trm-router %s\n", command->example);
}
