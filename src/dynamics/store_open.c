/* Making a store, and opening one after it was checked. */
#include "dynamics/store.h"

#include "storage/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool trm_store_is(const char *path) {
    uint32_t application;
    return file_is_sqlite(path, &application) && application == STORE_APPLICATION_ID;
}

/* WAL: readers and the writer do not wait for each other. FULL: a committed batch survives a power cut. */
static enum trm_status prepare_writing(struct trm_store *store, struct trm_error *error) {
    static const char *const sql[] = {
#define X(name, text) text,
        STORE_STATEMENT_LIST(X)
#undef X
    };
    if (sqlite3_db_readonly(store->sql.db, "main") != 0)
        return trm_fail(error, TRM_IO, "%s: cannot be written to; change its permissions or write elsewhere",
                        store->path);
    const enum trm_status status = sql_execute(
        &store->sql, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON",
        "open it to write", error);
    for (int i = 0; status == TRM_OK && i < STORE_STATEMENTS; i++)
        if (sqlite3_prepare_v3(store->sql.db, sql[i], -1, SQLITE_PREPARE_PERSISTENT, &store->statement[i],
                               NULL) != SQLITE_OK)
            return sql_fail(&store->sql, "write to its tables", error);
    return status;
}

static enum trm_status check_path(const char *path, struct trm_error *error) {
    struct stat st;
    if (stat(path, &st) != 0)
        return trm_fail(error, TRM_NOT_FOUND, "%s: no such file; check the name, or make one with collect",
                        path);
    if (!S_ISREG(st.st_mode))
        return trm_fail(error, TRM_FORMAT, "%s: is not a regular file; name a store made by collect", path);
    return TRM_OK;
}

enum trm_status trm_store_open(const char *path, enum trm_store_mode mode, struct trm_store **out,
                               struct trm_error *error) {
    *out = NULL;
    enum trm_status status = check_path(path, error);
    if (status != TRM_OK)
        return status;
    struct trm_store *store = calloc(1, sizeof *store);
    if (store == NULL || (store->path = strdup(path)) == NULL) {
        free(store);
        return trm_fail(error, TRM_NO_MEMORY, "%s: cannot open it: out of memory", path);
    }
    store->mode = mode;
    store->sql = (struct sql){.path = store->path, .format = &store_format};
    status =
        sql_open(&store->sql, mode == TRM_STORE_APPEND ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY, error);
    if (status == TRM_OK)
        status = sql_check(&store->sql, error);
    if (status == TRM_OK && mode == TRM_STORE_APPEND)
        status = prepare_writing(store, error);
    if (status == TRM_OK)
        *out = store;
    else
        store_release(store);
    return status;
}

/* Remove what a store that is overwritten, or was deleted, left beside itself: SQLite would take it for part
   of the new one. Where the path exists and may not be overwritten nothing is touched. */
static enum trm_status remove_companions(const char *path, bool overwrite, struct trm_error *error) {
    static const char *const suffixes[] = {"-wal", "-shm", "-journal"};
    if (!overwrite && file_exists(path))
        return TRM_OK;
    const size_t room = strlen(path) + 16;
    char *name = malloc(room);
    if (name == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its name", path);
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        snprintf(name, room, "%s%s", path, suffixes[i]);
        unlink(name);
    }
    free(name);
    return TRM_OK;
}

enum trm_status trm_store_create(const char *path, bool overwrite, struct trm_store **out,
                                 struct trm_error *error) {
    *out = NULL;
    enum trm_status status = file_check_output(path, overwrite, true, error);
    unsigned char *bytes = NULL;
    size_t size = 0;
    struct file_writer w;
    if (status == TRM_OK)
        status = store_image(&bytes, &size, error);
    if (status != TRM_OK)
        return status;
    status = file_begin(&w, path, error);
    if (status != TRM_OK)
        goto done;
    (void)fwrite(bytes, 1, size, w.stream); /* file_commit reports what failed */
    status = remove_companions(w.path, overwrite, error);
    if (status == TRM_OK)
        status = file_commit(&w, overwrite, error);
    else
        file_abandon(&w);
    if (status == TRM_OK)
        status = trm_store_open(path, TRM_STORE_APPEND, out, error);
done:
    sqlite3_free(bytes);
    return status;
}
