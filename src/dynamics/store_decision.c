/* What choosing cost, step by step. The table is made with its first row: only stores of online have it.
   Steps that are not recorded have a table of their own, with the solver that no step row names. */
#include "dynamics/store.h"

/* What both tables say of a step. */
#define DECISION                                                                                             \
    "  step INTEGER NOT NULL,\n"                                                                             \
    "  decided INTEGER NOT NULL CHECK (decided IN (0, 1)),\n"                                                \
    "  cycles INTEGER NOT NULL,\n"                                                                           \
    "  train_seconds REAL NOT NULL,\n"                                                                       \
    "  feature_seconds REAL NOT NULL,\n"                                                                     \
    "  decide_seconds REAL NOT NULL,\n"

static const char *const table_sql =
    "CREATE TABLE IF NOT EXISTS decision (\n"
    "  run_id INTEGER NOT NULL,\n" DECISION "  PRIMARY KEY (run_id, step),\n"
    "  FOREIGN KEY (run_id, step) REFERENCES step (run_id, step) ON DELETE CASCADE) WITHOUT ROWID, STRICT";

static const char *const unrecorded_sql =
    "CREATE TABLE IF NOT EXISTS decision_unrecorded (\n"
    "  run_id INTEGER NOT NULL REFERENCES run (id),\n" DECISION "  solver TEXT NOT NULL,\n"
    "  PRIMARY KEY (run_id, step)) WITHOUT ROWID, STRICT";

static enum trm_status prepare(struct trm_store *store, bool recorded, struct trm_error *error) {
    sqlite3_stmt **const statement = recorded ? &store->decision : &store->decision_unrecorded;
    if (*statement != NULL)
        return TRM_OK;
    if (sqlite3_exec(store->sql.db, recorded ? table_sql : unrecorded_sql, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v3(store->sql.db,
                           recorded ? "INSERT INTO decision VALUES (?,?,?,?,?,?,?)"
                                    : "INSERT INTO decision_unrecorded VALUES (?,?,?,?,?,?,?,?)",
                           -1, SQLITE_PREPARE_PERSISTENT, statement, NULL) != SQLITE_OK)
        return sql_fail(&store->sql, "make its table of decisions", error);
    return TRM_OK;
}

enum trm_status trm_store_decision_insert(struct trm_store *store, int64_t run,
                                          const struct trm_step_decision *decision, struct trm_error *error) {
    enum trm_status status = store_batch(store, error);
    if (status == TRM_OK)
        status = prepare(store, decision->solver == NULL, error);
    if (status != TRM_OK)
        return status;
    struct sql_row row =
        sql_row_begin(&store->sql, decision->solver == NULL ? store->decision : store->decision_unrecorded);
    sql_put_int(&row, run);
    sql_put_size(&row, "step", decision->step);
    sql_put_int(&row, decision->decided ? 1 : 0);
    sql_put_size(&row, "cycles", decision->cycles);
    sql_put_real(&row, "train_seconds", decision->train_seconds);
    sql_put_real(&row, "feature_seconds", decision->feature_seconds);
    sql_put_real(&row, "decide_seconds", decision->decide_seconds);
    if (decision->solver != NULL)
        sql_put_text(&row, decision->solver);
    return sql_row_end(&row, "add a decision", error);
}

enum trm_status trm_store_decisions(struct trm_store *store, int64_t run, trm_decision_visit *visit,
                                    void *context, struct trm_error *error) {
    static const char *const recorded =
        "SELECT step, decided, cycles, train_seconds, feature_seconds, "
        "decide_seconds, (SELECT solver FROM step s WHERE s.run_id = d.run_id AND "
        "s.step = d.step) FROM decision d WHERE run_id = ?1 ORDER BY step";
    static const char *const all =
        "SELECT step, decided, cycles, train_seconds, feature_seconds, decide_seconds, "
        "solver FROM decision JOIN (SELECT run_id AS r, step AS s, solver FROM step) "
        "ON r = run_id AND s = step WHERE run_id = ?1 "
        "UNION ALL SELECT step, decided, cycles, train_seconds, feature_seconds, "
        "decide_seconds, solver FROM decision_unrecorded WHERE run_id = ?1 ORDER BY step";
    int64_t tables = 0;
    enum trm_status status = store_check_run(store, run, error);
    if (status == TRM_OK)
        status =
            sql_number(&store->sql,
                       "SELECT count(*) FROM sqlite_master WHERE name IN ('decision', 'decision_unrecorded')",
                       0, 0, &tables, error);
    if (status != TRM_OK || tables == 0)
        return status;
    struct sql_query query =
        sql_query_begin(&store->sql, "decision", tables == 1 ? recorded : all, run, error);
    while (status == TRM_OK && sql_query_next(&query)) {
        struct trm_step_decision row;
        row.step = sql_get_size(&query, STORE_STEPS);
        row.decided = sql_get_int(&query, 0, 1) != 0;
        row.cycles = sql_get_size(&query, STORE_STEPS);
        row.train_seconds = sql_get_seconds(&query);
        row.feature_seconds = sql_get_seconds(&query);
        row.decide_seconds = sql_get_seconds(&query);
        row.solver = sql_get_text(&query);
        if (sql_query_good(&query))
            status = visit(context, &row);
    }
    return sql_query_end(&query, status);
}
