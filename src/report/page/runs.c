/* The page about runs: the best group in the headline, the groups, every run, and where each comes from. */
#include "report/page/table.h"

#include "dynamics/settings.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define X(name, title, format, scale) {title, TABLE_INTERVAL, format, scale},
static const struct table_column spreads[] = {RUN_FACT_LIST(X)};
#undef X
#define X(name, title, format, scale) {title, TABLE_NUMBER, format, scale},
static const struct table_column facts[] = {RUN_FACT_LIST(X)};
#undef X

enum { SETTINGS = 64, FEW_SEEDS = 3 };

/* ---- the headline */

static double accuracy_of(const struct report_group *group) {
    return 100.0 * group->fact[RUN_FACT_accuracy].mean;
}

/* What keeps the best group's lead from meaning much; "" where nothing does. */
static void caveat_of(const struct report_group *best, const struct report_group *next, char text[256]) {
    const size_t seeds = best->fact[RUN_FACT_accuracy].count,
                 others = next != NULL ? next->fact[RUN_FACT_accuracy].count : seeds,
                 fewest = others < seeds ? others : seeds;
    char count[96] = "", unfinished[96] = "";
    if (fewest < FEW_SEEDS)
        snprintf(count, sizeof count, "%zu seed%s only%s", fewest, fewest == 1 ? "" : "s",
                 next != NULL ? ": the lead may be chance" : "");
    else if (next != NULL && best->fact[RUN_FACT_accuracy].low <= next->fact[RUN_FACT_accuracy].high)
        snprintf(count, sizeof count, "its seeds overlap with those of the next");
    if (best->done < best->count)
        snprintf(unfinished, sizeof unfinished, "%zu of its %zu runs did not finish",
                 best->count - best->done, best->count);
    snprintf(text, 256, "%s%s%s", count, *count != '\0' && *unfinished != '\0' ? "; " : "", unfinished);
}

static bool same_data(const struct report_group *a, const struct report_group *b) {
    return json_equal(json_object_get(a->run->settings, "data (SHA-1)"),
                      json_object_get(b->run->settings, "data (SHA-1)")) &&
           strcmp(a->run->dataset, b->run->dataset) == 0;
}

/* The best group of each data set, against the next one of the same. */
static void put_best(struct page *p, json_t *values, const struct report_groups *groups) {
    json_t *const list = page_array(p, values, "best");
    for (size_t g = 0; g < groups->count; g++) {
        const struct report_group *const best = &groups->at[g], *next = NULL;
        size_t count = 0, runs = 0;
        bool first = best->fact[RUN_FACT_accuracy].count > 0;
        for (size_t k = 0; k < groups->count; k++) {
            if (!same_data(best, &groups->at[k]) || groups->at[k].fact[RUN_FACT_accuracy].count == 0)
                continue;
            first = first && k >= g;
            next = k > g && next == NULL ? &groups->at[k] : next;
            count++, runs += groups->at[k].fact[RUN_FACT_accuracy].count;
        }
        if (!first)
            continue;
        char caveat[256];
        json_t *const entry = page_entry(p, list);
        const struct report_spread *const s = &best->fact[RUN_FACT_accuracy];
        caveat_of(best, next, caveat);
        page_text(p, entry, "name", best->name);
        page_text(p, entry, "dataset", best->run->dataset);
        page_number(p, entry, "accuracy", accuracy_of(best));
        page_flag(p, entry, "several", s->count > 1);
        page_number(p, entry, "low", 100.0 * s->low);
        page_number(p, entry, "high", 100.0 * s->high);
        page_count(p, entry, "seeds", s->count);
        page_count(p, entry, "groups", count);
        page_count(p, entry, "runs", runs);
        page_flag(p, entry, "one_run", runs == 1);
        page_flag(p, entry, "one", count == 1);
        page_text(p, entry, "caveat", caveat);
        if (next != NULL) {
            json_t *const other = page_object(p, entry, "next");
            page_text(p, other, "name", next->name);
            page_number(p, other, "accuracy", accuracy_of(next));
        }
    }
}

