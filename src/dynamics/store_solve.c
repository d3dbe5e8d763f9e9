/* The inner solves of recorded steps, matrix by matrix. The table is made with its first row: stores of earlier
   programs have none. */
#include "dynamics/store.h"

static const char *const table_sql =
    "CREATE TABLE IF NOT EXISTS solve (\n"
    "  run_id INTEGER NOT NULL,\n"
    "  step INTEGER NOT NULL,\n"
    "  matrix TEXT NOT NULL,\n"
    "  gap REAL NOT NULL,\n"
    "  iterations INTEGER NOT NULL,\n"
    "  seconds REAL NOT NULL,\n"
    "  norm REAL NOT NULL,\n"
    "  rank INTEGER NOT NULL,\n"
    "  PRIMARY KEY (run_id, step, matrix),\n"
    "  FOREIGN KEY (run_id, step) REFERENCES step (run_id, step) ON DELETE CASCADE) WITHOUT ROWID, STRICT";

static enum trm_status prepare(struct trm_store *store, struct trm_error *error) {
    if (store->solve != NULL)
        return TRM_OK;
    if (sqlite3_exec(store->sql.db, table_sql, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v3(store->sql.db, "INSERT INTO solve VALUES (?,?,?,?,?,?,?,?)", -1,
                           SQLITE_PREPARE_PERSISTENT, &store->solve, NULL) != SQLITE_OK)
        return sql_fail(&store->sql, "make its table of solves", error);
    return TRM_OK;
}

enum trm_status trm_store_solve_insert(struct trm_store *store, int64_t run, size_t step,
                                       const struct trm_solve *solve, struct trm_error *error) {
    enum trm_status status = store_batch(store, error);
    if (status == TRM_OK)
        status = prepare(store, error);
    if (status != TRM_OK)
        return status;
    struct sql_row row = sql_row_begin(&store->sql, store->solve);
    sql_put_int(&row, run);
    sql_put_size(&row, "step", step);
    sql_put_text(&row, solve->matrix);
    sql_put_real(&row, "gap", solve->gap);
    sql_put_size(&row, "iterations", solve->iterations);
    sql_put_real(&row, "seconds", solve->seconds);
    sql_put_real(&row, "norm", solve->norm);
    sql_put_size(&row, "rank", solve->rank);
    return sql_row_end(&row, "add a solve", error);
}

enum trm_status trm_store_solves(struct trm_store *store, int64_t run, trm_solve_visit *visit, void *context,
                                 struct trm_error *error) {
    int64_t tables = 0;
    enum trm_status status = store_check_run(store, run, error);
    if (status == TRM_OK)
        status = sql_number(&store->sql, "SELECT count(*) FROM sqlite_master WHERE name = 'solve'", 0, 0,
                            &tables, error);
    if (status != TRM_OK || tables == 0)
        return status;
    struct sql_query query = sql_query_begin(&store->sql, "solve",
                                             "SELECT step, matrix, gap, iterations, seconds, norm, rank "
                                             "FROM solve WHERE run_id = ? ORDER BY step, matrix",
                                             run, error);
    while (status == TRM_OK && sql_query_next(&query)) {
        struct trm_solve row;
        const size_t step = query.row = sql_get_size(&query, STORE_STEPS);
        row.matrix = sql_get_text(&query);
        row.gap = sql_get_real(&query);
        row.iterations = sql_get_size(&query, SIZE_MAX);
        row.seconds = sql_get_seconds(&query);
        row.norm = sql_get_real(&query);
        row.rank = sql_get_size(&query, SIZE_MAX);
        if (sql_query_good(&query))
            status = visit(context, step, &row);
    }
    return sql_query_end(&query, status);
}
