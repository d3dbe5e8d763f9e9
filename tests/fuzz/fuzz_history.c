/* Whatever a history.csv holds, it is refused or is a table. */
#include "fuzz/support.h"

#include "report/read/history.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct history history;
    struct trm_error error;
    if (history_read(fuzz_file(data, size), &history, &error) == TRM_OK)
        for (int c = 0; c < HISTORY_COLUMNS; c++)
            fuzz_touch(history.column[c], history.count * sizeof(double));
    history_free(&history);
    return 0;
}