/* ---- tables */

/* The settings that the groups have, those in which runs of one group may differ or the others; their number. */
static size_t list_settings(const struct report_groups *groups, bool are_free, const char **names) {
    size_t count = 0;
    for (size_t g = 0; g < groups->count; g++) {
        const char *name;
        json_t *value;
        json_object_foreach(groups->at[g].run->settings, name, value) {
            size_t i = 0;
            while (i < count && strcmp(names[i], name) != 0)
                i++;
            if (i == count && count < SETTINGS && report_setting_is_free(name) == are_free &&
                strcmp(name, "solver") != 0 && strcmp(name, "seed") != 0)
                names[count++] = name;
        }
    }
    return count;
}

static void add_settings(struct table *t, const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++)
        table_column(t, &(struct table_column){names[i], TABLE_TEXT | TABLE_FOLD, NULL, 1});
}

static void put_settings(struct table *t, const struct report_run *run, const char *const *names,
                         size_t count) {
    char text[96];
    for (size_t i = 0; i < count; i++)
        table_text(t, report_setting_text(run, names[i], text));
}

static void put_spread(struct table *t, const struct report_spread *s) {
    table_interval(t, s->mean, s->count > 1 ? s->low : NAN, s->count > 1 ? s->high : NAN);
}

static void put_groups(struct page *p, json_t *values, const struct report_groups *groups) {
    static const struct table_column head[] = {{"solver", TABLE_TEXT, NULL, 1}},
                                     runs[] = {{"runs", TABLE_TEXT, NULL, 1}};
    const char *names[SETTINGS];
    const size_t count = list_settings(groups, false, names);
    struct table t;
    table_begin(&t, p, "groups");
    table_columns(&t, head, 1);
    table_columns(&t, spreads, 1); /* the accuracy first, for narrow screens */
    add_settings(&t, names, count);
    table_columns(&t, runs, 1);
    table_columns(&t, spreads + 1, RUN_FACTS - 1);
    for (size_t g = 0; g < groups->count; g++) {
        const struct report_group *const group = &groups->at[g];
        char text[64];
        table_row(&t, g == 0 && groups->count > 1 && group->done > 0);
        table_policy(&t, group->run->solver, group->policy);
        put_spread(&t, &group->fact[0]);
        put_settings(&t, group->run, names, count);
        if (group->done < group->count)
            snprintf(text, sizeof text, "%zu of %zu done", group->done, group->count);
        else
            snprintf(text, sizeof text, "%zu", group->count);
        table_text(&t, text);
        for (size_t f = 1; f < RUN_FACTS; f++)
            put_spread(&t, &group->fact[f]);
    }
    table_end(&t, values,
              "Settings, the best first: means over finished runs, below them the lowest and highest");
}

/* A path as RFC 3986 has it. */
static void add_address(struct strbuf *text, const char *path) {
    for (; *path != '\0'; path++)
        if (isalnum((unsigned char)*path) || strchr("-._~/", *path) != NULL)
            strbuf_add(text, path, 1);
        else
            strbuf_addf(text, "%%%02X", (unsigned char)*path);
}

/* The store, from where the page lies. */
static void put_file(struct page *p, struct table *t, const char *file) {
    struct strbuf address = {.bytes = NULL};
    add_address(&address, p->stores);
    strbuf_addf(&address, "/");
    add_address(&address, file);
    p->failed = p->failed || address.failed;
    table_link(t, file, address.failed ? "" : address.bytes);
    strbuf_release(&address);
}

