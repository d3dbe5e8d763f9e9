/* The history of a router's training, STEM.history.csv. */
#ifndef TRM_REPORT_READ_HISTORY_H
#define TRM_REPORT_READ_HISTORY_H

#include "base/status.h"

#include <stddef.h>

/* The columns that are needed; a file may hold more, in any order. */
#define HISTORY_LIST(X) X(epoch) X(train_loss) X(train_accuracy) X(val_loss) X(val_accuracy)

enum history_column {
#define X(name) HISTORY_##name,
    HISTORY_LIST(X)
#undef X
        HISTORY_COLUMNS
};

struct history {
    size_t count;
    double *column[HISTORY_COLUMNS]; /* (count); NAN where the file has none or an empty field */
};

/* TRM_FORMAT, with line and column, where the file is no such table. On failure *history is empty. */
enum trm_status history_read(const char *path, struct history *history, struct trm_error *error);
void history_free(struct history *history);

#endif
