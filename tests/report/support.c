#include "report/support.h"

#include "muon/muon.h"
#include "storage/file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned big(const unsigned char *b) {
    return (unsigned)b[0] << 24 | (unsigned)b[1] << 16 | (unsigned)b[2] << 8 | b[3];
}

static unsigned char *whole(const char *stem, const char *ending, size_t *size) {
    char path[2 * SUPPORT_PATH];
    void *data;
    snprintf(path, sizeof path, "%s.%s", stem, ending);
    assert_int_equal(file_read(path, 1 << 26, &data, size, NULL), TRM_OK);
    return data;
}

/* Signature, IHDR first, IEND last: w3.org/TR/png, section 5. */
void support_check_png(const char *stem, unsigned width, unsigned height) {
    size_t size;
    unsigned char *const data = whole(stem, "png", &size);
    assert_true(size > 100);
    assert_memory_equal(data, "\x89PNG\r\n\x1a\n", 8);
    assert_memory_equal(data + 12, "IHDR", 4);
    assert_memory_equal(data + size - 8, "IEND", 4);
    if (width > 0) {
        assert_int_equal(big(data + 16), width);
        assert_int_equal(big(data + 20), height);
    }
    free(data);
}

void support_check_svg(const char *stem) {
    size_t size;
    unsigned char *const data = whole(stem, "svg", &size);
    assert_memory_equal(data, "<?xml", 5);
    assert_non_null(strstr((char *)data, "<svg"));
    assert_non_null(strstr((char *)data, "</svg>"));
    free(data);
}

double support_loss(const char *solver, size_t step) {
    return 2.0 * exp(-0.01 * (double)step) + 0.1 * (double)strlen(solver) / 13.0 + 0.05 * (double)(step % 3);
}

static void add_epoch(struct trm_store *store, int64_t run, const char *solver, size_t e, size_t steps) {
    for (size_t i = 0; i < steps; i++) {
        const size_t step = e * steps + i;
        const double loss = support_loss(solver, step);
        const struct trm_step row = {.step = step,
                                     .epoch = e,
                                     .epoch_step = i,
                                     .feature = {0.1, (double)step},
                                     .loss = loss,
                                     .grad_norm = 1.0,
                                     .has_next_loss = true,
                                     .has_gap = true,
                                     .next_loss = loss - 0.01 * (double)((step + strlen(solver)) % 5),
                                     .solver = muon_solver_find(solver) >= 0 ? solver
                                               : step % 4 == 0               ? "frank_wolfe"
                                                                             : "admm",
                                     .gap = 0.001,
                                     .iterations = 5,
                                     .seconds = 0.020,
                                     .solve_seconds = 0.004};
        assert_int_equal(trm_store_step_insert(store, run, &row, NULL), TRM_OK);
    }
    const struct trm_epoch row = {.epoch = e,
                                  .train_loss = 1.0 / (double)(e + 1),
                                  .has_test = true,
                                  .test_loss = 1.1 / (double)(e + 1),
                                  .test_accuracy = 0.5 + 0.1 * (double)e + 0.01 * muon_solver_find(solver),
                                  .seconds = 2.0,
                                  .max_ortho_error = 1e-7};
    assert_int_equal(trm_store_epoch_insert(store, run, &row, NULL), TRM_OK);
}

void support_run(struct trm_store *store, const char *solver, uint64_t seed, size_t epochs, size_t steps,
                 const char *config) {
    const struct trm_run_settings settings = {
        .solver = solver,
        .model = "small_cnn",
        .dataset = "cifar10",
        .fingerprint = "abc",
        .tracked = "conv3.weight",
        .program = "test",
        .config = config != NULL ? config : "{\"schedule\":\"linear\",\"spectral-budget\":0.1,\"seed\":1}",
        .width = 1,
        .seed = seed,
        .threads = 1,
        .epochs = epochs,
        .batch_size = 128,
        .steps_per_epoch = steps,
        .record_every = 1};
    int64_t run;
    assert_int_equal(trm_store_run_begin(store, &settings, &run, NULL), TRM_OK);
    for (size_t e = 0; e < epochs; e++)
        add_epoch(store, run, solver, e, steps);
    const struct trm_run_result result = {
        .status = TRM_RUN_DONE, .has_test = true, .test_accuracy = 0.5, .test_loss = 1.0};
    assert_int_equal(trm_store_run_finish(store, run, &result, NULL), TRM_OK);
}

void support_store(const char *path, const char *solver, size_t epochs, size_t steps, const char *config) {
    struct trm_store *store;
    assert_int_equal(trm_store_create(path, false, &store, NULL), TRM_OK);
    support_run(store, solver, 42, epochs, steps, config);
    assert_int_equal(trm_store_close(store, NULL), TRM_OK);
}
