/* Runs: begun, finished, taken up again, listed. */
#include "dynamics/store.h"

#include <stdlib.h>
#include <string.h>

/* Roll back what failed, or commit. */
static enum trm_status end_batch(struct trm_store *store, enum trm_status status, struct trm_error *error) {
    if (status == TRM_OK)
        return trm_store_commit(store, error);
    if (store_in_batch(store))
        store_exec(store, "ROLLBACK");
    return status;
}

static enum trm_status check_config(struct trm_store *store, const char *config, struct trm_error *error) {
    sqlite3_stmt *query;
    enum trm_status status = store_query(store, "SELECT json_valid(?)", 0, &query, error);
    if (status != TRM_OK)
        return status;
    sqlite3_bind_text(query, 1, config, -1, SQLITE_STATIC);
    if (sqlite3_step(query) != SQLITE_ROW)
        status = store_fail(store, error, "check a configuration");
    else if (sqlite3_column_int(query, 0) == 0)
        status =
            trm_fail(error, TRM_INVALID, "%s: cannot add a run: its configuration is not JSON", store->path);
    sqlite3_finalize(query);
    return status;
}

enum trm_status trm_store_run_begin(struct trm_store *store, const struct trm_run_settings *settings,
                                    int64_t *run, struct trm_error *error) {
    const struct trm_run_settings *s = settings;
    *run = 0;
    enum trm_status status = check_config(store, s->config, error);
    if (status == TRM_OK)
        status = trm_store_commit(store, error);
    if (status == TRM_OK)
        status = store_batch(store, error);
    if (status != TRM_OK)
        return status;
    struct store_row row = store_row_begin(store, STORE_RUN);
    store_row_text(&row, s->name);
    store_row_text(&row, s->solver);
    store_row_text(&row, s->model);
    store_row_text(&row, s->dataset);
    store_row_text(&row, s->fingerprint);
    store_row_text(&row, s->tracked);
    store_row_text(&row, s->program);
    store_row_text(&row, s->config);
    store_row_real(&row, "width", s->width);
    store_row_size(&row, "seed", s->seed);
    store_row_size(&row, "threads", s->threads);
    store_row_size(&row, "epochs", s->epochs);
    store_row_size(&row, "batch_size", s->batch_size);
    store_row_size(&row, "steps_per_epoch", s->steps_per_epoch);
    store_row_size(&row, "record_every", s->record_every);
    store_row_int(&row, TRM_FEATURE_VERSION);
    status = store_row_end(&row, "add a run", error);
    const int64_t id = sqlite3_last_insert_rowid(store->db);
    status = end_batch(store, status, error);
    if (status == TRM_OK)
        *run = id;
    return status;
}

enum trm_status trm_store_run_finish(struct trm_store *store, int64_t run,
                                     const struct trm_run_result *result, struct trm_error *error) {
    const char *name = trm_run_status_name(result->status);
    if (name == NULL || result->status == TRM_RUN_RUNNING)
        return trm_fail(error, TRM_INVALID, "%s: a run cannot finish with status %s", store->path,
                        name != NULL ? name : "unknown");
    enum trm_status status = trm_store_commit(store, error);
    if (status == TRM_OK)
        status = store_batch(store, error);
    if (status != TRM_OK)
        return status;
    struct store_row row = store_row_begin(store, STORE_FINISH);
    store_row_text(&row, name);
    store_row_optional(&row, "test_accuracy", result->has_test, result->test_accuracy);
    store_row_optional(&row, "test_loss", result->has_test, result->test_loss);
    store_row_text(&row, result->message);
    store_row_int(&row, run);
    status = store_row_end(&row, "finish a run", error);
    if (status == TRM_OK && sqlite3_changes(store->db) == 0)
        status = store_check_run(store, run, error);
    return end_batch(store, status, error);
}

/* Has the store every row up to `step` that the run was to record? */
static enum trm_status check_complete(struct trm_store *store, int64_t run, int64_t step,
                                      struct trm_error *error) {
    int64_t every = 1, found = 0;
    enum trm_status status =
        store_number(store, "SELECT record_every FROM run WHERE id = ?", run, &every, error);
    if (status != TRM_OK || step < 0)
        return status;
    char sql[96];
    sqlite3_snprintf(sizeof sql, sql, "SELECT count(*) FROM step WHERE run_id = ? AND step <= %lld",
                     (long long)step);
    status = store_number(store, sql, run, &found, error);
    const int64_t expected = step / (every > 0 ? every : 1) + 1;
    if (status == TRM_OK && found != expected)
        return trm_fail(
            error, TRM_FORMAT,
            "%s: run %lld has %lld rows up to step %lld, %lld expected: the store does not fit the "
            "checkpoint; start the run again",
            store->path, (long long)run, (long long)found, (long long)step, (long long)expected);
    return status;
}

static enum trm_status delete_after(struct trm_store *store, int64_t run, int64_t step,
                                    struct trm_error *error) {
    static const char *const sql[] = {
        "DELETE FROM step WHERE run_id = ?1 AND step > ?2",
        "DELETE FROM outcome WHERE run_id = ?1 AND step > ?2",
        "DELETE FROM epoch WHERE run_id = ?1 AND "
        "(epoch + 1) * (SELECT steps_per_epoch FROM run WHERE id = ?1) - 1 > ?2",
        "UPDATE run SET status = 'running', finished = NULL, test_accuracy = NULL, test_loss = NULL, "
        "message = NULL WHERE id = ?1"};
    enum trm_status status = TRM_OK;
    for (size_t i = 0; status == TRM_OK && i < sizeof sql / sizeof *sql; i++) {
        sqlite3_stmt *statement;
        status = store_query(store, sql[i], run, &statement, error);
        if (status != TRM_OK)
            break;
        if (sqlite3_bind_parameter_count(statement) == 2)
            sqlite3_bind_int64(statement, 2, step);
        if (sqlite3_step(statement) != SQLITE_DONE)
            status = store_fail(store, error, "delete the rows after a checkpoint");
        sqlite3_finalize(statement);
    }
    return status;
}

