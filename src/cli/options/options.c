/* Walks argv along the option table. */
#include "cli/options/options.h"

#include "cli/diagnostics.h"

#include "cli/options/help.h"
#include "cli/options/nearest.h"

#include <stdio.h>
#include <string.h>

struct parser {
    const struct command *command;
    struct setting_bound rows[OPTIONS_MAX];
    size_t count;
    uint64_t given; /* bit i: row i was on the command line */
};

static int refuse_value(const struct setting *row, const char *text) {
    char wanted[SETTING_DESCRIPTION], meant[NEAREST_NAME];
    setting_describe(row, wanted);
    const bool near = nearest_choice(text, row, meant);
    return cli_misuse("%s%s '%s' is not allowed%s%s%s give %s", setting_is_argument(row) ? "" : "--",
                      row->name, text, near ? "; did you mean " : ":", near ? meant : "", near ? "?" : "",
                      wanted);
}

static int refuse_no_value(const struct setting *row) {
    char wanted[SETTING_DESCRIPTION];
    setting_describe(row, wanted);
    return cli_misuse("--%s needs a value: give %s", row->name, wanted);
}

/* Names of options among the rows; an argument's cannot be typed. */
static const char *option_name_at(const void *rows, size_t index) {
    const struct setting *const row = ((const struct setting_bound *)rows)[index].row;
    return setting_is_argument(row) ? "help" : row->name;
}

static int refuse_unknown(const struct parser *p, const char *word) {
    char typed[64];
    snprintf(typed, sizeof typed, "%.*s", (int)strcspn(word, "="), word);
    const char *const meant = nearest_name(typed + strspn(typed, "-"), option_name_at, p->rows, p->count);
    return cli_misuse("unknown option '%s'; %s%s%s`trm-router help %s` lists them", typed,
                      meant != NULL ? "did you mean --" : "", meant != NULL ? meant : "",
                      meant != NULL ? "? " : "", p->command->name);
}

/* The row that the first `length` letters of name name; count where there is none. */
static size_t find_option(const struct parser *p, const char *name, size_t length) {
    size_t i = 0;
    while (i < p->count && (setting_is_argument(p->rows[i].row) || strlen(p->rows[i].row->name) != length ||
                            strncmp(p->rows[i].row->name, name, length) != 0))
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
    const struct setting_bound *const bound = &p->rows[row];
    const struct setting *const option = bound->row;
    if (p->given >> row & 1)
        return cli_misuse("--%s is given twice; give it once", option->name);
    p->given |= (uint64_t)1 << row;
    if (setting_kind(option) == SETTING_FLAG) {
        if (value != NULL)
            return cli_misuse("--%s takes no value; leave '=%s' out", option->name, value);
        *(bool *)bound->field = true;
        return OPTIONS_GO_ON;
    }
    if (value == NULL && (*at + 1 >= argc || strncmp(argv[*at + 1], "--", 2) == 0)) {
        if (setting_kind(option) != SETTING_ON_OFF)
            return refuse_no_value(option);
        value = "on";
    }
    if (value == NULL)
        value = argv[++*at];
    return setting_store(bound, value, 0) ? OPTIONS_GO_ON : refuse_value(option, value);
}

/* Give the words without a name to the arguments of the table, in order. */
static int take_arguments(struct parser *p, char **words, size_t word_count) {
    size_t used = 0;
    for (size_t i = 0; i < p->count; i++) {
        const struct setting_bound *const bound = &p->rows[i];
        const bool all = setting_kind(bound->row) == SETTING_ARGUMENTS;
        if (!setting_is_argument(bound->row) || used == word_count)
            continue;
        const size_t take = all ? word_count - used : 1;
        if (all)
            *(struct setting_arguments *)bound->field = (struct setting_arguments){words + used, take};
        for (size_t k = 0; k < take; k++)
            if (!setting_store(bound, words[used + k], 0))
                return refuse_value(bound->row, words[used + k]);
        p->given |= (uint64_t)1 << i;
        used += take;
    }
    if (used < word_count)
        return cli_misuse("'%s' is one argument too many; `trm-router help %s` says what is taken",
                          words[used], p->command->name);
    return OPTIONS_GO_ON;
}

