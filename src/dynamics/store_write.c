/* Rows of the open batch. */
#include "dynamics/store.h"

enum trm_status trm_store_step_insert(struct trm_store *store, int64_t run, const struct trm_step *step,
                                      struct trm_error *error) {
    const enum trm_status status = store_batch(store, error);
    if (status != TRM_OK)
        return status;
    struct sql_row row = store_row(store, STORE_STEP);
    sql_put_int(&row, run);
    sql_put_size(&row, "step", step->step);
    sql_put_size(&row, "epoch", step->epoch);
    sql_put_size(&row, "epoch_step", step->epoch_step);
    for (unsigned i = 0; i < TRM_FEATURE_COUNT; i++)
        sql_put_real(&row, trm_feature_name((enum trm_feature)i), step->feature[i]);
    sql_put_real(&row, "loss", step->loss);
    sql_put_real(&row, "grad_norm", step->grad_norm);
    sql_put_optional(&row, "next_loss", step->has_next_loss, step->next_loss);
    sql_put_optional(&row, "gap", step->has_gap, step->gap);
    sql_put_text(&row, step->solver);
    sql_put_size(&row, "iterations", step->iterations);
    sql_put_real(&row, "seconds", step->seconds);
    sql_put_real(&row, "solve_seconds", step->solve_seconds);
    return sql_row_end(&row, "add a step", error);
}

enum trm_status trm_store_epoch_insert(struct trm_store *store, int64_t run, const struct trm_epoch *epoch,
                                       struct trm_error *error) {
    const enum trm_status status = store_batch(store, error);
    if (status != TRM_OK)
        return status;
    struct sql_row row = store_row(store, STORE_EPOCH);
    sql_put_int(&row, run);
    sql_put_size(&row, "epoch", epoch->epoch);
    sql_put_real(&row, "train_loss", epoch->train_loss);
    sql_put_optional(&row, "test_loss", epoch->has_test, epoch->test_loss);
    sql_put_optional(&row, "test_accuracy", epoch->has_test, epoch->test_accuracy);
    sql_put_real(&row, "seconds", epoch->seconds);
    sql_put_real(&row, "max_ortho_error", epoch->max_ortho_error);
    return sql_row_end(&row, "add an epoch", error);
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
    struct sql_row row = store_row(store, STORE_OUTCOME);
    sql_put_int(&row, run);
    sql_put_size(&row, "step", o->step);
    sql_put_size(&row, "arm", o->arm);
    sql_put_text(&row, o->solver);
    sql_put_real(&row, "multiplier", o->multiplier);
    sql_put_real(&row, "tol", o->tol);
    sql_put_size(&row, "max_iterations", o->max_iterations);
    sql_put_size(&row, "rank", o->rank);
    sql_put_text(&row, match_name(o->match));
    sql_put_int(&row, o->chosen ? 1 : 0);
    sql_put_real(&row, "next_loss", o->next_loss);
    if (o->has_horizon)
        sql_put_size(&row, "horizon", o->horizon);
    else
        sql_put_text(&row, NULL);
    sql_put_optional(&row, "horizon_loss", o->has_horizon, o->horizon_loss);
    sql_put_real(&row, "decrease", o->decrease);
    sql_put_real(&row, "norm", o->norm);
    sql_put_real(&row, "seconds", o->seconds);
    return sql_row_end(&row, "add an outcome", error);
}

static enum trm_status insert_probe(struct trm_store *store, int64_t run, const struct trm_outcome *o,
                                    size_t i, struct trm_error *error) {
    struct sql_row row = store_row(store, STORE_PROBE);
    sql_put_int(&row, run);
    sql_put_size(&row, "step", o->step);
    sql_put_size(&row, "arm", o->arm);
    sql_put_size(&row, "probe", i);
    sql_put_size(&row, "seed", o->probes[i].seed);
    sql_put_real(&row, "base_loss", o->probes[i].base_loss);
    sql_put_real(&row, "loss", o->probes[i].loss);
    return sql_row_end(&row, "add a probe of an outcome", error);
}

static enum trm_status insert_cosine(struct trm_store *store, int64_t run, const struct trm_outcome *o,
                                     size_t i, struct trm_error *error) {
    struct sql_row row = store_row(store, STORE_COSINE);
    sql_put_int(&row, run);
    sql_put_size(&row, "step", o->step);
    sql_put_size(&row, "arm", o->arm);
    sql_put_size(&row, "other", i);
    sql_put_real(&row, "cosine", o->cosines[i]);
    return sql_row_end(&row, "add a cosine of an outcome", error);
}

/* An outcome goes in with all its probes and cosines, or not at all. */
enum trm_status trm_store_outcome_insert(struct trm_store *store, int64_t run,
                                         const struct trm_outcome *outcome, struct trm_error *error) {
    enum trm_status status = store_batch(store, error);
    if (status != TRM_OK)
        return status;
    status = sql_execute(&store->sql, "SAVEPOINT outcome", "add an outcome", error);
    if (status != TRM_OK)
        return status;
    status = insert_arm(store, run, outcome, error);
    for (size_t i = 0; status == TRM_OK && i < outcome->probe_count; i++)
        status = insert_probe(store, run, outcome, i, error);
    for (size_t i = 0; status == TRM_OK && i < outcome->cosine_count; i++)
        status = insert_cosine(store, run, outcome, i, error);
    if (store_in_batch(store)) {
        if (status != TRM_OK)
            (void)sql_execute(&store->sql, "ROLLBACK TO outcome", "take an outcome back", NULL);
        (void)sql_execute(&store->sql, "RELEASE outcome", "end an outcome", NULL);
    }
    return status;
}