enum trm_status trm_store_truncate_after(struct trm_store *store, int64_t run, int64_t step,
                                         struct trm_error *error) {
    enum trm_status status = trm_store_commit(store, error);
    if (status == TRM_OK)
        status = store_batch(store, error);
    if (status != TRM_OK)
        return status;
    status = store_check_run(store, run, error);
    if (status == TRM_OK)
        status = check_complete(store, run, step, error);
    if (status == TRM_OK)
        status = delete_after(store, run, step, error);
    return end_batch(store, status, error);
}

/* The columns of a listed run: texts first, so that their lengths can be added up in a loop. */
enum { TEXTS = 12 };
static const char *const list_sql =
    "SELECT name, solver, model, dataset, fingerprint, tracked, program, config, started, finished, message, "
    "status, "
    "id, feature_version, width, seed, threads, epochs, batch_size, steps_per_epoch, record_every, "
    "test_accuracy IS NOT NULL AND test_loss IS NOT NULL, test_accuracy, test_loss FROM run ORDER BY id";

static enum trm_run_status status_from(const char *name) {
    enum trm_run_status s = TRM_RUN_RUNNING;
    while (trm_run_status_name(s) != NULL && strcmp(trm_run_status_name(s), name) != 0)
        s++;
    return s;
}

/* Fill *run from the query's row, its strings copied to text; returns the place after them. */
static char *read_run(sqlite3_stmt *query, struct trm_run *run, char *text) {
    const char *texts[TEXTS];
    for (int i = 0; i < TEXTS; i++) {
        const char *value = (const char *)sqlite3_column_text(query, i);
        texts[i] = value != NULL ? text : NULL;
        if (value == NULL)
            continue;
        const size_t bytes = strlen(value) + 1;
        memcpy(text, value, bytes);
        text += bytes;
    }
    const bool has_test = sqlite3_column_int(query, 21) != 0;
    *run = (struct trm_run){.id = sqlite3_column_int64(query, 12),
                            .feature_version = sqlite3_column_int(query, 13),
                            .settings = {.name = texts[0],
                                         .solver = texts[1],
                                         .model = texts[2],
                                         .dataset = texts[3],
                                         .fingerprint = texts[4],
                                         .tracked = texts[5],
                                         .program = texts[6],
                                         .config = texts[7],
                                         .width = sqlite3_column_double(query, 14),
                                         .seed = (uint64_t)sqlite3_column_int64(query, 15),
                                         .threads = (size_t)sqlite3_column_int64(query, 16),
                                         .epochs = (size_t)sqlite3_column_int64(query, 17),
                                         .batch_size = (size_t)sqlite3_column_int64(query, 18),
                                         .steps_per_epoch = (size_t)sqlite3_column_int64(query, 19),
                                         .record_every = (size_t)sqlite3_column_int64(query, 20)},
                            .result = {.status = status_from(texts[11]),
                                       .has_test = has_test,
                                       .test_accuracy = sqlite3_column_double(query, 22),
                                       .test_loss = sqlite3_column_double(query, 23),
                                       .message = texts[10]},
                            .started = texts[8],
                            .finished = texts[9]};
    return text;
}

/* Two passes over one query, in one transaction so that both see the same rows: sizes, then values. */
static enum trm_status list_runs(struct trm_store *store, sqlite3_stmt *query, struct trm_run **runs,
                                 size_t *count, struct trm_error *error) {
    size_t rows = 0, bytes = 0;
    int rc;
    while ((rc = sqlite3_step(query)) == SQLITE_ROW) {
        rows++;
        for (int i = 0; i < TEXTS; i++)
            if (sqlite3_column_text(query, i) != NULL)
                bytes += (size_t)sqlite3_column_bytes(query, i) + 1;
    }
    if (rc != SQLITE_DONE)
        return store_fail(store, error, "read its runs");
    if (rows == 0)
        return TRM_OK;
    struct trm_run *list = malloc(rows * sizeof *list + bytes);
    if (list == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its %zu runs", store->path, rows);
    char *text = (char *)(list + rows);
    size_t i = 0;
    sqlite3_reset(query);
    while (i < rows && sqlite3_step(query) == SQLITE_ROW)
        text = read_run(query, &list[i++], text);
    if (i < rows) {
        free(list);
        return store_fail(store, error, "read its runs");
    }
    *runs = list;
    *count = rows;
    return TRM_OK;
}

enum trm_status trm_store_runs(struct trm_store *store, struct trm_run **runs, size_t *count,
                               struct trm_error *error) {
    *runs = NULL;
    *count = 0;
    if (store_exec(store, "SAVEPOINT listing") != SQLITE_OK)
        return store_fail(store, error, "read its runs");
    sqlite3_stmt *query;
    enum trm_status status = store_query(store, list_sql, 0, &query, error);
    if (status == TRM_OK)
        status = list_runs(store, query, runs, count, error);
    sqlite3_finalize(query);
    store_exec(store, "RELEASE listing");
    return status;
}