/* A help text without what is in brackets, up to the first of its marks. */
static void first_words(const char *help, char words[SETTING_DESCRIPTION]) {
    size_t used = 0, depth = 0;
    for (; *help != '\0' && (depth > 0 || strchr(";:,", *help) == NULL) && used + 1 < SETTING_DESCRIPTION;
         help++) {
        depth += *help == '(';
        if (depth == 0 && !(*help == ' ' && (help[1] == '(' || used == 0)))
            words[used++] = *help;
        depth -= *help == ')';
    }
    words[used] = '\0';
}

/* Everything that must be given and was not, in one line. */
static int check_required(const struct parser *p) {
    const struct setting *missing[OPTIONS_MAX];
    char names[768] = "", wanted[SETTING_DESCRIPTION];
    size_t count = 0, used = 0;
    for (size_t i = 0; i < p->count; i++)
        if (p->rows[i].row->fallback == NULL && !(p->given >> i & 1))
            missing[count++] = p->rows[i].row;
    if (count == 0)
        return OPTIONS_GO_ON;
    if (missing[0]->range != NULL)
        setting_describe(missing[0], wanted);
    else
        first_words(missing[0]->help, wanted);
    if (count == 1 && !setting_is_argument(missing[0]))
        return cli_misuse("--%s is missing: give %s; `trm-router help %s` shows an example", missing[0]->name,
                          wanted, p->command->name);
    for (size_t i = 0; i < count && used < sizeof names; i++) {
        first_words(missing[i]->help, wanted);
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s%s (%s)",
                                 i == 0          ? ""
                                 : i + 1 < count ? ", "
                                                 : " and ",
                                 setting_is_argument(missing[i]) ? "" : "--", missing[i]->name, wanted);
    }
    return cli_misuse("%s %s missing; `trm-router help %s` shows an example", names, count > 1 ? "are" : "is",
                      p->command->name);
}

static int set_fallbacks(const struct parser *p) {
    for (size_t i = 0; i < p->count; i++)
        if (setting_has_default(p->rows[i].row) && !setting_store(&p->rows[i], p->rows[i].row->fallback, 0))
            return refuse_value(p->rows[i].row, p->rows[i].row->fallback);
    return OPTIONS_GO_ON;
}

/* Does the command take it, and is it given? Known before the rest is read, so that errors are JSON, too. */
static bool given_plainly(const struct parser *p, int argc, char **argv, const char *name) {
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strncmp(argv[i], "--", 2) == 0 && strcmp(argv[i] + 2, name) == 0)
            return find_option(p, name, strlen(name)) < p->count;
    return false;
}

int options_parse(const struct command *command, const struct settings *parts, size_t part_count, int argc,
                  char **argv, uint64_t *given) {
    struct parser p = {.command = command, .given = 0};
    size_t words = 0;
    bool ended = false;
    const char *const format = help_wanted(argc, argv);
    static const struct setting of_all[] = {
        {"quiet", NULL, SETTING_FLAG | SETTING_IN(common), 0, "", NULL, "say nothing on stderr but errors"}};
    bool quiet = false;
    const struct settings all = {SETTINGS(of_all), &quiet, NULL, 0};
    p.count = settings_bind(parts, part_count, p.rows, OPTIONS_MAX - 1);
    p.count += settings_bind(&all, 1, p.rows + p.count, 1);
    if (format != NULL)
        return help_print(format, command, p.rows, p.count)
                   ? cli_flush_output(CLI_DONE)
                   : cli_misuse("--help=%s is not allowed: give --help", format);
    diagnostics_set(given_plainly(&p, argc, argv, "quiet"), given_plainly(&p, argc, argv, "json"));
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

int options_parse_table(const struct command *command, const struct setting *table, size_t count,
                        void *target, int argc, char **argv) {
    return options_parse(command, &(struct settings){table, count, target, NULL, 0}, 1, argc, argv, NULL);
}

struct settings options_output(struct output_options *target) {
    static const struct setting table[] = {
        OPTION_THREADS(offsetof(struct output_options, threads)),
        OPTION_JSON(offsetof(struct output_options, json), "object instead of a table")};
    return (struct settings){SETTINGS(table), target, NULL, 0};
}

bool options_given(const struct settings *parts, size_t part_count, uint64_t given, const char *name) {
    struct setting_bound rows[OPTIONS_MAX];
    const size_t count = settings_bind(parts, part_count, rows, OPTIONS_MAX);
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].row->name, name) == 0)
            return given >> i & 1;
    return false;
}
