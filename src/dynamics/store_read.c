/* Rows in order, and their hash. */
#include "dynamics/store.h"

#include "storage/digest.h"

#include <stdio.h>
#include <string.h>

static void read_step(struct sql_query *query, struct trm_step *row) {
    query->row = row->step = sql_get_size(query, STORE_STEPS);
    row->epoch = sql_get_size(query, STORE_EPOCHS);
    row->epoch_step = sql_get_size(query, STORE_STEPS_PER_EPOCH);
    for (int i = 0; i < TRM_FEATURE_COUNT; i++)
        row->feature[i] = sql_get_real(query);
    row->loss = sql_get_real(query);
    row->grad_norm = sql_get_real(query);
    row->next_loss = sql_get_optional(query, &row->has_next_loss);
    row->gap = sql_get_optional(query, &row->has_gap);
    row->solver = sql_get_text(query);
    row->iterations = sql_get_size(query, SIZE_MAX);
    row->seconds = sql_get_seconds(query);
    row->solve_seconds = sql_get_seconds(query);
}

/* What the rows of a run must fit. */
struct extent {
    int64_t epochs, steps_per_epoch;
};

static enum trm_status extent_of(struct trm_store *store, int64_t run, struct extent *extent,
                                 struct trm_error *error) {
    enum trm_status status = store_check_run(store, run, error);
    if (status != TRM_OK)
        return status;
    struct sql_query query = sql_query_begin(
        &store->sql, "run", "SELECT epochs, steps_per_epoch FROM run WHERE id = ?", run, error);
    if (sql_query_next(&query)) {
        extent->epochs = sql_get_int(&query, 1, (int64_t)STORE_EPOCHS);
        extent->steps_per_epoch = sql_get_int(&query, 1, (int64_t)STORE_STEPS_PER_EPOCH);
    }
    return sql_query_end(&query, TRM_OK);
}

static enum trm_status check_place(const struct trm_store *store, const struct extent *extent,
                                   const struct trm_step *row, struct trm_error *error) {
    const size_t steps = (size_t)extent->steps_per_epoch;
    if (row->epoch_step < steps && row->step == row->epoch * steps + row->epoch_step)
        return TRM_OK;
    return trm_fail(
        error, TRM_FORMAT,
        "%s: step %zu is not in epoch %zu, or not its step %zu; restore a copy, or collect it again",
        store->path, row->step, row->epoch, row->epoch_step);
}

enum trm_status trm_store_steps(struct trm_store *store, int64_t run, trm_step_visit *visit, void *context,
                                struct trm_error *error) {
    struct extent extent = {0, 0};
    enum trm_status status = extent_of(store, run, &extent, error);
    if (status != TRM_OK)
        return status;
    struct sql_query query =
        sql_query_begin(&store->sql, "step",
                        "SELECT step, epoch, epoch_step, " STORE_FEATURES
                        "loss, grad_norm, next_loss, gap, solver, iterations, seconds, solve_seconds "
                        "FROM step WHERE run_id = ? ORDER BY step",
                        run, error);
    while (status == TRM_OK && sql_query_next(&query)) {
        struct trm_step row;
        read_step(&query, &row);
        if (sql_query_good(&query))
            status = check_place(store, &extent, &row, error);
        if (sql_query_good(&query) && status == TRM_OK)
            status = visit(context, &row);
    }
    return sql_query_end(&query, status);
}

enum trm_status trm_store_epochs(struct trm_store *store, int64_t run, trm_epoch_visit *visit, void *context,
                                 struct trm_error *error) {
    struct extent extent = {1, 1};
    enum trm_status status = extent_of(store, run, &extent, error);
    if (status != TRM_OK)
        return status;
    struct sql_query query = sql_query_begin(&store->sql, "epoch",
                                             "SELECT epoch, train_loss, test_loss, test_accuracy, held_loss, "
                                             "held_accuracy, seconds, max_ortho_error "
                                             "FROM epoch WHERE run_id = ? ORDER BY epoch",
                                             run, error);
    while (status == TRM_OK && sql_query_next(&query)) {
        struct trm_epoch row;
        bool has_accuracy;
        row.epoch = sql_get_size(&query, (size_t)extent.epochs - 1);
        row.train_loss = sql_get_real(&query);
        row.test_loss = sql_get_optional(&query, &row.has_test);
        row.test_accuracy = sql_get_optional(&query, &has_accuracy);
        row.has_test = row.has_test && has_accuracy;
        row.held_loss = sql_get_optional(&query, &row.has_held);
        row.held_accuracy = sql_get_optional(&query, &has_accuracy);
        row.has_held = row.has_held && has_accuracy;
        row.seconds = sql_get_seconds(&query);
        row.max_ortho_error = sql_get_real(&query);
        if (sql_query_good(&query))
            status = visit(context, &row);
    }
    return sql_query_end(&query, status);
}

static enum trm_status hash_step(void *context, const struct trm_step *row) {
    struct digest *const hash = context;
    digest_add_number(hash, row->step);
    for (int i = 0; i < TRM_FEATURE_COUNT; i++)
        digest_add_real(hash, row->feature[i]);
    digest_add_real(hash, row->loss);
    digest_add_real(hash, row->grad_norm);
    digest_add_number(hash, row->has_next_loss);
    digest_add_real(hash, row->has_next_loss ? row->next_loss : 0);
    return TRM_OK;
}

_Static_assert((int)TRM_HASH_TEXT == (int)DIGEST_TEXT, "a hash is a digest");

enum trm_status trm_store_hash(struct trm_store *store, int64_t run, char text[TRM_HASH_TEXT],
                               struct trm_error *error) {
    struct digest hash = digest_begin();
    const enum trm_status status = trm_store_steps(store, run, hash_step, &hash, error);
    digest_end(&hash, text);
    if (status != TRM_OK)
        text[0] = '\0';
    return status;
}
