#include "cli/support_run.h"

#include "data/data.h"
#include "trm.h"

#include <stdlib.h>
#include <string.h>

void put_text(void **state, const char *name, const char *text) {
    char path[SUPPORT_PATH];
    support_put(support_path(path, state, name), text, strlen(text));
}

void need_data(void) {
    struct data_info info;
    const struct data_options package = {.name = "fashion-mnist"};
    if (data_check(&package, &info, NULL) != TRM_OK) {
        print_message("skipped: the data set's package is not installed\n");
        skip();
    }
}

void hash_of(void **state, const char *name, char hash[TRM_HASH_TEXT]) {
    char path[SUPPORT_PATH];
    struct trm_store *store;
    struct trm_run *runs;
    size_t count;
    assert_int_equal(trm_store_open(support_path(path, state, name), TRM_STORE_READ, &store, NULL), TRM_OK);
    assert_int_equal(trm_store_runs(store, &runs, &count, NULL), TRM_OK);
    assert_int_equal(count, 1);
    assert_int_equal(runs[0].result.status, TRM_RUN_DONE);
    assert_int_equal(trm_store_hash(store, runs[0].id, hash, NULL), TRM_OK);
    free(runs);
    trm_store_close(store, NULL);
}

size_t count_of(const char *text, const char *word) {
    size_t count = 0;
    for (; (text = strstr(text, word)) != NULL; text += strlen(word))
        count++;
    return count;
}

void expect_skipped(const struct run *r, size_t skipped, size_t made) {
    if (r->exit_status != 0)
        print_error("%s", r->err);
    assert_int_equal(r->exit_status, 0);
    assert_int_equal(count_of(r->err, ": complete and unchanged, skipped"), skipped);
    assert_int_equal(count_of(r->err, ": done in "), made);
}
