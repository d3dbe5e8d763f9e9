/* Rows of the open batch. */
#include "dynamics/store.h"

enum trm_status trm_store_step_insert(struct trm_store *store, int64_t run, const struct trm_step *step,
                                      struct trm_error *error) {
    const enum trm_status status = store_batch(store, error);
    if (status != TRM_OK)
        return status;
    struct store_row row = store_row_begin(store, STORE_STEP);
    store_row_int(&row, run);
    store_row_size(&row, "step", step->step);
    store_row_size(&row, "epoch", step->epoch);
    store_row_size(&row, "epoch_step", step->epoch_step);
    for (unsigned i = 0; i < TRM_FEATURE_COUNT; i++)
        store_row_real(&row, trm_feature_name((enum trm_feature)i), step->feature[i]);
    store_row_real(&row, "loss", step->loss);
    store_row_real(&row, "grad_norm", step->grad_norm);
    store_row_optional(&row, "next_loss", step->has_next_loss, step->next_loss);
    store_row_optional(&row, "gap", step->has_gap, step->gap);
    store_row_text(&row, step->solver);
    store_row_size(&row, "iterations", step->iterations);
    store_row_real(&row, "seconds", step->seconds);
    store_row_real(&row, "solve_seconds", step->solve_seconds);
    return store_row_end(&row, "add a step", error);
}

enum trm_status trm_store_epoch_insert(struct trm_store *store, int64_t run, const struct trm_epoch *epoch,
                                       struct trm_error *error) {
    const enum trm_status status = store_batch(store, error);
    if (status != TRM_OK)
        return status;
    struct store_row row = store_row_begin(store, STORE_EPOCH);
    store_row_int(&row, run);
    store_row_size(&row, "epoch", epoch->epoch);
    store_row_real(&row, "train_loss", epoch->train_loss);
    store_row_optional(&row, "test_loss", epoch->has_test, epoch->test_loss);
    store_row_optional(&row, "test_accuracy", epoch->has_test, epoch->test_accuracy);
    store_row_real(&row, "seconds", epoch->seconds);
    store_row_real(&row, "max_ortho_error", epoch->max_ortho_error);
    return store_row_end(&row, "add an epoch", error);
}

static const char *match_name(enum trm_match match) {
    static const char *const names[] = {
#define X(name, column, text) #column,
        TRM_MATCH_LIST(X)
#undef X
    };
    return (unsigned)match < sizeof names / sizeof *names ? names[match] : NULL;
}

static enum trm_status insert_arm(struct trm_store *store, int64_t run, const struct trm_outcome *o,
                                  struct trm_error *error) {
    struct store_row row = store_row_begin(store, STORE_OUTCOME);
    store_row_int(&row, run);
    store_row_size(&row, "step", o->step);
    store_row_size(&row, "arm", o->arm);
    store_row_text(&row, o->solver);
    store_row_real(&row, "multiplier", o->multiplier);
    store_row_real(&row, "tol", o->tol);
    store_row_size(&row, "max_iterations", o->max_iterations);
    store_row_size(&row, "rank", o->rank);
    store_row_text(&row, match_name(o->match));
    store_row_int(&row, o->chosen ? 1 : 0);
    store_row_real(&row, "next_loss", o->next_loss);
    if (o->has_horizon)
        store_row_size(&row, "horizon", o->horizon);
    else
        store_row_text(&row, NULL);
    store_row_optional(&row, "horizon_loss", o->has_horizon, o->horizon_loss);
    store_row_real(&row, "decrease", o->decrease);
    store_row_real(&row, "norm", o->norm);
    store_row_real(&row, "seconds", o->seconds);
    return store_row_end(&row, "add an outcome", error);
}

static enum trm_status insert_probe(struct trm_store *store, int64_t run, const struct trm_outcome *o,
                                    size_t i, struct trm_error *error) {
    struct store_row row = store_row_begin(store, STORE_PROBE);
    store_row_int(&row, run);
    store_row_size(&row, "step", o->step);
    store_row_size(&row, "arm", o->arm);
    store_row_size(&row, "probe", i);
    store_row_size(&row, "seed", o->probes[i].seed);
    store_row_real(&row, "base_loss", o->probes[i].base_loss);
    store_row_real(&row, "loss", o->probes[i].loss);
    return store_row_end(&row, "add a probe of an outcome", error);
}

static enum trm_status insert_cosine(struct trm_store *store, int64_t run, const struct trm_outcome *o,
                                     size_t i, struct trm_error *error) {
    struct store_row row = store_row_begin(store, STORE_COSINE);
    store_row_int(&row, run);
    store_row_size(&row, "step", o->step);
    store_row_size(&row, "arm", o->arm);
    store_row_size(&row, "other", i);
    store_row_real(&row, "cosine", o->cosines[i]);
    return store_row_end(&row, "add a cosine of an outcome", error);
}

/* An outcome goes in with all its probes and cosines, or not at all. */
enum trm_status trm_store_outcome_insert(struct trm_store *store, int64_t run,
                                         const struct trm_outcome *outcome, struct trm_error *error) {
    enum trm_status status = store_batch(store, error);
    if (status != TRM_OK)
        return status;
    if (store_exec(store, "SAVEPOINT outcome") != SQLITE_OK)
        return store_fail(store, error, "add an outcome");
    status = insert_arm(store, run, outcome, error);
    for (size_t i = 0; status == TRM_OK && i < outcome->probe_count; i++)
        status = insert_probe(store, run, outcome, i, error);
    for (size_t i = 0; status == TRM_OK && i < outcome->cosine_count; i++)
        status = insert_cosine(store, run, outcome, i, error);
    if (store_in_batch(store)) {
        if (status != TRM_OK)
            store_exec(store, "ROLLBACK TO outcome");
        store_exec(store, "RELEASE outcome");
    }
    return status;
}
