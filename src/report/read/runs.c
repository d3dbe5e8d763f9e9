#include "report/read/runs.h"

#include "base/statistics.h"
#include "dynamics/settings.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void run_free(struct report_run *run) {
    for (size_t i = 0; i < run->matrices; i++) {
        free(run->matrix[i].step);
        free(run->matrix[i].gap);
    }
    free(run->matrix);
    free(run->file);
    free(run->setting);
    free(run->step);
    free(run->loss);
    free(run->epoch);
    json_decref(run->settings);
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

/* A recorded step stands for those after it that are not. */
static enum trm_status keep_step(void *context, const struct trm_step *row) {
    struct columns *const c = context;
    struct report_run *const run = c->run;
    const size_t i = run->steps;
    if (i == c->room)
        return TRM_OK; /* a run still going on has grown meanwhile */
    run->step[i] = row->step;
    run->loss[i] = row->loss;
    run->clock[i] =
        (i > 0 ? run->clock[i - 1] : 0.0) + row->seconds * (double)(i > 0 ? run->record_every : 1);
    c->seconds[i] = row->seconds;
    c->solve[i] = row->solve_seconds;
    if (row->has_gap)
        c->gap[c->gaps++] = row->gap;
    run->steps++;
    return TRM_OK;
}

static enum trm_status keep_epoch(void *context, const struct trm_epoch *row) {
    struct report_run *const run = context;
    struct trm_epoch *const at = realloc(run->epoch, (run->epochs_done + 1) * sizeof *at);
    if (at == NULL)
        return TRM_NO_MEMORY;
    run->epoch = at;
    at[run->epochs_done++] = *row;
    double *const fact = run->fact;
    fact[RUN_FACT_train_loss] = row->train_loss;
    fact[RUN_FACT_test_loss] = row->has_test ? row->test_loss : NAN;
    fact[RUN_FACT_accuracy] = row->has_test ? row->test_accuracy : NAN;
    fact[RUN_FACT_best_accuracy] = fmax(fact[RUN_FACT_best_accuracy], fact[RUN_FACT_accuracy]);
    fact[RUN_FACT_seconds] = row->seconds + (run->epochs_done > 1 ? fact[RUN_FACT_seconds] : 0.0);
    return TRM_OK;
}

enum { MATRICES = 64 }; /* of a network that are shown; a damaged store may name any number */

/* NULL: there is no more room. */
static struct report_matrix *matrix_named(struct report_run *run, const char *name) {
    for (size_t i = 0; i < run->matrices; i++)
        if (strcmp(run->matrix[i].name, name) == 0)
            return &run->matrix[i];
    if (run->matrices == MATRICES)
        return NULL;
    struct report_matrix *const at = realloc(run->matrix, (run->matrices + 1) * sizeof *at);
    if (at == NULL)
        return NULL;
    run->matrix = at;
    at[run->matrices] = (struct report_matrix){.room = run->steps};
    snprintf(at[run->matrices].name, sizeof at->name, "%s", name);
    struct report_matrix *const matrix = &at[run->matrices++];
    matrix->step = calloc(matrix->room + 1, sizeof *matrix->step);
    matrix->gap = calloc(2 * matrix->room + 1, sizeof *matrix->gap);
    matrix->iterations = matrix->gap != NULL ? matrix->gap + matrix->room : NULL;
    return matrix->step != NULL && matrix->gap != NULL ? matrix : NULL;
}

static enum trm_status keep_solve(void *context, size_t step, const struct trm_solve *row) {
    const struct report_run *const run = context;
    struct report_matrix *const matrix = matrix_named(context, row->matrix);
    if (matrix == NULL)
        return run->matrices == MATRICES ? TRM_OK : TRM_NO_MEMORY;
    if (matrix->count == matrix->room)
        return TRM_OK;
    matrix->step[matrix->count] = step;
    matrix->gap[matrix->count] = row->gap;
    matrix->iterations[matrix->count++] = (double)row->iterations;
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
    run->loss = calloc(2 * c.room + 1, sizeof *run->loss);
    if (pool == NULL || run->step == NULL || run->loss == NULL)
        status = TRM_NO_MEMORY;
    else {
        run->clock = run->loss + c.room;
        c.gap = pool, c.seconds = pool + c.room, c.solve = pool + 2 * c.room;
        status = trm_store_steps(store, id, keep_step, &c, error);
        run->fact[RUN_FACT_step_seconds] = statistics_median(run->steps, c.seconds);
        run->fact[RUN_FACT_solve_seconds] = statistics_median(run->steps, c.solve);
        run->fact[RUN_FACT_gap] = statistics_median(c.gaps, c.gap);
    }
    free(pool);
    return status;
}