static void put_runs(struct page *p, json_t *values, const struct report_groups *groups) {
    static const struct table_column columns[] = {{"setting", TABLE_TEXT, NULL, 1},
                                                  {"seed", TABLE_NUMBER, "%.0f", 1},
                                                  {"store", TABLE_TEXT, NULL, 1},
                                                  {"status", TABLE_TEXT | TABLE_FOLD, NULL, 1},
                                                  {"epochs", TABLE_TEXT | TABLE_FOLD, NULL, 1}};
    struct table t;
    table_begin(&t, p, "all_runs");
    table_columns(&t, columns, 1);
    table_columns(&t, facts, 1);
    table_columns(&t, columns + 1, sizeof columns / sizeof *columns - 1);
    table_columns(&t, facts + 1, RUN_FACTS - 1);
    for (size_t g = 0; g < groups->count; g++)
        for (size_t r = 0; r < groups->at[g].count; r++) {
            const struct report_run *const run = &groups->at[g].run[r];
            char done[64];
            snprintf(done, sizeof done, "%zu of %zu", run->epochs_done, run->epochs);
            table_row(&t, false);
            table_policy(&t, groups->at[g].name, groups->at[g].policy);
            table_number(&t, run->fact[0]);
            table_number(&t, (double)run->seed);
            put_file(p, &t, run->file);
            table_text(&t, trm_run_status_name(run->status));
            table_text(&t, done);
            for (size_t f = 1; f < RUN_FACTS; f++)
                table_number(&t, run->fact[f]);
        }
    table_end(&t, values, "Every run, in the order of the settings");
}

/* ---- where they come from */

/* Does another run lie in the same store? */
static bool is_shared(const struct report_groups *groups, const struct report_run *run) {
    for (size_t g = 0; g < groups->count; g++)
        for (size_t r = 0; r < groups->at[g].count; r++)
            if (&groups->at[g].run[r] != run && strcmp(groups->at[g].run[r].file, run->file) == 0)
                return true;
    return false;
}

static void put_provenance(struct page *p, json_t *values, const struct report_groups *groups,
                           bool with_command) {
    static const struct table_column columns[] = {{"store", TABLE_TEXT, NULL, 1},
                                                  {"seed", TABLE_NUMBER, "%.0f", 1},
                                                  {"begun (UTC)", TABLE_TEXT, NULL, 1},
                                                  {"ended (UTC)", TABLE_TEXT, NULL, 1}},
                                     command[] = {{"command", TABLE_TEXT, NULL, 1}};
    const char *names[SETTINGS];
    const size_t count = list_settings(groups, true, names);
    struct table t;
    table_begin(&t, p, "provenance");
    table_columns(&t, columns, sizeof columns / sizeof *columns);
    size_t copies = 0;
    add_settings(&t, names, count);
    table_columns(&t, command, with_command);
    for (size_t g = 0; g < groups->count; g++)
        for (size_t r = 0; r < groups->at[g].count; r++) {
            const struct report_run *const run = &groups->at[g].run[r];
            table_row(&t, false);
            put_file(p, &t, run->file);
            table_number(&t, (double)run->seed);
            table_text(&t, run->started);
            table_text(&t, run->finished);
            put_settings(&t, run, names, count);
            if (with_command)
                page_command(p, &t, run, is_shared(groups, run) ? ++copies : 0);
        }
    table_end(&t, values,
              with_command ? "Where each run comes from, and the command that makes it again"
                           : "Where each run comes from");
}

static bool drawn(const struct page *p, enum report_picture kind) {
    for (size_t i = 0; i < p->figure_count; i++)
        if (p->figures[i].kind == kind)
            return true;
    return false;
}

void page_runs(struct page *p, json_t *values) {
    const struct report_groups *const groups = &p->found->groups;
    put_best(p, values, groups);
    if (groups->count == 0)
        return;
    json_t *const entry = page_object(p, values, "runs");
    page_flag(p, entry, "effects_shown", drawn(p, REPORT_EFFECTS));
    put_groups(p, entry, groups);
    put_runs(p, entry, groups);
    put_provenance(p, entry, groups, true);
}

void page_online_runs(struct page *p, json_t *values, const struct report_groups *groups) {
    put_runs(p, values, groups);
    put_provenance(p, values, groups, false);
}
