#include "storage/sqlite.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { BUSY_MILLISECONDS = 10000 };

enum trm_status sql_fail(const struct sql *sql, const char *what, struct trm_error *error) {
    const char *path = sql->path, *reason = sqlite3_errmsg(sql->db);
    const int code = sqlite3_extended_errcode(sql->db);
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
        return trm_fail(error, TRM_FORMAT, "%s: is no %s (not an SQLite file); name one made by %s", path,
                        sql->format->kind, sql->format->maker);
    case SQLITE_CORRUPT:
        return trm_fail(error, TRM_FORMAT,
                        "%s: cannot %s: the file is damaged or cut short (%s); restore a copy", path, what,
                        reason);
    case SQLITE_ERROR: /* no such table or column */
        return trm_fail(
            error, TRM_FORMAT,
            "%s: cannot %s: it lacks what a %s has (%s); restore a copy, or make it again with %s", path,
            what, sql->format->kind, reason, sql->format->maker);
    case SQLITE_NOMEM:
        return trm_fail(error, TRM_NO_MEMORY, "%s: cannot %s: out of memory", path, what);
    case SQLITE_CONSTRAINT:
        return trm_fail(error, TRM_INVALID, "%s: cannot %s: %s", path, what, reason);
    default:
        return trm_fail(error, TRM_IO, "%s: cannot %s: %s", path, what, reason);
    }
}

