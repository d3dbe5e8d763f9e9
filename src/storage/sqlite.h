/* SQLite with every call and every value checked. Errors name the file, and the column where there is one; a file is
   believed no more than its format allows: what is read has the type and lies in the range that was asked for. */
#ifndef TRM_STORAGE_SQLITE_H
#define TRM_STORAGE_SQLITE_H

#include "base/status.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A kind of file: what its header must say, and the words of errors. */
struct sql_format {
    int application_id, oldest, version; /* versions that are read: oldest ... version, which is written */
    const char *kind, *maker;            /* "dynamics store", "collect" */
};

struct sql {
    sqlite3 *db;
    const char *path; /* its owner's */
    const struct sql_format *format;
};

/* Status and text from SQLite's last error; `what` continues "cannot ", e.g. "add a step". */
enum trm_status sql_fail(const struct sql *sql, const char *what, struct trm_error *error);

/* Open sql->path with SQLITE_OPEN_READONLY or _READWRITE. sql_close after a failure too. */
enum trm_status sql_open(struct sql *sql, int flags, struct trm_error *error);
/* Open it to read, also where the folder may not be written to, or the file system has no shared memory maps, and its
   writer was killed: then as a file that nobody changes. */
enum trm_status sql_open_to_read(struct sql *sql, struct trm_error *error);
/* A new database in memory; or one whose file was read, which then is only read. bytes stay the caller's, until after
   sql_close. */
enum trm_status sql_open_memory(struct sql *sql, struct trm_error *error);
enum trm_status sql_open_bytes(struct sql *sql, void *bytes, size_t size, struct trm_error *error);
void sql_close(struct sql *sql); /* statements must be finalized */

/* Is it of this format and version, whole and undamaged? All pages are read. */
enum trm_status sql_check(const struct sql *sql, struct trm_error *error);
/* Write the format's marks into a new one. */
enum trm_status sql_mark(const struct sql *sql, struct trm_error *error);
/* The file that it would be, for sqlite3_free. */
enum trm_status sql_image(const struct sql *sql, unsigned char **bytes, size_t *size,
                          struct trm_error *error);

/* Run SQL that gives no rows. */
enum trm_status sql_execute(const struct sql *sql, const char *text, const char *what,
                            struct trm_error *error);
/* The one whole number that a query with at most one parameter gives; `none` where it gives no row. */
enum trm_status sql_number(const struct sql *sql, const char *text, int64_t parameter, int64_t none,
                           int64_t *value, struct trm_error *error);

/* ---- rows that are written ---- */

/* One row on its way into a statement: values are bound in the order of the calls; what SQL could not give back (NaN,
   infinity, above 2^63 - 1) is remembered by its column and refused at the end. */
struct sql_row {
    const struct sql *sql;
    sqlite3_stmt *statement;
    int next;
    bool failed;                        /* a value could not be bound */
    const char *not_finite, *too_large; /* the first such column, or NULL */
};

struct sql_row sql_row_begin(const struct sql *sql, sqlite3_stmt *statement);
void sql_put_int(struct sql_row *row, int64_t value);
void sql_put_size(struct sql_row *row, const char *column, uint64_t value);
void sql_put_real(struct sql_row *row, const char *column, double value);
void sql_put_optional(struct sql_row *row, const char *column, bool has,
                      double value);                       /* NULL where not has */
void sql_put_text(struct sql_row *row, const char *value); /* NULL is SQL's NULL; not copied */
/* Run the statement and make it ready for the next row; `what` as in sql_fail. */
enum trm_status sql_row_end(struct sql_row *row, const char *what, struct trm_error *error);

/* ---- rows that are read ---- */

/* Columns are taken in order. One that is not what was asked for ends the query with an error that names it, and gives
   0, NaN or "" meanwhile; so a row is read whole, and looked at once sql_query_good says that it is. */
struct sql_query {
    const struct sql *sql;
    const char *what; /* a row: "step" */
    sqlite3_stmt *statement;
    struct trm_error *error;
    int column;
    size_t row; /* from 0; its reader may set a number that says more, the step's */
    enum trm_status status;
};

/* text has at most one parameter. */
struct sql_query sql_query_begin(const struct sql *sql, const char *what, const char *text, int64_t parameter,
                                 struct trm_error *error);
bool sql_query_next(struct sql_query *query); /* false at the end, and after an error */
bool sql_query_good(const struct sql_query *query);
int64_t sql_get_int(struct sql_query *query, int64_t low, int64_t high);
size_t sql_get_size(struct sql_query *query, size_t high);   /* 0 ... high */
double sql_get_real(struct sql_query *query);                /* finite; TRM_NOT_FINITE otherwise */
double sql_get_seconds(struct sql_query *query);             /* 0 ... 1e9 */
double sql_get_optional(struct sql_query *query, bool *has); /* NULL: NaN, and has (may be NULL) false */
const char *sql_get_text(struct sql_query *query);           /* valid until the next row */
const char *sql_get_optional_text(struct sql_query *query);  /* NULL where it is NULL */
/* End it, with the caller's own status where that is an error. */
enum trm_status sql_query_end(struct sql_query *query, enum trm_status status);

#endif
