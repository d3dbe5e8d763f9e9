#include "cli/sweep/plan.h"

#include "cli/options/config.h"
#include "cli/pipeline/setup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORD = 2048, ALL_IMAGES = 60000 };

static const struct setting of_sweep[] = {
    {"method", NULL, SETTING_ENUM, offsetof(struct sweep_axes, method), "grid", "grid|zip|random",
     "all combinations of the alternatives, the first with the first and so on, or some by chance"},
    {"draws", "N", SETTING_COUNT, offsetof(struct sweep_axes, draws), "10", "[1, 10000]",
     "random: so many different combinations"},
    {"seed", "N", SETTING_COUNT, offsetof(struct sweep_axes, seed), "1", SETTING_SEED_RANGE,
     "random: which ones"},
};

struct expansion {
    struct sweep_axes axes;
    size_t threads;
    bool has_threads;
    struct sweep_plan *plan;
};

static bool is_key(const struct setting_bound *key, const char *section, const char *name) {
    return strcmp(key->section, section) == 0 && strcmp(key->row->name, name) == 0;
}

/* The stage that section names last in the order of stages; NULL where the plan names none. */
static const char *last_stage(const struct config *config) {
    static const char *const stages[] = {"online", "evaluate", "train", "collect"};
    for (size_t s = 0; s < sizeof stages / sizeof *stages; s++)
        for (size_t i = 0; i < config_count(config); i++)
            if (config_given(config, i) && strcmp(config_key_at(config, i)->section, stages[s]) == 0)
                return stages[s];
    return NULL;
}

/* How values go together is one way. */
static enum trm_status check_method(const struct expansion *e, const struct config *config,
                                    struct trm_error *error) {
    char *const *items;
    for (size_t i = 0; i < config_count(config); i++) {
        const struct setting_bound *const key = config_key_at(config, i);
        if (strcmp(key->section, "sweep") == 0 && config_items(config, i, &items) > 1)
            return trm_fail(error, TRM_INVALID, "%s: sweep.%s cannot be a list", e->axes.path,
                            key->row->name);
    }
    return TRM_OK;
}

static void take_axes(struct expansion *e, const struct config *config) {
    const bool apart = strcmp(e->plan->until, "collect") == 0;
    for (size_t i = 0; i < config_count(config) && e->axes.count < SWEEP_AXES_MAX; i++) {
        struct sweep_axis axis = {.key = config_key_at(config, i)};
        const bool every =
            apart && (is_key(axis.key, "collect", "solvers") || is_key(axis.key, "collect", "seeds"));
        if (strcmp(axis.key->section, "sweep") == 0 || (!config_given(config, i) && !every))
            continue;
        axis.count = config_items(config, i, &axis.items);
        axis.every = every;
        axis.whole = !every && setting_is_list(axis.key->row);
        e->has_threads = e->has_threads || is_key(axis.key, "run", "threads");
        e->axes.at[e->axes.count++] = axis;
    }
}

/* ---- one run ---- */

/* "solver=admm,seed=1": keys of collect without their section, lists by the word for one of them. */
static void name_run(const struct expansion *e, const size_t *at, size_t number, char name[SWEEP_NAME]) {
    size_t length = 0;
    name[0] = '\0';
    for (size_t i = 0; i < e->axes.count && length < SWEEP_NAME; i++) {
        const struct sweep_axis *const axis = &e->axes.at[i];
        const bool plain = strcmp(axis->key->section, "collect") == 0;
        const int letters = (int)strlen(axis->key->row->name) - (axis->every ? 1 : 0);
        if (sweep_axis_differs(axis))
            length += (size_t)snprintf(name + length, SWEEP_NAME - length, "%s%s%s%.*s=%s",
                                       length > 0 ? "," : "", plain ? "" : axis->key->section,
                                       plain ? "" : ".", letters, axis->key->row->name, axis->items[at[i]]);
    }
    for (char *c = name; *c != '\0'; c++)
        if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._=,+-", *c) == NULL)
            *c = '-';
    if (length == 0)
        snprintf(name, SWEEP_NAME, "run");
    if (length >= SWEEP_NAME - 8) /* cut: the number keeps it apart */
        snprintf(name + SWEEP_NAME - 8, 8, "-%zu", number);
}

static bool make_word(const struct sweep_axis *axis, size_t at, char word[WORD]) {
    size_t length = (size_t)snprintf(word, WORD, "%s.%s=", axis->key->section, axis->key->row->name);
    for (size_t i = axis->whole ? 0 : at; i < (axis->whole ? axis->count : at + 1) && length < WORD; i++)
        length += (size_t)snprintf(word + length, WORD - length, "%s%s", axis->whole && i > 0 ? "," : "",
                                   axis->items[i]);
    return length < WORD;
}

static double cost_of(const struct pipeline_setup *setup) {
    const struct run_settings *const s = &setup->collect.settings;
    const double images = s->data.train_limit > 0 ? (double)s->data.train_limit : ALL_IMAGES;
    return (double)s->epochs * images * s->width * s->width;
}