static enum trm_status open_name(struct sql *sql, const char *name, int flags, struct trm_error *error) {
    if (sqlite3_open_v2(name, &sql->db, flags | SQLITE_OPEN_EXRESCODE, NULL) != SQLITE_OK)
        return sql_fail(sql, "open it", error);
    sqlite3_busy_timeout(sql->db, BUSY_MILLISECONDS);
    sqlite3_db_config(sql->db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
    sqlite3_db_config(sql->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
    return TRM_OK;
}

/* Always as a URI, so that a path is a path, whatever ":memory:" or "file:x?y" would mean to SQLite. */
static enum trm_status open_uri(struct sql *sql, const char *parameters, int flags, struct trm_error *error) {
    static const char digits[] = "0123456789ABCDEF";
    const size_t room = 3 * strlen(sql->path) + strlen(parameters) + 16;
    char *const name = malloc(room);
    if (name == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "%s: cannot open it: out of memory", sql->path);
    char *to = name + sprintf(name, "file:%s", sql->path[0] == '/' ? "" : "./");
    for (const char *c = sql->path; *c != '\0'; c++) {
        if (isalnum((unsigned char)*c) || strchr("/._-", *c) != NULL)
            *to++ = *c;
        else {
            *to++ = '%';
            *to++ = digits[(unsigned char)*c >> 4];
            *to++ = digits[(unsigned char)*c & 15];
        }
    }
    snprintf(to, room - (size_t)(to - name), "%s", parameters);
    const enum trm_status status = open_name(sql, name, flags | SQLITE_OPEN_URI, error);
    free(name);
    return status;
}

enum trm_status sql_open(struct sql *sql, int flags, struct trm_error *error) {
    return open_uri(sql, "", flags, error);
}

/* Bytes of the file of this name beside the database; -1 where there is none. */
static long long beside(const struct sql *sql, const char *ending) {
    struct stat st;
    char name[4096];
    const int length = snprintf(name, sizeof name, "%s%s", sql->path, ending);
    return length < (int)sizeof name && stat(name, &st) == 0 ? (long long)st.st_size : -1;
}

enum trm_status sql_open_to_read(struct sql *sql, struct trm_error *error) {
    enum trm_status status = sql_open(sql, SQLITE_OPEN_READONLY, error);
    if (status != TRM_OK)
        return status;
    const int code = sqlite3_exec(sql->db, "SELECT count(*) FROM sqlite_master", NULL, NULL, NULL) & 0xff;
    if (code != SQLITE_CANTOPEN && code != SQLITE_READONLY && code != SQLITE_IOERR)
        return TRM_OK; /* or an error that the first query tells */
    if (beside(sql, "-wal") > 0)
        return trm_fail(error, TRM_IO,
                        "%s: its writer was killed, and its last rows are in %s-wal, which can only be read "
                        "where the folder may be written to; copy both files to such a folder",
                        sql->path, sql->path);
    sql_close(sql);
    return open_uri(sql, "?immutable=1", SQLITE_OPEN_READONLY, error);
}

enum trm_status sql_open_memory(struct sql *sql, struct trm_error *error) {
    return sqlite3_open(":memory:", &sql->db) == SQLITE_OK ? TRM_OK : sql_fail(sql, "make it", error);
}

enum trm_status sql_open_bytes(struct sql *sql, void *bytes, size_t size, struct trm_error *error) {
    if (size < 100 || memcmp(bytes, "SQLite format 3", 16) != 0)
        return trm_fail(error, TRM_FORMAT, "%s: is no %s (not an SQLite file); name one made by %s",
                        sql->path, sql->format->kind, sql->format->maker);
    const enum trm_status status = sql_open_memory(sql, error);
    if (status != TRM_OK)
        return status;
    sqlite3_db_config(sql->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
    return sqlite3_deserialize(sql->db, "main", bytes, (sqlite3_int64)size, (sqlite3_int64)size,
                               SQLITE_DESERIALIZE_READONLY) == SQLITE_OK
               ? TRM_OK
               : sql_fail(sql, "read it", error);
}

void sql_close(struct sql *sql) {
    sqlite3_close(sql->db);
    sql->db = NULL;
}

/* Are all pages there and in order? */
static enum trm_status check_pages(const struct sql *sql, struct trm_error *error) {
    char verdict[200] = "";
    struct sql_query query = sql_query_begin(sql, "page", "PRAGMA quick_check(1)", 0, error);
    if (sql_query_next(&query))
        snprintf(verdict, sizeof verdict, "%s", sql_get_text(&query));
    const enum trm_status status = sql_query_end(&query, TRM_OK);
    for (char *c = verdict; *c != '\0'; c++)
        if (*c == '\n')
            *c = ' ';
    if (status != TRM_OK || strcmp(verdict, "ok") == 0)
        return status;
    return trm_fail(error, TRM_FORMAT, "%s: the %s is damaged or cut short (%s); restore a copy", sql->path,
                    sql->format->kind, verdict);
}

enum trm_status sql_check(const struct sql *sql, struct trm_error *error) {
    const struct sql_format *const f = sql->format;
    int64_t id, version;
    enum trm_status status = sql_number(sql, "PRAGMA application_id", 0, 0, &id, error);
    if (status == TRM_OK)
        status = sql_number(sql, "PRAGMA user_version", 0, 0, &version, error);
    if (status != TRM_OK)
        return status;
    if (id != f->application_id)
        return trm_fail(error, TRM_FORMAT,
                        "%s: is no %s (another kind of SQLite file, or empty); name one made by %s",
                        sql->path, f->kind, f->maker);
    if (version < f->oldest || version > f->version)
        return trm_fail(error, TRM_FORMAT,
                        "%s: is a %s of version %lld, this program reads %d to %d; make it again with %s, "
                        "or use the program that made it",
                        sql->path, f->kind, (long long)version, f->oldest, f->version, f->maker);
    return check_pages(sql, error);
}

enum trm_status sql_mark(const struct sql *sql, struct trm_error *error) {
    char text[96];
    snprintf(text, sizeof text, "PRAGMA application_id = %d; PRAGMA user_version = %d",
             sql->format->application_id, sql->format->version);
    return sql_execute(sql, text, "make it", error);
}

enum trm_status sql_image(const struct sql *sql, unsigned char **bytes, size_t *size,
                          struct trm_error *error) {
    sqlite3_int64 length = 0;
    *bytes = sqlite3_serialize(sql->db, "main", &length, 0);
    *size = (size_t)length;
    return *bytes != NULL
               ? TRM_OK
               : trm_fail(error, TRM_NO_MEMORY, "%s: no memory for a new %s", sql->path, sql->format->kind);
}

enum trm_status sql_execute(const struct sql *sql, const char *text, const char *what,
                            struct trm_error *error) {
    return sqlite3_exec(sql->db, text, NULL, NULL, NULL) == SQLITE_OK ? TRM_OK : sql_fail(sql, what, error);
}

enum trm_status sql_number(const struct sql *sql, const char *text, int64_t parameter, int64_t none,
                           int64_t *value, struct trm_error *error) {
    *value = none;
    struct sql_query query = sql_query_begin(sql, "row", text, parameter, error);
    if (sql_query_next(&query))
        *value = sql_get_int(&query, INT64_MIN, INT64_MAX);
    return sql_query_end(&query, TRM_OK);
}
