/* Walks argv along the option table. */
#include "cli/options/options.h"

#include "cli/message.h"

#include "cli/options/nearest.h"

#include <stdio.h>
#include <string.h>

enum { DESCRIPTION = 320 };

struct parser {
    const struct command *command;
    const struct option *table;
    size_t count;
    uint64_t given; /* bit i: row i was on the command line */
};

static bool is_argument(const struct option *option) {
    return option->kind == OPTION_ARGUMENT || option->kind == OPTION_ARGUMENTS;
}

static const char *option_name_at(const void *table, size_t index) {
    return ((const struct option *)table)[index].name;
}

static bool keeps_its_target(const char *fallback) {
    return *fallback == '\0' || *fallback == '(';
}

static int refuse_value(const struct option *option, const char *text) {
    char wanted[DESCRIPTION];
    option_describe(option, wanted, sizeof wanted);
    return cli_misuse("%s%s '%s' is not allowed: give %s", is_argument(option) ? "" : "--", option->name,
                      text, wanted);
}

static int refuse_missing(const char *name, const char *what, const struct option *option) {
    char wanted[DESCRIPTION];
    option_describe(option, wanted, sizeof wanted);
    return cli_misuse("--%s %s: give %s", name, what, wanted);
}

static int refuse_unknown(const struct parser *p, const char *word) {
    struct option named[OPTIONS_MAX];
    size_t options = 0;
    for (size_t i = 0; i < p->count; i++)
        if (!is_argument(&p->table[i]))
            named[options++] = p->table[i];
    char typed[64];
    snprintf(typed, sizeof typed, "%.*s", (int)strcspn(word, "="), word);
    const char *nearest = nearest_name(typed + strspn(typed, "-"), option_name_at, named, options);
    return cli_misuse("unknown option '%s'; did you mean --%s? `trm-router help %s` lists them", typed,
                      nearest == NULL ? "help" : nearest, p->command->name);
}

/* The row that the first `length` letters of name name; count where there is none. */
static size_t find_option(const struct parser *p, const char *name, size_t length) {
    size_t i = 0;
    while (i < p->count && (is_argument(&p->table[i]) || strlen(p->table[i].name) != length ||
                            strncmp(p->table[i].name, name, length) != 0))
        i++;
    return i;
}

/* One option at argv[*at], with its value; *at moves to the last word that belongs to it. */
static int take_option(struct parser *p, int argc, char **argv, int *at) {
    const char *word = argv[*at];
    const char *name = word + strspn(word, "-");
    const size_t length = strcspn(name, "=");
    const size_t row = name - word == 2 ? find_option(p, name, length) : p->count;
    const char *value = name[length] == '=' ? name + length + 1 : NULL;
    if (row == p->count)
        return refuse_unknown(p, word);
    const struct option *option = &p->table[row];
    if (p->given >> row & 1)
        return cli_misuse("--%s is given twice; give it once", option->name);
    p->given |= (uint64_t)1 << row;
    if (option->kind == OPTION_FLAG) {
        if (value != NULL)
            return cli_misuse("--%s takes no value; leave '=%s' out", option->name, value);
        *(bool *)option->target = true;
        return OPTIONS_GO_ON;
    }
    if (value == NULL && (*at + 1 >= argc || strncmp(argv[*at + 1], "--", 2) == 0))
        return refuse_missing(option->name, "needs a value", option);
    if (value == NULL)
        value = argv[++*at];
    return option_store(option, value) ? OPTIONS_GO_ON : refuse_value(option, value);
}

/* Give the words without a name to the arguments of the table, in order. */
static int take_arguments(struct parser *p, char **words, size_t word_count) {
    size_t used = 0;
    for (size_t i = 0; i < p->count; i++) {
        const struct option *option = &p->table[i];
        if (!is_argument(option) || used == word_count)
            continue;
        const size_t take = option->kind == OPTION_ARGUMENTS ? word_count - used : 1;
        if (option->kind == OPTION_ARGUMENTS)
            *(struct words *)option->target = (struct words){words + used, take};
        for (size_t k = 0; k < take; k++)
            if (!option_store(option, words[used + k]))
                return refuse_value(option, words[used + k]);
        p->given |= (uint64_t)1 << i;
        used += take;
    }
    if (used < word_count)
        return cli_misuse("'%s' is one argument too many; `trm-router help %s` says what is taken",
                          words[used], p->command->name);
    return OPTIONS_GO_ON;
}

static int check_required(const struct parser *p) {
    for (size_t i = 0; i < p->count; i++) {
        const struct option *option = &p->table[i];
        if (option->fallback != NULL || (p->given >> i & 1))
            continue;
        if (is_argument(option))
            return cli_misuse("%s is missing; `trm-router help %s` shows an example", option->name,
                              p->command->name);
        return refuse_missing(option->name, "is missing", option);
    }
    return OPTIONS_GO_ON;
}

static int set_fallbacks(const struct parser *p) {
    for (size_t i = 0; i < p->count; i++) {
        const char *fallback = p->table[i].fallback;
        if (fallback != NULL && !keeps_its_target(fallback) && !option_store(&p->table[i], fallback))
            return refuse_value(&p->table[i], fallback);
    }
    return OPTIONS_GO_ON;
}

static bool asks_for_help(int argc, char **argv) {
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

int options_parse(const struct command *command, const struct option *table, size_t count, int argc,
                  char **argv, uint64_t *given) {
    struct parser p = {command, table, count, 0};
    size_t words = 0;
    bool ended = false;
    if (asks_for_help(argc, argv)) {
        options_print_help(command, table, count);
        return cli_flush_output(CLI_DONE);
    }
    int taken = set_fallbacks(&p);
    for (int at = 0; at < argc && taken == OPTIONS_GO_ON; at++) {
        if (!ended && strcmp(argv[at], "--") == 0)
            ended = true;
        else if (ended || argv[at][0] != '-' || argv[at][1] == '\0')
            argv[words++] = argv[at];
        else
            taken = take_option(&p, argc, argv, &at);
    }
    if (taken == OPTIONS_GO_ON)
        taken = take_arguments(&p, argv, words);
    if (taken == OPTIONS_GO_ON)
        taken = check_required(&p);
    if (given != NULL)
        *given = p.given;
    return taken;
}

bool options_given(const struct option *table, size_t count, uint64_t given, const char *name) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(table[i].name, name) == 0)
            return given >> i & 1;
    return false;
}
