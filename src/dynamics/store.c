/* What every part of the store uses: batches, and closing. */
#include "dynamics/store.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

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

const char *trm_store_notice(const struct trm_store *store) {
    return store->waits ? "the file system of the store has no shared memory maps: other programs cannot "
                          "read it while "
                          "it is written"
                        : NULL;
}

enum trm_status store_check_writable(const struct trm_store *store, struct trm_error *error) {
    if (store->mode == TRM_STORE_APPEND)
        return TRM_OK;
    return trm_fail(error, TRM_INVALID, "%s: was opened to read only", store->path);
}

bool store_in_batch(const struct trm_store *store) {
    return sqlite3_get_autocommit(store->sql.db) == 0;
}

struct sql_row store_row(struct trm_store *store, enum store_statement statement) {
    return sql_row_begin(&store->sql, store->statement[statement]);
}

static enum trm_status run_statement(struct trm_store *store, enum store_statement statement,
                                     const char *what, struct trm_error *error) {
    struct sql_row row = store_row(store, statement);
    return sql_row_end(&row, what, error);
}

enum trm_status store_batch(struct trm_store *store, struct trm_error *error) {
    const enum trm_status status = store_check_writable(store, error);
    if (status != TRM_OK || store_in_batch(store))
        return status;
    return run_statement(store, STORE_BEGIN, "begin a batch", error);
}

/* SQLite would go on writing to a file that has no name any more, or no longer this one. */
static enum trm_status check_same(const struct trm_store *store, struct trm_error *error) {
    struct stat st;
    if (stat(store->path, &st) == 0 && st.st_dev == store->device && st.st_ino == store->file)
        return TRM_OK;
    return trm_fail(error, TRM_IO,
                    "%s: was removed, or another file took its name, while it was written; what was not yet "
                    "committed is lost",
                    store->path);
}

enum trm_status trm_store_commit(struct trm_store *store, struct trm_error *error) {
    if (!store_in_batch(store))
        return TRM_OK;
    const enum trm_status status = check_same(store, error);
    if (status == TRM_OK)
        return run_statement(store, STORE_COMMIT, "commit", error);
    (void)sql_execute(&store->sql, "ROLLBACK", "roll back", NULL);
    return status;
}

enum trm_status store_check_run(struct trm_store *store, int64_t run, struct trm_error *error) {
    int64_t found;
    const enum trm_status status =
        sql_number(&store->sql, "SELECT count(*) FROM run WHERE id = ?", run, 0, &found, error);
    if (status == TRM_OK && found == 0)
        return trm_fail(error, TRM_NOT_FOUND, "%s: holds no run %lld", store->path, (long long)run);
    return status;
}

void store_release(struct trm_store *store) {
    for (int i = 0; i < STORE_STATEMENTS; i++)
        sqlite3_finalize(store->statement[i]);
    for (int i = 0; i < OUTCOME_STATEMENTS; i++)
        sqlite3_finalize(store->outcome[i]);
    sqlite3_finalize(store->solve);
    sqlite3_finalize(store->decision);
    sqlite3_finalize(store->decision_unrecorded);
    sql_close(&store->sql);
    if (store->held >= 0)
        close(store->held); /* after SQLite: closing a file ends the locks that it has on it */
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
        sqlite3_busy_timeout(store->sql.db, 0);
        (void)sql_execute(&store->sql, "PRAGMA journal_mode = DELETE", "close it", NULL);
    }
    store_release(store);
    return status;
}
