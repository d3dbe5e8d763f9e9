/* What choosing cost, step by step. The table is made with its first row: only stores of online have it. */
#include "dynamics/store.h"

static const char *const table_sql =
    "CREATE TABLE IF NOT EXISTS decision (\n"
    "  run_id INTEGER NOT NULL,\n"
    "  step INTEGER NOT NULL,\n"
    "  decided INTEGER NOT NULL CHECK (decided IN (0, 1)),\n"
    "  cycles INTEGER NOT NULL,\n"
    "  train_seconds REAL NOT NULL,\n"
    "  feature_seconds REAL NOT NULL,\n"
    "  decide_seconds REAL NOT NULL,\n"
    "  PRIMARY KEY (run_id, step),\n"
    "  FOREIGN KEY (run_id, step) REFERENCES step (run_id, step) ON DELETE CASCADE) WITHOUT ROWID";

static enum trm_status prepare(struct trm_store *store, struct trm_error *error) {
    if (store->decision != NULL)
        return TRM_OK;
    if (store_exec(store, table_sql) != SQLITE_OK ||
        sqlite3_prepare_v3(store->db, "INSERT INTO decision VALUES (?,?,?,?,?,?,?)", -1,
                           SQLITE_PREPARE_PERSISTENT, &store->decision, NULL) != SQLITE_OK)
        return store_fail(store, error, "make its table of decisions");
    return TRM_OK;
}

enum trm_status trm_store_decision_insert(struct trm_store *store, int64_t run,
                                          const struct trm_step_decision *decision, struct trm_error *error) {
    enum trm_status status = store_batch(store, error);
    if (status == TRM_OK)
        status = prepare(store, error);
    if (status != TRM_OK)
        return status;
    struct store_row row = {.store = store, .statement = store->decision, .next = 1};
    store_row_int(&row, run);
    store_row_size(&row, "step", decision->step);
    store_row_int(&row, decision->decided ? 1 : 0);
    store_row_size(&row, "cycles", decision->cycles);
    store_row_real(&row, "train_seconds", decision->train_seconds);
    store_row_real(&row, "feature_seconds", decision->feature_seconds);
    store_row_real(&row, "decide_seconds", decision->decide_seconds);
    return store_row_end(&row, "add a decision", error);
}

enum trm_status trm_store_decisions(struct trm_store *store, int64_t run, trm_decision_visit *visit,
                                    void *context, struct trm_error *error) {
    sqlite3_stmt *query = NULL;
    int64_t tables = 0;
    enum trm_status status = store_check_run(store, run, error);
    if (status == TRM_OK)
        status = store_number(store, "SELECT count(*) FROM sqlite_master WHERE name = 'decision'", 0, &tables,
                              error);
    if (status != TRM_OK || tables == 0)
        return status;
    status = store_query(store,
                         "SELECT step, decided, cycles, train_seconds, feature_seconds, decide_seconds "
                         "FROM decision WHERE run_id = ? ORDER BY step",
                         run, &query, error);
    int rc = SQLITE_DONE;
    while (status == TRM_OK && (rc = sqlite3_step(query)) == SQLITE_ROW) {
        const struct trm_step_decision row = {.step = (size_t)sqlite3_column_int64(query, 0),
                                              .decided = sqlite3_column_int(query, 1) != 0,
                                              .cycles = (size_t)sqlite3_column_int64(query, 2),
                                              .train_seconds = sqlite3_column_double(query, 3),
                                              .feature_seconds = sqlite3_column_double(query, 4),
                                              .decide_seconds = sqlite3_column_double(query, 5)};
        status = visit(context, &row);
    }
    if (status == TRM_OK && rc != SQLITE_DONE)
        status = store_fail(store, error, "read its decisions");
    sqlite3_finalize(query);
    return status;
}
