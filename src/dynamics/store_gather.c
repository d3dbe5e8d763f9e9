/* The runs of one store, added to another. */
#include "dynamics/store.h"

#include <string.h>

/* What the tables of runs have in common is a column run_id; in `run` it is id. Tables that only some stores have are
   made as they are there. */
static const char *const tables_sql =
    "SELECT name, sql FROM other.sqlite_master WHERE type = 'table' AND name <> 'run' AND EXISTS "
    "(SELECT 1 FROM pragma_table_info(sqlite_master.name, 'other') AS c WHERE c.name = 'run_id') ORDER BY "
    "rowid";

static const char *const columns_sql =
    "SELECT group_concat(printf('\"%w\"', name), ','),"
    " group_concat(printf('\"%w\"', name) || CASE WHEN name = ?2 THEN ' + ' || ?3 ELSE '' END, ',')"
    " FROM pragma_table_info(?1, 'other')";

static enum trm_status run_text(struct trm_store *store, char *text, struct trm_error *error) {
    const enum trm_status status = text != NULL
                                       ? sql_execute(&store->sql, text, "add the runs", error)
                                       : trm_fail(error, TRM_NO_MEMORY, "%s: out of memory", store->path);
    sqlite3_free(text);
    return status;
}

/* Every row of a table, with `offset` added to the number of its run. */
static enum trm_status copy_table(struct trm_store *store, const char *table, const char *number,
                                  int64_t offset, struct trm_error *error) {
    sqlite3_stmt *statement;
    char *text = NULL;
    if (sqlite3_prepare_v2(store->sql.db, columns_sql, -1, &statement, NULL) != SQLITE_OK)
        return sql_fail(&store->sql, "look at the columns", error);
    sqlite3_bind_text(statement, 1, table, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, number, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 3, offset);
    if (sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_text(statement, 0) != NULL)
        text = sqlite3_mprintf("INSERT INTO main.\"%w\" (%s) SELECT %s FROM other.\"%w\"", table,
                               sqlite3_column_text(statement, 0), sqlite3_column_text(statement, 1), table);
    sqlite3_finalize(statement);
    return run_text(store, text, error);
}

static bool has_table(struct trm_store *store, const char *table) {
    return sqlite3_table_column_metadata(store->sql.db, "main", table, NULL, NULL, NULL, NULL, NULL, NULL) ==
           SQLITE_OK;
}

/* sql comes from a file: only its first statement runs. */
static enum trm_status make_table(struct trm_store *store, const char *sql, struct trm_error *error) {
    sqlite3_stmt *statement;
    const bool made = sqlite3_prepare_v2(store->sql.db, sql, -1, &statement, NULL) == SQLITE_OK &&
                      sqlite3_step(statement) == SQLITE_DONE;
    const enum trm_status status = made ? TRM_OK : sql_fail(&store->sql, "make a table", error);
    sqlite3_finalize(statement);
    return status;
}

static enum trm_status copy_runs(struct trm_store *store, struct trm_error *error) {
    int64_t offset;
    sqlite3_stmt *statement;
    int row = SQLITE_DONE;
    enum trm_status status =
        sql_number(&store->sql, "SELECT coalesce(max(id), 0) FROM main.run", 0, 0, &offset, error);
    if (status == TRM_OK)
        status = copy_table(store, "run", "id", offset, error);
    if (status != TRM_OK)
        return status;
    if (sqlite3_prepare_v2(store->sql.db, tables_sql, -1, &statement, NULL) != SQLITE_OK)
        return sql_fail(&store->sql, "look at the tables", error);
    while (status == TRM_OK && (row = sqlite3_step(statement)) == SQLITE_ROW) {
        const char *const table = (const char *)sqlite3_column_text(statement, 0);
        if (!has_table(store, table))
            status = make_table(store, (const char *)sqlite3_column_text(statement, 1), error);
        if (status == TRM_OK)
            status = copy_table(store, table, "run_id", offset, error);
    }
    if (status == TRM_OK && row != SQLITE_DONE)
        status = sql_fail(&store->sql, "look at the tables", error);
    sqlite3_finalize(statement);
    return status;
}

static enum trm_status attach(struct trm_store *store, const char *path, struct trm_error *error) {
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(store->sql.db, "ATTACH ?1 AS other", -1, &statement, NULL) != SQLITE_OK)
        return sql_fail(&store->sql, "read another store", error);
    sqlite3_bind_text(statement, 1, path, -1, SQLITE_STATIC);
    const bool done = sqlite3_step(statement) == SQLITE_DONE;
    const enum trm_status status = done ? TRM_OK : sql_fail(&store->sql, "read another store", error);
    sqlite3_finalize(statement);
    return status;
}

enum trm_status trm_store_gather(struct trm_store *store, const char *path, struct trm_error *error) {
    struct trm_store *other;
    enum trm_status status = store_check_writable(store, error);
    if (status == TRM_OK)
        status = trm_store_open(path, TRM_STORE_READ, &other, error); /* is it one, and whole? */
    if (status == TRM_OK)
        status = trm_store_close(other, error);
    if (status == TRM_OK)
        status = trm_store_commit(store, error);
    if (status == TRM_OK)
        status = attach(store, path, error);
    if (status != TRM_OK)
        return status;
    status = sql_execute(&store->sql, "BEGIN IMMEDIATE", "add the runs", error);
    if (status == TRM_OK)
        status = copy_runs(store, error);
    if (status == TRM_OK)
        status = trm_store_commit(store, error);
    else
        (void)sqlite3_exec(store->sql.db, "ROLLBACK", NULL, NULL, NULL);
    (void)sqlite3_exec(store->sql.db, "DETACH other", NULL, NULL, NULL);
    return status;
}
