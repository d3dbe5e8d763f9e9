#include "experiment/support_collect.h"

#include "storage/file.h"

#include <stdlib.h>

/* 10 steps in 2 epochs of a small network. */
struct collect_request collect_small(const char *output) {
    struct collect_request r = {.settings = run_settings_default("quasi_newton"),
                                .output = output,
                                .program = "test",
                                .checkpoint_every = 3};
    support_make_small(&r.settings, "small_cnn", 0.25);
    return r;
}

static void on_step(void *context, const struct collect_event *event) {
    support_interrupt(context, 0, event->step);
}

static enum trm_status collect(const void *request, struct interruption *interruption,
                               struct trm_error *error) {
    const struct collect_watch watch = {interruption, NULL, on_step, support_asked_to_stop};
    struct collect_summary summary = {0};
    return collect_run(request, &watch, &summary, error);
}

int collect_in_child(const struct collect_request *request, struct interruption interruption,
                     char reason[512]) {
    return support_run(collect, request, request->settings.threads, interruption, reason);
}

static void open_run(const char *output, struct trm_store **store, struct trm_run **runs) {
    size_t count;
    assert_int_equal(trm_store_open(output, TRM_STORE_READ, store, NULL), TRM_OK);
    assert_int_equal(trm_store_runs(*store, runs, &count, NULL), TRM_OK);
    assert_int_equal(count, 1);
}

enum trm_run_status collect_status(const char *output) {
    struct trm_store *store;
    struct trm_run *runs;
    open_run(output, &store, &runs);
    const enum trm_run_status status = runs[0].result.status;
    free(runs);
    trm_store_close(store, NULL);
    return status;
}

static enum trm_status count(void *context, const struct trm_step *row) {
    assert_int_equal(row->step, (*(size_t *)context)++);
    return TRM_OK;
}

/* Same rows and same final weights, to the bit. */
void collect_assert_same(const char *a, const char *b) {
    const char *const both[] = {a, b};
    char hash[2][TRM_HASH_TEXT], weights[1024];
    void *bytes[2];
    size_t size[2];
    for (int i = 0; i < 2; i++) {
        struct trm_store *store;
        struct trm_run *runs;
        size_t steps = 0;
        open_run(both[i], &store, &runs);
        assert_int_equal(runs[0].result.status, TRM_RUN_DONE);
        assert_int_equal(trm_store_steps(store, runs[0].id, count, &steps, NULL), TRM_OK);
        assert_int_equal(steps, SUPPORT_STEPS);
        assert_int_equal(trm_store_hash(store, runs[0].id, hash[i], NULL), TRM_OK);
        free(runs);
        trm_store_close(store, NULL);
        collect_path(both[i], ".weights.safetensors", weights);
        assert_int_equal(file_read(weights, 1 << 24, &bytes[i], &size[i], NULL), TRM_OK);
    }
    assert_string_equal(hash[0], hash[1]);
    assert_int_equal(size[0], size[1]);
    assert_memory_equal(bytes[0], bytes[1], size[0]);
    free(bytes[0]);
    free(bytes[1]);
}

/* The uninterrupted run that others are compared with, made once. */
const char *collect_whole(char path[64]) {
    char reason[512];
    const struct collect_request r = collect_small(support_path_of("whole.db", path));
    if (!file_exists(path))
        assert_int_equal(collect_in_child(&r, (struct interruption){0}, reason), SUPPORT_DONE);
    return path;
}
