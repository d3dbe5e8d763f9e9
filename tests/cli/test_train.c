/* train and bench router from outside: what they print, write and refuse. */
#include "cli/support_store.h"

#include "storage/file.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int make(void **state) {
    struct run r;
    if (support_folder_make(state) != 0)
        return 1;
    put_store(state, "da.db", "dual_ascent", 0);
    put_store(state, "fw.db", "frank_wolfe", 1);
    put_store(state, "admm.db", "admm", 2);
    RUN(&r, *state, "prepare", "--inputs", "da.db", "admm.db", "fw.db", "--output", "merged.db");
    return r.exit_status;
}

#define TRAIN(r, state, output, ...)                                                                         \
    RUN(r, *state, "train", "--data", "merged.db", "--size", "tiny", "--epochs", "4", "--lr", "1e-3",        \
        "--threads", "2", "--output", output, __VA_ARGS__)

static void test_trains(void **state) {
    struct run r;
    char path[SUPPORT_PATH];
    TRAIN(&r, state, "new/router.safetensors", "--deep-supervision");
    assert_int_equal(r.exit_status, 0);
    assert_non_null(strstr(r.out, "tiny, 25218 parameters"));
    assert_non_null(strstr(r.out, "epoch kept"));
    assert_non_null(strstr(r.err, "router 'tiny': 25218 parameters"));
    assert_non_null(strstr(r.err, "epoch 4: loss "));
    assert_true(file_exists(support_path(path, state, "new/router.safetensors")));
    assert_true(file_exists(support_path(path, state, "new/router.history.csv")));
    assert_int_equal(support_entries(support_path(path, state, "new/router.tb")), 1);
    assert_int_equal(support_entries(support_path(path, state, "new")), 3); /* and no state is left */
}

static void test_json_and_same_bytes(void **state) {
    struct run r;
    char path[SUPPORT_PATH];
    void *bytes[2];
    size_t size[2];
    TRAIN(&r, state, "a.safetensors", "--json", "--ema");
    assert_int_equal(r.exit_status, 0);
    json_t *const o = json_loads(r.out, 0, NULL);
    assert_int_equal(json_integer_value(json_object_get(o, "parameters")), 25218);
    assert_int_equal(json_integer_value(json_object_get(o, "epochs")), 4);
    assert_true(json_is_real(json_object_get(o, "best_val_accuracy")));
    assert_string_equal(json_string_value(json_object_get(o, "history")), "a.history.csv");
    json_decref(o);
    TRAIN(&r, state, "b.safetensors", "--json", "--ema");
    assert_int_equal(
        file_read(support_path(path, state, "a.safetensors"), 1 << 24, &bytes[0], &size[0], NULL), TRM_OK);
    assert_int_equal(
        file_read(support_path(path, state, "b.safetensors"), 1 << 24, &bytes[1], &size[1], NULL), TRM_OK);
    assert_int_equal(size[0], size[1]);
    assert_memory_equal(bytes[0], bytes[1], size[0]);
    free(bytes[0]);
    free(bytes[1]);
    TRAIN(&r, state, "a.safetensors", "--ema");
    expect_refusal(&r, 1, "a.safetensors");
    TRAIN(&r, state, "a.safetensors", "--ema", "--resume");
    assert_int_equal(r.exit_status, 0);
    assert_non_null(strstr(r.err, "done already"));
    TRAIN(&r, state, "a.safetensors", "--ema", "--resume", "--batch-size", "32");
    expect_refusal(&r, 1, "batch-size 64, now 32");
}

static void test_evaluate_wants_the_routers_own_samples(void **state) {
    struct run r;
    TRAIN(&r, state, "own.safetensors", "--force");
    assert_int_equal(r.exit_status, 0);
    RUN(&r, *state, "evaluate", "--model", "own.safetensors", "--data", "merged.db", "--output",
        "own.safetensors", "--force");
    expect_refusal(&r, 1, "both input and output");
    TRAIN(&r, state, "merged.db", "--force");
    expect_refusal(&r, 1, "both input and output");
    change_store(state, "merged.db", "UPDATE sample SET log_loss = log_loss + 1");
    RUN(&r, *state, "evaluate", "--model", "own.safetensors", "--data", "merged.db");
    expect_refusal(&r, 1, "other samples");
}

static void test_refuses(void **state) {
    struct run r;
    TRAIN(&r, state, "c.safetensors", "--test-split", "0");
    expect_refusal(&r, 2, "test-split");
    TRAIN(&r, state, "c.safetensors", "--test-split", "1");
    expect_refusal(&r, 2, "test-split");
    TRAIN(&r, state, "c.safetensors", "--test-split", "0.6", "--val-split", "0.5");
    assert_int_equal(r.exit_status, 2);
    TRAIN(&r, state, "c.safetensors", "--loss", "hinge");
    expect_refusal(&r, 2, "hinge");
    TRAIN(&r, state, "c.safetensors", "--resume", "--force");
    expect_refusal(&r, 2, "--resume");
    TRAIN(&r, state, "merged.db/c.safetensors", "--ema");
    assert_int_equal(r.exit_status, 1);
    RUN(&r, *state, "train", "--data", "absent.db", "--output", "c.safetensors");
    expect_refusal(&r, 1, "absent.db");
    RUN(&r, *state, "train", "--data", "da.db", "--output", "c.safetensors");
    expect_refusal(&r, 1, "da.db");
}

static void test_bench(void **state) {
    struct run r;
    RUN(&r, *state, "bench", "router", "--json", "--samples", "64", "--repeats", "1", "--size", "tiny");
    assert_int_equal(r.exit_status, 0);
    json_t *const o = json_loads(r.out, 0, NULL);
    assert_true(json_real_value(json_object_get(o, "ms_decision")) > 0.0);
    assert_true(json_real_value(json_object_get(o, "ms_epoch")) > 0.0);
    assert_int_equal(json_integer_value(json_object_get(o, "samples")), 64);
    assert_true(json_integer_value(json_object_get(o, "threads")) >= 1);
    json_decref(o);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trains),
        cmocka_unit_test(test_json_and_same_bytes),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_bench),
        cmocka_unit_test(test_evaluate_wants_the_routers_own_samples), /* spoils the data: last */
    };
    return cmocka_run_group_tests(tests, make, support_folder_remove);
}
