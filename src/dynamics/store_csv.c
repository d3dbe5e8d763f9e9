/* A table or view of a store as comma-separated values (RFC 4180). */
#include "dynamics/store.h"

#include "base/numbers.h"

#include <stdlib.h>
#include <string.h>

static void put_text(FILE *to, const char *text) {
    if (text[strcspn(text, ",\"\r\n")] == '\0') {
        fputs(text, to);
        return;
    }
    putc('"', to);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            putc('"', to);
        putc(*text, to);
    }
    putc('"', to);
}

/* The fewest digits that come back as the same number. */
static void put_real(FILE *to, double value) {
    char text[32];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    fputs(text, to);
}

static void put_value(FILE *to, sqlite3_stmt *row, int column) {
    switch (sqlite3_column_type(row, column)) {
    case SQLITE_NULL:
        break;
    case SQLITE_INTEGER:
        fprintf(to, "%lld", (long long)sqlite3_column_int64(row, column));
        break;
    case SQLITE_FLOAT:
        put_real(to, sqlite3_column_double(row, column));
        break;
    default:
        put_text(to, (const char *)sqlite3_column_text(row, column));
    }
}

static enum trm_status write_rows(struct trm_store *store, sqlite3_stmt *rows, FILE *to,
                                  struct trm_error *error) {
    const int columns = sqlite3_column_count(rows);
    int code = SQLITE_ROW;
    for (int c = 0; c < columns; c++) {
        put_text(to, sqlite3_column_name(rows, c));
        fputs(c + 1 < columns ? "," : "\r\n", to);
    }
    while (!ferror(to) && (code = sqlite3_step(rows)) == SQLITE_ROW)
        for (int c = 0; c < columns; c++) {
            put_value(to, rows, c);
            fputs(c + 1 < columns ? "," : "\r\n", to);
        }
    return ferror(to) || code == SQLITE_DONE ? TRM_OK : sql_fail(&store->sql, "read its rows", error);
}

/* "dynamics, run_summary, ...": what there is to be named. */
static enum trm_status unknown(struct trm_store *store, const char *view, struct trm_error *error) {
    char known[400] = "";
    size_t length = 0;
    struct sql_query query = sql_query_begin(&store->sql, "table",
                                             "SELECT name FROM sqlite_master WHERE type IN ('view', 'table') "
                                             "AND name NOT LIKE 'sqlite_%' ORDER BY type DESC, name",
                                             0, error);
    while (sql_query_next(&query) && length < sizeof known)
        length += (size_t)snprintf(known + length, sizeof known - length, "%s%s", length > 0 ? ", " : "",
                                   sql_get_text(&query));
    const enum trm_status status = sql_query_end(&query, TRM_OK);
    return status == TRM_OK ? trm_fail(error, TRM_NOT_FOUND, "%s: has no view '%.60s'; there are %s",
                                       store->path, view, known)
                            : status;
}

enum trm_status trm_store_write_csv(struct trm_store *store, const char *view, FILE *to,
                                    struct trm_error *error) {
    sqlite3_stmt *rows = NULL;
    char *const text = sqlite3_mprintf("SELECT * FROM main.\"%w\"", view);
    if (text == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory to read it", store->path);
    const bool known = strncmp(view, "sqlite_", 7) != 0 &&
                       sqlite3_prepare_v2(store->sql.db, text, -1, &rows, NULL) == SQLITE_OK;
    sqlite3_free(text);
    if (!known) {
        sqlite3_finalize(rows);
        return unknown(store, view, error);
    }
    const locale_t before = numbers_begin();
    const enum trm_status status = write_rows(store, rows, to, error);
    numbers_end(before);
    sqlite3_finalize(rows);
    return status;
}