/* ---- configuration */

bool report_setting_is_free(const char *name) {
    return strcmp(name, "lr") != 0 && run_settings_may_differ(name, SETTING_SEED | SETTING_FREE);
}

const char *report_setting_text(const struct report_run *run, const char *name, char text[96]) {
    const json_t *const value = json_object_get(run->settings, name);
    if (json_is_string(value))
        snprintf(text, 96, "%s", json_string_value(value));
    else if (json_is_number(value))
        snprintf(text, 96, "%.10g", json_number_value(value));
    else if (json_is_boolean(value))
        snprintf(text, 96, "%s", json_is_true(value) ? "on" : "off");
    else if (value == NULL || json_is_null(value))
        snprintf(text, 96, "\u2013");
    else {
        char *const whole = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
        snprintf(text, 96, "%s", whole != NULL ? whole : "");
        free(whole);
    }
    return text;
}

/* Its configuration, with what the run's row says where it does not; that text for one that cannot be read. */
static json_t *settings_of(const struct trm_run_settings *s) {
    json_t *config = json_loads(s->config, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(config)) {
        json_decref(config);
        config = json_object();
        json_object_set_new(config, "configuration", json_string(s->config));
    }
    json_t *const row = json_pack("{s:s, s:s, s:s, s:s, s:f, s:I, s:I, s:I, s:I, s:I}", "model", s->model,
                                  "dataset", s->dataset, "data (SHA-1)", s->fingerprint, "program version",
                                  s->program, "width", s->width, "seed", (json_int_t)s->seed, "threads",
                                  (json_int_t)s->threads, "epochs", (json_int_t)s->epochs, "batch-size",
                                  (json_int_t)s->batch_size, "record-every", (json_int_t)s->record_every);
    const bool good = row != NULL && json_object_update_missing(config, row) == 0 &&
                      json_object_set_new(config, "solver", json_string(s->solver)) == 0;
    json_decref(row);
    if (good)
        return config;
    json_decref(config);
    return NULL;
}

static char *setting_of(const json_t *settings) {
    json_t *const copy = json_copy((json_t *)settings);
    const char *name;
    json_t *value;
    void *next;
    json_object_foreach_safe(copy, next, name, value) if (report_setting_is_free(name))
        json_object_del(copy, name);
    char *const text = json_dumps(copy, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(copy);
    return text;
}

/* ---- runs */

static enum trm_status read_run(struct report_run *run, struct trm_store *store, const struct trm_run *row,
                                const char *file, struct trm_error *error) {
    const struct trm_run_settings *const s = &row->settings;
    *run = (struct report_run){.file = strdup(file),
                               .settings = settings_of(s),
                               .seed = s->seed,
                               .steps_per_epoch = s->steps_per_epoch,
                               .record_every = s->record_every,
                               .epochs = s->epochs,
                               .status = row->result.status};
    for (size_t i = 0; i < RUN_FACTS; i++)
        run->fact[i] = NAN;
    snprintf(run->solver, sizeof run->solver, "%s", s->solver);
    snprintf(run->dataset, sizeof run->dataset, "%s", s->dataset);
    snprintf(run->started, sizeof run->started, "%s", row->started);
    snprintf(run->finished, sizeof run->finished, "%s", row->finished != NULL ? row->finished : "");
    run->setting = run->settings != NULL ? setting_of(run->settings) : NULL;
    enum trm_status status =
        run->file == NULL || run->setting == NULL ? TRM_NO_MEMORY : read_steps(run, store, row->id, error);
    if (status == TRM_OK)
        status = trm_store_epochs(store, row->id, keep_epoch, run, error);
    if (status == TRM_OK)
        status = trm_store_solves(store, row->id, keep_solve, run, error);
    return status == TRM_NO_MEMORY ? trm_fail(error, status, "%s: no memory for its runs", file) : status;
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
