#include "dynamics/store.h"

#include <math.h>

struct store_row store_row_begin(struct trm_store *store, enum store_statement statement) {
    return (struct store_row){.store = store, .statement = store->statement[statement], .next = 1};
}

void store_row_int(struct store_row *row, int64_t value) {
    sqlite3_bind_int64(row->statement, row->next++, value);
}

void store_row_size(struct store_row *row, const char *column, uint64_t value) {
    if (value > INT64_MAX && row->too_large == NULL)
        row->too_large = column;
    store_row_int(row, value > INT64_MAX ? 0 : (int64_t)value);
}

void store_row_real(struct store_row *row, const char *column, double value) {
    if (!isfinite(value) && row->not_finite == NULL)
        row->not_finite = column;
    sqlite3_bind_double(row->statement, row->next++, value);
}

void store_row_optional(struct store_row *row, const char *column, bool has, double value) {
    if (has)
        store_row_real(row, column, value);
    else
        sqlite3_bind_null(row->statement, row->next++);
}

void store_row_text(struct store_row *row, const char *value) {
    if (value != NULL)
        sqlite3_bind_text(row->statement, row->next++, value, -1, SQLITE_STATIC);
    else
        sqlite3_bind_null(row->statement, row->next++);
}

enum trm_status store_row_end(struct store_row *row, const char *what, struct trm_error *error) {
    enum trm_status status = TRM_OK;
    if (row->not_finite != NULL)
        status = trm_fail(error, TRM_NOT_FINITE, "%s: cannot %s: %s is NaN or infinite", row->store->path,
                          what, row->not_finite);
    else if (row->too_large != NULL)
        status = trm_fail(error, TRM_INVALID, "%s: cannot %s: %s is above 2^63 - 1; use a smaller one",
                          row->store->path, what, row->too_large);
    else if (sqlite3_step(row->statement) != SQLITE_DONE)
        status = store_fail(row->store, error, what);
    sqlite3_reset(row->statement);
    sqlite3_clear_bindings(row->statement);
    return status;
}
