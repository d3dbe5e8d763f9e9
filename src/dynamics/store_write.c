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
    sql_put_optional(&row, "held_loss", epoch->has_held, epoch->held_loss);
    sql_put_optional(&row, "held_accuracy", epoch->has_held, epoch->held_accuracy);
    sql_put_real(&row, "seconds", epoch->seconds);
    sql_put_real(&row, "max_ortho_error", epoch->max_ortho_error);
    return sql_row_end(&row, "add an epoch", error);
}
