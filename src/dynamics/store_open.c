/* Making a store, and opening one after it was checked. */
#include "dynamics/store.h"

#include "storage/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUSY_MILLISECONDS = 10000 };

/* Are all pages there and in order? */
static enum trm_status check_pages(struct trm_store *store, struct trm_error *error) {
    sqlite3_stmt *query;
    enum trm_status status = store_query(store, "PRAGMA quick_check(1)", 0, &query, error);
    if (status != TRM_OK)
        return status;
    const int rc = sqlite3_step(query);
    const char *text = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(query, 0) : NULL;
    char verdict[200];
    snprintf(verdict, sizeof verdict, "%s", text != NULL ? text : "");
    for (char *c = verdict; *c != '\0'; c++)
        if (*c == '\n')
            *c = ' ';
    if (rc != SQLITE_ROW)
        status = store_fail(store, error, "check it");
    else if (strcmp(verdict, "ok") != 0)
        status =
            trm_fail(error, TRM_FORMAT, "%s: the file is damaged (%s); restore a copy", store->path, verdict);
    sqlite3_finalize(query);
    return status;
}

bool trm_store_is(const char *path) {
    uint32_t application;
    return file_is_sqlite(path, &application) && application == STORE_APPLICATION_ID;
}

/* Is this file a store of this version, whole and undamaged? */
static enum trm_status check_content(struct trm_store *store, struct trm_error *error) {
    int64_t id, version;
    enum trm_status status = store_number(store, "PRAGMA application_id", 0, &id, error);
    if (status == TRM_OK)
        status = store_number(store, "PRAGMA user_version", 0, &version, error);
    if (status != TRM_OK)
        return status;
    if (id != STORE_APPLICATION_ID)
        return trm_fail(error, TRM_FORMAT,
                        "%s: is no dynamics store (another kind of SQLite file, or empty); "
                        "name one made by collect",
                        store->path);
    if (version != TRM_STORE_VERSION)
        return trm_fail(error, TRM_FORMAT,
                        "%s: is a store of version %lld, this program reads version %d; use the "
                        "program that made it",
                        store->path, (long long)version, TRM_STORE_VERSION);
    return check_pages(store, error);
}

/* WAL: readers and the writer do not wait for each other. FULL: a committed batch survives a power cut. */
static enum trm_status prepare_writing(struct trm_store *store, struct trm_error *error) {
    static const char *const sql[] = {
#define X(name, text) text,
        STORE_STATEMENT_LIST(X)
#undef X
    };
    if (sqlite3_db_readonly(store->db, "main") != 0)
        return trm_fail(error, TRM_IO, "%s: cannot be written to; change its permissions or write elsewhere",
                        store->path);
    if (store_exec(store, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON") !=
        SQLITE_OK)
        return store_fail(store, error, "open it to write");
    for (int i = 0; i < STORE_STATEMENTS; i++)
        if (sqlite3_prepare_v3(store->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT, &store->statement[i],
                               NULL) != SQLITE_OK)
            return store_fail(store, error, "write to its tables");
    return TRM_OK;
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
    const int flags = mode == TRM_STORE_APPEND ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
    if (sqlite3_open_v2(path, &store->db, flags | SQLITE_OPEN_EXRESCODE, NULL) != SQLITE_OK) {
        status = store_fail(store, error, "open it");
        goto fail;
    }
    sqlite3_busy_timeout(store->db, BUSY_MILLISECONDS);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
    status = check_content(store, error);
    if (status == TRM_OK && mode == TRM_STORE_APPEND)
        status = prepare_writing(store, error);
    if (status != TRM_OK)
        goto fail;
    *out = store;
    return TRM_OK;
fail:
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
