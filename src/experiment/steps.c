#include "experiment/steps.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

enum { DOUBLES = 5 };

static enum trm_status count_step(void *context, const struct trm_step *row) {
    (void)row;
    ++*(size_t *)context;
    return TRM_OK;
}

static enum trm_status count_decision(void *context, const struct trm_step_decision *row) {
    (void)row;
    ++*(size_t *)context;
    return TRM_OK;
}

struct reader {
    struct run_steps *steps;
    const struct trm_arms *arms;
    size_t *step; /* number of each row */
    size_t filled, at, steps_per_epoch, epochs;
};

static enum trm_status begin_step(struct reader *r, size_t step, const char *name, double seconds) {
    struct run_steps *const s = r->steps;
    const int arm = name != NULL ? trm_arms_find(r->arms, name) : -1;
    if (r->filled == s->count || arm < 0)
        return TRM_FORMAT;
    s->loss[r->filled] = NAN;
    s->train[r->filled] = seconds;
    s->arm[r->filled] = arm;
    s->epoch[r->filled] = step / r->steps_per_epoch;
    r->step[r->filled++] = step;
    return TRM_OK;
}

static enum trm_status keep_decision(void *context, const struct trm_step_decision *row) {
    struct reader *const r = context;
    struct run_steps *const s = r->steps;
    const enum trm_status status = begin_step(r, row->step, row->solver, row->train_seconds);
    if (status != TRM_OK)
        return status;
    s->feature[r->filled - 1] = row->feature_seconds;
    s->decide[r->filled - 1] = row->decide_seconds;
    s->cycles[r->filled - 1] = (double)row->cycles;
    s->decided[r->filled - 1] = row->decided;
    return TRM_OK;
}

/* Its loss; in a store without decisions (of collect) the step is there for the first time. */
static enum trm_status keep_step(void *context, const struct trm_step *row) {
    struct reader *const r = context;
    struct run_steps *const s = r->steps;
    if (s->each > 1 || r->at == r->filled) {
        const enum trm_status status = begin_step(r, row->step, row->solver, row->seconds);
        if (status != TRM_OK)
            return status;
    }
    while (r->at < r->filled && r->step[r->at] < row->step)
        r->at++;
    if (r->at == r->filled || r->step[r->at] != row->step)
        return TRM_FORMAT;
    s->loss[r->at++] = row->loss;
    return TRM_OK;
}

static enum trm_status keep_epoch(void *context, const struct trm_epoch *row) {
    struct reader *const r = context;
    r->steps->train_loss = row->train_loss;
    if (row->epoch < (r->epochs + 1) / 2)
        r->steps->half_loss = row->train_loss;
    return TRM_OK;
}

static bool allocate(struct run_steps *s, size_t **step) {
    enum { BYTES = DOUBLES * sizeof(double) + 2 * sizeof(size_t) + sizeof(int) + sizeof(bool) };
    s->pool = s->count < SIZE_MAX / BYTES ? calloc(s->count + 1, BYTES) : NULL;
    s->loss = s->pool;
    if (s->pool == NULL)
        return false;
    s->train = s->loss + s->count, s->feature = s->train + s->count;
    s->decide = s->feature + s->count, s->cycles = s->decide + s->count;
    s->epoch = (size_t *)(s->cycles + s->count);
    *step = s->epoch + s->count;
    s->arm = (int *)(*step + s->count);
    s->decided = (bool *)(s->arm + s->count);
    return true;
}

enum trm_status run_steps_read(struct trm_store *store, const struct trm_run *of, const struct trm_arms *arms,
                               struct run_steps *steps, struct trm_error *error) {
    struct reader r = {.steps = steps,
                       .arms = arms,
                       .steps_per_epoch = of->settings.steps_per_epoch,
                       .epochs = of->settings.epochs};
    const int64_t run = of->id;
    *steps = (struct run_steps){.train_loss = NAN, .half_loss = NAN, .each = 1};
    enum trm_status status = trm_store_decisions(store, run, count_decision, &steps->count, error);
    if (status == TRM_OK && steps->count == 0) {
        steps->each = of->settings.record_every;
        status = trm_store_steps(store, run, count_step, &steps->count, error);
    }
    if (status != TRM_OK)
        return status;
    if (!allocate(steps, &r.step))
        return trm_fail(error, TRM_NO_MEMORY, "out of memory for the steps of a run");
    struct trm_error reason = {0};
    status = trm_store_decisions(store, run, keep_decision, &r, &reason);
    if (status == TRM_OK)
        status = trm_store_steps(store, run, keep_step, &r, &reason);
    if (status == TRM_OK)
        status = trm_store_epochs(store, run, keep_epoch, &r, &reason);
    if (status != TRM_OK) {
        run_steps_free(steps);
        if (reason.text[0] != '\0')
            return trm_fail(error, status, "%s", reason.text);
        return trm_fail(error, status, "%s: the steps of run %lld are not what online writes",
                        trm_store_path(store), (long long)run);
    }
    return TRM_OK;
}

void run_steps_free(struct run_steps *steps) {
    free(steps->pool);
    *steps = (struct run_steps){0};
}

double run_steps_cost(const struct run_steps *s, size_t step, bool needs_features) {
    return s->train[step] - (needs_features ? 0.0 : s->feature[step]);
}

double run_steps_switches(const struct run_steps *s) {
    size_t switches = 0;
    for (size_t i = 1; i < s->count; i++)
        switches += s->arm[i] != s->arm[i - 1];
    return s->count > 0 ? (double)switches / (double)s->count : 0.0;
}

struct run_steps_reach run_steps_to(const struct run_steps *s, double target, size_t window,
                                    bool needs_features) {
    double sum = 0.0, seconds = 0.0;
    size_t seen = 0, first = 0; /* losses in the sum end here and begin there */
    for (size_t i = 0; i < s->count; i++) {
        seconds += run_steps_cost(s, i, needs_features) * (double)s->each;
        if (isnan(s->loss[i]))
            continue;
        sum += s->loss[i];
        if (++seen > window) {
            while (isnan(s->loss[first]))
                first++;
            sum -= s->loss[first++];
        }
        if (seen >= window && sum / (double)window <= target)
            return (struct run_steps_reach){(double)((i + 1) * s->each), seconds};
    }
    return (struct run_steps_reach){NAN, NAN};
}
