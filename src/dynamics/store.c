/* What every part of the store uses: errors, batches, queries; and closing. */
#include "dynamics/store.h"

#include <stdlib.h>

const char *trm_run_status_name(enum trm_run_status status) {
    static const char *const names[] = {
#define X(name, column, text) #column,
        TRM_RUN_STATUS_LIST(X)
#undef X
    };
    return (unsigned)status < sizeof names / sizeof *names ? names[status] : NULL;
}

const char *trm_store_path(const struct trm_store *store) {
    return store->path;
}

enum trm_status store_fail(const struct trm_store *store, struct trm_error *error, const char *what) {
    const char *path = store->path, *reason = sqlite3_errmsg(store->db);
    const int code = sqlite3_extended_errcode(store->db);
    if (code == SQLITE_CONSTRAINT_FOREIGNKEY)
        return trm_fail(error, TRM_NOT_FOUND, "%s: cannot %s: it belongs to a run that is not there", path,
                        what);
    if (code == SQLITE_CONSTRAINT_PRIMARYKEY)
        return trm_fail(error, TRM_EXISTS, "%s: cannot %s: it is there already", path, what);
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return trm_fail(error, TRM_IO, "%s: cannot %s: another program writes to it; wait until it has ended",
                        path, what);
    case SQLITE_NOTADB:
        return trm_fail(error, TRM_FORMAT,
                        "%s: is no dynamics store (not an SQLite file); name one made by collect", path);
    case SQLITE_CORRUPT:
        return trm_fail(error, TRM_FORMAT,
                        "%s: cannot %s: the file is damaged or cut short (%s); restore a copy", path, what,
                        reason);
    case SQLITE_NOMEM:
        return trm_fail(error, TRM_NO_MEMORY, "%s: cannot %s: out of memory", path, what);
    case SQLITE_CONSTRAINT:
        return trm_fail(error, TRM_INVALID, "%s: cannot %s: %s", path, what, reason);
    default:
        return trm_fail(error, TRM_IO, "%s: cannot %s: %s", path, what, reason);
    }
}

enum trm_status store_check_writable(const struct trm_store *store, struct trm_error *error) {
    if (store->mode == TRM_STORE_APPEND)
        return TRM_OK;
    return trm_fail(error, TRM_INVALID, "%s: was opened to read only", store->path);
}

int store_exec(struct trm_store *store, const char *sql) {
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL);
}

bool store_in_batch(const struct trm_store *store) {
    return sqlite3_get_autocommit(store->db) == 0;
}

static enum trm_status run_statement(struct trm_store *store, enum store_statement statement,
                                     const char *what, struct trm_error *error) {
    struct store_row row = store_row_begin(store, statement);
    return store_row_end(&row, what, error);
}

enum trm_status store_batch(struct trm_store *store, struct trm_error *error) {
    const enum trm_status status = store_check_writable(store, error);
    if (status != TRM_OK || store_in_batch(store))
        return status;
    return run_statement(store, STORE_BEGIN, "begin a batch", error);
}

enum trm_status trm_store_commit(struct trm_store *store, struct trm_error *error) {
    return store_in_batch(store) ? run_statement(store, STORE_COMMIT, "commit", error) : TRM_OK;
}

enum trm_status store_query(struct trm_store *store, const char *sql, int64_t number, sqlite3_stmt **query,
                            struct trm_error *error) {
    *query = NULL;
    if (sqlite3_prepare_v2(store->db, sql, -1, query, NULL) != SQLITE_OK)
        return store_fail(store, error, "read");
    if (sqlite3_bind_parameter_count(*query) > 0)
        sqlite3_bind_int64(*query, 1, number);
    return TRM_OK;
}

enum trm_status store_number(struct trm_store *store, const char *sql, int64_t parameter, int64_t *value,
                             struct trm_error *error) {
    sqlite3_stmt *query;
    enum trm_status status = store_query(store, sql, parameter, &query, error);
    if (status != TRM_OK)
        return status;
    const int rc = sqlite3_step(query);
    *value = rc == SQLITE_ROW ? sqlite3_column_int64(query, 0) : 0;
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        status = store_fail(store, error, "read");
    sqlite3_finalize(query);
    return status;
}

enum trm_status store_check_run(struct trm_store *store, int64_t run, struct trm_error *error) {
    int64_t found;
    const enum trm_status status =
        store_number(store, "SELECT count(*) FROM run WHERE id = ?", run, &found, error);
    if (status == TRM_OK && found == 0)
        return trm_fail(error, TRM_NOT_FOUND, "%s: holds no run %lld", store->path, (long long)run);
    return status;
}

void store_release(struct trm_store *store) {
    for (int i = 0; i < STORE_STATEMENTS; i++)
        sqlite3_finalize(store->statement[i]);
    sqlite3_finalize(store->decision);
    sqlite3_close(store->db);
    free(store->path);
    free(store);
}

enum trm_status trm_store_close(struct trm_store *store, struct trm_error *error) {
    if (store == NULL)
        return TRM_OK;
    const enum trm_status status = trm_store_commit(store, error);
    if (store->mode == TRM_STORE_APPEND) {
        /* Fold the WAL in and leave one file that can be read from a folder one may not write to. Where
           another program has the store open, that waits for it, and the WAL stays: no row depends on this.
         */
        sqlite3_busy_timeout(store->db, 0);
        store_exec(store, "PRAGMA journal_mode = DELETE");
    }
    store_release(store);
    return status;
}
