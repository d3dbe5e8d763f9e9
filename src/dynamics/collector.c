#include "dynamics/store.h"

#include "base/options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct trm_collector {
    struct trm_collector_options options;
    struct trm_store *store; /* not owned; NULL: nothing is recorded */
    int64_t run;
    struct trm_features *features;
    struct trm_step row; /* of the step between pre_step and post_step */
    bool between, recorded;
    size_t uncommitted;
};

/* A run that is resumed is checked against the interval in its settings, so the two must agree. */
static enum trm_status check_run(struct trm_store *store, int64_t run, size_t record_every,
                                 struct trm_error *error) {
    int64_t every = 0;
    enum trm_status status = store_check_writable(store, error);
    if (status == TRM_OK)
        status = store_check_run(store, run, error);
    if (status == TRM_OK)
        status = sql_number(&store->sql, "SELECT record_every FROM run WHERE id = ?", run, 0, &every, error);
    if (status == TRM_OK && (uint64_t)every != record_every)
        return trm_fail(error, TRM_INVALID, "%s: run %lld records every %lld steps, not every %zu",
                        store->path, (long long)run, (long long)every, record_every);
    return status;
}

static const struct trm_collector_options own_default = {
    .size = sizeof own_default, .record_every = 1, .commit_every = 64};

void trm_collector_options_init(struct trm_collector_options *options, size_t size) {
    options_give(options, size, &own_default, sizeof own_default);
}

/* NULL, and in *own what was given, or what is wrong. */
static const char *take(struct trm_collector_options *own, const struct trm_collector_options *given) {
    *own = own_default;
    const char *const wrong = options_take(own, sizeof *own, sizeof *own, given);
    if (wrong != NULL)
        return wrong;
    if (own->record_every == 0)
        return "record_every must be at least 1";
    if (own->commit_every == 0)
        return "commit_every must be at least 1";
    return NULL;
}

const char *trm_collector_check(const struct trm_collector_options *options) {
    struct trm_collector_options own;
    return take(&own, options);
}

enum trm_status trm_collector_create(struct trm_collector **out, struct trm_store *store, int64_t run,
                                     size_t gradient_count, const struct trm_collector_options *options,
                                     struct trm_error *error) {
    *out = NULL;
    struct trm_collector_options own;
    const char *const reason = take(&own, options);
    if (reason != NULL)
        return trm_fail(error, TRM_INVALID, "collector: %s", reason);
    enum trm_status status = store != NULL ? check_run(store, run, own.record_every, error) : TRM_OK;
    if (status != TRM_OK)
        return status;
    struct trm_collector *c = calloc(1, sizeof *c);
    if (c == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "collector: out of memory");
    c->options = own;
    c->store = store;
    c->run = run;
    status = trm_features_create(&c->features, gradient_count, error);
    if (status != TRM_OK) {
        free(c);
        return status;
    }
    *out = c;
    return TRM_OK;
}

struct trm_features *trm_collector_features(struct trm_collector *collector) {
    return collector->features;
}

enum trm_status trm_collector_pre_step(struct trm_collector *collector,
                                       const struct trm_training_state *state, double out[TRM_FEATURE_COUNT],
                                       struct trm_error *error) {
    struct trm_collector *c = collector;
    c->between = false;
    c->row = (struct trm_step){.step = state->epoch * state->steps_per_epoch + state->epoch_step,
                               .epoch = state->epoch,
                               .epoch_step = state->epoch_step,
                               .loss = state->loss};
    const enum trm_status status =
        trm_features_pre_step(c->features, state, c->row.feature, &c->row.grad_norm, error);
    if (status != TRM_OK)
        return status;
    c->between = true;
    c->recorded = c->store != NULL && c->row.step % c->options.record_every == 0;
    if (out != NULL)
        memcpy(out, c->row.feature, sizeof c->row.feature);
    return TRM_OK;
}

bool trm_collector_records(const struct trm_collector *collector) {
    return collector->between && collector->recorded;
}

enum trm_status trm_collector_post_step(struct trm_collector *collector,
                                        const struct trm_step_outcome *outcome, struct trm_error *error) {
    struct trm_collector *c = collector;
    if (!c->between)
        return trm_fail(error, TRM_INVALID, "collector: post_step without a pre_step before it");
    c->between = false;
    if (outcome->has_next_loss && !isfinite(outcome->next_loss))
        return trm_fail(error, TRM_DIVERGED,
                        "the loss after step %zu is %g; lower the learning rate or the radius", c->row.step,
                        outcome->next_loss);
    if (!c->recorded)
        return TRM_OK;
    c->row.has_next_loss = outcome->has_next_loss;
    c->row.next_loss = outcome->next_loss;
    c->row.has_gap = outcome->has_gap;
    c->row.gap = outcome->gap;
    c->row.solver = outcome->solver;
    c->row.iterations = outcome->iterations;
    c->row.seconds = outcome->seconds;
    c->row.solve_seconds = outcome->solve_seconds;
    enum trm_status status = trm_store_step_insert(c->store, c->run, &c->row, error);
    for (size_t i = 0; status == TRM_OK && i < outcome->solve_count; i++)
        status = trm_store_solve_insert(c->store, c->run, c->row.step, &outcome->solves[i], error);
    if (status == TRM_OK && ++c->uncommitted >= c->options.commit_every) {
        status = trm_store_commit(c->store, error);
        c->uncommitted = 0;
    }
    return status;
}

enum trm_status trm_collector_close(struct trm_collector *collector, const struct trm_run_result *result,
                                    struct trm_error *error) {
    if (collector == NULL)
        return TRM_OK;
    enum trm_status status = TRM_OK;
    if (collector->store != NULL && result != NULL)
        status = trm_store_run_finish(collector->store, collector->run, result, error);
    else if (collector->store != NULL)
        status = trm_store_commit(collector->store, error);
    trm_features_destroy(collector->features);
    free(collector);
    return status;
}
