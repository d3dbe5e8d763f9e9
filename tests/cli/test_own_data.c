/* Networks take their sizes and classes from the data: own images of other shapes, and CIFAR-100's layout, from
   collect to report. */
#include "cli/support_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SHORT "--epochs", "1", "--batch-size", "16", "--width", "0.25", "--threads", "1"

static void put_images(void **state, const char *name, size_t channels, size_t side, size_t classes) {
    char path[SUPPORT_PATH];
    const size_t counts[2] = {64, 32}, image = channels * side * side;
    static const char *const names[4] = {"train_images", "train_labels", "test_images", "test_labels"};
    struct st_tensor tensors[4];
    struct trm_error error;
    for (size_t s = 0; s < 2; s++) {
        uint8_t *const pixels = malloc(counts[s] * image), *const labels = malloc(counts[s]);
        assert_true(pixels != NULL && labels != NULL);
        for (size_t i = 0; i < counts[s]; i++) {
            labels[i] = (uint8_t)(i % classes);
            for (size_t p = 0; p < image; p++) /* the label is in the brightness */
                pixels[i * image + p] = (uint8_t)(labels[i] * 200 / classes + (i * 7 + p * 13) % 50);
        }
        tensors[2 * s] = (struct st_tensor){.name = names[2 * s],
                                            .dtype = ST_U8,
                                            .rank = 4,
                                            .shape = {counts[s], channels, side, side},
                                            .count = counts[s] * image,
                                            .data = pixels};
        tensors[2 * s + 1] = (struct st_tensor){.name = names[2 * s + 1],
                                                .dtype = ST_U8,
                                                .rank = 1,
                                                .shape = {counts[s]},
                                                .count = counts[s],
                                                .data = labels};
    }
    if (st_write(support_path(path, state, name), tensors, 4, NULL, 0, true, &error) != TRM_OK)
        fail_msg("%s", error.text);
    for (size_t i = 0; i < 4; i++)
        free((void *)(uintptr_t)tensors[i].data);
}

static void collect(void **state, const char *data, const char *model, const char *output) {
    struct run r;
    RUN(&r, *state, "collect", "--solver", "admm", "--model", model, "--data-dir", data, "--output", output,
        SHORT);
    if (r.exit_status != 0)
        fail_msg("%s", r.err);
}

static void own_images_train_and_are_reported(void **state) {
    struct run r;
    put_images(state, "grey.safetensors", 1, 28, 10);
    put_images(state, "colour.safetensors", 3, 64, 7);
    collect(state, "grey.safetensors", "small_cnn", "out/grey.db");
    collect(state, "grey.safetensors", "mlp", "out/grey-mlp.db");
    collect(state, "colour.safetensors", "small_cnn", "out/colour.db");
    RUN(&r, *state, "collect", "--solver", "admm", "--data-dir", "colour.safetensors", "--output",
        "out/colour.db", "--resume", "--epochs", "1", "--batch-size", "16", "--width", "0.25", "--threads",
        "1");
    assert_int_equal(r.exit_status, 0); /* it is done, and the data are those that it was begun with */
    RUN(&r, *state, "report", "--results", "out");
    assert_int_equal(r.exit_status, 0);
    RUN(&r, *state, "collect", "--solver", "admm", "--data-dir", "no.safetensors", "--output", "out/no.db",
        SHORT);
    expect_refusal(&r, 1, "no.safetensors");
    RUN(&r, *state, "data", "verify", "grey.safetensors");
    assert_int_equal(r.exit_status, 0);
    RUN(&r, *state, "data", "list", "grey.safetensors");
    assert_int_equal(r.exit_status, 0);
    assert_non_null(strstr(r.out, "64 training and 32 test images in "));
    put_text(state, "data.yaml", "name: ../up\n");
    RUN(&r, *state, "data", "list", ".");
    assert_int_equal(r.exit_status, 1);
    assert_non_null(strstr(r.err, "data.yaml: name may have"));
}

static void cifar100_trains(void **state) {
    char path[SUPPORT_PATH];
    struct run r;
    support_put(support_path(path, state, "train.bin"), "", 0);
    assert_int_equal(truncate(path, 50000 * 3074L), 0);
    support_put(support_path(path, state, "test.bin"), "", 0);
    assert_int_equal(truncate(path, 10000 * 3074L), 0);
    RUN(&r, *state, "collect", "--solver", "admm", "--model", "mlp", "--data-dir", ".", "--output", "c.db",
        "--train-limit", "64", SHORT);
    if (r.exit_status != 0)
        fail_msg("%s", r.err);
    assert_non_null(strstr(r.err, "CIFAR-100"));
    RUN(&r, *state, "data", "list", ".");
    assert_non_null(strstr(r.out, "cifar100"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_FOLDER(own_images_train_and_are_reported),
        IN_FOLDER(cifar100_trains),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
