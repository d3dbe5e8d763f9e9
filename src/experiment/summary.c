#include "experiment/summary.h"

#include "base/statistics.h"

#include <math.h>
#include <stdlib.h>

struct columns {
    double *gap, *iterations, *seconds, *solve;
    size_t count, gaps, room; /* gaps: of the rows that have one */
};

static enum trm_status keep_last_epoch(void *context, const struct trm_epoch *row) {
    struct trm_epoch *const last = context;
    const double drift = fmax(last->max_ortho_error, row->max_ortho_error);
    *last = *row;
    last->max_ortho_error = drift;
    return TRM_OK;
}

static enum trm_status last_epoch(struct trm_store *store, int64_t run, struct trm_epoch *last,
                                  struct trm_error *error) {
    *last = (struct trm_epoch){0};
    return trm_store_epochs(store, run, keep_last_epoch, last, error);
}

enum trm_status summary_result(struct trm_store *store, int64_t run, struct trm_run_result *result,
                               struct trm_error *error) {
    struct trm_epoch last;
    const enum trm_status status = last_epoch(store, run, &last, error);
    if (status == TRM_OK)
        *result = (struct trm_run_result){.status = TRM_RUN_DONE,
                                          .has_test = last.has_test,
                                          .test_accuracy = last.test_accuracy,
                                          .test_loss = last.test_loss};
    return status;
}

static enum trm_status count_steps(void *context, const struct trm_step *row) {
    (void)row;
    ++*(size_t *)context;
    return TRM_OK;
}

static enum trm_status keep_step(void *context, const struct trm_step *row) {
    struct columns *const c = context;
    if (c->count == c->room)
        return TRM_FORMAT;
    if (row->has_gap)
        c->gap[c->gaps++] = row->gap;
    c->iterations[c->count] = (double)row->iterations;
    c->seconds[c->count] = row->seconds;
    c->solve[c->count] = row->solve_seconds;
    c->count++;
    return TRM_OK;
}

enum trm_status summary_read(struct trm_store *store, int64_t run, struct collect_summary *summary,
                             struct trm_error *error) {
    struct columns c = {0};
    struct trm_epoch last;
    enum trm_status status = trm_store_steps(store, run, count_steps, &c.room, error);
    double *const pool = calloc(4 * c.room + 1, sizeof *pool);
    if (status == TRM_OK && pool == NULL)
        status = trm_fail(error, TRM_NO_MEMORY, "out of memory for the summary");
    if (status == TRM_OK) {
        c.gap = pool, c.iterations = pool + c.room, c.seconds = pool + 2 * c.room,
        c.solve = pool + 3 * c.room;
        status = trm_store_steps(store, run, keep_step, &c, error);
    }
    if (status == TRM_OK)
        status = last_epoch(store, run, &last, error);
    if (status == TRM_OK)
        status = trm_store_hash(store, run, summary->hash, error);
    if (status == TRM_OK) {
        summary->steps = c.count;
        summary->train_loss = last.train_loss;
        summary->test_loss = last.test_loss, summary->test_accuracy = last.test_accuracy;
        summary->held_loss = last.has_held ? last.held_loss : NAN;
        summary->held_accuracy = last.has_held ? last.held_accuracy : NAN;
        summary->drift = last.max_ortho_error;
        summary->median_gap = statistics_median(c.gaps, c.gap);
        summary->median_iterations = statistics_median(c.count, c.iterations);
        summary->ms_per_step = 1e3 * statistics_median(c.count, c.seconds);
        summary->ms_per_solve = 1e3 * statistics_median(c.count, c.solve);
    }
    free(pool);
    return status;
}
