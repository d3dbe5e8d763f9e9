/* Making a store, and opening one after it was checked. */
#include "dynamics/store.h"

#include "storage/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

bool trm_store_is(const char *path) {
    uint32_t application;
    return file_is_sqlite(path, &application) && application == STORE_APPLICATION_ID;
}

/* A WAL needs maps that processes share, which network file systems, for one, have not. */
static bool has_shared_maps(const char *path) {
    char name[4096];
    const int length = snprintf(name, sizeof name, "%s.tmp-%ld-shm", path, (long)getpid());
    const int fd = length < (int)sizeof name ? open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    if (fd < 0)
        return false;
    void *const map =
        ftruncate(fd, 4096) == 0 ? mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
    if (map != MAP_FAILED)
        munmap(map, 4096);
    close(fd);
    unlink(name);
    return map != MAP_FAILED;
}

/* WAL: readers and the writer do not wait for each other. Where there can be none, a journal that is deleted, and
   nobody else beside a killed writer's WAL while it is folded in. The answer is read: SQLite may keep the mode that
   was. */
static enum trm_status open_to_write(struct trm_store *store, struct trm_error *error) {
    const bool shared = has_shared_maps(store->path);
    enum trm_status status = sql_open(&store->sql, SQLITE_OPEN_READWRITE, error);
    if (status == TRM_OK && !shared)
        status = sql_execute(&store->sql, "PRAGMA locking_mode = EXCLUSIVE", "open it to write", error);
    if (status == TRM_OK)
        status = sql_check(&store->sql, error);
    if (status != TRM_OK || sqlite3_db_readonly(store->sql.db, "main") != 0)
        return status;
    char mode[16] = "";
    struct sql_query query = sql_query_begin(
        &store->sql, "row", shared ? "PRAGMA journal_mode = WAL" : "PRAGMA journal_mode = DELETE", 0, error);
    if (sql_query_next(&query))
        snprintf(mode, sizeof mode, "%s", sql_get_text(&query));
    status = sql_query_end(&query, TRM_OK);
    store->waits = strcmp(mode, "wal") != 0;
    return status;
}

/* FULL: a committed batch survives a power cut. */
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
        &store->sql, "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON", "open it to write", error);
    for (int i = 0; status == TRM_OK && i < STORE_STATEMENTS; i++)
        if (sqlite3_prepare_v3(store->sql.db, sql[i], -1, SQLITE_PREPARE_PERSISTENT, &store->statement[i],
                               NULL) != SQLITE_OK)
            return sql_fail(&store->sql, "write to its tables", error);
    return status;
}

/* Lock the file itself, not a name: names may be links. *held is -1 on failure. */
static enum trm_status hold(const char *path, int *held, struct stat *st, struct trm_error *error) {
    *held = open(path, O_RDWR | O_CLOEXEC);
    if (*held < 0)
        return trm_fail(error, TRM_IO,
                        "%s: cannot be written to (%s); change its permissions or write elsewhere", path,
                        strerror(errno));
    /* Where the file system knows no such locks, the lock beside the store has to do. */
    const bool taken = flock(*held, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (!taken && fstat(*held, st) == 0)
        return TRM_OK;
    close(*held);
    *held = -1;
    return trm_fail(error, TRM_EXISTS, "%s: another process is writing to it; wait for it, or stop it", path);
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
    store->held = -1;
    store->sql = (struct sql){.path = store->path, .format = &store_format};
    if (mode == TRM_STORE_APPEND) {
        struct stat st = {.st_ino = 0};
        status = hold(path, &store->held, &st, error);
        store->device = st.st_dev, store->file = st.st_ino;
    }
    if (status == TRM_OK && mode == TRM_STORE_APPEND) {
        status = open_to_write(store, error);
        if (status == TRM_OK)
            status = prepare_writing(store, error);
    } else if (status == TRM_OK) {
        status = sql_open_to_read(&store->sql, error);
        if (status == TRM_OK)
            status = sql_check(&store->sql, error);
    }
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
    char *const file =
        file_exists(path) ? realpath(path, NULL) : strdup(path); /* they lie beside it, not beside a link */
    const size_t room = file != NULL ? strlen(file) + 16 : 0;
    char *const name = malloc(room + 1);
    if (file == NULL || name == NULL) {
        free(file);
        free(name);
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its name", path);
    }
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        snprintf(name, room, "%s%s", file, suffixes[i]);
        unlink(name);
    }
    free(file);
    free(name);
    return TRM_OK;
}

enum trm_status trm_store_create(const char *path, bool overwrite, struct trm_store **out,
                                 struct trm_error *error) {
    *out = NULL;
    enum trm_status status = file_check_output(path, overwrite, true, error);
    unsigned char *bytes = NULL;
    size_t size = 0;
    if (status == TRM_OK && file_exists(path)) { /* nobody must be at work on what is replaced */
        struct stat st;
        int held;
        status = hold(path, &held, &st, error);
        if (held >= 0)
            close(held);
    }
    if (status == TRM_OK)
        status = store_image(&bytes, &size, error);
    if (status == TRM_OK)
        status = remove_companions(path, overwrite, error);
    if (status == TRM_OK)
        status = file_write(path, bytes, size, overwrite, error);
    sqlite3_free(bytes);
    if (status == TRM_OK)
        status = trm_store_open(path, TRM_STORE_APPEND, out, error);
    return status;
}
