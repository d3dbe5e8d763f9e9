#include "report/read/runs.h"

#include "base/statistics.h"
#include "dynamics/settings.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void run_free(struct report_run *run) {
    free(run->file);
    free(run->setting);
    free(run->step);
    free(run->loss);
    free(run->epoch);
}

void report_runs_free(struct report_runs *runs) {
    for (size_t i = 0; i < runs->count; i++)
        run_free(&runs->at[i]);
    free(runs->at);
    *runs = (struct report_runs){.at = NULL};
}

/* ---- rows */

/* What one visit of a run's steps collects. */
struct columns {
    struct report_run *run;
    double *gap, *seconds, *solve;
    size_t gaps, room;
};

static enum trm_status count_step(void *context, const struct trm_step *row) {
    (void)row;
    ++*(size_t *)context;
    return TRM_OK;
}

static enum trm_status count_epoch(void *context, const struct trm_epoch *row) {
    (void)row;
    ++*(size_t *)context;
    return TRM_OK;
}

static enum trm_status keep_step(void *context, const struct trm_step *row) {
    struct columns *const c = context;
    const size_t i = c->run->steps;
    if (i == c->room)
        return TRM_OK; /* a run still going on has grown meanwhile */
    c->run->step[i] = row->step;
    c->run->loss[i] = row->loss;
    c->seconds[i] = row->seconds;
    c->solve[i] = row->solve_seconds;
    if (row->has_gap)
        c->gap[c->gaps++] = row->gap;
    c->run->steps++;
    return TRM_OK;
}

struct epochs {
    struct report_run *run;
    size_t room;
};

static enum trm_status keep_epoch(void *context, const struct trm_epoch *row) {
    struct epochs *const e = context;
    if (e->run->epochs_done == e->room)
        return TRM_OK;
    e->run->epoch[e->run->epochs_done++] = *row;
    e->run->seconds += row->seconds;
    return TRM_OK;
}

static enum trm_status read_steps(struct report_run *run, struct trm_store *store, int64_t id,
                                  struct trm_error *error) {
    struct columns c = {.run = run};
    enum trm_status status = trm_store_steps(store, id, count_step, &c.room, error);
    if (status != TRM_OK)
        return status;
    double *const pool = calloc(3 * c.room + 1, sizeof *pool);
    run->step = calloc(c.room + 1, sizeof *run->step);
    run->loss = calloc(c.room + 1, sizeof *run->loss);
    if (pool == NULL || run->step == NULL || run->loss == NULL)
        status = trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its steps", run->file);
    else {
        c.gap = pool, c.seconds = pool + c.room, c.solve = pool + 2 * c.room;
        status = trm_store_steps(store, id, keep_step, &c, error);
        run->ms_per_step = 1e3 * statistics_median(run->steps, c.seconds);
        run->ms_per_solve = 1e3 * statistics_median(run->steps, c.solve);
        run->median_gap = statistics_median(c.gaps, c.gap);
    }
    free(pool);
    return status;
}

static enum trm_status read_epochs(struct report_run *run, struct trm_store *store, int64_t id,
                                   struct trm_error *error) {
    struct epochs e = {.run = run};
    const enum trm_status status = trm_store_epochs(store, id, count_epoch, &e.room, error);
    if (status != TRM_OK)
        return status;
    run->epoch = calloc(e.room + 1, sizeof *run->epoch);
    if (run->epoch == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its epochs", run->file);
    return trm_store_epochs(store, id, keep_epoch, &e, error);
}

/* ---- configuration */

static char *setting_of(struct report_run *run, const struct trm_run_settings *settings) {
    json_t *const config = json_loads(settings->config, JSON_REJECT_DUPLICATES, NULL);
    run->budget = NAN;
    if (!json_is_object(config)) {
        json_decref(config);
        return strdup(settings->fingerprint);
    }
    const char *const schedule = json_string_value(json_object_get(config, "schedule"));
    const json_t *const budget = json_object_get(config, "spectral-budget");
    snprintf(run->schedule, sizeof run->schedule, "%s", schedule != NULL ? schedule : "");
    if (json_is_number(budget))
        run->budget = json_number_value(budget);
    const char *name;
    json_t *value;
    void *next;
    json_object_foreach_safe(config, next, name,
                             value) if (run_settings_may_differ(name, SETTING_COMPARED_FREELY))
        json_object_del(config, name);
    char *const text = json_dumps(config, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(config);
    return text;
}

static enum trm_status read_run(struct report_run *run, struct trm_store *store, const struct trm_run *row,
                                const char *file, struct trm_error *error) {
    const struct trm_run_settings *const s = &row->settings;
    *run = (struct report_run){.file = strdup(file),
                               .width = s->width,
                               .seed = s->seed,
                               .batch_size = s->batch_size,
                               .steps_per_epoch = s->steps_per_epoch,
                               .epochs = s->epochs,
                               .status = row->result.status,
                               .policy = report_policy_find(s->solver)};
    snprintf(run->solver, sizeof run->solver, "%s", s->solver);
    snprintf(run->dataset, sizeof run->dataset, "%s", s->dataset);
    snprintf(run->model, sizeof run->model, "%s", s->model);
    run->setting = setting_of(run, s);
    if (run->file == NULL || run->setting == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its runs", file);
    const enum trm_status status = read_steps(run, store, row->id, error);
    return status != TRM_OK ? status : read_epochs(run, store, row->id, error);
}

enum trm_status report_runs_read(struct report_runs *runs, struct trm_store *store, const char *file,
                                 struct trm_error *error) {
    struct trm_run *rows;
    size_t count;
    enum trm_status status = trm_store_runs(store, &rows, &count, error);
    if (status != TRM_OK)
        return status;
    const size_t before = runs->count;
    if (runs->count + count > runs->room) {
        struct report_run *const at = realloc(runs->at, (runs->count + count) * sizeof *at);
        if (at == NULL) {
            free(rows);
            return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its runs", file);
        }
        runs->at = at;
        runs->room = runs->count + count;
    }
    for (size_t i = 0; status == TRM_OK && i < count; i++)
        status = read_run(&runs->at[runs->count++], store, &rows[i], file, error);
    while (status != TRM_OK && runs->count > before)
        run_free(&runs->at[--runs->count]);
    free(rows);
    return status;
}

/* ---- for pictures */

size_t report_runs_choose(struct report_runs *runs) {
    size_t best = 0, first = 0;
    for (size_t i = 0; i < runs->count; i++) {
        size_t alike = 0;
        for (size_t j = 0; j < runs->count; j++)
            alike += runs->at[j].steps > 0 && strcmp(runs->at[i].setting, runs->at[j].setting) == 0;
        if (alike > best)
            best = alike, first = i;
    }
    for (size_t i = 0; i < runs->count; i++)
        runs->at[i].in_picture =
            best > 0 && runs->at[i].steps > 0 && strcmp(runs->at[i].setting, runs->at[first].setting) == 0;
    return best;
}

size_t report_run_smooth(const struct report_run *run, size_t window, double *x, double *y) {
    size_t points = 0;
    for (size_t begin = 0; begin < run->steps; begin += window) {
        const size_t end = run->steps - begin < window ? run->steps : begin + window;
        double sum = 0;
        for (size_t i = begin; i < end; i++)
            sum += run->loss[i];
        x[points] = 0.5 * (double)(run->step[begin] + run->step[end - 1]);
        y[points++] = sum / (double)(end - begin);
    }
    return points;
}