static enum trm_status configure(const struct expansion *e, char (*words)[WORD], size_t count,
                                 struct sweep_run *run, struct trm_error *error) {
    const char *at[SWEEP_AXES_MAX + 1];
    struct pipeline_setup setup;
    struct settings parts[PIPELINE_PARTS];
    struct config *config;
    struct trm_error inner = {0};
    for (size_t i = 0; i < count; i++)
        at[i] = words[i];
    const size_t part_count = pipeline_setup_parts(&setup, parts);
    if (config_read(&config, NULL, parts, part_count, at, count, &inner) != TRM_OK)
        return trm_fail(error, TRM_INVALID, "%s: run %s: %s", e->axes.path, run->name, inner.text);
    const char *const wrong = pipeline_setup_check(&setup, e->plan->until);
    enum trm_status status = TRM_OK;
    if (wrong != NULL)
        status = trm_fail(error, TRM_INVALID, "%s: run %s: %s", e->axes.path, run->name, wrong);
    run->cost = cost_of(&setup);
    run->yaml = status == TRM_OK ? config_yaml(config) : NULL;
    if (status == TRM_OK && run->yaml == NULL)
        status = trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its runs", e->axes.path);
    config_free(config);
    return status;
}

static enum trm_status add_run(struct expansion *e, const size_t *at, struct trm_error *error) {
    char(*const words)[WORD] = malloc((SWEEP_AXES_MAX + 1) * sizeof *words);
    struct sweep_run *const run = &e->plan->runs[e->plan->count];
    size_t count = 0;
    enum trm_status status = TRM_OK;
    if (words == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its runs", e->axes.path);
    run->place = e->plan->count;
    name_run(e, at, run->place, run->name);
    for (size_t i = 0; i < e->axes.count && status == TRM_OK; i++)
        if (e->axes.at[i].count > 0 && !make_word(&e->axes.at[i], at[i], words[count++]))
            status = trm_fail(error, TRM_INVALID, "%s: the value of %s.%s is too long", e->axes.path,
                              e->axes.at[i].key->section, e->axes.at[i].key->row->name);
    if (!e->has_threads)
        snprintf(words[count++], WORD, "run.threads=%zu", e->threads);
    if (status == TRM_OK)
        status = configure(e, words, count, run, error);
    e->plan->count += status == TRM_OK;
    free(words);
    return status;
}

/* ---- all of them ---- */

static int longer_first(const void *a, const void *b) {
    const struct sweep_run *const x = a, *const y = b;
    if (x->cost != y->cost)
        return x->cost > y->cost ? -1 : 1;
    return x->place < y->place ? -1 : x->place > y->place;
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum trm_status check_names(const struct expansion *e, struct trm_error *error) {
    const struct sweep_plan *const plan = e->plan;
    const char **const names = malloc((plan->count + 1) * sizeof *names);
    enum trm_status status = TRM_OK;
    if (names == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its runs", e->axes.path);
    for (size_t i = 0; i < plan->count; i++)
        names[i] = plan->runs[i].name;
    qsort(names, plan->count, sizeof *names, by_name);
    for (size_t i = 1; i < plan->count && status == TRM_OK; i++)
        if (strcmp(names[i - 1], names[i]) == 0)
            status = trm_fail(
                error, TRM_INVALID,
                "%s: two runs would have the folder %s; give values that differ in letters and digits",
                e->axes.path, names[i]);
    free(names);
    return status;
}

static enum trm_status expand(struct expansion *e, struct trm_error *error) {
    size_t *places, count;
    enum trm_status status = sweep_combine(&e->axes, &places, &count, error);
    if (status == TRM_OK && (e->plan->runs = calloc(count, sizeof *e->plan->runs)) == NULL)
        status = trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its runs", e->axes.path);
    for (size_t i = 0; i < count && status == TRM_OK; i++)
        status = add_run(e, places + i * e->axes.count, error);
    free(places);
    return status == TRM_OK ? check_names(e, error) : status;
}

enum trm_status sweep_plan_read(struct sweep_plan *plan, const char *path, size_t threads,
                                struct trm_error *error) {
    struct expansion e = {.axes.path = path, .threads = threads, .plan = plan};
    struct pipeline_setup setup;
    struct settings parts[PIPELINE_PARTS + 1];
    struct config *config;
    *plan = (struct sweep_plan){.count = 0};
    const size_t count = pipeline_setup_parts(&setup, parts);
    parts[count] = (struct settings){
        .rows = of_sweep, .count = sizeof of_sweep / sizeof *of_sweep, .target = &e.axes, .section = "sweep"};
    enum trm_status status = config_read_plan(&config, path, parts, count + 1, error);
    if (status != TRM_OK)
        return status;
    plan->until = last_stage(config);
    if (plan->until == NULL)
        status = trm_fail(error, TRM_INVALID,
                          "%s: names no stage; write a section collect, train, evaluate or online", path);
    if (status == TRM_OK)
        status = check_method(&e, config, error);
    if (status == TRM_OK) {
        take_axes(&e, config);
        status = expand(&e, error);
    }
    config_free(config);
    if (status == TRM_OK)
        qsort(plan->runs, plan->count, sizeof *plan->runs, longer_first);
    else
        sweep_plan_free(plan);
    return status;
}

void sweep_plan_free(struct sweep_plan *plan) {
    for (size_t i = 0; i < plan->count; i++)
        free(plan->runs[i].yaml);
    free(plan->runs);
    *plan = (struct sweep_plan){.count = 0};
}
