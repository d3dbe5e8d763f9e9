#include "cli/command.h"

#include "cli/diagnostics.h"

#include "cli/options/help.h"
#include "cli/options/nearest.h"
#include "cli/views/wrap.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { MAX_HELP_WORDS = 2, VERB = 12 };

static const char *last_word(const char *name) {
    const char *space = strrchr(name, ' ');
    return space == NULL ? name : space + 1;
}

static const char *verb_at(const void *table, size_t index) {
    return last_word(((const struct command *)table)[index].name);
}

static int print_help(const char *above, const struct command *table, size_t count) {
    printf("usage: %s COMMAND [ARGUMENT...]\n\n", above);
    for (size_t i = 0; i < count; i++) {
        printf("  %-*s ", VERB, verb_at(table, i));
        wrap_print(table[i].summary, VERB + 3, VERB + 3);
    }
    printf("\n%s help COMMAND says more, with an example.\n", above);
    return cli_flush_output(CLI_DONE);
}

static bool is_help(const char *word) {
    return strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static int dispatch_format(const char *above, const struct command *table, size_t count, char **argv) {
    const char *const format = strchr(argv[0], '=') + 1, *const name = strchr(above, ' ');
    int status = CLI_DONE;
    for (size_t i = 0; i < count && status == CLI_DONE; i++)
        status = table[i].run(&table[i], 1, argv);
    if (name != NULL)
        help_first_words(format, name + 1, table, count, false);
    return status;
}

int command_dispatch(const char *above, const struct command *table, size_t count, int argc, char **argv) {
    if (argc == 0)
        return cli_misuse("no command given; `%s help` lists them", above);
    if (is_help(argv[0])) {
        char ask[] = "--help";
        char *words[MAX_HELP_WORDS + 1];
        if (argc == 1)
            return print_help(above, table, count);
        if (argc - 1 > MAX_HELP_WORDS)
            return cli_misuse("help takes the name of one command; `%s help` lists them", above);
        for (int i = 1; i < argc; i++)
            words[i - 1] = argv[i];
        words[argc - 1] = ask;
        return command_dispatch(above, table, count, argc, words);
    }
    if (help_is_format(argv[0]))
        return dispatch_format(above, table, count, argv);
    for (size_t i = 0; i < count; i++)
        if (strcmp(argv[0], verb_at(table, i)) == 0)
            return table[i].run(&table[i], argc - 1, argv + 1);
    const char *const meant = nearest_name(argv[0], verb_at, table, count);
    return cli_misuse("unknown command '%s'; %s%s%s`%s help` lists them", argv[0],
                      meant != NULL ? "did you mean " : "", meant != NULL ? meant : "",
                      meant != NULL ? "? " : "", above);
}
