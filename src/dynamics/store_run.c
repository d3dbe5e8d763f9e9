/* Runs: begun, finished, taken up again, listed. */
#include "dynamics/store.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Roll back what failed, or commit. */
static enum trm_status end_batch(struct trm_store *store, enum trm_status status, struct trm_error *error) {
    if (status == TRM_OK)
        return trm_store_commit(store, error);
    if (store_in_batch(store))
        (void)sql_execute(&store->sql, "ROLLBACK", "roll back", NULL);
    return status;
}

static enum trm_status check_config(struct trm_store *store, const char *config, struct trm_error *error) {
    sqlite3_stmt *statement = NULL;
    int valid = -1;
    if (sqlite3_prepare_v2(store->sql.db, "SELECT json_valid(?)", -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_bind_text(statement, 1, config, -1, SQLITE_STATIC) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        valid = sqlite3_column_int(statement, 0);
    const enum trm_status status = valid < 0 ? sql_fail(&store->sql, "check a configuration", error) : TRM_OK;
    sqlite3_finalize(statement);
    return valid == 0 ? trm_fail(error, TRM_INVALID, "%s: cannot add a run: its configuration is not JSON",
                                 store->path)
                      : status;
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
    struct sql_row row = store_row(store, STORE_RUN);
    sql_put_text(&row, s->name);
    sql_put_text(&row, s->solver);
    sql_put_text(&row, s->model);
    sql_put_text(&row, s->dataset);
    sql_put_text(&row, s->fingerprint);
    sql_put_text(&row, s->tracked);
    sql_put_text(&row, s->program);
    sql_put_text(&row, s->config);
    sql_put_real(&row, "width", s->width);
    sql_put_size(&row, "seed", s->seed);
    sql_put_size(&row, "threads", s->threads);
    sql_put_size(&row, "epochs", s->epochs);
    sql_put_size(&row, "batch_size", s->batch_size);
    sql_put_size(&row, "steps_per_epoch", s->steps_per_epoch);
    sql_put_size(&row, "record_every", s->record_every);
    sql_put_int(&row, TRM_FEATURE_VERSION);
    status = sql_row_end(&row, "add a run", error);
    const int64_t id = sqlite3_last_insert_rowid(store->sql.db);
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
    struct sql_row row = store_row(store, STORE_FINISH);
    sql_put_text(&row, name);
    sql_put_optional(&row, "test_accuracy", result->has_test, result->test_accuracy);
    sql_put_optional(&row, "test_loss", result->has_test, result->test_loss);
    sql_put_text(&row, result->message);
    sql_put_int(&row, run);
    status = sql_row_end(&row, "finish a run", error);
    if (status == TRM_OK && sqlite3_changes(store->sql.db) == 0)
        status = store_check_run(store, run, error);
    return end_batch(store, status, error);
}

/* Has the store every row up to `step` that the run was to record? */
static enum trm_status check_complete(struct trm_store *store, int64_t run, int64_t step,
                                      struct trm_error *error) {
    int64_t every = 1, found = 0;
    enum trm_status status =
        sql_number(&store->sql, "SELECT record_every FROM run WHERE id = ?", run, 1, &every, error);
    if (status != TRM_OK || step < 0)
        return status;
    char sql[96];
    sqlite3_snprintf(sizeof sql, sql, "SELECT count(*) FROM step WHERE run_id = ? AND step <= %lld",
                     (long long)step);
    status = sql_number(&store->sql, sql, run, 0, &found, error);
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
        "DELETE FROM decision_unrecorded WHERE run_id = ?1 AND step > ?2", /* the first: not every store has it */
        "DELETE FROM step WHERE run_id = ?1 AND step > ?2",
        "DELETE FROM epoch WHERE run_id = ?1 AND "
        "(epoch + 1) * (SELECT steps_per_epoch FROM run WHERE id = ?1) - 1 > ?2",
        "UPDATE run SET status = 'running', finished = NULL, test_accuracy = NULL, test_loss = NULL, "
        "message = NULL WHERE id = ?1"};
    int64_t unrecorded = 0;
    enum trm_status status =
        sql_number(&store->sql, "SELECT count(*) FROM sqlite_master WHERE name = 'decision_unrecorded'", 0, 0,
                   &unrecorded, error);
    for (size_t i = unrecorded > 0 ? 0 : 1; status == TRM_OK && i < sizeof sql / sizeof *sql; i++) {
        sqlite3_stmt *statement = NULL;
        if (sqlite3_prepare_v2(store->sql.db, sql[i], -1, &statement, NULL) != SQLITE_OK ||
            sqlite3_bind_int64(statement, 1, run) != SQLITE_OK ||
            (sqlite3_bind_parameter_count(statement) == 2 &&
             sqlite3_bind_int64(statement, 2, step) != SQLITE_OK) ||
            sqlite3_step(statement) != SQLITE_DONE)
            status = sql_fail(&store->sql, "delete the rows after a checkpoint", error);
        sqlite3_finalize(statement);
    }
    return status;
}

/* The settings of the rows to come. */
static enum trm_status change_config(struct trm_store *store, int64_t run, const char *config,
                                     struct trm_error *error) {
    struct sql_row row = store_row(store, STORE_CONFIG);
    sql_put_text(&row, config);
    sql_put_int(&row, run);
    return sql_row_end(&row, "change the settings of a run", error);
}

enum trm_status trm_store_truncate_after(struct trm_store *store, int64_t run, int64_t step,
                                         struct trm_error *error) {
    return trm_store_change_after(store, run, step, NULL, error);
}

enum trm_status trm_store_change_after(struct trm_store *store, int64_t run, int64_t step, const char *config,
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
    if (status == TRM_OK && config != NULL)
        status = change_config(store, run, config, error);
    return end_batch(store, status, error);
}

/* The columns of a listed run: texts first, so that their lengths can be added up in a loop. */
enum { TEXTS = 12, NAME = 0, FINISHED = 9, MESSAGE = 10 };
static const char *const list_sql =
    "SELECT name, solver, model, dataset, fingerprint, tracked, program, config, started, finished, message, "
    "status, "
    "id, feature_version, width, seed, threads, epochs, batch_size, steps_per_epoch, record_every, "
    "test_accuracy, test_loss FROM run ORDER BY id";

static const char *get_text(struct sql_query *query, int i) {
    return i == NAME || i == FINISHED || i == MESSAGE ? sql_get_optional_text(query) : sql_get_text(query);
}

static enum trm_run_status status_from(const char *name) {
    enum trm_run_status s = TRM_RUN_RUNNING;
    while (trm_run_status_name(s) != NULL && strcmp(trm_run_status_name(s), name) != 0)
        s++;
    return s;
}

/* Fill *run from the query's row, its strings copied to text; returns the place after them. */
static char *read_run(struct sql_query *query, struct trm_run *run, char *text) {
    const char *texts[TEXTS];
    for (int i = 0; i < TEXTS; i++) {
        const char *const value = get_text(query, i);
        texts[i] = value != NULL ? text : NULL;
        if (value == NULL)
            continue;
        const size_t bytes = strlen(value) + 1;
        memcpy(text, value, bytes);
        text += bytes;
    }
    bool has_loss;
    *run = (struct trm_run){.started = texts[8], .finished = texts[FINISHED]};
    struct trm_run_settings *const s = &run->settings;
    s->name = texts[NAME], s->solver = texts[1], s->model = texts[2], s->dataset = texts[3];
    s->fingerprint = texts[4], s->tracked = texts[5], s->program = texts[6], s->config = texts[7];
    run->id = sql_get_int(query, 1, INT64_MAX);
    run->feature_version = (int)sql_get_int(query, 0, INT_MAX);
    s->width = sql_get_real(query);
    s->seed = (uint64_t)sql_get_int(query, 0, INT64_MAX);
    s->threads = (size_t)sql_get_int(query, 1, INT_MAX);
    s->epochs = (size_t)sql_get_int(query, 1, (int64_t)STORE_EPOCHS);
    s->batch_size = (size_t)sql_get_int(query, 1, INT_MAX);
    s->steps_per_epoch = (size_t)sql_get_int(query, 1, (int64_t)STORE_STEPS_PER_EPOCH);
    s->record_every = (size_t)sql_get_int(query, 1, (int64_t)STORE_STEPS);
    run->result = (struct trm_run_result){.status = status_from(texts[11]), .message = texts[MESSAGE]};
    run->result.test_accuracy = sql_get_optional(query, &run->result.has_test);
    run->result.test_loss = sql_get_optional(query, &has_loss);
    run->result.has_test = run->result.has_test && has_loss;
    return text;
}

/* What SQL leaves open. */
static enum trm_status check_listed(const struct trm_store *store, const struct trm_run *run,
                                    struct trm_error *error) {
    const char *const wrong = trm_run_status_name(run->result.status) == NULL ? "status"
                              : !(run->settings.width > 0)                    ? "width"
                                                                              : NULL;
    return wrong == NULL
               ? TRM_OK
               : trm_fail(error, TRM_FORMAT, "%s: the %s of run %lld is none that there is; restore a copy",
                          store->path, wrong, (long long)run->id);
}

/* Two passes over the same rows: sizes, then values. */
static enum trm_status list_runs(struct trm_store *store, struct trm_run **runs, size_t *count,
                                 struct trm_error *error) {
    size_t rows = 0, bytes = 0;
    struct sql_query query = sql_query_begin(&store->sql, "run", list_sql, 0, error);
    for (; sql_query_next(&query); rows++)
        for (int i = 0; i < TEXTS; i++) {
            const char *const value = get_text(&query, i);
            bytes += value != NULL ? strlen(value) + 1 : 0;
        }
    enum trm_status status = sql_query_end(&query, TRM_OK);
    if (status != TRM_OK || rows == 0)
        return status;
    struct trm_run *const list = malloc(rows * sizeof *list + bytes);
    if (list == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its %zu runs", store->path, rows);
    char *text = (char *)(list + rows);
    size_t i = 0;
    query = sql_query_begin(&store->sql, "run", list_sql, 0, error);
    while (status == TRM_OK && i < rows && sql_query_next(&query)) {
        text = read_run(&query, &list[i], text);
        if (sql_query_good(&query))
            status = check_listed(store, &list[i++], error);
    }
    status = sql_query_end(&query, status);
    if (status == TRM_OK) {
        *runs = list;
        *count = i;
    } else
        free(list);
    return status;
}

enum trm_status trm_store_runs(struct trm_store *store, struct trm_run **runs, size_t *count,
                               struct trm_error *error) {
    *runs = NULL;
    *count = 0;
    enum trm_status status = sql_execute(&store->sql, "SAVEPOINT listing", "read its runs", error);
    if (status != TRM_OK)
        return status;
    status = list_runs(store, runs, count, error);
    (void)sql_execute(&store->sql, "RELEASE listing", "end a listing", NULL);
    return status;
}
