/* Rows in order, and their hash. */
#include "dynamics/store.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A number, or NaN where the column holds something else. */
static double real(sqlite3_stmt *query, int column) {
    const int type = sqlite3_column_type(query, column);
    return type == SQLITE_FLOAT || type == SQLITE_INTEGER ? sqlite3_column_double(query, column)
                                                          : (double)NAN;
}

/* The first column of the row that is no finite number where it must be one; NULL where all are. */
static const char *damaged(const struct trm_step *row) {
    for (int i = 0; i < TRM_FEATURE_COUNT; i++)
        if (!isfinite(row->feature[i]))
            return trm_feature_name((enum trm_feature)i);
    return !isfinite(row->loss)                              ? "loss"
           : !isfinite(row->grad_norm)                       ? "grad_norm"
           : row->has_next_loss && !isfinite(row->next_loss) ? "next_loss"
           : row->has_gap && !isfinite(row->gap)             ? "gap"
           : !isfinite(row->seconds)                         ? "seconds"
           : !isfinite(row->solve_seconds)                   ? "solve_seconds"
                                                             : NULL;
}

static void read_step(sqlite3_stmt *query, struct trm_step *row) {
    int c = 0;
    row->step = (size_t)sqlite3_column_int64(query, c++);
    row->epoch = (size_t)sqlite3_column_int64(query, c++);
    row->epoch_step = (size_t)sqlite3_column_int64(query, c++);
    for (int i = 0; i < TRM_FEATURE_COUNT; i++)
        row->feature[i] = real(query, c++);
    row->loss = real(query, c++);
    row->grad_norm = real(query, c++);
    row->has_next_loss = sqlite3_column_type(query, c) != SQLITE_NULL;
    row->next_loss = real(query, c++);
    row->has_gap = sqlite3_column_type(query, c) != SQLITE_NULL;
    row->gap = real(query, c++);
    row->solver = (const char *)sqlite3_column_text(query, c++);
    row->iterations = (size_t)sqlite3_column_int64(query, c++);
    row->seconds = real(query, c++);
    row->solve_seconds = real(query, c++);
}

enum trm_status trm_store_steps(struct trm_store *store, int64_t run, trm_step_visit *visit, void *context,
                                struct trm_error *error) {
    sqlite3_stmt *query = NULL;
    enum trm_status status = store_check_run(store, run, error);
    if (status == TRM_OK)
        status = store_query(store,
                             "SELECT step, epoch, epoch_step, " STORE_FEATURES
                             "loss, grad_norm, next_loss, gap, solver, iterations, seconds, solve_seconds "
                             "FROM step WHERE run_id = ? ORDER BY step",
                             run, &query, error);
    int rc = SQLITE_DONE;
    while (status == TRM_OK && (rc = sqlite3_step(query)) == SQLITE_ROW) {
        struct trm_step row;
        read_step(query, &row);
        if (row.solver == NULL)
            status = trm_fail(error, TRM_FORMAT, "%s: step %zu of run %lld names no solver", store->path,
                              row.step, (long long)run);
        else if (damaged(&row) != NULL)
            status = trm_fail(error, TRM_NOT_FINITE,
                              "%s: %s of step %zu is NaN, infinite or no number; collect it again",
                              store->path, damaged(&row), row.step);
        else
            status = visit(context, &row);
    }
    if (status == TRM_OK && rc != SQLITE_DONE)
        status = store_fail(store, error, "read its steps");
    sqlite3_finalize(query);
    return status;
}

enum trm_status trm_store_epochs(struct trm_store *store, int64_t run, trm_epoch_visit *visit, void *context,
                                 struct trm_error *error) {
    sqlite3_stmt *query = NULL;
    enum trm_status status = store_check_run(store, run, error);
    if (status == TRM_OK)
        status = store_query(store,
                             "SELECT epoch, train_loss, test_loss, test_accuracy, seconds, max_ortho_error "
                             "FROM epoch WHERE run_id = ? ORDER BY epoch",
                             run, &query, error);
    int rc = SQLITE_DONE;
    while (status == TRM_OK && (rc = sqlite3_step(query)) == SQLITE_ROW) {
        const struct trm_epoch row = {.epoch = (size_t)sqlite3_column_int64(query, 0),
                                      .train_loss = sqlite3_column_double(query, 1),
                                      .has_test = sqlite3_column_type(query, 2) != SQLITE_NULL,
                                      .test_loss = sqlite3_column_double(query, 2),
                                      .test_accuracy = sqlite3_column_double(query, 3),
                                      .seconds = sqlite3_column_double(query, 4),
                                      .max_ortho_error = sqlite3_column_double(query, 5)};
        status = visit(context, &row);
    }
    if (status == TRM_OK && rc != SQLITE_DONE)
        status = store_fail(store, error, "read its epochs");
    sqlite3_finalize(query);
    return status;
}

static void hash_bits(uint64_t *hash, uint64_t bits) {
    for (int i = 0; i < 8; i++) { /* lowest byte first, on every machine */
        *hash ^= bits >> (8 * i) & 0xff;
        *hash *= 0x100000001b3u;
    }
}

static void hash_real(uint64_t *hash, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    hash_bits(hash, bits);
}

static enum trm_status hash_step(void *context, const struct trm_step *row) {
    uint64_t *hash = context;
    hash_bits(hash, row->step);
    for (int i = 0; i < TRM_FEATURE_COUNT; i++)
        hash_real(hash, row->feature[i]);
    hash_real(hash, row->loss);
    hash_real(hash, row->grad_norm);
    hash_bits(hash, row->has_next_loss);
    hash_real(hash, row->has_next_loss ? row->next_loss : 0);
    return TRM_OK;
}

enum trm_status trm_store_hash(struct trm_store *store, int64_t run, char text[17], struct trm_error *error) {
    uint64_t hash = 0xcbf29ce484222325u;
    text[0] = '\0';
    const enum trm_status status = trm_store_steps(store, run, hash_step, &hash, error);
    if (status == TRM_OK)
        snprintf(text, 17, "%016llx", (unsigned long long)hash);
    return status;
}
