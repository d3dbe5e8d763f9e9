/* Whatever a store or a data set holds, it is refused, or every reader of it comes to an end. */
#include "fuzz/support.h"

#include "experiment/online.h"
#include "report/read/runs.h"

#include <math.h>
#include <stdlib.h>

static void read_store(const char *path) {
    struct trm_store *store;
    struct trm_error error;
    struct trm_run *list;
    struct report_runs runs = {.count = 0};
    struct online_summary summary;
    char hash[TRM_HASH_TEXT];
    size_t count;
    if (trm_store_open(path, TRM_STORE_READ, &store, &error) != TRM_OK)
        return;
    if (trm_store_runs(store, &list, &count, &error) == TRM_OK) {
        for (size_t i = 0; i < count; i++)
            (void)trm_store_hash(store, list[i].id, hash, &error);
        free(list);
    }
    (void)report_runs_read(&runs, store, "store", &error);
    report_runs_free(&runs);
    (void)trm_store_close(store, NULL);
    if (online_summary_read(path, NAN, &summary, &error) == TRM_OK)
        online_summary_free(&summary);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct trm_dataset *dataset;
    struct trm_statistics statistics;
    struct trm_error error;
    const char *const path = fuzz_file(data, size);
    if (trm_store_is(path))
        read_store(path);
    else if (trm_dataset_open(path, &dataset, &error) == TRM_OK) {
        trm_dataset_statistics(dataset, &statistics);
        trm_dataset_free(dataset);
    }
    return 0;
}
