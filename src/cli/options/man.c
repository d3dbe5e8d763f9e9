/* A command's manual page (see man(7)). */
#include "cli/options/help.h"

#include <stdio.h>
#include <string.h>

/* Text, with what roff would take for its own written otherwise. */
static void print(const char *text) {
    bool begins = true;
    for (const char *c = text; *c != '\0'; c++) {
        if (begins && (*c == '.' || *c == '\''))
            fputs("\\&", stdout);
        begins = *c == '\n';
        if (*c == '\\')
            fputs("\\e", stdout);
        else if (*c == '-')
            fputs("\\-", stdout);
        else if (*c == '\n')
            fputs("\n.br\n", stdout);
        else
            putchar(*c);
    }
}

/* name with '-' for its blanks */
static void print_page_name(const char *name, bool capitals) {
    for (const char *c = name; *c != '\0'; c++)
        if (*c == ' ' || *c == '-')
            fputs("\\-", stdout);
        else
            putchar(capitals && *c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
}

static void print_row(const struct setting *row) {
    char text[HELP_TEXT];
    printf(".TP\n.B ");
    print(setting_is_argument(row) ? "" : "--");
    print(row->name);
    if (row->value != NULL) {
        printf(" \\fI");
        print(row->value);
        printf("\\fR");
    }
    printf("\n");
    help_describe(row, text);
    print(text);
    printf("\n");
}

void help_man(const struct command *command, const struct setting_bound *rows, size_t count) {
    const struct setting *found[OPTIONS_MAX];
    char text[HELP_TEXT];
    printf(".TH TRM\\-ROUTER\\-");
    print_page_name(command->name, true);
    printf(" 1 \"\" \"trm\\-router %s\" \"User Commands\"\n.SH NAME\ntrm\\-router\\-", TRM_VERSION);
    print_page_name(command->name, false);
    printf(" \\- ");
    print(command->summary);
    printf("\n.SH SYNOPSIS\n");
    help_usage(command, rows, count, text);
    print(text);
    if (command->details != NULL) {
        printf("\n.SH DESCRIPTION\n");
        print(command->details);
    }
    printf("\n.SH OPTIONS\n");
    for (int group = HELP_FIRST; group != HELP_END; group = help_next_group(group)) {
        const size_t n = help_rows(rows, count, group, found);
        if (n > 0)
            printf(".SS %s\n", help_title(group));
        for (size_t i = 0; i < n; i++)
            print_row(found[i]);
    }
    printf(".SH EXAMPLE\n.nf\ntrm\\-router ");
    print(command->example);
    printf("\n.fi\n.SH EXIT STATUS\n0 done, 1 failed, 2 wrong use, 130 and 143 ended by SIGINT and SIGTERM.\n"
           ".SH SEE ALSO\n.BR trm\\-router (1)\n");
}

void help_name(const struct command *command, const struct setting_bound *rows, size_t count) {
    (void)rows, (void)count;
    printf("%s\n", command->name);
}
