#include "experiment/steps.h"

#include "muon/muon.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

enum { DOUBLES = 5 };

static enum trm_status count_step(void *context, const struct trm_step *row) {
    (void)row;
    ++*(size_t *)context;
    return TRM_OK;
}

struct reader {
    struct run_steps *steps;
    size_t *step; /* number of each row */
    size_t filled, at;
};

static enum trm_status keep_step(void *context, const struct trm_step *row) {
    struct reader *const r = context;
    struct run_steps *const s = r->steps;
    const int solver = muon_solver_find(row->solver);
    if (r->filled == s->count || solver < 0 || solver >= MUON_LABEL_COUNT)
        return TRM_FORMAT;
    s->loss[r->filled] = row->loss;
    s->train[r->filled] = row->seconds;
    s->solver[r->filled] = solver;
    s->epoch[r->filled] = row->epoch;
    r->step[r->filled++] = row->step;
    return TRM_OK;
}

static enum trm_status keep_decision(void *context, const struct trm_step_decision *row) {
    struct reader *const r = context;
    struct run_steps *const s = r->steps;
    while (r->at < s->count && r->step[r->at] < row->step)
        r->at++;
    if (r->at == s->count || r->step[r->at] != row->step)
        return TRM_FORMAT;
    s->train[r->at] = row->train_seconds;
    s->feature[r->at] = row->feature_seconds;
    s->decide[r->at] = row->decide_seconds;
    s->cycles[r->at] = (double)row->cycles;
    s->decided[r->at] = row->decided;
    return TRM_OK;
}

static enum trm_status keep_epoch(void *context, const struct trm_epoch *row) {
    *(double *)context = row->train_loss;
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
    s->solver = (int *)(*step + s->count);
    s->decided = (bool *)(s->solver + s->count);
    return true;
}

enum trm_status run_steps_read(struct trm_store *store, int64_t run, struct run_steps *steps,
                               struct trm_error *error) {
    struct reader r = {.steps = steps};
    *steps = (struct run_steps){.train_loss = NAN};
    enum trm_status status = trm_store_steps(store, run, count_step, &steps->count, error);
    if (status != TRM_OK)
        return status;
    if (!allocate(steps, &r.step))
        return trm_fail(error, TRM_NO_MEMORY, "out of memory for the steps of a run");
    struct trm_error reason = {0};
    status = trm_store_steps(store, run, keep_step, &r, &reason);
    if (status == TRM_OK)
        status = trm_store_decisions(store, run, keep_decision, &r, &reason);
    if (status == TRM_OK)
        status = trm_store_epochs(store, run, keep_epoch, &steps->train_loss, &reason);
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
        switches += s->solver[i] != s->solver[i - 1];
    return s->count > 0 ? (double)switches / (double)s->count : 0.0;
}

double run_steps_seconds_to(const struct run_steps *s, double target, size_t window, bool needs_features,
                            size_t record_every) {
    double sum = 0.0, seconds = 0.0;
    for (size_t i = 0; i < s->count; i++) {
        sum += s->loss[i] - (i >= window ? s->loss[i - window] : 0.0);
        seconds += run_steps_cost(s, i, needs_features) * (double)record_every;
        if (i + 1 >= window && sum / (double)window <= target)
            return seconds;
    }
    return NAN;
}
