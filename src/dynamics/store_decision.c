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
    if (sqlite3_exec(store->sql.db, table_sql, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v3(store->sql.db, "INSERT INTO decision VALUES (?,?,?,?,?,?,?)", -1,
                           SQLITE_PREPARE_PERSISTENT, &store->decision, NULL) != SQLITE_OK)
        return sql_fail(&store->sql, "make its table of decisions", error);
    return TRM_OK;
}

enum trm_status trm_store_decision_insert(struct trm_store *store, int64_t run,
                                          const struct trm_step_decision *decision, struct trm_error *error) {
    enum trm_status status = store_batch(store, error);
    if (status == TRM_OK)
        status = prepare(store, error);
    if (status != TRM_OK)
        return status;
    struct sql_row row = sql_row_begin(&store->sql, store->decision);
    sql_put_int(&row, run);
    sql_put_size(&row, "step", decision->step);
    sql_put_int(&row, decision->decided ? 1 : 0);
    sql_put_size(&row, "cycles", decision->cycles);
    sql_put_real(&row, "train_seconds", decision->train_seconds);
    sql_put_real(&row, "feature_seconds", decision->feature_seconds);
    sql_put_real(&row, "decide_seconds", decision->decide_seconds);
    return sql_row_end(&row, "add a decision", error);
}

enum trm_status trm_store_decisions(struct trm_store *store, int64_t run, trm_decision_visit *visit,
                                    void *context, struct trm_error *error) {
    int64_t tables = 0;
    enum trm_status status = store_check_run(store, run, error);
    if (status == TRM_OK)
        status = sql_number(&store->sql, "SELECT count(*) FROM sqlite_master WHERE name = 'decision'", 0, 0,
                            &tables, error);
    if (status != TRM_OK || tables == 0)
        return status;
    struct sql_query query =
        sql_query_begin(&store->sql, "decision",
                        "SELECT step, decided, cycles, train_seconds, feature_seconds, decide_seconds "
                        "FROM decision WHERE run_id = ? ORDER BY step",
                        run, error);
    while (status == TRM_OK && sql_query_next(&query)) {
        struct trm_step_decision row;
        row.step = sql_get_size(&query, STORE_STEPS);
        row.decided = sql_get_int(&query, 0, 1) != 0;
        row.cycles = sql_get_size(&query, STORE_STEPS);
        row.train_seconds = sql_get_real(&query);
        row.feature_seconds = sql_get_real(&query);
        row.decide_seconds = sql_get_real(&query);
        if (sql_query_good(&query))
            status = visit(context, &row);
    }
    return sql_query_end(&query, status);
}
