/* Rows on their way in and out. */
#include "storage/sqlite.h"

#include <math.h>

struct sql_row sql_row_begin(const struct sql *sql, sqlite3_stmt *statement) {
    return (struct sql_row){.sql = sql, .statement = statement, .next = 1};
}

static void bound(struct sql_row *row, int code) {
    row->failed = row->failed || code != SQLITE_OK;
    row->next++;
}

void sql_put_int(struct sql_row *row, int64_t value) {
    bound(row, sqlite3_bind_int64(row->statement, row->next, value));
}

void sql_put_size(struct sql_row *row, const char *column, uint64_t value) {
    if (value > INT64_MAX && row->too_large == NULL)
        row->too_large = column;
    sql_put_int(row, value > INT64_MAX ? 0 : (int64_t)value);
}

void sql_put_real(struct sql_row *row, const char *column, double value) {
    if (!isfinite(value) && row->not_finite == NULL)
        row->not_finite = column;
    bound(row, sqlite3_bind_double(row->statement, row->next, value));
}

void sql_put_optional(struct sql_row *row, const char *column, bool has, double value) {
    if (has)
        sql_put_real(row, column, value);
    else
        sql_put_text(row, NULL);
}

void sql_put_text(struct sql_row *row, const char *value) {
    bound(row, value != NULL ? sqlite3_bind_text(row->statement, row->next, value, -1, SQLITE_STATIC)
                             : sqlite3_bind_null(row->statement, row->next));
}

enum trm_status sql_row_end(struct sql_row *row, const char *what, struct trm_error *error) {
    enum trm_status status = TRM_OK;
    if (row->not_finite != NULL)
        status = trm_fail(error, TRM_NOT_FINITE, "%s: cannot %s: %s is NaN or infinite", row->sql->path, what,
                          row->not_finite);
    else if (row->too_large != NULL)
        status = trm_fail(error, TRM_INVALID, "%s: cannot %s: %s is above 2^63 - 1; use a smaller one",
                          row->sql->path, what, row->too_large);
    else if (row->failed)
        status = trm_fail(error, TRM_NO_MEMORY, "%s: cannot %s: out of memory", row->sql->path, what);
    else if (sqlite3_step(row->statement) != SQLITE_DONE)
        status = sql_fail(row->sql, what, error);
    sqlite3_reset(row->statement);
    if (row->statement != NULL) /* none could be prepared; then nothing was bound */
        sqlite3_clear_bindings(row->statement);
    return status;
}

struct sql_query sql_query_begin(const struct sql *sql, const char *what, const char *text, int64_t parameter,
                                 struct trm_error *error) {
    struct sql_query query = {.sql = sql, .what = what, .error = error, .row = SIZE_MAX};
    if (sqlite3_prepare_v2(sql->db, text, -1, &query.statement, NULL) != SQLITE_OK ||
        (sqlite3_bind_parameter_count(query.statement) > 0 &&
         sqlite3_bind_int64(query.statement, 1, parameter) != SQLITE_OK))
        query.status = sql_fail(sql, "read it", error);
    return query;
}

bool sql_query_good(const struct sql_query *query) {
    return query->status == TRM_OK;
}

bool sql_query_next(struct sql_query *query) {
    if (!sql_query_good(query))
        return false;
    query->column = 0;
    query->row++;
    const int code = sqlite3_step(query->statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        query->status = sql_fail(query->sql, "read it", query->error);
    return code == SQLITE_ROW;
}

/* The first error stands. */
static void refuse(struct sql_query *query, int column, enum trm_status status, const char *why) {
    if (!sql_query_good(query))
        return;
    const char *const name = sqlite3_column_name(query->statement, column);
    query->status =
        trm_fail(query->error, status, "%s: %s of %s %zu %s; restore a copy, or make it again",
                 query->sql->path, name != NULL ? name : "a column", query->what, query->row, why);
}

int64_t sql_get_int(struct sql_query *query, int64_t low, int64_t high) {
    const int column = query->column++;
    const int64_t value = sqlite3_column_int64(query->statement, column);
    if (sqlite3_column_type(query->statement, column) == SQLITE_INTEGER && value >= low && value <= high)
        return value;
    refuse(query, column, TRM_FORMAT, "is no whole number, or out of range");
    return low > 0 ? low : 0;
}

size_t sql_get_size(struct sql_query *query, size_t high) {
    return (size_t)sql_get_int(query, 0, high < INT64_MAX ? (int64_t)high : INT64_MAX);
}

double sql_get_real(struct sql_query *query) {
    const int column = query->column++, type = sqlite3_column_type(query->statement, column);
    const double value = sqlite3_column_double(query->statement, column);
    if ((type == SQLITE_FLOAT || type == SQLITE_INTEGER) && isfinite(value))
        return value;
    refuse(query, column, TRM_NOT_FINITE, "is NaN, infinite or no number");
    return (double)NAN;
}

double sql_get_seconds(struct sql_query *query) {
    const double longest = 1e9, value = sql_get_real(query);
    if (!isnan(value) && !(value >= 0.0 && value <= longest)) {
        refuse(query, query->column - 1, TRM_FORMAT, "is no time");
        return 0.0;
    }
    return value;
}

double sql_get_optional(struct sql_query *query, bool *has) {
    const bool there = sqlite3_column_type(query->statement, query->column) != SQLITE_NULL;
    if (has != NULL)
        *has = there;
    if (there)
        return sql_get_real(query);
    query->column++;
    return (double)NAN;
}

const char *sql_get_optional_text(struct sql_query *query) {
    const int column = query->column++, type = sqlite3_column_type(query->statement, column);
    if (type == SQLITE_NULL)
        return NULL;
    const char *const text =
        type == SQLITE_TEXT ? (const char *)sqlite3_column_text(query->statement, column) : NULL;
    if (text != NULL)
        return text;
    refuse(query, column, type == SQLITE_TEXT ? TRM_NO_MEMORY : TRM_FORMAT,
           type == SQLITE_TEXT ? "cannot be read: out of memory" : "is no text");
    return "";
}

const char *sql_get_text(struct sql_query *query) {
    const int column = query->column;
    const char *const text = sql_get_optional_text(query);
    if (text == NULL)
        refuse(query, column, TRM_FORMAT, "is missing");
    return text != NULL ? text : "";
}

enum trm_status sql_query_end(struct sql_query *query, enum trm_status status) {
    sqlite3_finalize(query->statement);
    query->statement = NULL;
    return status != TRM_OK ? status : query->status;
}
